//! A scripted introspection server on loopback.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rocket::serde::json::Value;
use url::form_urlencoded;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Call {
    pub line: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub form: Vec<(String, String)>,
}

impl Call {
    pub fn field(&self, name: &str) -> &str {
        let mut fields = self.form.iter().filter(|(field, _)| field == name);
        fields.next().map_or("", |(_, value)| value)
    }
}

/// The answer to a request.
pub enum Reply {
    /// The bytes of a whole response.
    Response(Vec<u8>),
    /// No response: the connection ends.
    Close,
}

type Script = Arc<dyn Fn(&Call) -> Reply + Send + Sync>;

#[derive(Clone)]
pub struct Server {
    pub url: String,
    state: Arc<State>,
}

struct State {
    script: Mutex<Script>,
    calls: Mutex<Vec<Call>>,
    now: AtomicUsize,
    most: AtomicUsize,
    connections: AtomicUsize,
}

impl Server {
    pub fn start(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            script: Mutex::new(Arc::new(script)),
            calls: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        });
        let server = Server {
            url: format!("http://{address}/introspect?v=1"),
            state: Arc::clone(&state),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                state.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        server
    }

    /// Answers with `script` from now on.
    pub fn script(&self, script: impl Fn(&Call) -> Reply + Send + Sync + 'static) {
        *lock(&self.state.script) = Arc::new(script);
    }

    /// Returns the calls so far.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state.calls).clone()
    }

    /// Returns the highest number of calls at one time.
    pub fn most(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, state: &State) {
    let mut writer = stream.try_clone().expect("a clone of the stream");
    let mut reader = BufReader::new(stream);
    while let Some(call) = read(&mut reader) {
        lock(&state.calls).push(call.clone());
        let script = Arc::clone(&lock(&state.script));
        let now = state.now.fetch_add(1, Ordering::SeqCst) + 1;
        state.most.fetch_max(now, Ordering::SeqCst);
        let reply = script(&call);
        state.now.fetch_sub(1, Ordering::SeqCst);
        match reply {
            Reply::Response(bytes) if writer.write_all(&bytes).is_ok() => {}
            Reply::Response(_) | Reply::Close => return,
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Call> {
    let mut next = || {
        let mut line = String::new();
        let read = reader.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let line = next()?;
    let mut headers = HashMap::new();
    loop {
        let header = next()?;
        let Some((name, value)) = header.split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let form = form_urlencoded::parse(&body).into_owned().collect();
    Some(Call {
        line,
        headers,
        form,
    })
}

/// A response; `headers` are lines.
pub fn response(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    Reply::Response([head.as_bytes(), body].concat())
}

pub fn json(body: &Value) -> Reply {
    text(&body.to_string())
}

pub fn text(body: &str) -> Reply {
    response(200, "Content-Type: application/json\r\n", body)
}
