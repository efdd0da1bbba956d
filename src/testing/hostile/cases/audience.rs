//! Audiences that are similar to the right one, or malformed (RFC 7519 §4.1.3, RFC 8725 §3.9).

use serde_json::json;

use super::{AUDIENCE, Case};

const OTHER: &str = "https://another-api.example.test";

pub(super) const CASES: &[Case] = &[
    ("wrong audience", AUDIENCE, |good| good.claim("aud", OTHER)),
    ("wrong audiences", AUDIENCE, |good| {
        good.claim("aud", json!([OTHER, "account"]))
    }),
    ("no aud", AUDIENCE, |good| {
        good.but(|token| token.without("aud"))
    }),
    ("aud null", AUDIENCE, |good| good.claim("aud", json!(null))),
    ("aud true", AUDIENCE, |good| good.claim("aud", true)),
    ("aud empty", AUDIENCE, |good| good.claim("aud", "")),
    ("aud a space", AUDIENCE, |good| good.claim("aud", " ")),
    ("aud an empty array", AUDIENCE, |good| {
        good.claim("aud", json!([]))
    }),
    ("aud an array of an empty string", AUDIENCE, |good| {
        good.claim("aud", json!([""]))
    }),
    ("aud a number", AUDIENCE, |good| good.claim("aud", 7)),
    ("aud an object", AUDIENCE, |good| {
        good.claim("aud", json!({ good.aud(): true }))
    }),
    ("aud an object with numbers for names", AUDIENCE, |good| {
        good.claim("aud", json!({ "0": good.aud() }))
    }),
    ("aud an array with a number", AUDIENCE, |good| {
        good.claim("aud", json!([good.aud(), 7]))
    }),
    ("aud an array with null", AUDIENCE, |good| {
        good.claim("aud", json!([null, good.aud()]))
    }),
    ("aud an array with an object", AUDIENCE, |good| {
        good.claim("aud", json!([good.aud(), {}]))
    }),
    ("aud a nested array", AUDIENCE, |good| {
        good.claim("aud", json!([[good.aud()]]))
    }),
    ("aud an array as a string", AUDIENCE, |good| {
        good.claim("aud", json!([good.aud()]).to_string())
    }),
    ("aud two in one string", AUDIENCE, |good| {
        good.claim("aud", format!("{} account", good.aud()))
    }),
    ("aud two with a comma", AUDIENCE, |good| {
        good.claim("aud", format!("{},account", good.aud()))
    }),
    ("aud with a suffix", AUDIENCE, |good| {
        good.claim("aud", format!("{}.forger.example.test", good.aud()))
    }),
    ("aud with a prefix", AUDIENCE, |good| {
        good.claim("aud", format!("forger-{}", good.aud()))
    }),
    ("aud with a trailing slash", AUDIENCE, |good| {
        good.claim("aud", good.aud() + "/")
    }),
    ("aud with a path appended", AUDIENCE, |good| {
        good.claim("aud", good.aud() + "/orders")
    }),
    ("aud cut short", AUDIENCE, |good| {
        good.claim("aud", &good.aud()[..good.aud().len() - 1])
    }),
    ("aud in another case", AUDIENCE, |good| {
        let (aud, upper) = (good.aud(), good.aud().to_ascii_uppercase());
        good.claim(
            "aud",
            if aud == upper {
                aud.to_ascii_lowercase()
            } else {
                upper
            },
        )
    }),
    ("aud after a space", AUDIENCE, |good| {
        good.claim("aud", format!(" {}", good.aud()))
    }),
    ("aud after a non-breaking space", AUDIENCE, |good| {
        good.claim("aud", format!("\u{a0}{}", good.aud()))
    }),
    ("aud with a line break", AUDIENCE, |good| {
        good.claim("aud", good.aud() + "\r\n")
    }),
    ("aud with a null", AUDIENCE, |good| {
        good.claim("aud", good.aud() + "\0")
    }),
    ("aud in quotes", AUDIENCE, |good| {
        good.claim("aud", format!("\"{}\"", good.aud()))
    }),
    ("aud a pattern", AUDIENCE, |good| good.claim("aud", "*")),
    ("aud its issuer", AUDIENCE, |good| {
        good.claim("aud", good.iss())
    }),
    ("aud written audience", AUDIENCE, |good| {
        good.but(|token| token.without("aud").claim("audience", good.aud()))
    }),
    ("aud written AUD", AUDIENCE, |good| {
        good.but(|token| token.without("aud").claim("AUD", good.aud()))
    }),
    ("aud in the header alone", AUDIENCE, |good| {
        good.but(|token| token.without("aud").header("aud", good.aud()))
    }),
    ("aud another, resource ours", AUDIENCE, |good| {
        good.but(|token| token.claim("aud", OTHER).claim("resource", good.aud()))
    }),
    ("aud another, client_id ours", AUDIENCE, |good| {
        good.but(|token| token.claim("aud", OTHER).claim("client_id", good.aud()))
    }),
    ("aud another, azp ours", AUDIENCE, |good| {
        good.but(|token| token.claim("aud", OTHER).claim("azp", good.aud()))
    }),
];
