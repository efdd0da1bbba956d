//! Which route serves an operation: bases, parameters, formats, ranks, groups, rules.

use std::path::PathBuf;

use axioms_rocket::openapi::{self, SecurityAddon, mismatches};
use axioms_rocket::{
    AuthError, Authenticated, AxiomsFairing, Optional, Public, Roles, RouteReport, Scopes, Unless,
    ValidToken, protect,
};
use rocket::fs::FileServer;
use rocket::http::uri::Origin;
use rocket::{Build, Rocket, delete, get, head, post, put, routes};
use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::{OpenApi, SecurityRequirement, Server};

use super::{completed, completed_with, modified};
use crate::support::{App, bare_rocket, config, offline, rocket};

axioms_rocket::scopes! { Read = "read"; Write = "write"; All = "all"; }
axioms_rocket::roles! { Admin = "admin"; }
axioms_rocket::methods! { Reads = Get | Head; }

#[get("/items/<_id>?<_page>")]
fn item(_id: u32, _page: Option<u32>, _scope: Scopes<Read>) {}

#[put("/items/<_>")]
fn change(_scope: Scopes<Write>) {}

#[get("/files/<_path..>")]
fn file(_path: PathBuf, _scope: Scopes<Read>) {}

#[delete("/items")]
fn clear() {}

#[get("/items")]
fn list() {}

#[get("/health")]
fn health(_anybody: Public) {}

#[get("/undecided")]
fn undecided() {}

/// A document with an operation for each `METHOD /path`.
fn document(operations: &[&str]) -> OpenApi {
    let mut document = OpenApi::default();
    for operation in operations {
        let (method, path) = operation.split_once(' ').expect("METHOD /path");
        let method = match method {
            "GET" => HttpMethod::Get,
            "PUT" => HttpMethod::Put,
            "POST" => HttpMethod::Post,
            "DELETE" => HttpMethod::Delete,
            "HEAD" => HttpMethod::Head,
            other => unreachable!("{other}"),
        };
        let paths = &mut document.paths;
        paths.add_path_operation(path, vec![method], Operation::new());
    }
    document
}

/// The security of an operation.
fn security(document: &Value, operation: &str) -> Value {
    let (method, path) = operation.split_once(' ').expect("METHOD /path");
    let operation = &document["paths"][path][method.to_ascii_lowercase()];
    assert!(operation.is_object(), "{document}");
    operation["security"].clone()
}

#[test]
fn row_15_3_parameters_queries_and_bases_are_those_of_rocket() {
    let operations = [
        "GET /v1/items/{_id}",
        "PUT /v1/items/{anything}",
        "GET /v1/files/{_path}",
        "GET /v1/files/a/b",
    ];
    let mount = |rocket: Rocket<Build>| rocket.mount("/v1", routes![item, change, file]);
    let completed = completed(document(&operations), mount);
    let expected = [["read"], ["write"], ["read"], ["read"]];
    for (operation, scopes) in operations.iter().zip(expected) {
        let expected = json!([{ "axioms": scopes }]);
        assert_eq!(security(&completed, operation), expected, "{operation}");
    }
}

#[test]
fn row_15_3_the_paths_of_servers_are_bases() {
    for server in ["/v1", "https://api.example.com/v1/", "/other"] {
        let mut document = document(&["GET /items/{id}"]);
        document.servers = Some(vec![Server::new("https://x.example"), Server::new(server)]);
        let completed = completed(document, |rocket| rocket.mount("/v1", routes![item]));
        let expected = match server {
            "/other" => Value::Null,
            _ => json!([{ "axioms": ["read"] }]),
        };
        assert_eq!(
            security(&completed, "GET /items/{id}"),
            expected,
            "{server}"
        );
    }
}

#[get("/both")]
fn both_open(_anybody: Public) {}

#[get("/both")]
fn both_guarded(_scope: Scopes<Read>) {}

#[test]
fn row_15_3_a_path_that_is_guarded_below_one_server_is_not_open() {
    for bases in [["/v1", "/v2"], ["/v2", "/v1"]] {
        let mut document = document(&["GET /both"]);
        document.servers = Some(bases.map(Server::new).into());
        let completed = completed(document, |rocket| {
            let rocket = rocket.mount("/v1", routes![both_open]);
            rocket.mount("/v2", routes![both_guarded])
        });
        assert_eq!(
            security(&completed, "GET /both"),
            json!([{ "axioms": ["read"] }])
        );
    }
}

#[test]
fn row_15_3_groups_and_the_rule_for_everything_are_added() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer))
        .with_keys(issuer.jwks())
        .require_everywhere::<Scopes<All>>()
        .except(["/health"]);
    let app = App::launch(
        rocket(fairing)
            .mount(
                "/",
                protect::<Unless<Reads, Roles<Admin>>>(routes![list, clear, item]),
            )
            .mount("/", routes![health, undecided]),
    );
    let operations = [
        "GET /items",
        "DELETE /items",
        "GET /items/{_id}",
        "GET /undecided",
        "GET /health",
    ];
    let completed = modified(document(&operations), SecurityAddon::of(app.0.rocket()));
    let shown = |operation: &str| {
        let (method, path) = operation.split_once(' ').expect("METHOD /path");
        completed["paths"][path][method.to_ascii_lowercase()]["x-requirement"].clone()
    };
    assert_eq!(
        security(&completed, "GET /items"),
        json!([{ "axioms": ["all"] }])
    );
    assert_eq!(
        shown("GET /items"),
        "scope all",
        "the group exempts the method"
    );
    assert_eq!(shown("DELETE /items"), "scope all and role admin");
    assert_eq!(shown("GET /items/{_id}"), "scope all and scope read");
    assert_eq!(
        security(&completed, "GET /items/{_id}"),
        json!([{ "axioms": ["all", "read"] }])
    );
    assert_eq!(shown("GET /undecided"), "scope all");
    assert_eq!(
        security(&completed, "GET /health"),
        json!([]),
        "an exception"
    );
}

#[test]
fn row_15_3_an_open_route_says_so_and_an_undecided_one_says_nothing() {
    let mut document = document(&["GET /health", "GET /undecided"]);
    document.security = Some(vec![SecurityRequirement::new("other", [""; 0])]);
    let completed = completed(document, |rocket| {
        rocket.mount("/", routes![health, undecided])
    });
    assert_eq!(security(&completed, "GET /health"), json!([]));
    assert_eq!(security(&completed, "GET /undecided"), Value::Null);
    for path in ["/health", "/undecided"] {
        assert_eq!(
            completed["paths"][path]["get"]["responses"],
            json!({}),
            "{path}"
        );
    }
}

#[get("/result")]
fn result(_token: Result<ValidToken, AuthError>) {}

#[get("/optional")]
fn optional(_token: Optional<Scopes<Read>>) {}

#[test]
fn row_15_3_a_guard_whose_refusal_the_handler_sees_is_optional() {
    let completed = completed(document(&["GET /result", "GET /optional"]), |rocket| {
        rocket.mount("/", routes![result, optional])
    });
    assert_eq!(
        security(&completed, "GET /result"),
        json!([{}, { "axioms": [] }])
    );
    assert_eq!(completed["paths"]["/result"]["get"]["responses"], json!({}));
    assert_eq!(
        security(&completed, "GET /optional"),
        json!([{}, { "axioms": ["read"] }])
    );
    let responses = &completed["paths"]["/optional"]["get"]["responses"];
    let statuses: Vec<_> = responses.as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["400", "401", "403", "503"]);
}

#[get("/report", format = "json")]
fn as_json(_scope: Scopes<Read>) {}

#[get("/report", format = "html", rank = 2)]
fn as_html(_scope: Scopes<Read>) {}

#[post("/report", format = "json")]
fn post_json(_scope: Scopes<Write>) {}

#[post("/report", format = "text", rank = 2)]
fn post_text(_role: Roles<Admin>) {}

#[get("/number/<_n>", rank = 1)]
fn number(_n: u32, _scope: Scopes<Read>) {}

#[get("/number/<_text>", rank = 2)]
fn text(_text: &str, _anybody: Public) {}

#[test]
fn row_15_3_routes_of_other_formats_and_ranks_are_alternatives() {
    let operations = [
        "GET /report",
        "POST /report",
        "GET /number/{n}",
        "GET /number/{_n}",
    ];
    let completed = completed(document(&operations), |rocket| {
        let reports = routes![as_json, as_html, post_json, post_text];
        rocket.mount("/", reports).mount("/", routes![number, text])
    });
    assert_eq!(
        security(&completed, "GET /report"),
        json!([{ "axioms": ["read"] }])
    );
    assert_eq!(
        security(&completed, "POST /report"),
        json!([{ "axioms": ["write"] }, { "axioms": [] }])
    );
    assert_eq!(
        completed["paths"]["/report"]["post"]["x-requirement"],
        "scope write or role admin"
    );
    assert_eq!(
        security(&completed, "GET /number/{n}"),
        json!([{ "axioms": ["read"] }]),
        "a path that needs a token for some values is not open"
    );
    assert_eq!(
        security(&completed, "GET /number/{_n}"),
        json!([{ "axioms": ["read"] }]),
        "the names tell them apart"
    );
}

#[head("/own")]
fn own_head(_scope: Scopes<Write>) {}

#[get("/own")]
fn own_get(_scope: Scopes<Read>) {}

#[test]
fn row_15_3_head_is_served_by_the_route_for_get() {
    let operations = ["HEAD /items/{_id}", "HEAD /own"];
    let completed = completed(document(&operations), |rocket| {
        rocket.mount("/", routes![item, own_get, own_head])
    });
    assert_eq!(
        security(&completed, "HEAD /items/{_id}"),
        json!([{ "axioms": ["read"] }])
    );
    assert_eq!(
        security(&completed, "HEAD /own"),
        json!([{ "axioms": ["write"] }])
    );
}

/// Adds `security` by hand.
#[utoipa::path(security(("mine" = ["x"])))]
#[get("/items/<_id>")]
fn by_hand(_id: u32, _scope: Scopes<Read>) {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(by_hand))]
struct ByHand;

#[test]
fn row_15_3_security_by_hand_is_kept_unless_it_shall_be_overwritten() {
    let mount = |rocket: Rocket<Build>| rocket.mount("/", routes![by_hand]);
    let kept = completed(ByHand::openapi(), mount);
    let operation = &kept["paths"]["/items/{_id}"]["get"];
    assert_eq!(operation["security"], json!([{ "mine": ["x"] }]));
    assert_eq!(operation["summary"], "Adds `security` by hand.");
    assert_eq!(operation.get("description"), None);
    assert_eq!(operation.get("x-requirement"), None);
    assert!(
        operation["responses"]["403"].is_object(),
        "its refusals are the route's"
    );

    let overwritten = completed_with(ByHand::openapi(), mount, SecurityAddon::overwrite);
    let operation = &overwritten["paths"]["/items/{_id}"]["get"];
    assert_eq!(operation["security"], json!([{ "axioms": ["read"] }]));
    assert_eq!(operation["x-requirement"], "scope read");
}

#[test]
fn row_15_3_a_document_can_be_completed_twice() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", routes![item, health]));
    let addon = SecurityAddon::of(app.0.rocket());
    let once = modified(
        document(&["GET /items/{_id}", "GET /health"]),
        addon.clone(),
    );
    let again = modified(
        serde_json::from_value(once.clone()).unwrap(),
        addon.overwrite(),
    );
    assert_eq!(once, again);
}

#[test]
fn row_15_3_what_document_and_routes_do_not_share_is_listed() {
    let rocket = bare_rocket()
        .mount("/v1", routes![item, change, list])
        .mount(
            "/static",
            FileServer::new(env!("CARGO_MANIFEST_DIR"), Default::default()),
        );
    let mut document = document(&["GET /v1/items/{id}", "PUT /v1/items", "GET /static/{file}"]);
    document.paths.paths.get_mut("/v1/items").unwrap().trace = Some(Operation::new());
    let found = mismatches(&document, &RouteReport::of(&rocket));
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "PUT /v1/items is in the document, and no route serves it",
            "TRACE /v1/items is in the document, and no route serves it",
            "GET /v1/items (list) is mounted, and no operation of the document describes it",
            "PUT /v1/items/<_> (change) is mounted, \
             and no operation of the document describes it",
        ]
    );
    assert!(Origin::parse(found[2].path()).is_ok());
    let nothing = mismatches(&OpenApi::default(), &RouteReport::of(&rocket::build()));
    assert_eq!(nothing, []);
}

#[test]
fn row_15_3_the_document_is_served_as_a_public_route_once_completed() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let served = openapi::document(document(&["GET /items/{_id}"]), SecurityAddon::of);
    let app = App::launch(
        rocket(fairing.deny_unguarded())
            .mount("/openapi.json", served)
            .mount("/", routes![item]),
    );
    let answer = app.anonymous("/openapi.json");
    assert_eq!(answer.status, 200);
    let document: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(
        security(&document, "GET /items/{_id}"),
        json!([{ "axioms": ["read"] }])
    );
}

#[test]
fn row_15_3_under_a_rule_for_everything_the_document_needs_an_exception() {
    let issuer = offline();
    for (exceptions, expected) in [(&[][..], 401), (&["/openapi.json"][..], 200)] {
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let fairing = fairing.require_everywhere::<Authenticated>();
        let fairing = match exceptions {
            [] => fairing,
            paths => fairing.except(paths.iter().copied()),
        };
        let served = openapi::document(OpenApi::default(), SecurityAddon::of);
        let app = App::launch(rocket(fairing).mount("/openapi.json", served));
        assert_eq!(app.anonymous("/openapi.json").status, expected);
    }
}
