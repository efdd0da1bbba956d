//! A real application on a loopback port, the key sets that it fetches, and what it answers to
//! tokens, in one line each.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axioms_rocket::testing::{Alg, TestIssuer};
use axioms_rocket::{AxiomsFairing, Config, IssuerConfig, ValidToken};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::config::{LogLevel, Shutdown};
use rocket::fairing::AdHoc;
use rocket::{get, routes};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

pub const AUDIENCE: &str = "https://api.example.test";

pub const MALFORMED: &str = "401 invalid_token: Malformed token";
pub const NOT_A_BEARER: &str = "401 invalid_token: Invalid Authorization header";
pub const ALGORITHM: &str = "401 invalid_token: Unsupported algorithm";
pub const ISSUER: &str = "401 invalid_token: Invalid token issuer";
pub const SIGNATURE: &str = "401 invalid_token: Invalid token signature";
pub const UNKNOWN_KEY: &str = "401 invalid_token: Unknown signing key";
pub const NO_KEYS: &str = "503 temporarily_unavailable: Signing keys are temporarily unavailable";

/// Returns the subject, and the claim `x` if there is one.
#[get("/me")]
fn me(token: ValidToken) -> String {
    let x = if token.claims().get("x").is_some() {
        " with x"
    } else {
        ""
    };
    format!("{}{x}", token.subject().unwrap_or("-"))
}

/// The application.
pub struct Api {
    runtime: Runtime,
    client: reqwest::Client,
    url: String,
    shutdown: rocket::Shutdown,
}

impl Api {
    pub fn start(fairing: AxiomsFairing) -> Api {
        let config = rocket::Config {
            address: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            log_level: LogLevel::Off,
            shutdown: Shutdown {
                ctrlc: false,
                ..Shutdown::default()
            },
            ..rocket::Config::debug_default()
        };
        let (tell, told) = oneshot::channel();
        let tell = Mutex::new(Some(tell));
        let liftoff = AdHoc::on_liftoff("Port", move |rocket| {
            Box::pin(async move {
                let tell = tell.lock().unwrap().take().unwrap();
                tell.send((rocket.shutdown(), rocket.config().port))
                    .unwrap();
            })
        });
        let rocket = rocket::custom(config)
            .attach(fairing)
            .attach(liftoff)
            .mount("/", routes![me]);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.spawn(rocket.launch());
        let (shutdown, port) = runtime.block_on(told).expect("it starts");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Api {
            runtime,
            client,
            url: format!("http://127.0.0.1:{port}/me"),
            shutdown,
        }
    }

    /// An application that trusts the issuers of `names`, and fetches the key set of each from
    /// `documents`.
    pub fn fetching(
        documents: &Documents,
        names: impl IntoIterator<Item = String>,
        config: Config,
    ) -> Api {
        let issuer = |name: String| IssuerConfig {
            iss_url: Some(iss(&name)),
            jwks_url: Some(documents.url(&name)),
            ..IssuerConfig::default()
        };
        let config = Config {
            issuers: names.into_iter().map(issuer).collect(),
            ..config
        };
        Api::start(AxiomsFairing::from_config(config))
    }

    /// The answer to this token: `200 <body>`, or the status, the code and the description of the
    /// refusal.
    pub fn answer(&self, token: &str) -> String {
        self.runtime.block_on(async {
            let request = self
                .client
                .get(&self.url)
                .header("Authorization", format!("Bearer {token}"));
            let response = request.send().await.expect("the server answers");
            let status = response.status().as_u16();
            let challenge = response
                .headers()
                .get("WWW-Authenticate")
                .map(|value| value.to_str().unwrap().to_owned());
            let body = response.text().await.unwrap();
            if status == 200 {
                return format!("200 {body}");
            }
            let json: Value =
                serde_json::from_str(&body).unwrap_or_else(|_| panic!("{status} {body}"));
            let (code, words) = (
                json["error"].as_str().unwrap(),
                json["error_description"].as_str().unwrap(),
            );
            let told = format!(", error=\"{code}\", error_description=\"{words}\"");
            match status {
                401 => assert!(
                    challenge.is_some_and(|challenge| challenge.ends_with(&told)),
                    "{body}"
                ),
                _ => assert_eq!(challenge, None, "{status} {body}"),
            }
            format!("{status} {code}: {words}")
        })
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
    }
}

/// No issuer yet.
pub fn config() -> Config {
    // The fetch itself is no part of a vector: it may be slow beside other tests.
    Config {
        audience: vec![AUDIENCE.into()],
        http_timeout: 60,
        ..Config::default()
    }
}

/// The `iss` of the issuer of that name.
pub fn iss(name: &str) -> String {
    format!("https://{name}.example.test")
}

/// An HTTP server of bodies, each at its name.
pub struct Documents(u16);

impl Documents {
    pub fn serve(bodies: HashMap<String, Vec<u8>>) -> Documents {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies = Arc::new(bodies);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let bodies = Arc::clone(&bodies);
                std::thread::spawn(move || respond(stream, &bodies));
            }
        });
        Documents(port)
    }

    pub fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.0)
    }
}

fn respond(mut stream: TcpStream, bodies: &HashMap<String, Vec<u8>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    let _headers = lines.take_while(|line| !line.is_empty()).count();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let body = bodies
        .get(path.trim_start_matches('/'))
        .unwrap_or_else(|| panic!("no set at {path}"));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // The application may be gone already.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

/// A key whose tokens are good, to be published beside the keys of vectors.
pub struct Control(TestIssuer);

impl Control {
    pub fn new() -> Control {
        Control(
            TestIssuer::builder()
                .audience(AUDIENCE)
                .algorithms([Alg::Es256])
                .offline("https://control.example.test"),
        )
    }

    pub fn issuer(&self) -> &TestIssuer {
        &self.0
    }

    /// Its JWK.
    pub fn jwk(&self) -> Value {
        let set: Value = serde_json::from_str(&self.0.jwks()).unwrap();
        set["keys"][0].clone()
    }

    /// A good token of the issuer of that name.
    pub fn token(&self, name: &str) -> String {
        self.0
            .token()
            .subject("control")
            .claim("iss", iss(name))
            .sign()
    }
}

/// Claims of a good token of the issuer of that name.
pub fn claims(name: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let exp = now + Duration::from_secs(3600);
    json!({"iss": iss(name), "aud": AUDIENCE, "sub": "alice", "exp": exp.as_secs()})
}

pub fn encoded(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

pub fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// The differences that were found.
#[derive(Default)]
pub struct Ledger {
    count: usize,
    wrong: Vec<String>,
}

impl Ledger {
    pub fn note(&mut self, vector: impl std::fmt::Display, expected: &str, found: &str) {
        self.count += 1;
        if found != expected {
            self.wrong
                .push(format!("{vector}: {found:?} instead of {expected:?}"));
        }
    }

    /// There were so many vectors, and each was as it should be.
    #[track_caller]
    pub fn close(self, vectors: usize) {
        assert!(
            self.wrong.is_empty(),
            "{} of {}: {:#?}",
            self.wrong.len(),
            self.count,
            self.wrong
        );
        assert_eq!(self.count, vectors, "vectors");
    }
}
