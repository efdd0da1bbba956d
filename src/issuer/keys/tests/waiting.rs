//! Chapter 5 of docs/behaviour.md: the rows about waiting (single flight, cold start, unknown keys,
//! cooldown).

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::source::*;
use crate::jose::Algorithm;
use crate::jose::tests::jwk::*;

#[tokio::test]
async fn clause_2_requests_that_come_together_share_one_fetch() {
    let fixture = Arc::new(Fixture::cold());
    fixture.issuer.holds();
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let fixture = Arc::clone(&fixture);
        requests.spawn(async move {
            fixture
                .wait_for_keys()
                .await
                .map(|loaded| knows(&loaded, "a"))
        });
    }
    settle().await;
    fixture.issuer.lets_go();
    assert_eq!(requests.join_all().await, vec![Ok(true); 100]);
    assert_eq!(fixture.issuer.fetches(), 1);
}

#[tokio::test]
async fn clause_2_a_client_that_goes_away_does_not_cancel_the_fetch() {
    let fixture = Arc::new(Fixture::cold());
    fixture.issuer.holds();
    let waiting = Arc::clone(&fixture);
    let client = tokio::spawn(async move { waiting.wait_for_keys().await.is_ok() });
    settle().await;
    client.abort();
    assert!(client.await.is_err_and(|error| error.is_cancelled()));
    fixture.issuer.lets_go();
    settle().await;
    assert!(knows(&fixture.snapshot().unwrap(), "a"));
    assert_eq!(fixture.issuer.fetches(), 1);
}

#[test]
fn clause_2_a_fetch_that_ends_with_its_runtime_does_not_wedge_the_next() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let fixture = Arc::new(Fixture::cold());
    fixture.issuer.holds();
    let first = runtime();
    let waiting = Arc::clone(&fixture);
    first.spawn(async move { waiting.wait_for_keys().await.is_ok() });
    first.block_on(settle());
    assert_eq!(fixture.issuer.fetches(), 1);
    drop(first);
    fixture.issuer.lets_go();
    let loaded = runtime().block_on(fixture.wait_for_keys());
    assert!(
        knows(&loaded.unwrap(), "a"),
        "and there is nothing to back off from"
    );
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test]
async fn clause_2_a_fetch_that_panics_is_a_failure_like_any_other() {
    let fixture = Fixture::warm().await;
    fixture.issuer.panics();
    fixture.advance(4000);
    for _ in 0..10 {
        assert!(knows(&fixture.snapshot().unwrap(), "a"));
        settle().await;
    }
    assert_eq!(fixture.issuer.fetches(), 2, "it backs off");
    assert!(!fixture.finds("x").await);
    assert!(!fixture.finds("y").await);
    assert_eq!(fixture.issuer.fetches(), 3, "it cools down");
    fixture.issuer.publishes(kids(&["b"]));
    fixture.advance(10);
    assert!(fixture.finds("b").await);
}

#[tokio::test]
async fn clause_8_with_the_issuer_down_a_cold_start_is_503_until_a_good_fetch() {
    let fixture = Fixture::cold();
    fixture.issuer.fails(503);
    assert_eq!(fixture.wait_for_keys().await.err(), Some(1));
    for _ in 0..100 {
        assert_eq!(fixture.wait_for_keys().await.err(), Some(1));
    }
    assert_eq!(
        fixture.issuer.fetches(),
        1,
        "while it backs off no request waits and nothing is fetched"
    );
    fixture.issuer.publishes(kids(&["a"]));
    fixture.advance(2);
    assert!(knows(&fixture.wait_for_keys().await.unwrap(), "a"));
}

#[tokio::test(start_paused = true)]
async fn clause_8_with_the_issuer_hanging_a_cold_start_waits_one_timeout() {
    let fixture = Fixture::cold();
    fixture.issuer.holds();
    let before = Instant::now();
    assert_eq!(fixture.wait_for_keys().await.err(), Some(1));
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    fixture.issuer.lets_go();
    assert!(
        fixture.wait_for_keys().await.is_ok(),
        "the fetch goes on and is joined"
    );
    assert_eq!(fixture.issuer.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn clause_3_an_unknown_kid_fetches_the_rotated_key_each_time() {
    let fixture = Fixture::warm().await;
    for (fetches, kid) in [(2, "b"), (3, "c"), (4, "d"), (5, "e")] {
        fixture.issuer.publishes(kids(&[kid]));
        assert!(fixture.finds(kid).await, "{kid}");
        assert!(fixture.finds(kid).await, "{kid}");
        assert_eq!(fixture.issuer.fetches(), fetches);
    }
    assert_eq!(fixture.snapshot().unwrap().generation(), 5);
}

#[tokio::test(start_paused = true)]
async fn clause_3_a_token_without_kid_fetches_the_rotated_key_too() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(set(&[rsa()]));
    assert!(fixture.replaces(None, Algorithm::Rs256).await);
    assert!(!fixture.replaces(None, Algorithm::Es512).await);
    assert!(!fixture.replaces(None, Algorithm::Es384).await);
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn clause_3_a_fruitless_fetch_starts_the_cooldown() {
    let fixture = Fixture::warm().await;
    assert!(!fixture.finds("x").await);
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.issuer.publishes(kids(&["a", "b"]));
    fixture.advance(9);
    assert!(!fixture.finds("b").await, "refused at once");
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.advance(1);
    assert!(fixture.finds("b").await, "within one cooldown");
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn a_key_that_a_fetch_for_another_brought_is_found_in_the_cooldown() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["a", "b"]));
    assert!(
        !fixture.finds("x").await,
        "the fetch for it starts the cooldown"
    );
    // As for a request that looked at the set before that fetch had ended.
    assert!(fixture.finds("b").await);
    assert!(!fixture.finds("y").await);
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test]
async fn a_url_that_did_not_have_the_key_becomes_suspect() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["a", "b"]));
    assert!(fixture.finds("b").await);
    assert_eq!(fixture.issuer.suspicions(), 0);
    assert!(!fixture.finds("c").await);
    assert_eq!(fixture.issuer.suspicions(), 1, "the keys may have moved");
}

#[tokio::test]
async fn clause_3_a_failed_fetch_starts_the_cooldown_too() {
    let fixture = Fixture::warm().await;
    fixture.issuer.fails(500);
    assert!(!fixture.finds("b").await);
    fixture.issuer.publishes(kids(&["a", "b"]));
    assert!(!fixture.finds("b").await);
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.advance(10);
    assert!(fixture.finds("b").await);
}

#[tokio::test]
async fn clause_3_the_cooldown_counts_from_the_start_of_the_attempt() {
    let fixture = Arc::new(Fixture::warm().await);
    fixture.issuer.holds();
    let waiting = Arc::clone(&fixture);
    let request = tokio::spawn(async move { waiting.finds("x").await });
    settle().await;
    fixture.advance(7);
    fixture.issuer.lets_go();
    assert_eq!(request.await.ok(), Some(false));
    fixture.advance(2);
    assert!(!fixture.finds("x").await);
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.advance(1);
    assert!(!fixture.finds("x").await);
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn clause_3_ten_thousand_unknown_kids_cause_one_fetch_in_a_cooldown() {
    let fixture = Arc::new(Fixture::warm().await);
    let mut requests = JoinSet::new();
    for number in 0..10_000 {
        let fixture = Arc::clone(&fixture);
        requests.spawn(async move { fixture.finds(&format!("random {number}")).await });
    }
    assert_eq!(requests.join_all().await, vec![false; 10_000]);
    assert_eq!(fixture.issuer.fetches(), 2);
    for number in 0..10_000 {
        assert!(!fixture.finds(&format!("more {number}")).await);
    }
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.issuer.publishes(kids(&["b"]));
    fixture.advance(10);
    assert!(
        fixture.finds("b").await,
        "under the flood a rotated key is accepted within one cooldown"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clause_3_on_several_threads_too() {
    let fixture = Arc::new(Fixture::warm().await);
    let mut requests = JoinSet::new();
    for number in 0..10_000 {
        let fixture = Arc::clone(&fixture);
        requests.spawn(async move { fixture.finds(&format!("random {number}")).await });
    }
    assert_eq!(requests.join_all().await, vec![false; 10_000]);
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_began_before_the_request_does_not_decide_against_it() {
    let fixture = Arc::new(Fixture::warm().await);
    // A refresh by age, whose answer is made before the rotation.
    fixture.issuer.holds();
    fixture.advance(4000);
    assert!(fixture.snapshot().is_some());
    settle().await;
    fixture.issuer.publishes(kids(&["b"]));
    let waiting = Arc::clone(&fixture);
    let request = tokio::spawn(async move { waiting.finds("b").await });
    settle().await;
    assert_eq!(fixture.issuer.fetches(), 2, "joined");
    fixture.issuer.lets_go();
    assert_eq!(request.await.ok(), Some(true));
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn a_fetch_that_began_before_the_request_and_brings_the_key_is_enough() {
    let fixture = Arc::new(Fixture::warm().await);
    fixture.issuer.publishes(kids(&["b"]));
    fixture.issuer.holds();
    fixture.advance(4000);
    assert!(fixture.snapshot().is_some());
    settle().await;
    let waiting = Arc::clone(&fixture);
    let request = tokio::spawn(async move { waiting.finds("b").await });
    settle().await;
    fixture.issuer.lets_go();
    assert_eq!(request.await.ok(), Some(true));
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fruitful_fetch_for_one_key_is_followed_by_one_for_the_next() {
    let fixture = Arc::new(Fixture::warm().await);
    fixture.issuer.publishes(kids(&["b"]));
    fixture.issuer.holds();
    let waiting = Arc::clone(&fixture);
    let first = tokio::spawn(async move { waiting.finds("b").await });
    settle().await;
    fixture.issuer.publishes(kids(&["b", "c"]));
    let waiting = Arc::clone(&fixture);
    let second = tokio::spawn(async move { waiting.finds("c").await });
    settle().await;
    fixture.issuer.lets_go();
    assert_eq!(
        (first.await.ok(), second.await.ok()),
        (Some(true), Some(true))
    );
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn a_refresh_by_age_that_does_not_bring_the_key_starts_no_cooldown() {
    let fixture = Fixture::warm().await;
    fixture.issuer.fails(500);
    fixture.advance(4000);
    assert!(fixture.snapshot().is_some());
    settle().await;
    // It backs off for its age, but an unknown key is a reason of its own.
    fixture.issuer.publishes(kids(&["b"]));
    assert!(fixture.finds("b").await);
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn clause_3_a_request_that_joins_several_fetches_waits_one_timeout() {
    let fixture = Fixture::warm().await;
    fixture.issuer.holds();
    fixture.advance(4000);
    assert!(fixture.snapshot().is_some());
    settle().await;
    let before = Instant::now();
    let (found, ()) = tokio::join!(fixture.finds("b"), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        fixture.issuer.lets_one_go();
    });
    assert!(!found);
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn clause_3_a_new_key_under_an_old_kid_is_fetched_after_a_cooldown() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(set(&[named("a", p256_twin())]));
    fixture.advance(9);
    assert!(!fixture.replaces(Some("a"), Algorithm::Es256).await);
    assert_eq!(fixture.issuer.fetches(), 1, "refused at once");
    fixture.advance(1);
    assert!(fixture.replaces(Some("a"), Algorithm::Es256).await);
    assert_eq!(fixture.snapshot().unwrap().generation(), 2);
    // The set is young again.
    assert!(!fixture.replaces(Some("a"), Algorithm::Es256).await);
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test]
async fn clause_3_the_one_key_without_kid_is_replaced_too() {
    let fixture = Fixture::cold();
    fixture.issuer.publishes(set(&[p256()]));
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    fixture.issuer.publishes(set(&[p256_twin()]));
    fixture.advance(10);
    assert!(fixture.replaces(None, Algorithm::Es256).await);
    assert_eq!(fixture.issuer.fetches(), 2);
}

#[tokio::test]
async fn clause_3_a_kid_that_changes_its_algorithm_is_followed() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(set(&[named("a", rsa())]));
    fixture.advance(10);
    assert!(fixture.replaces(Some("a"), Algorithm::Rs256).await);
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.issuer.publishes(set(&[named("a", p384())]));
    fixture.advance(10);
    assert!(fixture.replaces(Some("a"), Algorithm::Es384).await);
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test]
async fn clause_3_fifty_forged_signatures_cause_one_fetch_in_a_cooldown() {
    let fixture = Arc::new(Fixture::warm().await);
    fixture.issuer.holds();
    for fetches in 2..5 {
        fixture.advance(10);
        let mut requests = JoinSet::new();
        for _ in 0..50 {
            let fixture = Arc::clone(&fixture);
            requests.spawn(async move { fixture.replaces(Some("a"), Algorithm::Es256).await });
        }
        settle().await;
        fixture.issuer.lets_one_go();
        assert_eq!(requests.join_all().await, vec![false; 50]);
        assert_eq!(fixture.issuer.fetches(), fetches);
        // No waiting: the issuer holds its answers.
        for _ in 0..50 {
            assert!(!fixture.is_worth_waiting("a"));
        }
        fixture.advance(9);
        assert!(!fixture.is_worth_waiting("a"));
        fixture.advance(1);
    }
    assert_eq!(fixture.snapshot().unwrap().generation(), 1);
}

#[tokio::test]
async fn clause_3_a_failed_fetch_for_a_forged_signature_starts_the_cooldown() {
    let fixture = Fixture::warm().await;
    fixture.issuer.fails(500);
    fixture.advance(10);
    assert!(!fixture.replaces(Some("a"), Algorithm::Es256).await);
    assert!(!fixture.replaces(Some("a"), Algorithm::Es256).await);
    assert_eq!(fixture.issuer.fetches(), 2);
    fixture.issuer.publishes(set(&[named("a", p256_twin())]));
    fixture.advance(10);
    assert!(fixture.replaces(Some("a"), Algorithm::Es256).await);
}

#[tokio::test(start_paused = true)]
async fn clause_9_forged_signatures_do_not_delay_a_new_kid() {
    let fixture = Fixture::warm().await;
    fixture.advance(10);
    assert!(!fixture.replaces(Some("a"), Algorithm::Es256).await);
    fixture.issuer.publishes(set(&[named("b", p256())]));
    assert!(fixture.finds("b").await, "within the other cooldown");
    assert_eq!(fixture.issuer.fetches(), 3);
}

/// Two replicas of an issuer behind a load balancer that takes them in turns.
async fn replicas() -> Fixture {
    let fixture = Fixture::cold();
    fixture.issuer.alternates(kids(&["a"]), kids(&["b"]));
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    fixture
}

#[tokio::test(start_paused = true)]
async fn replicas_with_different_keys_are_used_side_by_side() {
    let fixture = replicas().await;
    for _ in 0..100 {
        for kid in ["a", "b"] {
            assert!(fixture.finds(kid).await, "{kid}");
        }
    }
    assert_eq!(fixture.issuer.fetches(), 3, "a, b, and a that came back");
    assert_eq!(fixture.snapshot().unwrap().keys().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn replicas_with_different_keys_cause_at_most_one_fetch_a_second() {
    let fixture = replicas().await;
    for seconds in 1..100 {
        for kid in ["a", "b", "a"] {
            assert!(fixture.finds(kid).await, "{kid} after {seconds} s");
            settle().await;
        }
        assert!(fixture.issuer.fetches() <= 3 + seconds, "{seconds}");
        fixture.advance(1);
    }
}

#[tokio::test(start_paused = true)]
async fn clause_5_a_key_that_all_replicas_withdrew_is_gone_after_seconds() {
    let fixture = replicas().await;
    for kid in ["b", "a", "b"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
    let generation = fixture.snapshot().unwrap().generation();
    fixture.issuer.publishes(kids(&["b"]));
    for _ in 0..12 {
        fixture.advance(1);
        assert!(fixture.snapshot().is_some());
        settle().await;
    }
    let state = fixture.snapshot().unwrap();
    assert_eq!((knows(&state, "a"), knows(&state, "b")), (false, true));
    assert_eq!(state.generation(), generation + 1);
    let fetches = fixture.issuer.fetches();
    fixture.advance(60);
    assert!(fixture.snapshot().is_some());
    settle().await;
    assert_eq!(
        fixture.issuer.fetches(),
        fetches,
        "refreshed as usual again"
    );
}

#[tokio::test(start_paused = true)]
async fn keys_of_replicas_stay_while_refreshes_fail() {
    let fixture = replicas().await;
    for kid in ["b", "a"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
    fixture.issuer.fails(503);
    for _ in 0..100 {
        fixture.advance(1);
        for kid in ["a", "b"] {
            assert!(fixture.finds(kid).await, "{kid}");
            settle().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn fetches_for_new_keys_are_a_second_apart() {
    let fixture = Fixture::warm().await;
    let before = Instant::now();
    for (count, kid) in [(0, "b"), (1, "c"), (2, "d")] {
        fixture.issuer.publishes(kids(&[kid]));
        assert!(fixture.finds(kid).await, "{kid}");
        assert_eq!(before.elapsed(), Duration::from_secs(count));
    }
    fixture.advance(1);
    fixture.issuer.publishes(kids(&["e"]));
    assert!(fixture.finds("e").await);
    assert_eq!(before.elapsed(), Duration::from_secs(2), "at once");
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_answers_after_a_cooldown_is_used_beside_the_other() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["b"]));
    assert!(fixture.finds("b").await);
    assert!(!fixture.finds("a").await, "the same replica answered");
    fixture.advance(10);
    fixture.issuer.publishes(kids(&["a"]));
    for kid in ["a", "b"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
    assert_eq!(fixture.issuer.fetches(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_replica_of_a_set_just_replaced_is_looked_for_once_a_second() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["b"]));
    assert!(fixture.finds("b").await);
    // A load balancer that leads to the same replica, and clients with tokens of the other.
    for fetches in 3..6 {
        for _ in 0..20 {
            assert!(!fixture.finds("a").await, "the same replica answered");
        }
        assert_eq!(fixture.issuer.fetches(), fetches);
        fixture.advance(1);
    }
    fixture.issuer.publishes(kids(&["a"]));
    for kid in ["a", "b"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_withdrawn_is_looked_for_for_some_seconds_only() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["b"]));
    assert!(fixture.finds("b").await);
    let flood = async |seconds: usize| {
        let before = fixture.issuer.fetches();
        for _ in 0..seconds {
            for _ in 0..20 {
                assert!(!fixture.finds("a").await);
            }
            fixture.advance(1);
        }
        fixture.issuer.fetches() - before
    };
    let fetches = flood(12).await;
    assert!((10..=12).contains(&fetches), "{fetches}");
    assert!(flood(30).await <= 3, "a cooldown again");
}

#[tokio::test(start_paused = true)]
async fn replicas_with_different_keys_under_one_kid_are_used_side_by_side() {
    let fixture = Fixture::cold();
    let replica = |key| set(&[named("a", key)]);
    fixture
        .issuer
        .alternates(replica(p256()), replica(p256_twin()));
    assert_eq!(fixture.keyring.warm().await, Ok(1));
    for _ in 0..2 {
        fixture.advance(10);
        assert!(fixture.replaces(Some("a"), Algorithm::Es256).await);
    }
    assert_eq!(fixture.snapshot().unwrap().keys().len(), 2);
    assert_eq!(fixture.issuer.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_third_replica_is_looked_for_once_a_second() {
    let fixture = replicas().await;
    for kid in ["b", "a"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
    assert!(!fixture.finds("c").await);
    let fetches = fixture.issuer.fetches();
    assert!(!fixture.finds("c").await, "at once");
    assert_eq!(fixture.issuer.fetches(), fetches);
    fixture.issuer.publishes(kids(&["c"]));
    fixture.advance(1);
    for kid in ["c", "a", "b"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
}

#[tokio::test(start_paused = true)]
async fn replicas_that_differ_bound_the_fetches_for_made_up_kids() {
    let fixture = replicas().await;
    for kid in ["b", "a"] {
        assert!(fixture.finds(kid).await, "{kid}");
    }
    let flood = async |seconds: usize| {
        let before = fixture.issuer.fetches();
        for second in 0..seconds {
            for number in 0..20 {
                assert!(!fixture.finds(&format!("{second}-{number}")).await);
                settle().await;
            }
            fixture.advance(1);
        }
        fixture.issuer.fetches() - before
    };
    // A refresh and a fetch for a token.
    let fetches = flood(30).await;
    assert!(fetches <= 2 * 30, "{fetches}");
    fixture.issuer.publishes(kids(&["a"]));
    flood(12).await;
    assert!(flood(30).await <= 3, "they agree: a cooldown again");
}

#[tokio::test(start_paused = true)]
async fn clause_3_after_a_rotation_made_up_kids_cause_one_fetch_in_a_cooldown() {
    let fixture = Fixture::warm().await;
    fixture.issuer.publishes(kids(&["b"]));
    assert!(fixture.finds("b").await);
    for second in 0..10 {
        for number in 0..20 {
            assert!(!fixture.finds(&format!("{second}-{number}")).await);
        }
        assert_eq!(fixture.issuer.fetches(), 3);
        fixture.advance(1);
    }
}

#[tokio::test]
async fn without_kid_a_set_that_is_ambiguous_is_fetched_once_in_a_cooldown() {
    let fixture = Fixture::cold();
    let five: Vec<_> = (0..5).map(|n| named(&n.to_string(), p256())).collect();
    fixture.issuer.publishes(set(&five));
    assert_eq!(fixture.keyring.warm().await, Ok(5));
    for cooldown in 0..3 {
        for _ in 0..20 {
            assert!(!fixture.replaces(None, Algorithm::Es256).await);
        }
        assert_eq!(fixture.issuer.fetches(), 1 + cooldown);
        fixture.advance(10);
    }
    fixture.issuer.publishes(kids(&["0", "1"]));
    assert!(fixture.replaces(None, Algorithm::Es256).await);
    assert_eq!(fixture.issuer.fetches(), 4);
}
