//! Issuers that are known only at run time: an `IssuerSource`, its questions and its answers.

mod issuer;
mod known;
mod questions;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use issuer::RunTimeIssuer;
use known::Known;
use questions::Questions;
pub(crate) use source::AnySource;
pub use source::IssuerSource;

use super::Issuer;
use crate::base::clock::Clock;
use crate::base::redact::Excerpt;
use crate::base::segment::is_segment;
use crate::claims::ClaimSelector;
use crate::config::{
    Config, IssuerConfig, KeySettings, Origins, check_issuer, is_plausible_issuer,
};
use crate::http::Http;
use crate::issuer::keys::Keyring;

/// The time between two looks at the keys of all issuers.
const ROUND: Duration = Duration::from_secs(5);

/// The least time between two lines about a source that fails, in milliseconds.
const LINE: u64 = 1000;

/// The settings that a source's answers are completed with.
pub(crate) struct Surroundings {
    /// The top level.
    pub(crate) config: Config,
    pub(crate) origins: Origins,
    pub(crate) ttl: Duration,
    pub(crate) keys: KeySettings,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
}

/// The issuers of a source.
pub(crate) struct RunTimeIssuers {
    source: Arc<dyn AnySource>,
    around: Surroundings,
    /// The names of configured issuers, which no other may have.
    reserved: Reserved,
    /// The claims that the verifier reads of every token.
    selector: ClaimSelector,
    known: Known,
    questions: Questions,
    counts: Counts,
}

/// Counts since the launch.
#[derive(Default)]
struct Counts {
    known: AtomicU64,
    unknown: AtomicU64,
    failed: AtomicU64,
    /// Fetches for issuers that are gone: successful ones, and failed ones.
    fetched_before: AtomicU64,
    failed_before: AtomicU64,
    logged_at: AtomicU64,
}

/// The figures of the issuers of a source, for an operator.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunTimeFigures {
    pub(crate) issuers: usize,
    pub(crate) without_keys: usize,
    pub(crate) keys: usize,
    pub(crate) fetched: u64,
    pub(crate) failed: u64,
    /// Answers by their kind.
    pub(crate) known: u64,
    pub(crate) unknown: u64,
    pub(crate) unanswered: u64,
}

/// The knowledge about an `iss` without a question.
pub(super) enum LookUp {
    Known(Arc<RunTimeIssuer>),
    Unknown,
    Ask,
}

/// The outcome of a question.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Known,
    Unknown,
    /// There is none, for now.
    Failed,
    /// `forget` was called meanwhile.
    Superseded,
}

/// The change that an answer makes.
enum Change {
    /// For an answer that is that before.
    Renew(Arc<RunTimeIssuer>),
    Insert(Arc<RunTimeIssuer>),
    Remove,
    Refuse(Answer, String),
}

/// The names of configured issuers and of the tenants of templates, by which routes and
/// [`Tenant`](crate::Tenant) know them.
pub(super) struct Reserved {
    pub(super) names: BTreeSet<Box<str>>,
    /// Any segment is the tenant of a template.
    pub(super) segments: bool,
}

impl Reserved {
    fn contains(&self, name: &str) -> bool {
        self.names.contains(name) || (self.segments && is_segment(name))
    }
}

impl RunTimeIssuers {
    pub(super) fn new(
        source: Arc<dyn AnySource>,
        around: Surroundings,
        reserved: Reserved,
        selector: ClaimSelector,
    ) -> RunTimeIssuers {
        RunTimeIssuers {
            questions: Questions::new(around.http.timeout()),
            source,
            around,
            reserved,
            selector,
            known: Known::new(),
            counts: Counts::default(),
        }
    }

    /// Returns the issuer if its answer is in use, or says whether to ask. An implausible `iss` is
    /// unknown.
    pub(super) fn look_up(self: &Arc<Self>, iss: &str, now: Duration) -> LookUp {
        match self.known.get(iss) {
            Some(issuer) if self.still_holds(&issuer, now) => LookUp::Known(issuer),
            Some(_) => LookUp::Ask,
            None if self.known.is_unknown(iss, now) => LookUp::Unknown,
            None if is_plausible_issuer(iss, self.around.config.allow_http) => LookUp::Ask,
            None => LookUp::Unknown,
        }
    }

    /// Checks whether the answer is in use. Asks again shortly before it ends, without waiting.
    pub(super) fn still_holds(self: &Arc<Self>, issuer: &RunTimeIssuer, now: Duration) -> bool {
        let holds = issuer.holds(now, self.around.ttl);
        if holds
            && issuer.is_due(now)
            && let Some(iss) = issuer.issuer.iss.as_deref()
        {
            drop(self.question(iss));
        }
        holds
    }

    /// Asks the source about `iss`, or waits for the question that is asked: at most
    /// `http_timeout`.
    pub(super) async fn ask(self: &Arc<Self>, iss: &str) -> Answer {
        for _ in 0..2 {
            let answer = match self.question(iss) {
                Some(question) => question.finished().await.unwrap_or(Answer::Failed),
                None => Answer::Failed,
            };
            if !matches!(answer, Answer::Superseded) {
                return answer;
            }
        }
        Answer::Failed
    }

    /// Prepares the change that the source's answer about `iss` makes.
    fn prepare(&self, iss: &str, answer: Option<IssuerConfig>) -> Change {
        let Some(config) = answer else {
            return Change::Remove;
        };
        match self.known.get(iss).filter(|known| known.config == config) {
            Some(known) => Change::Renew(known),
            None => match self.build(iss, config) {
                Ok(issuer) => Change::Insert(Arc::new(issuer)),
                Err((answer, reason)) => Change::Refuse(answer, reason),
            },
        }
    }

    /// Applies it. The caller holds the lock of the questions, as for each change of `known`.
    fn apply(&self, iss: &str, change: Change) -> Answer {
        let (now, ttl) = (self.around.clock.now(), self.around.ttl);
        match change {
            Change::Renew(issuer) => {
                let current = self.known.get(iss);
                if !current.is_some_and(|current| Arc::ptr_eq(&current, &issuer)) {
                    return Answer::Superseded;
                }
                issuer.renew(now, ttl);
                Answer::Known
            }
            Change::Insert(issuer) => {
                issuer.renew(now, ttl);
                self.end(self.known.insert(iss, issuer));
                Answer::Known
            }
            Change::Remove => {
                self.end(self.known.remove(iss));
                self.known.mark_unknown(iss, now, ttl);
                Answer::Unknown
            }
            Change::Refuse(answer, _) => {
                // Also one that was known: its configuration is no longer that one.
                self.end(self.known.remove(iss));
                if let Answer::Unknown = answer {
                    self.known.mark_unknown(iss, now, ttl);
                }
                answer
            }
        }
    }

    /// Makes an issuer of the source's answer, or returns why not.
    fn build(&self, iss: &str, config: IssuerConfig) -> Result<RunTimeIssuer, (Answer, String)> {
        let settings = check_issuer(&self.around.config, &self.around.origins, &config).map_err(
            |problems| {
                let problems = problems
                    .iter()
                    .map(|problem| format!("{} {}", problem.key(), problem.message()));
                let problems: Vec<_> = problems.collect();
                (
                    Answer::Failed,
                    format!("the configuration cannot work: {}", problems.join("; ")),
                )
            },
        )?;
        if settings.issuer.as_deref() != Some(iss) {
            let reason = "the configuration is of another issuer: iss_url must be the text \
                          that was asked about";
            return Err((Answer::Unknown, reason.into()));
        }
        if let Some(name) = settings
            .name
            .as_deref()
            .filter(|name| self.reserved.contains(name))
        {
            let reason = format!(
                "{} is the name of a configured issuer or tenant",
                Excerpt(name)
            );
            return Err((Answer::Failed, reason));
        }
        let (http, clock) = (&self.around.http, self.around.clock.clone());
        let keyring = Keyring::new(&settings, self.around.keys, http, clock)
            .map_err(|error| (Answer::Failed, format!("no HTTP client: {error}")))?;
        let issuer = Issuer::new(&settings, keyring);
        let is_covered = issuer.claim_names().all(|name| self.selector.selects(name));
        let selector = (!is_covered).then(|| ClaimSelector::new(issuer.claim_names()));
        Ok(RunTimeIssuer::new(issuer, selector, config))
    }

    /// Ends the answer about `iss` at once, and one that is on its way. Returns true if there was
    /// one.
    pub(crate) fn forget(&self, iss: &str) -> bool {
        self.questions.supersede(iss, || {
            let known = self.known.remove(iss);
            let was_known = known.is_some();
            self.end(known);
            was_known
        })
    }

    /// Ends issuers that were removed: cached tokens are no longer valid.
    fn end(&self, issuers: impl IntoIterator<Item = Arc<RunTimeIssuer>>) {
        for issuer in issuers {
            issuer.end();
            let status = issuer.issuer.keyring.status();
            let before = [
                (&self.counts.fetched_before, status.fetched),
                (&self.counts.failed_before, status.failed),
            ];
            for (sum, count) in before {
                sum.fetch_add(count, Ordering::Relaxed);
            }
        }
    }

    /// Keeps the keys of all issuers fresh whose answers are in use, and drops issuers that nothing
    /// uses. One task for all: an issuer that is gone leaves none behind.
    pub(crate) async fn tend(self: Arc<Self>) {
        loop {
            tokio::time::sleep(ROUND).await;
            self.tend_once();
        }
    }

    fn tend_once(&self) {
        let now = self.around.clock.now();
        self.questions
            .change(|| self.end(self.known.remove_idle(now)));
        self.known.each(|issuer| {
            if issuer.is_in_use(now, self.around.ttl) {
                issuer.issuer.keyring.refresh_if_due();
            }
        });
    }

    pub(crate) fn figures(&self) -> RunTimeFigures {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mut figures = RunTimeFigures {
            issuers: self.known.len(),
            fetched: count(&self.counts.fetched_before),
            failed: count(&self.counts.failed_before),
            known: count(&self.counts.known),
            unknown: count(&self.counts.unknown),
            unanswered: count(&self.counts.failed),
            ..RunTimeFigures::default()
        };
        self.known.each(|issuer| {
            let status = issuer.issuer.keyring.status();
            figures.keys += status.keys;
            figures.without_keys += usize::from(!status.is_usable);
            figures.fetched += status.fetched;
            figures.failed += status.failed;
        });
        figures
    }

    /// Counts an answer.
    fn count(&self, answer: &Answer) {
        let count = match answer {
            Answer::Known => &self.counts.known,
            Answer::Unknown => &self.counts.unknown,
            Answer::Failed => &self.counts.failed,
            Answer::Superseded => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Logs at most one line a second: clients decide how often the source is asked.
    fn log_failure(&self, iss: &str, reason: &str) {
        let now = issuer::millis(self.around.clock.now());
        let before = self.counts.logged_at.swap(now, Ordering::Relaxed);
        if now.abs_diff(before) >= LINE {
            tracing::error!(
                "axioms: the IssuerSource, asked about {}: {reason}",
                Excerpt(iss)
            );
        } else {
            self.counts.logged_at.store(before, Ordering::Relaxed);
        }
    }
}
