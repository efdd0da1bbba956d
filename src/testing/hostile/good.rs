//! The valid token that every bad one is made from.

use std::cell::OnceCell;
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use crate::jose::KeyType;
use crate::testing::issuer::TestIssuer;
use crate::testing::issuer::keys::{Alg, encode};
use crate::testing::token::TokenBuilder;

pub(super) struct Good<'a>(TokenBuilder<'a>, OnceCell<TestIssuer>);

impl<'a> Good<'a> {
    pub(super) fn new(token: TokenBuilder<'a>) -> Self {
        Self(token, OnceCell::new())
    }

    /// Signs the token after `change`.
    pub(super) fn but(&self, change: impl FnOnce(TokenBuilder<'a>) -> TokenBuilder<'a>) -> String {
        change(self.0.clone()).sign()
    }

    pub(super) fn claim(&self, name: &str, value: impl Into<Value>) -> String {
        self.but(|token| token.claim(name, value))
    }

    pub(super) fn header(&self, name: &str, value: impl Into<Value>) -> String {
        self.but(|token| token.header(name, value))
    }

    /// Signs the token unchanged.
    pub(super) fn text(&self) -> String {
        self.0.sign()
    }

    pub(super) fn parts(&self) -> [String; 3] {
        let text = self.text();
        let mut parts = text.split('.').map(str::to_owned);
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    }

    /// Returns the token with the issuer's signature of other bytes: `message` of header and
    /// payload.
    pub(super) fn signed_over(&self, message: impl FnOnce(&str, &str) -> Vec<u8>) -> String {
        let [header, payload, _] = self.parts();
        let key = self.0.issuer.shared.signing_key(self.0.alg);
        let signature = key.sign(self.0.alg, &message(&header, &payload));
        format!("{header}.{payload}.{}", encode(signature))
    }

    /// Changes header and payload after signing.
    pub(super) fn reworded(
        &self,
        header: impl FnOnce(String) -> String,
        payload: impl FnOnce(String) -> String,
    ) -> String {
        let [old_header, old_payload] = self.0.json_parts();
        let seal = &self.parts()[2];
        format!(
            "{}.{}.{seal}",
            encode(header(old_header)),
            encode(payload(old_payload))
        )
    }

    /// Signs with HS256 and `secret`, under the `kid` of the issuer's key.
    pub(super) fn hmac(&self, secret: impl FnOnce(&Self) -> Vec<u8>) -> String {
        let text = self.header("alg", "HS256");
        let message = text.rsplit_once('.').map_or("", |(message, _)| message);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret(self));
        format!(
            "{message}.{}",
            encode(hmac::sign(&secret, message.as_bytes()))
        )
    }

    /// Returns the issuer's key set.
    pub(super) fn jwks(&self) -> String {
        self.0.issuer.jwks()
    }

    /// Replaces the signature.
    pub(super) fn sealed_with(&self, signature: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
        use base64::Engine as _;
        let [header, payload, seal] = self.parts();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(seal)
            .expect("the signature is base64url");
        format!("{header}.{payload}.{}", encode(signature(bytes)))
    }

    /// Changes header and payload as JSON text, then signs.
    pub(super) fn written<H: AsRef<[u8]>, P: AsRef<[u8]>>(
        &self,
        header: impl FnOnce(String) -> H,
        payload: impl FnOnce(String) -> P,
    ) -> String {
        let [old_header, old_payload] = self.0.json_parts();
        self.0
            .issuer
            .sign_raw(header(old_header), payload(old_payload), self.0.alg)
    }

    /// Changes the header as JSON text, then signs.
    pub(super) fn with_header<T: AsRef<[u8]>>(&self, change: impl FnOnce(String) -> T) -> String {
        self.written(change, |payload| payload)
    }

    /// Changes the payload as JSON text, then signs.
    pub(super) fn with_payload<T: AsRef<[u8]>>(&self, change: impl FnOnce(String) -> T) -> String {
        self.written(|header| header, change)
    }

    /// Inserts `text` before the header members, then signs.
    pub(super) fn header_begins(&self, text: &str) -> String {
        self.with_header(|header| begin(&header, text))
    }

    /// Inserts `text` before the claims, then signs.
    pub(super) fn payload_begins(&self, text: &str) -> String {
        self.with_payload(|payload| begin(&payload, text))
    }

    pub(super) fn header_is(&self, header: &str) -> String {
        self.with_header(|_| header)
    }

    pub(super) fn payload_is(&self, payload: &str) -> String {
        self.with_payload(|_| payload)
    }

    /// Signs with a key of another issuer; `header` gets that public key as a JWK.
    pub(super) fn forged(&self, header: impl FnOnce(&mut Map<String, Value>, Value)) -> String {
        let alg = self.0.alg;
        // One issuer for all cases: generating an RSA key is slow.
        let forger = self.1.get_or_init(|| {
            TestIssuer::builder()
                .algorithms([alg])
                .offline("https://forger.example.test")
        });
        let set: Value = serde_json::from_str(&forger.jwks()).expect("a JWK set is JSON");
        let [old_header, payload] = self.0.json_parts();
        let Ok(Value::Object(mut members)) = serde_json::from_str(&old_header) else {
            unreachable!("the header is an object")
        };
        header(&mut members, set["keys"][0].clone());
        forger.sign_raw(json!(members).to_string(), payload, alg)
    }

    pub(super) fn now(&self) -> Duration {
        self.0.now
    }

    /// Returns the time in `offset` seconds.
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

    /// Returns an algorithm that does not fit the key.
    pub(super) fn another_algorithm(&self) -> &'static str {
        match self.0.alg.kind() {
            KeyType::Rsa => Alg::Es256.name(),
            KeyType::Ec(_) | KeyType::Ed25519 | KeyType::Akp(_) => Alg::Rs256.name(),
        }
    }
}

fn begin(object: &str, text: &str) -> String {
    object.replacen('{', &format!("{{{text}"), 1)
}
