//! Runs attacks: compares each answer in full, and searches all output for parts of secrets.

use std::collections::HashSet;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{AxiomsFairing, Config};
use rocket::http::{Header, Method};
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::serde::json::json;
use rocket::{Build, Rocket, Route};
use tokio::sync::RwLock;

use crate::log_capture::capture_all_crates;
use crate::recorder::{Log, record};
use crate::support::{config, rocket, routes};

/// Held for reading by each launch: it silences the `log` crate while it makes its route report. A
/// test that counts lines of `log` holds it for writing.
pub static LAUNCHES: RwLock<()> = RwLock::const_new(());

/// The expected refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub status: u16,
    pub code: &'static str,
    pub description: &'static str,
}

pub const fn invalid(description: &'static str) -> Verdict {
    Verdict {
        status: 401,
        code: "invalid_token",
        description,
    }
}

pub const MISSING: Verdict = Verdict {
    status: 401,
    code: "missing_token",
    description: "Missing Authorization header",
};
pub const NOT_BEARER: Verdict = Verdict {
    status: 401,
    code: "missing_token",
    description: "Not a bearer token",
};
pub const TWO: Verdict = Verdict {
    status: 400,
    code: "invalid_request",
    description: "Invalid Authorization header",
};
pub const DENIED: Verdict = Verdict {
    status: 403,
    code: "insufficient_scope",
    description: "Insufficient role, scope or permission",
};
pub const NOT_OWNER: Verdict = Verdict {
    status: 403,
    code: "insufficient_scope",
    description: "You do not own this resource",
};
pub const UNAVAILABLE: Verdict = Verdict {
    status: 503,
    code: "temporarily_unavailable",
    description: "Signing keys are temporarily unavailable",
};

pub const HEADER: Verdict = invalid("Invalid Authorization header");
pub const ALGORITHM: Verdict = invalid("Unsupported algorithm");
pub const KEY: Verdict = invalid("Unknown signing key");
pub const SIGNATURE: Verdict = invalid("Invalid token signature");

/// An answer as it came.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// In their order; names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    async fn read(response: LocalResponse<'_>) -> Reply {
        let headers = response.headers().iter();
        Reply {
            headers: headers
                .map(|header| {
                    (
                        header.name.as_str().to_ascii_lowercase(),
                        header.value.into(),
                    )
                })
                .collect(),
            status: response.status().code,
            body: response.into_string().await.unwrap_or_default(),
        }
    }

    fn header(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Asserts the refusal in full: status, body, `Cache-Control`, `Retry-After`, and the exact
    /// challenge.
    #[track_caller]
    pub fn is(&self, case: &str, verdict: Verdict, realm: &str, scope: Option<&str>) {
        let Verdict {
            status,
            code,
            description,
        } = verdict;
        assert_eq!(self.status, status, "{case}: {self:?}");
        let body = json!({ "error": code, "error_description": description }).to_string();
        assert_eq!(self.body, body, "{case}: {self:?}");
        assert_eq!(
            self.header("content-type"),
            ["application/json"],
            "{case}: {self:?}"
        );
        assert_eq!(
            self.header("cache-control"),
            ["no-store"],
            "{case}: {self:?}"
        );
        let scope = scope
            .map(|names| format!(", scope=\"{names}\""))
            .unwrap_or_default();
        let challenge = match code {
            "temporarily_unavailable" => None,
            "missing_token" => Some(format!("Bearer realm=\"{realm}\"{scope}")),
            _ => Some(format!(
                "Bearer realm=\"{realm}\", error=\"{code}\", \
                 error_description=\"{description}\"{scope}"
            )),
        };
        assert_eq!(
            self.header("www-authenticate"),
            Vec::from_iter(challenge.as_deref()),
            "{case}: {self:?}"
        );
        let wait: Vec<bool> = self
            .header("retry-after")
            .iter()
            .map(|text| text.parse().is_ok_and(|s: u64| (1..=60).contains(&s)))
            .collect();
        assert_eq!(
            wait,
            if status == 503 { vec![true] } else { vec![] },
            "{case}: {self:?}"
        );
    }

    /// Asserts that `head` is the answer to HEAD where this is the answer to GET: equal in all but
    /// the body (RFC 9110 §9.3.2).
    #[track_caller]
    pub fn is_headed(&self, case: &str, head: &Reply) {
        assert_eq!(
            (head.status, head.undated(), head.body.as_str()),
            (self.status, self.undated(), ""),
            "{case}: {head:?}"
        );
        assert_eq!(
            head.header("content-length"),
            [self.body.len().to_string()],
            "{case}: {head:?}"
        );
    }

    /// Asserts an answer of Rocket or hyper, without a code: status, sorted headers, body.
    #[track_caller]
    pub fn is_not_ours(&self, case: &str, status: u16, headers: &[(&str, &str)], body: &str) {
        assert_eq!(
            (self.status, self.undated(), self.body.as_str()),
            (status, headers.to_vec(), body),
            "{case}"
        );
    }

    /// The headers without the date, of which there is one. Sorted: Rocket's Shield has another
    /// order in each process.
    #[track_caller]
    fn undated(&self) -> Vec<(&str, &str)> {
        assert_eq!(self.header("date").len(), 1, "{self:?}");
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let mut headers: Vec<_> = headers.filter(|(name, _)| *name != "date").collect();
        headers.sort_unstable();
        headers
    }

    #[track_caller]
    pub fn passes(&self, case: &str) {
        assert_eq!(self.status, 200, "{case}, control: {self:?}");
        assert!(
            self.header("www-authenticate").is_empty(),
            "{case}, control: {self:?}"
        );
    }
}

/// An application under attack.
pub struct Target {
    pub client: Client,
    /// The `realm` of its challenges.
    pub realm: String,
}

impl Target {
    pub async fn launch(rocket: Rocket<Build>, realm: &str) -> Target {
        let _launching = LAUNCHES.read().await;
        Target {
            client: Client::untracked(rocket)
                .await
                .expect("the application starts"),
            realm: realm.to_owned(),
        }
    }

    /// With the usual routes, and the keys of `issuer`.
    pub async fn of(issuer: &TestIssuer) -> Target {
        Target::with(issuer, config(issuer), routes()).await
    }

    pub async fn with(issuer: &TestIssuer, config: Config, routes: Vec<Route>) -> Target {
        Target::trusting(issuer, config, routes, issuer.jwks()).await
    }

    /// With another key set than the one that `issuer` publishes.
    pub async fn trusting(
        issuer: &TestIssuer,
        config: Config,
        routes: Vec<Route>,
        keys: String,
    ) -> Target {
        let fairing = AxiomsFairing::from_config(config).with_keys(keys);
        Target::launch(rocket(fairing).mount("/", routes), issuer.url()).await
    }
}

/// One test of the table while it runs: the secrets that were sent, and all output.
#[derive(Default)]
pub struct Run {
    secrets: HashSet<String>,
    printed: String,
}

/// Runs `work` on one thread, so that every log line is captured, and asserts that no output holds
/// a part of a secret. Returns the log.
pub fn run(work: impl AsyncFnOnce(&mut Run)) -> Log {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut run = Run::default();
    capture_all_crates();
    let ((), log) = record(|| runtime.block_on(work(&mut run)));
    run.shows_no_secret(&log);
    log
}

impl Run {
    /// Adds a text that must never be printed.
    pub fn secret(&mut self, secret: &str) {
        self.secrets.insert(secret.to_owned());
    }

    /// Adds output that is neither a log line nor an answer.
    pub fn print(&mut self, text: &str) {
        self.printed.push_str(text);
        self.printed.push('\n');
    }

    pub fn printed(&self) -> &str {
        &self.printed
    }

    /// The answer to a bearer of `token`.
    pub async fn get(&mut self, target: &Target, path: &str, token: &str) -> Reply {
        self.secret(token);
        self.ask(target, Method::Get, path, &[&format!("Bearer {token}")])
            .await
    }

    /// With one `Authorization` header for each of `authorization`.
    pub async fn ask(
        &mut self,
        target: &Target,
        method: Method,
        path: &str,
        authorization: &[&str],
    ) -> Reply {
        let mut request = target.client.req(method, path.to_owned());
        for value in authorization {
            request.add_header(Header::new("Authorization", (*value).to_owned()));
        }
        let reply = Reply::read(request.dispatch().await).await;
        self.print(&format!("{reply:?}"));
        reply
    }

    /// `bad` is refused at `path`; `good` passes before and after, new and remembered.
    pub async fn refuses(
        &mut self,
        target: &Target,
        case: &str,
        path: &str,
        [good, bad]: [&str; 2],
        (verdict, scope): (Verdict, Option<&str>),
    ) {
        self.get(target, path, good).await.passes(case);
        self.get(target, path, bad)
            .await
            .is(case, verdict, &target.realm, scope);
        self.get(target, path, good).await.passes(case);
    }

    fn shows_no_secret(&self, log: &Log) {
        assert!(!log.0.is_empty(), "nothing was heard");
        let secret: HashSet<&[u8]> = self
            .secrets
            .iter()
            .flat_map(|secret| windows(secret))
            .collect();
        assert!(!secret.is_empty());
        let lines = || log.0.lines().chain(self.printed.lines());
        let distinct: HashSet<&str> = lines()
            .flat_map(|line| line.split(|c: char| !is_of_a_token(c)))
            .collect();
        let caught: Vec<_> = distinct
            .into_iter()
            .filter(|run| windows(run).any(|window| secret.contains(window)))
            .map(|run| (run, lines().find(|line| line.contains(run))))
            .collect();
        assert_eq!(caught, []);
    }
}

pub const WINDOW: usize = 16;

pub fn windows(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().windows(WINDOW)
}

/// Parts of tokens consist of these characters alone.
fn is_of_a_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~+/=".contains(character)
}

#[test]
#[should_panic(expected = "eyJhbGciOiJFUzI1NiJ9")]
fn the_net_catches_a_token_in_the_log() {
    run(async |run| {
        run.secret("eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
        tracing::trace!("heard: (eyJhbGciOiJFUzI1NiJ9)");
    });
}

#[test]
#[should_panic(expected = "secret-of-a-client")]
fn the_net_catches_a_secret_in_an_answer() {
    run(async |run| {
        run.secret("the-secret-of-a-client");
        tracing::trace!("nothing");
        run.print("{\"x\":\"secret-of-a-client\"}");
    });
}

#[test]
#[should_panic(expected = "nothing was heard")]
fn the_net_notices_that_it_hears_nothing() {
    run(async |run| run.secret("the-secret-of-a-client"));
}
