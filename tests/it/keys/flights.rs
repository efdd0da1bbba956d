//! 5.1 and 5.2: readers never wait; one fetch at a time, which no request owns.

use std::pin::pin;
use std::sync::Arc;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{Config, JwksPrefetch};
use tokio::task::JoinSet;

use super::held_jwks_server::HeldJwksServer;
use super::{INTERVAL, eventually_async, issuer, launch_async, status};
use crate::support::{config, full_token};

/// An issuer whose keys are fetched through a server; nothing is fetched at launch.
fn held(issuer: &TestIssuer, server: &HeldJwksServer) -> Config {
    // Patient, so that a slow machine does not break the fetch off.
    let config = Config {
        jwks_url: Some(server.url()),
        http_timeout: 60,
        ..config(issuer)
    };
    Config {
        jwks_prefetch: JwksPrefetch::Never,
        ..config
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_1_requests_are_answered_while_a_refresh_is_under_way() {
    let ((issuer, clock), server) = (issuer(), HeldJwksServer::start());
    let client = launch_async(held(&issuer, &server), &clock).await;
    server.answer(issuer.jwks());
    assert_eq!(status(&client, &full_token(&issuer).sign()).await, 200);

    clock.advance(INTERVAL);
    // The server never answers: a request that waits for it would hang.
    for _ in 0..100 {
        assert_eq!(status(&client, &full_token(&issuer).sign()).await, 200);
    }
    eventually_async("the refresh began", async || server.asked() == 2).await;
    assert_eq!(status(&client, &full_token(&issuer).sign()).await, 200);
    assert_eq!(server.asked(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_2_however_many_ask_one_fetch_is_in_flight() {
    let ((issuer, clock), server) = (issuer(), HeldJwksServer::start());
    let client = launch_async(held(&issuer, &server), &clock).await;
    // Cold, and then for a key that is new: the second round begins with a rotation.
    for round in 1..=2 {
        let mut requests = JoinSet::new();
        for _ in 0..50 {
            let (client, token) = (Arc::clone(&client), full_token(&issuer).sign());
            requests.spawn(async move { status(&client, &token).await });
        }
        eventually_async("the fetch began", async || server.asked() == round).await;
        server.answer(issuer.jwks());
        while let Some(answer) = requests.join_next().await {
            assert_eq!(answer.expect("no panic"), 200);
        }
        assert_eq!(server.asked(), round);
        issuer.rotate();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_2_a_client_that_goes_away_does_not_cancel_the_fetch() {
    let ((issuer, clock), server) = (issuer(), HeldJwksServer::start());
    let client = launch_async(held(&issuer, &server), &clock).await;
    for fetches in 1..=2 {
        let token = full_token(&issuer).sign();
        {
            let mut request = pin!(status(&client, &token));
            tokio::select! {
                answer = &mut request => panic!("answered {answer} without keys"),
                () = eventually_async("the fetch began", async || server.asked() == fetches) => {}
            }
        }
        // No request waits any more; the fetch goes on, and the next one needs no other.
        server.answer(issuer.jwks());
        assert_eq!(status(&client, &token).await, 200);
        assert_eq!(server.asked(), fetches);
        issuer.rotate();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_5_2_a_fetch_that_began_before_the_rotation_is_not_the_last_word() {
    let ((issuer, clock), server) = (issuer(), HeldJwksServer::start());
    let client = launch_async(held(&issuer, &server), &clock).await;
    server.answer(issuer.jwks());
    assert_eq!(status(&client, &full_token(&issuer).sign()).await, 200);

    issuer.rotate();
    let (token, answer) = (full_token(&issuer).sign(), issuer.jwks());
    let first = tokio::spawn({
        let client = Arc::clone(&client);
        async move { status(&client, &token).await }
    });
    eventually_async("the fetch began", async || server.asked() == 2).await;
    issuer.rotate();
    let token = full_token(&issuer).sign();
    let mut second = pin!(status(&client, &token));
    // Once, so that it waits for the fetch that is under way.
    tokio::select! {
        biased;
        answer = &mut second => panic!("answered {answer} without its key"),
        () = std::future::ready(()) => {}
    }
    server.answer(answer);
    assert_eq!(first.await.expect("no panic"), 200);
    server.answer(issuer.jwks());
    assert_eq!(second.await, 200);
    assert_eq!(server.asked(), 3);
}
