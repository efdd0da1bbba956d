//! The name of a header in which a proxy hands on tokens.

/// Headers with another meaning: credentials of their own, the connection's (RFC 9110 §7.6.1), and
/// those of the message itself.
const TAKEN: &[&str] = &[
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "cookie2",
    "dpop",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// Returns the name in lower case, since names have no case (RFC 9110 §5.1).
pub(super) fn check(name: &str) -> Result<String, String> {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_tchar) {
        return Err("is not the name of a header (RFC 9110 §5.1)".to_owned());
    }
    let lower = name.to_ascii_lowercase();
    if lower == "authorization" {
        return Err(
            "is where tokens are read without this setting; leave it out for Authorization"
                .to_owned(),
        );
    }
    // Browsers let pages choose a part of some `Sec-` headers.
    if TAKEN.contains(&lower.as_str()) || lower.starts_with("sec-") {
        return Err(format!(
            "`{lower}` has another meaning; no proxy hands on tokens in it"
        ));
    }
    Ok(lower)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_have_no_case() {
        for name in ["Cf-Access-Jwt-Assertion", "x-goog-iap-jwt-assertion", "x_y"] {
            assert_eq!(check(name), Ok(name.to_ascii_lowercase()));
        }
    }

    #[test]
    fn what_is_no_name_or_has_a_meaning_is_refused() {
        for name in ["", " ", "a b", "a:", "a\r\nb", "ä", "x-token:", "\"x\""] {
            let fault = check(name).unwrap_err();
            assert!(
                fault.contains("is not the name of a header"),
                "{name:?}: {fault}"
            );
        }
        for name in [
            "Cookie",
            "TE",
            "Host",
            "DPoP",
            "Sec-WebSocket-Protocol",
            "Connection",
        ] {
            let fault = check(name).unwrap_err();
            assert!(fault.contains("has another meaning"), "{name:?}: {fault}");
        }
        assert!(check("Authorization").unwrap_err().contains("leave it out"));
    }
}
