//! The token with which an issuer's documents are fetched: `jwks_bearer_file`.

use std::time::Duration;

use reqwest::header::HeaderValue;
use url::{Origin, Url};

use super::error::FetchError;
use crate::base::file::{SmallFile, shown};
use crate::base::loopback::is_loopback;
use crate::config::BearerSettings;

/// A token in a file that others replace, for one origin (RFC 6454 §4).
pub(super) struct BearerFile {
    file: SmallFile,
    origin: Origin,
}

impl BearerFile {
    pub(super) fn new(settings: &BearerSettings) -> Self {
        Self {
            file: SmallFile::new(&settings.file, BearerSettings::MAX_FILE),
            origin: settings.sent_to.origin(),
        }
    }

    /// Returns true if the token may be sent to `url`: of the same origin, over https or to
    /// loopback.
    pub(super) fn is_for(&self, url: &Url) -> bool {
        url.origin() == self.origin && (url.scheme() == "https" || is_loopback(url))
    }

    /// Reads the token and returns the value of `Authorization` (RFC 6750 §2.1), which does not
    /// print.
    pub(super) async fn header(&self, timeout: Duration) -> Result<HeaderValue, FetchError> {
        let error = |reason: String| FetchError::Bearer {
            path: shown(self.file.path()),
            reason,
        };
        let content = self.file.read(timeout).await;
        let content = content.map_err(|cause| error(cause.to_string()))?;
        let value = [
            b"Bearer ",
            token(&content).ok_or_else(|| error(NO_TOKEN.to_owned()))?,
        ]
        .concat();
        let mut value = HeaderValue::from_bytes(&value).map_err(|_| error(NO_TOKEN.to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

const NO_TOKEN: &str = "it holds no token (RFC 6750 §2.1)";

/// Returns the one token of a file, blanks and line breaks around it removed.
fn token(content: &[u8]) -> Option<&[u8]> {
    let token = content.trim_ascii();
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    (!token.is_empty() && token.iter().all(is_allowed)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_file_holds_one_token() {
        assert_eq!(token(b"a.b-c_d~e+f/g==\n"), Some(&b"a.b-c_d~e+f/g=="[..]));
        assert_eq!(token(b" \r\na\t\n"), Some(&b"a"[..]));
        for content in [
            &b""[..],
            b"\n",
            b"a b",
            b"a\nb",
            b"a\0",
            b"\xef\xbb\xbfa",
            b"Bearer a",
        ] {
            assert_eq!(token(content), None, "{content:?}");
        }
    }
}
