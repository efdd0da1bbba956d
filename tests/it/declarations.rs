//! The declarations of `tests/ui` without their mistakes.

use std::borrow::Cow;

use axioms_rocket::{
    All, Any, Authenticated, Claim, HasOwner, Owned, OwnedOr, Permissions, Roles, ScopeList,
    Scopes, Unless, ValidToken, protect,
};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::Deserialize;
use rocket::{get, routes};

axioms_rocket::scopes! {
    /// With a doc comment.
    pub Read = "read:resource" | "!#$%&'()*+,-./:;<=>?@[]^_`{|}~";
    pub(crate) Write = "write";
}
axioms_rocket::roles! { Editor = "editor" | "chief editor"; }
axioms_rocket::permissions! { Create = "sample:create"; Delete = "sample:\"delete\""; }
axioms_rocket::claims! {
    /// With a doc comment.
    pub InGroup = "groups": "admins" | "staff";
    pub(crate) HasTenant = "tenant";
    Numbers = "/org/level": 7 | -7 | 0.5 | 18446744073709551615;
    VerifiedMail = "email_verified": true;
}
axioms_rocket::methods! { Reads = Get | Head | Options; }

enum ByHand {}

impl ScopeList for ByHand {
    const SCOPES: &'static [&'static str] = &["by:hand"];
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Staff {
    email: String,
}

struct Note(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note("alice".into()))
    }
}

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some(Cow::from(&self.0))
    }
}

type Eight = All<(
    Scopes<Read>,
    Scopes<Write>,
    Scopes<ByHand>,
    Roles<Editor>,
    Permissions<Create>,
    Permissions<Delete>,
    Authenticated,
    Any<(Scopes<Read>,)>,
)>;

#[get("/")]
fn route(
    token: ValidToken<Staff>,
    _note: Owned<Note>,
    _eight: Eight,
    _unless: Unless<Reads, ValidToken>,
    _managed: OwnedOr<Note, Any<(Claim<InGroup>, Claim<HasTenant>)>>,
    _claims: All<(Claim<Numbers>, Claim<VerifiedMail>)>,
) -> String {
    token.claims().email.clone()
}

#[test]
fn what_is_declared_right_compiles() {
    assert_eq!(protect::<Scopes<Read>>(routes![route]).len(), 1);
}
