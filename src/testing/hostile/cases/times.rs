//! Expired, future and malformed times (RFC 7519 §2 and §4.1.4 to §4.1.6).

use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::{Case, EXPIRED, MALFORMED, MISSING, NOT_YET};

/// More than the maximum leeway, in seconds.
const MARGIN: i64 = 302;

/// So far in the future that a slow test does not reach it, in seconds.
const AHEAD: i64 = 7200;

pub(super) const CASES: &[Case] = &[
    ("expired", EXPIRED, |good| good.but(|token| token.expired())),
    ("expired a moment ago", EXPIRED, |good| {
        good.claim("exp", good.at(-MARGIN))
    }),
    ("expired in 1970", EXPIRED, |good| good.claim("exp", 0)),
    ("expired at minus zero", EXPIRED, |good| {
        good.claim("exp", -0.0)
    }),
    ("expired, with a fraction", EXPIRED, |good| {
        good.claim("exp", good.at(-3600) as f64 + 0.5)
    }),
    ("expired, with an exponent", EXPIRED, |good| {
        good.with_payload(|payload| payload.replacen("\"exp\":", "\"exp\":1e9,\"x\":", 1))
    }),
    ("expired before it was issued", EXPIRED, |good| {
        good.but(|token| {
            token
                .claim("iat", good.at(-MARGIN))
                .claim("exp", good.at(-2 * MARGIN))
        })
    }),
    ("expired and not valid yet", EXPIRED, |good| {
        good.but(|token| token.expired().claim("nbf", good.at(AHEAD)))
    }),
    ("not valid yet", NOT_YET, |good| {
        good.claim("nbf", good.at(AHEAD))
    }),
    ("not valid for long", NOT_YET, |good| {
        good.but(|token| {
            token.not_before(UNIX_EPOCH + good.now() + Duration::from_secs(1_000_000_000))
        })
    }),
    ("not valid before the year 9999", NOT_YET, |good| {
        good.claim("nbf", 253_402_300_799_u64)
    }),
    ("not valid before it expires", NOT_YET, |good| {
        good.but(|token| {
            token
                .claim("exp", good.at(AHEAD))
                .claim("nbf", good.at(2 * AHEAD))
        })
    }),
    ("issued in the future", NOT_YET, |good| {
        good.claim("iat", good.at(AHEAD))
    }),
    ("issued in the year 9999", NOT_YET, |good| {
        good.claim("iat", 253_402_300_799_u64)
    }),
    ("no exp", MISSING, |good| {
        good.but(|token| token.without("exp"))
    }),
    ("exp null", MISSING, |good| good.claim("exp", json!(null))),
    ("exp written EXP", MISSING, |good| {
        good.but(|token| token.without("exp").claim("EXP", good.at(3600)))
    }),
    ("exp in the header alone", MISSING, |good| {
        good.but(|token| token.without("exp").header("exp", good.at(3600)))
    }),
    ("expires_in for exp", MISSING, |good| {
        good.but(|token| token.without("exp").claim("expires_in", 3600))
    }),
    ("exp within another claim", MISSING, |good| {
        good.but(|token| {
            token
                .without("exp")
                .claim("claims", json!({ "exp": good.at(3600) }))
        })
    }),
    ("exp a string", MALFORMED, |good| {
        good.claim("exp", good.at(3600).to_string())
    }),
    ("exp an empty string", MALFORMED, |good| {
        good.claim("exp", "")
    }),
    ("exp a date", MALFORMED, |good| {
        good.claim("exp", "2099-12-31T23:59:59Z")
    }),
    ("exp an array", MALFORMED, |good| {
        good.claim("exp", json!([good.at(3600)]))
    }),
    ("exp an object", MALFORMED, |good| {
        good.claim("exp", json!({ "at": good.at(3600) }))
    }),
    ("exp true", MALFORMED, |good| good.claim("exp", true)),
    ("exp false", MALFORMED, |good| good.claim("exp", false)),
    ("exp negative", MALFORMED, |good| good.claim("exp", -1)),
    ("exp the least of all numbers", MALFORMED, |good| {
        good.claim("exp", i64::MIN)
    }),
    ("exp the largest number", MALFORMED, |good| {
        good.claim("exp", u64::MAX)
    }),
    ("exp beyond 64 bits", MALFORMED, |good| {
        let number = "\"exp\":18446744073709551617,\"x\":";
        good.with_payload(|payload| payload.replacen("\"exp\":", number, 1))
    }),
    ("exp in the year 10000", MALFORMED, |good| {
        good.claim("exp", 253_402_300_800_u64)
    }),
    ("exp in milliseconds", MALFORMED, |good| {
        good.claim("exp", good.at(3600) * 1000)
    }),
    ("exp in nanoseconds", MALFORMED, |good| {
        good.claim("exp", good.at(3600) * 1_000_000_000)
    }),
    ("exp that is no finite number", MALFORMED, |good| {
        good.with_payload(|payload| payload.replacen("\"exp\":", "\"exp\":1e400,\"x\":", 1))
    }),
    ("exp that is no number", MALFORMED, |good| {
        good.with_payload(|payload| payload.replacen("\"exp\":", "\"exp\":NaN,\"x\":", 1))
    }),
    ("nbf a string", MALFORMED, |good| good.claim("nbf", "0")),
    ("nbf null", MALFORMED, |good| good.claim("nbf", json!(null))),
    ("nbf false", MALFORMED, |good| good.claim("nbf", false)),
    ("nbf an array", MALFORMED, |good| {
        good.claim("nbf", json!([]))
    }),
    ("nbf an object", MALFORMED, |good| {
        good.claim("nbf", json!({}))
    }),
    ("nbf negative", MALFORMED, |good| good.claim("nbf", -1)),
    ("nbf in milliseconds", MALFORMED, |good| {
        good.claim("nbf", good.at(0) * 1000)
    }),
    ("iat a string", MALFORMED, |good| good.claim("iat", "0")),
    ("iat null", MALFORMED, |good| good.claim("iat", json!(null))),
    ("iat true", MALFORMED, |good| good.claim("iat", true)),
    ("iat an array", MALFORMED, |good| {
        good.claim("iat", json!([0]))
    }),
    ("iat an object", MALFORMED, |good| {
        good.claim("iat", json!({ "$date": 0 }))
    }),
    ("iat negative", MALFORMED, |good| good.claim("iat", -0.5)),
    ("iat in milliseconds", MALFORMED, |good| {
        good.claim("iat", good.at(0) * 1000)
    }),
];
