//! The documents of an issuer and their URLs.

use serde_json::{Value, json};

use crate::testing::issuer::keys::Alg;

/// The URLs of an issuer's documents, derived from its own URL.
#[derive(Debug, Clone)]
pub(in crate::testing) struct Addresses {
    /// The exact `iss`.
    pub(in crate::testing) issuer: String,
    pub(in crate::testing) jwks_url: String,
    authorize_url: String,
    token_url: String,
    pub(in crate::testing) authorize_path: String,
    pub(in crate::testing) token_path: String,
    pub(in crate::testing) introspection_url: String,
    pub(in crate::testing) introspection_path: String,
    openid_path: String,
    oauth_path: String,
    jwks_path: String,
}

/// One of the published documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::testing) enum Document {
    /// OpenID Connect Discovery 1.0 §4.
    OpenId,
    /// RFC 8414 §3.
    OAuth,
    /// RFC 7517 §5.
    KeySet,
    /// An answer of RFC 7662 §2.2.
    Introspection,
}

impl Addresses {
    /// Derives the URLs from `origin` (no trailing slash) and `path` (empty, or with a leading
    /// slash).
    pub(in crate::testing) fn new(origin: &str, path: &str) -> Self {
        let base = path.strip_suffix('/').unwrap_or(path);
        Self {
            authorize_url: format!("{origin}{base}/authorize"),
            token_url: format!("{origin}{base}/token"),
            authorize_path: format!("{base}/authorize"),
            token_path: format!("{base}/token"),
            introspection_url: format!("{origin}{base}/introspect"),
            introspection_path: format!("{base}/introspect"),
            issuer: format!("{origin}{path}"),
            jwks_url: format!("{origin}{base}/.well-known/jwks.json"),
            openid_path: format!("{base}/.well-known/openid-configuration"),
            oauth_path: format!("/.well-known/oauth-authorization-server{base}"),
            jwks_path: format!("{base}/.well-known/jwks.json"),
        }
    }

    pub(in crate::testing) fn document(&self, path: &str) -> Option<Document> {
        match path {
            path if path == self.openid_path => Some(Document::OpenId),
            path if path == self.oauth_path => Some(Document::OAuth),
            path if path == self.jwks_path => Some(Document::KeySet),
            _ => None,
        }
    }

    /// Returns the metadata; both URLs serve the same.
    pub(in crate::testing) fn metadata(&self) -> Value {
        let algorithms: Vec<_> = Alg::ALL.iter().map(|alg| alg.name()).collect();
        json!({
            "issuer": self.issuer,
            "jwks_uri": self.jwks_url,
            "authorization_endpoint": self.authorize_url,
            "token_endpoint": self.token_url,
            "introspection_endpoint": self.introspection_url,
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": true,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": algorithms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Addresses, Document};

    #[test]
    fn an_issuer_with_a_path_has_its_documents_at_the_specified_paths() {
        for path in ["/realms/x", "/realms/x/"] {
            let addresses = Addresses::new("http://127.0.0.1:9", path);
            assert_eq!(addresses.issuer, format!("http://127.0.0.1:9{path}"));
            assert_eq!(
                addresses.jwks_url,
                "http://127.0.0.1:9/realms/x/.well-known/jwks.json"
            );
            assert_eq!(
                addresses.document("/realms/x/.well-known/openid-configuration"),
                Some(Document::OpenId)
            );
            assert_eq!(
                addresses.document("/.well-known/oauth-authorization-server/realms/x"),
                Some(Document::OAuth)
            );
            assert_eq!(
                addresses.document("/realms/x/.well-known/jwks.json"),
                Some(Document::KeySet)
            );
            assert_eq!(addresses.document("/.well-known/jwks.json"), None);
        }
    }

    #[test]
    fn an_issuer_with_only_a_slash_has_its_documents_at_the_root() {
        let addresses = Addresses::new("http://127.0.0.1:9", "/");
        assert_eq!(addresses.issuer, "http://127.0.0.1:9/");
        assert_eq!(
            addresses.jwks_url,
            "http://127.0.0.1:9/.well-known/jwks.json"
        );
        assert_eq!(
            addresses.document("/.well-known/oauth-authorization-server"),
            Some(Document::OAuth)
        );
    }
}
