//! The committed access tables of the examples `quickstart`, `openapi` and `mcp_server`;
//! `articles` and `whole_app` have theirs beside their tests.

use axioms_rocket::AxiomsFairing;
use axioms_rocket::testing::{AccessTable, Persona, TestIssuer};
use rocket::http::{ContentType, Header};
use rocket::local::blocking::Client;
use rocket::{Build, Rocket};

use crate::support::{config, offline};

#[path = "../../examples/mcp_server/main.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod mcp_server;
#[path = "../../examples/openapi.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod openapi;
#[path = "../../examples/quickstart.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod quickstart;

fn launch(issuer: &TestIssuer, api: Rocket<Build>) -> Client {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    let quiet = rocket::Config::figment().merge(("log_level", "off"));
    Client::untracked(api.configure(quiet).attach(fairing)).expect("the example starts")
}

#[test]
fn who_may_call_what_of_quickstart_is_in_the_committed_table() {
    let issuer = offline();
    let client = launch(&issuer, quickstart::api());
    let all = [
        "sample:create",
        "sample:read",
        "sample:update",
        "sample:delete",
    ];
    let alice = Persona::alice(&issuer).scopes(["openid"]);
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::expired(&issuer),
        Persona::bob(&issuer).scopes(["email"]),
        Persona::new("reader", issuer.token().permissions(["sample:read"])),
        alice.roles(["sample:role"]).permissions(all),
    ]);
    let table = access.dispatched(&client);
    table.assert_agrees_with(&access.computed(client.rocket()));
    table.assert_file("tests/access/quickstart.md");
}

#[test]
fn who_may_call_what_of_openapi_is_in_the_committed_table() {
    let issuer = offline();
    let client = launch(&issuer, openapi::api());
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::expired(&issuer),
        Persona::bob(&issuer).scopes(["orders:read"]),
        Persona::alice(&issuer).scopes(["orders:read", "orders:write"]),
        Persona::new("root", issuer.token().roles(["admin"])),
    ])
    .parameter("file", "index.html")
    .bodies(|route| {
        let order = r#"{ "item": "tea", "count": 2 }"#;
        (route.handler() == Some("create")).then_some((ContentType::JSON, order))
    });
    let table = access.dispatched(&client);
    table.assert_agrees_with(&access.computed(client.rocket()));
    table.assert_file("tests/access/openapi.md");
}

/// The table of its tools is not here: they are one route.
#[test]
fn who_may_call_what_of_mcp_server_is_in_the_committed_table() {
    let quiet = rocket::Config::figment().merge(("log_level", "off"));
    let client = Client::untracked(mcp_server::server().configure(quiet));
    let client = client.expect("the example starts");
    let issuer = client.rocket().state().expect("the embedded issuer");
    let access = AccessTable::builder([
        Persona::guest(),
        Persona::expired(issuer),
        Persona::misdirected(issuer),
        Persona::bob(issuer),
        Persona::alice(issuer).scopes(["notes:read"]),
    ])
    .header(Header::new("MCP-Protocol-Version", "2025-11-25"))
    .bodies(|_| {
        let list = r#"{ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }"#;
        Some((ContentType::JSON, list))
    });
    let table = access.dispatched(&client);
    table.assert_agrees_with(&access.computed(client.rocket()));
    table.assert_file("tests/access/mcp_server.md");
}
