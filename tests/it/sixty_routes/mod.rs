//! An application of sixty routes, with each guard, formula, group and rule, as a fixture.
//!
//! [`routes`] are its routes with their bases, [`mutants`] the same with one route changed.

mod guards;
mod handlers;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    Authenticated, AxiomsFairing, Config, IssuerConfig, Optional, Roles, Scopes, Unless,
    ValidToken, protect,
};
use rocket::fs::FileServer;
use rocket::{Build, Rocket, Route, routes};

pub use self::guards::*;
use self::handlers::*;
use crate::support::AUDIENCE;

/// The configuration: one issuer, which has a name.
pub fn config(issuer: &TestIssuer) -> Config {
    Config {
        audience: vec![AUDIENCE.into()],
        issuers: vec![IssuerConfig {
            name: Some("main".into()),
            iss_url: Some(issuer.url().into()),
            ..IssuerConfig::default()
        }],
        ..Config::default()
    }
}

/// The fairing: the rule for everything is for the paths outside of `/free`.
pub fn fairing(issuer: &TestIssuer) -> AxiomsFairing {
    fairing_with(config(issuer), issuer)
}

pub fn fairing_with(config: Config, issuer: &TestIssuer) -> AxiomsFairing {
    AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks())
        .require_everywhere::<Authenticated>()
        .except(["/free"])
}

/// The application with the rule for everything.
pub fn app(issuer: &TestIssuer) -> Rocket<Build> {
    mounted(crate::support::rocket(fairing(issuer)), routes())
}

/// Mounts `routes` at their bases.
pub fn mounted(rocket: Rocket<Build>, routes: Vec<(&'static str, Route)>) -> Rocket<Build> {
    let rocket = rocket.manage(Board);
    routes
        .into_iter()
        .fold(rocket, |rocket, (base, route)| rocket.mount(base, [route]))
}

/// The sixty routes, each with the base that it is mounted at.
pub fn routes() -> Vec<(&'static str, Route)> {
    let free = routes![
        token,
        typed,
        authenticated,
        scope,
        either_scope,
        implied,
        role,
        permission,
        claim,
        has_claim,
        lacks,
        any,
        all,
        nested,
        own_policy,
        issued_by,
        always,
        safe,
        owned,
        assigned,
        owned_or,
        guest,
        guest_or_reader,
        read,
        write,
        option,
        option_scope,
        result,
        result_scope,
        result_owned,
        outcome,
        alias,
        alias_of_result,
        token_and_scope,
        two_scopes,
        three,
        twice,
        with_state,
        public,
        undeclared,
        undeclared_at,
        current_user,
        session,
        may_edit,
        weekday,
        tenant,
        delegating,
        unseen,
        option_of_own,
        result_of_own,
        first,
        second,
    ];
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let groups: Vec<(&str, Vec<Route>)> = vec![
        ("/free", free),
        ("/free/files", FileServer::from(docs).into()),
        ("/free", protect::<Roles<Admin>>(routes![in_group])),
        (
            "/free",
            protect::<Unless<Reads, Roles<Admin>>>(routes![scope_in_group]),
        ),
        (
            "/free",
            protect::<Optional<ValidToken>>(protect::<Scopes<Write>>(routes![in_two_groups])),
        ),
        ("/", routes![ruled, ruled_scope, ruled_preflight]),
        ("/files", protect::<Roles<Admin>>(FileServer::from(docs))),
    ];
    groups
        .into_iter()
        .flat_map(|(base, routes)| routes.into_iter().map(move |route| (base, route)))
        .collect()
}

/// A route of the application, and another signature in its place.
pub struct Mutant {
    pub index: usize,
    pub route: Route,
}

/// Returns, for each guard of each route, the route without it and with another one.
///
/// The other routes of the application lend their signatures: a route's sentinels cannot be edited,
/// but its method, path, rank and name can.
pub fn mutants() -> Vec<Mutant> {
    let routes = routes();
    let donor = |name: &str| {
        let named = |(_, route): &&(&str, Route)| route.name.as_deref() == Some(name);
        let found = routes.iter().find(named);
        found.unwrap_or_else(|| panic!("no route {name}")).1.clone()
    };
    // Handlers with several guards, and those that are left when one is removed.
    let without = |name: &str| -> Vec<Route> {
        match name {
            "token_and_scope" => vec![donor("token"), donor("scope")],
            "two_scopes" => vec![donor("scope"), donor("alias")],
            "twice" => vec![donor("scope")],
            "three" => routes![
                handlers::no_scope,
                handlers::no_role,
                handlers::no_permission
            ],
            "delegating" => vec![donor("scope"), donor("role")],
            // Of a group and a signature, each alone.
            "scope_in_group" => {
                let group = protect::<Unless<Reads, Roles<Admin>>>(routes![in_group]);
                [group, vec![donor("scope")]].concat()
            }
            "in_two_groups" => [
                protect::<Optional<ValidToken>>(routes![in_group]),
                protect::<Scopes<Write>>(routes![in_group]),
            ]
            .concat(),
            _ => vec![],
        }
    };
    let mut mutants = Vec::new();
    for (index, (base, route)) in routes.iter().enumerate() {
        let name = route.name.as_deref().unwrap_or_default();
        // A route without a guard of ours stays as it is when "all guards" are removed.
        let is_bare = match name {
            "undeclared" | "undeclared_at" | "unseen" | "ruled" | "ruled_preflight" => true,
            name => name.starts_with("FileServer") && *base == "/free/files",
        };
        let mut donors = without(name);
        for other in ["undeclared", "has_claim", "option_of_own"] {
            if other != name && !(is_bare && other == "undeclared") {
                donors.push(donor(other));
            }
        }
        for donor in donors {
            let route = placed(donor, route);
            mutants.push(Mutant { index, route });
        }
    }
    mutants
}

/// Returns `donor` at the place of `route`.
fn placed(mut donor: Route, route: &Route) -> Route {
    donor.name.clone_from(&route.name);
    donor.method = route.method;
    donor.uri = route.uri.clone();
    donor.rank = route.rank;
    donor.format.clone_from(&route.format);
    donor
}
