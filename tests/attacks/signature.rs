//! Signatures by algorithm: values outside their range, in another form, or made for another
//! algorithm (RFC 7518 §3, RFC 8032 §5.1.7, FIPS 186-5 §6.4.2, RFC 8017 §8).

use axioms_rocket::testing::{Alg, TestIssuer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::serde::json::{Value, from_str};

use crate::harness::{ALGORITHM, SIGNATURE, Target, Verdict, run};
use crate::support::{full_token, offline_with};

/// One issuer with a key of each kind.
const KINDS: [Alg; 5] = [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa, Alg::Rs256];

const RSA: [Alg; 6] = [
    Alg::Rs256,
    Alg::Rs384,
    Alg::Rs512,
    Alg::Ps256,
    Alg::Ps384,
    Alg::Ps512,
];

/// FIPS 186-5 (SP 800-186 §3.2.1): the orders of P-256, P-384 and P-521, and of edwards25519's
/// prime-order group.
const ORDERS: [(Alg, &str); 4] = [
    (
        Alg::Es256,
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    ),
    (
        Alg::Es384,
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    (
        Alg::Es512,
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
    (
        Alg::EdDsa,
        "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
    ),
];

type Forge = fn(&[u8], &Numbers) -> Vec<u8>;

/// The public key: its numbers as big-endian bytes.
struct Numbers {
    order: Vec<u8>,
    modulus: Vec<u8>,
}

/// Of r and s, each in big-endian bytes of the curve's width.
const ECDSA: [(&str, Forge); 13] = [
    ("r is zero", |signature, _| with(signature, Some(&[]), None)),
    ("s is zero", |signature, _| with(signature, None, Some(&[]))),
    ("r and s are zero", |signature, _| {
        with(signature, Some(&[]), Some(&[]))
    }),
    ("r and s are one", |signature, _| {
        with(signature, Some(&[1]), Some(&[1]))
    }),
    ("r is the order", |signature, key| {
        with(signature, Some(&key.order), None)
    }),
    ("s is the order", |signature, key| {
        with(signature, None, Some(&key.order))
    }),
    ("r and s are the order", |signature, key| {
        with(signature, Some(&key.order), Some(&key.order))
    }),
    ("r is above the order", |signature, key| {
        with(signature, Some(&plus_one(&key.order)), None)
    }),
    ("s is above the order", |signature, key| {
        with(signature, None, Some(&plus_one(&key.order)))
    }),
    ("s is as great as can be written", |signature, _| {
        let half = signature.len() / 2;
        [&signature[..half], &vec![0xff; half]].concat()
    }),
    ("r and s each with a zero in front", |signature, _| {
        let (r, s) = signature.split_at(signature.len() / 2);
        [&[0], r, &[0], s].concat()
    }),
    ("r alone", |signature, _| {
        signature[..signature.len() / 2].to_vec()
    }),
    ("r, s and r again", |signature, _| {
        [signature, &signature[..signature.len() / 2]].concat()
    }),
];

const EDDSA: [(&str, Forge); 10] = [
    ("S plus the order of the group", |signature, key| {
        let mut little = key.order.clone();
        little.reverse();
        let mut forged = signature.to_vec();
        let mut carry = 0;
        for (byte, add) in forged[32..].iter_mut().zip(little) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        forged
    }),
    ("S is the order of the group", |signature, key| {
        [
            &signature[..32],
            &key.order.iter().rev().copied().collect::<Vec<_>>(),
        ]
        .concat()
    }),
    ("S with its highest bit", |signature, _| {
        but(signature, 63, |byte| byte | 0x80)
    }),
    ("S with its second highest bit", |signature, _| {
        but(signature, 63, |byte| byte | 0x40)
    }),
    ("S is zero and R is the neutral point", |_, _| {
        [&[1], &[0; 63][..]].concat()
    }),
    ("S is zero and R is a point of order two", |_, _| {
        let mut forged = vec![0; 64];
        forged[..32].copy_from_slice(&[0xff; 32]);
        (forged[0], forged[31]) = (0xec, 0x7f);
        forged
    }),
    ("R with the other sign", |signature, _| {
        but(signature, 31, |byte| byte ^ 0x80)
    }),
    ("R is zero", |signature, _| {
        [&[0; 32], &signature[32..]].concat()
    }),
    ("R is not canonical", |signature, _| {
        let mut forged = signature.to_vec();
        forged[..32].copy_from_slice(&[0xff; 32]);
        (forged[0], forged[31]) = (0xee, 0x7f);
        forged
    }),
    ("R and S in big-endian order", |signature, _| {
        let (r, s) = signature.split_at(32);
        r.iter().rev().chain(s.iter().rev()).copied().collect()
    }),
];

const PKCS1: [(&str, Forge); 10] = [
    ("the number zero", |signature, _| vec![0; signature.len()]),
    ("the number one", |signature, _| {
        with_width(&[1], signature.len())
    }),
    ("the modulus", |_, key| key.modulus.clone()),
    ("the modulus less one", |_, key| minus(&key.modulus, &[1])),
    ("the modulus less the signature", |signature, key| {
        minus(&key.modulus, signature)
    }),
    ("the signature plus the modulus", |signature, key| {
        plus(signature, &key.modulus)
    }),
    ("a zero in front", |signature, _| [&[0], signature].concat()),
    ("a zero behind", |signature, _| [signature, &[0]].concat()),
    ("half of it", |signature, _| {
        signature[..signature.len() / 2].to_vec()
    }),
    // With an exponent of one this would be the signature of anything.
    ("the padding itself", |signature, _| {
        [&[0, 1], &vec![0xff; signature.len() - 54][..], &[0; 52][..]].concat()
    }),
];

fn name(alg: Alg, what: &str) -> String {
    format!("{alg}: {what}")
}

/// Every case of one algorithm's own key.
fn own() -> impl Iterator<Item = (Alg, &'static str, Forge)> {
    let of = |algs: &'static [Alg], cases: &'static [(&'static str, Forge)]| {
        algs.iter()
            .flat_map(move |alg| cases.iter().map(move |(what, forge)| (*alg, *what, *forge)))
    };
    of(&[Alg::Es256, Alg::Es384, Alg::Es512], &ECDSA)
        .chain(of(&[Alg::EdDsa], &EDDSA))
        .chain(of(&[Alg::Rs256, Alg::Ps256], &PKCS1))
}

/// The `alg` of the header, the algorithm of the key that it names, and the one that signs.
fn confused() -> impl Iterator<Item = (String, [Alg; 3], Verdict)> {
    let pairs = |all: &'static [Alg]| {
        all.iter()
            .flat_map(move |a| all.iter().filter(move |b| *b != a).map(move |b| (*a, *b)))
    };
    let names = pairs(&KINDS).map(|(stated, key)| {
        (
            format!("{stated} with the kid of {key}"),
            [stated, key, stated],
            ALGORITHM,
        )
    });
    let made = pairs(&KINDS).map(|(stated, made)| {
        (
            format!("{stated} made with {made}"),
            [stated, stated, made],
            SIGNATURE,
        )
    });
    let rsa = pairs(&RSA).map(|(stated, made)| {
        (
            format!("{stated} made with {made}"),
            [stated, stated, made],
            SIGNATURE,
        )
    });
    let psi = RSA.into_iter().flat_map(|stated| {
        KINDS[..4].iter().map(move |key| {
            (
                format!("{stated} with the kid and the key of {key}"),
                [stated, *key, *key],
                ALGORITHM,
            )
        })
    });
    names.chain(made).chain(rsa).chain(psi)
}

pub fn names() -> Vec<String> {
    own()
        .map(|(alg, what, _)| name(alg, what))
        .chain(confused().map(|(name, ..)| name))
        .collect()
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits"))
        .collect()
}

fn numbers(issuer: &TestIssuer, alg: Alg) -> Numbers {
    let order = ORDERS
        .iter()
        .find(|(own, _)| *own == alg)
        .map(|(_, order)| hex(order))
        .unwrap_or_default();
    let set: Value = from_str(&issuer.jwks()).expect("a set");
    let modulus = set["keys"]
        .as_array()
        .and_then(|keys| keys.iter().find_map(|key| key["n"].as_str()));
    Numbers {
        order,
        modulus: modulus.map(decode).unwrap_or_default(),
    }
}

fn payload(issuer: &TestIssuer) -> Vec<u8> {
    decode(
        full_token(issuer)
            .sign()
            .split('.')
            .nth(1)
            .expect("a payload"),
    )
}

#[test]
fn no_signature_that_is_out_of_range_or_of_another_form_is_taken() {
    run(async |run| {
        let issuer = offline_with(KINDS);
        let target = Target::of(&issuer).await;
        for (alg, what, forge) in own() {
            let good = full_token(&issuer).algorithm(alg).sign();
            let (message, signature) = good.rsplit_once('.').expect("three parts");
            let forged = forge(&decode(signature), &numbers(&issuer, alg));
            assert_ne!(forged, decode(signature), "{alg}: {what}");
            let bad = format!("{message}.{}", URL_SAFE_NO_PAD.encode(forged));
            run.refuses(
                &target,
                &name(alg, what),
                "/token",
                [&good, &bad],
                (SIGNATURE, None),
            )
            .await;
        }
    });
}

#[test]
fn no_key_verifies_what_it_is_not_for() {
    run(async |run| {
        let issuer = offline_with(KINDS);
        let target = Target::of(&issuer).await;
        for (case, [stated, key, made], verdict) in confused() {
            let good = full_token(&issuer).algorithm(stated).sign();
            let header = format!(
                r#"{{"alg":"{stated}","kid":"{}","typ":"at+jwt"}}"#,
                issuer.kid(key)
            );
            let bad = issuer.sign_raw(header, payload(&issuer), made);
            run.refuses(&target, &case, "/token", [&good, &bad], (verdict, None))
                .await;
        }
    });
}

/// FIPS 186-5 does not ask for the smaller s, and RFC 7518 does not either: another text, and the
/// same signed claims.
#[test]
fn the_other_s_of_an_ecdsa_signature_is_one_too() {
    run(async |run| {
        let issuer = offline_with(KINDS);
        let target = Target::of(&issuer).await;
        for alg in [Alg::Es256, Alg::Es384, Alg::Es512] {
            let good = full_token(&issuer).algorithm(alg).sign();
            let (message, signature) = good.rsplit_once('.').expect("three parts");
            let signature = decode(signature);
            let s = minus(
                &numbers(&issuer, alg).order,
                &signature[signature.len() / 2..],
            );
            let twin = format!(
                "{message}.{}",
                URL_SAFE_NO_PAD.encode(with(&signature, None, Some(&s)))
            );
            assert_ne!(twin, good);
            run.get(&target, "/token", &twin).await.passes(alg.name());
        }
    });
}

/// An ECDSA signature with another r or s.
fn with(signature: &[u8], r: Option<&[u8]>, s: Option<&[u8]>) -> Vec<u8> {
    let half = signature.len() / 2;
    let number = |given: Option<&[u8]>, own: &[u8]| {
        given.map_or(own.to_vec(), |bytes| with_width(bytes, half))
    };
    [number(r, &signature[..half]), number(s, &signature[half..])].concat()
}

fn but(signature: &[u8], at: usize, change: impl FnOnce(u8) -> u8) -> Vec<u8> {
    let mut signature = signature.to_vec();
    signature[at] = change(signature[at]);
    signature
}

fn with_width(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut number = vec![0; width - bytes.len()];
    number.extend_from_slice(bytes);
    number
}

fn plus_one(number: &[u8]) -> Vec<u8> {
    let sum = plus(number, &[1]);
    assert_eq!(sum.len(), number.len());
    sum
}

/// Big-endian, as wide as the first or one byte wider.
fn plus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let b = with_width(b, a.len());
    let (mut sum, mut carry) = (Vec::new(), 0);
    for (a, b) in a.iter().zip(&b).rev() {
        let digit = u16::from(*a) + u16::from(*b) + carry;
        sum.push(digit as u8);
        carry = digit >> 8;
    }
    sum.extend((carry > 0).then_some(1));
    sum.reverse();
    sum
}

/// Big-endian, as wide as the first, which is the greater.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let b = with_width(b, a.len());
    let (mut difference, mut borrow) = (Vec::new(), 0);
    for (a, b) in a.iter().zip(&b).rev() {
        let digit = i16::from(*a) - i16::from(*b) - borrow;
        difference.push(digit.rem_euclid(256) as u8);
        borrow = i16::from(digit < 0);
    }
    difference.reverse();
    difference
}
