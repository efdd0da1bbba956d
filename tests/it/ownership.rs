//! Chapter 6 of docs/behaviour.md: ownership, rows 6.11 to 6.15.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use axioms_rocket::testing::{TestIssuer, TokenBuilder};
use axioms_rocket::{
    AuthError, Guard, HasOwner, Owned, OwnedOr, Roles, Scopes, Subject, ValidToken, protect, roles,
    scopes,
};
use rocket::http::{Method, Status};
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::{Value, json};
use rocket::{Request, delete, get, options, routes};

use crate::authorization::guarded;
use crate::support::{App, offline};

/// Articles by their name in the path, which determines the owner.
struct Article {
    title: String,
    created_by: Option<String>,
}

impl Article {
    fn find(name: &str) -> Option<Article> {
        let created_by = match name {
            "ownerless" => None,
            "empty" => Some(""),
            "blank" => Some(" "),
            "textual-none" => Some("None"),
            "textual-null" => Some("null"),
            "number" => Some("42"),
            "negative" => Some("-7"),
            "large" => Some("18446744073709551615"),
            "fraction" => Some("42.0"),
            "true" => Some("true"),
            "list" => Some("[\"alice\"]"),
            "alices" => Some("alice"),
            "bobs" => Some("bob"),
            _ => return None,
        };
        Some(Article {
            title: name.to_owned(),
            created_by: created_by.map(str::to_owned),
        })
    }
}

/// How often a request got as far as the resource; one counter for each test that counts.
#[derive(Default)]
struct Loads(AtomicUsize);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Article {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        if let Some(Loads(count)) = request.rocket().state() {
            count.fetch_add(1, Ordering::SeqCst);
        }
        match request.param::<&str>(1) {
            Some(Ok("broken")) => {
                Outcome::Error((Status::InternalServerError, "the database is away"))
            }
            Some(Ok("elsewhere")) => Outcome::Forward(Status::NotFound),
            Some(Ok(name)) => match Article::find(name) {
                Some(article) => Outcome::Success(article),
                None => Outcome::Error((Status::NotFound, "no such article")),
            },
            _ => Outcome::Error((Status::BadRequest, "no name")),
        }
    }
}

impl HasOwner for Article {
    fn owner(&self) -> Option<Cow<'_, str>> {
        self.created_by.as_deref().map(Cow::from)
    }
}

/// An article whose owner is an address.
struct Letter(Article);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Letter {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Letter(try_outcome!(Article::from_request(request).await)))
    }
}

impl HasOwner for Letter {
    const CLAIM: &'static str = "email";

    fn owner(&self) -> Option<Cow<'_, str>> {
        HasOwner::<Subject>::owner(&self.0)
    }
}

/// An article whose owner is in a nested claim.
struct Account(Article);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Account {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Account(try_outcome!(Article::from_request(request).await)))
    }
}

impl HasOwner for Account {
    const CLAIM: &'static str = "profile.account";

    fn owner(&self) -> Option<Cow<'_, str>> {
        HasOwner::<Subject>::owner(&self.0)
    }
}

#[get("/articles/<_>")]
fn read(article: Owned<Article>) -> String {
    article.title.clone()
}

#[delete("/articles/<_>")]
fn remove(article: Owned<Article>) -> String {
    format!("removed {}", article.into_inner().title)
}

#[options("/articles/<_>")]
fn ask(article: Owned<Article>) -> String {
    article.title.clone()
}

#[get("/letters/<_>")]
fn letter(letter: Owned<Letter>) -> String {
    letter.0.title.clone()
}

#[get("/accounts/<_>")]
fn account(account: Owned<Account>) -> String {
    account.0.title.clone()
}

#[get("/either/<name>")]
fn either(token: ValidToken, name: &str) -> Result<String, AuthError> {
    let Some(article) = Article::find(name) else {
        return Ok("no such article".into());
    };
    token.owns(&article)?;
    Ok(article.title)
}

#[get("/articles/<_..>", rank = 20)]
fn wider() -> &'static str {
    "a wider route"
}

/// An article that its reviewer owns in another sense.
struct Reviewer;

impl HasOwner<Reviewer> for Article {
    const CLAIM: &'static str = "reviewer_id";

    fn owner(&self) -> Option<Cow<'_, str>> {
        (self.title == "alices").then_some("r1".into())
    }
}

roles! { Admin = "admin"; }
scopes! { ManageAll = "articles:manage"; }

#[get("/reviews/<_>")]
fn review(article: Owned<Article, Reviewer>) -> String {
    article.into_inner().title
}

#[get("/managed/<_>")]
fn managed(article: OwnedOr<Article, Roles<Admin>>) -> String {
    format!("{} {}", article.title, article.by_policy())
}

#[options("/managed/<_>")]
fn managed_options(article: OwnedOr<Article, Roles<Admin>>) -> String {
    article.into_inner().title
}

#[get("/managed-reviews/<_>")]
fn managed_review(article: OwnedOr<Article, Scopes<ManageAll>, Reviewer>) -> String {
    format!("{} {}", article.title, article.by_policy())
}

struct Library {
    issuer: TestIssuer,
    app: App,
}

impl Library {
    fn open() -> Library {
        let issuer = offline();
        let app = guarded(
            &issuer,
            routes![
                read,
                remove,
                ask,
                letter,
                account,
                either,
                wider,
                review,
                managed,
                managed_options,
                managed_review
            ],
        );
        Library { app, issuer }
    }

    fn get(&self, path: &str, token: TokenBuilder<'_>) -> crate::support::Answer {
        self.app.get(path, &token.sign())
    }

    #[track_caller]
    fn refuses(&self, path: &str, token: TokenBuilder<'_>) {
        self.get(path, token)
            .refused(403, "insufficient_scope", "You do not own this resource");
    }
}

#[test]
fn row_6_11_without_a_token_nothing_is_loaded() {
    let issuer = offline();
    let fairing = axioms_rocket::AxiomsFairing::from_config(crate::support::config(&issuer))
        .with_keys(issuer.jwks());
    let rocket = crate::support::rocket(fairing)
        .manage(Loads::default())
        .mount("/", routes![read]);
    let app = App::launch(rocket);
    let loads = || {
        app.0
            .rocket()
            .state::<Loads>()
            .unwrap()
            .0
            .load(Ordering::SeqCst)
    };
    for name in [
        "alices",
        "bobs",
        "ownerless",
        "missing",
        "broken",
        "elsewhere",
    ] {
        let path = format!("/articles/{name}");
        app.anonymous(&path).missing();
        app.get(&path, &issuer.token().subject("alice").expired().sign())
            .invalid("Token has expired");
        app.get(&path, "x.y.z").invalid("Malformed token");
    }
    assert_eq!(loads(), 0);
    app.get("/articles/alices", &issuer.token().subject("alice").sign())
        .passes("alices");
    assert_eq!(loads(), 1);
}

#[test]
fn row_6_12_what_the_resource_itself_says_is_the_answer() {
    let library = Library::open();
    for (name, status) in [("missing", 404), ("broken", 500)] {
        let answer = library.get(
            &format!("/articles/{name}"),
            library.issuer.token().subject("alice"),
        );
        assert_eq!(
            (answer.status, &answer.challenge),
            (status, &None),
            "{answer:?}"
        );
    }
    // Its own forward goes on; a refusal of ours never does.
    library
        .get(
            "/articles/elsewhere",
            library.issuer.token().subject("alice"),
        )
        .passes("a wider route");
    library.app.anonymous("/articles/elsewhere").missing();
    library.refuses("/articles/bobs", library.issuer.token().subject("alice"));
}

#[test]
fn row_6_13_a_resource_without_owner_is_owned_by_no_token() {
    let library = Library::open();
    let subjects = [
        json!("alice"),
        json!(""),
        json!(" "),
        json!("None"),
        json!("null"),
        json!("ownerless"),
    ];
    for name in ["ownerless", "empty"] {
        for subject in &subjects {
            library.refuses(
                &format!("/articles/{name}"),
                library.issuer.token().claim("sub", subject.clone()),
            );
        }
        library.refuses(
            &format!("/articles/{name}"),
            library.issuer.token().without("sub"),
        );
        for email in subjects
            .iter()
            .chain(&[json!(null), json!(0), json!(false), json!([])])
        {
            library.refuses(
                &format!("/letters/{name}"),
                library.issuer.token().claim("email", email.clone()),
            );
        }
    }
}

#[test]
fn row_6_13_a_claim_that_is_missing_null_or_empty_owns_nothing() {
    let library = Library::open();
    let names = [
        "alices",
        "ownerless",
        "empty",
        "blank",
        "textual-none",
        "textual-null",
    ];
    for name in names {
        library.refuses(
            &format!("/articles/{name}"),
            library.issuer.token().without("sub"),
        );
        library.refuses(
            &format!("/articles/{name}"),
            library.issuer.token().subject(""),
        );
        library.refuses(&format!("/letters/{name}"), library.issuer.token());
        for email in [json!(null), json!("")] {
            library.refuses(
                &format!("/letters/{name}"),
                library.issuer.token().claim("email", email),
            );
        }
    }
}

#[test]
fn row_6_13_null_is_not_a_subject() {
    let library = Library::open();
    for name in [
        "alices",
        "ownerless",
        "empty",
        "textual-none",
        "textual-null",
    ] {
        // `sub` must be a string (row 3.15); null is none.
        let answer = library.get(
            &format!("/articles/{name}"),
            library.issuer.token().claim("sub", Value::Null),
        );
        assert!(matches!(answer.status, 401 | 403), "{name}: {answer:?}");
    }
}

#[test]
fn row_6_13_the_text_none_is_an_owner_like_any_other() {
    let library = Library::open();
    library
        .get(
            "/articles/textual-none",
            library.issuer.token().subject("None"),
        )
        .passes("textual-none");
    library
        .get("/articles/blank", library.issuer.token().subject(" "))
        .passes("blank");
    for subject in ["none", "NONE", "null", "alice"] {
        library.refuses(
            "/articles/textual-none",
            library.issuer.token().subject(subject),
        );
    }
}

#[test]
fn row_6_14_the_owner_receives_the_resource() {
    let library = Library::open();
    let alice = || library.issuer.token().subject("alice");
    library.get("/articles/alices", alice()).passes("alices");
    let bearer = format!("Bearer {}", alice().sign());
    library
        .app
        .call(Method::Delete, "/articles/alices", &[&bearer])
        .passes("removed alices");
    assert_eq!(
        library
            .app
            .call(Method::Head, "/articles/alices", &[&bearer])
            .status,
        200
    );
    // It requires a token on safe methods too, since it returns the object.
    library
        .app
        .call(Method::Options, "/articles/alices", &[])
        .missing();
    library
        .app
        .call(Method::Options, "/articles/alices", &[&bearer])
        .passes("alices");
    library.get("/either/alices", alice()).passes("alices");
}

#[test]
fn row_6_14_another_claim_can_name_the_owner() {
    let library = Library::open();
    let letter = |email: Value| library.issuer.token().subject("bob").claim("email", email);
    library
        .get("/letters/alices", letter(json!("alice")))
        .passes("alices");
    library.refuses("/letters/bobs", letter(json!("alice")));
    let account = |value: Value| {
        library
            .issuer
            .token()
            .subject("alice")
            .claim("profile", json!({ "account": value }))
    };
    library
        .get("/accounts/alices", account(json!("alice")))
        .passes("alices");
    library
        .get("/accounts/number", account(json!(42)))
        .passes("number");
    library.refuses("/accounts/alices", account(json!("bob")));
    library.refuses(
        "/accounts/alices",
        library
            .issuer
            .token()
            .subject("alice")
            .claim("profile", "alice"),
    );
    // An exact name wins over the path.
    let exact = account(json!("alice")).claim("profile.account", "bob");
    library.get("/accounts/bobs", exact.clone()).passes("bobs");
    library.refuses("/accounts/alices", exact);
}

#[test]
fn row_6_14_an_integer_claim_is_compared_by_its_decimal_form() {
    let library = Library::open();
    let letter = |email: Value| library.issuer.token().claim("email", email);
    library
        .get("/letters/number", letter(json!(42)))
        .passes("number");
    library
        .get("/letters/number", letter(json!("42")))
        .passes("number");
    library
        .get("/letters/negative", letter(json!(-7)))
        .passes("negative");
    library
        .get("/letters/large", letter(json!(u64::MAX)))
        .passes("large");
    for (name, claim) in [
        ("number", json!(42.0)),
        ("fraction", json!(42.0)),
        ("number", json!("042")),
        ("number", json!(" 42")),
        ("number", json!([42])),
        ("number", json!({ "value": 42 })),
        ("true", json!(true)),
        ("list", json!(["alice"])),
        ("alices", json!(["alice"])),
        ("textual-null", json!(null)),
    ] {
        library.refuses(&format!("/letters/{name}"), letter(claim));
    }
    // As a subject a number is no token of ours at all (row 3.15).
    let answer = library.get("/articles/number", library.issuer.token().claim("sub", 42));
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[test]
fn row_6_15_what_belongs_to_someone_else_is_refused() {
    let library = Library::open();
    for subject in [
        "bob",
        "Alice",
        "ALICE",
        "alice ",
        " alice",
        "alic",
        "alice2",
        "al\u{131}ce",
        "alice\0",
    ] {
        library.refuses("/articles/alices", library.issuer.token().subject(subject));
        library.refuses("/either/alices", library.issuer.token().subject(subject));
    }
    let bearer = format!("Bearer {}", library.issuer.token().subject("alice").sign());
    for method in [Method::Get, Method::Delete, Method::Options] {
        let answer = library.app.call(method, "/articles/bobs", &[&bearer]);
        answer.refused(403, "insufficient_scope", "You do not own this resource");
    }
    // Rights are not ownership.
    let mighty = library
        .issuer
        .token()
        .subject("bob")
        .roles(["admin"])
        .scope("openid")
        .permissions(["sample:create"]);
    library.refuses("/articles/alices", mighty);
}

#[test]
fn another_ownership_has_its_own_claim_and_owner() {
    let library = Library::open();
    let token = || library.issuer.token();
    let reviewer = || token().subject("bob").claim("reviewer_id", "r1");
    library.get("/reviews/alices", reviewer()).passes("alices");
    library.refuses("/reviews/bobs", reviewer());
    library.refuses("/articles/alices", reviewer());
    library.refuses("/reviews/alices", token().subject("alice"));
    library.refuses("/reviews/alices", token().subject("r1"));
    library
        .get("/articles/alices", token().subject("alice"))
        .passes("alices");
    assert_eq!(
        <Owned<Article>>::requirement().to_string(),
        "the owner's token"
    );
    assert_eq!(
        <Owned<Article, Reviewer>>::requirement().to_string(),
        "the owner's token (Reviewer)"
    );
}

#[test]
fn the_owner_or_whom_the_policy_allows() {
    let library = Library::open();
    let admin = |subject: &str| library.issuer.token().subject(subject).roles(["admin"]);
    let plain = |subject: &str| library.issuer.token().subject(subject);
    library
        .get("/managed/alices", plain("alice"))
        .passes("alices false");
    library
        .get("/managed/alices", admin("alice"))
        .passes("alices false");
    library
        .get("/managed/alices", admin("bob"))
        .passes("alices true");
    library
        .get("/managed/ownerless", admin("bob"))
        .passes("ownerless true");
    library.refuses("/managed/alices", plain("bob"));
    library.refuses("/managed/alices", plain("bob").roles(["editor"]));
    library.refuses("/managed/ownerless", plain("alice"));
    // 401 before 404, and 404 before 403.
    for name in ["alices", "missing"] {
        let path = format!("/managed/{name}");
        library.app.anonymous(&path).missing();
        library
            .get(&path, admin("bob").expired())
            .invalid("Token has expired");
    }
    for token in [admin("bob"), plain("bob")] {
        assert_eq!(library.get("/managed/missing", token).status, 404);
    }
    library
        .app
        .call(Method::Options, "/managed/alices", &[])
        .missing();
    let bearer = format!("Bearer {}", admin("bob").sign());
    library
        .app
        .call(Method::Options, "/managed/alices", &[&bearer])
        .passes("alices");
    // With another ownership, and a policy of scopes.
    let reviewer = plain("bob").claim("reviewer_id", "r1");
    library
        .get("/managed-reviews/alices", reviewer)
        .passes("alices false");
    library
        .get(
            "/managed-reviews/alices",
            plain("bob").scope("articles:manage"),
        )
        .passes("alices true");
    library.refuses("/managed-reviews/alices", plain("alice"));
    assert_eq!(
        <OwnedOr<Article, Scopes<ManageAll>, Reviewer>>::requirement().to_string(),
        "the owner's token (Reviewer) or scope articles:manage"
    );
}

#[get("/inside/<_>")]
fn inside() -> &'static str {
    "inside"
}

#[test]
fn a_group_may_ask_for_the_owner_or_a_policy() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        protect::<OwnedOr<Article, Roles<Admin>>>(routes![inside]),
    );
    let token = |subject: &str| issuer.token().subject(subject);
    app.get("/inside/alices", &token("alice").sign())
        .passes("inside");
    app.get("/inside/alices", &token("bob").roles(["admin"]).sign())
        .passes("inside");
    app.get("/inside/alices", &token("bob").sign()).refused(
        403,
        "insufficient_scope",
        "You do not own this resource",
    );
}
