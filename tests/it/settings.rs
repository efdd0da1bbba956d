//! Chapter 1 of docs/behaviour.md: one test per setting. Sources and files are in
//! `tests/configuration.rs`.

use std::time::{Duration, Instant, SystemTime};

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{AxiomsFairing, Clock, Config, IssuerConfig, JwksPrefetch, ResourceConfig};
use rocket::error::ErrorKind;
use rocket::http::{Header, Method};
use rocket::serde::json::{Value, json};

use crate::recorder::launch;
use crate::support::{
    AUDIENCE, App, ISSUER, app_with, config, full_token, offline, offline_with, online_app, rocket,
    routes,
};

const SECOND: Duration = Duration::from_secs(1);

/// The application with the keys of `issuer` and `change` applied to its settings.
fn app(issuer: &TestIssuer, change: impl FnOnce(&mut Config)) -> App {
    let mut config = config(issuer);
    change(&mut config);
    app_with(issuer, config)
}

/// An application that fetches the keys itself, and the clock that it shares with its issuer.
fn online(change: impl FnOnce(&mut Config)) -> (TestIssuer, Clock, App) {
    let clock = Clock::manual(SystemTime::now());
    let issuer = TestIssuer::builder().clock(clock.clone()).start();
    let mut config = config(&issuer);
    change(&mut config);
    let fairing = AxiomsFairing::from_config(config).with_clock(clock.clone());
    let app = App::launch(rocket(fairing).mount("/", routes()));
    (issuer, clock, app)
}

/// The error lines of a launch that the settings end, each of which must contain `part`.
#[track_caller]
fn ends_the_launch(part: &str, change: impl FnOnce(&mut Config)) {
    let mut config = config(&offline());
    change(&mut config);
    let (launched, log) = launch(rocket(AxiomsFairing::from_config(config)));
    let Err(error) = launched else {
        panic!("the application starts");
    };
    assert!(
        matches!(error.kind(), ErrorKind::FailedFairings(_)),
        "{error}"
    );
    assert!(log.0.contains(part), "{part:?} is not in {}", log.0);
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn row_1_audience_is_required_and_one_of_the_list_is_enough() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.audience = texts(&["https://other.example.test", AUDIENCE]);
    });
    for audience in ["https://other.example.test", AUDIENCE] {
        let token = full_token(&issuer).audience(audience).sign();
        app.get("/token", &token).passes("alice");
    }
    let token = full_token(&issuer).audience("https://third.example.test");
    app.get("/token", &token.sign())
        .invalid("Invalid token audience");
    ends_the_launch("audience", |config| config.audience = Vec::new());
    ends_the_launch("audience", |config| config.audience = texts(&[""]));
}

#[test]
fn row_1_domain_means_the_https_issuer_of_that_host() {
    let issuer = offline();
    for domain in [
        "issuer.example.test",
        "https://issuer.example.test",
        "issuer.example.test/",
    ] {
        let app = app(&issuer, |config| {
            config.iss_url = None;
            config.domain = Some(domain.to_owned());
        });
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice");
        let slash = full_token(&issuer).issuer(format!("{ISSUER}/")).sign();
        app.get("/token", &slash).invalid("Invalid token issuer");
    }
}

#[test]
fn row_1_iss_url_is_compared_exactly_and_need_not_be_a_url() {
    let issuer = offline();
    let strict = app(&issuer, |_| {});
    for iss in [
        "https://issuer.example.test/",
        "https://ISSUER.example.test",
        "https://issuer.example.test:443",
    ] {
        let token = full_token(&issuer).issuer(iss).sign();
        strict.get("/token", &token).invalid("Invalid token issuer");
    }
    let server = TestIssuer::start();
    let named = online_app(Config {
        iss_url: Some("acme.com".into()),
        jwks_url: Some(server.jwks_url().into()),
        ..config(&server)
    });
    let token = full_token(&server).issuer("acme.com").audience(AUDIENCE);
    named.get("/token", &token.sign()).passes("alice");
    ends_the_launch("iss_url", |config| {
        config.iss_url = Some("acme.com".into());
    });
}

#[test]
fn row_1_jwks_url_is_the_only_address_that_is_fetched() {
    let server = TestIssuer::start();
    let app = online_app(Config {
        jwks_url: Some(server.jwks_url().into()),
        ..config(&server)
    });
    let token = full_token(&server).audience(AUDIENCE).sign();
    app.get("/token", &token).passes("alice");
    let targets: Vec<_> = server.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(targets, ["/.well-known/jwks.json"]);
}

#[test]
fn row_1_jwks_file_is_read_in_place_of_the_network() {
    let (issuer, directory) = (offline(), tempfile::tempdir().expect("a directory"));
    let file = directory.path().join("keys.json");
    std::fs::write(&file, issuer.jwks()).expect("written");
    let app = online_app(Config {
        jwks_file: Some(file),
        ..config(&issuer)
    });
    app.get("/token", &full_token(&issuer).sign())
        .passes("alice");
    ends_the_launch("jwks_file", |config| {
        config.jwks_file = Some("no/such/keys.json".into());
    });
}

#[test]
fn row_1_metadata_url_is_read_and_its_issuer_must_match() {
    let server = TestIssuer::start();
    let at = |url: String, iss: &str| {
        online_app(Config {
            iss_url: Some(iss.to_owned()),
            metadata_url: Some(url),
            ..config(&server)
        })
    };
    let openid = format!("{}/.well-known/openid-configuration?p=1", server.url());
    let token = full_token(&server).audience(AUDIENCE).sign();
    let app = at(openid.clone(), server.url());
    app.get("/token", &token).passes("alice");
    let targets: Vec<_> = server.requests().into_iter().map(|r| r.target).collect();
    let expected = [
        "/.well-known/openid-configuration?p=1",
        "/.well-known/jwks.json",
    ];
    assert_eq!(targets, expected);

    // Metadata of another issuer, although the token is of the configured one.
    let app = at(openid, "https://other.example.test");
    let other = full_token(&server).issuer("https://other.example.test");
    assert_eq!(app.get("/token", &other.sign()).status, 503);
    // An absent document leads to no other.
    server.forget_requests();
    let app = at(format!("{}/metadata", server.url()), server.url());
    assert_eq!(app.get("/token", &token).status, 503);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.target == "/metadata"));

    ends_the_launch("metadata_url", |config| {
        config.metadata_url = Some("http://auth.example.test/metadata".into());
    });
    ends_the_launch("discovery", |config| {
        config.metadata_url = Some("https://auth.example.test/metadata".into());
        config.discovery = false;
    });
    ends_the_launch("needs iss_url or domain", |config| {
        config.metadata_url = Some("https://auth.example.test/metadata".into());
        config.iss_url = None;
    });
}

#[test]
fn row_1_jwks_bearer_file_must_be_readable_at_launch() {
    let (server, directory) = (
        TestIssuer::start(),
        tempfile::tempdir().expect("a directory"),
    );
    let file = directory.path().join("token");
    std::fs::write(&file, "of-the-service").expect("written");
    let app = online_app(Config {
        jwks_bearer_file: Some(file),
        ..config(&server)
    });
    let token = full_token(&server).audience(AUDIENCE).sign();
    app.get("/token", &token).passes("alice");
    // The metadata and the keys. Its header is tested in src/http/tests_of_issuers.rs.
    assert_eq!(server.requests().len(), 2);
    ends_the_launch("jwks_bearer_file", |config| {
        config.jwks_bearer_file = Some("no/such/token".into());
    });
}

#[test]
fn row_1_http_proxy_is_not_for_loopback_and_has_no_path() {
    let server = TestIssuer::start();
    let app = online_app(Config {
        http_proxy: "http://proxy.example.test:3128".into(),
        ..config(&server)
    });
    let token = full_token(&server).audience(AUDIENCE).sign();
    app.get("/token", &token).passes("alice");
    ends_the_launch("http_proxy", |config| {
        config.http_proxy = "http://proxy.example.test/x".into();
    });
}

#[test]
fn row_1_trust_domain_is_a_name_that_sub_begins_with() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.trust_domain = Some("example.org".into());
    });
    let of = |sub: &str| full_token(&issuer).subject(sub).sign();
    let workload = "spiffe://example.org/orders";
    app.get("/token", &of(workload)).passes(workload);
    for sub in ["alice", "spiffe://example.org.evil/orders"] {
        app.get("/token", &of(sub)).invalid("Invalid token issuer");
    }
    ends_the_launch("is no trust domain", |config| {
        config.trust_domain = Some("spiffe://example.org/x".into());
    });
    ends_the_launch("none of the algorithms of SPIFFE", |config| {
        config.trust_domain = Some("example.org".into());
        config.algorithms = texts(&["EdDSA"]);
    });
}

#[test]
fn row_1_token_header_is_a_name_with_no_other_meaning() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.token_header = Some("X-Token".into())
    });
    let token = full_token(&issuer).sign();
    let header = Header::new("x-token", token.clone());
    app.with_headers(Method::Get, "/token", [header].into_iter())
        .passes("alice");
    app.get("/token", &token).invalid("Invalid token issuer");
    for (name, words) in [
        ("Authorization", "leave it out"),
        ("Cookie", "has another meaning"),
        ("x token", "is not the name of a header"),
    ] {
        ends_the_launch(words, |config| config.token_header = Some(name.into()));
    }
}

#[test]
fn row_1_discovery_off_fetches_the_well_known_path() {
    let server = TestIssuer::start();
    let app = online_app(Config {
        discovery: false,
        ..config(&server)
    });
    let token = full_token(&server).audience(AUDIENCE).sign();
    app.get("/token", &token).passes("alice");
    let targets: Vec<_> = server.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(targets, ["/.well-known/jwks.json"]);
}

#[test]
fn row_1_issuers_adds_issuers_that_inherit_the_top_level() {
    let (first, second) = (TestIssuer::start(), TestIssuer::start());
    let further = IssuerConfig {
        iss_url: Some(second.url().into()),
        roles_claims: Some(texts(&["groups"])),
        ..IssuerConfig::default()
    };
    let app = online_app(Config {
        issuers: vec![further],
        ..config(&first)
    });
    let token = full_token(&first).audience(AUDIENCE).sign();
    app.get("/role", &token).passes("role");
    let token = second.token().audience(AUDIENCE);
    let token = token.claim("groups", json!(["editor"])).sign();
    app.get("/role", &token).passes("role");
    let token = second.token().audience(AUDIENCE).roles(["editor"]).sign();
    app.get("/role", &token).insufficient();
}

#[test]
fn row_1_algorithms_is_an_allow_list_of_asymmetric_ones() {
    let issuer = offline_with([Alg::Es256, Alg::EdDsa]);
    let app = app(&issuer, |config| config.algorithms = texts(&["EdDSA"]));
    let token = || full_token(&issuer);
    app.get("/token", &token().algorithm(Alg::EdDsa).sign())
        .passes("alice");
    app.get("/token", &token().algorithm(Alg::Es256).sign())
        .invalid("Unsupported algorithm");
    for name in ["HS256", "none"] {
        ends_the_launch(name, |config| config.algorithms = texts(&[name]));
    }
}

#[test]
fn row_1_token_typs_is_compared_without_case_and_prefix() {
    let issuer = offline();
    let app = app(&issuer, |config| config.token_typs = texts(&["at+jwt"]));
    let token = || full_token(&issuer);
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        app.get("/token", &token().typ(typ).sign()).passes("alice");
    }
    app.get("/token", &token().without_header("typ").sign())
        .passes("alice");
    app.get("/token", &token().typ("JWT").sign())
        .invalid("Invalid token type");
}

#[test]
fn row_1_require_typ_refuses_a_token_without_typ() {
    let issuer = offline();
    let app = app(&issuer, |config| config.require_typ = true);
    app.get("/token", &full_token(&issuer).sign())
        .passes("alice");
    let token = full_token(&issuer).without_header("typ").sign();
    app.get("/token", &token).invalid("Invalid token type");
}

#[test]
fn row_1_required_claims_must_be_present_and_not_null() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.required_claims = texts(&["tenant"]);
    });
    let token = || full_token(&issuer);
    app.get("/token", &token().claim("tenant", "t").sign())
        .passes("alice");
    for token in [token(), token().claim("tenant", json!(null))] {
        app.get("/token", &token.sign())
            .invalid("Token is missing a required claim");
    }
}

#[test]
fn row_1_expected_claims_must_have_one_of_the_values() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config
            .expected_claims
            .insert("region".into(), json!(["eu", "us"]));
        config.expected_claims.insert("level".into(), json!(2));
    });
    let token = |region: &str, level: u8| {
        let token = full_token(&issuer).claim("region", region);
        token.claim("level", level).sign()
    };
    app.get("/token", &token("eu", 2)).passes("alice");
    app.get("/token", &token("us", 2)).passes("alice");
    for token in [token("ap", 2), token("eu", 3), full_token(&issuer).sign()] {
        app.get("/token", &token)
            .invalid("Token is missing a required claim");
    }
}

#[test]
fn row_1_accept_id_tokens_passes_marks_of_id_tokens_and_warns() {
    let issuer = offline();
    let token = full_token(&issuer).claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ");
    let token = token.sign();
    app(&issuer, |_| {})
        .get("/token", &token)
        .invalid("Not an access token");
    let accepting = Config {
        accept_id_tokens: true,
        ..config(&issuer)
    };
    let fairing = AxiomsFairing::from_config(accepting).with_keys(issuer.jwks());
    let (client, log) = launch(rocket(fairing).mount("/", routes()));
    assert_eq!(log.line("accept_id_tokens").0, "WARN");
    let app = App(client.expect("the application starts"));
    app.get("/token", &token).passes("alice");
    let refresh = full_token(&issuer).claim("typ", "Refresh").sign();
    app.get("/token", &refresh).invalid("Not an access token");
}

#[test]
fn row_1_audience_claims_names_where_the_audience_is() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.audience_claims = texts(&["aud", "client_id"]);
    });
    let token = || full_token(&issuer).without("aud");
    app.get("/token", &token().client_id(AUDIENCE).sign())
        .passes("alice");
    app.get("/token", &token().client_id("another").sign())
        .invalid("Invalid token audience");
    let token = full_token(&issuer).audience("another").client_id(AUDIENCE);
    app.get("/token", &token.sign())
        .invalid("Invalid token audience");
}

#[test]
fn row_1_leeway_is_added_to_exp_and_at_most_300_seconds() {
    let (issuer, clock, app) = online(|config| config.leeway = 7);
    let token = full_token(&issuer).audience(AUDIENCE);
    let token = token.expires_in(60 * SECOND).sign();
    clock.advance(66 * SECOND);
    app.get("/token", &token).passes("alice");
    clock.advance(SECOND);
    app.get("/token", &token).invalid("Token has expired");
    ends_the_launch("leeway", |config| config.leeway = 301);
}

#[test]
fn row_1_max_token_age_counts_from_iat_which_is_required_then() {
    let (issuer, clock, app) = online(|config| {
        config.max_token_age = Some(60);
        config.leeway = 0;
    });
    let token = full_token(&issuer).audience(AUDIENCE);
    let token = token.expires_in(3600 * SECOND);
    app.get("/token", &token.clone().without("iat").sign())
        .invalid("Token is missing a required claim");
    let token = token.sign();
    clock.advance(59 * SECOND);
    app.get("/token", &token).passes("alice");
    // `iat` holds whole seconds, the clock has fractions.
    clock.advance(2 * SECOND);
    app.get("/token", &token).invalid("Token has expired");
}

#[test]
fn row_1_scope_claims_are_consulted_in_order() {
    let issuer = offline();
    let app = app(&issuer, |_| {});
    let token = || issuer.token();
    app.get("/scope", &token().claim("scope", "openid").sign())
        .passes("scope");
    app.get("/scope", &token().claim("scp", json!(["openid"])).sign())
        .passes("scope");
    let both = token().claim("scope", "other").claim("scp", "openid");
    app.get("/scope", &both.sign()).insufficient();
}

#[test]
fn row_1_roles_claims_replace_the_default_names() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.roles_claims = texts(&["realm_access.roles"]);
    });
    let nested = json!({ "roles": ["editor"] });
    let token = issuer.token().claim("realm_access", nested).sign();
    app.get("/role", &token).passes("role");
    let token = issuer.token().roles(["editor"]).sign();
    app.get("/role", &token).insufficient();
}

#[test]
fn row_1_permissions_claims_replace_the_default_names() {
    let issuer = offline();
    let app = app(&issuer, |config| {
        config.permissions_claims = texts(&["/access/my.api"]);
    });
    let nested = json!({ "my.api": ["sample:create"] });
    let token = issuer.token().claim("access", nested).sign();
    app.get("/permission", &token).passes("permission");
    let token = issuer.token().permissions(["sample:create"]).sign();
    app.get("/permission", &token).insufficient();
}

#[test]
fn row_1_namespaced_claims_are_of_the_issuers_host() {
    let issuer = offline();
    let token = issuer.token().claim(
        "https://issuer.example.test/claims/roles",
        json!(["editor"]),
    );
    let token = token.sign();
    app(&issuer, |_| {}).get("/role", &token).passes("role");
    app(&issuer, |config| config.namespaced_claims = false)
        .get("/role", &token)
        .insufficient();
}

#[test]
fn row_1_safe_methods_pass_guards_that_only_authorize() {
    let issuer = offline();
    let closed = app(&issuer, |_| {});
    closed.anonymous("/scope").missing();
    let open = app(&issuer, |config| config.safe_methods = texts(&["GET"]));
    open.anonymous("/scope").passes("scope");
    open.anonymous("/token").missing();
    let none = app(&issuer, |config| config.safe_methods = Vec::new());
    none.anonymous("/scope").missing();
    assert_eq!(none.call(Method::Options, "/scope", &[]).status, 404);
}

#[test]
fn row_1_jwks_refresh_interval_is_the_time_between_fetches() {
    let (issuer, clock, app) = online(|config| {
        config.jwks_refresh_interval = 100;
        config.jwks_cache_ttl = 200;
    });
    issuer.forget_requests();
    let token = || full_token(&issuer).audience(AUDIENCE).sign();
    clock.advance(89 * SECOND);
    app.get("/token", &token()).passes("alice");
    std::thread::sleep(SECOND / 20);
    assert_eq!(issuer.jwks_requests(), 0);
    clock.advance(22 * SECOND);
    let start = Instant::now();
    while issuer.jwks_requests() == 0 && start.elapsed() < 20 * SECOND {
        app.get("/token", &token()).passes("alice");
    }
    assert_eq!(issuer.jwks_requests(), 1);
}

#[test]
fn row_1_jwks_cache_ttl_is_at_least_two_intervals() {
    ends_the_launch("jwks_cache_ttl", |config| {
        config.jwks_refresh_interval = 100;
        config.jwks_cache_ttl = 199;
    });
    let (issuer, clock, app) = online(|config| {
        config.jwks_refresh_interval = 100;
        config.jwks_cache_ttl = 200;
        config.jwks_stale_ttl = 0;
    });
    let token = full_token(&issuer).audience(AUDIENCE);
    let token = token.expires_in(3600 * SECOND).sign();
    issuer.down();
    clock.advance(199 * SECOND);
    app.get("/token", &token).passes("alice");
    clock.advance(SECOND);
    assert_eq!(app.get("/token", &token).status, 503);
}

#[test]
fn row_1_jwks_stale_ttl_bridges_an_outage() {
    let (issuer, clock, app) = online(|config| {
        config.jwks_refresh_interval = 100;
        config.jwks_cache_ttl = 200;
        config.jwks_stale_ttl = 50;
    });
    let token = full_token(&issuer).audience(AUDIENCE);
    let token = token.expires_in(3600 * SECOND).sign();
    issuer.down();
    clock.advance(249 * SECOND);
    app.get("/token", &token).passes("alice");
    clock.advance(SECOND);
    assert_eq!(app.get("/token", &token).status, 503);
}

#[test]
fn row_1_jwks_prefetch_fetches_at_launch_or_ends_it() {
    let (issuer, _, _) = online(|_| {});
    assert_eq!(issuer.jwks_requests(), 1);
    let (issuer, _, _) = online(|config| config.jwks_prefetch = JwksPrefetch::Never);
    assert_eq!(issuer.jwks_requests(), 0);
    let server = TestIssuer::start();
    server.down();
    ends_the_launch("jwks_prefetch is \"require\"", |config| {
        config.iss_url = Some(server.url().into());
        config.jwks_prefetch = JwksPrefetch::Require;
    });
}

#[test]
fn row_1_jwks_cooldown_spaces_fetches_for_unknown_kids() {
    let (issuer, clock, app) = online(|config| config.jwks_cooldown = 20);
    issuer.forget_requests();
    let unknown = |kid: &str| full_token(&issuer).audience(AUDIENCE).kid(kid).sign();
    for (kid, fetches) in [("a", 1), ("b", 1), ("c", 1)] {
        app.get("/token", &unknown(kid))
            .invalid("Unknown signing key");
        assert_eq!(issuer.jwks_requests(), fetches);
    }
    clock.advance(20 * SECOND);
    app.get("/token", &unknown("d"))
        .invalid("Unknown signing key");
    assert_eq!(issuer.jwks_requests(), 2);
}

#[test]
fn row_1_http_timeout_bounds_a_whole_fetch() {
    let server = TestIssuer::start();
    server.answer_with(IssuerFault::Hang);
    let start = Instant::now();
    let app = online_app(Config {
        http_timeout: 1,
        ..config(&server)
    });
    assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
    let token = full_token(&server).audience(AUDIENCE).sign();
    assert_eq!(app.get("/token", &token).status, 503);
    ends_the_launch("http_timeout", |config| config.http_timeout = 61);
}

#[test]
fn row_1_http_ca_bundle_adds_trusted_roots() {
    let server = TestIssuer::builder().audience(AUDIENCE).https().start();
    let token = full_token(&server).sign();
    let untrusted = online_app(config(&server));
    assert_eq!(untrusted.get("/token", &token).status, 503);
    let trusted = online_app(Config {
        http_ca_bundle: Some(server.ca_file().to_owned()),
        ..config(&server)
    });
    trusted.get("/token", &token).passes("alice");
    ends_the_launch("http_ca_bundle", |config| {
        config.http_ca_bundle = Some("no/such/file.pem".into());
    });
}

#[test]
fn row_1_allow_http_is_needed_beyond_loopback() {
    let plain = |config: &mut Config| config.iss_url = Some("http://auth.example.test".into());
    ends_the_launch("allow_http", plain);
    let mut allowed = config(&offline());
    plain(&mut allowed);
    allowed.allow_http = true;
    allowed.jwks_prefetch = JwksPrefetch::Never;
    online_app(allowed).anonymous("/token").missing();
    // `http` on loopback needs no permission.
    let server = TestIssuer::start();
    let token = full_token(&server).audience(AUDIENCE).sign();
    online_app(config(&server))
        .get("/token", &token)
        .passes("alice");
}

#[test]
fn row_1_realm_is_the_issuer_unless_configured() {
    let issuer = offline();
    let challenge = |app: App| app.anonymous("/token").challenge;
    assert_eq!(
        challenge(app(&issuer, |_| {})),
        Some(format!("Bearer realm=\"{ISSUER}\""))
    );
    let named = app(&issuer, |config| config.realm = Some("shop".into()));
    assert_eq!(challenge(named), Some("Bearer realm=\"shop\"".into()));
    let server = TestIssuer::start();
    let unnamed = online_app(Config {
        iss_url: None,
        jwks_url: Some(server.jwks_url().into()),
        ..config(&server)
    });
    assert_eq!(
        challenge(unnamed),
        Some(format!("Bearer realm=\"{AUDIENCE}\""))
    );
}

#[test]
fn row_1_max_token_bytes_refuses_a_longer_token() {
    let issuer = offline();
    let token = full_token(&issuer).sign();
    let limit = |bytes: usize| app(&issuer, |config| config.max_token_bytes = bytes);
    limit(token.len()).get("/token", &token).passes("alice");
    limit(token.len() - 1)
        .get("/token", &token)
        .invalid("Malformed token");
}

#[test]
fn row_1_token_cache_capacity_changes_no_verdict() {
    let issuer = offline();
    let token = full_token(&issuer).sign();
    for capacity in [0, 1, 8192] {
        let app = app(&issuer, |config| config.token_cache_capacity = capacity);
        for _ in 0..3 {
            app.get("/token", &token).passes("alice");
            app.get("/token", &full_token(&issuer).expired().sign())
                .invalid("Token has expired");
        }
    }
}

/// The document of an application with `change` applied to its settings.
fn metadata(change: impl FnOnce(&mut Config)) -> Option<Value> {
    let path = "/.well-known/oauth-protected-resource";
    let answer = app(&offline(), change).anonymous(path);
    (answer.status == 200).then(|| rocket::serde::json::from_str(&answer.body).expect("JSON"))
}

#[test]
fn row_1_public_url_is_the_identifier_unless_there_is_one() {
    assert_eq!(metadata(|_| {}), None);
    let public = |config: &mut Config| config.public_url = Some("https://api.example.test/".into());
    let resource = |document: Option<Value>| document.expect("a document")["resource"].clone();
    assert_eq!(resource(metadata(public)), "https://api.example.test");
    let both = metadata(|config| {
        public(config);
        config.resource.identifier = Some("https://api.example.test/mcp".into());
    });
    assert_eq!(resource(both), "https://api.example.test/mcp");
    ends_the_launch("public_url (code", |config| {
        config.public_url = Some("https://api.example.test/?x".into());
    });
}

#[test]
fn row_1_resource_has_texts_urls_scopes_and_servers() {
    let text = |text: &str| Some(text.to_owned());
    let document = metadata(|config| {
        config.resource = ResourceConfig {
            identifier: text(AUDIENCE),
            name: text("Orders \u{e4}"),
            documentation: text("http://docs.example.test/?page=1#here"),
            scopes: texts(&["a", "b:c"]),
            authorization_servers: texts(&["https://a.example.test", "http://127.0.0.1:9000"]),
            ..ResourceConfig::default()
        };
    })
    .expect("a document");
    assert_eq!(document["resource_name"], "Orders \u{e4}");
    assert_eq!(
        document["authorization_servers"],
        json!(["https://a.example.test", "http://127.0.0.1:9000"])
    );
    let set = |change: fn(&mut ResourceConfig)| {
        move |config: &mut Config| {
            config.resource.identifier = Some(AUDIENCE.into());
            change(&mut config.resource);
        }
    };
    ends_the_launch("resource.name (code", set(|it| it.name = Some(" ".into())));
    ends_the_launch(
        "resource.documentation (code",
        set(|it| it.documentation = Some("docs".into())),
    );
    ends_the_launch(
        "resource.policy (code",
        set(|it| it.policy = Some("javascript:x".into())),
    );
    ends_the_launch(
        "resource.tos (code",
        set(|it| it.tos = Some("ftp://x".into())),
    );
    ends_the_launch(
        "resource.scopes (code",
        set(|it| it.scopes = texts(&["a", "b c"])),
    );
    let server = "resource.authorization_servers (code";
    ends_the_launch(
        server,
        set(|it| it.authorization_servers = texts(&["http://a.example.test"])),
    );
    ends_the_launch(
        server,
        set(|it| it.authorization_servers = texts(&["https://a.example.test?x"])),
    );
}
