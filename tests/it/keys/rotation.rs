//! 5.5 and 5.9: keys that come and go while no valid token is refused.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{Clock, Config};
use rocket::local::asynchronous::Client;
use tokio::task::JoinHandle;

use super::{
    Fixture, INTERVAL, SECOND, eventually, eventually_async, issuer, launch_async, status,
};
use crate::support::{config, full_token};

#[test]
fn row_5_5_an_emergency_rotation_refuses_the_old_key_and_cached_tokens() {
    let fixture = Fixture::new();
    let (seen, unseen) = (fixture.token(), fixture.token());
    fixture.accepts(&seen);
    fixture.accepts(&seen);

    fixture.issuer.emergency();
    fixture.accepts(&fixture.token());
    fixture.does_not_know_the_key_of(&seen);
    fixture.does_not_know_the_key_of(&unseen);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_5_the_ordinary_refresh_takes_a_withdrawn_key_away_too() {
    let fixture = Fixture::new();
    let seen = fixture.token();
    fixture.accepts(&seen);
    fixture.issuer.emergency();
    fixture.clock.advance(INTERVAL);
    // The first request starts the refresh and does not wait for it.
    eventually("the refresh is through", || {
        fixture.app.get("/token", &seen).status == 401
    });
    fixture.does_not_know_the_key_of(&seen);
    fixture.accepts(&fixture.token());
}

#[test]
fn row_5_5_a_key_that_keeps_its_kid_and_changes_is_another_key() {
    let (issuer, clock) = issuer();
    let twin = axioms_rocket::testing::TestIssuer::builder()
        .clock(clock.clone())
        .offline(issuer.url());
    let app = super::launch(config(&issuer), &clock);
    let fixture = Fixture { issuer, clock, app };
    let (kid, seen) = (fixture.issuer.kid(Alg::Es256), fixture.token());
    fixture.accepts(&seen);
    let forged = full_token(&twin).kid(&*kid).sign();
    fixture
        .app
        .get("/token", &forged)
        .invalid("Invalid token signature");

    fixture.issuer.answer_keys_with(IssuerFault::Body(
        twin.jwks().replace(&twin.kid(Alg::Es256), &kid),
    ));
    fixture.clock.advance(INTERVAL);
    eventually("the refresh is through", || {
        fixture.app.get("/token", &seen).status == 401
    });
    fixture
        .app
        .get("/token", &seen)
        .invalid("Invalid token signature");
    fixture.accepts(
        &full_token(&twin)
            .kid(&*kid)
            .expires_in(10 * INTERVAL)
            .sign(),
    );
}

#[test]
fn row_5_5_a_refresh_that_changes_nothing_takes_nothing_away() {
    let fixture = Fixture::new();
    let seen = fixture.token();
    for refreshes in 1..=5 {
        fixture.accepts(&seen);
        fixture.clock.advance(INTERVAL);
        // A request that comes while the one before has not landed starts none.
        eventually("the refresh was made", || {
            fixture.accepts(&seen);
            fixture.issuer.jwks_requests() == refreshes
        });
    }
}

#[test]
fn row_5_5_the_issuers_max_age_hastens_the_refresh() {
    let fixture = Fixture::new();
    fixture.issuer.cache_control("public, max-age=60");
    fixture.issuer.rotate();
    fixture.accepts(&fixture.token());
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    let seen = fixture.token();
    fixture.issuer.emergency();
    fixture.clock.advance(67 * SECOND);
    eventually("the refresh is through", || {
        fixture.app.get("/token", &seen).status == 401
    });
    assert!(fixture.issuer.jwks_requests() >= 2);
}

#[test]
fn row_5_9_keys_side_by_side_verify_the_tokens_of_both() {
    let fixture = Fixture::new();
    let old = fixture.token();
    fixture.issuer.publish();
    fixture.accepts(&old);
    fixture.accepts(&fixture.token());
    fixture.issuer.promote();
    let new = fixture.token();
    for token in [&new, &old, &new] {
        fixture.accepts(token);
    }
    assert_eq!(fixture.issuer.jwks_requests(), 1);
    fixture.issuer.retire();
    fixture.accepts(&new);
    assert_eq!(fixture.issuer.jwks_requests(), 1);
}

/// Clients that send new tokens of one issuer, again and again, and the answers.
struct Load {
    rounds: [AtomicUsize; 4],
    algorithm: Mutex<Alg>,
    answers: Mutex<BTreeMap<u16, usize>>,
    over: AtomicBool,
}

impl Load {
    fn start(
        client: &Arc<Client>,
        issuer: &Arc<TestIssuer>,
        algorithm: Alg,
    ) -> (Arc<Load>, Vec<JoinHandle<()>>) {
        let load = Arc::new(Load {
            rounds: Default::default(),
            algorithm: Mutex::new(algorithm),
            answers: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let task = |number: usize| {
            let (client, issuer, load) =
                (Arc::clone(client), Arc::clone(issuer), Arc::clone(&load));
            tokio::spawn(async move {
                while !load.over.load(Ordering::SeqCst) {
                    let algorithm = *load.algorithm.lock().expect("not poisoned");
                    let token = full_token(&issuer).algorithm(algorithm);
                    let token = token.expires_in(100 * INTERVAL).sign();
                    let answer = status(&client, &token).await;
                    load.count(answer);
                    load.rounds[number].fetch_add(1, Ordering::SeqCst);
                    // As between two requests of a connection: the fetches need the threads too.
                    tokio::task::yield_now().await;
                }
            })
        };
        let tasks = (0..load.rounds.len()).map(task).collect();
        (load, tasks)
    }

    fn count(&self, answer: u16) {
        let mut answers = self.answers.lock().expect("not poisoned");
        *answers.entry(answer).or_default() += 1;
    }

    /// Ends the clients; asserts that each request was answered 200.
    async fn ends_without_a_refusal(&self, tasks: Vec<JoinHandle<()>>) {
        self.over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.expect("no panic");
        }
        let answers = self.answers.lock().expect("not poisoned").clone();
        let statuses: Vec<_> = answers.keys().copied().collect();
        assert_eq!(statuses, [200], "{answers:?}");
    }

    /// Waits until every token that was signed before now has been answered.
    async fn passes(&self) {
        let before = self
            .rounds
            .each_ref()
            .map(|rounds| rounds.load(Ordering::SeqCst));
        eventually_async("everyone asked twice", async || {
            self.rounds
                .iter()
                .zip(before)
                .all(|(rounds, before)| rounds.load(Ordering::SeqCst) >= before + 2)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_9_under_load_no_valid_token_is_refused_in_rotation_or_outage() {
    let (issuer, clock) = issuer();
    let client = launch_async(
        Config {
            http_timeout: 60,
            ..config(&issuer)
        },
        &clock,
    )
    .await;
    let issuer = Arc::new(issuer);
    let (load, tasks) = Load::start(&client, &issuer, Alg::Es256);

    for _ in 0..10 {
        // By the book, and then without any notice; the clock stands still, so no cooldown may have
        // begun.
        issuer.publish();
        load.passes().await;
        issuer.promote();
        load.passes().await;
        issuer.retire();
        load.passes().await;
        issuer.rotate();
        load.passes().await;
    }
    let fetches = issuer.jwks_requests();
    for trouble in [
        None,
        Some(IssuerFault::Status(500)),
        Some(IssuerFault::Garbage),
        Some(IssuerFault::EmptySet),
    ] {
        match trouble {
            None => issuer.down(),
            Some(fault) => issuer.answer_with(fault),
        }
        // Due, then stale; each attempt fails.
        for _ in 0..4 {
            clock.advance(INTERVAL);
            load.passes().await;
        }
        issuer.up();
        issuer.heal();
        clock.advance(60 * SECOND);
        load.passes().await;
        issuer.rotate();
        load.passes().await;
    }
    load.ends_without_a_refusal(tasks).await;
    // At launch, and one for each key that began to sign; requests that began in between may each
    // cost one more.
    assert!((21..=61).contains(&fetches), "{fetches}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_9_under_load_a_change_from_rs256_to_ml_dsa_refuses_no_token() {
    let clock = Clock::manual(SystemTime::now());
    let issuer = TestIssuer::builder()
        .algorithms([Alg::Rs256])
        .clock(clock.clone())
        .start();
    let client = launch_async(config(&issuer), &clock).await;
    let issuer = Arc::new(issuer);
    let (load, tasks) = Load::start(&client, &issuer, Alg::Rs256);
    for algorithm in [Alg::MlDsa44, Alg::MlDsa65, Alg::MlDsa87, Alg::Rs256] {
        load.passes().await;
        // The key is published by its first token.
        *load.algorithm.lock().expect("not poisoned") = algorithm;
        load.passes().await;
        issuer.rotate();
    }
    load.passes().await;
    load.ends_without_a_refusal(tasks).await;
    let kids = [Alg::Rs256, Alg::MlDsa87].map(|algorithm| issuer.kid(algorithm));
    assert!(
        kids[0].starts_with("rsa-5-") && kids[1].starts_with("ml-dsa-87-5-"),
        "{kids:?}"
    );
}
