//! The application in its own process, for separate memory, descriptors and tasks.

use std::io::Read;
use std::process::Command;
use std::time::Duration;

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{Config, IssuerConfig};
use rocket::{get, routes};
use tokio::runtime::Handle;

use super::samples::Sample;
use crate::application::application;
use crate::program::{Program, Stream};

/// Turns this test program into the server: the issuers and their audiences.
const VARIABLE: &str = "SOAK_SERVER";

/// The test that becomes the server if the variable is set.
const TEST: &str = "soak::memory_descriptors_and_tasks_stay_flat";

#[get("/tasks")]
fn tasks() -> String {
    Handle::current().metrics().num_alive_tasks().to_string()
}

/// If this process is the server, serves until its stdin is closed and returns true.
pub fn serve_if_configured() -> bool {
    let Ok(value) = std::env::var(VARIABLE) else {
        return false;
    };
    let words: Vec<&str> = value.split(' ').collect();
    let [ours, audience, theirs, their_audience] = words[..] else {
        panic!("not two issuers: {words:?}")
    };
    let second = IssuerConfig {
        iss_url: Some(theirs.into()),
        audience: Some(vec![their_audience.into()]),
        ..IssuerConfig::default()
    };
    let config = Config {
        audience: vec![audience.into()],
        iss_url: Some(ours.into()),
        issuers: vec![second],
        jwks_cooldown: 1,
        http_timeout: 1,
        // The minimum, so that a short run has refreshes too.
        jwks_refresh_interval: 60,
        jwks_cache_ttl: 120,
        // Small, so that it is full after the warm-up.
        token_cache_capacity: 512,
        ..Config::default()
    };
    // The parent process is gone.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let rocket = application(config, |_, port| eprintln!("port {port}")).mount("/", routes![tasks]);
    rocket::execute(rocket.launch()).expect("it serves");
    true
}

pub struct Server {
    program: Program,
    client: reqwest::Client,
    pub port: u16,
}

impl Server {
    pub fn start(ours: &TestIssuer, theirs: &TestIssuer) -> Server {
        let issuers = [ours.url(), ours.audience(), theirs.url(), theirs.audience()].join(" ");
        let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
        command
            .args(["--exact", TEST, "--nocapture"])
            .env(VARIABLE, issuers);
        let mut program = Program::start(&mut command);
        let line = program.line(Duration::from_secs(60), |stream, line| {
            stream == Stream::Err && port(line).is_some()
        });
        let port = line
            .as_deref()
            .and_then(port)
            .unwrap_or_else(|| panic!("it did not start: {:#?}", program.output));
        Server {
            program,
            client: reqwest::Client::new(),
            port,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hot", self.port)
    }

    /// Measures the server now.
    pub async fn sample(&self) -> Sample {
        let url = format!("http://127.0.0.1:{}/tasks", self.port);
        let tasks = self
            .client
            .get(url)
            .send()
            .await
            .expect("a response")
            .text()
            .await
            .expect("a number");
        let process = format!("/proc/{}", self.program.id());
        let status = std::fs::read_to_string(format!("{process}/status")).expect("it runs");
        let rss = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("a line of this name");
        let kib = rss
            .trim()
            .strip_suffix(" kB")
            .and_then(|number| number.parse().ok())
            .expect("a number of KiB");
        let descriptors = std::fs::read_dir(format!("{process}/fd"))
            .expect("it runs")
            .count();
        Sample {
            kib,
            descriptors,
            tasks: tasks.parse().expect("a number"),
        }
    }
}

fn port(line: &str) -> Option<u16> {
    line.strip_prefix("port ")?.parse().ok()
}
