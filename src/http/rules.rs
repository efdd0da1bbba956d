//! The rules for URLs and redirects: pure decisions.

use url::Url;

use crate::base::loopback::is_loopback;

/// Redirects that are followed in one fetch.
const MAX_REDIRECTS: usize = 3;

/// Reason for which a URL is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlRefusal {
    #[error("plain http to a host that is not loopback (`allow_http` is off)")]
    PlainHttp,
    #[error("neither https nor http")]
    Scheme,
    #[error("it holds user information")]
    UserInformation,
}

/// Reason for which a redirect is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedirectRefusal {
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooMany,
    #[error("a redirect from https to http")]
    Downgrade,
    #[error("a redirect, and `jwks_bearer_file` is not sent elsewhere")]
    WithToken,
    #[error("a redirect to a URL that is not allowed: {0}")]
    Target(UrlRefusal),
}

/// Allows https always, and plain http for loopback hosts, or for all with `allow_http`.
pub(crate) fn check_url(url: &Url, allow_http: bool) -> Result<(), UrlRefusal> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_http || is_loopback(url) => Ok(()),
        "http" => Err(UrlRefusal::PlainHttp),
        _ => Err(UrlRefusal::Scheme),
    }
}

/// Allows a redirect. `previous` are the URLs fetched so far, the first one included.
pub(super) fn check_redirect(
    previous: &[Url],
    next: &Url,
    allow_http: bool,
) -> Result<(), RedirectRefusal> {
    if previous.len() > MAX_REDIRECTS {
        return Err(RedirectRefusal::TooMany);
    }
    // Not even with `allow_http`, which is about the hosts that the operator named.
    if next.scheme() == "http" && previous.iter().any(|url| url.scheme() == "https") {
        return Err(RedirectRefusal::Downgrade);
    }
    check_url(next, allow_http).map_err(RedirectRefusal::Target)
}
