//! `Claim<C>`: constraints on any claim.

use axioms_rocket::testing::token_with;
use axioms_rocket::{
    All, Any, Claim, ClaimList, ClaimValue, Decision, Lacks, Policy, Requirement, Roles, claims,
    protect, roles,
};
use rocket::serde::json::{Value, json};
use rocket::{get, routes};

use crate::authorization::guarded;
use crate::support::offline;

claims! {
    pub Staff = "groups": "admins" | "staff";
    pub HasTenant = "tenant";
    pub Main = "repository_ref": "refs/heads/main";
    pub Seven = "tenant": 7;
    pub Half = "share": 0.5;
    pub Negative = "offset": -7;
    pub Large = "number": 18446744073709551615;
    pub VerifiedMail = "email_verified": true;
    pub Nested = "realm_access.kind": "robot";
    pub Pointer = "/a~1b/m~0n/1": "x.y";
    pub Mixed = "level": "high" | 3 | false;
    pub Branches = "ref": starts "repo:acme/api:ref:refs/heads/";
    pub Acme = "email": ends "@acme.com" | ends ".acme.org" | "root" | true;
}
roles! { Suspended = "suspended"; }

fn allows<C: ClaimList>(claims: Value) -> bool {
    Claim::<C>::decide(&token_with(claims)) == Decision::Allow
}

#[test]
fn a_listed_text_is_compared_whole_and_with_its_case() {
    for groups in [
        json!("admins"),
        json!("staff"),
        json!(["staff"]),
        json!(["guests", 7, null, "admins"]),
    ] {
        assert!(allows::<Staff>(json!({ "groups": groups })), "{groups}");
    }
    for groups in [
        json!("Staff"),
        json!("staff "),
        json!("guests staff"),
        json!("guests,staff"),
        json!("staffs"),
        json!(""),
        json!(null),
        json!(7),
        json!(true),
        json!([]),
        json!([["staff"]]),
        json!({ "staff": true }),
        json!([{ "name": "staff" }]),
    ] {
        assert!(!allows::<Staff>(json!({ "groups": groups })), "{groups}");
    }
    assert!(!allows::<Staff>(json!({})));
    assert!(allows::<Main>(
        json!({ "repository_ref": "refs/heads/main" })
    ));
    assert!(!allows::<Main>(
        json!({ "repository_ref": "refs/heads/maintenance" })
    ));
}

#[test]
fn without_values_a_claim_must_be_present_and_not_null() {
    for tenant in [
        json!("a"),
        json!(""),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
    ] {
        assert!(allows::<HasTenant>(json!({ "tenant": tenant })), "{tenant}");
    }
    assert!(!allows::<HasTenant>(json!({ "tenant": null })));
    assert!(!allows::<HasTenant>(json!({ "Tenant": "a" })));
    assert!(!allows::<HasTenant>(json!({ "org": { "tenant": "a" } })));
}

#[test]
fn numbers_and_booleans_are_compared_by_value_and_types_are_not_converted() {
    for tenant in [json!(7), json!(7.0), json!([1, 7])] {
        assert!(allows::<Seven>(json!({ "tenant": tenant })), "{tenant}");
    }
    for tenant in [json!("7"), json!(7.5), json!(-7), json!(70), json!(true)] {
        assert!(!allows::<Seven>(json!({ "tenant": tenant })), "{tenant}");
    }
    assert!(allows::<Half>(json!({ "share": 0.5 })));
    assert!(allows::<Half>(json!({ "share": 5e-1 })));
    assert!(!allows::<Half>(json!({ "share": 0 })));
    assert!(allows::<Negative>(json!({ "offset": -7 })));
    assert!(allows::<Large>(json!({ "number": u64::MAX })));
    assert!(!allows::<Large>(json!({ "number": u64::MAX as f64 })));
    assert!(!allows::<Large>(json!({ "number": u64::MAX - 1 })));
    assert!(allows::<VerifiedMail>(json!({ "email_verified": true })));
    for value in [json!(false), json!("true"), json!(1), json!(null)] {
        assert!(!allows::<VerifiedMail>(json!({ "email_verified": value })));
    }
    for level in [json!("high"), json!(3), json!(false), json!(["low", 3])] {
        assert!(allows::<Mixed>(json!({ "level": level })), "{level}");
    }
    for level in [json!("3"), json!("false"), json!(0), json!(true)] {
        assert!(!allows::<Mixed>(json!({ "level": level })), "{level}");
    }
}

#[test]
fn a_claim_is_named_as_in_the_settings() {
    assert!(allows::<Nested>(
        json!({ "realm_access": { "kind": "robot" } })
    ));
    assert!(allows::<Nested>(json!({ "realm_access.kind": "robot" })));
    // The exact name wins over the path.
    assert!(!allows::<Nested>(
        json!({ "realm_access": { "kind": "robot" }, "realm_access.kind": "person" })
    ));
    assert!(allows::<Nested>(
        json!({ "realm_access": { "kind": "person" }, "realm_access.kind": "robot" })
    ));
    assert!(allows::<Pointer>(json!({ "a/b": { "m~n": ["", "x.y"] } })));
    assert!(!allows::<Pointer>(json!({ "a/b": { "m~n": ["x.y"] } })));
    assert!(!allows::<Pointer>(json!({ "/a~1b/m~0n/1": "x.y" })));
}

#[get("/staff")]
fn staff(_staff: Claim<Staff>) -> &'static str {
    "staff"
}

type MayDeploy = Any<(Claim<Seven>, All<(Claim<Staff>, Lacks<Roles<Suspended>>)>)>;

#[get("/deploy")]
fn deploy(_may: MayDeploy) -> &'static str {
    "deploy"
}

#[get("/group")]
fn group() -> &'static str {
    "group"
}

#[test]
fn it_guards_routes_formulas_and_groups() {
    let issuer = offline();
    let mut routes = routes![staff, deploy];
    routes.extend(protect::<Claim<HasTenant>>(routes![group]));
    let app = guarded(&issuer, routes);
    let token = |claim: &str, value: Value| issuer.token().claim(claim, value);
    app.get("/staff", &token("groups", json!(["staff"])).sign())
        .passes("staff");
    app.get("/staff", &token("groups", json!(["guests"])).sign())
        .insufficient();
    app.anonymous("/staff").missing();
    app.get("/deploy", &token("tenant", json!(7)).sign())
        .passes("deploy");
    let staff = || token("groups", json!("staff"));
    app.get("/deploy", &staff().sign()).insufficient();
    app.get("/deploy", &staff().roles(["editor"]).sign())
        .passes("deploy");
    app.get("/deploy", &staff().roles(["suspended"]).sign())
        .insufficient();
    app.get("/group", &token("tenant", json!("a")).sign())
        .passes("group");
    app.get("/group", &issuer.token().sign()).insufficient();
}

#[test]
fn the_requirement_names_claim_and_values() {
    assert_eq!(
        MayDeploy::requirement().to_string(),
        r#"claim tenant is 7 or ((claim groups is "admins" or "staff") and not role suspended)"#
    );
    assert_eq!(
        Claim::<Mixed>::requirement(),
        Requirement::Claim(
            "level",
            &[
                ClaimValue::Text("high"),
                ClaimValue::Integer(3),
                ClaimValue::Bool(false)
            ]
        )
    );
    assert_eq!(
        Claim::<HasTenant>::requirement().to_string(),
        "claim tenant"
    );
}

#[test]
fn a_text_may_be_given_by_its_start_or_its_end() {
    for (sub, passes) in [
        (json!("repo:acme/api:ref:refs/heads/main"), true),
        (json!("repo:acme/api:ref:refs/heads/a/b"), true),
        (json!(["x", "repo:acme/api:ref:refs/heads/main"]), true),
        // Nothing follows.
        (json!("repo:acme/api:ref:refs/heads/"), false),
        (json!("repo:acme/api:ref:refs/heads"), false),
        (json!("repo:acme/api:ref:refs/tags/v1"), false),
        (json!("repo:acme-evil/api:ref:refs/heads/main"), false),
        (json!("REPO:acme/api:ref:refs/heads/main"), false),
        (json!(" repo:acme/api:ref:refs/heads/main"), false),
        (json!({ "repo:acme/api:ref:refs/heads/main": true }), false),
        (json!([["repo:acme/api:ref:refs/heads/main"]]), false),
        (json!(7), false),
        (json!(null), false),
    ] {
        assert_eq!(allows::<Branches>(json!({ "ref": sub })), passes, "{sub}");
    }
    for (email, passes) in [
        (json!("alice@acme.com"), true),
        (json!("alice@mail.acme.org"), true),
        (json!("root"), true),
        (json!(true), true),
        (json!(["alice@evil.com", "alice@acme.com"]), true),
        (json!("@acme.com"), false),
        (json!("alice@evilacme.com"), false),
        (json!("alice@acme.org"), false),
        (json!("alice@acme.com.evil.com"), false),
        (json!("alice@ACME.com"), false),
        (json!("alice@acme.com "), false),
        (json!("alice@acme.com\u{0}"), false),
        (json!(false), false),
    ] {
        assert_eq!(allows::<Acme>(json!({ "email": email })), passes, "{email}");
    }
    assert_eq!(
        Claim::<Acme>::requirement().to_string(),
        "claim email ends with \"@acme.com\" or ends with \".acme.org\" or is \"root\" or true"
    );
    let branches = Claim::<Branches>::requirement();
    let token = token_with(json!({ "ref": "repo:acme/api:ref:refs/heads/main" }));
    assert_eq!(branches.decide(Some(&token)), Some(Decision::Allow));
    assert_eq!(
        branches.decide(Some(&token_with(json!({})))),
        Some(Decision::Deny)
    );
}
