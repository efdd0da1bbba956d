//! The checks in their order, one per line. A `Verified` is made here and nowhere else.

mod cache;
mod claim_lists;
mod error;
mod issuer;
mod times;
mod token_ids;
mod token_type;
#[cfg(feature = "testing")]
mod unverified;
mod verified;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use cache::TokenCache;
pub(crate) use error::{TokenError, TokenExcerpt};
pub(crate) use issuer::Issuer;
pub(crate) use times::LATEST;
use times::{Allowance, Times};
pub(crate) use token_ids::TokenIds;
use token_type::{AcceptedTypes, check_access_token, confirmation};
#[cfg(feature = "testing")]
pub(crate) use unverified::assume_verified;
pub(crate) use verified::{Confirmation, Provenance, SubjectScope, Verified};

use crate::base::clock::Clock;
use crate::base::ready::Ready;
use crate::claims::{ClaimSelector, RawToken, Registered, SelectedClaims};
use crate::config::Settings;
use crate::issuer::keys::{Choice, WantedKey};
use crate::jose::Algorithm;
use crate::jose::{Compact, DecodeBuffers, Header, Member};
use crate::json::{JsonError, Value};

/// A `kid` longer than this is no key's name.
const LONGEST_KID: usize = 1024;

/// Everything that a token is checked against.
pub(crate) struct Verifier {
    issuers: Box<[Issuer]>,
    plan: ClaimSelector,
    types: AcceptedTypes,
    times: Allowance,
    max_token_bytes: usize,
    cache: TokenCache,
    clock: Clock,
}

/// Why `verify` has to stop: for good, or until keys have come.
enum Stop {
    Refused(TokenError),
    NeedsKeys {
        issuer_index: usize,
    },
    /// Newer keys may confirm the token; `refusal` is the answer if they do not.
    NeedsKey {
        issuer_index: usize,
        wanted: WantedKey,
        refusal: TokenError,
    },
}

impl From<TokenError> for Stop {
    fn from(fault: TokenError) -> Self {
        Stop::Refused(fault)
    }
}

impl Verifier {
    pub(crate) fn new(settings: &Settings, issuers: Vec<Issuer>, clock: Clock) -> Verifier {
        Verifier {
            plan: ClaimSelector::new(issuers.iter().flat_map(Issuer::claim_names)),
            issuers: issuers.into(),
            types: AcceptedTypes {
                accepted: settings
                    .token_typs
                    .iter()
                    .map(|typ| typ.as_str().into())
                    .collect(),
                required: settings.require_typ,
            },
            times: Allowance {
                leeway: settings.leeway,
                max_age: settings.max_token_age,
            },
            max_token_bytes: settings.max_token_bytes,
            cache: TokenCache::new(settings.token_cache_capacity),
            clock,
        }
    }

    pub(crate) fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// The cache of verified tokens, for the log.
    pub(crate) fn cache(&self) -> &impl fmt::Display {
        &self.cache
    }

    /// Verifies the token `text`. It waits only for keys that must be fetched first, at most `http_timeout`.
    pub(crate) fn verify<'v>(
        &'v self,
        text: &'v str,
    ) -> Ready<'v, Result<Arc<Verified>, TokenError>> {
        match self.verify_now(text, self.clock.now()) {
            Ok(verified) => Ready::Now(Ok(verified)),
            Err(Stop::Refused(error)) => Ready::Now(Err(error)),
            Err(stop) => Ready::later(self.verify_with_fresh_keys(text, stop)),
        }
    }

    async fn verify_with_fresh_keys(
        &self,
        text: &str,
        stop: Stop,
    ) -> Result<Arc<Verified>, TokenError> {
        // Keys first, then perhaps the key: each is waited for at most once, and both together no longer than one may take.
        let mut stop = stop;
        let started = Instant::now();
        for _ in 0..2 {
            let now = self.clock.now();
            match stop {
                Stop::Refused(fault) => return Err(fault),
                Stop::NeedsKeys { issuer_index } => {
                    let Some(issuer) = self.issuers.get(issuer_index) else {
                        break;
                    };
                    let waited = issuer.keyring.wait_for_keys(now).await;
                    waited.map_err(|unavailable| TokenError::Unavailable {
                        retry_after: unavailable.retry_after,
                    })?;
                }
                Stop::NeedsKey {
                    issuer_index,
                    wanted,
                    refusal,
                } => {
                    let Some(issuer) = self.issuers.get(issuer_index) else {
                        return Err(refusal);
                    };
                    if !issuer.keyring.wait_for_key(&wanted, started).await {
                        return Err(refusal);
                    }
                }
            }
            stop = match self.verify_now(text, self.clock.now()) {
                Ok(verified) => return Ok(verified),
                Err(again) => again,
            };
        }
        Err(match stop {
            Stop::Refused(refusal) | Stop::NeedsKey { refusal, .. } => refusal,
            Stop::NeedsKeys { .. } => TokenError::Unavailable {
                retry_after: Duration::from_secs(1),
            },
        })
    }

    fn verify_now(&self, text: &str, now: Duration) -> Result<Arc<Verified>, Stop> {
        if text.len() > self.max_token_bytes {
            return Err(TokenError::TooLong {
                limit: self.max_token_bytes,
            }
            .into());
        }
        let entry = self.cache.entry(text);
        if let Some(entry) = &entry
            && let Some(verified) = entry.get()
        {
            if self.still_holds(&verified, now) {
                return Ok(verified);
            }
            entry.remove(&verified);
        }
        let verified = Arc::new(self.check(text, now)?);
        // A bound token is refused after all, by `binding`: the cache keeps no failures.
        if let (Some(entry), Confirmation::None) = (&entry, verified.confirmation()) {
            entry.insert(&verified);
        }
        Ok(verified)
    }

    /// What may have changed since a token was verified: the time, and its issuer's keys.
    fn still_holds(&self, verified: &Verified, now: Duration) -> bool {
        verified.window.contains(now)
            && match verified.provenance {
                Provenance::Jwt {
                    issuer_index,
                    generation,
                } => {
                    let keyring = self.issuers.get(issuer_index).map(|issuer| &issuer.keyring);
                    keyring
                        .and_then(|keyring| keyring.snapshot(now))
                        .is_some_and(|keys| keys.generation() == generation)
                }
            }
    }

    fn check(&self, text: &str, now: Duration) -> Result<Verified, Stop> {
        let mut room = DecodeBuffers::new();
        let token = Compact::parse(text, &mut room).map_err(TokenError::Malformed)?;
        let header = Header::parse(&token.header)
            .map_err(|_| TokenError::Malformed("the header is not a strict JSON object"))?;
        let raw = token.payload.as_str();
        let claims = self.plan.select(raw).map_err(not_strict)?;

        let algorithm = self.algorithm(&header)?;
        self.types.check(&header)?;
        check_no_extension(&header)?;
        let (issuer_index, issuer) = self.issuer(&claims)?;
        check_allowed(algorithm, issuer)?;
        let times = Times::check(&claims, self.times, now)?;
        let audiences = issuer.check_audience(&claims)?;

        let kid = kid(&header)?;
        let Some(keys) = issuer.keyring.snapshot(now) else {
            return Err(Stop::NeedsKeys { issuer_index });
        };
        let refusal = match keys.keys().choose(kid, algorithm) {
            Choice::Candidates(candidates) => {
                let (message, signature) = (token.signing_input, token.signature);
                let mut candidates = candidates.thumbprint_first(&header).into_iter();
                let confirmed =
                    candidates.any(|key| key.verify(algorithm, message, signature).is_ok());
                (!confirmed).then_some(TokenError::Signature)
            }
            Choice::WrongAlgorithm => Some(TokenError::KeyAlgorithm {
                presented: algorithm.name(),
            }),
            Choice::Ambiguous => return Err(TokenError::AmbiguousKey.into()),
            Choice::Unknown => Some(unknown_key(kid)),
        };
        if let Some(refusal) = refusal {
            return Err(match issuer.keyring.wanted(&keys, kid, algorithm, now) {
                Some(wanted) => Stop::NeedsKey {
                    issuer_index,
                    wanted,
                    refusal,
                },
                None => refusal.into(),
            });
        }

        claims.check_within().map_err(not_strict)?;
        check_access_token(&claims, issuer.accept_id_tokens)?;
        let confirmation = confirmation(&claims, raw)?;
        issuer.check_claims(&claims)?;
        let claim_set = issuer.lists.read(&claims, raw, Some(audiences))?;
        Ok(Verified {
            provenance: Provenance::Jwt {
                issuer_index,
                generation: keys.generation(),
            },
            subject_scope: match (&issuer.iss, self.issuers.len()) {
                (None, _) => SubjectScope::Unchecked,
                (Some(_), 1) => SubjectScope::OnlyIssuer,
                (Some(_), _) => SubjectScope::OneOfSeveral,
            },
            issuer_name: issuer.name.clone(),
            claim_set,
            expires_at: Some(times.expires_at),
            issued_at: times.issued_at,
            window: times.window,
            confirmation,
            source: RawToken::new(raw, text),
        })
    }

    /// `alg` is one that some issuer may use; `none`, HMAC and anything unknown have no value here.
    fn algorithm(&self, header: &Header<'_>) -> Result<Algorithm, TokenError> {
        let presented = match &header.alg {
            Member::Text(name) => match Algorithm::parse(name) {
                Some(algorithm)
                    if self
                        .issuers
                        .iter()
                        .any(|issuer| issuer.algorithms.contains(algorithm)) =>
                {
                    return Ok(algorithm);
                }
                _ => TokenExcerpt::text(name),
            },
            Member::Absent => TokenExcerpt::Nothing,
            Member::Other => TokenExcerpt::Other,
        };
        Err(TokenError::Algorithm { presented })
    }

    /// The issuer whose `iss` is exactly the token's; the unnamed one where the configuration names none.
    fn issuer(&self, claims: &SelectedClaims<'_>) -> Result<(usize, &Issuer), TokenError> {
        let presented = claims.registered(Registered::Iss);
        let iss = presented.and_then(Value::text);
        self.issuers
            .iter()
            .enumerate()
            .find(|(_, issuer)| issuer.iss.is_none() || issuer.iss.as_deref() == iss.as_deref())
            .ok_or_else(|| TokenError::Issuer {
                presented: TokenExcerpt::claim(presented),
            })
    }
}

fn not_strict(_: JsonError) -> TokenError {
    TokenError::Malformed("the claims are not a strict JSON object")
}

fn unknown_key(kid: Option<&str>) -> TokenError {
    TokenError::UnknownKey {
        kid: kid.map_or(TokenExcerpt::Nothing, TokenExcerpt::text),
    }
}

fn check_no_extension(header: &Header<'_>) -> Result<(), TokenError> {
    if header.extended {
        Err(TokenError::Extension)
    } else {
        Ok(())
    }
}

fn check_allowed(algorithm: Algorithm, issuer: &Issuer) -> Result<(), TokenError> {
    let allowed = issuer.algorithms.contains(algorithm);
    if allowed {
        Ok(())
    } else {
        Err(TokenError::Algorithm {
            presented: TokenExcerpt::text(algorithm.name()),
        })
    }
}

fn kid<'a>(header: &'a Header<'_>) -> Result<Option<&'a str>, TokenError> {
    match &header.kid {
        Member::Absent => Ok(None),
        Member::Text(kid) if kid.len() <= LONGEST_KID => Ok(Some(kid)),
        Member::Text(_) => Err(TokenError::Malformed("kid is longer than 1 KiB")),
        Member::Other => Err(TokenError::Malformed("kid is not a string")),
    }
}
