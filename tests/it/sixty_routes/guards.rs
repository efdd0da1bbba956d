//! Names, policies, resources and guards of the application of sixty routes.

use std::borrow::Cow;

use axioms_rocket::{
    All, AuthError, Claim, Decision, Guard, HasOwner, Policy, Requirement, Roles, Scopes,
    ValidToken,
};
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel};

axioms_rocket::scopes! {
    pub Read = "notes:read";
    pub ReadOrList = "notes:read" | "notes:list";
    pub Write = "notes:write";
    pub Files = "files:read" implied by "files:write" | "files:*";
}
axioms_rocket::roles! {
    pub Admin = "admin";
    pub Editor = "editor";
    pub Suspended = "suspended";
}
axioms_rocket::permissions! { pub Create = "notes:create"; }
axioms_rocket::claims! {
    pub Staff = "groups": "staff" | "admins";
    pub HasTenant = "tenant";
}
axioms_rocket::issuers! { pub Main = "main"; }
axioms_rocket::methods! { pub Reads = Get | Head; }

pub type MayWrite = Scopes<Write>;
pub type MaybeToken = Result<ValidToken, AuthError>;

#[derive(Default)]
pub struct Board;

/// A policy of one's own.
pub struct HasSubject;

impl Policy for HasSubject {
    fn decide(token: &ValidToken) -> Decision {
        token.subject().is_some().into()
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a subject")
    }
}

/// A note that Alice wrote, and Bob has to do.
pub struct Note;

pub enum Assignee {}

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("alice".into())
    }
}

impl HasOwner<Assignee> for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("bob".into())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note)
    }
}

macro_rules! own {
    ($($name:ident asks $inner:ty;)+) => {$(
        pub struct $name;

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = AuthError;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
                let _granted = try_outcome!(request.guard::<$inner>().await);
                Outcome::Success($name)
            }
        }
    )+};
}

own! {
    CurrentUser asks ValidToken;
    MayEdit asks All<(Scopes<Write>, Roles<Editor>)>;
    Tenant asks Claim<HasTenant>;
    Unseen asks ValidToken;
    Scoped asks Scopes<Read>;
    Admitted asks Roles<Admin>;
}

/// A guard that is handed out by reference.
pub struct Session;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Session {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        let _token = try_outcome!(request.guard::<ValidToken>().await);
        Outcome::Success(request.local_cache(|| Session))
    }
}

/// A guard that is about no token.
pub struct Weekday;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Weekday {
    type Error = &'static str;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, &'static str> {
        Outcome::Success(Weekday)
    }
}

impl Guard for Tenant {
    fn requirement() -> Requirement {
        Requirement::Claim("tenant", &[])
    }
}

axioms_rocket::guard! {
    CurrentUser = ValidToken;
    &Session = ValidToken;
    MayEdit = All<(Scopes<Write>, Roles<Editor>)>;
    Weekday = "a weekday";
    Tenant;
}

/// A guard whose sentinel is written by hand.
pub struct Delegating;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Delegating {
    type Error = AuthError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, AuthError> {
        let _scoped = try_outcome!(request.guard::<Scoped>().await);
        let _admitted = try_outcome!(request.guard::<Admitted>().await);
        Outcome::Success(Delegating)
    }
}

impl Sentinel for Delegating {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        Scopes::<Read>::abort(rocket) || Roles::<Admin>::abort(rocket)
    }
}
