//! Unknown critical extensions (RFC 7515 §4.1.11, RFC 7797), and compression, which JWS does not
//! have.

use serde_json::json;

use super::{Case, MALFORMED};

pub(super) const CASES: &[Case] = &[
    ("crit", MALFORMED, |good| {
        good.but(|token| {
            token
                .header("crit", json!(["exp"]))
                .header("exp", good.at(3600))
        })
    }),
    ("crit of an unknown extension", MALFORMED, |good| {
        good.but(|token| {
            token
                .header("crit", json!(["http://example.test/x"]))
                .header("http://example.test/x", true)
        })
    }),
    ("crit of a member that is not there", MALFORMED, |good| {
        good.header("crit", json!(["absent"]))
    }),
    ("crit of what everybody knows", MALFORMED, |good| {
        good.header("crit", json!(["alg"]))
    }),
    ("crit empty", MALFORMED, |good| {
        good.header("crit", json!([]))
    }),
    ("crit null", MALFORMED, |good| {
        good.header("crit", json!(null))
    }),
    ("crit false", MALFORMED, |good| good.header("crit", false)),
    ("crit a string", MALFORMED, |good| {
        good.header("crit", "exp")
    }),
    ("crit a number", MALFORMED, |good| good.header("crit", 0)),
    ("crit an object", MALFORMED, |good| {
        good.header("crit", json!({ "exp": true }))
    }),
    ("crit a nested array", MALFORMED, |good| {
        good.header("crit", json!([["exp"]]))
    }),
    ("crit escaped", MALFORMED, |good| {
        good.header_begins(r#""\u0063rit":["exp"],"#)
    }),
    ("crit twice", MALFORMED, |good| {
        good.header_begins(r#""crit":[],"crit":[],"#)
    }),
    ("b64 false", MALFORMED, |good| good.header("b64", false)),
    ("b64 true", MALFORMED, |good| good.header("b64", true)),
    ("b64 null", MALFORMED, |good| {
        good.header("b64", json!(null))
    }),
    ("b64 a string", MALFORMED, |good| {
        good.header("b64", "false")
    }),
    ("b64 escaped", MALFORMED, |good| {
        good.header_begins(r#""b\u00364":false,"#)
    }),
    ("b64 false and crit", MALFORMED, |good| {
        good.but(|token| token.header("b64", false).header("crit", json!(["b64"])))
    }),
    ("b64 false and the payload detached", MALFORMED, |good| {
        let text = good.but(|token| token.header("b64", false).header("crit", json!(["b64"])));
        let [header, signature] = [0, 2].map(|part| text.split('.').nth(part).unwrap_or_default());
        format!("{header}..{signature}")
    }),
    ("zip and claims that are compressed", MALFORMED, |good| {
        // A final, stored block of DEFLATE (RFC 1951 §3.2.4).
        let stored = |payload: String| {
            let length = (payload.len() as u16).to_le_bytes();
            [
                &[1],
                &length[..],
                &length.map(|byte| !byte),
                payload.as_bytes(),
            ]
            .concat()
        };
        good.written(|header| header.replacen('{', r#"{"zip":"DEF","#, 1), stored)
    }),
];
