//! An issuer in memory, a clock moved by hand, and a keyring between them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::base::clock::Clock;
use crate::config::{JwksPrefetch, KeySettings};
use crate::http::FetchError;
use crate::issuer::keys::keyring::Snapshot;
use crate::issuer::keys::source::{Fetching, KeyDocument, KeySetSource};
use crate::issuer::keys::state::State as KeyState;
use crate::issuer::keys::{Choice, Keyring, WantedKey};
use crate::issuer::{FetchReason, IssuerError};
use crate::jose::tests::jwk::kids;
use crate::jose::{Algorithm, Algorithms};

pub(super) const START: u64 = 1_000_000;

pub(super) const SETTINGS: KeySettings = KeySettings {
    refresh_interval: Duration::from_secs(3600),
    cache_ttl: Duration::from_secs(7200),
    stale_ttl: Duration::from_secs(86_400),
    cooldown: Duration::from_secs(10),
    prefetch: JwksPrefetch::Warm,
    uses: crate::jose::KeyUse::Signatures,
};

#[derive(Clone)]
enum Answer {
    Body(Vec<u8>, Option<Duration>),
    /// By turns.
    Alternating(Vec<u8>, Vec<u8>),
    Status(u16),
    Panic,
}

/// Answers with what holds when it is asked, however long the answer then takes.
#[derive(Clone)]
pub(super) struct Issuer(Arc<State>);

struct State {
    answer: Mutex<Answer>,
    fetches: AtomicUsize,
    suspicions: AtomicUsize,
    holds: AtomicBool,
    gate: Semaphore,
}

impl Issuer {
    pub(super) fn publishes(&self, body: Vec<u8>) {
        self.answers(Answer::Body(body, None));
    }

    pub(super) fn publishes_for(&self, body: Vec<u8>, max_age: Duration) {
        self.answers(Answer::Body(body, Some(max_age)));
    }

    pub(super) fn alternates(&self, first: Vec<u8>, second: Vec<u8>) {
        self.answers(Answer::Alternating(first, second));
    }

    pub(super) fn fails(&self, status: u16) {
        self.answers(Answer::Status(status));
    }

    pub(super) fn panics(&self) {
        self.answers(Answer::Panic);
    }

    /// From now on answers are under way until they are let go.
    pub(super) fn holds(&self) {
        self.0.holds.store(true, Ordering::SeqCst);
    }

    /// Lets one answer go, and the later ones pass.
    pub(super) fn lets_go(&self) {
        self.0.holds.store(false, Ordering::SeqCst);
        self.lets_one_go();
    }

    pub(super) fn lets_one_go(&self) {
        self.0.gate.add_permits(1);
    }

    pub(super) fn fetches(&self) -> usize {
        self.0.fetches.load(Ordering::SeqCst)
    }

    pub(super) fn suspicions(&self) -> usize {
        self.0.suspicions.load(Ordering::SeqCst)
    }

    fn answers(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = answer;
    }
}

impl KeySetSource for Issuer {
    fn fetch(&self, _: FetchReason, _: Duration) -> Fetching<'_> {
        Box::pin(async {
            self.0.fetches.fetch_add(1, Ordering::SeqCst);
            let answer = match &mut *self.0.answer.lock().unwrap() {
                Answer::Alternating(first, second) => {
                    std::mem::swap(first, second);
                    Answer::Body(second.clone(), None)
                }
                answer => answer.clone(),
            };
            if self.0.holds.load(Ordering::SeqCst) {
                self.0.gate.acquire().await.unwrap().forget();
            }
            match answer {
                Answer::Body(body, max_age) => Ok(KeyDocument {
                    from: "https://a.example/keys".to_owned(),
                    body,
                    max_age,
                }),
                Answer::Status(status) => Err(IssuerError::Fetch {
                    url: "https://a.example/keys".to_owned(),
                    error: FetchError::Status(status),
                }),
                Answer::Alternating(..) => unreachable!(),
                Answer::Panic => panic!("a defect, on purpose"),
            }
        })
    }

    fn name(&self) -> String {
        "a test".to_owned()
    }

    fn mark_suspect(&self) {
        self.0.suspicions.fetch_add(1, Ordering::SeqCst);
    }
}

pub(super) struct Fixture {
    pub(super) issuer: Issuer,
    pub(super) clock: Clock,
    pub(super) keyring: Arc<Keyring>,
}

impl Fixture {
    /// An issuer that publishes the key "a", and a keyring that has not fetched yet.
    pub(super) fn cold() -> Self {
        Self::with(SETTINGS)
    }

    pub(super) fn with(settings: KeySettings) -> Self {
        let issuer = Issuer(Arc::new(State {
            answer: Mutex::new(Answer::Body(kids(&["a"]), None)),
            fetches: AtomicUsize::new(0),
            suspicions: AtomicUsize::new(0),
            holds: AtomicBool::new(false),
            gate: Semaphore::new(0),
        }));
        let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(START));
        let keyring = Keyring::with_source(
            "https://a.example".into(),
            Some(Box::new(issuer.clone())),
            Algorithms::ALL,
            settings,
            Duration::from_secs(5),
            clock.clone(),
            KeyState::empty(),
        );
        Self {
            issuer,
            clock,
            keyring,
        }
    }

    /// As `cold`, with the keys fetched once.
    pub(super) async fn warm() -> Self {
        let fixture = Self::cold();
        assert_eq!(fixture.keyring.warm().await, Ok(1));
        fixture
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        self.keyring.snapshot(self.clock.now())
    }

    /// Seconds of `Retry-After`, or the set.
    pub(super) async fn wait_for_keys(&self) -> Result<Snapshot, u64> {
        let now = self.clock.now();
        self.keyring
            .wait_for_keys(now)
            .await
            .map_err(|unavailable| unavailable.retry_after.as_secs())
    }

    /// Waits for the key; `false` if it does not come.
    pub(super) async fn finds(&self, kid: &str) -> bool {
        if let Some(wanted) = self.wanted(Some(kid), Algorithm::Es256) {
            self.keyring.wait_for_key(&wanted, Instant::now()).await;
        }
        self.snapshot().is_some_and(|state| knows(&state, kid))
    }

    /// Checks whether a token whose signature no key confirms waits for newer keys.
    pub(super) fn is_worth_waiting(&self, kid: &str) -> bool {
        let seen = self.keyring.state.load();
        let now = self.clock.now();
        let wanted = self.keyring.wanted(&seen, Some(kid), Algorithm::Es256, now);
        wanted.is_some()
    }

    /// The unknown key to wait for.
    fn wanted(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<WantedKey> {
        let now = self.clock.now();
        let seen = self.keyring.state.load();
        if kid.is_some_and(|kid| knows(&seen, kid)) {
            return None;
        }
        self.keyring.wanted(&seen, kid, algorithm, now)
    }

    /// Waits for another key for a token that the keys at hand did not confirm.
    pub(super) async fn replaces(&self, kid: Option<&str>, algorithm: Algorithm) -> bool {
        let now = self.clock.now();
        let seen = self.keyring.state.load();
        match self.keyring.wanted(&seen, kid, algorithm, now) {
            Some(wanted) => self.keyring.wait_for_key(&wanted, Instant::now()).await,
            None => false,
        }
    }
}

pub(super) fn knows(loaded: &KeyState, kid: &str) -> bool {
    matches!(
        loaded.keys().choose(Some(kid), Algorithm::Es256),
        Choice::Candidates(_)
    )
}

/// Lets every task of a single-threaded runtime go as far as it can.
pub(super) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
