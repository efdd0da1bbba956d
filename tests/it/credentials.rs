//! Chapter 2 of docs/behaviour.md: the credentials.

use axioms_rocket::AxiomsFairing;
use rocket::http::{ContentType, Cookie, Header, Method};

use crate::server::{Server, status};
use crate::support::{app, app_with, config, full_token, offline, rocket, routes};

#[test]
fn row_2_1_no_header_is_a_missing_token_and_the_challenge_has_no_error() {
    let issuer = offline();
    let app = app(&issuer);
    for path in ["/token", "/scope", "/role", "/permission", "/someone"] {
        app.anonymous(path).missing();
    }
    let answer = app.anonymous("/token");
    assert_eq!(
        answer.challenge.as_deref(),
        Some("Bearer realm=\"https://issuer.example.test\"")
    );
    app.anonymous("/public").passes("public");
}

#[test]
fn row_2_2_another_scheme_is_not_a_bearer_token() {
    let issuer = offline();
    let app = app(&issuer);
    let token = full_token(&issuer).sign();
    for header in [
        "Basic dTpw",
        "Digest x",
        "Bearerx a.b.c",
        &format!("DPoP {token}"),
        &format!("Token {token}"),
        &format!("JWT {token}"),
        &token,
    ] {
        for path in ["/token", "/scope", "/someone"] {
            app.call(Method::Get, path, &[header]).not_bearer();
        }
    }
}

#[test]
fn row_2_3_an_empty_header_is_a_missing_token() {
    let issuer = offline();
    let app = app(&issuer);
    for header in ["", " ", "\t"] {
        app.call(Method::Get, "/token", &[header]).missing();
    }
}

#[test]
fn row_2_4_a_bearer_header_that_is_no_b64token_is_an_invalid_token() {
    let issuer = offline();
    let app = app(&issuer);
    let token = full_token(&issuer).sign();
    let tab = format!("Bearer\t{token}");
    let comma = format!("Bearer {token}, Basic x");
    let quoted = format!("Bearer \"{token}\"");
    for header in [
        "Bearer",
        "Bearer ",
        "Bearer    ",
        "Bearer a b",
        "Bearer ä",
        "Bearer a=b",
        "Bearer =",
        &tab,
        &comma,
        &quoted,
    ] {
        app.call(Method::Get, "/token", &[header])
            .invalid("Invalid Authorization header");
    }
}

#[test]
fn row_2_5_the_scheme_has_no_case_and_spaces_are_ignored() {
    let issuer = offline();
    let app = app(&issuer);
    let token = full_token(&issuer).sign();
    for header in [
        "bearer {}",
        "BEARER {}",
        "bEaReR {}",
        "Bearer     {}",
        "Bearer {}   ",
    ] {
        app.call(Method::Get, "/token", &[&header.replace("{}", &token)])
            .passes("alice");
    }
}

#[test]
fn row_2_6_two_headers_are_an_invalid_request_whatever_their_schemes() {
    let issuer = offline();
    let app = app(&issuer);
    let good = format!("Bearer {}", full_token(&issuer).sign());
    for pair in [
        [good.as_str(), good.as_str()],
        [&good, "Basic dTpw"],
        ["Basic dTpw", &good],
        ["Basic a", "Basic b"],
        ["", &good],
    ] {
        let answer = app.call(Method::Get, "/token", &pair);
        answer.refused(400, "invalid_request", "Invalid Authorization header");
    }
}

#[test]
fn the_header_name_has_no_case_and_similar_names_are_others() {
    let issuer = offline();
    let app = app(&issuer);
    let good = format!("Bearer {}", full_token(&issuer).sign());
    let status = |headers: &[(&'static str, &str)]| {
        let mut request = app.0.get("/token");
        for (name, value) in headers {
            request.add_header(Header::new(*name, (*value).to_owned()));
        }
        request.dispatch().status().code
    };
    for name in [
        "Authorization",
        "authorization",
        "AUTHORIZATION",
        "aUTHORIZATION",
    ] {
        assert_eq!(
            status(&[("X-First", "x"), (name, &good), ("X-Last", "x")]),
            200,
            "{name}"
        );
        assert_eq!(
            status(&[
                (name, &good),
                ("X-Between", "x"),
                ("Authorization", "Basic dTpw")
            ]),
            400,
            "{name}"
        );
    }
    for name in [
        "Authorization-Info",
        "Proxy-Authorization",
        "Authorizatio",
        "X",
    ] {
        assert_eq!(status(&[(name, &good)]), 401, "{name}");
        assert_eq!(
            status(&[(name, &good), ("Authorization", &good)]),
            200,
            "{name}"
        );
        assert_eq!(
            status(&[("Authorization", &good), (name, "Basic dTpw")]),
            200,
            "{name}"
        );
    }
}

/// Rocket hands on only headers that are UTF-8 text: a header that it drops is neither credentials
/// nor a second header.
#[tokio::test]
async fn row_2_1_a_header_that_is_not_text_is_no_header() {
    let issuer = offline();
    let fairing = AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks());
    let server = Server::start(rocket(fairing).mount("/", routes())).await;
    let get = async |headers: &[&[u8]]| {
        let (head, body) = server.send("GET /token", headers).await;
        (status(&head).to_owned(), body)
    };

    let missing =
        "{\"error\":\"missing_token\",\"error_description\":\"Missing Authorization header\"}";
    let odd: &[u8] = b"Authorization: Bearer \xff";
    let good = format!("Authorization: Bearer {}", full_token(&issuer).sign()).into_bytes();
    assert_eq!(get(&[odd]).await, ("401".into(), missing.into()));
    assert_eq!(get(&[&good, odd]).await, ("200".into(), "alice".into()));
    assert_eq!(get(&[&good, &good]).await.0, "400");
    server.end().await;
}

#[test]
fn row_2_7_a_token_elsewhere_is_ignored() {
    let issuer = offline();
    let app = app(&issuer);
    let token = full_token(&issuer).sign();
    app.anonymous(&format!("/token?access_token={token}"))
        .missing();
    let cookie = app
        .0
        .get("/token")
        .cookie(Cookie::new("access_token", token.clone()))
        .dispatch();
    assert_eq!(cookie.status().code, 401);
    let form = app
        .0
        .get("/token")
        .header(ContentType::Form)
        .body(format!("access_token={token}"))
        .dispatch();
    assert_eq!(form.status().code, 401);
    // And it does not disturb a good one.
    app.get("/token?access_token=other", &token).passes("alice");
}

#[test]
fn row_2_8_a_token_that_is_too_long_is_refused_unread() {
    let issuer = offline();
    let app = app(&issuer);
    let long = full_token(&issuer)
        .claim("padding", "x".repeat(16_384))
        .sign();
    assert!(long.len() > 16_384);
    app.get("/token", &long).invalid("Malformed token");
    app.get("/token", &"a".repeat(16_385))
        .invalid("Malformed token");

    let token = full_token(&issuer).sign();
    let mut exact = config(&issuer);
    exact.max_token_bytes = token.len();
    app_with(&issuer, exact.clone())
        .get("/token", &token)
        .passes("alice");
    exact.max_token_bytes = token.len() - 1;
    app_with(&issuer, exact)
        .get("/token", &token)
        .invalid("Malformed token");
}
