//! The handlers of the sixty routes, one for each way to name a guard.

use axioms_rocket::{
    All, Always, Any, AuthError, Authenticated, Claim, IssuedBy, Lacks, Optional, Owned,
    OwnedError, OwnedOr, Permissions, Public, Require, Roles, Scopes, Unless, ValidToken,
};
use rocket::request::Outcome;
use rocket::serde::json::Value;
use rocket::{State, delete, get, options, post, put};

use super::guards::*;

#[get("/token")]
pub fn token(_a: ValidToken) -> &'static str {
    "token"
}

#[get("/typed")]
pub fn typed(_a: ValidToken<Value>) -> &'static str {
    "typed"
}

#[get("/authenticated")]
pub fn authenticated(_a: Authenticated) -> &'static str {
    "authenticated"
}

#[get("/scope")]
pub fn scope(_a: Scopes<Read>) -> &'static str {
    "scope"
}

#[get("/either-scope")]
pub fn either_scope(_a: Scopes<ReadOrList>) -> &'static str {
    "either_scope"
}

#[get("/implied")]
pub fn implied(_a: Scopes<Files>) -> &'static str {
    "implied"
}

#[get("/role")]
pub fn role(_a: Roles<Admin>) -> &'static str {
    "role"
}

#[get("/permission")]
pub fn permission(_a: Permissions<Create>) -> &'static str {
    "permission"
}

#[get("/claim")]
pub fn claim(_a: Claim<Staff>) -> &'static str {
    "claim"
}

#[get("/has-claim")]
pub fn has_claim(_a: Claim<HasTenant>) -> &'static str {
    "has_claim"
}

#[get("/lacks")]
pub fn lacks(_a: Lacks<Roles<Suspended>>) -> &'static str {
    "lacks"
}

#[get("/any")]
pub fn any(_a: Any<(Scopes<Read>, Roles<Admin>)>) -> &'static str {
    "any"
}

#[get("/all")]
pub fn all(_a: All<(Scopes<Read>, Roles<Admin>)>) -> &'static str {
    "all"
}

#[post("/nested")]
pub fn nested(
    _a: Any<(Scopes<Write>, All<(Roles<Editor>, Lacks<Roles<Suspended>>)>)>,
) -> &'static str {
    "nested"
}

#[get("/own-policy")]
pub fn own_policy(_a: Require<HasSubject>) -> &'static str {
    "own_policy"
}

#[get("/issued-by")]
pub fn issued_by(_a: IssuedBy<Main, Scopes<Read>>) -> &'static str {
    "issued_by"
}

#[options("/always")]
pub fn always(_a: Always<Scopes<Write>>) -> &'static str {
    "always"
}

#[options("/safe")]
pub fn safe(_a: Scopes<Write>) -> &'static str {
    "safe"
}

#[get("/owned")]
pub fn owned(_a: Owned<Note>) -> &'static str {
    "owned"
}

#[get("/assigned")]
pub fn assigned(_a: Owned<Note, Assignee>) -> &'static str {
    "assigned"
}

#[delete("/owned")]
pub fn owned_or(_a: OwnedOr<Note, Roles<Admin>>) -> &'static str {
    "owned_or"
}

#[get("/guest")]
pub fn guest(_a: Optional<ValidToken>) -> &'static str {
    "guest"
}

#[get("/guest-or-reader")]
pub fn guest_or_reader(_a: Optional<Scopes<Read>>) -> &'static str {
    "guest_or_reader"
}

#[get("/unless")]
pub fn read(_a: Unless<Reads, ValidToken>) -> &'static str {
    "read"
}

#[post("/unless")]
pub fn write(_a: Unless<Reads, Scopes<Write>>) -> &'static str {
    "write"
}

#[get("/option")]
pub fn option(_a: Option<ValidToken>) -> &'static str {
    "option"
}

#[get("/option-scope")]
pub fn option_scope(_a: Option<Scopes<Read>>) -> &'static str {
    "option_scope"
}

#[get("/result")]
pub fn result(_a: Result<ValidToken, AuthError>) -> &'static str {
    "result"
}

#[get("/result-scope")]
pub fn result_scope(_a: Result<Scopes<Read>, AuthError>) -> &'static str {
    "result_scope"
}

#[get("/result-owned")]
pub fn result_owned(_a: Result<Owned<Note>, OwnedError<()>>) -> &'static str {
    "result_owned"
}

#[get("/outcome")]
pub fn outcome(_a: Outcome<ValidToken, AuthError>) -> &'static str {
    "outcome"
}

#[put("/alias")]
pub fn alias(_a: MayWrite) -> &'static str {
    "alias"
}

#[get("/alias-of-result")]
pub fn alias_of_result(_a: MaybeToken) -> &'static str {
    "alias_of_result"
}

#[get("/token-and-scope")]
pub fn token_and_scope(_a: ValidToken, _b: Scopes<Read>) -> &'static str {
    "token_and_scope"
}

#[put("/two-scopes")]
pub fn two_scopes(_a: Scopes<Read>, _b: Scopes<Write>) -> &'static str {
    "two_scopes"
}

#[put("/three")]
pub fn three(_a: Scopes<Write>, _b: Roles<Editor>, _c: Permissions<Create>) -> &'static str {
    "three"
}

#[get("/twice")]
pub fn twice(_a: Scopes<Read>, _b: Scopes<Read>) -> &'static str {
    "twice"
}

#[get("/users/<_id>?<_page>")]
pub fn with_state(
    _id: u32,
    _page: Option<u8>,
    _state: &State<Board>,
    _a: ValidToken,
) -> &'static str {
    "with_state"
}

#[get("/public")]
pub fn public(_a: Public) -> &'static str {
    "public"
}

#[get("/undeclared")]
pub fn undeclared() -> &'static str {
    "undeclared"
}

#[get("/undeclared-at")]
pub fn undeclared_at(_state: &State<Board>) -> &'static str {
    "undeclared_at"
}

#[get("/current-user")]
pub fn current_user(_a: CurrentUser) -> &'static str {
    "current_user"
}

#[get("/session")]
pub fn session(_a: &Session) -> &'static str {
    "session"
}

#[put("/may-edit")]
pub fn may_edit(_a: MayEdit) -> &'static str {
    "may_edit"
}

#[get("/weekday")]
pub fn weekday(_a: Weekday) -> &'static str {
    "weekday"
}

#[get("/tenant")]
pub fn tenant(_a: Tenant) -> &'static str {
    "tenant"
}

#[get("/delegating")]
pub fn delegating(_a: Delegating) -> &'static str {
    "delegating"
}

#[get("/unseen")]
pub fn unseen(_a: Unseen) -> &'static str {
    "unseen"
}

#[get("/option-of-own")]
pub fn option_of_own(_a: Option<CurrentUser>) -> &'static str {
    "option_of_own"
}

#[get("/result-of-own")]
pub fn result_of_own(_a: Result<Weekday, &'static str>) -> &'static str {
    "result_of_own"
}

#[get("/ranked", rank = 1)]
pub fn first(_a: Roles<Admin>) -> &'static str {
    "first"
}

#[get("/ranked", rank = 2)]
pub fn second(_a: Public) -> &'static str {
    "second"
}

#[get("/in-group")]
pub fn in_group() -> &'static str {
    "in_group"
}

#[post("/scope-in-group")]
pub fn scope_in_group(_a: Scopes<Read>) -> &'static str {
    "scope_in_group"
}

#[get("/in-two-groups")]
pub fn in_two_groups() -> &'static str {
    "in_two_groups"
}

#[get("/ruled")]
pub fn ruled() -> &'static str {
    "ruled"
}

#[post("/ruled")]
pub fn ruled_scope(_a: Scopes<Write>) -> &'static str {
    "ruled_scope"
}

#[options("/ruled")]
pub fn ruled_preflight() -> &'static str {
    "ruled_preflight"
}

#[put("/three")]
pub fn no_scope(_b: Roles<Editor>, _c: Permissions<Create>) -> &'static str {
    "three"
}

#[put("/three")]
pub fn no_role(_a: Scopes<Write>, _c: Permissions<Create>) -> &'static str {
    "three"
}

#[put("/three")]
pub fn no_permission(_a: Scopes<Write>, _b: Roles<Editor>) -> &'static str {
    "three"
}
