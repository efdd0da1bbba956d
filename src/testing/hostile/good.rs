//! The good token that every bad one is made from.

use std::cell::OnceCell;
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use crate::testing::issuer::TestIssuer;
use crate::testing::issuer::keys::{Alg, KeyKind, encode};
use crate::testing::token::TokenBuilder;

pub(super) struct Good<'a>(TokenBuilder<'a>, OnceCell<TestIssuer>);

impl<'a> Good<'a> {
    pub(super) fn new(token: TokenBuilder<'a>) -> Self {
        Self(token, OnceCell::new())
    }

    /// The token but for `change`.
    pub(super) fn but(&self, change: impl FnOnce(TokenBuilder<'a>) -> TokenBuilder<'a>) -> String {
        change(self.0.clone()).sign()
    }

    pub(super) fn claim(&self, name: &str, value: impl Into<Value>) -> String {
        self.but(|token| token.claim(name, value))
    }

    pub(super) fn header(&self, name: &str, value: impl Into<Value>) -> String {
        self.but(|token| token.header(name, value))
    }

    /// As it is.
    pub(super) fn text(&self) -> String {
        self.0.sign()
    }

    pub(super) fn parts(&self) -> [String; 3] {
        let text = self.text();
        let mut parts = text.split('.').map(str::to_owned);
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    }

    /// With a signature that the issuer made, over something else: `message` of the two encoded parts.
    pub(super) fn signed_over(&self, message: impl FnOnce(&str, &str) -> Vec<u8>) -> String {
        let [header, payload, _] = self.parts();
        let key = self.0.issuer.shared.signing_key(self.0.alg);
        let signature = key.sign(self.0.alg, &message(&header, &payload));
        format!("{header}.{payload}.{}", encode(signature))
    }

    /// With the signature as it is behind a payload or a header that changed after it was signed.
    pub(super) fn reworded(
        &self,
        header: impl FnOnce(String) -> String,
        payload: impl FnOnce(String) -> String,
    ) -> String {
        let [old_header, old_payload] = self.0.written();
        let seal = &self.parts()[2];
        format!(
            "{}.{}.{seal}",
            encode(header(old_header)),
            encode(payload(old_payload))
        )
    }

    /// HS256 with this secret, which the header calls the issuer's key.
    pub(super) fn hmac(&self, secret: impl FnOnce(&Self) -> Vec<u8>) -> String {
        let text = self.header("alg", "HS256");
        let message = text.rsplit_once('.').map_or("", |(message, _)| message);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret(self));
        format!(
            "{message}.{}",
            encode(hmac::sign(&secret, message.as_bytes()))
        )
    }

    /// The issuer's key set.
    pub(super) fn jwks(&self) -> String {
        self.0.issuer.jwks()
    }

    /// With another text in the place of the signature.
    pub(super) fn sealed_with(&self, signature: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
        use base64::Engine as _;
        let [header, payload, seal] = self.parts();
        let octets = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(seal)
            .expect("a token that was just made");
        format!("{header}.{payload}.{}", encode(signature(octets)))
    }

    /// Header and payload as JSON text, changed as text, and signed as they then are.
    pub(super) fn written(
        &self,
        header: impl FnOnce(String) -> Vec<u8>,
        payload: impl FnOnce(String) -> Vec<u8>,
    ) -> String {
        let [old_header, old_payload] = self.0.written();
        self.0
            .issuer
            .sign_raw(header(old_header), payload(old_payload), self.0.alg)
    }

    /// With this text before the members of the header.
    pub(super) fn header_begins(&self, text: &str) -> String {
        self.written(|header| begin(&header, text), String::into_bytes)
    }

    /// With this text before the claims.
    pub(super) fn payload_begins(&self, text: &str) -> String {
        self.written(String::into_bytes, |payload| begin(&payload, text))
    }

    pub(super) fn header_is(&self, header: &str) -> String {
        self.written(|_| header.into(), String::into_bytes)
    }

    pub(super) fn payload_is(&self, payload: &str) -> String {
        self.written(String::into_bytes, |_| payload.into())
    }

    /// Signed by a stranger, whose public key as a JWK `header` may use.
    pub(super) fn forged(&self, header: impl FnOnce(&mut Map<String, Value>, Value)) -> String {
        let alg = self.0.alg;
        // One for all: making an RSA key takes its time.
        let forger = self.1.get_or_init(|| {
            TestIssuer::builder()
                .algorithms([alg])
                .offline("https://forger.example.test")
        });
        let set: Value = serde_json::from_str(&forger.jwks()).expect("a set that was just written");
        let [old_header, payload] = self.0.written();
        let Ok(Value::Object(mut members)) = serde_json::from_str(&old_header) else {
            unreachable!("just written")
        };
        header(&mut members, set["keys"][0].clone());
        forger.sign_raw(json!(members).to_string(), payload, alg)
    }

    pub(super) fn now(&self) -> Duration {
        self.0.now
    }

    /// A time from now, in either direction.
    pub(super) fn at(&self, offset: i64) -> i64 {
        self.0.now.as_secs() as i64 + offset
    }

    pub(super) fn iss(&self) -> String {
        self.0.issuer.url().to_owned()
    }

    pub(super) fn aud(&self) -> String {
        self.0.issuer.audience().to_owned()
    }

    pub(super) fn kid(&self) -> String {
        self.0.issuer.kid(self.0.alg)
    }

    /// An algorithm that does not fit the key.
    pub(super) fn another_algorithm(&self) -> &'static str {
        match self.0.alg.kind() {
            KeyKind::Rsa => Alg::Es256.name(),
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519 => Alg::Rs256.name(),
        }
    }
}

fn begin(object: &str, text: &str) -> Vec<u8> {
    object.replacen('{', &format!("{{{text}"), 1).into_bytes()
}
