//! The application in a process of its own, so that its memory, descriptors and tasks can be
//! counted.

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

/// Makes this program the server; holds the issuers and their audiences.
const VARIABLE: &str = "SOAK_SERVER";

/// The test that becomes the server when it finds the variable.
const TEST: &str = "soak::memory_descriptors_and_tasks_stay_flat_and_every_answer_is_right";

#[get("/tasks")]
fn tasks() -> String {
    Handle::current().metrics().num_alive_tasks().to_string()
}

/// Serves until its stdin is closed, if this process was started for that.
pub fn serve_if_asked() -> bool {
    let Ok(told) = std::env::var(VARIABLE) else {
        return false;
    };
    let told: Vec<&str> = told.split(' ').collect();
    let [ours, audience, theirs, their_audience] = told[..] else {
        panic!("not two issuers: {told:?}")
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
        // As often as it may be, so that a short run meets it too.
        jwks_refresh_interval: 60,
        jwks_cache_ttl: 120,
        // Small, so that it is full before memory is compared.
        token_cache_capacity: 512,
        ..Config::default()
    };
    // The other end is closed.
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

    /// Its current memory, descriptors and tasks.
    pub async fn sample(&self) -> Sample {
        let url = format!("http://127.0.0.1:{}/tasks", self.port);
        let tasks = self
            .client
            .get(url)
            .send()
            .await
            .expect("an answer")
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
