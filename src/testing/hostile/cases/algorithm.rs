//! Wrong values of `alg` (RFC 7515 §4.1.1, RFC 8725 §2.1 and §3.1).

use serde_json::json;

use super::{ALGORITHM, Case};

pub(super) const CASES: &[Case] = &[
    ("unsecured", ALGORITHM, |good| {
        good.but(|token| token.unsecured())
    }),
    ("unsecured, None", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", "None"))
    }),
    ("unsecured, NONE", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", "NONE"))
    }),
    ("unsecured, nOnE", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", "nOnE"))
    }),
    ("unsecured, without a kid", ALGORITHM, |good| {
        good.but(|token| token.unsecured().without_header("kid"))
    }),
    ("unsecured, alg with a trailing space", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", "none "))
    }),
    ("unsecured, alg with a trailing NUL", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", "none\0"))
    }),
    ("unsecured, alg empty", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", ""))
    }),
    ("unsecured, no alg", ALGORITHM, |good| {
        good.but(|token| token.unsecured().without_header("alg"))
    }),
    ("unsecured, alg null", ALGORITHM, |good| {
        good.but(|token| token.unsecured().header("alg", json!(null)))
    }),
    ("alg none with a signature", ALGORITHM, |good| {
        good.header("alg", "none")
    }),
    ("alg null, as a string", ALGORITHM, |good| {
        good.header("alg", "null")
    }),
    ("HMAC with the public key", ALGORITHM, |good| {
        good.but(|token| token.hmac_confused())
    }),
    ("HMAC with the key set", ALGORITHM, |good| {
        good.hmac(|good| good.jwks().into_bytes())
    }),
    ("HMAC with the kid", ALGORITHM, |good| {
        good.hmac(|good| good.kid().into_bytes())
    }),
    ("HMAC with an empty secret", ALGORITHM, |good| {
        good.hmac(|_| Vec::new())
    }),
    ("HMAC with the secret \"secret\"", ALGORITHM, |good| {
        good.hmac(|_| b"secret".to_vec())
    }),
    ("HMAC with the secret \"null\"", ALGORITHM, |good| {
        good.hmac(|_| b"null".to_vec())
    }),
    ("HS384", ALGORITHM, |good| good.header("alg", "HS384")),
    ("HS512", ALGORITHM, |good| good.header("alg", "HS512")),
    ("HS256 cut to 64 bits", ALGORITHM, |good| {
        good.header("alg", "HS256/64")
    }),
    ("no alg", ALGORITHM, |good| {
        good.but(|token| token.without_header("alg"))
    }),
    ("alg null", ALGORITHM, |good| {
        good.header("alg", json!(null))
    }),
    ("alg true", ALGORITHM, |good| good.header("alg", true)),
    ("alg a number", ALGORITHM, |good| good.header("alg", 256)),
    ("alg an array", ALGORITHM, |good| {
        good.header("alg", json!(["ES256"]))
    }),
    ("alg an object", ALGORITHM, |good| {
        good.header("alg", json!({ "name": "ES256" }))
    }),
    ("alg empty", ALGORITHM, |good| good.header("alg", "")),
    ("alg written ALG", ALGORITHM, |good| {
        good.but(|token| token.without_header("alg").header("ALG", "ES256"))
    }),
    ("alg in lower case", ALGORITHM, |good| {
        good.header("alg", good.another_algorithm().to_ascii_lowercase())
    }),
    ("alg with a space", ALGORITHM, |good| {
        good.header("alg", format!(" {}", good.another_algorithm()))
    }),
    ("alg with a line break", ALGORITHM, |good| {
        good.header("alg", format!("{}\n", good.another_algorithm()))
    }),
    ("alg with a NUL", ALGORITHM, |good| {
        good.header("alg", format!("{}\0", good.another_algorithm()))
    }),
    ("alg two in one string", ALGORITHM, |good| {
        good.header("alg", "ES256,RS256,EdDSA,none")
    }),
    ("alg with a letter that looks alike", ALGORITHM, |good| {
        good.header("alg", "\u{415}S256")
    }),
    ("alg in full width", ALGORITHM, |good| {
        good.header("alg", "\u{ff25}\u{ff33}\u{ff12}\u{ff15}\u{ff16}")
    }),
    ("alg as XML signatures write it", ALGORITHM, |good| {
        good.header("alg", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")
    }),
    ("alg as Java writes it", ALGORITHM, |good| {
        good.header("alg", "SHA256withRSA")
    }),
    ("alg by its COSE number", ALGORITHM, |good| {
        good.header("alg", -7)
    }),
    ("alg of an encryption", ALGORITHM, |good| {
        good.header("alg", "RSA-OAEP")
    }),
    ("alg of an encryption, with enc", ALGORITHM, |good| {
        good.but(|token| token.header("alg", "RSA-OAEP-256").header("enc", "A256GCM"))
    }),
    ("alg dir, with enc", ALGORITHM, |good| {
        good.but(|token| token.header("alg", "dir").header("enc", "A128CBC-HS256"))
    }),
    ("alg of password-based encryption", ALGORITHM, |good| {
        good.but(|token| {
            token
                .header("alg", "PBES2-HS256+A128KW")
                .header("p2c", 1_000_000_000)
        })
    }),
    ("alg ECDH-ES, with epk", ALGORITHM, |good| {
        let epk = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" });
        good.but(|token| token.header("alg", "ECDH-ES").header("epk", epk))
    }),
    ("alg ES256K", ALGORITHM, |good| good.header("alg", "ES256K")),
    ("alg RS1", ALGORITHM, |good| good.header("alg", "RS1")),
    ("alg Ed448", ALGORITHM, |good| good.header("alg", "Ed448")),
    ("alg SLH-DSA", ALGORITHM, |good| {
        good.header("alg", "SLH-DSA-SHA2-128s")
    }),
    ("alg of another key type", ALGORITHM, |good| {
        good.header("alg", good.another_algorithm())
    }),
];
