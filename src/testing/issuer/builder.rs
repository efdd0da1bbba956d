//! Settings of a test issuer before it starts.

use std::sync::{Arc, Mutex};
use std::{fmt, io};

use super::TestIssuer;
use super::keys::Alg;
use super::keys::Seed;
use super::server::documents::Addresses;
use super::server::tls::Tls;
use super::server::{Line, Server, bind};
use super::shared::Shared;
use crate::base::clock::Clock;

/// How a [`TestIssuer`] shall be; made by [`TestIssuer::builder`].
///
/// ```
/// use axioms_rocket::testing::{Alg, TestIssuer};
///
/// let issuer = TestIssuer::builder()
///     .path("/realms/shop")
///     .audience("https://api.shop.test")
///     .algorithms([Alg::Rs256, Alg::EdDsa])
///     .start();
///
/// assert!(issuer.url().ends_with("/realms/shop"));
/// assert_eq!(issuer.audience(), "https://api.shop.test");
/// ```
#[derive(Clone)]
#[must_use = "nothing starts before `start` or `offline`"]
pub struct TestIssuerBuilder {
    port: u16,
    path: String,
    audience: String,
    algorithms: Vec<Alg>,
    clock: Clock,
    https: bool,
    seed: Option<u64>,
}

/// But for the seed: whoever knows it can sign.
impl fmt::Debug for TestIssuerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuerBuilder")
            .field("port", &self.port)
            .field("path", &self.path)
            .field("audience", &self.audience)
            .field("algorithms", &self.algorithms)
            .field("clock", &self.clock)
            .field("https", &self.https)
            .field("seeded", &self.seed.is_some())
            .finish()
    }
}

impl TestIssuerBuilder {
    pub(in crate::testing) fn new() -> Self {
        Self {
            port: 0,
            path: String::new(),
            audience: "https://api.example.test".into(),
            algorithms: vec![Alg::Es256],
            clock: Clock::system(),
            https: false,
            seed: None,
        }
    }

    /// The port on 127.0.0.1. Default: 0, which is any free one.
    ///
    /// A fixed port is for a development server; tests that run side by side would fight for it.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The path of the issuer's URL, kept as it is, a slash at the end included. Default: none.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().path("/realms/x").start();
    /// assert_eq!(issuer.jwks_url(), format!("{}/.well-known/jwks.json", issuer.url()));
    /// ```
    pub fn path(mut self, path: &str) -> Self {
        self.path = if path.is_empty() || path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        self
    }

    /// Ends the issuer's URL with a slash, as Auth0 does. Call it after [`path`](Self::path).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().trailing_slash().start();
    /// assert!(issuer.url().ends_with('/'));
    /// assert!(!issuer.jwks_url().contains("//."));
    /// ```
    pub fn trailing_slash(mut self) -> Self {
        if !self.path.ends_with('/') {
            self.path.push('/');
        }
        self
    }

    /// The `aud` of tokens that do not choose their own. Default: `https://api.example.test`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// The algorithms for which keys are there from the start; the first is the one of tokens that do not choose their
    /// own. Default, also for an empty list: ES256 alone.
    ///
    /// Other keys are made, and then published, when a token first asks for them. An RSA key takes a moment.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::builder().algorithms([Alg::Es384, Alg::Es512]).start();
    /// assert!(issuer.jwks().contains("P-384") && issuer.jwks().contains("P-521"));
    /// ```
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Alg>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        if self.algorithms.is_empty() {
            self.algorithms.push(Alg::Es256);
        }
        self
    }

    /// Where new tokens get their `iat` and `exp` from. Default: the system's clock.
    ///
    /// ```
    /// use axioms_rocket::{Clock, testing::TestIssuer};
    /// use std::time::{Duration, SystemTime};
    ///
    /// let clock = Clock::manual(SystemTime::now());
    /// let issuer = TestIssuer::builder().clock(clock.clone()).start();
    ///
    /// clock.advance(Duration::from_secs(3600)); // tokens minted from now on begin an hour later
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Speaks HTTPS, with a certificate for 127.0.0.1 and localhost from an authority made on the spot: applications believe
    /// it with [`ca_file`](TestIssuer::ca_file). Default: plain HTTP, which is accepted for loopback.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().https().start();
    /// assert!(issuer.jwks_url().starts_with("https://127.0.0.1:"));
    /// assert!(issuer.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// ```
    pub fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// Derives keys, `kid`s and `jti`s from `seed`: an issuer with the same seed, algorithms and calls in the same order has
    /// the same ones, in any process. Default: all are random.
    ///
    /// With a [manual clock](Self::clock), and an [offline](Self::offline) issuer or a fixed port, tokens by
    /// [`Alg::EdDsa`] are the same to the octet; those by the ES algorithms differ in their signature, which is random by
    /// nature. **RSA keys are the exception**: the library makes them from the system's random numbers alone, so that they and
    /// their `kid`s are new each time. Whoever knows the seed can sign: it is for tests.
    ///
    /// ```
    /// use axioms_rocket::{Clock, testing::{Alg, TestIssuer}};
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    /// let same = || {
    ///     let builder = TestIssuer::builder().algorithms([Alg::EdDsa, Alg::Es256]).clock(clock.clone());
    ///     builder.seed(42).offline("https://issuer.example.test")
    /// };
    /// assert_eq!(same().jwks(), same().jwks());
    /// assert_eq!(same().token().sign(), same().token().sign());
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Starts the issuer.
    ///
    /// # Panics
    ///
    /// When the port is taken, or the system has no thread or socket left; [`try_start`](Self::try_start) returns it.
    pub fn start(self) -> TestIssuer {
        let port = self.port;
        self.try_start()
            .unwrap_or_else(|error| panic!("no test issuer on 127.0.0.1:{port}: {error}"))
    }

    /// Starts the issuer, or says why it cannot.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let result = TestIssuer::builder().port(taken.local_addr()?.port()).try_start();
    /// assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the system says about the port, the socket or the thread.
    pub fn try_start(self) -> io::Result<TestIssuer> {
        let socket = bind(self.port)?;
        let tls = self.https.then(Tls::generate).transpose()?;
        let scheme = if self.https { "https" } else { "http" };
        let origin = format!("{scheme}://{}", socket.local_addr()?);
        let addresses = Addresses::new(&origin, &self.path);
        let shared = Arc::new(Shared::new(
            addresses,
            &self.algorithms,
            Seed::new(self.seed),
            tls,
        ));
        let server = Server::start(socket, Arc::clone(&shared))?;
        Ok(self.issuer(shared, Line::Up(server)))
    }

    /// An issuer of exactly this `iss`, without any socket: hand its keys over with
    /// [`jwks`](TestIssuer::jwks). Port, path, slash and HTTPS of this builder mean nothing
    /// to it.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::builder().algorithms([Alg::Rs256]).offline("https://issuer.example.test/");
    /// assert_eq!(issuer.url(), "https://issuer.example.test/");
    /// ```
    pub fn offline(self, issuer: &str) -> TestIssuer {
        let host = issuer.find("://").map_or(0, |scheme| scheme + 3);
        let path = issuer[host..]
            .find('/')
            .map_or(issuer.len(), |slash| host + slash);
        let addresses = Addresses::new(&issuer[..path], &issuer[path..]);
        let shared = Arc::new(Shared::new(
            addresses,
            &self.algorithms,
            Seed::new(self.seed),
            None,
        ));
        self.issuer(shared, Line::Offline)
    }

    fn issuer(self, shared: Arc<Shared>, line: Line) -> TestIssuer {
        TestIssuer {
            shared,
            line: Mutex::new(line),
            audience: self.audience,
            algorithm: self.algorithms[0],
            clock: self.clock,
        }
    }
}
