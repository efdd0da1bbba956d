//! Issuers that are similar to the configured one (RFC 7519 §4.1.1, RFC 8725 §3.8).

use serde_json::json;

use super::{Case, ISSUER};

pub(super) const CASES: &[Case] = &[
    ("wrong issuer", ISSUER, |good| {
        good.claim("iss", "https://another-issuer.example.test")
    }),
    ("no iss", ISSUER, |good| {
        good.but(|token| token.without("iss"))
    }),
    ("iss null", ISSUER, |good| good.claim("iss", json!(null))),
    ("iss true", ISSUER, |good| good.claim("iss", true)),
    ("iss a number", ISSUER, |good| good.claim("iss", 7)),
    ("iss an array", ISSUER, |good| {
        good.claim("iss", json!([good.iss()]))
    }),
    ("iss an object", ISSUER, |good| {
        good.claim("iss", json!({ "iss": good.iss() }))
    }),
    ("iss empty", ISSUER, |good| good.claim("iss", "")),
    ("iss a pattern", ISSUER, |good| good.claim("iss", "*")),
    ("iss written ISS", ISSUER, |good| {
        good.but(|token| token.without("iss").claim("ISS", good.iss()))
    }),
    ("iss in the header alone", ISSUER, |good| {
        good.but(|token| token.without("iss").header("iss", good.iss()))
    }),
    ("iss in the header, another in the claims", ISSUER, |good| {
        good.but(|token| {
            token
                .header("iss", good.iss())
                .claim("iss", "https://forger.example.test")
        })
    }),
    ("iss with a slash more or less", ISSUER, |good| {
        let iss = good.iss();
        good.claim(
            "iss",
            iss.strip_suffix('/')
                .map_or_else(|| format!("{iss}/"), str::to_owned),
        )
    }),
    ("iss with two slashes more", ISSUER, |good| {
        good.claim("iss", good.iss() + "//")
    }),
    ("iss with a dot for a path", ISSUER, |good| {
        good.claim("iss", good.iss() + "/.")
    }),
    ("iss with a way there and back", ISSUER, |good| {
        good.claim("iss", good.iss() + "/x/..")
    }),
    ("iss with another path", ISSUER, |good| {
        good.claim("iss", good.iss() + "/tenant")
    }),
    ("iss with a query", ISSUER, |good| {
        good.claim("iss", good.iss() + "?")
    }),
    ("iss with a fragment", ISSUER, |good| {
        good.claim("iss", good.iss() + "#")
    }),
    ("iss in capitals", ISSUER, |good| {
        good.claim("iss", good.iss().to_ascii_uppercase())
    }),
    ("iss with another scheme", ISSUER, |good| {
        let iss = good.iss();
        let other = iss
            .strip_prefix("https://")
            .map(|rest| format!("http://{rest}"));
        good.claim(
            "iss",
            other.unwrap_or_else(|| iss.replacen("http://", "https://", 1)),
        )
    }),
    ("iss without its scheme", ISSUER, |good| {
        good.claim(
            "iss",
            good.iss().split_off(good.iss().find("//").unwrap_or(0)),
        )
    }),
    ("iss with a suffix", ISSUER, |good| {
        good.claim("iss", format!("{}.forger.example.test", good.iss()))
    }),
    ("iss with a trailing dot", ISSUER, |good| {
        good.claim("iss", good.iss() + ".")
    }),
    ("iss with a port", ISSUER, |good| {
        good.claim("iss", good.iss() + ":443")
    }),
    ("iss cut short", ISSUER, |good| {
        good.claim("iss", &good.iss()[..good.iss().len() - 1])
    }),
    ("iss after a space", ISSUER, |good| {
        good.claim("iss", format!(" {}", good.iss()))
    }),
    ("iss with a line break", ISSUER, |good| {
        good.claim("iss", good.iss() + "\n")
    }),
    ("iss with a null", ISSUER, |good| {
        good.claim("iss", good.iss() + "\0")
    }),
    ("iss with a null and more", ISSUER, |good| {
        good.claim("iss", good.iss() + "\0.forger.example.test")
    }),
    ("iss with a zero-width space", ISSUER, |good| {
        good.claim("iss", good.iss() + "\u{200b}")
    }),
    ("iss with a letter that looks alike", ISSUER, |good| {
        // Every URL has a p in its scheme; to another issuer the letter is appended.
        let iss = good.iss();
        good.claim(
            "iss",
            if iss.contains('p') {
                iss.replacen('p', "\u{440}", 1)
            } else {
                iss + "\u{440}"
            },
        )
    }),
    ("iss percent-encoded", ISSUER, |good| {
        good.claim("iss", good.iss().replace(':', "%3A"))
    }),
    ("iss in quotes", ISSUER, |good| {
        good.claim("iss", format!("\"{}\"", good.iss()))
    }),
    ("iss twice in one string", ISSUER, |good| {
        good.claim("iss", format!("{0} {0}", good.iss()))
    }),
    ("iss with user information", ISSUER, |good| {
        good.claim("iss", good.iss().replacen("://", "://forger@", 1) + "#")
    }),
];
