//! One call for many requests, and bounds on calls and memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use axioms_rocket::{Axioms, AxiomsFairing};
use rocket::futures::future::join_all;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::tokio;

use super::server::{self, Server, response, text};
use super::{TOKEN, active, clock, introspection, issuer};
use crate::support::{config, rocket, routes};

/// Holds the calls of a server until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn wait(&self) {
        let (open, changed) = &*self.0;
        let open = open.lock().expect("no panic");
        drop(changed.wait_while(open, |open| !*open).expect("no panic"));
    }

    fn open(&self) {
        *self.0.0.lock().expect("no panic") = true;
        self.0.1.notify_all();
    }
}

async fn client(server: &Server, change: impl FnOnce(&mut axioms_rocket::Config)) -> Client {
    let clock = clock();
    let issuer = issuer(&clock);
    let mut config = config(&issuer);
    config.introspection = Some(introspection(server));
    change(&mut config);
    let fairing = AxiomsFairing::from_config(config)
        .with_keys(issuer.jwks())
        .with_clock(clock);
    let rocket = rocket(fairing).mount("/", routes());
    Client::untracked(rocket).await.expect("it starts")
}

async fn status(client: &Client, token: &str) -> u16 {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    let request = client.get("/token").header(header);
    request.dispatch().await.status().code
}

#[tokio::test]
async fn row_7_9_a_hundred_requests_with_one_new_token_cause_one_call() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_| {
        held.wait();
        server::json(&active())
    });
    let client = client(&server, |_| {}).await;
    let requests = join_all((0..100).map(|_| status(&client, TOKEN)));
    let (answers, ()) = tokio::join!(requests, opened(&server, &gate));
    assert_eq!(answers, [200; 100]);
    assert_eq!(server.calls().len(), 1);
    assert_eq!(status(&client, TOKEN).await, 200);
    assert_eq!(server.calls().len(), 1);
}

/// Opens `gate` once the server was called.
async fn opened(server: &Server, gate: &Gate) {
    while server.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    gate.open();
}

#[tokio::test]
async fn row_7_9_a_failure_is_shared_by_those_who_waited_for_it_alone() {
    let gate = Gate::default();
    let (held, count) = (gate.clone(), AtomicUsize::new(0));
    let server = Server::start(move |_| {
        held.wait();
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => response(500, "", ""),
            _ => server::json(&active()),
        }
    });
    let client = client(&server, |_| {}).await;
    let requests = join_all((0..100).map(|_| status(&client, TOKEN)));
    let (answers, ()) = tokio::join!(requests, opened(&server, &gate));
    assert_eq!(answers, [503; 100]);
    assert_eq!(server.calls().len(), 1);
    assert_eq!(status(&client, TOKEN).await, 200);
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn row_7_9_different_tokens_do_not_share_a_call() {
    let server = Server::start(|call| match call.field("token") {
        "good" => server::json(&active()),
        _ => text("{}"),
    });
    let client = client(&server, |_| {}).await;
    let tokens = ["good", "bad", "good", "worse"];
    let answers = join_all(tokens.map(|token| status(&client, token))).await;
    assert_eq!(answers, [200, 401, 200, 401]);
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn row_7_10_ten_thousand_random_tokens_push_out_no_active_one() {
    let good_calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&good_calls);
    let server = Server::start(move |call| match call.field("token") {
        good if good.starts_with("good") => {
            counted.fetch_add(1, Ordering::SeqCst);
            server::json(&active())
        }
        _ => text(r#"{"active":false}"#),
    });
    let change = |config: &mut axioms_rocket::Config| {
        config.http_timeout = 60;
        let table = config.introspection.as_mut().expect("it is set");
        table.max_in_flight = 4;
    };
    let client = client(&server, change).await;
    let good: Vec<String> = (0..50).map(|at| format!("good-{at}")).collect();
    for token in &good {
        assert_eq!(status(&client, token).await, 200);
    }
    for (round, good) in good.iter().enumerate() {
        let random: Vec<String> = (0..200).map(|at| format!("random-{round}-{at}")).collect();
        let flood = join_all(random.iter().map(|token| status(&client, token)));
        let (answers, remembered) = tokio::join!(flood, status(&client, good));
        assert_eq!((answers, remembered), (vec![401; 200], 200));
    }
    assert_eq!(
        good_calls.load(Ordering::SeqCst),
        50,
        "no call during the flood"
    );
    assert!(server.most() <= 4, "{} calls at a time", server.most());
    assert_eq!(server.calls().len(), 10_050);
    let axioms = client
        .rocket()
        .state::<Axioms>()
        .expect("the fairing's state");
    let status = axioms.status();
    let figures = *status.issuers()[0].introspection().expect("it is asked");
    assert_eq!(
        (figures.active(), figures.inactive(), figures.failures()),
        (50, 10_000, 0)
    );
    assert_eq!((figures.in_flight(), figures.remembered()), (0, 50));
    assert!(
        (1..=1024).contains(&figures.remembered_inactive()),
        "{figures:?}"
    );
}

#[tokio::test]
async fn row_7_10_a_call_that_waits_longer_than_http_timeout_is_503() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_| {
        held.wait();
        server::json(&active())
    });
    let change = |config: &mut axioms_rocket::Config| {
        config.http_timeout = 1;
        let table = config.introspection.as_mut().expect("it is set");
        table.max_in_flight = 1;
    };
    let client = client(&server, change).await;
    let answers = join_all(["a", "b", "c"].map(|token| status(&client, token))).await;
    // The first call times out, and so does the wait for it.
    assert!(answers.contains(&503), "{answers:?}");
    assert!(
        server.most() <= 2,
        "a call that timed out may still be held by the server"
    );
    gate.open();
    assert_eq!(status(&client, "d").await, 200);
}
