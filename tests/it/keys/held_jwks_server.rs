//! A server of key sets that answers when the test says so, with the body that it gives.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

pub struct HeldJwksServer {
    url: String,
    state: Arc<(Mutex<State>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    asked: usize,
    answers: VecDeque<String>,
    closed: bool,
}

impl HeldJwksServer {
    pub fn start() -> HeldJwksServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/keys", listener.local_addr().expect("bound"));
        let state = Arc::<(Mutex<State>, Condvar)>::default();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if shared.0.lock().expect("not poisoned").closed {
                    break;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        HeldJwksServer {
            url,
            state,
            thread: Some(thread),
        }
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// How many requests came so far; each waits for an answer of its own.
    pub fn asked(&self) -> usize {
        self.state.0.lock().expect("not poisoned").asked
    }

    /// One request, that waits already or comes next, is answered with this.
    pub fn answer(&self, body: String) {
        self.state
            .0
            .lock()
            .expect("not poisoned")
            .answers
            .push_back(body);
        self.state.1.notify_all();
    }
}

fn serve(mut stream: TcpStream, (state, changed): &(Mutex<State>, Condvar)) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let mut state = state.lock().expect("not poisoned");
    state.asked += 1;
    let body = loop {
        if state.closed {
            return;
        }
        match state.answers.pop_front() {
            Some(body) => break body,
            None => state = changed.wait(state).expect("not poisoned"),
        }
    };
    drop(state);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // The client may be gone.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

impl Drop for HeldJwksServer {
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.0.lock() {
            state.closed = true;
        }
        self.state.1.notify_all();
        // Wakes the listener up to see it.
        let _ = TcpStream::connect(
            self.url
                .trim_start_matches("http://")
                .trim_end_matches("/keys"),
        );
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
