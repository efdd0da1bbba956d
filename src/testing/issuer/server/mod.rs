//! The loopback server: one thread with its own runtime while the issuer is up.

use std::convert::Infallible;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, mem};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

mod answer;
mod body;
pub(in crate::testing) mod documents;
pub(in crate::testing) mod introspection;
pub(in crate::testing) mod login;
pub(in crate::testing) mod tls;

use self::answer::answer;
use crate::testing::issuer::requests::Request;
use crate::testing::issuer::shared::Shared;

/// The value of the standard library.
const BACKLOG: u32 = 128;

/// The state of an issuer's server.
pub(in crate::testing) enum Line {
    Up(Server),
    /// The port is bound without listening: connections are refused, and no other program gets it.
    Down(TcpSocket),
    /// The issuer never had a socket.
    Offline,
}

impl Line {
    pub(in crate::testing) fn down(&mut self) -> io::Result<()> {
        if let Line::Up(server) = self {
            let address = server.address;
            server.stop();
            *self = Line::Down(bind(address.port())?);
        }
        Ok(())
    }

    pub(in crate::testing) fn up(&mut self, shared: &Arc<Shared>) -> io::Result<()> {
        match mem::replace(self, Line::Offline) {
            Line::Down(socket) => *self = Line::Up(Server::start(socket, Arc::clone(shared))?),
            line => *self = line,
        }
        Ok(())
    }
}

/// Binds a socket on loopback that does not listen yet. No other address can be bound.
pub(in crate::testing) fn bind(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Broken connections keep the port busy for a while. (On Windows this option would share the
    // port.)
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

/// A running server. Dropping it stops it and breaks its open connections.
pub(in crate::testing) struct Server {
    address: SocketAddr,
    running: Option<(oneshot::Sender<Infallible>, JoinHandle<()>)>,
}

impl Server {
    /// Starts the server. Connections are accepted as soon as this returns.
    pub(in crate::testing) fn start(socket: TcpSocket, shared: Arc<Shared>) -> io::Result<Self> {
        let address = socket.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _context = runtime.enter();
            socket.listen(BACKLOG)
        };
        let listener = match listener {
            Ok(listener) => listener,
            Err(error) => {
                // Dropping a runtime blocks, which panics in async callers.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("test-issuer".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::spawn(accept(listener, shared));
                    // Ends when the sender is dropped; the connections end with the runtime.
                    let _ = stopped.await;
                });
            })?;
        Ok(Self {
            address,
            running: Some((stop, thread)),
        })
    }

    fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&shared)))),
            // For example out of file descriptors: closed connections free some.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    match shared.tls.as_ref().map(|tls| tls.acceptor.clone()) {
        None => serve_http(stream, shared).await,
        // A client that rejects the certificate disconnects.
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve_http(stream, shared).await;
            }
        }
    }
}

async fn serve_http(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let service = service_fn(|http: hyper::Request<hyper::body::Incoming>| {
        let target = http
            .uri()
            .path_and_query()
            .map_or("", |target| target.as_str());
        let request = Request {
            method: http.method().to_string(),
            target: target.to_owned(),
        };
        let (introspection, login) = match introspection::Call::of(&shared, &request, http) {
            Ok(call) => (Some(call), None),
            Err(http) => (None, login::Call::of(&shared, &request, http)),
        };
        let shared = Arc::clone(&shared);
        async move {
            shared.requests().push(request.clone());
            if let Some(login) = login {
                return Ok(login.answer(&shared).await);
            }
            let answer = match introspection {
                Some(call) => call.answer(&shared, &request).await,
                None => answer(&shared, &request),
            };
            match answer {
                Some(answer) => Ok::<_, Infallible>(answer),
                None => pending().await,
            }
        }
    });
    // The client sees how its connection ended; the server has nothing to report.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
