//! The issuer that a test holds.

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
use crate::base::clock::Clock;

/// **For tests and development only**: an authorization server as a resource server sees it, with keys, metadata and a
/// key set on loopback, which signs every token it is asked for.
///
/// It runs in a thread of its own, so `start` is an ordinary function: call it from `#[test]`, from async code, or in
/// a `static`. When the value is dropped the server is gone. Several can run side by side. It has an ES256 key when it
/// starts; others are made when they are first asked for.
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
    pub(in crate::testing) audience: String,
    pub(in crate::testing) algorithm: Alg,
    pub(in crate::testing) clock: Clock,
}

impl TestIssuer {
    /// Starts an issuer at `http://127.0.0.1:<a free port>`.
    ///
    /// # Panics
    ///
    /// When the system has no port, thread or socket left.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// An issuer with a path, an audience, a clock or keys of its own.
    pub fn builder() -> TestIssuerBuilder {
        TestIssuerBuilder::new()
    }

    /// An issuer of exactly this `iss` and without any socket: give its keys to the application by hand, with
    /// `AxiomsFairing::with_keys(issuer.jwks())`.
    ///
    /// The keys are those it has at that moment: name the algorithms that the test needs to
    /// [`algorithms`](TestIssuerBuilder::algorithms) if ES256 is not enough.
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

    /// The exact `iss` of its tokens: the value for `iss_url` (`AXIOMS_ISS_URL`).
    pub fn url(&self) -> &str {
        &self.shared.addresses.issuer
    }

    /// Where the key set is: `.well-known/jwks.json` below [`url`](Self::url).
    pub fn jwks_url(&self) -> &str {
        &self.shared.addresses.jwks_url
    }

    /// The `aud` of tokens that do not choose their own: the value for `audience` (`AXIOMS_AUDIENCE`).
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The key set as it is published now, whatever faults are in force: a JWK set of public keys (RFC 7517 §5).
    pub fn jwks(&self) -> String {
        self.shared.keyring().set().to_string()
    }

    /// The metadata as they are published, whatever faults are in force: OpenID Connect Discovery 1.0 §3, RFC 8414 §2.
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

    /// The `kid` of the key that signs with `alg` now.
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

    /// A token to be: a good one for [`audience`](Self::audience), unless it is told otherwise.
    pub fn token(&self) -> TokenBuilder<'_> {
        TokenBuilder::new(self)
    }

    /// Signs any header and any payload, octet by octet as they are given: for tokens that no serializer would write,
    /// with members twice, wrong types, or no JSON at all. `alg` chooses the key and the computation and is written
    /// nowhere.
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
            "an offline issuer has no server that could fail"
        );
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer")
            .field("url", &self.url())
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
