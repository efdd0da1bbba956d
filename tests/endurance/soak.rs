//! Leaks: valid and bad requests, rotations, outages and short connections, while memory,
//! descriptors and tasks are sampled.
//!
//! Takes about twenty seconds; with `TEST_SOAK=ci` a minute, with `TEST_SOAK=long` thirty
//! minutes. Linux only: it reads `/proc`.

mod samples;
mod server;
mod traffic;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use tokio::time::{MissedTickBehavior, interval, sleep};

use self::samples::{Sample, grown, parts};
use self::server::Server;
use self::traffic::{Results, Traffic};
use crate::application::{bad_with_any_keys, good};

const KEPT_CONNECTIONS: usize = 12;
const SHORT_CONNECTIONS: usize = 4;

/// The time between two events of the issuers.
const BEAT: Duration = Duration::from_secs(1);

fn duration() -> Duration {
    Duration::from_secs(match std::env::var("TEST_SOAK").as_deref() {
        Ok("long") => 30 * 60,
        Ok("ci") => 60,
        Ok(other) => panic!("TEST_SOAK is `ci` or `long`, not `{other}`"),
        Err(_) => 20,
    })
}

/// Rotates the issuers and takes them down; returns the numbers of rotations and outages.
async fn disturb(traffic: &Traffic) -> (usize, usize) {
    let faults = [
        IssuerFault::Status(500),
        IssuerFault::SlowDrip,
        IssuerFault::HugeSet,
        IssuerFault::RedirectLoop,
        IssuerFault::CutOff,
        IssuerFault::Hang,
        IssuerFault::Garbage,
        IssuerFault::EmptySet,
    ];
    let (mut rotations, mut outages) = (0, 0);
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let client = reqwest::Client::new();
    for beat in 1_usize.. {
        beats.tick().await;
        if traffic.done.load(Ordering::Relaxed) {
            break;
        }
        let (ours, theirs) = (&traffic.ours, &traffic.theirs);
        match beat % 12 {
            // At least three seconds apart: a token is valid until the second rotation.
            1 | 4 | 8 => {
                ours.rotate();
                rotations += 1;
                // Makes the server fetch the new key before an outage.
                let token = good(ours, "erin").sign();
                let answer = client
                    .get(&traffic.url)
                    .bearer_auth(token)
                    .send()
                    .await
                    .expect("the server answers");
                assert_eq!(answer.status(), 200, "right after a rotation");
            }
            5 => {
                ours.down();
                outages += 1;
            }
            7 => ours.up(),
            9 => {
                ours.answer_with(IssuerFault::Status(503));
                outages += 1;
            }
            11 => ours.heal(),
            _ => {}
        }
        match beat % 3 {
            0 => theirs.heal(),
            _ => theirs.answer_keys_with(faults[beat % faults.len()].clone()),
        }
        if beat % 10 == 0 {
            // Some of them become valid later, so they are renewed.
            let bad = bad_with_any_keys(&good(ours, "mallory"));
            *traffic.bad.write().expect("not poisoned") = bad;
            ours.forget_requests();
            theirs.forget_requests();
        }
    }
    (rotations, outages)
}

/// Samples the server for `duration`.
async fn watch(server: &Server, duration: Duration) -> Vec<Sample> {
    let start = Instant::now();
    let mut ticks = interval(Duration::from_millis(250));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut samples = Vec::new();
    while start.elapsed() < duration {
        ticks.tick().await;
        samples.push(server.sample().await);
    }
    samples
}

/// Waits until the server has no more descriptors and tasks than before the load.
async fn wait_for_rest(server: &Server, before: Sample) -> Sample {
    let start = Instant::now();
    loop {
        let now = server.sample().await;
        if now.descriptors <= before.descriptors && now.tasks <= before.tasks {
            return now;
        }
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "before: {before}\n  after: {now}"
        );
        sleep(BEAT / 10).await;
    }
}

#[test]
fn memory_descriptors_and_tasks_stay_flat() {
    if server::serve_if_configured() {
        return;
    }
    if !cfg!(target_os = "linux") {
        return crate::skip::skip("soak", "there is no /proc to read its memory from");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(soak());
}

async fn soak() {
    let _guard = crate::SERIAL.lock().await;
    let ours = TestIssuer::start();
    let theirs = TestIssuer::builder()
        .algorithms([Alg::EdDsa])
        .audience("theirs")
        .start();
    let server = Server::start(&ours, &theirs);
    let before = server.sample().await;
    let traffic = Arc::new(Traffic {
        bad: RwLock::new(bad_with_any_keys(&good(&ours, "mallory"))),
        url: server.url(),
        port: server.port,
        done: AtomicBool::new(false),
        results: Mutex::default(),
        ours,
        theirs,
    });
    let kept = (0..KEPT_CONNECTIONS)
        .map(|number| tokio::spawn(Arc::clone(&traffic).keep_connection(number)));
    let mut clients: Vec<_> = kept.collect();
    clients.extend(
        (0..SHORT_CONNECTIONS)
            .map(|number| tokio::spawn(Arc::clone(&traffic).short_connections(number))),
    );
    let events = tokio::spawn({
        let traffic = Arc::clone(&traffic);
        async move { disturb(&traffic).await }
    });

    let samples = watch(&server, duration()).await;
    traffic.done.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.expect("no panic");
    }
    let (rotations, outages) = events.await.expect("no panic");
    let after = wait_for_rest(&server, before).await;

    let Results { kinds, mistakes } =
        std::mem::take(&mut *traffic.results.lock().expect("not poisoned"));
    println!(" before: {before}");
    for (number, part) in parts(&samples).iter().enumerate() {
        println!("part {}: {part}", number + 1);
    }
    println!("at rest: {after}");
    println!(
        "{} requests, {rotations} rotations, {outages} outages",
        kinds.values().sum::<usize>()
    );
    kinds
        .iter()
        .for_each(|(kind, count)| println!("{count:>8} {kind}"));

    let few: Vec<_> = mistakes.iter().take(10).collect();
    assert!(
        few.is_empty(),
        "{} mistakes, of which: {few:#?}",
        mistakes.len()
    );
    assert_eq!(kinds.len(), 15, "{kinds:?}");
    assert!(
        rotations >= 4 && outages >= 2,
        "{rotations} rotations, {outages} outages"
    );
    assert_eq!(grown(&samples), [""; 0]);
}
