//! Visitors who stay connected, and some who come, ask and go, or go before they have asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use axioms_rocket::testing::{TestIssuer, hostile};
use reqwest::Client;
use reqwest::header::AUTHORIZATION;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

use crate::application::good;

/// A request each, so that the load is the same from the beginning to the end.
const PACE: Duration = Duration::from_millis(20);

/// How long a remembered token is shown again. It is good until the second rotation after it was
/// minted.
const REMEMBERED: Duration = Duration::from_secs(1);

pub struct Traffic {
    /// Rotates and stops; no client makes up keys of this one.
    pub ours: TestIssuer,
    /// Never rotates; its key set is mostly faulty, and clients ask for keys that it does not have.
    pub theirs: TestIssuer,
    pub url: String,
    pub port: u16,
    pub bad: RwLock<Vec<hostile::BadToken>>,
    pub over: AtomicBool,
    pub seen: Mutex<Seen>,
}

#[derive(Default)]
pub struct Seen {
    /// How many of each kind.
    pub kinds: BTreeMap<&'static str, usize>,
    pub mistakes: Vec<String>,
}

/// The expected answer.
struct Expected<'a> {
    status: u16,
    /// In the body.
    words: &'a str,
}

fn accepted(subject: &str) -> Expected<'_> {
    Expected {
        status: 200,
        words: subject,
    }
}

fn invalid(description: &str) -> Expected<'_> {
    Expected {
        status: 401,
        words: description,
    }
}

impl Traffic {
    /// Keeps its connection.
    pub async fn visitor(self: Arc<Self>, number: usize) {
        let client = Client::new();
        let (mut remembered, mut minted) = (String::new(), None);
        let mut ticks = ticks();
        let mut round = number * 5;
        while !self.over.load(Ordering::Relaxed) {
            ticks.tick().await;
            round += 1;
            if minted.is_none_or(|at: Instant| at.elapsed() > REMEMBERED) {
                remembered = good(&self.ours, "bob").sign();
                minted = Some(Instant::now());
            }
            self.one_of_the_mix(&client, number, round, &remembered)
                .await;
        }
    }

    async fn one_of_the_mix(&self, client: &Client, number: usize, round: usize, remembered: &str) {
        let own = |subject| good(&self.ours, subject);
        match round % 16 {
            0..5 => {
                self.show(client, "good, new", &own("alice").sign(), accepted("alice"))
                    .await
            }
            5..8 => {
                self.show(client, "good, remembered", remembered, accepted("bob"))
                    .await
            }
            8..10 => {
                self.show(
                    client,
                    "good, second issuer",
                    &good(&self.theirs, "carol").sign(),
                    accepted("carol"),
                )
                .await
            }
            10 => {
                let bad = {
                    let all = self.bad.read().expect("not poisoned");
                    all[(round / 16 + number * 7) % all.len()].clone()
                };
                self.show(
                    client,
                    "bad, of the list",
                    &bad.token,
                    invalid(bad.description),
                )
                .await;
            }
            11 => {
                self.show(
                    client,
                    "bad, tampered",
                    &own("mallory").tampered().sign(),
                    invalid("Invalid token signature"),
                )
                .await
            }
            12 => {
                let token = good(&self.theirs, "mallory")
                    .kid(format!("unknown-{number}-{round}"))
                    .sign();
                self.show(
                    client,
                    "bad, unknown key",
                    &token,
                    invalid("Unknown signing key"),
                )
                .await;
            }
            13 => {
                let poor = self.ours.token().subject("mallory").sign();
                let expected = Expected {
                    status: 403,
                    words: "insufficient_scope",
                };
                self.show(client, "good, without the role", &poor, expected)
                    .await;
            }
            14 => {
                self.show(
                    client,
                    "bad, giant",
                    &"a".repeat(50_000),
                    invalid("Malformed token"),
                )
                .await
            }
            _ => {
                let token = own("mallory").sign();
                let twice = client
                    .get(&self.url)
                    .bearer_auth(&token)
                    .header(AUTHORIZATION, "Basic bWFsbG9yeTo=");
                self.expect(
                    "bad, two headers",
                    twice,
                    Expected {
                        status: 400,
                        words: "invalid_request",
                    },
                )
                .await;
            }
        }
    }

    /// A connection for each request.
    pub async fn passer_by(self: Arc<Self>, number: usize) {
        let client = Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client");
        let mut ticks = ticks();
        let mut round = number;
        while !self.over.load(Ordering::Relaxed) {
            ticks.tick().await;
            round += 1;
            match round % 8 {
                0 => self.leave_early("connected and left", b"").await,
                1 => {
                    self.leave_early(
                        "left amid the header",
                        b"GET /hot HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ey",
                    )
                    .await
                }
                2 => {
                    self.leave_early(
                        "left before the answer",
                        b"GET /hot HTTP/1.1\r\nHost: x\r\n\r\n",
                    )
                    .await
                }
                3 => {
                    self.leave_early(
                        "no HTTP",
                        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
                    )
                    .await
                }
                4 => {
                    let expected = Expected {
                        status: 401,
                        words: "missing_token",
                    };
                    self.expect(
                        "no token, on a new connection",
                        client.get(&self.url),
                        expected,
                    )
                    .await;
                }
                _ => {
                    let token = good(&self.ours, "dave").sign();
                    self.show(
                        &client,
                        "good, on a new connection",
                        &token,
                        accepted("dave"),
                    )
                    .await;
                }
            }
        }
    }

    async fn leave_early(&self, kind: &'static str, bytes: &[u8]) {
        match TcpStream::connect(("127.0.0.1", self.port)).await {
            Ok(mut stream) => {
                // It may have closed already; who leaves does not care.
                let _ = stream.write_all(bytes).await;
                self.note(kind, None);
            }
            Err(error) => self.note(kind, Some(format!("{kind}: {error}"))),
        }
    }

    async fn show(&self, client: &Client, kind: &'static str, token: &str, expected: Expected<'_>) {
        self.expect(
            kind,
            client
                .get(&self.url)
                .header(AUTHORIZATION, format!("Bearer {token}")),
            expected,
        )
        .await;
    }

    async fn expect(
        &self,
        kind: &'static str,
        request: reqwest::RequestBuilder,
        expected: Expected<'_>,
    ) {
        let answer = async {
            let response = request.send().await?;
            Ok::<_, reqwest::Error>((response.status().as_u16(), response.text().await?))
        };
        let mistake = match answer.await {
            Ok((status, body)) if status == expected.status && body.contains(expected.words) => {
                None
            }
            Ok((status, body)) => Some(format!(
                "{kind}: {status} {body}, not {} {}",
                expected.status, expected.words
            )),
            Err(error) => Some(format!("{kind}: {error:?}")),
        };
        self.note(kind, mistake);
    }

    fn note(&self, kind: &'static str, mistake: Option<String>) {
        let mut seen = self.seen.lock().expect("not poisoned");
        *seen.kinds.entry(kind).or_default() += 1;
        seen.mistakes.extend(mistake);
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = interval(PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
