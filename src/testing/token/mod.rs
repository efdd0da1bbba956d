//! A token to be signed: header and signature.

use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

mod claims;
mod shapes;
mod unverified;

pub use self::unverified::{token_with, typed_token_with};

use super::issuer::TestIssuer;
use super::issuer::keys::{Alg, encode};

pub(in crate::testing) const HOUR: Duration = Duration::from_secs(3600);

/// Builds a token; made by [`TestIssuer::token`].
///
/// By default the token is valid: `iss` and `aud` are those of the issuer, `sub` is `user-1`, `iat`
/// is now, `exp` is in one hour, `jti` is random or [seeded](super::TestIssuerBuilder::seed). The
/// header has `typ` `at+jwt` (RFC 9068 §2.1), `alg` ES256 and the `kid` of the key. The last call
/// for a claim or header member wins.
///
/// ```
/// use axioms_rocket::testing::{Alg, TestIssuer};
/// use serde_json::json;
///
/// let issuer = TestIssuer::start();
/// let good = issuer
///     .token()
///     .subject("alice")
///     .scopes(["openid", "profile"])
///     .claim("realm_access", json!({ "roles": ["editor"] }))
///     .algorithm(Alg::EdDsa)
///     .sign();
/// let bad = issuer.token().subject("alice").expired().sign();
/// # assert_ne!(good, bad);
/// ```
#[derive(Debug, Clone)]
#[must_use = "`sign` returns the token"]
pub struct TokenBuilder<'a> {
    pub(in crate::testing) issuer: &'a TestIssuer,
    pub(in crate::testing) now: Duration,
    pub(in crate::testing) claims: Map<String, Value>,
    /// Changes of the header, in order; `None` removes the member.
    header: Vec<(String, Option<Value>)>,
    pub(in crate::testing) alg: Alg,
    signature: Signature<'a>,
    tampered: bool,
}

/// The third part of the token.
#[derive(Debug, Clone, Copy)]
enum Signature<'a> {
    Own,
    Foreign(&'a TestIssuer),
    Nothing,
    PublicKeyAsSecret,
}

impl<'a> TokenBuilder<'a> {
    pub(in crate::testing) fn new(issuer: &'a TestIssuer) -> Self {
        let now = issuer.shared.defaults.clock.now();
        let Value::Object(claims) = json!({
            "iss": issuer.url(),
            "aud": issuer.audience(),
            "sub": "user-1",
            "iat": now.as_secs(),
            "exp": (now + HOUR).as_secs(),
            "jti": format!("{:032x}", issuer.shared.seed.next_id()),
        }) else {
            unreachable!("`json!` got an object")
        };
        Self {
            issuer,
            now,
            claims,
            header: Vec::new(),
            alg: issuer.shared.defaults.algorithm,
            signature: Signature::Own,
            tampered: false,
        }
    }
}

/// Header.
impl TokenBuilder<'_> {
    /// Sets `typ`. Default: `at+jwt`.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().typ("JWT").sign();
    /// ```
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.header("typ", typ.into())
    }

    /// Sets `kid` only; the key stays the same. Default: the `kid` of the key.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().kid("no-such-key").sign();
    /// ```
    pub fn kid(self, kid: impl Into<String>) -> Self {
        self.header("kid", kid.into())
    }

    /// Sets any header member to any JSON value. `alg` set here changes the header only: the
    /// signature is still that of [`algorithm`](Self::algorithm).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().header("crit", json!(["exp"])).sign();
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.push((name.into(), Some(value.into())));
        self
    }

    /// Removes a header member.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().without_header("kid").sign();
    /// ```
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.header.push((name.into(), None));
        self
    }
}

/// Signature.
impl<'a> TokenBuilder<'a> {
    /// Sets the algorithm. Default: ES256, or the first of
    /// [`algorithms`](super::TestIssuerBuilder::algorithms).
    ///
    /// The first token of a key type generates and publishes that key: an application that has read
    /// the key set already must read it again.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().algorithm(Alg::EdDsa).sign();
    /// ```
    pub fn algorithm(mut self, alg: Alg) -> Self {
        self.alg = alg;
        self
    }

    /// Adds a claim `tampered` after signing: the token is well formed, its signature is wrong.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().tampered().sign();
    /// ```
    pub fn tampered(mut self) -> Self {
        self.tampered = true;
        self
    }

    /// Signs with the key of `other` and keeps this issuer's `kid`.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let (issuer, forger) = (TestIssuer::start(), TestIssuer::start());
    /// let token = issuer.token().signed_by(&forger).sign();
    /// ```
    pub fn signed_by(mut self, other: &'a TestIssuer) -> Self {
        self.signature = Signature::Foreign(other);
        self
    }

    /// Leaves the token unsigned: `alg` is `none`, the third part is empty (RFC 7515 §A.5).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// assert!(issuer.token().unsecured().sign().ends_with('.'));
    /// ```
    pub fn unsecured(mut self) -> Self {
        self.signature = Signature::Nothing;
        self
    }

    /// Signs with HS256, the public key of [`algorithm`](Self::algorithm) as PEM being the secret:
    /// the algorithm confusion of RFC 8725 §2.1.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().algorithm(Alg::Es256).hmac_confused().sign();
    /// ```
    pub fn hmac_confused(mut self) -> Self {
        self.signature = Signature::PublicKeyAsSecret;
        self
    }

    /// Signs and returns the token in compact form (RFC 7515 §7.1). A second call signs again,
    /// after a rotation with the new key.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// assert_eq!(issuer.token().sign().split('.').count(), 3);
    /// ```
    #[must_use]
    pub fn sign(&self) -> String {
        let own = self.issuer.shared.signing_key(self.alg);
        let alg = match self.signature {
            Signature::Own | Signature::Foreign(_) => self.alg.name(),
            Signature::Nothing => "none",
            Signature::PublicKeyAsSecret => "HS256",
        };
        let header = encode(json!(self.members(alg, own.kid())).to_string());
        let message = format!("{header}.{}", payload(&self.claims));
        let signature = match self.signature {
            Signature::Own => own.sign(self.alg, message.as_bytes()),
            Signature::Foreign(other) => other
                .shared
                .signing_key(self.alg)
                .sign(self.alg, message.as_bytes()),
            Signature::Nothing => Vec::new(),
            Signature::PublicKeyAsSecret => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, own.pem().as_bytes());
                hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
        };
        let message = match self.tampered {
            false => message,
            true => {
                let mut claims = self.claims.clone();
                claims.insert("tampered".into(), json!(true));
                format!("{header}.{}", payload(&claims))
            }
        };
        format!("{message}.{}", encode(signature))
    }

    /// Returns an opaque token (RFC 7662): a random text, about which the issuer's introspection
    /// endpoint answers with the claims. A second call returns another one. Header and signature of
    /// this builder are ignored.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().subject("alice").opaque();
    /// assert!(!token.contains('.'));
    /// ```
    #[must_use]
    pub fn opaque(&self) -> String {
        let token = format!("opaque_{:032x}", self.issuer.shared.seed.next_id());
        let mut tokens = self.issuer.shared.tokens();
        tokens.insert(token.clone(), self.claims.clone());
        token
    }

    /// Returns header and claims as JSON, before base64url.
    pub(in crate::testing) fn json_parts(&self) -> [String; 2] {
        let own = self.issuer.shared.signing_key(self.alg);
        [
            json!(self.members(self.alg.name(), own.kid())).to_string(),
            json!(self.claims).to_string(),
        ]
    }

    fn members(&self, alg: &str, kid: &str) -> Map<String, Value> {
        let defaults = [("alg", alg), ("kid", kid), ("typ", "at+jwt")];
        let mut members: Map<_, _> = defaults
            .map(|(name, text)| (name.to_owned(), json!(text)))
            .into_iter()
            .collect();
        for (name, value) in &self.header {
            match value {
                Some(value) => members.insert(name.clone(), value.clone()),
                None => members.remove(name),
            };
        }
        members
    }
}

fn payload(claims: &Map<String, Value>) -> String {
    encode(json!(claims).to_string())
}
