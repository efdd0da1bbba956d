//! Typed claims to the end: the pattern that `ValidToken` documents, over HTTP.

use std::ops::Deref;

use axioms_rocket::{AuthError, Owned, Requirement, ValidToken, protect};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::{Deserialize, json::json};
use rocket::{get, routes};

use crate::authorization::guarded;
use crate::support::offline;

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct User {
    email: String,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(crate = "rocket::serde", rename_all = "kebab-case")]
enum Role {
    Admin,
    ChiefEditor,
    #[serde(other)]
    Other,
}

struct CurrentUser(ValidToken<User>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CurrentUser {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        request.guard().await.map(CurrentUser)
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        self.0.claims()
    }
}

impl axioms_rocket::Guard for CurrentUser {
    fn requirement() -> Requirement {
        <ValidToken as axioms_rocket::Guard>::requirement()
    }
}

impl axioms_rocket::HasOwner for CurrentUser {
    const CLAIM: &'static str = "email";

    fn owner(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.email.as_str().into())
    }
}

#[get("/me")]
fn me(user: CurrentUser) -> String {
    format!(
        "{} {} {:?}",
        user.0.subject().unwrap_or("guest"),
        user.email,
        user.roles
    )
}

#[get("/raw")]
fn raw(user: CurrentUser, token: ValidToken) -> String {
    format!(
        "{} {}",
        user.email,
        token
            .claims()
            .get("email")
            .and_then(|email| email.as_str())
            .unwrap_or_default()
    )
}

#[get("/owned")]
fn owned(user: Owned<CurrentUser>) -> String {
    user.email.clone()
}

#[get("/group")]
fn group() -> &'static str {
    "group"
}

#[test]
fn a_user_type_of_ones_own_wraps_the_token() {
    let issuer = offline();
    let mut routes = routes![me, raw, owned];
    routes.extend(protect::<CurrentUser>(routes![group]));
    let app = guarded(&issuer, routes);
    let user = || {
        issuer
            .token()
            .subject("alice")
            .claim("email", "alice@example.com")
    };
    let good = user().roles(["admin", "chief-editor", "gardener"]).sign();
    app.get("/me", &good)
        .passes("alice alice@example.com [Admin, ChiefEditor, Other]");
    app.get("/me", &user().sign())
        .passes("alice alice@example.com []");
    app.get("/raw", &good)
        .passes("alice@example.com alice@example.com");
    app.get("/owned", &good).passes("alice@example.com");
    app.get("/group", &good).passes("group");
}

#[test]
fn claims_that_do_not_fit_are_an_invalid_token_that_names_the_field() {
    let issuer = offline();
    let mut routes = routes![me];
    routes.extend(protect::<CurrentUser>(routes![group]));
    let app = guarded(&issuer, routes);
    let user = || {
        issuer
            .token()
            .subject("alice")
            .claim("email", "alice@example.com")
    };
    for path in ["/me", "/group"] {
        app.anonymous(path).missing();
        let missing = "Token is missing a required claim: email";
        app.get(path, &issuer.token().sign()).invalid(missing);
        app.get(path, &issuer.token().claim("email", 7).sign())
            .invalid(missing);
        app.get(path, &issuer.token().claim("email", json!(null)).sign())
            .invalid(missing);
        app.get(path, &user().claim("roles", "admin").sign())
            .invalid("Token is missing a required claim: roles");
        app.get(path, &user().claim("roles", json!(["admin", 7])).sign())
            .invalid("Token is missing a required claim: roles[1]");
        app.get(path, &user().expired().sign())
            .invalid("Token has expired");
    }
}
