//! What deciding a policy costs once the token is verified: lists of 1, 10 and 100 names, and a formula five deep.
//!
//! `cargo bench --bench policy`; with `-- --test` each runs once. Either way it is asserted that no decision allocates.

use std::hint::black_box;
use std::sync::Mutex;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Any, AxiomsFairing, Config, Decision, Lacks, PermissionList, Permissions, Policy, RoleList, Roles, ScopeList,
    Scopes, ValidToken,
};
use criterion::{Criterion, criterion_group, criterion_main};
use rocket::http::Header;
use rocket::local::blocking::Client;
use rocket::{State, get, routes};

/// The only way to a `ValidToken` is through a request: this route keeps it.
#[get("/")]
fn keep(token: ValidToken, kept: &State<Mutex<Option<ValidToken>>>) {
    *kept.lock().expect("nobody panics with it") = Some(token);
}

/// Three lists, all of `count` names that begin with `prefix`.
fn token(count: usize, prefix: &str) -> ValidToken {
    let names: Vec<String> = (0..count).map(|at| format!("{prefix}:name:{at:02}")).collect();
    let issuer = TestIssuer::offline("https://issuer.example.test");
    let text = issuer.token().scopes(&names).roles(&names).permissions(&names).sign();
    let config = Config {
        audience: vec![issuer.audience().to_owned()],
        iss_url: Some(issuer.url().to_owned()),
        ..Config::default()
    };
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off")))
        .attach(AxiomsFairing::from_config(config).with_keys(issuer.jwks()))
        .manage(Mutex::new(None::<ValidToken>))
        .mount("/", routes![keep]);
    let client = Client::untracked(rocket).expect("the application starts");
    let response = client.get("/").header(Header::new("Authorization", format!("Bearer {text}"))).dispatch();
    assert_eq!(response.status().code, 200);
    let kept: &Mutex<Option<ValidToken>> = client.rocket().state().expect("managed above");
    kept.lock().expect("nobody panics with it").clone().expect("kept by the route")
}

macro_rules! ten {
    ($($tens:literal)+) => { &[$(
        concat!("asked:name:", $tens, "0"), concat!("asked:name:", $tens, "1"), concat!("asked:name:", $tens, "2"),
        concat!("asked:name:", $tens, "3"), concat!("asked:name:", $tens, "4"), concat!("asked:name:", $tens, "5"),
        concat!("asked:name:", $tens, "6"), concat!("asked:name:", $tens, "7"), concat!("asked:name:", $tens, "8"),
        concat!("asked:name:", $tens, "9"),
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

/// Five deep, and only its innermost part lets a token without the names pass.
type Deep = Any<(
    Scopes<Names<1>>,
    All<(
        Lacks<Permissions<Names<1>>>,
        Any<(Roles<Names<1>>, All<(Lacks<Scopes<Names<1>>>, Any<(Permissions<Names<1>>, Lacks<Roles<Names<1>>>)>)>)>,
    )>,
)>;

/// Measures `P` over `token`, and asserts that it decides as expected and allocates nothing, save that the first to ask for a list has
/// it taken apart.
fn decide<P: Policy>(criterion: &mut Criterion, name: &str, token: &ValidToken, expected: Decision) {
    let mut decision = Some(P::decide(token));
    assert_eq!(decision, Some(expected), "{}", P::requirement());
    let allocations = allocation_counter::measure(|| decision = Some(P::decide(black_box(token))));
    assert_eq!(decision, Some(expected), "{}", P::requirement());
    assert_eq!(allocations.count_total, 0, "deciding {} allocated {allocations:?}", P::requirement());
    criterion.bench_function(name, |bencher| bencher.iter(|| P::decide(black_box(token))));
}

fn lists<const COUNT: usize>(criterion: &mut Criterion)
where
    Names<COUNT>: ScopeList + RoleList + PermissionList,
{
    let (holder, stranger) = (token(COUNT, "asked"), token(COUNT, "other"));
    let allow = |kind: &str| format!("policy/{kind} allows/{COUNT}");
    let deny = |kind: &str| format!("policy/{kind} denies/{COUNT}");
    decide::<Scopes<Names<COUNT>>>(criterion, &allow("scopes"), &holder, Decision::Allow);
    decide::<Scopes<Names<COUNT>>>(criterion, &deny("scopes"), &stranger, Decision::Deny);
    decide::<Roles<Names<COUNT>>>(criterion, &allow("roles"), &holder, Decision::Allow);
    decide::<Roles<Names<COUNT>>>(criterion, &deny("roles"), &stranger, Decision::Deny);
    decide::<Permissions<Names<COUNT>>>(criterion, &allow("permissions"), &holder, Decision::Allow);
    decide::<Permissions<Names<COUNT>>>(criterion, &deny("permissions"), &stranger, Decision::Deny);
    decide::<Lacks<Roles<Names<COUNT>>>>(criterion, &allow("lacks"), &stranger, Decision::Allow);
}

fn policies(criterion: &mut Criterion) {
    lists::<1>(criterion);
    lists::<10>(criterion);
    lists::<100>(criterion);
    for count in [1, 10, 100] {
        let name = |decision: &str| format!("policy/five deep {decision}/{count}");
        decide::<Deep>(criterion, &name("allows at once"), &token(count, "asked"), Decision::Allow);
        decide::<Deep>(criterion, &name("allows at last"), &token(count, "other"), Decision::Allow);
    }
}

criterion_group!(benches, policies);
criterion_main!(benches);
