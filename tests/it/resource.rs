//! Chapter 10 of docs/behaviour.md: the protected-resource metadata (RFC 9728).

use axioms_rocket::{
    Authenticated, AxiomsFairing, Config, ResourceConfig, RouteReport, Scopes, ValidToken, protect,
};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::serde::json::{Value, json};
use rocket::{Build, Rocket, get, routes};

use crate::recorder::launch;
use crate::support::{
    App, ISSUER, Profile, Read, config, full_token, offline, rocket, role, routes, scope,
};

const ROOT: &str = "/.well-known/oauth-protected-resource";
const MCP: &str = "https://api.example.test/mcp";

/// The settings of an API with this identifier.
fn identified(identifier: &str) -> Config {
    let mut config = config(&offline());
    config.audience.push(identifier.into());
    config.resource.identifier = Some(identifier.into());
    config
}

fn fairing(config: Config) -> AxiomsFairing {
    AxiomsFairing::from_config(config).with_keys(offline().jwks())
}

fn client(rocket: Rocket<Build>) -> Client {
    Client::untracked(rocket).expect("the application starts")
}

fn header<'r>(response: &'r LocalResponse<'_>, name: &str) -> Option<&'r str> {
    response.headers().get_one(name)
}

/// The document of `client`.
fn document(client: &Client) -> Value {
    let response = client.get(ROOT).dispatch();
    assert_eq!(response.status().code, 200);
    rocket::serde::json::from_str(&response.into_string().expect("a body")).expect("JSON")
}

#[test]
fn row_10_1_the_document_is_at_both_paths_for_every_origin() {
    let client = client(rocket(fairing(identified(MCP))).mount("/", routes()));
    let mut documents = Vec::new();
    for path in [ROOT.to_owned(), format!("{ROOT}/mcp")] {
        for origin in [None, Some("https://inspector.example.test")] {
            let mut request = client.get(path.clone());
            if let Some(origin) = origin {
                request.add_header(Header::new("Origin", origin));
            }
            let response = request.dispatch();
            assert_eq!(response.status().code, 200, "{path}");
            let is = |name| header(&response, name);
            assert_eq!(is("Content-Type"), Some("application/json"));
            assert_eq!(is("Access-Control-Allow-Origin"), Some("*"));
            assert_eq!(is("Cache-Control"), Some("max-age=3600"));
            documents.push(response.into_string().expect("a body"));
        }
        let preflight = client
            .options(path.clone())
            .header(Header::new("Origin", "https://inspector.example.test"))
            .header(Header::new("Access-Control-Request-Method", "GET"))
            .header(Header::new(
                "Access-Control-Request-Headers",
                "mcp-protocol-version",
            ))
            .dispatch();
        assert_eq!(preflight.status().code, 204, "{path}");
        assert_eq!(header(&preflight, "Access-Control-Allow-Origin"), Some("*"));
        assert_eq!(
            header(&preflight, "Access-Control-Allow-Headers"),
            Some("*")
        );
        assert_eq!(
            header(&preflight, "Access-Control-Allow-Methods"),
            Some("GET")
        );
        assert_eq!(client.head(path.clone()).dispatch().status().code, 200);
        assert_eq!(client.post(path).dispatch().status().code, 404);
    }
    assert!(documents.iter().all(|document| *document == documents[0]));
    assert_eq!(
        client.get(format!("{ROOT}/other")).dispatch().status().code,
        404
    );
}

#[test]
fn row_10_1_without_a_path_there_is_one_document() {
    for identifier in ["https://api.example.test", "https://api.example.test/"] {
        let client = client(rocket(fairing(identified(identifier))));
        assert_eq!(document(&client)["resource"], identifier);
        assert_eq!(
            client.get(format!("{ROOT}/mcp")).dispatch().status().code,
            404
        );
    }
    // Below a slash at the end, the document is where RFC 9728 §3.1 puts it.
    let client = client(rocket(fairing(identified("https://api.example.test/a/b/"))));
    assert_eq!(
        client.get(format!("{ROOT}/a/b/")).dispatch().status().code,
        200
    );
    assert_eq!(
        document(&client)["resource"],
        "https://api.example.test/a/b/"
    );
}

#[get("/oauth-protected-resource")]
fn own() -> &'static str {
    "the application's own"
}

#[test]
fn row_10_1_a_route_of_the_application_stays() {
    let rocket = rocket(fairing(identified(MCP))).mount("/.well-known", routes![own]);
    let (launched, log) = launch(rocket);
    let client = launched.expect("the application starts");
    let (level, line) = log.line("route of its own");
    assert_eq!(level, "WARN");
    assert_eq!(
        line,
        format!("axioms: the application has a route of its own at {ROOT}; it stays")
    );
    let body = |path: &str| {
        client
            .get(path.to_owned())
            .dispatch()
            .into_string()
            .expect("a body")
    };
    assert_eq!(body(ROOT), "the application's own");
    assert!(body(&format!("{ROOT}/mcp")).starts_with("{\"resource\":"));
}

#[test]
fn row_10_1_without_an_identifier_there_is_none() {
    let app = App::launch(rocket(fairing(config(&offline()))).mount("/", routes()));
    assert_eq!(app.anonymous(ROOT).status, 404);
    let challenge = app.anonymous("/token").challenge.expect("a challenge");
    assert!(!challenge.contains("resource_metadata"), "{challenge}");
    let request = app
        .0
        .get("/token")
        .header(Header::new("Origin", "https://app.example.test"));
    assert_eq!(
        header(&request.dispatch(), "Access-Control-Expose-Headers"),
        None
    );
}

#[test]
fn row_10_2_no_member_is_null_or_empty() {
    let minimal = client(rocket(fairing(identified(MCP))));
    let expected = json!({
        "resource": MCP,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(document(&minimal), expected);
    // Keys alone say nothing of an issuer, and `acme.com` is no URL that a client could ask.
    for iss_url in [None, Some("acme.com".to_owned())] {
        let unknown = client(rocket(fairing(Config {
            iss_url,
            ..identified(MCP)
        })));
        let expected = json!({ "resource": MCP, "bearer_methods_supported": ["header"] });
        assert_eq!(document(&unknown), expected);
    }
}

#[test]
fn row_10_2_every_member_comes_from_a_setting_or_a_route() {
    axioms_rocket::scopes! {
        Everywhere = "everywhere" | "second";
        Offline = "offline_access";
    }
    #[get("/offline")]
    fn offline_route(_scope: Scopes<Offline>) {}
    let text = |text: &str| Some(text.to_owned());
    let config = Config {
        resource: ResourceConfig {
            identifier: text(MCP),
            name: text("Orders"),
            documentation: text("https://docs.example.test/orders#start"),
            policy: text("https://example.test/policy"),
            tos: text("https://example.test/terms"),
            scopes: vec!["zz:extra".into(), "openid".into(), "offline_access".into()],
            authorization_servers: vec!["https://front.example.test".into()],
        },
        ..identified(MCP)
    };
    let fairing = fairing(config).require_everywhere::<Scopes<Everywhere>>();
    let client = client(
        rocket(fairing)
            .mount("/", protect::<Scopes<Profile>>(routes![scope, role]))
            .mount("/deep", protect::<Scopes<Read>>(routes![offline_route])),
    );
    let expected = json!({
        "resource": MCP,
        "authorization_servers": ["https://front.example.test"],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["everywhere", "openid", "read:resource", "zz:extra"],
        "resource_name": "Orders",
        "resource_documentation": "https://docs.example.test/orders#start",
        "resource_policy_uri": "https://example.test/policy",
        "resource_tos_uri": "https://example.test/terms",
    });
    assert_eq!(document(&client), expected);
}

#[test]
fn row_10_3_each_challenge_names_the_document() {
    let issuer = offline();
    for (identifier, url) in [
        (
            "https://api.example.test",
            format!("https://api.example.test{ROOT}"),
        ),
        (
            "https://api.example.test/",
            format!("https://api.example.test{ROOT}"),
        ),
        (MCP, format!("https://api.example.test{ROOT}/mcp")),
        (
            "http://127.0.0.1:8000/a/b",
            format!("http://127.0.0.1:8000{ROOT}/a/b"),
        ),
    ] {
        let fairing = AxiomsFairing::from_config(identified(identifier)).with_keys(issuer.jwks());
        let app = App::launch(rocket(fairing).mount("/", routes()));
        let end = format!(", resource_metadata=\"{url}\"");
        let missing = app.anonymous("/scope");
        missing.missing();
        assert_eq!(
            missing.challenge,
            Some(format!("Bearer realm=\"{ISSUER}\", scope=\"openid\"{end}"))
        );
        let invalid = app.get("/scope", &full_token(&issuer).expired().sign());
        invalid.invalid("Token has expired");
        let insufficient = app.get("/scope", &issuer.token().scope("other").sign());
        insufficient.insufficient();
        let twice = app.call(Method::Get, "/scope", &["Bearer a", "Bearer b"]);
        assert_eq!(twice.status, 400);
        for answer in [missing, invalid, insufficient, twice] {
            let challenge = answer.challenge.expect("a challenge");
            assert!(challenge.ends_with(&end), "{challenge}");
            assert_eq!(challenge.matches("resource_metadata").count(), 1);
        }
    }
}

#[test]
fn row_10_3_no_header_of_a_request_changes_the_url_in_a_challenge() {
    let client = client(rocket(fairing(identified(MCP))).mount("/", routes()));
    let url = format!("resource_metadata=\"https://api.example.test{ROOT}/mcp\"");
    for name in ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto"] {
        let evil = Header::new(name, "host=evil.example.test");
        let response = client.get("/token").header(evil.clone()).dispatch();
        let challenge = header(&response, "WWW-Authenticate").expect("a challenge");
        assert!(challenge.ends_with(&url), "{name}: {challenge}");
        let response = client.get(ROOT).header(evil).dispatch();
        let document = response.into_string().expect("a body");
        assert!(
            document.contains(MCP) && !document.contains("evil"),
            "{document}"
        );
    }
}

#[test]
fn row_10_3_the_challenge_is_exposed_beside_what_the_application_exposes() {
    const EXPOSED: &str = "Access-Control-Expose-Headers";
    for (own, expected) in [
        (None, vec!["WWW-Authenticate"]),
        (
            Some("ETag, Retry-After"),
            vec!["ETag, Retry-After", "WWW-Authenticate"],
        ),
        (
            Some("ETag, www-authenticate"),
            vec!["ETag, www-authenticate"],
        ),
        (Some("*"), vec!["*"]),
    ] {
        let cors = AdHoc::on_response("CORS", move |_, response| {
            Box::pin(async move {
                if let Some(own) = own {
                    response.set_raw_header(EXPOSED, own);
                }
            })
        });
        let client = client(
            rocket::custom(rocket::Config {
                log_level: rocket::config::LogLevel::Off,
                ..rocket::Config::debug_default()
            })
            .attach(cors)
            .attach(fairing(identified(MCP)))
            .mount("/", routes()),
        );
        let origin = Header::new("Origin", "https://app.example.test");
        let refused = client.get("/token").header(origin.clone()).dispatch();
        assert_eq!(refused.status().code, 401);
        assert_eq!(refused.headers().get(EXPOSED).collect::<Vec<_>>(), expected);
        // Nothing is added to other answers, or without an origin.
        for request in [client.get("/token"), client.get("/public").header(origin)] {
            let response = request.dispatch();
            assert_eq!(response.headers().get_one(EXPOSED), own);
        }
    }
}

#[test]
fn row_10_4_the_document_is_public_under_a_rule_for_everything() {
    // This rule holds for preflights too.
    let strict = fairing(identified(MCP)).require_everywhere::<ValidToken>();
    let strict = client(rocket(strict).mount("/", routes()));
    assert_eq!(document(&strict)["resource"], MCP);
    assert_eq!(strict.options(ROOT).dispatch().status().code, 204);
    assert_eq!(strict.head(ROOT).dispatch().status().code, 200);
    assert_eq!(strict.options("/public").dispatch().status().code, 401);

    let rule = fairing(identified(MCP)).require_everywhere::<Authenticated>();
    let app = App::launch(rocket(rule).mount("/", routes()));
    assert_eq!(document(&app.0)["resource"], MCP);
    assert_eq!(app.anonymous(&format!("{ROOT}/mcp")).status, 200);
    let report = RouteReport::of(app.0.rocket());
    let open = report.routes().iter().filter(|route| route.is_public());
    let paths: Vec<_> = open.map(|route| route.path()).collect();
    let mcp = format!("{ROOT}/mcp");
    assert_eq!(paths, [ROOT, ROOT, ROOT, &mcp, &mcp, &mcp]);
    // Nothing beside it is.
    for path in [
        format!("{ROOT}/other"),
        format!("{ROOT}/mcp/other"),
        "/.well-known/other".to_owned(),
        "/public".to_owned(),
    ] {
        app.anonymous(&path).missing();
    }
    app.call(Method::Post, ROOT, &[]).missing();

    // It is a decision, so nothing has to be excepted.
    let denied = fairing(identified(MCP)).deny_unguarded();
    let app = App::launch(rocket(denied));
    assert_eq!(document(&app.0)["resource"], MCP);
}

#[test]
fn row_10_5_an_identifier_that_rfc_9728_forbids_ends_the_launch() {
    for (url, fault) in [
        (
            "https://\u{e4}pi.example.test",
            "has a host that is not ASCII",
        ),
        ("https://api.example.test?x=1", "must not hold a query"),
        ("https://api.example.test/mcp#x", "must not hold a fragment"),
        ("http://api.example.test", "must begin with https://"),
        ("api.example.test", "is not a URL that begins with https://"),
        (
            "https://user@api.example.test",
            "must not hold user information",
        ),
        ("https://api.example.test/{tenant}", "holds a placeholder"),
        (
            "https://api.example.test/a/../b",
            "has a path that clients or servers change",
        ),
        (
            "https://api.example.test/a//b",
            "has a path that clients or servers change",
        ),
        (
            "https://api.example.test/%61",
            "has a path that clients or servers change",
        ),
        (
            "https://api.example.test/\u{e4}",
            "has a path that clients or servers change",
        ),
    ] {
        let public = Config {
            public_url: Some(url.into()),
            ..config(&offline())
        };
        for (key, config) in [
            ("resource.identifier", identified(url)),
            ("public_url", public),
        ] {
            let (launched, log) = launch(rocket(fairing(config)));
            let error = launched.expect_err("the application does not start");
            assert!(
                matches!(error.kind(), ErrorKind::FailedFairings(_)),
                "{error}"
            );
            let problem = format!("{key} (code (AxiomsFairing::from_config)): {fault}");
            assert!(log.0.contains(&problem), "{problem} is not in {}", log.0);
        }
    }
    for url in [
        "http://127.0.0.1:8000",
        "http://localhost/mcp",
        "http://[::1]:8000/mcp",
    ] {
        assert_eq!(
            document(&client(rocket(fairing(identified(url)))))["resource"],
            url
        );
    }
}

#[test]
fn row_10_6_an_identifier_that_is_no_audience_is_warned_of() {
    let mut config = identified(MCP);
    let warnings = |config: &Config| {
        let (launched, log) = launch(rocket(fairing(config.clone())));
        launched.expect("the application starts");
        let lines = log.lines("resource.identifier");
        lines.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings(&config), [""; 0]);
    config.audience.pop();
    let lines = warnings(&config);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("WARN"), "{lines:?}");
    assert!(
        lines[0].ends_with(&format!(
            "axioms: resource.identifier {MCP:?} is no audience: a client that asks for a token by \
             it (RFC 8707) gets one that is refused; add it to audience"
        )),
        "{lines:?}"
    );
    // A slash more is another audience, and another resource.
    let slash = identified("https://api.example.test/mcp/");
    let lines = warnings(&slash);
    assert!(
        lines.len() == 1 && lines[0].contains("ends with a slash"),
        "{lines:?}"
    );
}
