//! Requirements of guards as security requirement objects.

use axioms_rocket::openapi::{Security, security};
use axioms_rocket::{
    All, Always, Any, Authenticated, ClaimKind, Decision, Guard, IssuedBy, Lacks, Optional,
    Permissions, Policy, Public, Require, Requirement, Roles, Scopes, Unless, ValidToken,
};
use rocket::request::{FromRequest, Outcome, Request};
use serde_json::{Value, json};
use utoipa::openapi::path::Operation;

axioms_rocket::scopes! {
    Read = "read";
    Write = "write";
    Either = "read" | "write";
    Files = "files:read" implied by "files:write" | "files:*";
}
axioms_rocket::roles! {
    Editor = "editor";
    Staff = "editor" | "owner" implied by "root";
    Suspended = "suspended";
}
axioms_rocket::permissions! { Refund = "refund"; Ship = "ship"; }
axioms_rocket::issuers! { Partner = "partner"; Other = "other"; }
axioms_rocket::methods! { Reads = Get; }

/// A guard whose requirement is that of `R`.
struct Own<R>(std::marker::PhantomData<R>);

trait Wanted: Send + Sync + 'static {
    fn wanted() -> Requirement;
}

#[rocket::async_trait]
impl<'r, R: Wanted> FromRequest<'r> for Own<R> {
    type Error = ();
    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Own(std::marker::PhantomData))
    }
}

impl<R: Wanted> Guard for Own<R> {
    fn requirement() -> Requirement {
        R::wanted()
    }
}

fn shown(security: &Security) -> Value {
    serde_json::to_value(security.requirements()).expect("JSON")
}

fn of<G: Guard>() -> Value {
    shown(&security::<G>())
}

fn operation<G: Guard>() -> Value {
    let mut operation = Operation::new();
    security::<G>().apply_to(&mut operation);
    serde_json::to_value(operation).expect("JSON")
}

#[test]
fn row_15_2_and_is_one_object_and_or_is_alternatives() {
    assert_eq!(of::<ValidToken>(), json!([{ "axioms": [] }]));
    assert_eq!(of::<Authenticated>(), json!([{ "axioms": [] }]));
    assert_eq!(of::<Scopes<Read>>(), json!([{ "axioms": ["read"] }]));
    assert_eq!(
        of::<Scopes<Either>>(),
        json!([{ "axioms": ["read"] }, { "axioms": ["write"] }])
    );
    assert_eq!(
        of::<All<(Scopes<Read>, Scopes<Write>, Scopes<Read>)>>(),
        json!([{ "axioms": ["read", "write"] }])
    );
    assert_eq!(
        of::<Any<(Scopes<Write>, Scopes<Read>, Scopes<Write>)>>(),
        json!([{ "axioms": ["write"] }, { "axioms": ["read"] }])
    );
    assert_eq!(
        of::<All<(Scopes<Files>, Any<(Scopes<Read>, Scopes<Write>)>)>>(),
        json!([{ "axioms": ["files:read", "read"] }, { "axioms": ["files:read", "write"] }])
    );
    assert_eq!(
        of::<Any<(All<(Scopes<Read>, Roles<Editor>)>, Permissions<Refund>)>>(),
        json!([{ "axioms": ["read"] }, { "axioms": [] }])
    );
}

#[test]
fn row_15_2_names_that_imply_others_are_not_asked_for() {
    assert_eq!(of::<Scopes<Files>>(), json!([{ "axioms": ["files:read"] }]));
    assert_eq!(
        operation::<Roles<Staff>>()["x-required-roles"],
        json!(["editor", "owner"])
    );
}

#[test]
fn row_15_2_roles_and_permissions_are_extensions_and_words() {
    let operation = operation::<
        All<(
            Any<(Roles<Editor>, Permissions<Ship>)>,
            Permissions<Refund>,
            Lacks<Roles<Suspended>>,
        )>,
    >();
    assert_eq!(operation["security"], json!([{ "axioms": [] }]));
    assert_eq!(
        operation["x-required-roles"],
        json!(["editor"]),
        "not what must lack"
    );
    assert_eq!(
        operation["x-required-permissions"],
        json!(["ship", "refund"])
    );
    let formula = "(role editor or permission ship) and permission refund \
                   and not role suspended";
    assert_eq!(operation["x-requirement"], formula);
    assert_eq!(operation["description"], format!("Access: `{formula}`."));
}

#[test]
fn row_15_2_a_scope_alone_has_no_extension_for_roles() {
    let operation = operation::<Scopes<Read>>();
    assert_eq!(operation.get("x-required-roles"), None);
    assert_eq!(operation.get("x-required-permissions"), None);
}

#[test]
fn row_15_2_optional_and_public_have_an_alternative_without_credentials() {
    assert_eq!(
        of::<Optional<Scopes<Read>>>(),
        json!([{}, { "axioms": ["read"] }])
    );
    assert_eq!(of::<Optional<ValidToken>>(), json!([{}, { "axioms": [] }]));
    assert_eq!(of::<Public>(), json!([{}]));
    assert_eq!(
        of::<Unless<Reads, Scopes<Read>>>(),
        json!([{ "axioms": ["read"] }])
    );
}

#[test]
fn row_15_2_the_issuer_is_the_scheme_and_words() {
    assert_eq!(
        of::<IssuedBy<Partner, Scopes<Read>>>(),
        json!([{ "axioms": ["read"] }])
    );
    struct Both;
    impl Wanted for Both {
        fn wanted() -> Requirement {
            Requirement::All(vec![
                <IssuedBy<Partner, Scopes<Read>> as Guard>::requirement(),
                <IssuedBy<Other, Scopes<Write>> as Guard>::requirement(),
            ])
        }
    }
    // No token is of two issuers: never an empty list, which would mean that no token is needed.
    assert_eq!(of::<Own<Both>>(), json!([{ "axioms": [] }]));
}

#[test]
fn row_15_2_claims_owners_and_own_policies_are_words() {
    struct Words;
    impl Wanted for Words {
        fn wanted() -> Requirement {
            Requirement::All(vec![
                Requirement::Claim("tenant", &[]),
                Requirement::Owner(None),
                Requirement::Custom("office hours"),
            ])
        }
    }
    let operation = operation::<Own<Words>>();
    assert_eq!(operation["security"], json!([{ "axioms": [] }]));
    assert_eq!(
        operation["x-requirement"],
        "claim tenant and the owner's token and office hours"
    );
}

/// A guard of the application's own.
macro_rules! own_guard {
    ($($name:ident)+) => {$(
        struct $name;

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = ();
            async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
                Outcome::Success($name)
            }
        }
    )+};
}
own_guard! { Weekday Tenant Reader Preflighted }
axioms_rocket::guard! {
    Weekday = "a weekday";
    Tenant = ValidToken, "a tenant";
    Reader = Scopes<Read>, "a reader";
    Preflighted = Unless<Reads, All<(Scopes<Read>, Scopes<Write>)>>, "an origin";
}

struct Weekdays;

impl Policy for Weekdays {
    fn decide(_: &ValidToken) -> Decision {
        Decision::Deny
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a weekday")
    }
}

#[test]
fn row_15_2_words_alone_claim_no_token_and_deny_none() {
    // It is not known whether the guard reads a token.
    let unknown = operation::<Weekday>();
    assert_eq!(unknown["security"], Value::Null);
    assert_eq!(unknown["x-requirement"], "a weekday");
    assert_eq!(unknown["description"], "Access: `a weekday`.");
    assert_eq!(of::<Optional<Weekday>>(), json!([{}]));
    // It is known of a policy, and of a declaration that names the guard that is asked.
    let token = json!([{ "axioms": [] }]);
    assert_eq!(of::<Require<Weekdays>>(), token);
    assert_eq!(of::<Always<Require<Weekdays>>>(), token);
    assert_eq!(of::<IssuedBy<Partner, Require<Weekdays>>>(), token);
    assert_eq!(of::<Tenant>(), token);
    assert_eq!(of::<Reader>(), json!([{ "axioms": ["read"] }]));
    assert_eq!(
        of::<Preflighted>(),
        json!([{ "axioms": ["read", "write"] }])
    );
    assert_eq!(
        of::<Any<(Require<Weekdays>, Scopes<Read>)>>(),
        json!([{ "axioms": [] }, { "axioms": ["read"] }])
    );
    assert_eq!(
        of::<Optional<Require<Weekdays>>>(),
        json!([{}, { "axioms": [] }])
    );
    assert_eq!(
        operation::<Tenant>()["x-requirement"],
        "a valid token and a tenant"
    );
    assert_eq!(
        operation::<Reader>()["x-requirement"],
        "scope read and a reader"
    );
}

#[test]
fn row_15_2_an_unknown_alternative_leaves_it_open() {
    struct Either;
    impl Wanted for Either {
        fn wanted() -> Requirement {
            Requirement::Any(vec![
                Requirement::Custom("the office's network"),
                Requirement::AnyOf(ClaimKind::Scope, &["read"]),
            ])
        }
    }
    assert_eq!(operation::<Own<Either>>()["security"], Value::Null);
    struct Both;
    impl Wanted for Both {
        fn wanted() -> Requirement {
            Requirement::All(vec![Either::wanted(), Requirement::All(vec![])])
        }
    }
    assert_eq!(
        of::<Own<Both>>(),
        json!([{ "axioms": [] }, { "axioms": ["read"] }])
    );
}

#[test]
fn row_15_2_thousands_of_alternatives_become_a_token() {
    struct Huge;
    impl Wanted for Huge {
        fn wanted() -> Requirement {
            const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
            let part = || Requirement::AnyOf(ClaimKind::Scope, &NAMES);
            Requirement::All((0..20).map(|_| part()).collect())
        }
    }
    assert_eq!(of::<Own<Huge>>(), json!([{ "axioms": [] }]));
}

#[test]
fn row_15_2_no_name_adds_markup_to_the_description() {
    struct Hostile;
    impl Wanted for Hostile {
        fn wanted() -> Requirement {
            Requirement::AnyOf(ClaimKind::Role, &["``` <script>\n# x", "*a*"])
        }
    }
    assert_eq!(
        security::<Own<Hostile>>().description(),
        "Access: ```` role ``` <script> # x or role *a* ````."
    );
}

#[test]
fn row_15_2_an_operation_keeps_its_description_and_gets_one_line() {
    let mut operation = Operation::new();
    operation.description = Some("Lists orders.".into());
    for _ in 0..2 {
        security::<Scopes<Read>>().apply_to(&mut operation);
    }
    assert_eq!(
        operation.description.as_deref(),
        Some("Lists orders.\n\nAccess: `scope read`.")
    );
}
