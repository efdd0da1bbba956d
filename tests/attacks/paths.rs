//! The target of a request (RFC 3986 §3.3 and §6, behaviour 6.6 to 6.9): no way of writing an
//! address leads past the rule for everything, and nothing that a guard refused is answered by
//! another route.

use axioms_rocket::{Authenticated, AxiomsFairing, Roles, ValidToken, protect};
use rocket::fs::FileServer;
use rocket::{get, options, post, put, routes};

use crate::harness::{MISSING, run};
use crate::support::{Editor, config, full_token, offline, rocket, routes};
use crate::transport::{Server, ask, refused};

/// Name, and method and target of a request without a token. None is answered by a handler or a
/// file.
const CASES: [(&str, &str); 36] = [
    ("a file", "GET /secret.txt"),
    ("a file that is not there", "GET /nothing.txt"),
    ("a route that is not there", "GET /nowhere"),
    ("the front page", "GET /"),
    ("a file by HEAD", "HEAD /secret.txt"),
    ("a file by POST", "POST /secret.txt"),
    ("a file by TRACE", "TRACE /secret.txt"),
    ("a file, escaped", "GET /%73ecret.txt"),
    ("a file after two slashes", "GET //secret.txt"),
    ("a file after a dot", "GET /./secret.txt"),
    ("a file above an open path", "GET /open/../secret.txt"),
    (
        "a file above an open path, dots escaped",
        "GET /open/%2e%2e/secret.txt",
    ),
    (
        "a file above an open path, one dot escaped",
        "GET /open/.%2e/secret.txt",
    ),
    (
        "a file above an open path, slash escaped",
        "GET /open/..%2fsecret.txt",
    ),
    (
        "a file above an open path, all escaped",
        "GET /open%2f..%2fsecret.txt",
    ),
    (
        "a file above an open path, by backslashes",
        "GET /open/..%5csecret.txt",
    ),
    (
        "a file above an open path, twice",
        "GET /open/x/../../secret.txt",
    ),
    (
        "a file above an open path, through nothing",
        "GET /open//../secret.txt",
    ),
    ("an open path with more behind", "GET /opened/secret.txt"),
    ("an open path cut short", "GET /ope"),
    ("an open path in capitals", "GET /OPEN/x.txt"),
    ("an open path with a null", "GET /open%00/x.txt"),
    ("an open path with a parameter", "GET /open;x/x.txt"),
    ("an open path with a blank", "GET /open%20/x.txt"),
    ("an open path in a query", "GET /secret.txt?/open/"),
    (
        "an open path in full width",
        "GET /%EF%BD%8F%EF%BD%90%EF%BD%85%EF%BD%8E/x.txt",
    ),
    ("an open path, escaped twice", "GET /%256fpen/x.txt"),
    ("a guarded route", "GET /token"),
    ("a guarded route with a slash behind", "GET /token/"),
    ("a guarded route, escaped", "GET /%74oken"),
    (
        "a guarded route in absolute form",
        "GET http://other.example.test/token",
    ),
    ("a route of a group", "GET /group/list"),
    ("a route of a group with a slash more", "GET /group//list"),
    ("a route of a group by another method", "PUT /group/list"),
    ("a route of two ranks", "GET /ranked"),
    ("a route with data", "POST /group/list"),
];

pub fn names() -> Vec<String> {
    CASES
        .iter()
        .map(|(name, _)| format!("addressed: {name}"))
        .collect()
}

#[get("/list")]
fn list() -> &'static str {
    "handled"
}

#[post("/list", data = "<data>")]
fn add(data: &str) -> String {
    format!("handled {data}")
}

#[put("/list")]
fn replace() -> &'static str {
    "handled"
}

#[options("/list")]
fn preflight() -> &'static str {
    "preflight"
}

#[get("/ranked", rank = 1)]
fn first(_token: ValidToken) -> &'static str {
    "handled"
}

#[get("/ranked", rank = 2)]
fn second() -> &'static str {
    "handled"
}

#[test]
fn no_address_leads_past_the_rule_for_everything() {
    run(async |run| {
        let issuer = offline();
        let files = tempfile::tempdir().expect("a directory");
        for (path, content) in [
            ("secret.txt", "handled"),
            ("index.html", "handled"),
            ("open/x.txt", "open"),
        ] {
            let path = files.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
            std::fs::write(path, content).expect("written");
        }
        let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
        let fairing = fairing
            .require_everywhere::<Authenticated>()
            .except(["/open"]);
        let server = Server::start(
            rocket(fairing)
                .mount("/", [routes(), routes![first, second]].concat())
                .mount(
                    "/group",
                    protect::<Roles<Editor>>(routes![list, add, replace, preflight]),
                )
                .mount("/", FileServer::from(files.path())),
        )
        .await;
        for (name, head) in CASES {
            let case = format!("addressed: {name}");
            let good = full_token(&issuer).sign();
            run.secret(&good);
            let bearer = format!("Authorization: Bearer {good}|");
            ask(run, server.port, "GET /group/list", &bearer)
                .await
                .passes(&case);
            refused(run, server.port, &case, [head, ""], MISSING, issuer.url()).await;
            ask(run, server.port, "GET /secret.txt", &bearer)
                .await
                .passes(&case);
        }
        // The open paths, and the safe method.
        for (head, body) in [
            ("GET /open/x.txt", "open"),
            ("OPTIONS /group/list", "preflight"),
        ] {
            assert_eq!(ask(run, server.port, head, "").await.body, body);
        }
        server.end().await;
    });
}
