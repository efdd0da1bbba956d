//! Bounds of questions and answers, with sources that hang, panic and wait.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::known::CAPACITY;
use super::{
    Answer, AnySource, Change, IssuerSource, LookUp, Reserved, RunTimeIssuer, RunTimeIssuers,
    Surroundings,
};
use crate::base::clock::Clock;
use crate::claims::ClaimSelector;
use crate::config::{Config, IssuerConfig, IssuersElsewhere, KeysGiven, Loaded};
use crate::http::Http;
use crate::issuer::keys::Keyring;

/// Knows each issuer below `known.test`, once its gate lets it answer.
#[derive(Clone)]
struct Gated {
    gate: Arc<Semaphore>,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
    panics: Arc<AtomicBool>,
}

impl Gated {
    fn new(permits: usize) -> Gated {
        Gated {
            gate: Arc::new(Semaphore::new(permits)),
            now: Arc::default(),
            most: Arc::default(),
            asked: Arc::default(),
            panics: Arc::default(),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Counts down however the question ends.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl IssuerSource for Gated {
    async fn issuer(
        &self,
        iss: &str,
    ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics.load(Ordering::SeqCst), "a defect, on purpose");
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(&self.now);
        self.most.fetch_max(now, Ordering::SeqCst);
        self.gate.acquire().await?.forget();
        Ok(iss.contains("known.test").then(|| config(iss)))
    }
}

fn config(iss: &str) -> IssuerConfig {
    IssuerConfig {
        iss_url: Some(iss.into()),
        jwks_url: Some("https://keys.test/set".into()),
        ..IssuerConfig::default()
    }
}

fn issuers(source: impl AnySource + 'static) -> (Arc<RunTimeIssuers>, Clock) {
    let config = Config {
        audience: vec!["api".into()],
        ..Config::default()
    };
    let mut loaded = Loaded::of_code(&config);
    loaded.elsewhere = IssuersElsewhere::Yes;
    let settings = loaded.check(KeysGiven::No).unwrap();
    let clock = Clock::manual(SystemTime::now());
    let around = Surroundings {
        config,
        origins: loaded.origins.clone(),
        ttl: settings.issuer_ttl,
        keys: settings.keys,
        http: Http::new(&loaded.http()).unwrap(),
        clock: clock.clone(),
    };
    let selector = ClaimSelector::new([]);
    let reserved = Reserved {
        names: ["staff".into()].into(),
        segments: false,
    };
    let issuers = RunTimeIssuers::new(Arc::new(source), around, reserved, selector);
    (Arc::new(issuers), clock)
}

fn known(at: usize) -> String {
    format!("https://t{at}.known.test")
}

/// Lets the tasks run until each waits.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

fn found(issuers: &Arc<RunTimeIssuers>, iss: &str, clock: &Clock) -> Option<Arc<RunTimeIssuer>> {
    match issuers.look_up(iss, clock.now()) {
        LookUp::Known(issuer) => Some(issuer),
        LookUp::Unknown | LookUp::Ask => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_made_up_issuers_is_bounded() {
    let source = Gated::new(0);
    let (issuers, clock) = issuers(source.clone());
    let before = Handle::current().metrics().num_alive_tasks();
    let mut refused = 0;
    for at in 0..10_000 {
        let iss = format!("https://made-up-{:x}-{at}.test", fastrand::u64(..));
        refused += usize::from(issuers.question(&iss).is_none());
    }
    settle().await;
    assert_eq!(refused, 10_000 - 1024, "those that may not even wait");
    assert!(source.most.load(Ordering::SeqCst) <= 16);
    assert!(Handle::current().metrics().num_alive_tasks() - before <= 1024);
    // A known issuer is asked for all the same.
    source.gate.add_permits(10_000);
    settle().await;
    assert!(source.most.load(Ordering::SeqCst) <= 16);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before);
    assert_eq!(issuers.figures().issuers, 0);
    assert!(source.asked() <= 1024);
    assert!(found(&issuers, "https://made-up.test", &clock).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_known_issuer_is_renewed_beside_a_flood() {
    let source = Gated::new(1);
    let (issuers, clock) = issuers(source.clone());
    assert!(matches!(issuers.ask(&known(1)).await, Answer::Known));
    for at in 0..5_000 {
        drop(issuers.question(&format!("https://made-up-{at}.test")));
    }
    settle().await;
    let before = source.asked();
    clock.advance(Duration::from_secs(301));
    let renewal = tokio::spawn({
        let issuers = Arc::clone(&issuers);
        async move { issuers.ask(&known(1)).await }
    });
    settle().await;
    assert_eq!(source.asked(), before + 1);
    renewal.abort();
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_given_up_after_the_timeout() {
    let (issuers, _) = issuers(Gated::new(0));
    let started = Instant::now();
    assert!(matches!(issuers.ask(&known(1)).await, Answer::Failed));
    assert_eq!(started.elapsed().as_secs(), 5);
    assert_eq!(issuers.figures().unanswered, 1);
}

#[tokio::test]
async fn a_source_that_panics_answers_the_next_question() {
    let source = Gated::new(10);
    let (issuers, clock) = issuers(source.clone());
    source.panics.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert!(matches!(issuers.ask(&known(1)).await, Answer::Failed));
    }
    assert_eq!((source.asked(), issuers.figures().unanswered), (3, 3));
    source.panics.store(false, Ordering::SeqCst);
    assert!(matches!(issuers.ask(&known(1)).await, Answer::Known));
    assert!(found(&issuers, &known(1), &clock).is_some());
}

#[tokio::test]
async fn callers_that_come_together_ask_once() {
    let source = Gated::new(0);
    let (issuers, _) = issuers(source.clone());
    let waiting: Vec<_> = (0..100)
        .map(|_| issuers.question(&known(1)).unwrap())
        .collect();
    settle().await;
    source.gate.add_permits(1);
    for question in waiting {
        assert!(matches!(question.finished().await, Some(Answer::Known)));
    }
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn an_answer_from_before_forget_is_void() {
    let source = Gated::new(0);
    let (issuers, clock) = issuers(source.clone());
    let asking = tokio::spawn({
        let issuers = Arc::clone(&issuers);
        async move { issuers.ask(&known(1)).await }
    });
    settle().await;
    assert!(!issuers.forget(&known(1)));
    source.gate.add_permits(1);
    settle().await;
    assert_eq!(source.asked(), 2, "asked again");
    assert!(found(&issuers, &known(1), &clock).is_none());
    source.gate.add_permits(1);
    assert!(matches!(asking.await, Ok(Answer::Known)));
    assert!(found(&issuers, &known(1), &clock).is_some());
    assert!(issuers.forget(&known(1)));
    assert!(found(&issuers, &known(1), &clock).is_none());
}

#[tokio::test]
async fn an_answer_is_renewed_ahead_of_its_end() {
    let source = Gated::new(10);
    let (issuers, clock) = issuers(source.clone());
    assert!(matches!(issuers.ask(&known(1)).await, Answer::Known));
    clock.advance(Duration::from_secs(200));
    assert!(found(&issuers, &known(1), &clock).is_some());
    settle().await;
    assert_eq!(source.asked(), 1);
    clock.advance(Duration::from_secs(30));
    let first = found(&issuers, &known(1), &clock).unwrap();
    assert!(found(&issuers, &known(1), &clock).is_some());
    settle().await;
    assert_eq!(source.asked(), 2, "once, without waiting");
    // The end of the first answer: the same issuer, with its keys.
    clock.advance(Duration::from_secs(100));
    let second = found(&issuers, &known(1), &clock).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    // A clock that is put back makes no answer last longer.
    let long_ago = clock.now().saturating_sub(Duration::from_secs(3600));
    assert!(matches!(issuers.look_up(&known(1), long_ago), LookUp::Ask));
}

/// Inserts an issuer as an answer does.
fn insert(issuers: &Arc<RunTimeIssuers>, iss: &str) -> Weak<Keyring> {
    let issuer = Arc::new(issuers.build(iss, config(iss)).unwrap());
    let keyring = Arc::downgrade(&issuer.issuer.keyring);
    issuers.questions.change(|| {
        issuers.apply(iss, Change::Insert(issuer));
    });
    keyring
}

#[tokio::test]
async fn the_least_recently_used_issuers_go_and_nothing_of_them_stays() {
    let (issuers, clock) = issuers(Gated::new(0));
    let before = Handle::current().metrics().num_alive_tasks();
    let first: Vec<_> = (0..200).map(|at| insert(&issuers, &known(at))).collect();
    clock.advance(Duration::from_secs(2));
    let held = found(&issuers, &known(0), &clock).unwrap();
    for at in 1..100 {
        assert!(found(&issuers, &known(at), &clock).is_some());
    }
    for at in 200..CAPACITY {
        insert(&issuers, &known(at));
    }
    assert_eq!(issuers.figures().issuers, CAPACITY);
    insert(&issuers, &known(CAPACITY));
    assert_eq!(issuers.figures().issuers, CAPACITY - 99);
    for at in [0, 99, 200, CAPACITY - 1, CAPACITY] {
        assert!(found(&issuers, &known(at), &clock).is_some(), "{at}");
    }
    for at in [100, 150, 199] {
        assert!(found(&issuers, &known(at), &clock).is_none(), "{at}");
        assert!(first[at].upgrade().is_none(), "{at}");
    }
    // One that a cached token holds ends, too.
    assert!(issuers.still_holds(&held, clock.now()));
    assert!(issuers.forget(&known(0)));
    assert!(!issuers.still_holds(&held, clock.now()));
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before);
}

#[tokio::test]
async fn an_issuer_that_nothing_uses_is_dropped_with_its_keys() {
    let (issuers, clock) = issuers(Gated::new(0));
    let keyring = insert(&issuers, &known(1));
    clock.advance(Duration::from_secs(3599));
    issuers.tend_once();
    assert!(keyring.upgrade().is_some());
    clock.advance(Duration::from_secs(2));
    issuers.tend_once();
    assert!(keyring.upgrade().is_none());
    assert_eq!(issuers.figures().issuers, 0);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_no_answer() {
    let (issuers, _) = issuers(Gated::new(0));
    let iss = "https://a.test";
    let refused = |config: IssuerConfig| match issuers.build(iss, config) {
        Err((Answer::Failed, reason)) => reason,
        Err((_, reason)) => format!("unknown: {reason}"),
        Ok(_) => "accepted".to_owned(),
    };
    let with = |change: fn(&mut IssuerConfig)| {
        let mut config = config(iss);
        change(&mut config);
        refused(config)
    };
    const OTHER: &str = "unknown: the configuration is of another issuer: iss_url must be the text \
                         that was asked about";
    assert_eq!(with(|_| {}), "accepted");
    assert_eq!(with(|c| c.iss_url = Some("https://a.test/".into())), OTHER);
    assert_eq!(with(|c| c.iss_url = Some("https://A.test".into())), OTHER);
    let template = with(|c| {
        c.iss_url = Some("https://{tenant}.test.example".into());
        c.tenants = Some(vec!["*".into()]);
    });
    assert_eq!(template, OTHER);
    assert_eq!(
        with(|c| c.audience = Some(Vec::new())),
        "the configuration cannot work: audience is required, here or at the top level"
    );
    assert_eq!(
        with(|c| c.iss_url = None),
        "the configuration cannot work: iss_url is required: iss_url or domain"
    );
    let several = with(|c| {
        c.jwks_url = Some("http://keys.test".into());
        c.algorithms = Some(vec!["HS256".into()]);
    });
    assert!(
        several.contains("algorithms `HS256` is symmetric") && several.contains("jwks_url must"),
        "{several}"
    );
    assert_eq!(
        with(|c| c.name = Some("staff".into())),
        "\"staff\" is the name of a configured issuer or tenant"
    );
}

#[test]
fn only_a_plain_url_is_asked_about() {
    let (issuers, clock) = issuers(Gated::new(0));
    let is_asked = |iss: &str| matches!(issuers.look_up(iss, clock.now()), LookUp::Ask);
    for iss in [
        "https://a.test",
        "https://a.test/",
        "https://a.test/realms/x",
        "https://a.test:8443/x/",
        "https://a.test:443",
        "https://a.test/a%20b",
        "http://127.0.0.1:4000/a",
        "http://localhost",
        "http://[::1]:4000",
        "https://xn--bcher-kva.test",
    ] {
        assert!(is_asked(iss), "{iss}");
    }
    let long = format!("https://a.test/{}", "x".repeat(500));
    for iss in [
        "",
        "acme",
        "a.test",
        "https://",
        "https:///x",
        "http://a.test",
        "HTTPS://a.test",
        "https://A.test",
        "https://a.test.",
        "https://a.test?x",
        "https://a.test/?x",
        "https://a.test#x",
        "https://user@a.test",
        "https://user:pass@a.test",
        "https://a.test\\x",
        "https://a.test/../x",
        "https://a.test/a/./x",
        "https://a.test/%2e%2e/x",
        "https://a.test/{tenant}",
        "https://a.test/%7Btenant%7D",
        "https://{tenant}.a.test",
        "https://a.test/$X",
        "https://a.test/*",
        "https://b\u{fc}cher.test",
        "https://a.test/\u{fc}",
        "https://a.test /x",
        "https://a.test\n",
        "https://a..test",
        "https://.a.test",
        "https://a.test,https://b.test",
        "https://a.test https://b.test",
        "https://1.1",
        "https://0x7f.1",
        "https://a.test:0",
        "https://a.test:99999",
        "ftp://a.test",
        "file:///etc/passwd",
        "data:text/plain,x",
        long.as_str(),
    ] {
        assert!(!is_asked(iss), "{iss}");
    }
}
