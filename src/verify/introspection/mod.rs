//! Questions to the issuer about a token (RFC 7662).

mod answer;
mod claims;
mod failure;
mod figures;
mod memory;
mod shape;
mod signed;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

#[cfg(all(any(fuzzing, test), feature = "testing"))]
pub(crate) use answer::{members, selector};
pub(crate) use failure::Failure;
pub(crate) use figures::IntrospectionFigures;
pub(crate) use shape::is_jwt;
pub(super) use shape::is_opaque_at_sight;

use self::answer::{Asked, Told};
use self::failure::{Complaints, Subject};
use self::figures::Counters;
use self::memory::Memories;
use super::jwt::TimeLimits;
use super::verified::{Confirmation, Provenance, SubjectScope, Verified};
use super::{Issuer, TokenError, Verifier, VerifyResult};
use crate::base::b64token::is_b64token;
use crate::base::clock::Clock;
use crate::base::flights::Flights;
use crate::base::ready::Ready;
use crate::claims::ClaimSelector;
use crate::config::{IntrospectionSettings, Settings};
use crate::http::{ClientAuthentication, Form, FormClient, Http};
use crate::issuer::{Endpoint, IssuerError};

/// The least and the longest `Retry-After`.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Tokens that may wait for a call. More are answered 503 at once.
const WAITING: usize = 1024;

/// The issuers that are asked, and what they answered.
pub(super) struct Introspections {
    /// The one that is asked about tokens that are no JWTs.
    opaque: Option<Arc<Introspection>>,
    /// Those that are asked about their JWTs, by the index of the issuer.
    jwts: Box<[Option<Arc<Introspection>>]>,
    /// All of them.
    all: Box<[Arc<Introspection>]>,
    memories: Arc<Memories>,
}

/// One issuer that is asked.
pub(crate) struct Introspection {
    issuer: Issuer,
    issuer_index: usize,
    subject_scope: SubjectScope,
    selector: ClaimSelector,
    times: TimeLimits,
    settings: IntrospectionSettings,
    endpoint: Endpoint,
    client: ClientAuthentication,
    forms: FormClient,
    /// A permit for each call at a time.
    calls: Semaphore,
    flights: Flights<VerifyResult>,
    memories: Arc<Memories>,
    clock: Clock,
    counters: Counters,
    complaints: Complaints,
}

impl Verifier {
    /// Asks the issuers whose settings have an `introspection`.
    pub(crate) fn with_introspection(
        mut self,
        settings: &Settings,
        http: &Http,
        forms: &FormClient,
    ) -> Verifier {
        let memories = Arc::new(Memories::new());
        let asked = |(index, issuer): (usize, &crate::config::IssuerSettings)| {
            let own = self.issuers.get(index)?;
            let introspection = issuer.introspection.clone()?;
            let endpoint = Endpoint::new(
                introspection.endpoint.clone(),
                issuer.issuer.as_deref(),
                "introspection_endpoint",
                http.clone(),
                settings.keys.refresh_interval,
            );
            Some(Arc::new(Introspection {
                subject_scope: self.subject_scope(own),
                selector: answer::selector(own.claim_names()),
                issuer: Issuer::new(issuer, Arc::clone(&own.keyring)),
                issuer_index: index,
                times: self.times,
                endpoint,
                client: ClientAuthentication::new(introspection.client.clone()),
                forms: forms.clone(),
                calls: Semaphore::new(introspection.max_in_flight),
                settings: introspection,
                flights: Flights::default(),
                memories: Arc::clone(&memories),
                clock: self.clock.clone(),
                counters: Counters::default(),
                complaints: Complaints::default(),
            }))
        };
        let by_issuer: Vec<_> = settings.issuers.iter().enumerate().map(asked).collect();
        let only_if = |wanted: fn(&IntrospectionSettings) -> bool| {
            let by_issuer = by_issuer.iter().cloned();
            by_issuer.map(move |asked| asked.filter(|asked| wanted(&asked.settings)))
        };
        self.introspections = Some(Box::new(Introspections {
            opaque: only_if(|settings| settings.opaque).flatten().next(),
            jwts: only_if(|settings| settings.jwts).collect(),
            all: by_issuer.iter().flatten().cloned().collect(),
            memories,
        }));
        self
    }

    /// Returns the introspection of an issuer, for the status.
    pub(crate) fn introspection_of(&self, issuer: usize) -> Option<&Arc<Introspection>> {
        let mut all = self.introspections.as_ref()?.all.iter();
        all.find(|introspection| introspection.issuer_index == issuer)
    }

    /// Returns all introspections, for the launch.
    pub(crate) fn introspections(&self) -> &[Arc<Introspection>] {
        let introspections = self.introspections.as_ref();
        introspections.map_or(&[], |introspections| &introspections.all)
    }

    /// Checks that a token about which an issuer is asked came in the header of that issuer: the
    /// tokens of others are not shown to it.
    pub(crate) fn check_opaque_header(
        &self,
        text: &str,
        header: Option<&str>,
    ) -> Result<(), TokenError> {
        let introspections = self.introspections.as_ref();
        let opaque = introspections.and_then(|introspections| introspections.opaque.as_ref());
        match opaque {
            Some(asked) if asked.issuer.token_header.as_deref() != header && !is_jwt(text) => Err(
                TokenError::Malformed("an opaque token, in another header than its issuer's"),
            ),
            _ => Ok(()),
        }
    }

    /// Returns the way of a token that is no JWT: at sight, or certainly. `None`: it is a JWT, or
    /// refused as one.
    pub(super) fn verify_opaque<'v>(
        &'v self,
        text: &'v str,
        now: Duration,
        is_opaque: fn(&str) -> bool,
    ) -> Option<Ready<'v, VerifyResult>> {
        let introspection = self.introspections.as_ref()?.opaque.as_ref()?;
        is_opaque(text).then(|| introspection.verify(text, now))
    }

    /// Returns the remembered answer about a JWT, while all that it rests on holds.
    pub(super) fn introspected_jwt(&self, text: &str, now: Duration) -> Option<Arc<Verified>> {
        let introspections = self.introspections.as_ref()?;
        let entry = introspections.memories.active.entry_of_opaque(text)?;
        let verified = entry.get()?;
        if let Provenance::Introspected { .. } = verified.provenance {
            return None;
        }
        if self.still_holds(&verified, now) {
            return Some(verified);
        }
        entry.remove(&verified);
        None
    }

    /// Asks the issuer about a JWT that passed its own checks; `None` if it is not asked.
    pub(super) fn introspect_jwt<'v>(
        &'v self,
        text: &'v str,
        verified: &Arc<Verified>,
        now: Duration,
    ) -> Option<Ready<'v, VerifyResult>> {
        let index = verified.provenance.issuer_index()?;
        let introspection = self.introspections.as_ref()?.jwts.get(index)?.as_ref()?;
        if let Some(refusal) = introspection.memories.refusal(text, now) {
            return Some(Ready::Now(Err(refusal)));
        }
        let verified = Arc::clone(verified);
        Some(Ready::later(async move {
            let outcome = introspection.ask(text, Some(verified)).await;
            if let Ok(verified) = &outcome {
                self.remember(text, verified);
            }
            outcome
        }))
    }

    /// Stores the proof of a JWT whose issuer was asked beside those of other JWTs, too: it ends
    /// with its answer.
    // perf: one look-up, as for a JWT that nothing is asked about, benches/introspection.rs
    fn remember(&self, text: &str, verified: &Arc<Verified>) {
        if let Confirmation::None = verified.confirmation()
            && let Some(entry) = self.cache.entry(text)
        {
            entry.insert(verified);
        }
    }
}

impl Introspection {
    /// Verifies a token that is no JWT.
    fn verify<'v>(self: &'v Arc<Self>, text: &'v str, now: Duration) -> Ready<'v, VerifyResult> {
        if let Some(outcome) = self.remembered(text, now) {
            return Ready::Now(outcome);
        }
        let prefix = self.settings.token_prefix.as_deref().unwrap_or_default();
        if !text.starts_with(prefix) {
            return Ready::Now(Err(TokenError::Malformed(
                "an opaque token that does not begin with introspection.token_prefix",
            )));
        }
        if !is_b64token(text) {
            return Ready::Now(Err(TokenError::Malformed("not a b64token")));
        }
        Ready::later(self.ask(text, None))
    }

    /// Returns the outcome that an answer about an opaque token left.
    fn remembered(&self, text: &str, now: Duration) -> Option<VerifyResult> {
        if let Some(entry) = self.memories.active.entry_of_opaque(text)
            && let Some(verified) = entry.get()
            && let Provenance::Introspected { until, .. } = &verified.provenance
        {
            let ttl = self.settings.cache_ttl;
            // After the clock was put back, `until` may be far away.
            if verified.window.contains(now) && now < *until && *until - now <= ttl {
                return Some(Ok(verified));
            }
            if now >= verified.window.until {
                let exp = verified.expires_at.unwrap_or(verified.window.until);
                return Some(Err(TokenError::Expired {
                    ago: now.saturating_sub(exp),
                }));
            }
            entry.remove(&verified);
        }
        self.memories.refusal(text, now).map(Err)
    }

    /// Returns the outcome that an answer about a JWT left, which has just passed its own checks.
    fn remembered_jwt(&self, text: &str, now: Duration) -> Option<VerifyResult> {
        let verified = self
            .memories
            .active
            .entry_of_opaque(text)
            .and_then(|entry| entry.get());
        match verified.filter(|verified| verified.window.contains(now)) {
            Some(verified) => Some(Ok(verified)),
            None => self.memories.refusal(text, now).map(Err),
        }
    }

    /// Joins the question about `text`, or asks it. `jwt` is the token if it is one.
    async fn ask(self: &Arc<Self>, text: &str, jwt: Option<Arc<Verified>>) -> VerifyResult {
        // Each waits with its token, also after its client has gone.
        if self.flights.len() >= self.settings.max_in_flight + WAITING {
            return Err(self.unavailable(Failure::Busy, None));
        }
        // Twice: the first question may end with the runtime of the request that asked it.
        for _ in 0..2 {
            let answered = |now| match &jwt {
                None => self.remembered(text, now),
                Some(_) => self.remembered_jwt(text, now),
            };
            let flight = self.flights.join_or_start(text, || {
                // An earlier question may just have been answered.
                let now = self.clock.now();
                let is_known = answered(now).is_some();
                let (asked, text, jwt) = (Arc::clone(self), text.to_owned(), jwt.clone());
                (!is_known).then_some(async move { asked.question(&text, jwt.as_deref()).await })
            });
            let outcome = match flight {
                Some(flight) => flight.finished().await,
                None => answered(self.clock.now()),
            };
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
        Err(self.unavailable(Failure::BrokenOff, None))
    }

    /// Asks about `text`, and remembers the answer.
    async fn question(&self, text: &str, jwt: Option<&Verified>) -> VerifyResult {
        let outcome = self.call(text, jwt).await;
        let now = self.clock.now();
        match outcome {
            Ok(Ok(verified)) => {
                self.counters.active();
                let verified = Arc::new(verified);
                if !self.settings.cache_ttl.is_zero()
                    && let Some(entry) = self.memories.active.entry_of_opaque(text)
                {
                    entry.insert(&verified);
                }
                Ok(verified)
            }
            Ok(Err(refusal)) => {
                self.counters.inactive();
                let ttl = self.settings.negative_ttl;
                self.memories.refuse(text, &refusal, now, ttl);
                Err(refusal)
            }
            Err((failure, retry_after)) => {
                self.counters.failed();
                let subject = Subject {
                    issuer: self.issuer.display_name(),
                    client_id: self.client.client_id(),
                };
                self.complaints.log(&failure, &subject, now);
                Err(self.unavailable(failure, retry_after))
            }
        }
    }

    /// Makes one call. `Err`: there is no answer, and perhaps the server's `Retry-After`.
    async fn call(
        &self,
        text: &str,
        jwt: Option<&Verified>,
    ) -> Result<Result<Verified, TokenError>, (Failure, Option<Duration>)> {
        let at_once = |failure| (failure, None);
        let permit = timeout(self.forms.timeout(), self.calls.acquire()).await;
        let _permit = permit.map_err(|_| at_once(Failure::Busy))?;
        let url = self.endpoint.url(self.clock.now()).await;
        let url = url.map_err(|error| at_once(Failure::Endpoint(error)))?;

        let mut form = Form::new();
        form.field("token", text);
        form.field("token_type_hint", "access_token");
        let applied = self.client.apply(&mut form, self.clock.now());
        applied.map_err(|_| at_once(Failure::CannotSign))?;
        let accept = match self.settings.signed {
            true => answer::SIGNED,
            false => "application/json",
        };
        let answer = self.forms.post(&url, accept, form).await.map_err(|error| {
            self.endpoint.mark_suspect();
            at_once(Failure::Fetch(error))
        })?;
        let failed = |failure| {
            if let Failure::Status(404 | 405 | 410 | 300..400) = failure {
                self.endpoint.mark_suspect();
            }
            (failure, answer.retry_after)
        };

        let asked = match jwt {
            Some(_) => Asked::Jwt,
            None => Asked::Opaque,
        };
        let body = match answer::told(&answer, asked).map_err(failed)? {
            Told::Body(body) => body,
            Told::Inactive => return Ok(Err(INACTIVE)),
        };
        let now = self.clock.now();
        let opened;
        let json = if self.settings.signed {
            let expected = signed::Expected {
                issuer: &self.issuer,
                client_id: self.client.client_id(),
                leeway: self.times.leeway,
                now,
            };
            opened = expected.open(&answer.media_type, body).await;
            opened
                .as_deref()
                .map_err(|failure| failed(failure.clone()))?
        } else {
            answer::plain(&answer.media_type, body).map_err(failed)?
        };
        let Some(members) = answer::members(&self.selector, json).map_err(failed)? else {
            return Ok(Err(INACTIVE));
        };
        Ok(match jwt {
            None => self.check_opaque(&members, json, text, now),
            Some(verified) => self.check_jwt(&members, verified, now),
        })
    }

    fn unavailable(&self, failure: Failure, retry_after: Option<Duration>) -> TokenError {
        let (least, most) = RETRY_AFTER;
        TokenError::NotIntrospected {
            failure,
            retry_after: retry_after.unwrap_or(least).clamp(least, most),
        }
    }

    /// Finds the endpoint, for the launch.
    pub(crate) async fn warm(&self) -> Result<(), IssuerError> {
        self.endpoint.url(self.clock.now()).await.map(drop)
    }

    /// Returns the name of its issuer, for the log.
    pub(crate) fn issuer_name(&self) -> &str {
        self.issuer.display_name()
    }

    /// Returns the figures since the launch.
    pub(crate) fn figures(&self) -> IntrospectionFigures {
        let active = self.memories.active.figures();
        IntrospectionFigures {
            in_flight: self.flights.len(),
            remembered: active.map_or(0, |figures| figures.tokens),
            remembered_inactive: self.memories.inactive(),
            ..self.counters.figures()
        }
    }
}

const INACTIVE: TokenError = TokenError::NotActive("its issuer says that it is not active");
