//! Signed answers (RFC 9701).

use std::time::Duration;

use tokio::time::Instant;

use super::answer::SIGNED;
use super::failure::Failure;
use crate::claims::{ClaimSelector, Registered};
use crate::jose::{Algorithm, Compact, DecodeBuffers, Header, Member};
use crate::json::{LazyMembers, Value};
use crate::verify::Issuer;
use crate::verify::jwt::{Unconfirmed, check_signature, kid, numeric_date};

/// How old an answer may be, besides the leeway.
const MAX_AGE: Duration = Duration::from_secs(60);

/// Waits for keys: for a first key set, then for a newer one.
const MAX_WAITS: usize = 2;

/// The expected values of a signed answer.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) client_id: &'a str,
    pub(super) leeway: Duration,
    pub(super) now: Duration,
}

impl Expected<'_> {
    /// Returns the JSON in `token_introspection`, if a key of the issuer confirms it and it is an
    /// answer to this API.
    ///
    /// It waits for keys that must be fetched first, as a token does.
    pub(super) async fn open(&self, media_type: &str, body: &[u8]) -> Result<String, Failure> {
        if media_type != SIGNED {
            return Err(Failure::Signed("not signed (RFC 9701)"));
        }
        let text = std::str::from_utf8(body).map_err(|_| Failure::Signed("not a JWT"))?;
        let text = text.trim_ascii();
        let started = Instant::now();
        let keyring = &self.issuer.keyring;
        for wait in 0..=MAX_WAITS {
            let (wanted, refusal) = {
                let mut buffers = DecodeBuffers::new();
                let token = Compact::parse(text, &mut buffers)
                    .map_err(|_| Failure::Signed("not a signed JWT, or encrypted"))?;
                let (header, algorithm) = self.header(&token)?;
                let kid = kid(&header).map_err(|_| Failure::Signed("signed with a bad `kid`"))?;
                match keyring.snapshot(self.now) {
                    None => (None, "signed, and there are no keys"),
                    Some(keys) => {
                        let refusal = "not signed by a key of the issuer";
                        let iss = self.issuer.iss.as_deref();
                        let set = keys.keys();
                        match check_signature(set, &token, &header, kid, algorithm, iss) {
                            Ok(()) => return self.payload(&token.payload),
                            Err(Unconfirmed::Finally(_)) => return Err(Failure::Signed(refusal)),
                            Err(Unconfirmed::SoFar(_)) => {}
                        }
                        match keyring.wanted(&keys, kid, algorithm, self.now) {
                            Some(wanted) => (Some(wanted), refusal),
                            None => return Err(Failure::Signed(refusal)),
                        }
                    }
                }
            };
            let came = match &wanted {
                _ if wait == MAX_WAITS => false,
                None => keyring.wait_for_keys(self.now).await.is_ok(),
                Some(wanted) => keyring.wait_for_key(wanted, started).await,
            };
            if !came {
                return Err(Failure::Signed(refusal));
            }
        }
        Err(Failure::Signed("not signed by a key of the issuer"))
    }

    /// Reads the header: `typ` tells the answer from an access token (RFC 9701 §8.1).
    fn header<'t>(&self, token: &'t Compact<'_>) -> Result<(Header<'t>, Algorithm), Failure> {
        let header = Header::parse(&token.header)
            .map_err(|_| Failure::Signed("signed with a header that is no strict JSON object"))?;
        let is_answer = match &header.typ {
            Member::Text(typ) => {
                let typ = typ.to_ascii_lowercase();
                typ.strip_prefix("application/").unwrap_or(&typ) == "token-introspection+jwt"
            }
            Member::Absent | Member::Other => false,
        };
        if !is_answer || header.extended {
            return Err(Failure::Signed(
                "a JWT whose typ is not token-introspection+jwt",
            ));
        }
        let algorithm = match &header.alg {
            Member::Text(name) => Algorithm::parse(name),
            Member::Absent | Member::Other => None,
        };
        match algorithm.filter(|algorithm| self.issuer.algorithms.contains(*algorithm)) {
            Some(algorithm) => Ok((header, algorithm)),
            None => Err(Failure::Signed(
                "signed with an algorithm that is not allowed",
            )),
        }
    }

    /// Checks the claims of a confirmed answer (RFC 9701 §5).
    fn payload(&self, payload: &str) -> Result<String, Failure> {
        let selector = ClaimSelector::new([]);
        let not_strict = |_| Failure::Signed("signed claims that are no strict JSON object");
        let claims = selector.select(payload).map_err(not_strict)?;
        let iss = claims.registered(Registered::Iss).and_then(Value::string);
        if iss.is_none() || iss.as_deref() != self.issuer.iss.as_deref() {
            return Err(Failure::Signed("signed with another `iss`"));
        }
        let is_ours = |text: &str| text == self.client_id;
        let for_us = match claims.registered(Registered::Aud) {
            Some(Value::String(aud)) => is_ours(&aud.read()),
            Some(Value::Array(list)) => {
                let mut ours = false;
                list.each_string(|aud| ours |= is_ours(&aud)) && ours
            }
            _ => false,
        };
        if !for_us {
            return Err(Failure::Signed("signed for another client (`aud`)"));
        }
        let iat = numeric_date(claims.registered(Registered::Iat));
        let is_fresh = iat.ok().flatten().is_some_and(|iat| {
            iat <= self.now + self.leeway && self.now <= iat + MAX_AGE + self.leeway
        });
        if !is_fresh {
            return Err(Failure::Signed("signed at another time (`iat`)"));
        }
        let members = LazyMembers::parse(payload.as_bytes()).map_err(|_| Failure::NotJson)?;
        match members.value("token_introspection") {
            Ok(Some(Value::Object(answer))) => Ok(answer.as_str().to_owned()),
            _ => Err(Failure::Signed("signed without `token_introspection`")),
        }
    }
}
