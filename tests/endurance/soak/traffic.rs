//! Clients: kept connections, and short ones, some of which close before the response.

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

/// The time between two requests of a client, so that the load is constant.
const PACE: Duration = Duration::from_millis(20);

/// The time for which a token is reused. It is valid until the second rotation.
const REUSE: Duration = Duration::from_secs(1);

pub struct Traffic {
    /// Rotates and goes down. No client sends unknown `kid`s of it.
    pub ours: TestIssuer,
    /// Never rotates. Its key set is mostly faulty, and clients send unknown `kid`s of it.
    pub theirs: TestIssuer,
    pub url: String,
    pub port: u16,
    pub bad: RwLock<Vec<hostile::BadToken>>,
    pub done: AtomicBool,
    pub results: Mutex<Results>,
}

#[derive(Default)]
pub struct Results {
    /// The number of requests of each kind.
    pub kinds: BTreeMap<&'static str, usize>,
    pub mistakes: Vec<String>,
}

/// The expected response.
struct Expected<'a> {
    status: u16,
    /// A part of the body.
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
    /// Sends requests over one connection.
    pub async fn keep_connection(self: Arc<Self>, number: usize) {
        let client = Client::new();
        let (mut reused, mut signed_at) = (String::new(), None);
        let mut ticks = ticks();
        let mut round = number * 5;
        while !self.done.load(Ordering::Relaxed) {
            ticks.tick().await;
            round += 1;
            if signed_at.is_none_or(|at: Instant| at.elapsed() > REUSE) {
                reused = good(&self.ours, "bob").sign();
                signed_at = Some(Instant::now());
            }
            self.one_of_the_mix(&client, number, round, &reused).await;
        }
    }

    async fn one_of_the_mix(&self, client: &Client, number: usize, round: usize, reused: &str) {
        let own = |subject| good(&self.ours, subject);
        match round % 16 {
            0..5 => {
                self.send(client, "good, new", &own("alice").sign(), accepted("alice"))
                    .await
            }
            5..8 => {
                self.send(client, "good, reused", reused, accepted("bob"))
                    .await
            }
            8..10 => {
                self.send(
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
                self.send(
                    client,
                    "bad, of the list",
                    &bad.token,
                    invalid(bad.description),
                )
                .await;
            }
            11 => {
                self.send(
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
                self.send(
                    client,
                    "bad, unknown key",
                    &token,
                    invalid("Unknown signing key"),
                )
                .await;
            }
            13 => {
                let without_role = self.ours.token().subject("mallory").sign();
                let expected = Expected {
                    status: 403,
                    words: "insufficient_scope",
                };
                self.send(client, "good, without the role", &without_role, expected)
                    .await;
            }
            14 => {
                self.send(
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

    /// Opens a connection for each request.
    pub async fn short_connections(self: Arc<Self>, number: usize) {
        let client = Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client");
        let mut ticks = ticks();
        let mut round = number;
        while !self.done.load(Ordering::Relaxed) {
            ticks.tick().await;
            round += 1;
            match round % 8 {
                0 => self.disconnect_early("connected only", b"").await,
                1 => {
                    self.disconnect_early(
                        "closed within the header",
                        b"GET /hot HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ey",
                    )
                    .await
                }
                2 => {
                    self.disconnect_early(
                        "closed before the response",
                        b"GET /hot HTTP/1.1\r\nHost: x\r\n\r\n",
                    )
                    .await
                }
                3 => {
                    self.disconnect_early(
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
                    self.expect("no token, new connection", client.get(&self.url), expected)
                        .await;
                }
                _ => {
                    let token = good(&self.ours, "dave").sign();
                    self.send(&client, "good, new connection", &token, accepted("dave"))
                        .await;
                }
            }
        }
    }

    async fn disconnect_early(&self, kind: &'static str, bytes: &[u8]) {
        match TcpStream::connect(("127.0.0.1", self.port)).await {
            Ok(mut stream) => {
                // Fails if the server has closed the connection already.
                let _ = stream.write_all(bytes).await;
                self.note(kind, None);
            }
            Err(error) => self.note(kind, Some(format!("{kind}: {error}"))),
        }
    }

    async fn send(&self, client: &Client, kind: &'static str, token: &str, expected: Expected<'_>) {
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
        let mut results = self.results.lock().expect("not poisoned");
        *results.kinds.entry(kind).or_default() += 1;
        results.mistakes.extend(mistake);
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = interval(PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
