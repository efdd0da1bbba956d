//! A token to be: its header, and how it is signed or not.

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

/// A token to be; made by [`TestIssuer::token`].
///
/// Unless told otherwise it is a good one: `iss` and `aud` are the issuer's, `sub` is `user-1`, `iat` is now, `exp` is
/// in one hour, `jti` is random (or [seeded](super::TestIssuerBuilder::seed)); the header has `typ` `at+jwt` (RFC 9068 §2.1), and `alg` and `kid` of the key that
/// signs, which is ES256. Of calls that set the same claim or header member the last one counts.
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
#[must_use = "there is no token before `sign`"]
pub struct TokenBuilder<'a> {
    pub(in crate::testing) issuer: &'a TestIssuer,
    pub(in crate::testing) now: Duration,
    pub(in crate::testing) claims: Map<String, Value>,
    /// What the test says of the header, in its order; `None` takes the member out.
    header: Vec<(String, Option<Value>)>,
    pub(in crate::testing) alg: Alg,
    seal: Seal<'a>,
    tampered: bool,
}

/// What stands in the third part.
#[derive(Debug, Clone, Copy)]
enum Seal<'a> {
    Signature,
    Foreign(&'a TestIssuer),
    Nothing,
    PublicKeyAsSecret,
}

impl<'a> TokenBuilder<'a> {
    pub(in crate::testing) fn new(issuer: &'a TestIssuer) -> Self {
        let now = issuer.clock.now();
        let Value::Object(claims) = json!({
            "iss": issuer.url(),
            "aud": issuer.audience(),
            "sub": "user-1",
            "iat": now.as_secs(),
            "exp": (now + HOUR).as_secs(),
            "jti": format!("{:032x}", issuer.shared.seed.next_id()),
        }) else {
            unreachable!("an object is written above")
        };
        Self {
            issuer,
            now,
            claims,
            header: Vec::new(),
            alg: issuer.algorithm,
            seal: Seal::Signature,
            tampered: false,
        }
    }
}

/// The header.
impl TokenBuilder<'_> {
    /// `typ`. Default: `at+jwt`.
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.header("typ", typ.into())
    }

    /// `kid`, and that alone: the key stays the same. Default: the `kid` of the key.
    pub fn kid(self, kid: impl Into<String>) -> Self {
        self.header("kid", kid.into())
    }

    /// Any member of the header, of any JSON type. `alg` here is a name and no more: the signature stays that of
    /// [`algorithm`](Self::algorithm).
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

    /// Leaves that member of the header out.
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

/// The signature.
impl<'a> TokenBuilder<'a> {
    /// The algorithm. Default: ES256, or the first of
    /// [`algorithms`](super::TestIssuerBuilder::algorithms).
    ///
    /// The first token of a kind of key makes that key and publishes it: an application that has read the key set
    /// already must read it again.
    pub fn algorithm(mut self, alg: Alg) -> Self {
        self.alg = alg;
        self
    }

    /// Changes the payload after it was signed: a claim `tampered` is added, so the token is well formed and only its
    /// signature is wrong.
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

    /// Signs with the key of `other`, under the `kid` of this issuer's own.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let (issuer, forger) = (TestIssuer::start(), TestIssuer::start());
    /// let token = issuer.token().signed_by(&forger).sign();
    /// ```
    pub fn signed_by(mut self, other: &'a TestIssuer) -> Self {
        self.seal = Seal::Foreign(other);
        self
    }

    /// No signature: `alg` is `none` and the third part is empty (RFC 7515 §A.5).
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start();
    /// assert!(issuer.token().unsecured().sign().ends_with('.'));
    /// ```
    pub fn unsecured(mut self) -> Self {
        self.seal = Seal::Nothing;
        self
    }

    /// `alg` is `HS256`, and the secret is the public key of [`algorithm`](Self::algorithm) as a PEM file: good for
    /// whoever lets the token choose what its key is for (RFC 8725 §2.1).
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let token = issuer.token().algorithm(Alg::Es256).hmac_confused().sign();
    /// ```
    pub fn hmac_confused(mut self) -> Self {
        self.seal = Seal::PublicKeyAsSecret;
        self
    }

    /// The token, in compact form (RFC 7515 §7.1). May be called again: after a rotation with the new key.
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
        let alg = match self.seal {
            Seal::Signature | Seal::Foreign(_) => self.alg.name(),
            Seal::Nothing => "none",
            Seal::PublicKeyAsSecret => "HS256",
        };
        let header = encode(json!(self.members(alg, own.kid())).to_string());
        let message = format!("{header}.{}", payload(&self.claims));
        let seal = match self.seal {
            Seal::Signature => own.sign(self.alg, message.as_bytes()),
            Seal::Foreign(other) => other
                .shared
                .signing_key(self.alg)
                .sign(self.alg, message.as_bytes()),
            Seal::Nothing => Vec::new(),
            Seal::PublicKeyAsSecret => {
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
        format!("{message}.{}", encode(seal))
    }

    /// Header and claims of the token, signed by the issuer, as the text that would be encoded.
    pub(in crate::testing) fn written(&self) -> [String; 2] {
        let own = self.issuer.shared.signing_key(self.alg);
        [
            json!(self.members(self.alg.name(), own.kid())).to_string(),
            json!(self.claims).to_string(),
        ]
    }

    fn members(&self, alg: &str, kid: &str) -> Map<String, Value> {
        let usual = [("alg", alg), ("kid", kid), ("typ", "at+jwt")];
        let mut members: Map<_, _> = usual
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
