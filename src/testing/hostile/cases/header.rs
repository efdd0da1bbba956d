//! Algorithms, types, extensions and key ids (RFC 7515 §4.1, RFC 8725 §2.1, §3.1, §3.11).

use serde_json::json;

use super::Case;

const ALGORITHM: &str = "Unsupported algorithm";
const TYPE: &str = "Invalid token type";
const MALFORMED: &str = "Malformed token";
const KEY: &str = "Unknown signing key";

pub(super) const CASES: &[Case] = &[
    ("unsecured", ALGORITHM, |good| good.but(|token| token.unsecured())),
    ("unsecured, None", ALGORITHM, |good| good.but(|token| token.unsecured().header("alg", "None"))),
    ("unsecured, NONE", ALGORITHM, |good| good.but(|token| token.unsecured().header("alg", "NONE"))),
    ("unsecured, nOnE", ALGORITHM, |good| good.but(|token| token.unsecured().header("alg", "nOnE"))),
    ("alg none with a signature", ALGORITHM, |good| good.header("alg", "none")),
    ("HMAC with the public key", ALGORITHM, |good| good.but(|token| token.hmac_confused())),
    ("HS384", ALGORITHM, |good| good.header("alg", "HS384")),
    ("HS512", ALGORITHM, |good| good.header("alg", "HS512")),
    ("no alg", ALGORITHM, |good| good.but(|token| token.without_header("alg"))),
    ("alg null", ALGORITHM, |good| good.header("alg", json!(null))),
    ("alg a number", ALGORITHM, |good| good.header("alg", 256)),
    ("alg a list", ALGORITHM, |good| good.header("alg", json!(["ES256"]))),
    ("alg empty", ALGORITHM, |good| good.header("alg", "")),
    ("alg in lower case", ALGORITHM, |good| good.header("alg", good.another_algorithm().to_ascii_lowercase())),
    ("alg with a blank", ALGORITHM, |good| good.header("alg", format!(" {}", good.another_algorithm()))),
    ("alg of an encryption", ALGORITHM, |good| good.header("alg", "RSA-OAEP")),
    ("alg ES256K", ALGORITHM, |good| good.header("alg", "ES256K")),
    ("alg of another kind of key", ALGORITHM, |good| good.header("alg", good.another_algorithm())),
    ("typ of a logout token", TYPE, |good| good.header("typ", "logout+jwt")),
    ("typ of a DPoP proof", TYPE, |good| good.header("typ", "dpop+jwt")),
    ("typ of a security event", TYPE, |good| good.header("typ", "secevent+jwt")),
    ("typ of a request object", TYPE, |good| good.header("typ", "oauth-authz-req+jwt")),
    ("typ of another tree", TYPE, |good| good.header("typ", "text/at+jwt")),
    ("typ empty", TYPE, |good| good.header("typ", "")),
    ("typ null", TYPE, |good| good.header("typ", json!(null))),
    ("typ a list", TYPE, |good| good.header("typ", json!(["at+jwt"]))),
    ("crit", MALFORMED, |good| good.but(|token| token.header("crit", json!(["exp"])).header("exp", good.at(3600)))),
    ("crit empty", MALFORMED, |good| good.header("crit", json!([]))),
    ("crit null", MALFORMED, |good| good.header("crit", json!(null))),
    ("b64 false", MALFORMED, |good| good.header("b64", false)),
    ("b64 false and crit", MALFORMED, |good| {
        good.but(|token| token.header("b64", false).header("crit", json!(["b64"])))
    }),
    ("kid a number", MALFORMED, |good| good.header("kid", 7)),
    ("kid null", MALFORMED, |good| good.header("kid", json!(null))),
    ("kid a list", MALFORMED, |good| good.header("kid", json!([good.kid()]))),
    ("kid too long", MALFORMED, |good| good.header("kid", "k".repeat(1025))),
    ("an unknown key", KEY, |good| good.header("kid", "unknown")),
    ("kid empty", KEY, |good| good.header("kid", "")),
    ("kid in another case", KEY, |good| good.header("kid", good.kid().to_ascii_uppercase())),
    ("kid a path", KEY, |good| good.header("kid", "../../../../dev/null")),
    ("kid a query", KEY, |good| good.header("kid", "x' UNION SELECT 'key' --")),
    ("kid with a line break", KEY, |good| good.header("kid", format!("{}\r\n", good.kid()))),
    ("kid with a null", KEY, |good| good.header("kid", format!("{}\0", good.kid()))),
    ("a key of its own in jwk", KEY, |good| {
        good.forged(|header, jwk| {
            header.insert("kid".into(), jwk["kid"].clone());
            header.insert("jwk".into(), jwk);
        })
    }),
    ("a key of its own at jku", KEY, |good| {
        good.forged(|header, jwk| {
            header.insert("kid".into(), jwk["kid"].clone());
            header.insert("jku".into(), json!("https://forger.example.test/.well-known/jwks.json"));
        })
    }),
];
