//! The issuer as a test sees it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

mod builder;
mod faults;
pub(in crate::testing) mod keys;
mod requests;
mod rotation;
mod server;
mod shared;

pub use self::builder::TestIssuerBuilder;
pub use self::faults::IssuerFault;
pub use self::keys::Alg;
pub use self::requests::Request;

use self::keys::encode;
use self::server::Line;
use self::shared::{Shared, lock};
use super::token::TokenBuilder;

/// **For tests and development only**: an authorization server as a resource server sees it. It
/// serves keys and metadata on loopback and signs every token that a test asks for.
///
/// It runs in its own thread, so [`start`](Self::start) is an ordinary function: call it from
/// `#[test]`, from async code, or in a `static`. The server stops when the value is dropped.
/// Several can run at the same time. It has an ES256 key when it starts; keys of other types are
/// generated at the first use.
///
/// ```
/// use axioms_rocket::testing::TestIssuer;
///
/// let issuer = TestIssuer::start();
/// assert!(issuer.url().starts_with("http://127.0.0.1:"));
///
/// let token = issuer.token().subject("alice").roles(["editor"]).sign();
/// // Authorization: Bearer <token>
/// # assert_eq!(token.split('.').count(), 3);
/// ```
pub struct TestIssuer {
    pub(in crate::testing) shared: Arc<Shared>,
    pub(in crate::testing) line: Mutex<Line>,
}

impl TestIssuer {
    /// Starts an issuer at `http://127.0.0.1:<a free port>`.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// assert!(issuer.url().starts_with("http://127.0.0.1:"));
    /// ```
    ///
    /// # Panics
    ///
    /// If the system has no port, thread or socket left.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Returns a builder: for an issuer with a path, an audience, a clock, a seed or HTTPS.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().audience("https://api.shop.test").start();
    /// assert_eq!(issuer.audience(), "https://api.shop.test");
    /// ```
    pub fn builder() -> TestIssuerBuilder {
        TestIssuerBuilder::new()
    }

    /// Returns an issuer with exactly this `iss` and without a socket. Pass its keys to the
    /// application with `AxiomsFairing::with_keys(issuer.jwks())`.
    ///
    /// Those are the keys of that moment: a test that needs more than ES256 names its algorithms to
    /// [`algorithms`](TestIssuerBuilder::algorithms).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let keys = issuer.jwks();
    /// assert!(keys.contains("P-256"));
    /// ```
    pub fn offline(issuer: &str) -> Self {
        Self::builder().offline(issuer)
    }

    /// Returns the exact `iss` of its tokens: the value for `iss_url` (`AXIOMS_ISS_URL`).
    ///
    /// ```
    /// use axioms_rocket::{Config, testing::TestIssuer};
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// let config = Config {
    ///     audience: vec![issuer.audience().into()],
    ///     iss_url: Some(issuer.url().into()),
    ///     ..Config::default()
    /// };
    /// # assert_eq!(config.iss_url.as_deref(), Some("https://issuer.example.test"));
    /// ```
    pub fn url(&self) -> &str {
        &self.shared.addresses.issuer
    }

    /// Returns the URL of the key set: `.well-known/jwks.json` below [`url`](Self::url).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert_eq!(issuer.jwks_url(), "https://issuer.example.test/.well-known/jwks.json");
    /// ```
    pub fn jwks_url(&self) -> &str {
        &self.shared.addresses.jwks_url
    }

    /// Returns the default `aud` of its tokens: the value for `audience` (`AXIOMS_AUDIENCE`).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// assert_eq!(TestIssuer::start().audience(), "https://api.example.test");
    /// ```
    pub fn audience(&self) -> &str {
        &self.shared.defaults.audience
    }

    /// Returns the issuer without its server, for code in that server.
    pub(in crate::testing) fn without_server(shared: &Arc<Shared>) -> Self {
        TestIssuer {
            shared: Arc::clone(shared),
            line: Mutex::new(Line::Offline),
        }
    }

    /// Returns the current key set, a JWK set of public keys (RFC 7517 §5). Faults do not change
    /// it.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// assert!(issuer.jwks().starts_with(r#"{"keys":[{"#));
    /// ```
    pub fn jwks(&self) -> String {
        self.shared.keyring().set().to_string()
    }

    /// Returns the metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2). Faults do not change
    /// it.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::offline("https://issuer.example.test");
    /// assert!(issuer.metadata().contains(r#""issuer":"https://issuer.example.test""#));
    /// ```
    pub fn metadata(&self) -> String {
        self.shared.addresses.metadata().to_string()
    }

    /// Returns the `kid` of the key that signs with `alg` now. Generates the key if there is none.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// assert!(issuer.jwks().contains(&issuer.kid(Alg::Es256)));
    /// ```
    pub fn kid(&self, alg: Alg) -> String {
        self.shared.signing_key(alg).kid().to_owned()
    }

    /// Returns a builder of a valid token for [`audience`](Self::audience).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().subject("alice").scope("openid").sign();
    /// # assert_eq!(token.split('.').count(), 3);
    /// ```
    pub fn token(&self) -> TokenBuilder<'_> {
        TokenBuilder::new(self)
    }

    /// Signs any header and payload, byte by byte as given: for tokens with duplicate members,
    /// wrong types, or no JSON at all. `alg` selects the key and the computation; it is not written
    /// into the header.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, issuer.kid(Alg::Es256));
    /// let token = issuer.sign_raw(&header, r#"{"sub":"alice","sub":"bob"}"#, Alg::Es256);
    /// # assert_eq!(token.split('.').count(), 3);
    /// ```
    pub fn sign_raw(
        &self,
        header: impl AsRef<[u8]>,
        payload: impl AsRef<[u8]>,
        alg: Alg,
    ) -> String {
        let mut token = format!("{}.{}", encode(header), encode(payload));
        let signature = self.shared.signing_key(alg).sign(alg, token.as_bytes());
        token.push('.');
        token.push_str(&encode(signature));
        token
    }

    pub(in crate::testing) fn line(&self) -> MutexGuard<'_, Line> {
        lock(&self.line)
    }

    pub(in crate::testing) fn assert_online(&self) {
        assert!(
            !matches!(*self.line(), Line::Offline),
            "an offline issuer has no server"
        );
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer")
            .field("url", &self.url())
            .field("audience", &self.audience())
            .finish_non_exhaustive()
    }
}
