//! An application on a port of its own, for requests that a local client cannot send.

use std::sync::Mutex;

use rocket::fairing::AdHoc;
use rocket::{Build, Ignite, Rocket, Shutdown};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Server {
    pub port: u16,
    shutdown: Shutdown,
    running: JoinHandle<Result<Rocket<Ignite>, rocket::Error>>,
}

impl Server {
    pub async fn start(rocket: Rocket<Build>) -> Server {
        let (sender, started) = oneshot::channel();
        let sender = Mutex::new(Some(sender));
        let on_a_port = rocket::Config::figment()
            .merge(("port", 0))
            .merge(("log_level", "off"));
        let liftoff = AdHoc::on_liftoff("port", move |rocket| {
            if let Some(sender) = sender.lock().unwrap().take() {
                let started = (rocket.config().port, rocket.shutdown());
                assert!(sender.send(started).is_ok());
            }
            Box::pin(async {})
        });
        let running = tokio::spawn(rocket.configure(on_a_port).attach(liftoff).launch());
        let (port, shutdown) = started.await.expect("a launch");
        Server {
            port,
            shutdown,
            running,
        }
    }

    /// Sends a request line and header lines, byte for byte; returns the head and the body of the
    /// answer.
    pub async fn send(&self, request_line: &str, headers: &[&[u8]]) -> (String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("a connection");
        let mut request =
            format!("{request_line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n")
                .into_bytes();
        for header in headers {
            request.extend_from_slice(header);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        stream.write_all(&request).await.expect("sent");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .await
            .expect("an answer in text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.to_owned(), body.to_owned())
    }

    pub async fn end(self) {
        self.shutdown.notify();
        self.running
            .await
            .expect("no panic")
            .expect("a graceful end");
    }
}

/// The status code of an answer's head.
pub fn status(head: &str) -> &str {
    head.get(9..12).unwrap_or_default()
}

/// The value of a header in an answer's head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}
