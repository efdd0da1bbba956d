//! `token_header`: tokens that a proxy hands on in a header of its own.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Config, IssuerConfig};
use rocket::http::{Header, Method};

use crate::support::{
    AUDIENCE, Answer, App, config, full_token, offline, online_app, rocket, routes,
};

const HEADER: &str = "Cf-Access-Jwt-Assertion";
const WORDS: &str = "Invalid Authorization header";

/// An application whose only issuer has a header of its own.
fn app(issuer: &TestIssuer) -> App {
    let config = Config {
        token_header: Some(HEADER.into()),
        ..config(issuer)
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount("/", routes()))
}

fn get(app: &App, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| Header::new(*name, (*value).to_owned()));
    app.with_headers(Method::Get, path, headers)
}

#[test]
fn a_bare_token_in_the_header_is_accepted_whatever_the_case_of_its_name() {
    let issuer = offline();
    let app = app(&issuer);
    let token = full_token(&issuer).sign();
    for name in [HEADER, "cf-access-jwt-assertion", "CF-ACCESS-JWT-ASSERTION"] {
        get(&app, "/token", &[(name, &token)]).passes("alice");
    }
    get(&app, "/scope", &[(HEADER, &token)]).passes("scope");
    get(&app, "/states", &[(HEADER, &token)]).passes("verified alice");
}

#[test]
fn without_the_header_or_with_an_empty_one_there_is_no_token() {
    let app = app(&offline());
    app.anonymous("/token").missing();
    get(&app, "/token", &[(HEADER, "")]).missing();
    get(&app, "/states", &[(HEADER, "")]).passes("missing_token");
}

#[test]
fn its_token_is_not_accepted_in_authorization() {
    let issuer = offline();
    let (app, token) = (app(&issuer), full_token(&issuer).sign());
    app.get("/token", &token).invalid("Invalid token issuer");
    // Nor from the cache.
    get(&app, "/token", &[(HEADER, &token)]).passes("alice");
    app.get("/token", &token).invalid("Invalid token issuer");
    get(&app, "/token", &[(HEADER, &token)]).passes("alice");
}

#[test]
fn it_never_counts_beside_authorization_or_twice() {
    let issuer = offline();
    let (app, token) = (app(&issuer), full_token(&issuer).sign());
    let (bearer, other) = (format!("Bearer {token}"), full_token(&issuer).sign());
    let refused = |headers: &[(&'static str, &str)]| {
        get(&app, "/token", headers).refused(400, "invalid_request", WORDS);
        get(&app, "/states", headers).passes("invalid_request");
    };
    refused(&[(HEADER, &token), ("Authorization", &bearer)]);
    refused(&[("Authorization", &bearer), (HEADER, &token)]);
    refused(&[(HEADER, &token), ("Authorization", "Bearer")]);
    refused(&[(HEADER, &token), ("Authorization", "bearer x y")]);
    refused(&[(HEADER, &token), (HEADER, &token)]);
    refused(&[(HEADER, &token), (HEADER, &other)]);
    refused(&[(HEADER, &token), (HEADER, "")]);
    refused(&[
        (HEADER, &token),
        ("Authorization", "Basic YTpi"),
        ("Authorization", "Basic YTpi"),
    ]);
    // Credentials of a proxy are no token.
    for scheme in ["Basic YTpi", "Digest x", ""] {
        let headers = [(HEADER, token.as_str()), ("Authorization", scheme)];
        get(&app, "/token", &headers).passes("alice");
    }
}

#[test]
fn anything_but_one_bare_token_is_malformed() {
    let issuer = offline();
    let (app, token) = (app(&issuer), full_token(&issuer).sign());
    for value in [
        format!("Bearer {token}"),
        format!("{token},{token}"),
        format!("{token}, {token}"),
        format!(" {token}"),
        format!("{token} "),
        format!("\"{token}\""),
        format!("{token}="),
        "x".repeat(20_000),
        "a.b".to_owned(),
    ] {
        get(&app, "/token", &[(HEADER, &value)]).invalid("Malformed token");
    }
}

#[test]
fn other_headers_of_proxies_are_ignored() {
    let issuer = offline();
    let (app, token) = (app(&issuer), full_token(&issuer).sign());
    for name in ["X-Goog-IAP-JWT-Assertion", "X-Amzn-Oidc-Data", "X-Token"] {
        get(&app, "/token", &[(name, &token)]).missing();
        get(&app, "/token", &[(name, "x"), (HEADER, &token)]).passes("alice");
    }
}

#[test]
fn without_the_setting_no_such_header_is_read() {
    let issuer = offline();
    let app = crate::support::app(&issuer);
    let token = full_token(&issuer).sign();
    get(&app, "/token", &[(HEADER, &token)]).missing();
    let bearer = format!("Bearer {token}");
    get(&app, "/token", &[(HEADER, "x"), ("Authorization", &bearer)]).passes("alice");
}

#[test]
fn each_issuer_has_its_own_header_and_tokens_do_not_change_places() {
    let [users, proxy, iap] = [(); 3].map(|()| TestIssuer::start());
    let entry = |issuer: &TestIssuer, header: &str| IssuerConfig {
        iss_url: Some(issuer.url().into()),
        token_header: Some(header.into()),
        ..IssuerConfig::default()
    };
    const IAP: &str = "X-Goog-IAP-JWT-Assertion";
    let app = online_app(Config {
        issuers: vec![entry(&proxy, HEADER), entry(&iap, IAP)],
        ..config(&users)
    });
    let token = |issuer| full_token(issuer).audience(AUDIENCE).sign();
    let tokens = [&users, &proxy, &iap].map(token);
    let sent = |header: usize, token: &str| match header {
        0 => app.get("/token", token),
        1 => get(&app, "/token", &[(HEADER, token)]),
        _ => get(&app, "/token", &[(IAP, token)]),
    };
    // Twice: the second time from the cache.
    for header in [0, 1, 2, 2, 1, 0] {
        for (issuer, token) in tokens.iter().enumerate() {
            let answer = sent(header, token);
            match header == issuer {
                true => answer.passes("alice"),
                false => answer.invalid("Invalid token issuer"),
            }
        }
    }
    let both = [(HEADER, tokens[1].as_str()), (IAP, tokens[2].as_str())];
    get(&app, "/token", &both).refused(400, "invalid_request", WORDS);
}

#[cfg(feature = "introspection")]
#[test]
fn an_opaque_token_is_not_shown_to_an_issuer_of_another_header() {
    use axioms_rocket::IntrospectionConfig;

    let (server, proxy) = (TestIssuer::start(), TestIssuer::start());
    let entry = IssuerConfig {
        iss_url: Some(proxy.url().into()),
        token_header: Some(HEADER.into()),
        ..IssuerConfig::default()
    };
    let app = online_app(Config {
        introspection: Some(IntrospectionConfig {
            url: Some(format!("{}/introspect", server.url())),
            client_id: Some("api".into()),
            client_secret: Some(axioms_rocket::Secret::new("secret")),
            ..IntrospectionConfig::default()
        }),
        issuers: vec![entry],
        ..config(&server)
    });
    let asked = || {
        let mut requests = server.requests().into_iter();
        requests.any(|request| request.target == "/introspect")
    };
    get(&app, "/token", &[(HEADER, "of-the-proxy")]).invalid("Malformed token");
    assert!(!asked());
    assert_ne!(app.get("/token", "of-the-server").status, 200);
    assert!(asked());
}
