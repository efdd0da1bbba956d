//! Child processes of a test: started, read line by line, killed by their process id.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// A running program. Dropping it kills it, so a failed test does too.
pub struct Program {
    child: Child,
    lines: Receiver<(Stream, String)>,
    /// All lines printed so far.
    pub output: Vec<(Stream, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

impl Program {
    /// Starts `command` with piped streams. Its stdin stays open until the program ends.
    pub fn start(command: &mut Command) -> Program {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = channel();
        read(
            child.stdout.take().expect("a pipe"),
            Stream::Out,
            sender.clone(),
        );
        read(child.stderr.take().expect("a pipe"), Stream::Err, sender);
        Program {
            child,
            lines,
            output: Vec::new(),
        }
    }

    /// Waits for the next line that `wanted` accepts; `None` if the program closes its streams
    /// first.
    pub fn line(
        &mut self,
        within: Duration,
        wanted: impl Fn(Stream, &str) -> bool,
    ) -> Option<String> {
        let deadline = Instant::now() + within;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok((stream, line)) => {
                    self.output.push((stream, line.clone()));
                    if wanted(stream, &line) {
                        return Some(line);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no such line in {within:?}: {:#?}", self.output)
                }
            }
        }
    }

    #[allow(dead_code, reason = "the soak test reads its files in `/proc`")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end of the program.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("our own child")
    }
}

fn read(stream: impl Read + Send + 'static, name: Stream, sender: Sender<(Stream, String)>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send((name, line)).is_err() {
                break;
            }
        }
    });
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails if the program has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An example at a free port, with the settings `variables` only and no settings file.
pub struct Served {
    pub program: Program,
    /// `http://<address>`
    pub url: String,
    _directory: tempfile::TempDir,
}

pub type Quickstart = Served;

impl Served {
    /// Starts the quickstart.
    pub fn start(variables: &[(&str, &str)]) -> Served {
        Served::of("quickstart", variables)
    }

    pub fn of(name: &str, variables: &[(&str, &str)]) -> Served {
        let directory = tempfile::tempdir().expect("a directory");
        let mut command = Command::new(example(name));
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("AXIOMS_") || name_text.starts_with("ROCKET_") {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(&directory)
            .env("ROCKET_PORT", "0")
            .env("ROCKET_CLI_COLORS", "false");
        command.envs(variables.iter().copied());
        let mut program = Program::start(&mut command);
        let launched = program.line(Duration::from_secs(60), |_, line| {
            line.contains("has launched from http://")
        });
        let launched =
            launched.unwrap_or_else(|| panic!("it did not start: {:#?}", program.output));
        let (_, url) = launched.split_once("launched from ").expect("looked for");
        Served {
            url: url.trim().to_owned(),
            program,
            _directory: directory,
        }
    }
}

/// Returns a port that is free now, for a program that cannot take port 0.
#[allow(dead_code, reason = "the soak test lets Rocket choose")]
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a port").port()
}

/// Returns the path of an example that `cargo test` has built.
pub fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this program");
    let profile = test.ancestors().nth(2).expect("<profile>/deps/<test>");
    let path = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is missing; run `cargo build --examples` (`cargo test --test it` does not build it)",
        path.display()
    );
    path
}

/// Returns a client without a proxy that trusts only the certificates of `ca`.
pub fn http_client(ca: Option<&[u8]>) -> reqwest::Client {
    let roots = ca.map_or_else(Vec::new, |pem| {
        reqwest::Certificate::from_pem_bundle(pem).expect("PEM")
    });
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(roots)
        .timeout(Duration::from_secs(30));
    client.build().expect("a client")
}
