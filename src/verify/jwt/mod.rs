//! Verification of a JWT (RFC 7519, RFC 8725, RFC 9068): the checks in their order, one per line.

mod times;
mod token_type;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use times::date;
#[cfg(feature = "introspection")]
pub(super) use times::numeric_date;
pub(super) use times::{Expiry, TimeLimits, Times};
pub(super) use token_type::{AcceptedTypes, check_access_token, confirmation};

use super::run_time::{Answer, LookUp, RunTimeIssuer};
use super::verified::{Provenance, Verified};
use super::{Issuer, TokenError, TokenExcerpt, Verifier, VerifyResult};
use crate::base::ready::Ready;
use crate::claims::{ClaimSelector, RawToken, Registered, SelectedClaims};
use crate::issuer::keys::{Choice, KeySet, Keyring, WantedKey};
use crate::jose::{Algorithm, Compact, DecodeBuffers, Header, Member};
use crate::json::{JsonError, Value};

/// The longest `kid`, in bytes.
const MAX_KID: usize = 1024;

/// The waits for keys during one verification: for a first key set, then perhaps for a newer one.
#[derive(Clone, Copy, Default)]
pub(super) struct Waits {
    count: u8,
    since: Option<Instant>,
    /// The questions to an `IssuerSource`.
    questions: u8,
}

impl Waits {
    const MAX: u8 = 2;

    /// Returns the waits including one more, and the start of the first, from which the timeout
    /// counts; `None` if there were enough.
    fn one_more(self) -> Option<(Waits, Instant)> {
        let since = self.since.unwrap_or_else(Instant::now);
        (self.count < Waits::MAX).then_some((
            Waits {
                count: self.count + 1,
                since: Some(since),
                ..self
            },
            since,
        ))
    }

    /// Returns the waits including one more question; `None` if there were enough.
    fn one_more_question(self) -> Option<Waits> {
        (self.questions < Waits::MAX).then_some(Waits {
            questions: self.questions + 1,
            ..self
        })
    }
}

impl Verifier {
    /// Verifies the JWT `text`.
    pub(super) fn verify_jwt<'v>(
        &'v self,
        waits: Waits,
        text: &'v str,
        now: Duration,
    ) -> Ready<'v, VerifyResult> {
        self.check(waits, text, now)
            .unwrap_or_else(|error| Ready::Now(Err(error)))
    }

    fn check<'v>(
        &'v self,
        waits: Waits,
        text: &'v str,
        now: Duration,
    ) -> Result<Ready<'v, VerifyResult>, TokenError> {
        let mut buffers = DecodeBuffers::new();
        let token = Compact::parse(text, &mut buffers).map_err(TokenError::Malformed)?;
        let header = Header::parse(&token.header)
            .map_err(|_| TokenError::Malformed("the header is not a strict JSON object"))?;
        let raw = token.payload.as_str();
        let claims = self.selector.select(raw).map_err(not_strict)?;

        let algorithm = self.algorithm(&header)?;
        // One that is known only at run time may have types of its own.
        if self.run_time.is_none() {
            self.types.check(&header)?;
        }
        check_no_extension(&header)?;
        let kid = kid(&header);
        let Some(found) = self.issuer(&claims, now)? else {
            // Nothing is asked for a token that is refused anyway.
            Times::check(&claims, Expiry::Required, self.times, now)?;
            kid?;
            return Ok(self.after_question(waits, text, &claims));
        };
        let issuer = found.issuer();
        let own;
        let claims = match found.selector() {
            None => &claims,
            Some(selector) => {
                own = selector.select(raw).map_err(not_strict)?;
                &own
            }
        };
        let iss = claims.registered(Registered::Iss).and_then(Value::string);
        check_allowed(algorithm, issuer)?;
        issuer.types.check(&header)?;
        let times = Times::check(claims, Expiry::Required, self.times, now)?;
        let audiences = issuer.check_audience(claims)?;
        issuer.check_subject(claims)?;

        let kid = kid?;
        let Some(keys) = issuer.keyring.snapshot(now) else {
            return Ok(self.after_keys(waits, text, &issuer.keyring, now));
        };
        let iss = iss.as_deref().filter(|_| issuer.iss.is_some());
        if let Err(refusal) = check_signature(keys.keys(), &token, &header, kid, algorithm, iss) {
            let refusal = match refusal {
                Unconfirmed::Finally(refusal) => return Err(refusal),
                Unconfirmed::SoFar(refusal) => refusal,
            };
            return match issuer.keyring.wanted(&keys, kid, algorithm, now) {
                Some(wanted) => Ok(self.after_key(waits, text, &issuer.keyring, wanted, refusal)),
                None => Err(refusal),
            };
        }

        claims.check_within().map_err(not_strict)?;
        check_access_token(claims, issuer.accept_id_tokens)?;
        let confirmation = confirmation(claims, raw)?;
        issuer.check_claims(claims)?;
        issuer.check_tenant(claims)?;
        let mut claim_set = issuer.lists.read(claims, raw, Some(audiences))?;
        if let Some(own) = issuer.of_trust_domain() {
            claim_set.issuer = Some(own);
        }
        Ok(Ready::Now(Ok(Arc::new(Verified {
            provenance: found.provenance(keys.generation()),
            subject_scope: self.subject_scope(issuer),
            issuer_name: issuer.name.clone(),
            claim_set,
            expires_at: times.expires_at,
            issued_at: times.issued_at,
            window: times.window,
            confirmation,
            token_header: issuer.token_header.clone(),
            source: RawToken::new(raw, text),
        }))))
    }

    /// Verifies `text` again once the source has answered whose token it is.
    fn after_question<'v>(
        &'v self,
        waits: Waits,
        text: &'v str,
        claims: &SelectedClaims<'_>,
    ) -> Ready<'v, VerifyResult> {
        let iss = claims.registered(Registered::Iss).and_then(Value::string);
        let (Some(run_time), Some(iss)) = (&self.run_time, iss) else {
            return Ready::Now(Err(self.wrong_issuer(claims)));
        };
        let unanswered = TokenError::UnknownForNow {
            retry_after: Duration::from_secs(1),
        };
        let Some(waits) = waits.one_more_question() else {
            return Ready::Now(Err(unanswered));
        };
        let (iss, refusal) = (iss.into_owned(), self.wrong_issuer(claims));
        Ready::later(async move {
            match run_time.ask(&iss).await {
                Answer::Known => self.verify_after(waits, text).get().await,
                Answer::Unknown => Err(refusal),
                Answer::Failed | Answer::Superseded => Err(unanswered),
            }
        })
    }

    /// Verifies `text` again once the issuer has keys.
    fn after_keys<'v>(
        &'v self,
        waits: Waits,
        text: &'v str,
        keyring: &Arc<Keyring>,
        now: Duration,
    ) -> Ready<'v, VerifyResult> {
        let Some((waits, _)) = waits.one_more() else {
            return Ready::Now(Err(TokenError::Unavailable {
                retry_after: Duration::from_secs(1),
            }));
        };
        let keyring = Arc::clone(keyring);
        Ready::later(async move {
            let waited = keyring.wait_for_keys(now).await;
            waited.map_err(|unavailable| TokenError::Unavailable {
                retry_after: unavailable.retry_after,
            })?;
            self.verify_after(waits, text).get().await
        })
    }

    /// Verifies `text` again if newer keys may confirm it; `refusal` is the answer if not.
    fn after_key<'v>(
        &'v self,
        waits: Waits,
        text: &'v str,
        keyring: &Arc<Keyring>,
        wanted: WantedKey,
        refusal: TokenError,
    ) -> Ready<'v, VerifyResult> {
        let Some((waits, since)) = waits.one_more() else {
            return Ready::Now(Err(refusal));
        };
        let keyring = Arc::clone(keyring);
        Ready::later(async move {
            if !keyring.wait_for_key(&wanted, since).await {
                return Err(refusal);
            }
            self.verify_after(waits, text).get().await
        })
    }

    /// Returns `alg`, which some issuer must allow. `none`, HMAC and unknown ones have no value.
    fn algorithm(&self, header: &Header<'_>) -> Result<Algorithm, TokenError> {
        let presented = match &header.alg {
            Member::Text(name) => match Algorithm::parse(name) {
                Some(algorithm) if self.is_allowed(algorithm) => return Ok(algorithm),
                _ => TokenExcerpt::text(name),
            },
            Member::Absent => TokenExcerpt::Nothing,
            Member::Other => TokenExcerpt::Other,
        };
        Err(TokenError::Algorithm { presented })
    }

    fn is_allowed(&self, algorithm: Algorithm) -> bool {
        // One that is known only at run time may have algorithms of its own.
        let mut issuers = self.issuers.iter();
        self.run_time.is_some() || issuers.any(|issuer| issuer.algorithms.contains(algorithm))
    }

    /// Returns the issuer of a token without `iss`: the trust domain of SPIFFE that its subject is
    /// of.
    fn without_iss(&self, claims: &SelectedClaims<'_>) -> Option<(usize, &Issuer)> {
        if claims.registered(Registered::Iss).is_some() {
            return None;
        }
        let sub = claims.registered(Registered::Sub).and_then(Value::string)?;
        let mut issuers = self.issuers.iter().enumerate();
        issuers.find(|(_, issuer)| issuer.has_subject_without_iss(&sub))
    }

    /// Returns the issuer whose `iss` is exactly the token's, or the one without `iss`; else the
    /// first template that matches it; else one that a source knows.
    /// `None`: the source has to be asked.
    fn issuer(
        &self,
        claims: &SelectedClaims<'_>,
        now: Duration,
    ) -> Result<Option<Found<'_>>, TokenError> {
        let presented = claims.registered(Registered::Iss);
        let iss = presented.and_then(Value::string);
        let issuers = || self.issuers.iter().enumerate();
        let of_tenant = |iss: &str| issuers().find(|(_, issuer)| issuer.tenant(iss).is_some());
        let configured = issuers()
            .find(|(_, issuer)| issuer.is_named(iss.as_deref()))
            .or_else(|| of_tenant(iss.as_deref()?))
            .or_else(|| self.without_iss(claims));
        if let Some((index, issuer)) = configured {
            return Ok(Some(Found::Configured(index, issuer)));
        }
        let look_up = |iss: &str| Some(self.run_time.as_ref()?.look_up(iss, now));
        match iss.as_deref().and_then(look_up) {
            Some(LookUp::Known(issuer)) => Ok(Some(Found::RunTime(issuer))),
            Some(LookUp::Ask) => Ok(None),
            Some(LookUp::Unknown) | None => Err(self.wrong_issuer(claims)),
        }
    }

    fn wrong_issuer(&self, claims: &SelectedClaims<'_>) -> TokenError {
        TokenError::Issuer {
            presented: TokenExcerpt::claim(claims.registered(Registered::Iss)),
            expected: self.issuer_names.clone(),
        }
    }
}

/// The issuer of a token.
enum Found<'v> {
    /// With its index.
    Configured(usize, &'v Issuer),
    RunTime(Arc<RunTimeIssuer>),
}

impl Found<'_> {
    fn issuer(&self) -> &Issuer {
        match self {
            Found::Configured(_, issuer) => issuer,
            Found::RunTime(issuer) => &issuer.issuer,
        }
    }

    /// Returns the selector of its claims, if that of the verifier does not select all.
    fn selector(&self) -> Option<&ClaimSelector> {
        match self {
            Found::RunTime(issuer) => issuer.selector.as_ref(),
            Found::Configured(..) => None,
        }
    }

    fn provenance(&self, generation: u64) -> Provenance {
        match self {
            Found::Configured(issuer_index, _) => Provenance::Jwt {
                issuer_index: *issuer_index,
                generation,
            },
            Found::RunTime(issuer) => Provenance::RunTimeJwt {
                issuer: Arc::clone(issuer),
                generation,
            },
        }
    }
}

/// A signature that no key at hand confirms.
pub(super) enum Unconfirmed {
    /// Newer keys may.
    SoFar(TokenError),
    /// The keys of its `kid` are those of other issuers: no fetch makes them its.
    Finally(TokenError),
}

/// Checks that a key of `keys` confirms the signature. A key that is bound to an issuer must serve
/// `iss`.
pub(super) fn check_signature(
    keys: &KeySet,
    token: &Compact<'_>,
    header: &Header<'_>,
    kid: Option<&str>,
    algorithm: Algorithm,
    iss: Option<&str>,
) -> Result<(), Unconfirmed> {
    match keys.choose(kid, algorithm) {
        Choice::Candidates(candidates) => {
            let (message, signature) = (token.signing_input, &*token.signature);
            let candidates = candidates.thumbprint_first(header).into_iter();
            let mut candidates = candidates
                .filter(|key| iss.is_none_or(|iss| key.serves(iss)))
                .peekable();
            if candidates.peek().is_none() {
                return Err(Unconfirmed::Finally(unknown_key(kid)));
            }
            let confirmed = candidates.any(|key| key.verify(algorithm, message, signature).is_ok());
            confirmed
                .then_some(())
                .ok_or(Unconfirmed::SoFar(TokenError::Signature))
        }
        Choice::WrongAlgorithm => Err(Unconfirmed::SoFar(TokenError::KeyAlgorithm {
            presented: algorithm.name(),
        })),
        Choice::Ambiguous => Err(Unconfirmed::SoFar(TokenError::AmbiguousKey)),
        Choice::Unknown => Err(Unconfirmed::SoFar(unknown_key(kid))),
    }
}

fn unknown_key(kid: Option<&str>) -> TokenError {
    TokenError::UnknownKey {
        kid: kid.map_or(TokenExcerpt::Nothing, TokenExcerpt::text),
    }
}

pub(super) fn not_strict(_: JsonError) -> TokenError {
    TokenError::Malformed("the claims are not a strict JSON object")
}

fn check_no_extension(header: &Header<'_>) -> Result<(), TokenError> {
    if header.extended {
        Err(TokenError::Extension)
    } else {
        Ok(())
    }
}

fn check_allowed(algorithm: Algorithm, issuer: &Issuer) -> Result<(), TokenError> {
    if issuer.algorithms.contains(algorithm) {
        Ok(())
    } else {
        Err(TokenError::Algorithm {
            presented: TokenExcerpt::text(algorithm.name()),
        })
    }
}

pub(super) fn kid<'a>(header: &'a Header<'_>) -> Result<Option<&'a str>, TokenError> {
    match &header.kid {
        Member::Absent => Ok(None),
        Member::Text(kid) if kid.len() <= MAX_KID => Ok(Some(kid)),
        Member::Text(_) => Err(TokenError::Malformed("kid is longer than 1 KiB")),
        Member::Other => Err(TokenError::Malformed("kid is not a string")),
    }
}
