//! What a verification costs: warm (from the cache) and cold, per algorithm, beside the bare signature check of the same token.
//!
//! `cargo bench --bench verify`. These machines are noisy: what counts is the table of ratios at the end, in which the
//! contestants take turns, the median of many rounds.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use axioms_rocket::testing::{Alg, TestIssuer, verify};
use axioms_rocket::{AxiomsFairing, Config, ValidToken};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{Criterion, criterion_group};
use rocket::serde::json::{Value, from_str};
use rocket::{Ignite, Rocket};

const ALGORITHMS: [Alg; 5] = [Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::EdDsa, Alg::Es384];

/// One algorithm's token, and everything to check it with.
struct Contest {
    alg: Alg,
    token: String,
    tampered: String,
    expired: String,
    key: ParsedPublicKey,
    cold: Rocket<Ignite>,
    warm: Rocket<Ignite>,
}

impl Contest {
    fn new(alg: Alg) -> Contest {
        let issuer = TestIssuer::builder()
            .audience("https://api.example.test")
            .algorithms([alg])
            .offline("https://issuer.example.test");
        let names = |count: usize, what: &str| (0..count).map(|n| format!("{what}:{n:02}")).collect::<Vec<_>>();
        let token = issuer
            .token()
            .subject("0f2a8c1e-user")
            .client_id("web-client")
            .scope(names(10, "read:item").join(" "))
            .roles(names(5, "role"))
            .permissions(names(20, "orders"));
        Contest {
            alg,
            token: token.sign(),
            tampered: token.clone().tampered().sign(),
            expired: token.clone().expired().sign(),
            key: bare_key(alg, &issuer.jwks()),
            cold: application(&issuer, 0),
            warm: application(&issuer, 8192),
        }
    }

    fn bare(&self) {
        let (message, signature) = self.token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        self.key.verify_sig(black_box(message.as_bytes()), black_box(&signature)).unwrap();
    }

    /// The signature check and nothing else: its octets are decoded already.
    fn bare_decoded(&self) -> impl Fn() {
        let (message, signature) = self.token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        move || self.key.verify_sig(black_box(message.as_bytes()), black_box(&signature)).unwrap()
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

fn application(issuer: &TestIssuer, token_cache_capacity: usize) -> Rocket<Ignite> {
    let config = Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        token_cache_capacity,
        ..Config::default()
    };
    let rocket = rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    let fairing = AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    rocket::async_test(rocket.attach(fairing).ignite()).expect("the application ignites")
}

/// With the keys at hand nothing waits: one poll is enough.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("verification had to wait"),
    }
}

fn bare_key(alg: Alg, jwks: &str) -> ParsedPublicKey {
    let set: Value = from_str(jwks).unwrap();
    let key = &set["keys"][0];
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = || [&[4], &*part("x"), &*part("y")].concat();
    let rsa = |algorithm: &'static RsaParameters| {
        RsaPublicKeyComponents { n: part("n"), e: part("e") }.to_parsed_public_key(algorithm).unwrap()
    };
    match alg {
        Alg::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Alg::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Alg::Es256 => ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point()).unwrap(),
        Alg::Es384 => ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point()).unwrap(),
        Alg::EdDsa => ParsedPublicKey::new(&signature::ED25519, part("x")).unwrap(),
        _ => unreachable!("not in this contest"),
    }
}

fn verification(criterion: &mut Criterion) {
    for alg in ALGORITHMS {
        let contest = Contest::new(alg);
        let mut group = criterion.benchmark_group(alg.name());
        group.bench_function("bare signature check", |b| b.iter(contest.bare_decoded()));
        group.bench_function("cold", |b| b.iter(|| contest.cold()));
        group.bench_function("refused at the signature", |b| b.iter(|| contest.refused()));
        group.bench_function("refused before the signature", |b| b.iter(|| contest.refused_early()));
        group.bench_function("warm", |b| b.iter(|| contest.warm()));
        group.finish();
    }
}

/// Nanoseconds a turn of each contestant, taken in turns; the median of `rounds`.
fn medians<const N: usize>(rounds: usize, turns: u32, contestants: [&dyn Fn(); N]) -> [f64; N] {
    let mut times = [(); N].map(|()| Vec::with_capacity(rounds));
    for _ in 0..rounds {
        for (contestant, times) in contestants.iter().zip(&mut times) {
            let start = Instant::now();
            (0..turns).for_each(|_| contestant());
            times.push(start.elapsed().as_nanos() as f64 / f64::from(turns));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn ratios(rounds: usize, turns: u32) {
    println!("\n| alg | bytes | bare ns | cold ns | cold ÷ bare | refused ÷ cold | refused early ns | warm ns |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for alg in ALGORITHMS {
        let contest = Contest::new(alg);
        contest.bare();
        let bare = contest.bare_decoded();
        let contestants: [&dyn Fn(); 5] =
            [&bare, &|| drop(contest.cold()), &|| contest.refused(), &|| contest.refused_early(), &|| {
                drop(contest.warm())
            }];
        let [bare, cold, refused, early, warm] = medians(rounds, turns, contestants);
        println!(
            "| {} | {} | {bare:.0} | {cold:.0} | {:.3} | {:.3} | {early:.0} | {warm:.0} |",
            contest.alg.name(),
            contest.token.len(),
            cold / bare,
            refused / cold,
        );
    }
}

criterion_group!(benches, verification);

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    if smoke {
        ratios(1, 1);
    } else {
        ratios(41, 200);
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
