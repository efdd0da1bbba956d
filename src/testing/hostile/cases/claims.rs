//! Claims that are missing, of a wrong type, or somebody else's (RFC 7519 §4.1, RFC 8725 §3.8 to §3.12, RFC 9068 §4).

use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::Case;

const MALFORMED: &str = "Malformed token";
const EXPIRED: &str = "Token has expired";
const NOT_YET: &str = "Token is not valid yet";
const MISSING: &str = "Token is missing a required claim";
const ISSUER: &str = "Invalid token issuer";
const AUDIENCE: &str = "Invalid token audience";
const KIND: &str = "Not an access token";
const BOUND: &str = "Invalid token type";

/// Beyond the greatest leeway.
const MARGIN: i64 = 302;

pub(super) const TIMES: &[Case] = &[
    ("expired", EXPIRED, |good| good.but(|token| token.expired())),
    ("expired a moment ago", EXPIRED, |good| good.claim("exp", good.at(-MARGIN))),
    ("expired in 1970", EXPIRED, |good| good.claim("exp", 0)),
    ("expired, with a fraction", EXPIRED, |good| good.claim("exp", good.at(-3600) as f64 + 0.5)),
    ("not valid yet", NOT_YET, |good| good.claim("nbf", good.at(MARGIN))),
    ("not valid for long", NOT_YET, |good| {
        good.but(|token| token.not_before(UNIX_EPOCH + good.now() + Duration::from_secs(1_000_000_000)))
    }),
    ("issued in the future", NOT_YET, |good| good.claim("iat", good.at(MARGIN))),
    ("no exp", MISSING, |good| good.but(|token| token.without("exp"))),
    ("exp null", MISSING, |good| good.claim("exp", json!(null))),
    ("exp a text", MALFORMED, |good| good.claim("exp", good.at(3600).to_string())),
    ("exp a list", MALFORMED, |good| good.claim("exp", json!([good.at(3600)]))),
    ("exp an object", MALFORMED, |good| good.claim("exp", json!({ "at": good.at(3600) }))),
    ("exp true", MALFORMED, |good| good.claim("exp", true)),
    ("exp negative", MALFORMED, |good| good.claim("exp", -1)),
    ("exp in the year 10000", MALFORMED, |good| good.claim("exp", 253_402_300_800_u64)),
    ("exp in milliseconds", MALFORMED, |good| good.claim("exp", good.at(3600) * 1000)),
    ("exp that is no finite number", MALFORMED, |good| {
        good.written(String::into_bytes, |payload| payload.replacen("\"exp\":", "\"exp\":1e400,\"x\":", 1).into_bytes())
    }),
    ("nbf a text", MALFORMED, |good| good.claim("nbf", "0")),
    ("nbf null", MALFORMED, |good| good.claim("nbf", json!(null))),
    ("nbf negative", MALFORMED, |good| good.claim("nbf", -1)),
    ("iat a text", MALFORMED, |good| good.claim("iat", "0")),
    ("iat null", MALFORMED, |good| good.claim("iat", json!(null))),
    ("iat a list", MALFORMED, |good| good.claim("iat", json!([0]))),
];

pub(super) const ISSUERS: &[Case] = &[
    ("wrong issuer", ISSUER, |good| good.claim("iss", "https://another-issuer.example.test")),
    ("no iss", ISSUER, |good| good.but(|token| token.without("iss"))),
    ("iss null", ISSUER, |good| good.claim("iss", json!(null))),
    ("iss a number", ISSUER, |good| good.claim("iss", 7)),
    ("iss a list", ISSUER, |good| good.claim("iss", json!([good.iss()]))),
    ("iss empty", ISSUER, |good| good.claim("iss", "")),
    ("iss with a slash more or less", ISSUER, |good| {
        let iss = good.iss();
        good.claim("iss", iss.strip_suffix('/').map_or_else(|| format!("{iss}/"), str::to_owned))
    }),
    ("iss in capitals", ISSUER, |good| good.claim("iss", good.iss().to_ascii_uppercase())),
    ("iss with more behind", ISSUER, |good| good.claim("iss", format!("{}.forger.example.test", good.iss()))),
    ("iss cut short", ISSUER, |good| good.claim("iss", &good.iss()[..good.iss().len() - 1])),
    ("iss after a blank", ISSUER, |good| good.claim("iss", format!(" {}", good.iss()))),
    ("iss with the user in front", ISSUER, |good| good.claim("iss", good.iss().replacen("://", "://forger@", 1) + "#")),
];

pub(super) const AUDIENCES: &[Case] = &[
    ("wrong audience", AUDIENCE, |good| good.claim("aud", "https://another-api.example.test")),
    ("wrong audiences", AUDIENCE, |good| good.claim("aud", json!(["https://another-api.example.test", "account"]))),
    ("no aud", AUDIENCE, |good| good.but(|token| token.without("aud"))),
    ("aud null", AUDIENCE, |good| good.claim("aud", json!(null))),
    ("aud empty", AUDIENCE, |good| good.claim("aud", "")),
    ("aud an empty list", AUDIENCE, |good| good.claim("aud", json!([]))),
    ("aud a number", AUDIENCE, |good| good.claim("aud", 7)),
    ("aud an object", AUDIENCE, |good| good.claim("aud", json!({ good.aud(): true }))),
    ("aud a list with a number", AUDIENCE, |good| good.claim("aud", json!([good.aud(), 7]))),
    ("aud a list in a list", AUDIENCE, |good| good.claim("aud", json!([[good.aud()]]))),
    ("aud two in one text", AUDIENCE, |good| good.claim("aud", format!("{} account", good.aud()))),
    ("aud with more behind", AUDIENCE, |good| good.claim("aud", format!("{}.forger.example.test", good.aud()))),
    ("aud after a blank", AUDIENCE, |good| good.claim("aud", format!(" {}", good.aud()))),
];

pub(super) const OTHERS: &[Case] = &[
    ("an ID token: token_use", KIND, |good| good.claim("token_use", "id")),
    ("an ID token: typ", KIND, |good| good.claim("typ", "ID")),
    ("an ID token: at_hash", KIND, |good| good.claim("at_hash", "MTIzNDU2Nzg5MDEyMzQ1Ng")),
    ("an ID token: c_hash", KIND, |good| good.claim("c_hash", "MTIzNDU2Nzg5MDEyMzQ1Ng")),
    ("a refresh token", KIND, |good| good.claim("typ", "Refresh")),
    ("a logout token: typ", KIND, |good| good.claim("typ", "Logout")),
    ("a logout token: events", KIND, |good| {
        good.claim("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} }))
    }),
    ("bound to a DPoP key", BOUND, |good| {
        good.claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }))
    }),
    ("bound to a certificate", BOUND, |good| {
        good.claim("cnf", json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }))
    }),
    ("cnf a text", MALFORMED, |good| good.claim("cnf", "jkt")),
    ("cnf null", MALFORMED, |good| good.claim("cnf", json!(null))),
    ("sub a number", MALFORMED, |good| good.claim("sub", 7)),
    ("sub null", MALFORMED, |good| good.claim("sub", json!(null))),
    ("sub a list", MALFORMED, |good| good.claim("sub", json!(["admin"]))),
    ("jti a number", MALFORMED, |good| good.claim("jti", 7)),
    ("jti null", MALFORMED, |good| good.claim("jti", json!(null))),
];
