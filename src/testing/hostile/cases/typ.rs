//! Wrong values of `typ`: no other JWT is an access token (RFC 7515 §4.1.9, RFC 8725 §3.11,
//! RFC 9068 §4).

use serde_json::json;

use super::{Case, TYPE};

pub(super) const CASES: &[Case] = &[
    ("typ of a logout token", TYPE, |good| {
        good.header("typ", "logout+jwt")
    }),
    ("typ of a DPoP proof", TYPE, |good| {
        good.header("typ", "dpop+jwt")
    }),
    ("typ of a security event", TYPE, |good| {
        good.header("typ", "secevent+jwt")
    }),
    ("typ of a request object", TYPE, |good| {
        good.header("typ", "oauth-authz-req+jwt")
    }),
    ("typ of an introspection", TYPE, |good| {
        good.header("typ", "token-introspection+jwt")
    }),
    ("typ of a client assertion", TYPE, |good| {
        good.header("typ", "client-authentication+jwt")
    }),
    ("typ of a client attestation", TYPE, |good| {
        good.header("typ", "oauth-client-attestation+jwt")
    }),
    ("typ of a proof of possession", TYPE, |good| {
        good.header("typ", "oauth-client-attestation-pop+jwt")
    }),
    ("typ of a credential", TYPE, |good| {
        good.header("typ", "dc+sd-jwt")
    }),
    ("typ of a proof for a credential", TYPE, |good| {
        good.header("typ", "openid4vci-proof+jwt")
    }),
    ("typ of an entity statement", TYPE, |good| {
        good.header("typ", "entity-statement+jwt")
    }),
    ("typ of a key set", TYPE, |good| {
        good.header("typ", "jwk-set+jwt")
    }),
    ("typ of an ID token", TYPE, |good| {
        good.header("typ", "id_token")
    }),
    ("typ JOSE", TYPE, |good| good.header("typ", "JOSE")),
    ("typ of a JWE", TYPE, |good| good.header("typ", "JWE")),
    ("typ of another tree", TYPE, |good| {
        good.header("typ", "text/at+jwt")
    }),
    ("typ with the tree twice", TYPE, |good| {
        good.header("typ", "application/application/at+jwt")
    }),
    ("typ with only the tree", TYPE, |good| {
        good.header("typ", "application/")
    }),
    ("typ with a parameter", TYPE, |good| {
        good.header("typ", "at+jwt; charset=utf-8")
    }),
    ("typ with a space", TYPE, |good| {
        good.header("typ", "at+jwt ")
    }),
    ("typ with a null", TYPE, |good| {
        good.header("typ", "at+jwt\0")
    }),
    ("typ two in one string", TYPE, |good| {
        good.header("typ", "at+jwt,dpop+jwt")
    }),
    ("typ in full width", TYPE, |good| {
        good.header("typ", "\u{ff2a}\u{ff37}\u{ff34}")
    }),
    ("typ empty", TYPE, |good| good.header("typ", "")),
    ("typ null", TYPE, |good| good.header("typ", json!(null))),
    ("typ a number", TYPE, |good| good.header("typ", 1)),
    ("typ an array", TYPE, |good| {
        good.header("typ", json!(["at+jwt"]))
    }),
    ("typ an object", TYPE, |good| {
        good.header("typ", json!({ "typ": "at+jwt" }))
    }),
];
