//! Chapter 14 of docs/behaviour.md: presets. `tests/providers/tokens.json` has for each what an
//! operator writes, tokens of its shape, and tokens that it must refuse.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, ClaimShape, Config, Lacks, Roles, ValidToken, roles};
use rocket::error::ErrorKind;
use rocket::serde::Deserialize;
use rocket::serde::json::{Json, Value, from_str, json};
use rocket::{get, routes};
use serde_json::from_value;

use crate::recorder::launch;
use crate::support::{Answer, App, rocket};

#[derive(Deserialize)]
#[serde(crate = "rocket::serde", deny_unknown_fields)]
struct Product {
    provider: String,
    settings: Value,
    /// The header in which its tokens come, if it is not `Authorization`.
    sent_in: Option<String>,
    tokens: Vec<Token>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde", deny_unknown_fields)]
struct Token {
    of: String,
    header: BTreeMap<String, Value>,
    claims: BTreeMap<String, Value>,
    /// The answer of `/holds`.
    holds: Value,
}

/// The first token of the product, changed.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde", deny_unknown_fields)]
struct Refused {
    what: String,
    answer: String,
    header: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    without: Vec<String>,
}

fn products() -> Vec<Product> {
    from_str(include_str!("../providers/tokens.json")).expect("the tokens")
}

#[get("/holds")]
fn holds(token: ValidToken) -> Json<Value> {
    let names = |names: Vec<&str>| names.into_iter().map(Value::from).collect::<Value>();
    Json(json!({
        "subject": token.subject(),
        "client": token.client_id(),
        "scopes": names(token.scopes().collect()),
        "roles": names(token.roles().collect()),
        "permissions": names(token.permissions().collect()),
    }))
}

/// The keys of all products, so that only the preset tells their tokens apart.
fn issuer() -> TestIssuer {
    TestIssuer::builder()
        .algorithms([Alg::Rs256, Alg::Es256, Alg::Es384])
        .offline("https://issuer.example.test")
}

fn app(issuer: &TestIssuer, config: Config) -> App {
    app_with(issuer.jwks(), config)
}

fn app_with(keys: String, config: Config) -> App {
    let fairing = AxiomsFairing::from_config(config).with_keys(keys);
    App::launch(rocket(fairing).mount("/", routes![holds, editor, not_editor]))
}

fn app_of(issuer: &TestIssuer, product: &Product) -> App {
    let config: Config = from_value(product.settings.clone()).expect("settings");
    // In a bundle of SPIFFE each key says for what it is.
    let usage = match config.trust_domain {
        Some(_) => "jwt-svid",
        None => "sig",
    };
    let keys = issuer
        .jwks()
        .replace(r#""use":"sig""#, &format!(r#""use":"{usage}""#));
    app_with(keys, config)
}

impl Product {
    /// Sends `token` as this product sends its own.
    fn send(&self, app: &App, token: &str) -> Answer {
        match &self.sent_in {
            None => app.get("/holds", token),
            Some(header) => app.get_with("/holds", header, token),
        }
    }
}

impl Token {
    /// Signs it as of now.
    fn sign(&self, issuer: &TestIssuer) -> String {
        let mut token = issuer.token();
        for name in [
            "iss",
            "sub",
            "aud",
            "iat",
            "nbf",
            "exp",
            "jti",
            "client_id",
            "scope",
        ] {
            token = token.without(name);
        }
        for (name, value) in &self.claims {
            token = token.claim(name, value.clone());
        }
        let now = SystemTime::now();
        token = token
            .issued_at(now)
            .expires_at(now + Duration::from_secs(60));
        if self.claims.contains_key("nbf") {
            token = token.not_before(now);
        }
        token = token.without_header("typ");
        for (name, value) in self.header.iter().filter(|(name, _)| *name != "alg") {
            token = token.header(name, value.clone());
        }
        let alg = self.header["alg"].as_str().expect("an algorithm");
        let alg = Alg::ALL.iter().find(|known| known.name() == alg);
        token.algorithm(*alg.expect("a known algorithm")).sign()
    }
}

impl Refused {
    fn of(&self, good: &Token) -> Token {
        let mut claims = good.claims.clone();
        claims.extend(self.set.clone());
        claims.retain(|name, _| !self.without.contains(name));
        Token {
            of: self.what.clone(),
            header: self.header.clone().unwrap_or_else(|| good.header.clone()),
            claims,
            holds: Value::Null,
        }
    }
}

#[test]
fn row_14_1_each_preset_accepts_the_tokens_of_its_product() {
    let issuer = issuer();
    for product in products() {
        let app = app_of(&issuer, &product);
        for token in &product.tokens {
            let answer = product.send(&app, &token.sign(&issuer));
            let of = format!("{}: {}: {answer:?}", product.provider, token.of);
            assert_eq!(answer.status, 200, "{of}");
            assert_eq!(
                from_str::<Value>(&answer.body).unwrap(),
                token.holds,
                "{of}"
            );
        }
    }
}

#[test]
fn row_14_1_each_preset_refuses_what_is_no_access_token_of_its_product() {
    let issuer = issuer();
    for product in products() {
        let app = app_of(&issuer, &product);
        assert!(!product.refused.is_empty(), "{}", product.provider);
        for refused in &product.refused {
            let token = refused.of(&product.tokens[0]).sign(&issuer);
            let answer = product.send(&app, &token);
            println!("{}: {}", product.provider, refused.what);
            answer.refused(401, "invalid_token", &refused.answer);
        }
    }
}

#[test]
fn row_14_1_each_preset_refuses_the_tokens_of_four_others() {
    let issuer = issuer();
    let products = products();
    for (at, product) in products.iter().enumerate() {
        let app = app_of(&issuer, product);
        for step in [1, 4, 9, 16] {
            let other = &products[(at + step) % products.len()];
            let answer = product.send(&app, &other.tokens[0].sign(&issuer));
            // By the first check that tells them apart.
            let answers = [
                "Unsupported algorithm",
                "Invalid token type",
                "Invalid token issuer",
                // Tokens of SPIFFE have no `iss`, so that it is not checked.
                "Invalid token audience",
            ];
            let answers = &answers[..3 + usize::from(product.provider == "spiffe")];
            let said = answers.iter().find(|said| answer.body.contains(**said));
            let said = said.unwrap_or_else(|| {
                panic!("{} of {}: {answer:?}", product.provider, other.provider)
            });
            answer.refused(401, "invalid_token", said);
        }
    }
}

#[test]
fn row_14_1_tokens_of_a_proxy_are_accepted_in_its_header_alone() {
    let issuer = issuer();
    let products = products();
    let of_proxies: Vec<_> = products.iter().filter(|it| it.sent_in.is_some()).collect();
    assert_eq!(of_proxies.len(), 3);
    for product in of_proxies {
        let app = app_of(&issuer, product);
        let answer = app.get("/holds", &product.tokens[0].sign(&issuer));
        answer.refused(401, "invalid_token", "Invalid token issuer");
    }
}

#[test]
fn row_14_1_what_the_operator_sets_is_above_the_preset() {
    let issuer = issuer();
    let products = products();
    let keycloak = products
        .iter()
        .find(|it| it.provider == "keycloak")
        .expect("it");
    let mut settings = keycloak.settings.clone();
    settings["roles_claims"] = json!(["resource_access.orders-api.roles"]);
    // The table of the preset is merged, so that `typ` is still checked.
    settings["expected_claims"] = json!({ "azp": "demo-app" });
    let app = app(&issuer, from_value(settings).unwrap());
    let answer = app.get("/holds", &keycloak.tokens[0].sign(&issuer));
    let held: Value = from_str(&answer.body).unwrap();
    assert_eq!(held["roles"], json!(["orders-admin"]));
    for (claim, value) in [("typ", json!("Other")), ("azp", json!("other"))] {
        let refused = Refused {
            what: claim.into(),
            answer: String::new(),
            header: None,
            set: [(claim.to_owned(), value)].into(),
            without: Vec::new(),
        };
        let token = refused.of(&keycloak.tokens[0]).sign(&issuer);
        let answer = app.get("/holds", &token);
        answer.refused(401, "invalid_token", "Token is missing a required claim");
    }
}

#[test]
fn row_14_1_each_of_several_issuers_has_a_preset_of_its_own() {
    let issuer = issuer();
    let products = products();
    let find = |name: &str| products.iter().find(|it| it.provider == name).expect("it");
    let (auth0, logto) = (find("auth0"), find("logto"));
    let mut settings = auth0.settings.clone();
    settings["issuers"] = json!([logto.settings]);
    // Keys are handed over for the first issuer; those of the other are at its address.
    let served = TestIssuer::builder().algorithms([Alg::Es384]).start();
    settings["issuers"][0]["jwks_url"] = served.jwks_url().into();
    let app = app(&issuer, from_value(settings).unwrap());
    assert_eq!(
        app.get("/holds", &auth0.tokens[0].sign(&issuer)).status,
        200
    );
    assert_eq!(
        app.get("/holds", &logto.tokens[0].sign(&served)).status,
        200
    );
    // Its tokens need the type that its preset asks for; the first issuer's do not.
    let id_token = logto.refused[0].of(&logto.tokens[0]).sign(&served);
    let answer = app.get("/holds", &id_token);
    answer.refused(401, "invalid_token", "Invalid token type");
}

roles! { pub Editor = "editor"; }

#[get("/editor")]
fn editor(_editor: Roles<Editor>) -> &'static str {
    "editor"
}

#[get("/not_editor")]
fn not_editor(_other: axioms_rocket::Require<Lacks<Roles<Editor>>>) -> &'static str {
    "other"
}

/// Asserts the answers of a guard for the role, and of one for its absence.
#[track_caller]
fn answers(app: &App, issuer: &TestIssuer, roles: &Value, held: u16, lacking: u16) {
    let token = issuer.token().claim("roles", roles.clone()).sign();
    let answers = ["/editor", "/not_editor"].map(|path| app.get(path, &token).status);
    assert_eq!(answers, [held, lacking], "{roles}");
}

#[test]
fn row_14_3_a_shape_reads_keys_one_text_and_commas() {
    let issuer = crate::support::offline();
    let app = |shape| {
        let config = Config {
            roles_shape: shape,
            namespaced_claims: false,
            ..crate::support::config(&issuer)
        };
        app(&issuer, config)
    };
    let keys = app(ClaimShape::Keys);
    for (roles, held, lacking) in [
        (json!({"editor": {"org": "a"}, "b": {"org": "c"}}), 200, 403),
        (json!([{"a": {"o": 1}}, {"editor": {"o": 1}}]), 200, 403),
        (json!({"editor": true}), 200, 403),
        (json!({"editor": "a"}), 200, 403),
        (json!({"a": {"editor": "a"}}), 403, 200),
        (json!({}), 403, 200),
        (json!([]), 403, 200),
        // Named and not held: neither guard passes.
        (json!({"editor": null}), 403, 403),
        (json!({"editor": false}), 403, 403),
        (json!({"editor": {}}), 403, 403),
        (json!({"editor": []}), 403, 403),
        (json!({"editor": ""}), 403, 403),
        (json!({"editor": 1}), 403, 403),
        (json!({"editor,a": true}), 403, 403),
        // Of a wrong type: holds nothing, and lacks nothing.
        (json!("editor"), 403, 403),
        (json!(["editor"]), 403, 403),
        (json!([{"editor": true}, "editor"]), 403, 403),
        (json!(5), 403, 403),
        (json!(null), 403, 403),
    ] {
        answers(&keys, &issuer, &roles, held, lacking);
    }
    let text = app(ClaimShape::Text);
    for (roles, held, lacking) in [
        (json!("editor"), 200, 403),
        (json!(["editor"]), 200, 403),
        (json!("viewer"), 403, 200),
        (json!("chief editor"), 403, 403),
        (json!("editor,viewer"), 403, 403),
        (json!(" editor"), 403, 403),
        (json!({"editor": true}), 403, 403),
        (json!(true), 403, 403),
    ] {
        answers(&text, &issuer, &roles, held, lacking);
    }
    let comma = app(ClaimShape::Comma);
    for (roles, held, lacking) in [
        (json!("a,editor"), 200, 403),
        (json!("a , editor , b"), 200, 403),
        (json!("editor"), 200, 403),
        (json!(["editor"]), 200, 403),
        (json!("a,b"), 403, 200),
        (json!(""), 403, 200),
        (json!(",,"), 403, 200),
        (json!("a editor"), 403, 403),
        (json!("a\teditor"), 403, 403),
        (json!(["a,editor"]), 403, 403),
        (json!({"editor": true}), 403, 403),
    ] {
        answers(&comma, &issuer, &roles, held, lacking);
    }
    // The default, as before.
    let list = app(ClaimShape::List);
    answers(&list, &issuer, &json!("a editor"), 200, 403);
    answers(&list, &issuer, &json!("a,editor"), 403, 403);
    answers(&list, &issuer, &json!({"editor": true}), 403, 403);
}

#[test]
fn row_1_provider_sets_what_the_tokens_of_a_product_need() {
    let issuer = TestIssuer::builder()
        .algorithms([Alg::Rs256, Alg::Es256])
        .offline("https://acme.eu.auth0.com/");
    let config = Config {
        audience: vec!["https://api.example.test".into()],
        provider: Some("auth0".into()),
        domain: Some("acme.eu.auth0.com".into()),
        ..Config::default()
    };
    let app = app(&issuer, config);
    let token = || issuer.token().algorithm(Alg::Rs256);
    assert_eq!(app.get("/holds", &token().sign()).status, 200);
    let without_slash = token().issuer("https://acme.eu.auth0.com").sign();
    app.get("/holds", &without_slash)
        .invalid("Invalid token issuer");
    let other = issuer.token().algorithm(Alg::Es256).sign();
    app.get("/holds", &other).invalid("Unsupported algorithm");
}

#[test]
fn row_1_tenant_is_a_part_of_the_issuer_of_some_providers() {
    let issuer = TestIssuer::builder()
        .algorithms([Alg::Es384])
        .offline("https://acme.logto.app/oidc");
    let config = |provider: Option<&str>| Config {
        audience: vec!["https://api.example.test".into()],
        provider: provider.map(str::to_owned),
        tenant: Some("acme".into()),
        ..Config::default()
    };
    let app = app(&issuer, config(Some("logto")));
    let token = issuer.token().typ("at+jwt").client_id("c");
    assert_eq!(app.get("/holds", &token.sign()).status, 200);
    let fairing = AxiomsFairing::from_config(config(None)).with_keys(issuer.jwks());
    let (launched, log) = launch(rocket(fairing));
    let error = launched.expect_err("a part without a provider");
    assert!(
        matches!(error.kind(), ErrorKind::FailedFairings(_)),
        "{error}"
    );
    assert!(
        log.0
            .contains("tenant (code (AxiomsFairing::from_config)): "),
        "{}",
        log.0
    );
}

#[test]
fn row_1_roles_shape_is_the_form_of_the_claim_that_holds_roles() {
    let issuer = crate::support::offline();
    let config = Config {
        roles_shape: ClaimShape::Comma,
        ..crate::support::config(&issuer)
    };
    let app = app(&issuer, config);
    let token = issuer.token().claim("roles", "a, b c");
    let token = token.claim("permissions", "a,b c").sign();
    let held: Value = from_str(&app.get("/holds", &token).body).unwrap();
    assert_eq!(held["roles"], json!(["a", "b c"]));
    assert_eq!(held["permissions"], json!(["a,b", "c"]));
}

#[test]
fn row_1_permissions_shape_is_the_form_of_the_claim_of_permissions() {
    let issuer = crate::support::offline();
    let config = Config {
        permissions_shape: ClaimShape::Keys,
        ..crate::support::config(&issuer)
    };
    let app = app(&issuer, config);
    let token = issuer.token().claim("roles", json!({"a": true}));
    let token = token
        .claim("permissions", json!({"a": true, "b": null}))
        .sign();
    let held: Value = from_str(&app.get("/holds", &token).body).unwrap();
    assert_eq!(held["roles"], json!([]));
    assert_eq!(held["permissions"], json!(["a"]));
}

#[test]
fn the_launch_names_the_provider_and_warns_of_one_that_is_open_to_all() {
    let issuer = issuer();
    let log_of = |provider: &str, expected: Value| {
        let settings = json!({
            "provider": provider, "audience": "https://api.example.test",
            "expected_claims": expected,
        });
        let config = from_value(settings).unwrap();
        let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
        let (launched, log) = launch(rocket(fairing));
        launched.expect("the application starts");
        log
    };
    for (provider, claim) in [
        ("github-actions", "repository_owner"),
        ("gitlab-ci", "namespace_path"),
        ("google", "email"),
    ] {
        let log = log_of(provider, json!({}));
        assert!(
            log.0.contains(&format!(" ({provider}, audience ")),
            "{}",
            log.0
        );
        let (level, line) = log.line("any audience");
        assert_eq!(level, "WARN");
        assert!(line.contains(&format!("{{ {claim} = \"…\" }}")), "{line}");
        let narrowed = log_of(provider, json!({ claim: "acme" }));
        assert_eq!(narrowed.lines("any audience"), [""; 0]);
    }
    assert_eq!(
        log_of("kubernetes", json!({})).lines("any audience"),
        [""; 0]
    );
}
