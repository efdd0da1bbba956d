//! Tokens of the issuer that are no bearer access tokens (RFC 7800 §3.1, RFC 8725 §3.12,
//! RFC 9068 §5, RFC 9449 §6, OpenID Connect Core §2), and malformed `sub`, `jti` and `cnf`.

use serde_json::json;

use super::{Case, MALFORMED, NOT_ACCESS, TYPE};

const HASH: &str = "MTIzNDU2Nzg5MDEyMzQ1Ng";
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

pub(super) const CASES: &[Case] = &[
    ("an ID token: token_use", NOT_ACCESS, |good| {
        good.claim("token_use", "id")
    }),
    ("an ID token: token_use in upper case", NOT_ACCESS, |good| {
        good.claim("token_use", "ID")
    }),
    ("an ID token: typ", NOT_ACCESS, |good| {
        good.claim("typ", "ID")
    }),
    ("an ID token: typ in lower case", NOT_ACCESS, |good| {
        good.claim("typ", "id")
    }),
    ("an ID token: at_hash", NOT_ACCESS, |good| {
        good.claim("at_hash", HASH)
    }),
    ("an ID token: at_hash empty", NOT_ACCESS, |good| {
        good.claim("at_hash", "")
    }),
    ("an ID token: at_hash escaped", NOT_ACCESS, |good| {
        good.payload_begins(r#""at\u005fhash":"x","#)
    }),
    ("an ID token: c_hash", NOT_ACCESS, |good| {
        good.claim("c_hash", HASH)
    }),
    ("an ID token: c_hash empty", NOT_ACCESS, |good| {
        good.claim("c_hash", "")
    }),
    ("an ID token: s_hash", NOT_ACCESS, |good| {
        good.claim("s_hash", HASH)
    }),
    ("an ID token: s_hash escaped", NOT_ACCESS, |good| {
        good.payload_begins(r#""s\u005fhash":"x","#)
    }),
    ("an ID token with all its claims", NOT_ACCESS, |good| {
        good.but(|token| {
            token
                .claim("nonce", "n")
                .claim("auth_time", good.at(-60))
                .claim("acr", "0")
                .claim("at_hash", HASH)
        })
    }),
    (
        "an ID token that says it is for access",
        NOT_ACCESS,
        |good| good.but(|token| token.claim("token_use", "access").claim("at_hash", HASH)),
    ),
    ("a refresh token", NOT_ACCESS, |good| {
        good.claim("typ", "Refresh")
    }),
    ("a refresh token, in lower case", NOT_ACCESS, |good| {
        good.claim("typ", "refresh")
    }),
    ("a logout token: typ", NOT_ACCESS, |good| {
        good.claim("typ", "Logout")
    }),
    ("a logout token: events", NOT_ACCESS, |good| {
        good.claim("events", json!({ LOGOUT: {} }))
    }),
    ("a logout token: events empty", NOT_ACCESS, |good| {
        good.claim("events", json!({}))
    }),
    ("a security event", NOT_ACCESS, |good| {
        good.claim(
            "events",
            json!({ "https://schemas.openid.net/secevent/risc/x": {} }),
        )
    }),
    ("sub a number", MALFORMED, |good| good.claim("sub", 7)),
    ("sub null", MALFORMED, |good| good.claim("sub", json!(null))),
    ("sub true", MALFORMED, |good| good.claim("sub", true)),
    ("sub an array", MALFORMED, |good| {
        good.claim("sub", json!(["admin"]))
    }),
    ("sub an object", MALFORMED, |good| {
        good.claim(
            "sub",
            json!({ "format": "email", "email": "a@example.test" }),
        )
    }),
    ("jti a number", MALFORMED, |good| good.claim("jti", 7)),
    ("jti null", MALFORMED, |good| good.claim("jti", json!(null))),
    ("jti false", MALFORMED, |good| good.claim("jti", false)),
    ("jti an array", MALFORMED, |good| {
        good.claim("jti", json!([]))
    }),
    ("jti an object", MALFORMED, |good| {
        good.claim("jti", json!({}))
    }),
];

pub(super) const BOUND: &[Case] = &[
    ("bound to a DPoP key", TYPE, |good| {
        good.claim("cnf", json!({ "jkt": THUMBPRINT }))
    }),
    ("bound to a DPoP key, escaped", TYPE, |good| {
        good.payload_begins(r#""\u0063nf":{"\u006akt":"x"},"#)
    }),
    ("bound to a DPoP key, among others", TYPE, |good| {
        good.claim("cnf", json!({ "kid": "x", "jwk": {}, "jkt": THUMBPRINT }))
    }),
    ("bound to a DPoP key that is null", TYPE, |good| {
        good.claim("cnf", json!({ "jkt": null }))
    }),
    ("bound to a DPoP key that is empty", TYPE, |good| {
        good.claim("cnf", json!({ "jkt": "" }))
    }),
    ("bound to a DPoP key that is an array", TYPE, |good| {
        good.claim("cnf", json!({ "jkt": [THUMBPRINT] }))
    }),
    ("bound to a certificate", TYPE, |good| {
        good.claim(
            "cnf",
            json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }),
        )
    }),
    ("bound to a certificate that is null", TYPE, |good| {
        good.claim("cnf", json!({ "x5t#S256": null }))
    }),
    ("bound to a DPoP key and a certificate", TYPE, |good| {
        good.claim("cnf", json!({ "jkt": THUMBPRINT, "x5t#S256": THUMBPRINT }))
    }),
    ("bound to a key: jwk", TYPE, |good| {
        good.claim("cnf", json!({ "jwk": { "kty": "OKP" } }))
    }),
    ("bound to a key: jwe", TYPE, |good| {
        good.claim("cnf", json!({ "jwe": "eyJhbGciOiJSU0EtT0FFUCJ9" }))
    }),
    ("bound to a key: kid", TYPE, |good| {
        good.claim("cnf", json!({ "kid": "key" }))
    }),
    ("bound to a key: kid null", TYPE, |good| {
        good.claim("cnf", json!({ "kid": null }))
    }),
    ("bound to a key: jku", TYPE, |good| {
        good.claim(
            "cnf",
            json!({ "jku": "https://keys.example.test/", "kid": "key" }),
        )
    }),
    ("bound to a key: jwk escaped", TYPE, |good| {
        good.payload_begins(r#""\u0063nf":{"\u006awk":{}},"#)
    }),
    ("cnf a string", MALFORMED, |good| good.claim("cnf", "jkt")),
    ("cnf an object as a string", MALFORMED, |good| {
        good.claim("cnf", r#"{"jkt":"x"}"#)
    }),
    ("cnf null", MALFORMED, |good| good.claim("cnf", json!(null))),
    ("cnf false", MALFORMED, |good| good.claim("cnf", false)),
    ("cnf a number", MALFORMED, |good| good.claim("cnf", 1)),
    ("cnf an array", MALFORMED, |good| {
        good.claim("cnf", json!([{ "jkt": THUMBPRINT }]))
    }),
    ("cnf an empty array", MALFORMED, |good| {
        good.claim("cnf", json!([]))
    }),
];
