//! The four lists of a token, each by itself, in every form that issuers write.

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, ValidToken};
use rocket::{get, routes};

use crate::support::{App, config, offline, rocket};

#[get("/lists")]
fn lists(token: ValidToken) -> String {
    let lists = || -> [Vec<String>; 4] {
        [
            token.audiences().map(str::to_owned).collect(),
            token.scopes().map(str::to_owned).collect(),
            token.roles().map(str::to_owned).collect(),
            token.permissions().map(str::to_owned).collect(),
        ]
    };
    // The first time takes them apart.
    assert_eq!(lists(), lists());
    format!("{:?}", lists())
}

fn app(issuer: &TestIssuer) -> App {
    let fairing = AxiomsFairing::from_config(config(issuer)).with_keys(issuer.jwks());
    App::launch(rocket(fairing).mount("/", routes![lists]))
}

/// A token with these members beside `iss` and `exp`.
fn token(issuer: &TestIssuer, members: &str) -> String {
    let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, issuer.kid(Alg::Es256));
    let payload = format!(r#"{{"iss":"{}","exp":9999999999,{members}}}"#, issuer.url());
    issuer.sign_raw(header, payload, Alg::Es256)
}

#[test]
fn each_list_holds_its_own_names_however_they_are_written() {
    let issuer = offline();
    let app = app(&issuer);
    let members = format!(
        r#""aud":["{}","a,b"],"scope":"one  two ","#,
        issuer.audience()
    ) + r#""roles":[ "x\u0079" ,"[]","" ,"a,b"],"permissions":["p","p"]"#;
    let expected = [
        vec![issuer.audience(), "a,b"],
        vec!["one", "two"],
        vec!["xy", "[]", "a,b"],
        vec!["p", "p"],
    ];
    let token = token(&issuer, &members);
    // The second time out of the cache.
    for _ in 0..2 {
        app.get("/lists", &token).passes(&format!("{expected:?}"));
    }
}

#[test]
fn a_single_audience_is_one_name_spaces_and_all() {
    let issuer = TestIssuer::builder()
        .audience("two words")
        .offline("https://issuer.example.test");
    let config = axioms_rocket::Config {
        audience: vec!["two words".into()],
        ..config(&issuer)
    };
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    let app = App::launch(rocket(fairing).mount("/", routes![lists]));
    app.get("/lists", &token(&issuer, r#""aud":"two words""#))
        .passes(r#"[["two words"], [], [], []]"#);
}

#[test]
fn a_list_with_other_items_than_strings_is_empty_and_affects_no_other() {
    let issuer = offline();
    let app = app(&issuer);
    let aud = issuer.audience();
    let token = token(
        &issuer,
        &format!(r#""aud":["{aud}"],"scope":["a",["b"]],"roles":["r"],"permissions":["p",1]"#),
    );
    app.get("/lists", &token)
        .passes(&format!(r#"[["{aud}"], [], ["r"], []]"#));
}
