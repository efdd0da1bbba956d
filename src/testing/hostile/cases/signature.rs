//! Signatures that are not the issuer's.

use serde_json::json;

use super::Case;
use crate::testing::keys::encode;

const SIGNATURE: &str = "Invalid token signature";

pub(super) const CASES: &[Case] = &[
    ("tampered", SIGNATURE, |good| good.but(|token| token.tampered())),
    ("tampered header", SIGNATURE, |good| {
        let other = good.header("x-own", 1);
        let [_, payload, signature] = good.parts();
        format!("{}.{payload}.{signature}", other.split('.').next().unwrap_or_default())
    }),
    ("signature of another token", SIGNATURE, |good| {
        let [header, payload, _] = good.parts();
        let other = good.claim("sub", "somebody-else");
        format!("{header}.{payload}.{}", other.rsplit('.').next().unwrap_or_default())
    }),
    ("signature missing", SIGNATURE, |good| good.sealed_with(|_| Vec::new())),
    ("signature cut short", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature.pop();
            signature
        })
    }),
    ("signature with an octet more", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature.push(0);
            signature
        })
    }),
    ("signature with a bit turned", SIGNATURE, |good| {
        good.sealed_with(|mut signature| {
            signature[0] ^= 1;
            signature
        })
    }),
    ("signature of zeros", SIGNATURE, |good| good.sealed_with(|signature| vec![0; signature.len()])),
    ("signature of ones", SIGNATURE, |good| good.sealed_with(|signature| vec![0xff; signature.len()])),
    ("signature as text", SIGNATURE, |good| good.sealed_with(|signature| encode(signature).into_bytes())),
    ("signature in DER", SIGNATURE, |good| {
        good.sealed_with(|signature| {
            let (r, s) = signature.split_at(signature.len() / 2);
            let integer = |octets: &[u8]| [&[2, octets.len() as u8 + 1, 0], octets].concat();
            let body = [integer(r), integer(s)].concat();
            [&[0x30, body.len() as u8], &*body].concat()
        })
    }),
    ("signed by a stranger", SIGNATURE, |good| good.forged(|_, _| {})),
    ("signed by a stranger, key in jwk", SIGNATURE, |good| {
        good.forged(|header, jwk| {
            header.insert("jwk".into(), jwk);
        })
    }),
    ("signed by a stranger, key at jku", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!("https://forger.example.test/.well-known/jwks.json"));
        })
    }),
    ("signed by a stranger, certificate in x5c", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("x5c".into(), json!(["MIIB"]));
            header.insert("x5u".into(), json!("https://forger.example.test/cert.pem"));
        })
    }),
];
