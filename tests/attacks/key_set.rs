//! Published keys that must not be used (RFC 7517, RFC 7518 §6, RFC 8037, behaviour 3.3, 3.4, 3.8
//! to 3.10), each with a token that would pass if it were. The issuer's good key beside it goes on
//! working.

use axioms_rocket::Config;
use axioms_rocket::testing::{Alg, TestIssuer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::serde::json::{Value, from_str, json};

use crate::harness::{ALGORITHM, KEY, SIGNATURE, Target, Verdict, run};
use crate::support::{config, full_token, offline, offline_with, routes};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD
        .decode(text.as_str().expect("a text"))
        .expect("base64url")
}

type Spoil = fn(&mut Value);

/// A foreign key with one fault, which signs the token.
const SPOILED: [(&str, Alg, Spoil); 58] = [
    ("use is enc", Alg::Es256, |jwk| jwk["use"] = json!("enc")),
    ("use is in capitals", Alg::Es256, |jwk| {
        jwk["use"] = json!("SIG")
    }),
    ("use is empty", Alg::Es256, |jwk| jwk["use"] = json!("")),
    ("use is a number", Alg::Es256, |jwk| jwk["use"] = json!(7)),
    ("use is a list", Alg::Es256, |jwk| {
        jwk["use"] = json!(["sig"])
    }),
    ("key_ops is empty", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!([])
    }),
    ("key_ops is to sign", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!(["sign"])
    }),
    ("key_ops is to wrap keys", Alg::Rs256, |jwk| {
        jwk["key_ops"] = json!(["wrapKey", "encrypt"])
    }),
    ("key_ops is in capitals", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!(["VERIFY"])
    }),
    ("key_ops is a text", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!("verify")
    }),
    ("key_ops is a list with a number", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!(["verify", 7])
    }),
    ("key_ops is an object", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!({ "verify": true })
    }),
    ("use is sig and key_ops is not", Alg::Es256, |jwk| {
        jwk["key_ops"] = json!(["deriveKey"])
    }),
    ("alg is none", Alg::Es256, |jwk| jwk["alg"] = json!("none")),
    ("alg is HS256", Alg::Es256, |jwk| {
        jwk["alg"] = json!("HS256")
    }),
    ("alg is empty", Alg::Es256, |jwk| jwk["alg"] = json!("")),
    ("alg is a number", Alg::Es256, |jwk| jwk["alg"] = json!(256)),
    ("alg is in small letters", Alg::Es256, |jwk| {
        jwk["alg"] = json!("es256")
    }),
    ("alg is of another curve", Alg::Es256, |jwk| {
        jwk["alg"] = json!("ES384")
    }),
    ("alg is of another kind of key", Alg::Es256, |jwk| {
        jwk["alg"] = json!("RS256")
    }),
    ("alg is of an encryption", Alg::Rs256, |jwk| {
        jwk["alg"] = json!("RSA-OAEP-256")
    }),
    ("alg is of a key agreement", Alg::EdDsa, |jwk| {
        jwk["alg"] = json!("ECDH-ES")
    }),
    ("kty is missing", Alg::Es256, |jwk| {
        drop(jwk.as_object_mut().map(|members| members.remove("kty")))
    }),
    ("kty is null", Alg::Es256, |jwk| jwk["kty"] = json!(null)),
    ("kty is a number", Alg::Es256, |jwk| jwk["kty"] = json!(2)),
    ("kty is in small letters", Alg::Es256, |jwk| {
        jwk["kty"] = json!("ec")
    }),
    ("kty is of another kind", Alg::Es256, |jwk| {
        jwk["kty"] = json!("RSA")
    }),
    ("kty is oct", Alg::Es256, |jwk| jwk["kty"] = json!("oct")),
    ("kty is OKP for a curve of EC", Alg::Es256, |jwk| {
        jwk["kty"] = json!("OKP")
    }),
    ("kty is EC for a curve of OKP", Alg::EdDsa, |jwk| {
        jwk["kty"] = json!("EC")
    }),
    ("kty is AKP", Alg::Es256, |jwk| jwk["kty"] = json!("AKP")),
    ("crv is missing", Alg::Es256, |jwk| {
        drop(jwk.as_object_mut().map(|members| members.remove("crv")))
    }),
    ("crv is a number", Alg::Es256, |jwk| jwk["crv"] = json!(1)),
    ("crv is in small letters", Alg::Es256, |jwk| {
        jwk["crv"] = json!("p-256")
    }),
    ("crv is secp256k1", Alg::Es256, |jwk| {
        jwk["crv"] = json!("secp256k1")
    }),
    ("crv is Ed448", Alg::EdDsa, |jwk| {
        jwk["crv"] = json!("Ed448")
    }),
    ("crv is X25519", Alg::EdDsa, |jwk| {
        jwk["crv"] = json!("X25519")
    }),
    ("x is missing", Alg::Es256, |jwk| {
        drop(jwk.as_object_mut().map(|members| members.remove("x")))
    }),
    ("y is missing", Alg::Es256, |jwk| {
        drop(jwk.as_object_mut().map(|members| members.remove("y")))
    }),
    ("x is empty", Alg::Es256, |jwk| jwk["x"] = json!("")),
    ("x is a list of bytes", Alg::Es256, |jwk| {
        jwk["x"] = json!(decode(&jwk["x"]))
    }),
    ("x is padded", Alg::Es256, |jwk| {
        jwk["x"] = json!(format!("{}=", jwk["x"].as_str().unwrap_or_default()))
    }),
    ("x has bits to spare", Alg::EdDsa, |jwk| {
        let mut x = jwk["x"].as_str().unwrap_or_default().to_owned();
        let last = x.pop().map_or(0, u32::from);
        x.extend(char::from_u32(last + 1));
        jwk["x"] = json!(x);
    }),
    ("x has a line break", Alg::Es256, |jwk| {
        jwk["x"] = json!(format!("{}\n", jwk["x"].as_str().unwrap_or_default()))
    }),
    ("x has a byte too many", Alg::Es256, |jwk| {
        jwk["x"] = json!(encode([&[0], &*decode(&jwk["x"])].concat()))
    }),
    ("x of Ed25519 has a byte too many", Alg::EdDsa, |jwk| {
        jwk["x"] = json!(encode([&*decode(&jwk["x"]), &[0]].concat()))
    }),
    ("x of Ed25519 has a byte too few", Alg::EdDsa, |jwk| {
        jwk["x"] = json!(encode(&decode(&jwk["x"])[..31]))
    }),
    ("x and y are exchanged", Alg::Es256, |jwk| {
        let (x, y) = (jwk["x"].clone(), jwk["y"].clone());
        (jwk["x"], jwk["y"]) = (y, x);
    }),
    ("y is off the curve by one", Alg::Es384, |jwk| {
        let mut y = decode(&jwk["y"]);
        y[47] ^= 1;
        jwk["y"] = json!(encode(y));
    }),
    ("the point is zero", Alg::Es256, |jwk| {
        jwk["x"] = json!(encode([0; 32]));
        jwk["y"] = json!(encode([0; 32]));
    }),
    ("the point is beyond the field", Alg::Es256, |jwk| {
        jwk["x"] = json!(encode([0xff; 32]))
    }),
    ("the point is of a smaller curve", Alg::Es256, |jwk| {
        jwk["crv"] = json!("P-384");
        jwk["alg"] = json!("ES384");
    }),
    ("a private key of EC", Alg::Es256, |jwk| {
        jwk["d"] = json!(encode([7; 32]))
    }),
    ("a private key of OKP", Alg::EdDsa, |jwk| {
        jwk["d"] = json!(encode([7; 32]))
    }),
    ("a private key of RSA", Alg::Rs256, |jwk| {
        jwk["d"] = json!(encode([7; 256]))
    }),
    ("a private part that is null", Alg::Es256, |jwk| {
        jwk["d"] = json!(null)
    }),
    ("n is missing", Alg::Rs256, |jwk| {
        drop(jwk.as_object_mut().map(|members| members.remove("n")))
    }),
    ("e is missing", Alg::Rs256, |jwk| {
        drop(jwk.as_object_mut().map(|members| members.remove("e")))
    }),
];

/// RSA keys of this modulus and exponent, with the number to which any exponent of one leads: the
/// padded digest itself.
const RSA: [(&str, fn(&mut Vec<u8>), &[u8]); 16] = [
    ("e is one", |_| {}, &[1]),
    ("e is one, with a zero in front", |_| {}, &[0, 1]),
    ("e is zero", |_| {}, &[0]),
    ("e is nothing", |_| {}, &[]),
    ("e is two", |_| {}, &[2]),
    ("e is three", |_| {}, &[3]),
    ("e is 17", |_| {}, &[17]),
    ("e is 65535", |_| {}, &[0xff, 0xff]),
    ("e is even", |_| {}, &[1, 0, 0]),
    ("e has 34 bits", |_| {}, &[2, 0, 0, 0, 1]),
    ("e is as long as n", |_| {}, &[0xff; 256]),
    ("n is even", |n| n[255] &= 0xfe, &[1, 0, 1]),
    ("n has 2047 bits", |n| n[0] &= 0x7f, &[1, 0, 1]),
    ("n has 1024 bits", |n| n.truncate(128), &[1, 0, 1]),
    ("n has 512 bits", |n| n.truncate(64), &[1, 0, 1]),
    (
        "n has 8200 bits",
        |n| n.splice(0..0, [0xff; 769]).for_each(drop),
        &[1, 0, 1],
    ),
];

/// RFC 7748 and the papers after it: points of edwards25519 whose multiples are few, in every
/// encoding that is taken anywhere.
const SMALL: [(&str, &str); 14] = [
    (
        "the neutral point",
        "0100000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "the neutral point with a sign",
        "0100000000000000000000000000000000000000000000000000000000000080",
    ),
    (
        "the neutral point beyond the field",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "the neutral point beyond the field, with a sign",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    (
        "a point of order two",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "a point of order two with a sign",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    (
        "a point of order four",
        "0000000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "the other point of order four",
        "0000000000000000000000000000000000000000000000000000000000000080",
    ),
    (
        "a point of order four beyond the field",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "the other point of order four beyond the field",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    (
        "a point of order eight",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ),
    (
        "a second point of order eight",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ),
    (
        "a third point of order eight",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ),
    (
        "a fourth point of order eight",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ),
];

/// Members of the list `keys` as text, beside the good one.
const WRITTEN: [(&str, &str); 12] = [
    ("null for a key", "null"),
    ("a number for a key", "7"),
    ("a text for a key", "\"key\""),
    ("a list for a key", "[]"),
    ("an empty key", "{}"),
    ("a list of keys in a key", r#"{"keys":[]}"#),
    (
        "a key with kty twice",
        r#"{"kty":"oct","kid":"bad","kty":"EC","crv":"P-256","x":"","y":""}"#,
    ),
    (
        "a key with kid twice",
        r#"{"kty":"oct","kid":"bad","kid":"other","k":"AA"}"#,
    ),
    (
        "a key nested too deep",
        r#"{"kty":"EC","kid":"bad","x":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"#,
    ),
    (
        "a secret",
        r#"{"kty":"oct","kid":"bad","k":"c2VjcmV0LW9mLXRoZS1pc3N1ZXI"}"#,
    ),
    (
        "a secret that says ES256",
        r#"{"kty":"oct","kid":"bad","alg":"ES256","k":"c2VjcmV0LW9mLXRoZS1pc3N1ZXI"}"#,
    ),
    (
        "a key after quantum computers",
        r#"{"kty":"AKP","kid":"bad","alg":"ML-DSA-44","pub":"AAAA"}"#,
    ),
];

/// Sets in which the choice of a key matters; see [`choose`].
const CHOICES: [(&str, Verdict); 9] = [
    ("the fifth key of one kid", SIGNATURE),
    ("a key without kid for a token with one", KEY),
    ("five keys for a token without kid", KEY),
    ("none that fits for a token without kid", KEY),
    ("a kid in another case", KEY),
    ("a kid in another normal form", KEY),
    ("a key that says RS256 for PS256", ALGORITHM),
    ("a key for an algorithm that is not configured", ALGORITHM),
    ("a kid that is a number", KEY),
];

fn name(what: &str) -> String {
    format!("key: {what}")
}

pub fn names() -> Vec<String> {
    let spoiled = SPOILED.iter().map(|(what, ..)| *what);
    let others = RSA
        .iter()
        .map(|(what, ..)| *what)
        .chain(SMALL.iter().map(|(what, _)| *what));
    let rest = WRITTEN
        .iter()
        .map(|(what, _)| *what)
        .chain(CHOICES.iter().map(|(what, _)| *what));
    spoiled.chain(others).chain(rest).map(name).collect()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits"))
        .collect()
}

fn keys(issuer: &TestIssuer) -> Vec<Value> {
    let set: Value = from_str(&issuer.jwks()).expect("a set");
    set["keys"].as_array().expect("a list").clone()
}

/// The public key of the forger, named `bad`.
fn foreign_key(forger: &TestIssuer, alg: Alg) -> Value {
    let kid = forger.kid(alg);
    let mut jwk = keys(forger)
        .into_iter()
        .find(|jwk| jwk["kid"] == json!(kid))
        .expect("published");
    jwk["kid"] = json!("bad");
    jwk
}

async fn target(
    issuer: &TestIssuer,
    more: impl IntoIterator<Item = Value>,
    config: Config,
) -> Target {
    let keys: Vec<Value> = keys(issuer).into_iter().chain(more).collect();
    let set = json!({ "keys": keys });
    Target::trusting(issuer, config, routes(), set.to_string()).await
}

fn header(alg: Alg, kid: Option<&str>) -> String {
    let mut header = json!({ "alg": alg.name(), "typ": "at+jwt" });
    if let Some(kid) = kid {
        header["kid"] = json!(kid);
    }
    header.to_string()
}

fn claims(issuer: &TestIssuer) -> Vec<u8> {
    let token = full_token(issuer).sign();
    URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).expect("a payload"))
        .expect("base64url")
}

/// A token that names `issuer`, signed with the forger's key.
fn forged(issuer: &TestIssuer, forger: &TestIssuer, alg: Alg) -> String {
    forger.sign_raw(header(alg, Some("bad")), claims(issuer), alg)
}

/// A token without any key, with a signature that is known to be right.
fn unkeyed(issuer: &TestIssuer, alg: Alg, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!(
        "{}.{}",
        encode(header(alg, Some("bad"))),
        encode(claims(issuer))
    );
    let signature = sign(message.as_bytes());
    format!("{message}.{}", encode(signature))
}

#[test]
fn no_spoiled_key_is_trusted() {
    run(async |run| {
        let (issuer, forger) = (
            offline(),
            offline_with([Alg::Es256, Alg::Es384, Alg::EdDsa, Alg::Rs256]),
        );
        // But for the fault they would be trusted.
        for alg in [Alg::Es256, Alg::Es384, Alg::EdDsa, Alg::Rs256] {
            let unspoiled = target(&issuer, [foreign_key(&forger, alg)], config(&issuer)).await;
            run.get(&unspoiled, "/token", &forged(&issuer, &forger, alg))
                .await
                .passes(alg.name());
        }
        for (what, alg, spoil) in SPOILED {
            let bad = forged(&issuer, &forger, alg);
            let mut jwk = foreign_key(&forger, alg);
            spoil(&mut jwk);
            let target = target(&issuer, [jwk], config(&issuer)).await;
            let good = full_token(&issuer).sign();
            run.refuses(&target, &name(what), "/token", [&good, &bad], (KEY, None))
                .await;
        }
    });
}

#[test]
fn no_rsa_key_is_trusted_whose_signatures_anyone_can_make() {
    run(async |run| {
        let (issuer, forger) = (offline(), offline_with([Alg::Rs256]));
        for (what, change, e) in RSA {
            let mut jwk = foreign_key(&forger, Alg::Rs256);
            let mut n = decode(&jwk["n"]);
            change(&mut n);
            (jwk["n"], jwk["e"]) = (json!(encode(&n)), json!(encode(e)));
            // RFC 8017 §9.2: what an exponent of one leaves as it is.
            let bad = unkeyed(&issuer, Alg::Rs256, |message| {
                let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message);
                let info = [
                    &hex("3031300d060960864801650304020105000420")[..],
                    digest.as_ref(),
                ]
                .concat();
                let padding = vec![0xff; n.len() - info.len() - 3];
                let mut padded = [&[0, 1], &*padding, &[0], &*info].concat();
                padded.drain(..padded.len().saturating_sub(1024));
                padded
            });
            let target = target(&issuer, [jwk], config(&issuer)).await;
            let good = full_token(&issuer).sign();
            run.refuses(&target, &name(what), "/token", [&good, &bad], (KEY, None))
                .await;
        }
    });
}

#[test]
fn no_ed25519_key_of_small_order_is_trusted() {
    run(async |run| {
        let issuer = offline();
        for (what, point) in SMALL {
            let jwk =
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": "bad", "x": encode(hex(point)) });
            // R is the neutral point and S is zero: right whenever the digest is a multiple of the
            // key's order.
            let bad = unkeyed(&issuer, Alg::EdDsa, |_| [&[1], &[0; 63][..]].concat());
            let target = target(&issuer, [jwk], config(&issuer)).await;
            let good = full_token(&issuer).sign();
            run.refuses(&target, &name(what), "/token", [&good, &bad], (KEY, None))
                .await;
        }
    });
}

#[test]
fn what_is_no_key_is_none_and_harms_none() {
    run(async |run| {
        let issuer = offline();
        for (what, text) in WRITTEN {
            let good = full_token(&issuer).sign();
            let bad = full_token(&issuer).kid("bad").sign();
            let set = issuer.jwks().replacen("[", &format!("[{text},"), 1);
            let target = Target::trusting(&issuer, config(&issuer), routes(), set).await;
            run.refuses(&target, &name(what), "/token", [&good, &bad], (KEY, None))
                .await;
        }
    });
}

/// The set, the settings and the token of a row of [`CHOICES`].
fn choose(what: &str, issuer: &TestIssuer, forger: &TestIssuer) -> (Vec<Value>, Config, String) {
    let own = |kid: Option<&str>, alg| forger.sign_raw(header(alg, kid), claims(issuer), alg);
    let named = |jwk: Value, kid: Value| {
        let mut jwk = jwk;
        match kid {
            Value::Null => drop(jwk.as_object_mut().map(|members| members.remove("kid"))),
            kid => jwk["kid"] = kid,
        }
        jwk
    };
    let ed = || foreign_key(forger, Alg::EdDsa);
    let config = config(issuer);
    match what {
        "the fifth key of one kid" => {
            let decoys = (0..4).map(|_| foreign_key(&offline_with([Alg::EdDsa]), Alg::EdDsa));
            (
                decoys.chain([ed()]).collect(),
                config,
                own(Some("bad"), Alg::EdDsa),
            )
        }
        "a key without kid for a token with one" => (
            vec![named(ed(), json!(null))],
            config,
            own(Some("bad"), Alg::EdDsa),
        ),
        "five keys for a token without kid" => {
            let decoys = (0..4).map(|_| foreign_key(&offline_with([Alg::EdDsa]), Alg::EdDsa));
            (
                [ed()].into_iter().chain(decoys).collect(),
                config,
                own(None, Alg::EdDsa),
            )
        }
        "none that fits for a token without kid" => (vec![], config, own(None, Alg::EdDsa)),
        "a kid in another case" => (
            vec![named(ed(), json!("BAD"))],
            config,
            own(Some("bad"), Alg::EdDsa),
        ),
        "a kid in another normal form" => (
            vec![named(ed(), json!("cle\u{301}"))],
            config,
            own(Some("cl\u{e9}"), Alg::EdDsa),
        ),
        "a key that says RS256 for PS256" => {
            let mut jwk = foreign_key(forger, Alg::Rs256);
            jwk["alg"] = json!("RS256");
            (vec![jwk], config, own(Some("bad"), Alg::Ps256))
        }
        "a key for an algorithm that is not configured" => {
            let config = Config {
                algorithms: vec!["ES256".into(), "ES384".into()],
                ..config
            };
            (vec![ed()], config, own(Some("bad"), Alg::EdDsa))
        }
        "a kid that is a number" => (
            vec![named(ed(), json!(7))],
            config,
            own(Some("7"), Alg::EdDsa),
        ),
        other => unreachable!("{other}"),
    }
}

#[test]
fn a_token_is_checked_with_the_key_that_it_names_and_no_other() {
    run(async |run| {
        let (issuer, forger) = (offline(), offline_with([Alg::EdDsa, Alg::Rs256]));
        for (what, verdict) in CHOICES {
            let (more, config, bad) = choose(what, &issuer, &forger);
            let target = target(&issuer, more, config).await;
            let good = full_token(&issuer).sign();
            run.refuses(
                &target,
                &name(what),
                "/token",
                [&good, &bad],
                (verdict, None),
            )
            .await;
        }
        // And where it is the one that fits, it is taken.
        let decoys = (0..3).map(|_| foreign_key(&offline_with([Alg::EdDsa]), Alg::EdDsa));
        let target = target(
            &issuer,
            decoys.chain([foreign_key(&forger, Alg::EdDsa)]),
            config(&issuer),
        )
        .await;
        run.get(&target, "/token", &forged(&issuer, &forger, Alg::EdDsa))
            .await
            .passes("the fourth key of one kid");
    });
}
