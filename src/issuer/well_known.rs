//! The well-known URLs of an issuer. Any number of slashes at its end counts as one.

use url::Url;

/// `<issuer>/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §4).
pub(crate) fn openid_configuration(issuer: &Url) -> Url {
    below(issuer, "/.well-known/openid-configuration")
}

/// `/.well-known/oauth-authorization-server` between host and path (RFC 8414 §3.1).
pub(super) fn authorization_server(issuer: &Url) -> Url {
    let path = format!(
        "/.well-known/oauth-authorization-server{}",
        trimmed_path(issuer)
    );
    at(issuer, &path)
}

/// `<issuer>/.well-known/jwks.json`: a convention, no standard.
pub(super) fn jwks(issuer: &Url) -> Url {
    below(issuer, "/.well-known/jwks.json")
}

fn below(issuer: &Url, suffix: &str) -> Url {
    at(issuer, &format!("{}{suffix}", trimmed_path(issuer)))
}

fn trimmed_path(issuer: &Url) -> &str {
    issuer.path().trim_end_matches('/')
}

fn at(issuer: &Url, path: &str) -> Url {
    let mut url = issuer.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(issuer: &str) -> [String; 3] {
        let issuer = Url::parse(issuer).unwrap();
        [
            openid_configuration(&issuer),
            authorization_server(&issuer),
            jwks(&issuer),
        ]
        .map(String::from)
    }

    #[test]
    fn an_issuer_without_a_path() {
        let expected = [
            "https://a.example:8443/.well-known/openid-configuration",
            "https://a.example:8443/.well-known/oauth-authorization-server",
            "https://a.example:8443/.well-known/jwks.json",
        ];
        assert_eq!(places("https://a.example:8443"), expected);
        assert_eq!(places("https://a.example:8443/"), expected);
        assert_eq!(places("https://a.example:8443//"), expected);
    }

    #[test]
    fn an_issuer_with_a_path() {
        let expected = [
            "https://a.example/realms/b%20c/.well-known/openid-configuration",
            "https://a.example/.well-known/oauth-authorization-server/realms/b%20c",
            "https://a.example/realms/b%20c/.well-known/jwks.json",
        ];
        assert_eq!(places("https://a.example/realms/b%20c"), expected);
        assert_eq!(places("https://a.example/realms/b%20c/"), expected);
        assert_eq!(places("https://a.example/realms/b%20c/?q=1#f"), expected);
    }
}
