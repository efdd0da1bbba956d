//! The example `tenants`: a table of tenants that changes while the application runs.

use std::collections::BTreeMap;

use axioms_rocket::AxiomsFairing;
use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
use rocket::http::{ContentType, Header, Method};
use rocket::serde::json::{Value, json};

use crate::program::{Served, Stream, http_client};
use crate::support::App;

#[path = "../../examples/tenants.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod example;

struct World {
    operators: TestIssuer,
    acme: TestIssuer,
    globex: TestIssuer,
}

impl World {
    fn new() -> World {
        World {
            operators: TestIssuer::start(),
            acme: TestIssuer::start(),
            globex: TestIssuer::start(),
        }
    }

    fn app(&self) -> App {
        let figment = rocket::Config::figment()
            .merge(("log_level", "off"))
            .merge(("workers", 2));
        let protection = AxiomsFairing::from_config(example::config(&self.operators));
        App::launch(example::api(figment, protection))
    }

    /// An application with both tenants; article 1 is that of acme's alice.
    fn busy(&self) -> App {
        let app = self.app();
        for (issuer, name) in [(&self.acme, "acme"), (&self.globex, "globex")] {
            let row = json!({ "iss": issuer.url(), "name": name });
            let (status, _) = send(&app, &self.operators, Method::Put, "/tenants", Some(row));
            assert_eq!(status, 204);
        }
        let article = json!({ "title": "One" });
        let (status, _) = send(&app, &self.acme, Method::Post, "/articles", Some(article));
        assert_eq!(status, 201);
        app
    }
}

/// As the alice of `issuer`.
fn send(
    app: &App,
    issuer: &TestIssuer,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let token = issuer.token().subject("alice").sign();
    let mut request = app.0.req(method, path.to_owned());
    request.add_header(Header::new("Authorization", format!("Bearer {token}")));
    if let Some(body) = body {
        request = request.header(ContentType::JSON).body(body.to_string());
    }
    let response = request.dispatch();
    let status = response.status().code;
    let body = response.into_string().unwrap_or_default();
    (
        status,
        rocket::serde::json::from_str(&body).unwrap_or(Value::String(body)),
    )
}

#[test]
fn a_tenant_is_added_and_removed_while_the_application_runs() {
    let world = World::new();
    let app = world.app();
    let (acme, operators) = (&world.acme, &world.operators);
    let tenant = || send(&app, acme, Method::Get, "/tenant", None);
    assert_eq!(tenant().0, 401);
    let row = json!({ "iss": acme.url(), "name": "acme" });
    let put = |issuer| send(&app, issuer, Method::Put, "/tenants", Some(row.clone())).0;
    assert_eq!(put(acme), 401, "a tenant that is none yet");
    assert_eq!(put(operators), 204);
    assert_eq!(tenant(), (200, json!("tenant acme")));
    assert_eq!(put(acme), 403, "no tenant keeps the table");
    let path = format!("/tenants?iss={}", acme.url());
    assert_eq!(send(&app, acme, Method::Delete, &path, None).0, 403);
    assert_eq!(send(&app, operators, Method::Delete, &path, None).0, 204);
    assert_eq!(tenant().0, 401, "at once, cached tokens included");
    assert_eq!(put(operators), 204);
    assert_eq!(tenant().0, 200);
}

#[test]
fn equal_subjects_of_two_tenants_never_own_the_same_article() {
    let world = World::new();
    let app = world.busy();
    let get = |issuer, path: &str| send(&app, issuer, Method::Get, path, None);
    assert_eq!(get(&world.acme, "/articles/1").0, 200);
    assert_eq!(get(&world.globex, "/articles/1").0, 403);
    assert_eq!(get(&world.operators, "/articles/1").0, 403);
    let delete = send(&app, &world.globex, Method::Delete, "/articles/1", None);
    assert_eq!(delete.0, 403);
    assert_eq!(get(&world.acme, "/articles").1[0]["id"], json!(1));
    assert_eq!(get(&world.globex, "/articles"), (200, json!([])));
}

#[test]
fn a_tenant_named_operators_is_none_of_them() {
    let world = World::new();
    let app = world.app();
    let row = json!({ "iss": world.acme.url(), "name": "operators" });
    let put = send(&app, &world.operators, Method::Put, "/tenants", Some(row));
    assert_eq!(put.0, 204);
    let list = send(&app, &world.acme, Method::Get, "/tenants", None);
    assert_eq!(list.0, 403);
}

#[test]
fn who_may_call_what_of_tenants_is_in_the_committed_table() {
    let world = World::new();
    let other = TestIssuer::start();
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::expired(&world.acme),
        Persona::new("no tenant", other.token().subject("alice")),
        Persona::new("alice of acme", world.acme.token().subject("alice")),
        Persona::new("alice of globex", world.globex.token().subject("alice")),
        Persona::new("operator", world.operators.token().subject("alice")),
    ])
    .parameters(|_, name| (name == "_article").then_some("1"))
    .bodies(|route| match (route.method(), route.path()) {
        (Method::Put, _) => {
            let row = r#"{ "iss": "https://new.example.com", "name": "new" }"#;
            Some((ContentType::JSON, row))
        }
        (Method::Post, _) => Some((ContentType::JSON, r#"{ "title": "News" }"#)),
        _ => None,
    });
    let table = access.dispatched_afresh(|| world.busy().0);
    table.assert_file("tests/access/tenants.md");
}

#[tokio::test]
async fn every_curl_line_of_tenants_has_its_expected_status() {
    let served = Served::of("tenants", &[]);
    let printed = served.program.output.iter();
    let printed: Vec<&str> = printed
        .filter(|(stream, _)| *stream == Stream::Out)
        .map(|(_, line)| &**line)
        .collect();
    let tokens: BTreeMap<&str, &str> = printed
        .iter()
        .filter_map(|line| line.split_once("=ey"))
        .collect();
    let client = http_client(None);
    let mut count = 0;
    for line in printed.iter().filter(|line| line.starts_with("curl")) {
        let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest);
        let until = |mark: &str, end| Some(after(mark)?.split_once(end)?.0);
        let method = until("-X ", ' ').unwrap().parse().unwrap();
        let url = format!("http://{}", until("'http://", '\'').unwrap());
        assert!(url.starts_with(&served.url), "{line}");
        let token = tokens[until("Bearer $", '"').unwrap()];
        let mut request = client
            .request(method, url)
            .header("Authorization", format!("Bearer ey{token}"));
        if let Some(body) = until("-d '", '\'') {
            request = request
                .header("Content-Type", "application/json")
                .body(body.to_owned());
        }
        let expected: u16 = until("expected ", ',').unwrap().parse().unwrap();
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), expected, "{line}");
        count += 1;
    }
    assert_eq!(count, 12);
}
