//! The application of sixty routes: each operation, and the document of each mutant.

use axioms_rocket::RouteReport;
use axioms_rocket::openapi::SecurityAddon;
use rocket::Route;
use rocket::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{HttpMethod, Operation};

use super::modified;
use crate::sixty_routes::{self, Mutant};
use crate::support::{App, offline, rocket};

/// Refusals of an operation: none, those of a token, and of a policy, too.
const NONE: &[&str] = &[];
const TOKEN: &[&str] = &["400", "401", "503"];
const POLICY: &[&str] = &["400", "401", "403", "503"];

/// Operation, security as alternatives of scopes (`-`: no credentials), refusals. Written by hand
/// from the handlers; `None`: the document says nothing.
type Row = (
    &'static str,
    Option<&'static [&'static str]>,
    &'static [&'static str],
);

#[rustfmt::skip]
const TABLE: [Row; 59] = [
    ("GET /free/token", Some(&[""]), TOKEN),
    ("GET /free/typed", Some(&[""]), TOKEN),
    ("GET /free/authenticated", Some(&[""]), TOKEN),
    ("GET /free/scope", Some(&["notes:read"]), POLICY),
    ("GET /free/either-scope", Some(&["notes:read", "notes:list"]), POLICY),
    ("GET /free/implied", Some(&["files:read"]), POLICY),
    ("GET /free/role", Some(&[""]), POLICY),
    ("GET /free/permission", Some(&[""]), POLICY),
    ("GET /free/claim", Some(&[""]), POLICY),
    ("GET /free/has-claim", Some(&[""]), POLICY),
    ("GET /free/lacks", Some(&[""]), POLICY),
    ("GET /free/any", Some(&["notes:read", ""]), POLICY),
    ("GET /free/all", Some(&["notes:read"]), POLICY),
    ("POST /free/nested", Some(&["notes:write", ""]), POLICY),
    ("GET /free/own-policy", Some(&[""]), POLICY),
    ("GET /free/issued-by", Some(&["notes:read"]), POLICY),
    ("OPTIONS /free/always", Some(&["notes:write"]), POLICY),
    ("OPTIONS /free/safe", None, NONE),
    ("GET /free/owned", Some(&[""]), POLICY),
    ("GET /free/assigned", Some(&[""]), POLICY),
    ("DELETE /free/owned", Some(&[""]), POLICY),
    ("GET /free/guest", Some(&["-", ""]), TOKEN),
    ("GET /free/guest-or-reader", Some(&["-", "notes:read"]), POLICY),
    ("GET /free/unless", None, NONE),
    ("POST /free/unless", Some(&["notes:write"]), POLICY),
    ("GET /free/option", Some(&["-", ""]), NONE),
    ("GET /free/option-scope", Some(&["-", "notes:read"]), NONE),
    ("GET /free/result", Some(&["-", ""]), NONE),
    ("GET /free/result-scope", Some(&["-", "notes:read"]), NONE),
    ("GET /free/result-owned", Some(&["-", ""]), NONE),
    ("GET /free/outcome", Some(&["-", ""]), NONE),
    ("PUT /free/alias", Some(&["notes:write"]), POLICY),
    ("GET /free/alias-of-result", Some(&["-", ""]), NONE),
    ("GET /free/token-and-scope", Some(&["notes:read"]), POLICY),
    ("PUT /free/two-scopes", Some(&["notes:read notes:write"]), POLICY),
    ("PUT /free/three", Some(&["notes:write"]), POLICY),
    ("GET /free/twice", Some(&["notes:read"]), POLICY),
    ("GET /free/users/{_id}", Some(&[""]), TOKEN),
    ("GET /free/public", Some(&[]), NONE),
    ("GET /free/undeclared", None, NONE),
    ("GET /free/undeclared-at", None, NONE),
    ("GET /free/current-user", Some(&[""]), TOKEN),
    ("GET /free/session", Some(&[""]), TOKEN),
    ("PUT /free/may-edit", Some(&["notes:write"]), POLICY),
    ("GET /free/weekday", None, NONE),
    ("GET /free/tenant", Some(&[""]), POLICY),
    ("GET /free/delegating", Some(&["notes:read"]), POLICY),
    ("GET /free/unseen", None, NONE),
    ("GET /free/option-of-own", Some(&["-", ""]), NONE),
    ("GET /free/result-of-own", Some(&["-"]), NONE),
    // Two routes, of which one requires a token.
    ("GET /free/ranked", Some(&[""]), POLICY),
    ("GET /free/files/{path}", None, NONE),
    ("GET /free/in-group", Some(&[""]), POLICY),
    ("POST /free/scope-in-group", Some(&["notes:read"]), POLICY),
    ("GET /free/in-two-groups", Some(&["notes:write"]), POLICY),
    ("GET /ruled", Some(&[""]), TOKEN),
    ("POST /ruled", Some(&["notes:write"]), POLICY),
    ("OPTIONS /ruled", None, NONE),
    ("GET /files/{path}", Some(&[""]), POLICY),
];

/// Returns a path of Rocket as one of a document.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.replace("..>", "}").replace('<', "{").replace('>', "}")
}

/// The document with an operation for each route of `report`.
fn document(report: &RouteReport) -> OpenApi {
    let mut document = OpenApi::default();
    for route in report.routes() {
        let method = match route.method() {
            Method::Get => HttpMethod::Get,
            Method::Put => HttpMethod::Put,
            Method::Post => HttpMethod::Post,
            Method::Delete => HttpMethod::Delete,
            Method::Options => HttpMethod::Options,
            other => unreachable!("{other}"),
        };
        let paths = &mut document.paths;
        paths.add_path_operation(template(route.path()), vec![method], Operation::new());
    }
    document
}

/// The completed document of `routes`.
fn completed(routes: Vec<(&'static str, Route)>) -> Value {
    let issuer = offline();
    let fairing = sixty_routes::fairing(&issuer);
    let app = App::launch(sixty_routes::mounted(rocket(fairing), routes));
    let report = RouteReport::of(app.0.rocket());
    modified(document(&report), SecurityAddon::of(app.0.rocket()))
}

/// Each operation of `document`, as `METHOD /path`.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("an object");
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("an object").iter();
        item.map(move |(method, operation)| {
            (format!("{} {path}", method.to_ascii_uppercase()), operation)
        })
    });
    operations.collect()
}

#[test]
fn row_15_3_each_operation_of_sixty_routes_is_as_written_by_hand() {
    let document = completed(sixty_routes::routes());
    let operations = operations(&document);
    let mut missing: Vec<&str> = TABLE.iter().map(|(operation, ..)| *operation).collect();
    for (name, operation) in &operations {
        let row = TABLE.iter().find(|(row, ..)| row == name);
        let (_, alternatives, refusals) = row.unwrap_or_else(|| panic!("no row of {name}"));
        missing.retain(|row| row != name);
        let expected = alternatives.map_or(Value::Null, |alternatives| {
            let objects = alternatives.iter().map(|scopes| match *scopes {
                "-" => json!({}),
                scopes => json!({ "main": scopes.split_whitespace().collect::<Vec<_>>() }),
            });
            objects.collect()
        });
        assert_eq!(operation["security"], expected, "{name}: {operation:#}");
        let responses = operation["responses"].as_object().expect("an object");
        assert_eq!(responses.keys().collect::<Vec<_>>(), *refusals, "{name}");
    }
    assert_eq!(missing, [""; 0]);
}

/// Returns the guards and the handler of `donor` at the place of `route`.
fn in_place_of(route: &Route, donor: &str) -> Route {
    let named = |route: &Route| route.name.as_deref() == Some(donor);
    let mut routes = sixty_routes::routes().into_iter().map(|(_, route)| route);
    let mut donor = routes.find(named).expect("a route of that name");
    donor.name = route.name.clone();
    donor.method = route.method;
    donor.uri = route.uri.clone();
    donor.rank = route.rank;
    donor
}

#[test]
fn row_15_3_each_changed_guard_changes_its_operation_and_no_other() {
    let original = completed(sixty_routes::routes());
    let original = operations(&original);
    let mut seen = 0;
    for (index, (base, route)) in sixty_routes::routes().iter().enumerate() {
        let path = format!(
            "{}{}",
            base.trim_end_matches('/'),
            template(&route.uri.to_string())
        );
        let own = format!("{} {path}", route.method);
        let changed = match (route.method, route.name.as_deref()) {
            // Permissions are not asked for with a safe method.
            (Method::Options, _) | (_, Some("permission")) => "token",
            _ => "permission",
        };
        for donor in ["undeclared", changed] {
            let mut mutant = sixty_routes::routes();
            mutant[index].1 = in_place_of(route, donor);
            let mutant = completed(mutant);
            let differs = operations(&mutant);
            let differs = differs.iter().zip(&original);
            let differs = differs.filter(|((_, mutant), (_, original))| mutant != original);
            let differs: Vec<&str> = differs.map(|((name, _), _)| name.as_str()).collect();
            // Without a guard of its own there is none to remove.
            let row = TABLE.iter().find(|(row, ..)| *row == own).expect("a row");
            let has_none = (row.1.is_none() && own != "GET /free/weekday") || own == "GET /ruled";
            if donor == "undeclared" && has_none {
                assert_eq!(differs, [""; 0], "{own}");
            } else {
                assert_eq!(differs, [own.as_str()], "{donor}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 112);
}

#[test]
fn row_15_3_each_guard_removed_alone_changes_its_operation_alone() {
    let original = completed(sixty_routes::routes());
    let original = operations(&original);
    let mut unchanged = Vec::new();
    for Mutant { index, route } in sixty_routes::mutants() {
        let mut mutant = sixty_routes::routes();
        let (base, own) = &mut mutant[index];
        let path = format!(
            "{}{}",
            base.trim_end_matches('/'),
            template(&route.uri.to_string())
        );
        let name = format!("{} {path}", route.method);
        *own = route;
        let mutant = completed(mutant);
        for ((other, after), (_, before)) in operations(&mutant).iter().zip(&original) {
            if *other != name {
                assert_eq!(after, before, "{name} changes {other}");
            } else if after == before {
                unchanged.push(name.clone());
            }
        }
    }
    // The requirement is the same: the method is exempt, the other guard implies the one that is
    // removed, the handler gets a refusal either way, or another route of the path is guarded.
    let expected = [
        "OPTIONS /free/safe",
        "OPTIONS /free/safe",
        "GET /free/unless",
        "GET /free/option",
        "GET /free/result",
        "GET /free/outcome",
        "GET /free/alias-of-result",
        "GET /free/token-and-scope",
        "GET /free/twice",
        "GET /free/tenant",
        "GET /free/ranked",
        "GET /ruled",
        "OPTIONS /ruled",
    ];
    assert_eq!(unchanged, expected);
}
