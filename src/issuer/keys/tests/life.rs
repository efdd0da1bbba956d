//! Chapter 5 of docs/behaviour.md: the rows about the set's age, success and failure.

use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::source::*;
use crate::config::{JwksPrefetch, KeySettings};
use crate::issuer::keys::error::KeyringError;
use crate::issuer::keys::{KeySet, Keyring};
use crate::jose::tests::jwk::*;
use crate::jose::{Algorithm, Algorithms};

#[tokio::test]
async fn warming_fetches_once_and_tells_the_number_of_keys() {
    let fixture = Fixture::cold();
    fixture.issuer.publishes(kids(&["a", "b"]));
    assert!(fixture.snapshot().is_none());
    assert_eq!(fixture.keyring.warm().await, Ok(2));
    assert_eq!(
        fixture.snapshot().map(|loaded| loaded.generation()),
        Some(1)
    );
    assert_eq!(fixture.issuer.fetches(), 1);
}

#[tokio::test]
async fn warming_fails_with_the_reason() {
    let fixture = Fixture::cold();
    fixture.issuer.fails(500);
    assert_eq!(
        fixture.keyring.warm().await.unwrap_err().to_string(),
        "https://a.example/keys: status 500"
    );
    fixture.issuer.publishes(b"{}".to_vec());
    assert_eq!(
        fixture.keyring.warm().await.unwrap_err().to_string(),
        "https://a.example/keys: no list of objects in `keys`"
    );
}

#[tokio::test]
async fn clause_1_readers_of_a_set_that_is_due_do_not_wait_for_its_refresh() {
    let fixture = Fixture::warm().await;
    fixture.advance(3239);
    assert!(fixture.snapshot().is_some());
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 1, "fresh");
    fixture.advance(722);
    fixture.issuer.holds();
    for _ in 0..100 {
        assert!(fixture.snapshot().is_some());
        settle().await;
    }
    assert_eq!(
        fixture.issuer.fetches(),
        2,
        "due: one refresh for all of them"
    );
    fixture.issuer.lets_go();
    settle().await;
    assert!(fixture.snapshot().is_some());
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 2, "fresh again");
}

#[tokio::test]
async fn max_age_hastens_the_refresh_but_not_below_a_minute() {
    let fixture = Fixture::cold();
    fixture
        .issuer
        .publishes_for(kids(&["a"]), Duration::from_secs(1));
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    for (step, fetches) in [(59, 1), (8, 2)] {
        fixture.advance(step);
        assert!(fixture.snapshot().is_some());
        settle().await;
        assert_eq!(fixture.issuer.fetches(), fetches);
    }
}

#[tokio::test]
async fn clause_4_a_failed_refresh_keeps_the_set_and_backs_off() {
    let fixture = Fixture::warm().await;
    fixture.advance(4000);
    for (fetches, body) in [
        (2, None),
        (3, Some(&b"<html>"[..])),
        (4, Some(b"{\"keys\":[]}")),
        (5, None),
    ] {
        match body {
            None => fixture.issuer.fails(503),
            Some(body) => fixture.issuer.publishes(body.to_vec()),
        }
        for _ in 0..10 {
            assert!(knows(&fixture.snapshot().unwrap(), "a"));
            settle().await;
            assert_eq!(
                fixture.issuer.fetches(),
                fetches,
                "one attempt, then it backs off"
            );
        }
        fixture.advance(1 << (fetches - 1));
    }
    assert_eq!(fixture.issuer.suspicions(), 2, "of what gave no key set");
    assert_eq!(fixture.snapshot().unwrap().generation(), 1);
}

#[tokio::test]
async fn clause_4_an_expired_set_serves_only_after_an_attempt_has_failed() {
    let fixture = Fixture::warm().await;
    fixture.issuer.fails(503);
    // After a suspend no fetch was attempted yet.
    fixture.advance(7200);
    assert!(fixture.snapshot().is_none());
    assert!(knows(&fixture.wait_for_keys().await.unwrap(), "a"));
    assert_eq!(fixture.issuer.fetches(), 2);
    assert!(
        knows(&fixture.snapshot().unwrap(), "a"),
        "and now without waiting"
    );
    fixture.advance(300);
    assert!(
        knows(&fixture.snapshot().unwrap(), "a"),
        "and without retries for minutes"
    );
    settle().await;
    // It slept again: what failed before excuses nothing now.
    fixture.advance(86_099);
    assert!(fixture.snapshot().is_none());
    assert!(knows(&fixture.wait_for_keys().await.unwrap(), "a"));
    fixture.advance(1);
    assert!(fixture.snapshot().is_none(), "jwks_stale_ttl is over");
    fixture.advance(60);
    assert!(
        matches!(fixture.wait_for_keys().await.err(), Some(7 | 8)),
        "the fourth failure in a row"
    );
}

#[tokio::test]
async fn an_expired_set_is_replaced_before_anyone_uses_it() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["b"]));
    fixture.advance(50_000);
    assert!(fixture.snapshot().is_none());
    let loaded = fixture.wait_for_keys().await.unwrap();
    assert_eq!((knows(&loaded, "a"), knows(&loaded, "b")), (false, true));
}

#[tokio::test(start_paused = true)]
async fn an_expired_set_serves_while_the_issuer_hangs_after_one_wait() {
    let fixture = Fixture::warm().await;
    fixture.issuer.holds();
    fixture.advance(8000);
    let before = tokio::time::Instant::now();
    assert!(knows(&fixture.wait_for_keys().await.unwrap(), "a"));
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    assert!(knows(&fixture.snapshot().unwrap(), "a"));
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test]
async fn after_a_success_an_expired_set_again_needs_an_attempt() {
    let fixture = Fixture::warm().await;
    fixture.issuer.fails(503);
    fixture.advance(4000);
    assert!(fixture.snapshot().is_some());
    settle().await;
    fixture.issuer.publishes(kids(&["a"]));
    fixture.advance(60);
    assert!(fixture.snapshot().is_some());
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 3);
    fixture.advance(7200);
    assert!(fixture.snapshot().is_none());
}

#[tokio::test]
async fn clause_5_a_refresh_replaces_the_set_at_once_and_raises_the_generation() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["b"]));
    fixture.advance(4000);
    assert!(knows(&fixture.snapshot().unwrap(), "a"));
    settle().await;
    let loaded = fixture.snapshot().unwrap();
    assert_eq!(
        (
            knows(&loaded, "a"),
            knows(&loaded, "b"),
            loaded.generation()
        ),
        (false, true, 2)
    );
}

#[tokio::test]
async fn a_refresh_that_changes_nothing_keeps_the_generation() {
    let fixture = Fixture::warm().await;
    // Another text for the same keys.
    fixture
        .issuer
        .publishes(set(&[named("a", with(p256(), json!({"use": "sig"})))]));
    for fetches in 2..5 {
        fixture.advance(4000);
        assert!(fixture.snapshot().is_some());
        settle().await;
        assert_eq!(fixture.issuer.fetches(), fetches);
        assert_eq!(
            fixture.snapshot().map(|loaded| loaded.generation()),
            Some(1)
        );
    }
    fixture.advance(3000);
    assert!(
        fixture.snapshot().is_some(),
        "its age counts from the last refresh"
    );
}

#[tokio::test]
async fn clause_6_one_bad_key_never_breaks_the_set() {
    let fixture = Fixture::cold();
    fixture
        .issuer
        .publishes(set(&[json!({"kty": "AKP"}), named("a", p256()), json!(7)]));
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    assert!(knows(&fixture.snapshot().unwrap(), "a"));
}

#[tokio::test]
async fn a_clock_that_was_put_back_far_refreshes_and_blocks_nothing() {
    let fixture = Fixture::warm().await;
    fixture.issuer.fails(503);
    assert!(!fixture.finds("x").await);
    fixture.issuer.publishes(kids(&["b"]));
    // To 1970: the manual clock wraps.
    fixture
        .clock
        .advance(Duration::from_millis(u64::MAX - START * 1000 + 1001));
    assert_eq!(fixture.clock.now(), Duration::from_secs(1));
    assert!(knows(&fixture.snapshot().unwrap(), "a"), "usable");
    settle().await;
    assert!(
        knows(&fixture.snapshot().unwrap(), "b"),
        "and refreshed, whatever back-off was left"
    );
    fixture.issuer.publishes(kids(&["c"]));
    assert!(fixture.finds("c").await, "and not cooling for ever");
    fixture.advance(7200);
    assert!(fixture.snapshot().is_none(), "and it ages by the new time");
}

#[tokio::test]
async fn keys_that_were_handed_over_stay_and_nothing_is_fetched() {
    let (given, _) = KeySet::parse(&kids(&["a"]), Algorithms::ALL).unwrap();
    let keyring = Keyring::given(given);
    for now in [
        Duration::ZERO,
        Duration::from_secs(START),
        Duration::from_secs(u64::MAX),
    ] {
        let loaded = keyring.snapshot(now).unwrap();
        assert_eq!((knows(&loaded, "a"), loaded.generation()), (true, 1));
        assert!(
            keyring
                .wanted(&loaded, Some("b"), Algorithm::Es256, now)
                .is_none()
        );
        assert!(
            keyring
                .wanted(&loaded, Some("a"), Algorithm::Es256, now)
                .is_none()
        );
    }
    assert_eq!(keyring.warm().await, Ok(1));
    keyring.keep_fresh().await;
}

#[tokio::test(start_paused = true)]
async fn the_background_refreshes_what_is_due_and_retries_what_fails() {
    let fixture = Fixture::cold();
    let task = tokio::spawn(Arc::clone(&fixture.keyring).keep_fresh());
    let pass = async |seconds| {
        fixture.advance(seconds);
        // Timers may be a sleep late, not more.
        tokio::time::sleep(Duration::from_secs(61)).await;
        settle().await;
        fixture.issuer.fetches()
    };
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 1);
    assert_eq!(pass(3200).await, 1);
    assert_eq!(pass(800).await, 2);
    fixture.issuer.fails(500);
    assert_eq!(pass(4000).await, 3);
    assert_eq!(pass(3).await, 4);
    fixture.issuer.publishes(kids(&["b"]));
    assert_eq!(pass(3).await, 5);
    assert!(knows(&fixture.snapshot().unwrap(), "b"));
    task.abort();
    settle().await;
    assert_eq!(pass(100_000).await, 5);
}

#[tokio::test(start_paused = true)]
async fn without_prefetch_the_background_waits_for_the_first_token() {
    let fixture = Fixture::with(KeySettings {
        prefetch: JwksPrefetch::Never,
        ..SETTINGS
    });
    let _task = tokio::spawn(Arc::clone(&fixture.keyring).keep_fresh());
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(fixture.issuer.fetches(), 0);
    assert!(fixture.wait_for_keys().await.is_ok());
    fixture.advance(4000);
    tokio::time::sleep(Duration::from_secs(61)).await;
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_prefetch_the_first_refresh_comes_as_early_as_the_interval_says() {
    let often = KeySettings {
        prefetch: JwksPrefetch::Never,
        refresh_interval: Duration::from_secs(5),
        ..SETTINGS
    };
    let fixture = Fixture::with(often);
    let _task = tokio::spawn(Arc::clone(&fixture.keyring).keep_fresh());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(fixture.wait_for_keys().await.is_ok());
    settle().await;
    fixture.advance(6);
    tokio::time::sleep(Duration::from_secs(6)).await;
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 2, "without any other token");
}

#[test]
fn a_reader_outside_of_any_runtime_gets_its_set() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let fixture = runtime.block_on(Fixture::warm());
    fixture.advance(4000);
    assert!(fixture.snapshot().is_some());
    assert_eq!(fixture.issuer.fetches(), 1);
}

/// The log lines of this thread meanwhile, without the time.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs itself again in a process of its own: other tests on other threads would share the registry
/// of `tracing`.
#[test]
fn the_log_tells_loads_changes_and_failures_and_each_skipped_key_once() {
    const HERE: &str = "issuer::keys::tests::life::the_log_tells_loads_changes_and_failures_and_each_skipped_key_once";
    if std::env::var_os("AXIOMS_TEST_LOG").is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        return runtime.block_on(check_log());
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", HERE])
        .env("AXIOMS_TEST_LOG", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

async fn check_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .finish();
    let _default = tracing::subscriber::set_default(subscriber);
    let fixture = Fixture::cold();
    fixture.issuer.fails(500);
    assert!(fixture.keyring.warm().await.is_err());
    assert_eq!(log.take(), [""; 0], "the launch reports it");
    fixture.issuer.publishes(set(&[
        named("a", p256()),
        named("w", with(rsa(), json!({"e": "AQ"}))),
    ]));
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    assert_eq!(
        log.take(),
        [
            " INFO signing keys loaded issuer=\"https://a.example\" keys=1 kids=\"a\"",
            " WARN signing key not used: key 1 with `kid` \"w\": \
             RSA exponent that is even, below 65537 or above 33 bits \
             issuer=\"https://a.example\"",
        ]
    );
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    assert_eq!(
        log.take(),
        ["DEBUG signing keys refreshed, nothing changed issuer=\"https://a.example\" keys=1"]
    );
    fixture.issuer.publishes(set(&[
        named("a", p256()),
        named("b", p256()),
        named("c", with(rsa(), json!({"use": "enc"}))),
    ]));
    assert_eq!(fixture.keyring.warm().await, Ok(2));
    assert_eq!(
        log.take(),
        [
            " INFO signing keys changed issuer=\"https://a.example\" keys=2 kids=\"a\", \"b\"",
            "DEBUG signing key not used: key 2 with `kid` \"c\": `use` is \"enc\" \
             issuer=\"https://a.example\"",
        ]
    );
    fixture.issuer.fails(500);
    for (age, line) in [
        (
            100,
            " WARN signing keys not refreshed, those at hand stay in use: \
             https://a.example/keys: status 500 \
             issuer=\"https://a.example\" retry_in=1 age=100",
        ),
        (
            7200,
            "ERROR signing keys not refreshed, STALE ones stay in use \
             until `jwks_stale_ttl` is over: https://a.example/keys: status 500 \
             issuer=\"https://a.example\" retry_in=2 age=7200 left=86400",
        ),
        (
            93_600,
            "ERROR no signing keys, every token is answered with 503: \
             https://a.example/keys: status 500 \
             issuer=\"https://a.example\" retry_in=4",
        ),
    ] {
        fixture.advance(age - (fixture.clock.now().as_secs() - START));
        assert!(matches!(
            fixture.keyring.warm().await,
            Err(KeyringError::Issuer(_))
        ));
        // The wait is drawn by chance and cut to seconds.
        let lines: Vec<_> = log
            .take()
            .iter()
            .map(|line| {
                line.replace("retry_in=1 age=7", "retry_in=2 age=7")
                    .replace("retry_in=3", "retry_in=4")
            })
            .collect();
        assert_eq!(lines, [line]);
    }
}
