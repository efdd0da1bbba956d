//! Good and bad requests, rotations, outages and connections that come and go, for as long as it
//! takes to see whether anything is kept that should have been given back.
//!
//! About twenty seconds; with `AXIOMS_SOAK=ci` a minute, with `AXIOMS_SOAK=long` thirty minutes.
//! Linux only: it reads `/proc`.

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
use self::traffic::{Seen, Traffic};
use crate::application::{bad_whatever_the_keys, good};

const VISITORS: usize = 12;
const PASSERS_BY: usize = 4;

/// Of everything that happens to the issuers.
const BEAT: Duration = Duration::from_secs(1);

fn duration() -> Duration {
    Duration::from_secs(match std::env::var("AXIOMS_SOAK").as_deref() {
        Ok("long") => 30 * 60,
        Ok("ci") => 60,
        Ok(other) => panic!("AXIOMS_SOAK is `ci` or `long`, not `{other}`"),
        Err(_) => 20,
    })
}

/// Rotates and stops the issuers; returns the number of rotations and outages.
async fn days(traffic: &Traffic) -> (usize, usize) {
    let troubles = [
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
        if traffic.over.load(Ordering::Relaxed) {
            break;
        }
        let (ours, theirs) = (&traffic.ours, &traffic.theirs);
        match beat % 12 {
            // A good token never outlives two of them: three seconds apart at least.
            1 | 4 | 8 => {
                ours.rotate();
                rotations += 1;
                // The outage that may follow shall find the server with the key that signs.
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
            _ => theirs.answer_keys_with(troubles[beat % troubles.len()].clone()),
        }
        if beat % 10 == 0 {
            // Some are not good yet; they must not become it.
            let bad = bad_whatever_the_keys(&good(ours, "mallory"));
            *traffic.bad.write().expect("not poisoned") = bad;
            ours.forget_requests();
            theirs.forget_requests();
        }
    }
    (rotations, outages)
}

/// Looks at the server until `duration` is over.
async fn watch(server: &Server, duration: Duration) -> Vec<Sample> {
    let begin = Instant::now();
    let mut looks = interval(Duration::from_millis(250));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut samples = Vec::new();
    while begin.elapsed() < duration {
        looks.tick().await;
        samples.push(server.sample().await);
    }
    samples
}

/// Waits until the server has no more descriptors and tasks than before the clients came.
async fn come_to_rest(server: &Server, before: Sample) -> Sample {
    let begin = Instant::now();
    loop {
        let now = server.sample().await;
        if now.descriptors <= before.descriptors && now.tasks <= before.tasks {
            return now;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "before: {before}\n  after: {now}"
        );
        sleep(BEAT / 10).await;
    }
}

#[test]
fn memory_descriptors_and_tasks_stay_flat_and_every_answer_is_right() {
    if server::serve_if_asked() {
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
    let _turn = crate::TURN.lock().await;
    let ours = TestIssuer::start();
    let theirs = TestIssuer::builder()
        .algorithms([Alg::EdDsa])
        .audience("theirs")
        .start();
    let server = Server::start(&ours, &theirs);
    let before = server.sample().await;
    let traffic = Arc::new(Traffic {
        bad: RwLock::new(bad_whatever_the_keys(&good(&ours, "mallory"))),
        url: server.url(),
        port: server.port,
        over: AtomicBool::new(false),
        seen: Mutex::default(),
        ours,
        theirs,
    });
    let visitors = (0..VISITORS).map(|number| tokio::spawn(Arc::clone(&traffic).visitor(number)));
    let mut people: Vec<_> = visitors.collect();
    people
        .extend((0..PASSERS_BY).map(|number| tokio::spawn(Arc::clone(&traffic).passer_by(number))));
    let events = tokio::spawn({
        let traffic = Arc::clone(&traffic);
        async move { days(&traffic).await }
    });

    let samples = watch(&server, duration()).await;
    traffic.over.store(true, Ordering::SeqCst);
    for person in people {
        person.await.expect("everybody goes in peace");
    }
    let (rotations, outages) = events.await.expect("the days end well");
    let after = come_to_rest(&server, before).await;

    let Seen { kinds, mistakes } = std::mem::take(&mut *traffic.seen.lock().expect("not poisoned"));
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
