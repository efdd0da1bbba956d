//! Client authentication at an endpoint of an authorization server (RFC 6749 §2.3).

use std::time::Duration;

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use url::form_urlencoded;

use super::form::Form;
use crate::config::{ClientProof, ClientSettings};

/// The lifetime of an assertion. It is used at once.
const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);

/// The `typ` of assertions: draft-ietf-oauth-rfc7523bis §3.
const ASSERTION_TYP: &str = "client-authentication+jwt";

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// This API as a client of one authorization server.
#[derive(Debug, Clone)]
pub(crate) struct ClientAuthentication(ClientSettings);

/// The assertion of a client cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private key cannot sign")]
pub(crate) struct CannotSign;

impl ClientAuthentication {
    pub(crate) fn new(settings: ClientSettings) -> ClientAuthentication {
        ClientAuthentication(settings)
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Adds the credentials to `form`. `now` is the time of an assertion.
    pub(crate) fn apply(&self, form: &mut Form, now: Duration) -> Result<(), CannotSign> {
        let client_id = self.client_id();
        match &self.0.proof {
            ClientProof::Basic(secret) => {
                // Form-encoded before base64 (RFC 6749 §2.3.1): else a colon in the identifier, or
                // a plus sign in the secret, would be read as another one.
                let [id, secret] = [client_id, secret.expose()].map(form_encoded);
                let pair = STANDARD.encode_to_string(format!("{id}:{secret}"));
                form.authorize(&format!("Basic {pair}"));
            }
            ClientProof::Post(secret) => {
                form.field("client_id", client_id);
                form.field("client_secret", secret.expose());
            }
            ClientProof::PrivateKey {
                key,
                key_id,
                audience,
            } => {
                let claims = json!({
                    "iss": client_id,
                    "sub": client_id,
                    "aud": audience,
                    "iat": now.as_secs(),
                    "exp": (now + ASSERTION_LIFETIME).as_secs(),
                    "jti": random_id(),
                });
                let assertion = key
                    .sign(ASSERTION_TYP, key_id.as_deref(), &claims)
                    .map_err(|_| CannotSign)?;
                form.field("client_id", client_id);
                form.field("client_assertion_type", ASSERTION_TYPE);
                form.field("client_assertion", &assertion);
            }
        }
        Ok(())
    }
}

/// Encodes by the algorithm of `application/x-www-form-urlencoded` (RFC 6749 §B).
fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Returns 128 bits that do not repeat: the server accepts a `jti` once.
fn random_id() -> String {
    URL_SAFE_NO_PAD.encode_to_string(fastrand::u128(..).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::base::redact::Secret;
    use crate::jose::SigningKey;

    const NOW: Duration = Duration::from_secs(1_900_000_000);

    fn applied(client_id: &str, proof: ClientProof) -> (String, Option<String>) {
        let client = ClientAuthentication::new(ClientSettings {
            client_id: client_id.to_owned(),
            proof,
        });
        let mut form = Form::new();
        form.field("token", "a b&c");
        client.apply(&mut form, NOW).unwrap();
        form.parts()
    }

    #[test]
    fn basic_is_form_encoded_before_base64() {
        let (body, header) = applied("a:b c", ClientProof::Basic(Secret::new("p+%&\u{e9}")));
        assert_eq!(body, "token=a+b%26c");
        let decoded = STANDARD.decode_to_vec(header.unwrap().strip_prefix("Basic ").unwrap());
        assert_eq!(
            String::from_utf8(decoded.unwrap()).unwrap(),
            "a%3Ab+c:p%2B%25%26%C3%A9"
        );
    }

    #[test]
    fn post_has_the_credentials_in_the_form() {
        let (body, header) = applied("a:b", ClientProof::Post(Secret::new("p+&")));
        assert_eq!(header, None);
        assert_eq!(body, "token=a+b%26c&client_id=a%3Ab&client_secret=p%2B%26");
    }

    /// RFC 8410 §10.3.
    const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

    #[test]
    fn an_assertion_names_the_issuer_alone_and_is_never_the_same() {
        let proof = || ClientProof::PrivateKey {
            key: Arc::new(SigningKey::from_pem(KEY, None).unwrap()),
            key_id: Some("k1".into()),
            audience: "https://auth.example.com".into(),
        };
        let (body, header) = applied("api", proof());
        assert_eq!(header, None);
        let fields: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "token",
                "client_id",
                "client_assertion_type",
                "client_assertion"
            ]
        );
        assert_eq!(fields[1].1, "api");
        assert_eq!(fields[2].1, ASSERTION_TYPE);
        let read = |part: usize| -> Value {
            let part = fields[3].1.split('.').nth(part).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode_to_vec(part).unwrap()).unwrap()
        };
        assert_eq!(
            read(0),
            json!({ "alg": "EdDSA", "typ": "client-authentication+jwt", "kid": "k1" })
        );
        let mut claims = read(1);
        let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(id.as_str().unwrap().len(), 22);
        assert_eq!(
            claims,
            json!({
                "iss": "api", "sub": "api", "aud": "https://auth.example.com",
                "iat": 1_900_000_000, "exp": 1_900_000_060,
            })
        );
        assert_ne!(applied("api", proof()).0, body);
    }
}
