//! The whole verifier.

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, UNIX_EPOCH};

use super::assert_printable;
use super::base64url;
use super::claims;
use super::json::{self, Json};
use crate::base::clock::Clock;
use crate::binding::{Bound, Presented, bind};
use crate::config::{Config, IssuerConfig, JwksPrefetch, KeysGiven, Loaded};
use crate::issuer::keys::{KeySet, Keyring};
use crate::testing::{Alg, TestIssuer};
use crate::verify::{Issuer, TokenError, Verifier};

/// The time of all verifications.
const NOW: u64 = 1_900_000_000;

const LEEWAY: f64 = 30.0;

/// Two issuers, and a verifier that trusts both.
pub(super) struct World {
    pub(super) issuers: [TestIssuer; 2],
    verifier: Verifier,
    good: String,
}

pub(super) static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// Input: a token, or `S` or `M` and more.
///
/// `S`: a header, a line break and claims, signed by each issuer: accepted exactly if the reference
/// accepts them. `M`: triples of bytes, each an index in a valid token and its change: accepted
/// only if nothing changed. Any other input is refused. A second verification has the same result,
/// and every error is printable.
pub fn verifier(data: &[u8]) {
    let world = &*WORLD;
    match data.split_first() {
        Some((b'S', rest)) => {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                return;
            };
            world.check_signed(&rest[..end], &rest[end + 1..]);
        }
        Some((b'M', changes)) => {
            let mut token = world.good.clone().into_bytes();
            for change in changes.chunks_exact(3) {
                let index = usize::from(u16::from_le_bytes([change[0], change[1]])) % token.len();
                match change[2] {
                    0 => drop(token.remove(index)),
                    letter @ 0x80.. => token.insert(index, letter & 0x7f),
                    flip => token[index] ^= flip & 0x7f,
                }
                if token.is_empty() {
                    return;
                }
            }
            let token = String::from_utf8(token).expect("ASCII");
            assert_eq!(
                world.verify(&token).is_ok(),
                token == world.good,
                "{token:?}"
            );
        }
        _ => {
            if let Ok(text) = std::str::from_utf8(data) {
                assert!(world.verify(text).is_err(), "{text:?}");
            }
        }
    }
    assert!(
        world.verify(&world.good).is_ok(),
        "a valid token is accepted before and after"
    );
}

impl World {
    fn new() -> World {
        let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(NOW));
        let issuer = |seed, url| {
            let builder = TestIssuer::builder()
                .algorithms([Alg::EdDsa, Alg::Es256])
                .audience("api");
            builder.clock(clock.clone()).seed(seed).offline(url)
        };
        let issuers = [issuer(1, "https://a.test"), issuer(2, "https://b.test")];
        let [a, b] = &issuers;
        let config = Config {
            audience: vec!["api".into()],
            iss_url: Some(a.url().into()),
            issuers: vec![IssuerConfig {
                iss_url: Some(b.url().into()),
                ..IssuerConfig::default()
            }],
            jwks_prefetch: JwksPrefetch::Never,
            token_cache_capacity: 64,
            ..Config::default()
        };
        let settings = Loaded::of_code(&config)
            .check(KeysGiven::Yes)
            .expect("valid settings");
        let given = settings
            .issuers
            .iter()
            .zip(&issuers)
            .map(|(settings, issuer)| {
                let (keys, _) =
                    KeySet::parse(issuer.jwks().as_bytes(), settings.algorithms).expect("keys");
                Issuer::new(settings, Keyring::given(keys))
            });
        let given = given.collect();
        let good = a
            .token()
            .subject("alice")
            .scopes(["openid", "profile"])
            .sign();
        World {
            verifier: Verifier::new(&settings, given, clock),
            issuers,
            good,
        }
    }

    fn verify(&self, text: &str) -> Result<Bound, TokenError> {
        let once = || {
            let future = pin!(self.verifier.verify(text).get());
            match future.poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(outcome) => bind(outcome?, &Presented::bearer(text)),
                Poll::Pending => panic!("given keys need no fetch"),
            }
        };
        let (first, second) = (once(), once());
        match (&first, &second) {
            (Ok(_), Ok(_)) => {}
            (Err(error), again) => {
                assert_eq!(again.as_ref().err(), Some(error));
                assert_printable(&error.to_string());
            }
            (Ok(_), Err(error)) => panic!("accepted, then refused: {error}"),
        }
        first
    }

    fn check_signed(&self, header: &[u8], claims: &[u8]) {
        let [_, _, good_signature] = parts(&self.good);
        let unsigned = format!(
            "{}.{}",
            base64url::encode(header),
            base64url::encode(claims)
        );
        for forged in [
            format!("{unsigned}."),
            format!("{unsigned}.{good_signature}"),
        ] {
            assert_eq!(
                self.verify(&forged).is_ok(),
                forged == self.good,
                "{forged}"
            );
        }
        for issuer in &self.issuers {
            let token = issuer.sign_raw(header, claims, Alg::EdDsa);
            let Some(expected) = judge(&token, header, claims, issuer) else {
                continue;
            };
            let words = || format!("{} {}", header.escape_ascii(), claims.escape_ascii());
            match self.verify(&token) {
                Ok(verified) => {
                    assert!(expected, "accepted: {}", words());
                    assert_eq!(verified.issuer(), Some(issuer.url()));
                    assert_eq!(verified.claims().as_bytes(), claims);
                    assert_eq!(verified.token(), token);
                }
                Err(error) => assert!(!expected, "refused with {error}: {}", words()),
            }
        }
    }
}

fn parts(token: &str) -> [&str; 3] {
    let mut parts = token.split('.');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Returns true if a token that `issuer` has signed with its Ed25519 key is valid; `None` if a
/// fraction of a second decides.
fn judge(token: &str, header: &[u8], claims: &[u8], issuer: &TestIssuer) -> Option<bool> {
    let read = |part, whole: &[&str]| json::strict_object(std::str::from_utf8(part).ok()?, whole);
    let (Some(header), Some(claims)) = (read(header, &[]), read(claims, &claims::checked_within()))
    else {
        return Some(false);
    };
    let now = NOW as f64;
    for bound in [now - LEEWAY, now + LEEWAY, 0.0, 253_402_300_799.0] {
        for time in ["exp", "nbf", "iat"]
            .into_iter()
            .filter_map(|name| claims.get(name)?.number())
        {
            if time != bound && (time - bound).abs() < 1e-3 {
                return None;
            }
        }
    }
    let is = |value: Option<&Json>, texts: &[&str]| {
        value
            .and_then(Json::text)
            .is_some_and(|value| texts.iter().any(|text| text.eq_ignore_ascii_case(value)))
    };
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value
            .number()
            .filter(|time| (0.0..=253_402_300_799.0).contains(time))
            .map(Some)
            .ok_or(()),
    };
    let optional_text = |name: &str| claims.get(name).is_none_or(|value| value.text().is_some());
    let ours = |value: &Json| value.text() == Some("api");

    let kid = issuer.kid(Alg::EdDsa);
    let key = header
        .get("alg")
        .and_then(Json::text)
        .is_some_and(|alg| ["EdDSA", "Ed25519"].contains(&alg))
        && header
            .get("kid")
            .is_none_or(|value| value.text() == Some(&kid));
    let types = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];
    let form = token.len() <= 16384
        && (header.get("typ").is_none() || is(header.get("typ"), &types))
        && header.get("crit").is_none()
        && header.get("b64").is_none();
    let parties = claims.get("iss").and_then(Json::text) == Some(issuer.url())
        && optional_text("sub")
        && optional_text("jti")
        && match claims.get("aud") {
            Some(Json::List(all)) => {
                all.iter().all(|one| one.text().is_some()) && all.iter().any(ours)
            }
            one => one.is_some_and(ours),
        };
    let started = |name| time(name).is_ok_and(|time| time.is_none_or(|time| time <= now + LEEWAY));
    let times = time("exp").is_ok_and(|exp| exp.is_some_and(|exp| now < exp + LEEWAY))
        && started("nbf")
        && started("iat");
    let access = !is(claims.get("token_use"), &["id"])
        && !is(claims.get("typ"), &["ID", "Refresh", "Logout"])
        && !matches!(claims.get("events"), Some(Json::Object(_)))
        && ["at_hash", "c_hash", "s_hash"]
            .iter()
            .all(|name| claims.get(name).and_then(Json::text).is_none());
    let bearer = match claims.get("cnf") {
        None => true,
        Some(cnf @ Json::Object(_)) => ["jkt", "x5t#S256", "jwk", "jwe", "kid", "jku"]
            .iter()
            .all(|method| cnf.get(method).is_none()),
        Some(_) => false,
    };
    Some(key && form && parties && times && access && bearer)
}
