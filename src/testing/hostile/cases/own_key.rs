//! Keys that a token brings along or points to: they are never looked at (RFC 7515 §4.1.2 to §4.1.8, RFC 8725 §2.10).

use serde_json::json;

use super::{Case, KEY, SIGNATURE};

const SET: &str = "https://forger.example.test/.well-known/jwks.json";
const CERTIFICATE: &str = "https://forger.example.test/cert.pem";

pub(super) const CASES: &[Case] = &[
    ("a key of its own in jwk", KEY, |good| {
        good.forged(|header, jwk| {
            header.insert("kid".into(), jwk["kid"].clone());
            header.insert("jwk".into(), jwk);
        })
    }),
    ("a key of its own at jku", KEY, |good| {
        good.forged(|header, jwk| {
            header.insert("kid".into(), jwk["kid"].clone());
            header.insert("jku".into(), json!(SET));
        })
    }),
    ("a key of its own at x5u", KEY, |good| {
        good.forged(|header, jwk| {
            header.insert("kid".into(), jwk["kid"].clone());
            header.insert("x5u".into(), json!(CERTIFICATE));
        })
    }),
    ("a key of its own in jwks", KEY, |good| {
        good.forged(|header, jwk| {
            header.insert("kid".into(), jwk["kid"].clone());
            header.insert("jwks".into(), json!({ "keys": [jwk] }));
        })
    }),
    ("signed by a stranger", SIGNATURE, |good| {
        good.forged(|_, _| {})
    }),
    ("signed by a stranger, key in jwk", SIGNATURE, |good| {
        good.forged(|header, jwk| {
            header.insert("jwk".into(), jwk);
        })
    }),
    (
        "signed by a stranger, key in jwk under our kid",
        SIGNATURE,
        |good| {
            good.forged(|header, mut jwk| {
                jwk["kid"] = header["kid"].clone();
                header.insert("jwk".into(), jwk);
            })
        },
    ),
    (
        "signed by a stranger, key in jwk as a text",
        SIGNATURE,
        |good| {
            good.forged(|header, jwk| {
                header.insert("jwk".into(), json!(jwk.to_string()));
            })
        },
    ),
    ("signed by a stranger, key at jku", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!(SET));
        })
    }),
    (
        "signed by a stranger, jku that begins as the issuer",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert(
                    "jku".into(),
                    json!(format!("{}@forger.example.test/jwks.json", good.iss())),
                );
            })
        },
    ),
    ("signed by a stranger, jku a list", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!([SET]));
        })
    }),
    (
        "signed by a stranger, jku to a metadata service",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert(
                    "jku".into(),
                    json!("http://169.254.169.254/latest/meta-data/"),
                );
            })
        },
    ),
    ("signed by a stranger, jku a file", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!("file:///etc/passwd"));
        })
    }),
    (
        "signed by a stranger, certificate in x5c",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5c".into(), json!(["MIIB"]));
                header.insert("x5u".into(), json!(CERTIFICATE));
            })
        },
    ),
    (
        "signed by a stranger, certificate at x5u alone",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5u".into(), json!(CERTIFICATE));
            })
        },
    ),
    ("signed by a stranger, x5c no list", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("x5c".into(), json!({ "0": "MIIB" }));
        })
    }),
    (
        "signed by a stranger, thumbprint in x5t",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5t".into(), json!("bwcK0esc3ACC3DB2Y5_lESsXE8o"));
            })
        },
    ),
    (
        "signed by a stranger, thumbprint in x5t#S256",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert(
                    "x5t#S256".into(),
                    json!("bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"),
                );
            })
        },
    ),
    (
        "signed by a stranger, everything in the header",
        SIGNATURE,
        |good| {
            good.forged(|header, jwk| {
                header.insert("jwk".into(), jwk.clone());
                header.insert("jwks".into(), json!({ "keys": [jwk] }));
                header.insert("jku".into(), json!(SET));
                header.insert("x5u".into(), json!(CERTIFICATE));
                header.insert("x5c".into(), json!(["MIIB"]));
            })
        },
    ),
];
