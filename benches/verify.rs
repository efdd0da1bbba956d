//! The cost of a verification: warm (from the cache) and cold, per algorithm, against the bare
//! signature check of the same token.
//!
//! `cargo bench --bench verify`. On a noisy machine, read the table of ratios at the end: there
//! the candidates take turns, and each number is the median of many rounds.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a bench fails"
)]

mod compare;

use std::hint::black_box;

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use axioms_rocket::ValidToken;
use axioms_rocket::testing::{Alg, verify};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{Criterion, criterion_group};
use rocket::serde::json::{Value, from_str};
use rocket::{Ignite, Rocket};

use compare::{application, issuer, ready};

const ALGORITHMS: [Alg; 8] = [
    Alg::Rs256,
    Alg::Ps256,
    Alg::Es256,
    Alg::EdDsa,
    Alg::Es384,
    Alg::MlDsa44,
    Alg::MlDsa65,
    Alg::MlDsa87,
];

/// One algorithm's token, and everything to check it with.
struct Comparison {
    alg: Alg,
    token: String,
    tampered: String,
    expired: String,
    key: ParsedPublicKey,
    cold: Rocket<Ignite>,
    warm: Rocket<Ignite>,
}

impl Comparison {
    fn new(alg: Alg) -> Comparison {
        let issuer = issuer(alg);
        let token = compare::token(&issuer);
        Comparison {
            alg,
            token: token.sign(),
            tampered: token.clone().tampered().sign(),
            expired: token.clone().expired().sign(),
            key: bare_key(alg, &issuer.jwks()),
            cold: application(&issuer, 0),
            warm: application(&issuer, 8192),
        }
    }

    /// The signature check alone, of a decoded signature.
    fn bare(&self) -> impl Fn() {
        let (message, signature) = self.token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        move || {
            self.key
                .verify_sig(black_box(message.as_bytes()), black_box(&signature))
                .unwrap()
        }
    }

    fn cold(&self) -> ValidToken {
        ready(verify(&self.cold, black_box(&self.token))).unwrap()
    }

    fn warm(&self) -> ValidToken {
        ready(verify(&self.warm, black_box(&self.token))).unwrap()
    }

    fn refused(&self) {
        ready(verify(&self.cold, black_box(&self.tampered))).unwrap_err();
    }

    /// Refused before any key is looked up: all that is read of a token, and no signature.
    fn refused_early(&self) {
        ready(verify(&self.cold, black_box(&self.expired))).unwrap_err();
    }
}

fn bare_key(alg: Alg, jwks: &str) -> ParsedPublicKey {
    let set: Value = from_str(jwks).unwrap();
    let key = &set["keys"][0];
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = || [&[4], &*part("x"), &*part("y")].concat();
    let rsa = |algorithm: &'static RsaParameters| {
        RsaPublicKeyComponents {
            n: part("n"),
            e: part("e"),
        }
        .to_parsed_public_key(algorithm)
        .unwrap()
    };
    match alg {
        Alg::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Alg::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Alg::Es256 => ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point()).unwrap(),
        Alg::Es384 => ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point()).unwrap(),
        Alg::EdDsa => ParsedPublicKey::new(&signature::ED25519, part("x")).unwrap(),
        Alg::MlDsa44 => ParsedPublicKey::new(&signature::ML_DSA_44, part("pub")).unwrap(),
        Alg::MlDsa65 => ParsedPublicKey::new(&signature::ML_DSA_65, part("pub")).unwrap(),
        Alg::MlDsa87 => ParsedPublicKey::new(&signature::ML_DSA_87, part("pub")).unwrap(),
        _ => unreachable!("not in this comparison"),
    }
}

fn verification(criterion: &mut Criterion) {
    for alg in ALGORITHMS {
        let comparison = Comparison::new(alg);
        let mut group = criterion.benchmark_group(alg.name());
        group.bench_function("bare signature check", |b| b.iter(comparison.bare()));
        group.bench_function("cold", |b| b.iter(|| comparison.cold()));
        group.bench_function("refused at the signature", |b| {
            b.iter(|| comparison.refused())
        });
        group.bench_function("refused before the signature", |b| {
            b.iter(|| comparison.refused_early())
        });
        group.bench_function("warm", |b| b.iter(|| comparison.warm()));
        group.finish();
    }
}

fn ratios() {
    println!(
        "\n| alg | bytes | bare ns | cold ns | cold ÷ bare | allocations cold \
         | refused ÷ cold | refused early ns | warm ns | allocations warm |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for alg in ALGORITHMS {
        let comparison = Comparison::new(alg);
        let bare = comparison.bare();
        let measured = compare::compare(&[
            &bare,
            &|| drop(comparison.cold()),
            &|| comparison.refused(),
            &|| comparison.refused_early(),
            &|| drop(comparison.warm()),
        ]);
        let [
            (bare, _),
            (cold, cold_allocations),
            (refused, _),
            (early, _),
            (warm, warm_allocations),
        ] = measured[..]
        else {
            unreachable!("five candidates")
        };
        println!(
            "| {} | {} | {bare:.0} | {cold:.0} | {:.3} | {cold_allocations} \
             | {:.3} | {early:.0} | {warm:.0} | {warm_allocations} |",
            comparison.alg.name(),
            comparison.token.len(),
            cold / bare,
            refused / cold,
        );
        assert_eq!(warm_allocations, 0, "a cache hit allocates nothing");
        // A signature of ML-DSA is longer than the buffer for the others.
        let most = if alg.name().starts_with("ML-DSA") {
            6
        } else {
            5
        };
        assert!(
            cold_allocations <= most,
            "a new token has {cold_allocations} allocations"
        );
    }
}

criterion_group!(benches, verification);

fn main() {
    ratios();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
