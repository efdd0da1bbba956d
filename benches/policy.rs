//! The cost of a policy's decision about a verified token: lists of 1, 10 and 100 names, a
//! formula five deep, and policies about one claim.
//!
//! `cargo bench --bench policy`; with `-- --test` each runs once. Either way it asserts that no
//! decision allocates, except the first about a list, which parses it and is measured by itself.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;
use std::time::Duration;

use axioms_rocket::testing::{Alg, verify};
use axioms_rocket::{
    Acr, ActedBy, All, Any, Claim, ClaimShape, Config, Decision, Direct, Lacks, MaxAuthAge,
    PermissionList, Permissions, Policy, RoleList, Roles, ScopeList, Scopes, ValidToken,
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

use compare::{application, application_with, compare, issuer, ready};

/// Tokens with three lists, each of `count` names that begin with `prefix`. Each call verifies
/// again and returns a token whose lists are not parsed yet.
fn tokens(count: usize, prefix: &str) -> impl Fn() -> ValidToken {
    let names: Vec<String> = (0..count)
        .map(|at| format!("{prefix}:name:{at:02}"))
        .collect();
    let issuer = issuer(Alg::EdDsa);
    let application = application(&issuer, 0);
    let text = compare::token(&issuer)
        .scopes(&names)
        .roles(&names)
        .permissions(&names)
        .sign();
    move || ready(verify(&application, &text)).expect("a good token")
}

fn token(count: usize, prefix: &str) -> ValidToken {
    tokens(count, prefix)()
}

macro_rules! ten {
    ($($tens:literal)+) => { &[$(
        concat!("asked:name:", $tens, "0"), concat!("asked:name:", $tens, "1"),
        concat!("asked:name:", $tens, "2"), concat!("asked:name:", $tens, "3"),
        concat!("asked:name:", $tens, "4"), concat!("asked:name:", $tens, "5"),
        concat!("asked:name:", $tens, "6"), concat!("asked:name:", $tens, "7"),
        concat!("asked:name:", $tens, "8"), concat!("asked:name:", $tens, "9"),
    )+] };
}

struct Names<const COUNT: usize>;

macro_rules! lists {
    ($($count:literal: $names:expr;)+) => {$(
        impl ScopeList for Names<$count> {
            const SCOPES: &'static [&'static str] = $names;
        }

        impl RoleList for Names<$count> {
            const ROLES: &'static [&'static str] = $names;
        }

        impl PermissionList for Names<$count> {
            const PERMISSIONS: &'static [&'static str] = $names;
        }
    )+};
}

lists! {
    1: &["asked:name:00"];
    10: ten!("0");
    100: ten!("0" "1" "2" "3" "4" "5" "6" "7" "8" "9");
}

/// Names that stronger ones imply: both lists are read.
struct Implied;

impl ScopeList for Implied {
    const SCOPES: &'static [&'static str] = &["asked:name:read"];
    const IMPLIED_BY: &'static [&'static str] = Names::<1>::SCOPES;
}

impl RoleList for Implied {
    const ROLES: &'static [&'static str] = &["asked:name:read"];
    const IMPLIED_BY: &'static [&'static str] = Names::<1>::ROLES;
}

/// Five deep, and only its innermost part lets a token without the names pass.
type Deep = Any<(
    Scopes<Names<1>>,
    All<(
        Lacks<Permissions<Names<1>>>,
        Any<(
            Roles<Names<1>>,
            All<(
                Lacks<Scopes<Names<1>>>,
                Any<(Permissions<Names<1>>, Lacks<Roles<Names<1>>>)>,
            )>,
        )>,
    )>,
)>;

/// Measures `P` over `token`, and asserts that it decides as expected and allocates nothing once
/// the list is parsed.
fn decide<P: Policy>(
    criterion: &mut Criterion,
    name: &str,
    token: &ValidToken,
    expected: Decision,
) {
    decide_with::<P>(criterion, name, token, expected, 0);
}

/// As `decide`, with at most `most` allocations.
fn decide_with<P: Policy>(
    criterion: &mut Criterion,
    name: &str,
    token: &ValidToken,
    expected: Decision,
    most: u64,
) {
    assert_eq!(P::decide(token), expected, "{}", P::requirement());
    let [(time, allocations)] =
        compare(&[&|| assert_eq!(P::decide(black_box(token)), expected)])[..]
    else {
        unreachable!("one candidate")
    };
    println!("| {name} | {time:.0} | {allocations} |");
    assert!(
        allocations <= most,
        "deciding {}: {allocations} allocations",
        P::requirement()
    );
    criterion.bench_function(name, |bencher| bencher.iter(|| P::decide(black_box(token))));
}

/// Measures a token's first decision about a list, which parses the list.
fn decide_first<P: Policy>(criterion: &mut Criterion, name: &str, tokens: impl Fn() -> ValidToken) {
    let token = tokens();
    let allocations =
        allocation_counter::measure(|| assert_eq!(P::decide(black_box(&token)), Decision::Allow));
    assert_eq!(
        allocations.count_total,
        1,
        "the first {} allocated {allocations:?}",
        P::requirement()
    );
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched_ref(
            &tokens,
            |token| P::decide(black_box(token)),
            BatchSize::SmallInput,
        );
    });
}

fn lists<const COUNT: usize>(criterion: &mut Criterion)
where
    Names<COUNT>: ScopeList + RoleList + PermissionList,
{
    let (holder, other) = (token(COUNT, "asked"), token(COUNT, "other"));
    let allow = |kind: &str| format!("policy/{kind} allows/{COUNT}");
    let deny = |kind: &str| format!("policy/{kind} denies/{COUNT}");
    decide::<Scopes<Names<COUNT>>>(criterion, &allow("scopes"), &holder, Decision::Allow);
    decide::<Scopes<Names<COUNT>>>(criterion, &deny("scopes"), &other, Decision::Deny);
    decide::<Roles<Names<COUNT>>>(criterion, &allow("roles"), &holder, Decision::Allow);
    decide::<Roles<Names<COUNT>>>(criterion, &deny("roles"), &other, Decision::Deny);
    decide::<Permissions<Names<COUNT>>>(criterion, &allow("permissions"), &holder, Decision::Allow);
    decide::<Permissions<Names<COUNT>>>(criterion, &deny("permissions"), &other, Decision::Deny);
    decide::<Lacks<Roles<Names<COUNT>>>>(criterion, &allow("lacks"), &other, Decision::Allow);
    decide_first::<Roles<Names<COUNT>>>(criterion, &allow("roles first"), tokens(COUNT, "asked"));
}

/// A decision about ten roles in each shape: a list, words, commas and keys of an object.
fn shapes(criterion: &mut Criterion) {
    let names: Vec<String> = (0..10).map(|at| format!("asked:name:{at:02}")).collect();
    let keys: serde_json::Value = names.iter().map(|name| (name.as_str(), true)).collect();
    let issuer = issuer(Alg::EdDsa);
    for (case, shape, roles) in [
        ("list", ClaimShape::List, names.clone().into()),
        ("words", ClaimShape::List, names.join(" ").into()),
        ("comma", ClaimShape::Comma, names.join(",").into()),
        ("keys", ClaimShape::Keys, keys),
    ] {
        let config = Config {
            roles_shape: shape,
            ..Config::default()
        };
        let application = application_with(&issuer, config);
        let text = compare::token(&issuer).claim("roles", roles).sign();
        let token = ready(verify(&application, &text)).expect("a good token");
        let name = format!("policy/roles as {case}/10");
        decide::<Roles<Names<10>>>(criterion, &name, &token, Decision::Allow);
    }
}

fn policies(criterion: &mut Criterion) {
    println!("\n| decision | ns | allocations |\n| --- | --- | --- |");
    lists::<1>(criterion);
    lists::<10>(criterion);
    lists::<100>(criterion);
    for count in [1, 10, 100] {
        let (holder, other) = (token(count, "asked"), token(count, "other"));
        let name = |case: &str| format!("policy/implied {case}/{count}");
        decide::<Scopes<Implied>>(criterion, &name("scopes allow"), &holder, Decision::Allow);
        decide::<Scopes<Implied>>(criterion, &name("scopes deny"), &other, Decision::Deny);
        decide::<Roles<Implied>>(criterion, &name("roles allow"), &holder, Decision::Allow);
        decide::<Lacks<Roles<Implied>>>(criterion, &name("lacks"), &other, Decision::Allow);
    }
    for count in [1, 10, 100] {
        let name = |decision: &str| format!("policy/five deep {decision}/{count}");
        decide::<Deep>(
            criterion,
            &name("allows at once"),
            &token(count, "asked"),
            Decision::Allow,
        );
        decide::<Deep>(
            criterion,
            &name("allows at last"),
            &token(count, "other"),
            Decision::Allow,
        );
    }
}

axioms_rocket::claims! { Tenant = "tenant": "acme" | "other"; }
axioms_rocket::acrs! { Strong = "phr" | "mfa"; }
axioms_rocket::actors! { Support = "support-desk"; }

/// The policies that read one claim of the JSON each time they decide.
fn claims(criterion: &mut Criterion) {
    println!("\n| decision | ns | allocations |\n| --- | --- | --- |");
    let issuer = issuer(Alg::EdDsa);
    let application = application(&issuer, 0);
    let text = compare::token(&issuer)
        .acr("mfa")
        .authenticated_ago(Duration::from_secs(1))
        .actor("support-desk")
        .claim("tenant", "acme")
        .sign();
    let token = ready(verify(&application, &text)).expect("a good token");
    let allow = Decision::Allow;
    decide::<Claim<Tenant>>(criterion, "policy/claim allows", &token, allow);
    decide::<Acr<Strong>>(criterion, "policy/acr allows", &token, allow);
    decide::<MaxAuthAge<300>>(criterion, "policy/age allows", &token, allow);
    decide_with::<ActedBy<Support>>(criterion, "policy/actor allows", &token, allow, 1);
    decide_with::<Direct>(criterion, "policy/direct denies", &token, Decision::Deny, 1);
}

criterion_group!(benches, policies, shapes, claims);
criterion_main!(benches);
