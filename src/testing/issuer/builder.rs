//! The settings of a test issuer.

use std::sync::{Arc, Mutex};
use std::{fmt, io};

use serde_json::{Map, Value};

use super::TestIssuer;
use super::keys::Alg;
use super::keys::Seed;
use super::server::documents::Addresses;
use super::server::login::Logins;
use super::server::tls::Tls;
use super::server::{Line, Server, bind};
use super::shared::{Defaults, Shared};
use crate::base::clock::Clock;

/// Builds a [`TestIssuer`]; made by [`TestIssuer::builder`].
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
    login: Map<String, Value>,
    introspection_client: Option<(String, String)>,
}

/// Without the seed, which is as secret as the keys.
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
            login: Map::new(),
            introspection_client: None,
        }
    }

    /// Sets the port on 127.0.0.1. Default: 0, any free port.
    ///
    /// A fixed port is for a development server. Tests run in parallel and would compete for it.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    /// let issuer = TestIssuer::builder().port(free).start();
    /// assert_eq!(issuer.url(), format!("http://127.0.0.1:{free}"));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the path of the issuer's URL. A trailing slash is kept. Default: no path.
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

    /// Adds a slash to the end of the issuer's URL, as Auth0 does. Call it after
    /// [`path`](Self::path).
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

    /// Sets the default `aud` of tokens. Default: `https://api.example.test`.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().audience("https://api.shop.test").start();
    /// assert_eq!(issuer.audience(), "https://api.shop.test");
    /// ```
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Sets the algorithms whose keys exist from the start. The first is the default of tokens.
    /// Default, also for an empty list: ES256 alone.
    ///
    /// Other keys are generated and published at the first use. An RSA key takes up to a second.
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

    /// Sets the source of `iat` and `exp` of new tokens. Default: the system's clock.
    ///
    /// ```
    /// use axioms_rocket::{Clock, testing::TestIssuer};
    /// use std::time::{Duration, SystemTime};
    ///
    /// let clock = Clock::manual(SystemTime::now());
    /// let issuer = TestIssuer::builder().clock(clock.clone()).start();
    ///
    /// clock.advance(Duration::from_secs(3600)); // the next token has an `iat` one hour later
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Serves HTTPS, with a certificate for 127.0.0.1 and localhost of a new certificate authority:
    /// [`ca_file`](TestIssuer::ca_file) is the value for `http_ca_bundle`. Default: plain HTTP,
    /// which applications accept for loopback.
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

    /// Derives keys, `kid`s and `jti`s from `seed`. Issuers with the same seed, algorithms and
    /// order of calls have the same ones, in any process. Default: all are random.
    ///
    /// With a [manual clock](Self::clock), and an [offline](Self::offline) issuer or a fixed port,
    /// tokens signed with [`Alg::EdDsa`] are equal byte by byte. ECDSA signatures differ, since
    /// they contain a random number. **RSA keys are the exception**: aws-lc-rs generates them from
    /// the system's random numbers only, so they and their `kid`s differ each time. The seed is as
    /// secret as the keys: it is for tests.
    ///
    /// ```
    /// use axioms_rocket::{Clock, testing::{Alg, TestIssuer}};
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    /// let same = || {
    ///     let builder = TestIssuer::builder().algorithms([Alg::EdDsa, Alg::Es256]);
    ///     builder.clock(clock.clone()).seed(42).offline("https://issuer.example.test")
    /// };
    /// assert_eq!(same().jwks(), same().jwks());
    /// assert_eq!(same().token().sign(), same().token().sign());
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Adds a claim to the tokens of its login. Default: the claims of
    /// [`token`](TestIssuer::token), and the scope that the client asked for.
    ///
    /// The login is the authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636, `S256`) at the
    /// endpoints of the metadata, for clients on loopback. No one is asked for a password: each
    /// client gets its token at once.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::builder()
    ///     .login_claim("sub", "alice")
    ///     .login_claim("roles", json!(["editor"]))
    ///     .start();
    /// assert!(issuer.metadata().contains("/authorize"));
    /// ```
    pub fn login_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.login.insert(name.into(), value.into());
        self
    }

    /// Sets the one client that the introspection endpoint answers; others get 401
    /// `invalid_client`. Default: it answers every client. An assertion (`private_key_jwt`) of this
    /// client is accepted unread.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().introspection_client("api", "secret").start();
    /// assert!(issuer.introspection_url().ends_with("/introspect"));
    /// ```
    pub fn introspection_client(
        mut self,
        client_id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        self.introspection_client = Some((client_id.into(), secret.into()));
        self
    }

    /// Starts the issuer.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().path("/realms/shop").start();
    /// assert!(issuer.url().ends_with("/realms/shop"));
    /// ```
    ///
    /// # Panics
    ///
    /// If the port is in use, or the system has no thread or socket left;
    /// [`try_start`](Self::try_start) returns that error.
    pub fn start(self) -> TestIssuer {
        let port = self.port;
        self.try_start()
            .unwrap_or_else(|error| panic!("no test issuer on 127.0.0.1:{port}: {error}"))
    }

    /// Starts the issuer, or returns the error.
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
    /// The system's error for the port, the socket or the thread.
    pub fn try_start(self) -> io::Result<TestIssuer> {
        let socket = bind(self.port)?;
        let tls = self.https.then(Tls::generate).transpose()?;
        let scheme = if self.https { "https" } else { "http" };
        let origin = format!("{scheme}://{}", socket.local_addr()?);
        let addresses = Addresses::new(&origin, &self.path);
        let shared = self.shared(addresses, tls);
        let line = Line::Up(Server::start(socket, Arc::clone(&shared))?);
        Ok(TestIssuer {
            shared,
            line: Mutex::new(line),
        })
    }

    /// Returns an issuer with exactly this `iss` and without a socket; [`jwks`](TestIssuer::jwks)
    /// returns its keys. Port, path, trailing slash and HTTPS of this builder are ignored.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let builder = TestIssuer::builder().algorithms([Alg::Rs256]);
    /// let issuer = builder.offline("https://issuer.example.test/");
    /// assert_eq!(issuer.url(), "https://issuer.example.test/");
    /// ```
    pub fn offline(self, issuer: &str) -> TestIssuer {
        let host = issuer.find("://").map_or(0, |scheme| scheme + 3);
        let path = issuer[host..]
            .find('/')
            .map_or(issuer.len(), |slash| host + slash);
        let addresses = Addresses::new(&issuer[..path], &issuer[path..]);
        TestIssuer::without_server(&self.shared(addresses, None))
    }

    fn shared(self, addresses: Addresses, tls: Option<Tls>) -> Arc<Shared> {
        let defaults = Defaults {
            audience: self.audience,
            algorithm: self.algorithms[0],
            clock: self.clock,
            introspection_client: self.introspection_client,
        };
        Arc::new(Shared::new(
            addresses,
            defaults,
            Logins::new(self.login),
            &self.algorithms,
            Seed::new(self.seed),
            tls,
        ))
    }
}
