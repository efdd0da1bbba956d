//! What an issuer publishes, and where.

use serde_json::{Value, json};

use super::alg::Alg;

/// Where the documents of an issuer are, as its URL decides.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// The exact `iss`.
    pub(super) issuer: String,
    pub(super) jwks_url: String,
    openid_path: String,
    oauth_path: String,
    jwks_path: String,
}

/// One of the published documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// OpenID Connect Discovery 1.0 §4.
    OpenId,
    /// RFC 8414 §3.
    OAuth,
    /// RFC 7517 §5.
    KeySet,
}

impl Addresses {
    /// The addresses that belong to `origin` (without a slash at its end) and `path` (empty, or with one in front).
    pub(super) fn new(origin: &str, path: &str) -> Self {
        let base = path.strip_suffix('/').unwrap_or(path);
        Self {
            issuer: format!("{origin}{path}"),
            jwks_url: format!("{origin}{base}/.well-known/jwks.json"),
            openid_path: format!("{base}/.well-known/openid-configuration"),
            oauth_path: format!("/.well-known/oauth-authorization-server{base}"),
            jwks_path: format!("{base}/.well-known/jwks.json"),
        }
    }

    pub(super) fn document(&self, path: &str) -> Option<Document> {
        match path {
            path if path == self.openid_path => Some(Document::OpenId),
            path if path == self.oauth_path => Some(Document::OAuth),
            path if path == self.jwks_path => Some(Document::KeySet),
            _ => None,
        }
    }

    /// The metadata, which are the same in both places. They name the endpoints that the specifications require; this
    /// issuer answers 404 there.
    pub(super) fn metadata(&self) -> Value {
        let base = self.issuer.strip_suffix('/').unwrap_or(&self.issuer);
        json!({
            "issuer": self.issuer,
            "jwks_uri": self.jwks_url,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": Alg::ALL.map(Alg::name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Addresses, Document};

    #[test]
    fn an_issuer_with_a_path_is_described_where_each_specification_says() {
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
    fn an_issuer_with_nothing_but_a_slash_has_its_documents_at_the_root() {
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
