//! Lists of names.

use serde_json::{Value, json};

use super::{ISSUER, of, spoilt, texts};
use crate::config::Config;
use crate::jose::Algorithm;

#[test]
fn algorithms_are_asymmetric_and_ours() {
    let allowed = of(|c| c.algorithms = texts(&["ES512", "Ed25519"])).issuers[0].algorithms;
    assert_eq!(
        allowed.iter().collect::<Vec<_>>(),
        [Algorithm::Es512, Algorithm::EdDsa]
    );
    assert_eq!(
        spoilt(|c| c.algorithms = texts(&["rs256", "NONE", "hs512", "ES256K"])),
        [
            "algorithms: `rs256` is not an algorithm of ours; the nearest one is `RS256`",
            "algorithms: `NONE` means tokens without a signature: anybody could make one",
            "algorithms: `hs512` is symmetric: a key that checks such tokens can also make them; \
             allow asymmetric ones only",
            "algorithms: `ES256K` is not an algorithm of ours; the nearest one is `ES256`",
        ]
    );
    assert_eq!(
        spoilt(|c| c.algorithms.clear()),
        ["algorithms: must not be empty: no token could be accepted"]
    );
}

#[test]
fn types_are_compared_in_small_letters_and_without_application() {
    let settings = of(|c| c.token_typs = texts(&["application/AT+JWT", "JWT", "Application/x"]));
    assert_eq!(settings.issuers[0].token_typs, ["at+jwt", "jwt", "x"]);
    assert_eq!(
        spoilt(|c| c.token_typs.clear()),
        ["token_typs: must not be empty: no token that says its type would be accepted"]
    );
    assert_eq!(
        spoilt(|c| c.token_typs = texts(&[""])),
        ["token_typs: entry 1 must not be empty"]
    );
    assert_eq!(
        spoilt(|c| c.token_typs = texts(&["application/"])),
        ["token_typs: `application/` alone is not a type"]
    );
}

#[test]
fn safe_methods_are_methods() {
    assert_eq!(
        of(|c| c.safe_methods = texts(&["options", "Head"])).safe_methods,
        ["OPTIONS", "HEAD"]
    );
    assert_eq!(of(|c| c.safe_methods.clear()).safe_methods, [""; 0]);
    assert_eq!(
        spoilt(|c| c.safe_methods = texts(&["OPTION"])),
        ["safe_methods: `OPTION` is not a method that HTTP knows; the nearest one is `OPTIONS`"]
    );
}

#[test]
fn claim_names_are_not_empty_and_pointers_are_well_formed() {
    of(|c| c.roles_claims = texts(&["https://x/roles", "a.b", "/a~1b/c~0d", "/", "a~b"]));
    let pointer = "is not a JSON Pointer: `~` is written `~0`, and a `/` within a name `~1`";
    assert_eq!(
        spoilt(|c| c.roles_claims = texts(&["/a~b"])),
        [format!("roles_claims: `/a~b` {pointer}")]
    );
    assert_eq!(
        spoilt(|c| c.scope_claims = texts(&["/a~"])),
        [format!("scope_claims: `/a~` {pointer}")]
    );
    assert_eq!(
        spoilt(|c| c.required_claims = texts(&["/~2"])),
        [format!("required_claims: `/~2` {pointer}")]
    );
    assert_eq!(
        spoilt(|c| c.permissions_claims = texts(&[""])),
        ["permissions_claims: entry 1 must not be empty"]
    );
    assert_eq!(
        spoilt(|c| c.audience_claims.clear()),
        ["audience_claims: must not be empty: no token could be for this API"]
    );
    of(|c| c.scope_claims.clear());
}

#[test]
fn expected_claims_can_be_met() {
    let expected =
        |value: Value| move |c: &mut Config| drop(c.expected_claims.insert("a".into(), value));
    assert_eq!(
        of(expected(json!([1, "x", true]))).issuers[0].expected_claims[0].1,
        [json!(1), json!("x"), json!(true)]
    );
    let empty = "expected_claims: `a` has an empty list: no value could be the expected one";
    assert_eq!(spoilt(expected(json!([]))), [empty]);
    let blank = "expected_claims: `a` has an empty text: no value was written";
    assert_eq!(spoilt(expected(json!(""))), [blank]);
    assert_eq!(spoilt(expected(json!(["x", ""]))), [blank]);
    let kinds =
        "expected_claims: `a` must be text, a number, true or false, or a list of such values";
    for value in [
        json!(null),
        json!({}),
        json!([null]),
        json!([[1]]),
        json!([1, {}]),
    ] {
        assert_eq!(spoilt(expected(value)), [kinds]);
    }
    assert_eq!(
        spoilt(|c| drop(c.expected_claims.insert(String::new(), json!(1)))),
        ["expected_claims: a claim's name must not be empty"]
    );
    assert_eq!(
        spoilt(|c| drop(c.expected_claims.insert("/~".into(), json!(1)))),
        [
            "expected_claims: `/~` is not a JSON Pointer: `~` is written `~0`, and a `/` within a \
             name `~1`"
        ]
    );
}

#[test]
fn namespaced_claims_are_of_the_domain_before_the_issuers_host() {
    let domain = of(|c| c.domain = Some("https://claims.example.com/".into()));
    assert_eq!(domain.issuers[0].issuer.as_deref(), Some(ISSUER));
    assert_eq!(
        domain.issuers[0].roles_claims,
        ["roles", "https://claims.example.com/claims/roles"]
    );
    let off = of(|c| c.namespaced_claims = false);
    assert_eq!(off.issuers[0].roles_claims, ["roles"]);
    assert_eq!(off.issuers[0].permissions_claims, ["permissions"]);
    let named = of(|c| c.roles_claims = texts(&["https://auth.example.com/claims/roles", "roles"]));
    assert_eq!(
        named.issuers[0].roles_claims,
        ["https://auth.example.com/claims/roles", "roles"]
    );
    let port = of(|c| c.iss_url = Some("http://localhost:8080/t".into()));
    assert_eq!(
        port.issuers[0].permissions_claims,
        ["permissions", "https://localhost/claims/permissions"]
    );
}

#[test]
fn the_realm_is_text() {
    assert_eq!(
        of(|c| c.realm = Some("my \"api\"".into())).realm,
        "my \"api\""
    );
    assert_eq!(
        spoilt(|c| c.realm = Some(String::new())),
        ["realm: must not be empty"]
    );
    assert_eq!(
        spoilt(|c| c.realm = Some("a\r\nb".into())),
        ["realm: must not hold control characters"]
    );
}
