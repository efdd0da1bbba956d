//! A real server under sustained load while its issuer rotates keys every second, goes down, comes
//! back with new keys, and while clients send unknown `kid`s. No valid token is refused and no bad
//! one accepted.
//!
//! Takes about fifteen seconds; with `AXIOMS_CHAOS=long` about a minute.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axioms_rocket::Config;
use axioms_rocket::testing::{IssuerFault, TestIssuer, hostile};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::application::{application, bad_with_any_keys, good};

const CONNECTIONS: usize = 32;
const COOLDOWN: Duration = Duration::from_secs(1);

/// The events while a request is sent.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Calm,
    Storm,
    Outage,
    Return,
    Flood,
}

const PHASES: [(Phase, &str); 5] = [
    (Phase::Calm, "calm"),
    (Phase::Storm, "storm"),
    (Phase::Outage, "outage"),
    (Phase::Return, "return"),
    (Phase::Flood, "flood"),
];

struct Plan {
    rotations: u32,
    calm: Duration,
    outage: Duration,
    after: Duration,
}

impl Plan {
    fn chosen() -> Plan {
        let seconds = Duration::from_secs;
        match std::env::var("AXIOMS_CHAOS").as_deref() {
            Ok("long") => Plan {
                rotations: 20,
                calm: seconds(5),
                outage: seconds(15),
                after: seconds(8),
            },
            _ => Plan {
                rotations: 6,
                calm: seconds(2),
                outage: seconds(2),
                after: seconds(2),
            },
        }
    }
}

/// The state that all connections share.
struct Load {
    issuer: TestIssuer,
    url: String,
    phase: AtomicUsize,
    done: AtomicBool,
    /// Bad tokens with known keys, which cause no fetch.
    bad: Vec<hostile::BadToken>,
    /// A token whose key is retired.
    retired: String,
    results: Mutex<Results>,
}

#[derive(Default)]
struct Results {
    valid: [Vec<Duration>; PHASES.len()],
    bad: usize,
    mistakes: Vec<String>,
}

impl Load {
    fn enter(&self, phase: Phase) {
        self.phase.store(phase as usize, Ordering::SeqCst);
    }

    /// One connection with requests in sequence: three valid tokens, then a bad one.
    async fn run(self: Arc<Self>, number: usize) {
        let client = reqwest::Client::new();
        let mut results = Results::default();
        let mut round = number;
        while !self.done.load(Ordering::Relaxed) {
            let phase = self.phase.load(Ordering::SeqCst);
            round += 1;
            if !round.is_multiple_of(4) {
                // Signed with the current key.
                let token = good(&self.issuer, "alice").sign();
                let began = Instant::now();
                let (status, _) = self.call(&client, &token).await;
                results.valid[phase].push(began.elapsed());
                if status != 200 {
                    results.mistakes.push(format!(
                        "{}: a valid token was answered {status}",
                        PHASES[phase].1
                    ));
                }
            } else if round.is_multiple_of(8) {
                let token = good(&self.issuer, "mallory").tampered().sign();
                self.expect_refusal(
                    &client,
                    &mut results,
                    "tampered",
                    &token,
                    "Invalid token signature",
                )
                .await;
            } else if phase == Phase::Flood as usize && round % 16 == 4 {
                self.expect_refusal(
                    &client,
                    &mut results,
                    "retired",
                    &self.retired,
                    "Unknown signing key",
                )
                .await;
            } else if phase == Phase::Flood as usize {
                let kid = format!("unknown-{number}-{round}");
                let token = good(&self.issuer, "mallory").kid(kid).sign();
                self.expect_refusal(
                    &client,
                    &mut results,
                    "an unknown key",
                    &token,
                    "Unknown signing key",
                )
                .await;
            } else if let Some(bad) = self.bad.get(round / 8 % self.bad.len()) {
                self.expect_refusal(&client, &mut results, bad.name, &bad.token, bad.description)
                    .await;
            }
        }
        let mut all = self.results.lock().expect("not poisoned");
        all.bad += results.bad;
        all.mistakes.append(&mut results.mistakes);
        for (all, own) in all.valid.iter_mut().zip(results.valid) {
            all.extend(own);
        }
    }

    async fn expect_refusal(
        &self,
        client: &reqwest::Client,
        results: &mut Results,
        name: &str,
        token: &str,
        description: &str,
    ) {
        let (status, body) = self.call(client, token).await;
        results.bad += 1;
        if status != 401 || !body.contains(description) {
            results
                .mistakes
                .push(format!("a bad token ({name}) was answered {status} {body}"));
        }
    }

    async fn call(&self, client: &reqwest::Client, token: &str) -> (u16, String) {
        let response = client
            .get(&self.url)
            .bearer_auth(token)
            .send()
            .await
            .expect("the server answers");
        let status = response.status().as_u16();
        (status, response.text().await.expect("a body"))
    }
}

/// Starts the application in this process.
async fn serve(issuer: &TestIssuer) -> (rocket::Shutdown, u16) {
    let config = Config {
        audience: vec![issuer.audience().into()],
        iss_url: Some(issuer.url().into()),
        jwks_cooldown: COOLDOWN.as_secs(),
        ..Config::default()
    };
    let (sender, receiver) = oneshot::channel();
    let rocket = application(config, |shutdown, port| {
        sender.send((shutdown, port)).expect("the receiver waits")
    });
    tokio::spawn(rocket.launch());
    receiver.await.expect("it starts")
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times
        .get(times.len() * 99 / 100)
        .copied()
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotations_and_outages_refuse_no_valid_and_accept_no_bad_token() {
    let _guard = crate::SERIAL.lock().await;
    let plan = Plan::chosen();
    let issuer = TestIssuer::start();
    let (shutdown, port) = serve(&issuer).await;
    // Signed with the first key, which the rotations retire.
    let mallory = good(&issuer, "mallory").expires_in(Duration::from_secs(3600));
    let (bad, retired) = (bad_with_any_keys(&mallory), mallory.sign());

    let load = Arc::new(Load {
        url: format!("http://127.0.0.1:{port}/hot"),
        phase: AtomicUsize::new(Phase::Calm as usize),
        done: AtomicBool::new(false),
        results: Mutex::default(),
        retired,
        issuer,
        bad,
    });
    let issuer = &load.issuer;
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|number| tokio::spawn(Arc::clone(&load).run(number)))
        .collect();
    sleep(plan.calm).await;

    issuer.forget_requests();
    load.enter(Phase::Storm);
    for _ in 0..plan.rotations {
        issuer.rotate();
        sleep(Duration::from_secs(1)).await;
    }
    let in_the_storm = issuer.jwks_requests();

    load.enter(Phase::Outage);
    issuer.down();
    sleep(plan.outage / 2).await;
    issuer.answer_with(IssuerFault::Status(500));
    issuer.up();
    sleep(plan.outage / 2).await;
    issuer.down();
    issuer.heal();

    // New keys before the issuer is up again: no token is signed while it is down.
    issuer.forget_requests();
    issuer.publish();
    issuer.up();
    issuer.promote();
    load.enter(Phase::Return);
    sleep(plan.after).await;
    let on_return = issuer.jwks_requests();

    issuer.forget_requests();
    load.enter(Phase::Flood);
    let began = Instant::now();
    sleep(plan.after).await;
    let cooldowns = began.elapsed().as_secs_f64() / COOLDOWN.as_secs_f64();
    let in_the_flood = issuer.jwks_requests();

    load.done.store(true, Ordering::SeqCst);
    for connection in connections {
        connection.await.expect("no panic");
    }
    shutdown.notify();

    let results = std::mem::take(&mut *load.results.lock().expect("not poisoned"));
    let before = p99(results.valid[Phase::Calm as usize].clone());
    for ((_, name), times) in PHASES.iter().zip(results.valid) {
        let (count, p99) = (times.len(), p99(times));
        let ratio = p99.as_secs_f64() / before.as_secs_f64();
        println!("{name:>7}: {count:>6} valid tokens, p99 {p99:>9.2?}, {ratio:.2} of calm");
    }
    println!(
        "{} bad tokens; key requests: {in_the_storm} in the storm of {} rotations,",
        results.bad, plan.rotations
    );
    println!("{on_return} on return, {in_the_flood} in a flood of {cooldowns:.1} cooldowns");

    let few: Vec<_> = results.mistakes.iter().take(10).collect();
    assert!(
        few.is_empty(),
        "{} mistakes, of which: {few:#?}",
        results.mistakes.len()
    );
    assert!(results.bad > 100, "{}", results.bad);
    // A second apart, whether a new key or a forged signature causes them.
    assert!(
        in_the_storm <= plan.rotations as usize + 1,
        "{in_the_storm} requests for {} rotations",
        plan.rotations
    );
    // One for the new key; then the forged signatures cause at most one per cooldown.
    let cooldowns_after = plan.after.div_duration_f64(COOLDOWN).ceil() as usize;
    assert!(
        (1..=1 + cooldowns_after).contains(&on_return),
        "{on_return} requests on return"
    );
    assert!(
        in_the_flood as f64 <= cooldowns.ceil() + 1.0,
        "{in_the_flood} requests in {cooldowns:.1} cooldowns"
    );
}
