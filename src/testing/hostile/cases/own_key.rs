//! Keys in the header of a token, or at a URL there (RFC 7515 §4.1.2 to §4.1.8, RFC 8725 §2.10).

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
    ("signed by a foreign key", SIGNATURE, |good| {
        good.forged(|_, _| {})
    }),
    ("signed by a foreign key, key in jwk", SIGNATURE, |good| {
        good.forged(|header, jwk| {
            header.insert("jwk".into(), jwk);
        })
    }),
    (
        "signed by a foreign key, key in jwk under our kid",
        SIGNATURE,
        |good| {
            good.forged(|header, mut jwk| {
                jwk["kid"] = header["kid"].clone();
                header.insert("jwk".into(), jwk);
            })
        },
    ),
    (
        "signed by a foreign key, key in jwk as a string",
        SIGNATURE,
        |good| {
            good.forged(|header, jwk| {
                header.insert("jwk".into(), json!(jwk.to_string()));
            })
        },
    ),
    ("signed by a foreign key, key at jku", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!(SET));
        })
    }),
    (
        "signed by a foreign key, jku that begins as the issuer",
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
    ("signed by a foreign key, jku an array", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!([SET]));
        })
    }),
    (
        "signed by a foreign key, jku to a metadata service",
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
    ("signed by a foreign key, jku a file", SIGNATURE, |good| {
        good.forged(|header, _| {
            header.insert("jku".into(), json!("file:///etc/passwd"));
        })
    }),
    (
        "signed by a foreign key, certificate in x5c",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5c".into(), json!(["MIIB"]));
                header.insert("x5u".into(), json!(CERTIFICATE));
            })
        },
    ),
    (
        "signed by a foreign key, certificate at x5u alone",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5u".into(), json!(CERTIFICATE));
            })
        },
    ),
    (
        "signed by a foreign key, x5c not an array",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5c".into(), json!({ "0": "MIIB" }));
            })
        },
    ),
    (
        "signed by a foreign key, thumbprint in x5t",
        SIGNATURE,
        |good| {
            good.forged(|header, _| {
                header.insert("x5t".into(), json!("bwcK0esc3ACC3DB2Y5_lESsXE8o"));
            })
        },
    ),
    (
        "signed by a foreign key, thumbprint in x5t#S256",
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
        "signed by a foreign key, everything in the header",
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
