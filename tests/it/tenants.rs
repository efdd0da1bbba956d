//! Issuers of many tenants, row 14.4: a template, its tenants, and keys that issuers share.

use std::borrow::Cow;

use axioms_rocket::testing::{TestIssuer, TokenBuilder};
use axioms_rocket::{
    Authenticated, AxiomsFairing, Config, HasOwner, IssuedBy, IssuerConfig, Owned, Tenant,
    ValidToken, issuers,
};
use rocket::error::ErrorKind;
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::{Value, json};
use rocket::{Request, get, routes};

use crate::recorder;
use crate::support::{AUDIENCE, App, bare_rocket, offline, rocket, routes};

const ENTRA: &str = "https://login.microsoftonline.com/{tenant}/v2.0";
const A: &str = "11111111-2222-3333-4444-555555555555";
const B: &str = "99999999-8888-7777-6666-555555555555";

issuers! { Customers = "customers"; }

fn iss(tenant: &str) -> String {
    ENTRA.replace("{tenant}", tenant)
}

/// Trusts the tenants `tenants` of Entra.
fn entra(tenants: &[&str]) -> Config {
    of(ENTRA, tenants)
}

fn of(iss_url: &str, tenants: &[&str]) -> Config {
    Config {
        audience: vec![AUDIENCE.into()],
        iss_url: Some(iss_url.into()),
        jwks_url: Some("https://keys.example.test/keys".into()),
        tenants: Some(tenants.iter().map(|tenant| (*tenant).to_owned()).collect()),
        ..Config::default()
    }
}

#[get("/tenant")]
fn tenant(tenant: Tenant) -> String {
    format!("{} {}", tenant.name(), tenant.issuer())
}

#[get("/customers")]
fn customers(_from: IssuedBy<Customers, Authenticated>) -> &'static str {
    "customers"
}

struct Article {
    issuer: Option<String>,
}

impl HasOwner for Article {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("alice".into())
    }

    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        self.issuer.as_deref().map(Cow::from)
    }
}

/// The query is the issuer of its owner.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Article {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let issuer = request.query_value::<String>("issuer");
        Outcome::Success(Article {
            issuer: issuer.and_then(Result::ok),
        })
    }
}

#[get("/article")]
fn article(_article: Owned<Article>) -> &'static str {
    "article"
}

fn app(issuer: &TestIssuer, config: Config) -> App {
    app_with_keys(&issuer.jwks(), config)
}

fn app_with_keys(keys: &str, config: Config) -> App {
    let config = Config {
        jwks_url: None,
        ..config
    };
    let rocket = rocket(AxiomsFairing::from_config(config).with_keys(keys));
    App::launch(
        rocket
            .mount("/", routes())
            .mount("/", routes![tenant, article]),
    )
}

fn token<'i>(issuer: &'i TestIssuer, iss: &str) -> TokenBuilder<'i> {
    issuer.token().subject("alice").claim("iss", iss)
}

#[test]
fn row_14_4_a_listed_tenant_passes_and_another_does_not() {
    let issuer = offline();
    let app = app(&issuer, entra(&[A]));
    app.get("/token", &token(&issuer, &iss(A)).sign())
        .passes("alice");
    app.get("/tenant", &token(&issuer, &iss(A)).sign())
        .passes(&format!("{A} {}", iss(A)));
    for tenant in [B, "common", "{tenant}", "*", ""] {
        app.get("/token", &token(&issuer, &iss(tenant)).sign())
            .invalid("Invalid token issuer");
    }
}

#[test]
fn row_14_4_a_star_is_every_tenant() {
    let issuer = offline();
    let app = app(&issuer, entra(&["*"]));
    for tenant in [A, B, "contoso", "a", "A-1"] {
        app.get("/tenant", &token(&issuer, &iss(tenant)).sign())
            .passes(&format!("{tenant} {}", iss(tenant)));
    }
}

#[test]
fn row_14_4_a_host_label_may_be_the_tenant() {
    let issuer = offline();
    let app = app(
        &issuer,
        of("https://{tenant}.auth.example.test:8443/x", &["*"]),
    );
    let at = |host: &str| token(&issuer, &format!("https://{host}:8443/x")).sign();
    app.get("/token", &at("acme.auth.example.test"))
        .passes("alice");
    for host in [
        "auth.example.test",
        ".auth.example.test",
        "a.b.auth.example.test",
        "a@auth.example.test",
        "acme.auth.example.test.",
        "acme.auth.example.test:8443",
        "acme%2eauth.example.test",
        "evil.test/.auth.example.test",
        "evil.test#.auth.example.test",
        "acme.AUTH.example.test",
    ] {
        app.get("/token", &at(host)).invalid("Invalid token issuer");
    }
}

#[test]
fn row_14_4_no_hostile_iss_is_a_tenant() {
    let issuer = offline();
    let app = app(&issuer, entra(&["*"]));
    let host = "https://login.microsoftonline.com";
    for iss in [
        // Encoded braces, and others.
        format!("{host}/%7Btenant%7D/v2.0"),
        format!("{host}/{{tenant}}/v2.0"),
        format!("{host}/%61/v2.0"),
        // Two hosts.
        format!("https://evil.test/{A}/v2.0"),
        format!("https://evil.test/login.microsoftonline.com/{A}/v2.0"),
        format!("https://login.microsoftonline.com.evil.test/{A}/v2.0"),
        format!("{host}@evil.test/{A}/v2.0"),
        format!("{host}\\@evil.test/{A}/v2.0"),
        format!("{host}/{A}/v2.0,{host}/{B}/v2.0"),
        format!("{host}/{A}/v2.0 {host}/{B}/v2.0"),
        // Upper case, a trailing dot, a port, user information.
        format!("HTTPS://LOGIN.MICROSOFTONLINE.COM/{A}/v2.0"),
        format!("https://Login.microsoftonline.com/{A}/v2.0"),
        format!("{host}/{A}/V2.0"),
        format!("{host}./{A}/v2.0"),
        format!("{host}:443/{A}/v2.0"),
        format!("https://user:pass@login.microsoftonline.com/{A}/v2.0"),
        format!("http://login.microsoftonline.com/{A}/v2.0"),
        // Unicode, an empty segment, dots, more or fewer segments.
        format!("{host}/t\u{e9}nant/v2.0"),
        format!("{host}/\u{ff41}/v2.0"),
        format!("{host}/a\u{200b}/v2.0"),
        format!("{host}//v2.0"),
        format!("{host}/v2.0"),
        format!("{host}/../v2.0"),
        format!("{host}/a/../{A}/v2.0"),
        format!("{host}/{A}/x/v2.0"),
        format!("{host}/{A}/v2.0/"),
        format!("{host}/{A}/v2.0?x"),
        format!("{host}/{A}/v2.0#x"),
        format!("{host}/a_b/v2.0"),
        format!("{host}/a.b/v2.0"),
        format!("{host}/a\0b/v2.0"),
        format!("{host}/a\nb/v2.0"),
        format!(" {host}/{A}/v2.0"),
        String::new(),
    ] {
        app.get("/token", &token(&issuer, &iss).sign())
            .invalid("Invalid token issuer");
    }
    for iss in [json!(null), json!(1), json!([iss(A)]), json!({})] {
        let token = issuer.token().claim("iss", iss).sign();
        app.get("/token", &token).invalid("Invalid token issuer");
    }
}

#[test]
fn row_14_4_the_tenant_claim_equals_the_tenant() {
    let issuer = offline();
    let config = Config {
        tenant_claim: Some("tid".into()),
        ..entra(&[A, B])
    };
    let app = app(&issuer, config);
    let with = |tid: Value| token(&issuer, &iss(A)).claim("tid", tid).sign();
    app.get("/token", &with(json!(A))).passes("alice");
    for tid in [
        json!(B),
        json!(A.to_uppercase() + "A"),
        json!(format!("{A} ")),
        json!(""),
        json!(1),
        json!([A]),
        json!({ "tid": A }),
    ] {
        app.get("/token", &with(tid))
            .invalid("Token is missing a required claim");
    }
    for absent in [token(&issuer, &iss(A)).sign(), with(json!(null))] {
        app.get("/token", &absent)
            .invalid("Token is missing a required claim");
    }
}

#[test]
fn row_14_4_a_key_with_an_issuer_serves_only_that() {
    let issuer = offline();
    let bound_to = |key_issuer: &str| {
        let mut keys: Value = rocket::serde::json::from_str(&issuer.jwks()).unwrap();
        keys["keys"][0]["issuer"] = json!(key_issuer);
        app_with_keys(&keys.to_string(), entra(&["*"]))
    };
    let of_a = token(&issuer, &iss(A)).sign();
    for serves in ["https://login.microsoftonline.com/{tenantid}/v2.0", &iss(A)] {
        bound_to(serves).get("/token", &of_a).passes("alice");
    }
    for other in [
        &iss(B),
        // The issuer of personal accounts.
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "https://login.microsoftonline.us/{tenantid}/v2.0",
        "https://login.microsoftonline.com/{tenantid}/{tenantid}",
        "https://login.microsoftonline.com/{tenantid}",
        "{tenantid}",
        "",
    ] {
        let answer = bound_to(other).get("/token", &of_a);
        assert_eq!(answer.status, 401, "{other}");
        answer.invalid("Unknown signing key");
    }
}

/// The keys of version 2 name the issuer of version 2; a token of version 1 has another one.
#[test]
fn row_14_4_a_token_of_version_1_may_use_a_key_of_version_2() {
    let issuer = offline();
    let mut keys: Value = rocket::serde::json::from_str(&issuer.jwks()).unwrap();
    keys["keys"][0]["issuer"] = json!("https://login.microsoftonline.com/{tenantid}/v2.0");
    let app = app_with_keys(
        &keys.to_string(),
        of("https://sts.windows.net/{tenant}/", &[A]),
    );
    app.get(
        "/token",
        &token(&issuer, &format!("https://sts.windows.net/{A}/")).sign(),
    )
    .passes("alice");
    keys["keys"][0]["issuer"] = json!(iss(B));
    let app = app_with_keys(
        &keys.to_string(),
        of("https://sts.windows.net/{tenant}/", &[A]),
    );
    app.get(
        "/token",
        &token(&issuer, &format!("https://sts.windows.net/{A}/")).sign(),
    )
    .invalid("Unknown signing key");
}

#[test]
fn row_14_4_equal_subjects_of_two_tenants_are_two_owners() {
    let issuer = offline();
    let app = app(&issuer, entra(&[A, B]));
    let of = |tenant: &str| token(&issuer, &iss(tenant)).sign();
    let path = format!("/article?issuer={}", iss(A));
    app.get(&path, &of(A)).passes("article");
    for (path, tenant) in [(path.as_str(), B), ("/article", A), ("/article", B)] {
        app.get(path, &of(tenant)).refused(
            403,
            "insufficient_scope",
            "You do not own this resource",
        );
    }
}

#[test]
fn row_14_4_an_exact_issuer_goes_before_a_template() {
    let issuer = offline();
    let config = Config {
        issuers: vec![IssuerConfig {
            iss_url: Some(iss(B)),
            audience: Some(vec!["other".into()]),
            ..IssuerConfig::default()
        }],
        ..entra(&["*"])
    };
    let app = app(&issuer, config);
    // The template's keys and audience are not those of the issuer that is configured by itself.
    app.get("/token", &token(&issuer, &iss(B)).sign())
        .invalid("Invalid token audience");
    app.get("/token", &token(&issuer, &iss(A)).sign())
        .passes("alice");
}

#[test]
fn row_14_4_a_template_has_one_name_and_many_tenants() {
    let issuer = offline();
    let template = IssuerConfig {
        name: Some("customers".into()),
        iss_url: Some(ENTRA.into()),
        tenants: Some(vec![A.into(), B.into()]),
        ..IssuerConfig::default()
    };
    let config = Config {
        audience: vec![AUDIENCE.into()],
        issuers: vec![template],
        ..Config::default()
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", routes![customers, tenant]));
    let of_b = token(&issuer, &iss(B)).sign();
    app.get("/customers", &of_b).passes("customers");
    app.get("/tenant", &of_b).passes(&format!("{B} {}", iss(B)));
}

#[test]
fn row_14_4_realm_and_metadata_never_hold_the_placeholder() {
    let issuer = offline();
    let config = Config {
        public_url: Some("https://api.example.test".into()),
        ..entra(&["*"])
    };
    let app = app(&issuer, config);
    let challenge = app.anonymous("/token").challenge.unwrap();
    assert!(
        challenge.starts_with(&format!("Bearer realm=\"{AUDIENCE}\"")),
        "{challenge}"
    );
    let metadata = app.anonymous("/.well-known/oauth-protected-resource");
    assert_eq!(metadata.status, 200);
    assert!(
        !metadata.body.contains("authorization_servers"),
        "{}",
        metadata.body
    );
    assert!(!metadata.body.contains('{') || !metadata.body.contains("{tenant}"));
}

#[test]
fn row_14_4_made_up_tenants_cause_no_fetch() {
    let keys = TestIssuer::builder().audience(AUDIENCE).start();
    let config = Config {
        jwks_url: Some(keys.jwks_url().into()),
        ..entra(&["*"])
    };
    let fairing = AxiomsFairing::from_config(config);
    let app = App::launch(rocket(fairing).mount("/", routes()));
    let before = keys.requests().len();
    for at in 0..200 {
        let of = |iss: &str| keys.token().subject("alice").claim("iss", iss).sign();
        app.get("/token", &of(&iss(&format!("made-up-{at}"))))
            .passes("alice");
        app.get("/token", &of(&format!("https://evil-{at}.test/")))
            .invalid("Invalid token issuer");
    }
    assert_eq!(keys.requests().len(), before);
}

#[test]
fn row_14_4_each_launch_warns_of_every_tenant() {
    let issuer = offline();
    for (tenants, warned) in [(&["*"][..], true), (&[A], false)] {
        let ((), log) = recorder::record(|| drop(app(&issuer, entra(tenants))));
        let is_warned = !log.lines("tenants is [\"*\"]").is_empty();
        assert_eq!(is_warned, warned, "{log:?}");
    }
}

#[test]
fn row_1_tenants_without_a_template_ends_the_launch() {
    let issuer = offline();
    let config = Config {
        iss_url: Some(iss(A)),
        ..entra(&[A])
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let error = Client::untracked(bare_rocket().attach(fairing)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)));
}

#[test]
fn row_1_tenant_claim_is_not_needed_by_default() {
    let issuer = offline();
    let app = app(&issuer, entra(&[A]));
    app.get("/token", &token(&issuer, &iss(A)).claim("tid", B).sign())
        .passes("alice");
}

#[get("/who")]
fn who(token: ValidToken, tenant: Tenant) -> String {
    format!("{} of {tenant}", token.subject().unwrap_or_default())
}

#[test]
fn a_tenant_of_a_configured_issuer_is_its_name_or_its_iss() {
    let issuer = offline();
    for (name, shown) in [(Some("customers"), "customers"), (None, issuer.url())] {
        let config = Config {
            audience: vec![AUDIENCE.into()],
            issuers: vec![IssuerConfig {
                name: name.map(str::to_owned),
                iss_url: Some(issuer.url().into()),
                ..IssuerConfig::default()
            }],
            ..Config::default()
        };
        let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
        let app = App::launch(rocket(fairing).mount("/", routes![who]));
        app.get("/who", &issuer.token().subject("alice").sign())
            .passes(&format!("alice of {shown}"));
        app.anonymous("/who").missing();
    }
}

/// `jwks_url` alone: no token tells whose it is.
#[test]
fn a_tenant_without_a_checked_iss_ends_the_launch() {
    let issuer = offline();
    let config = Config {
        audience: vec![AUDIENCE.into()],
        ..Config::default()
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let rocket = bare_rocket().attach(fairing).mount("/", routes![who]);
    let error = Client::untracked(rocket).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SentinelAborts(_)));
}
