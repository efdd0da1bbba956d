//! The loopback server: one thread with a runtime of its own for as long as the issuer is up.

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
pub(in crate::testing) mod tls;

use self::answer::answer;
use crate::testing::issuer::requests::Request;
use crate::testing::issuer::shared::Shared;

/// As the standard library has it.
const BACKLOG: u32 = 128;

/// The issuer's end of the line.
pub(in crate::testing) enum Line {
    Up(Server),
    /// The port is bound and nobody listens: connections are refused, and whoever asks for any free port gets another.
    Down(TcpSocket),
    /// There never was a socket.
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

/// A socket on loopback that does not listen yet: there is no way to ask for another address.
pub(in crate::testing) fn bind(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections that just broke linger on the port. (On Windows the same option would mean sharing it.)
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

/// A running server. It stops when it is dropped, and everything that it had open breaks.
pub(in crate::testing) struct Server {
    address: SocketAddr,
    running: Option<(oneshot::Sender<Infallible>, JoinHandle<()>)>,
}

impl Server {
    /// Connections are accepted from here on, though they may wait a moment until the thread runs.
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
                // An ordinary drop may wait, which is forbidden where the caller is async.
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
                    // Ends when the other half is dropped; with the runtime end the connections.
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
            // Out of file descriptors, say: connections that end will free some.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    match shared.tls.as_ref().map(|tls| tls.acceptor.clone()) {
        None => speak(stream, shared).await,
        // Who does not like the certificate goes away.
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                speak(stream, shared).await;
            }
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let target = request
            .uri()
            .path_and_query()
            .map_or("", |target| target.as_str());
        let request = Request {
            method: request.method().to_string(),
            target: target.to_owned(),
        };
        shared.requests().push(request.clone());
        let answer = answer(&shared, &request);
        async move {
            match answer {
                Some(answer) => Ok::<_, Infallible>(answer),
                None => pending().await,
            }
        }
    });
    // Whatever ends a connection ends it: the client sees it, and nobody else needs to.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
