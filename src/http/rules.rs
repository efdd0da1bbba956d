//! Which URLs may be asked at all, and which redirects are followed: pure decisions.

use std::fmt;

use url::{Host, Url};

/// Redirects that are followed in one fetch.
const MAX_REDIRECTS: usize = 3;

/// The longest URL that is printed.
const SHOWN: usize = 200;

/// Why a URL is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlRefusal {
    #[error("plain http to a host that is not loopback (`allow_http` is off)")]
    PlainHttp,
    #[error("neither https nor http")]
    Scheme,
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedirectRefusal {
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooMany,
    #[error("a redirect from https to http")]
    Downgrade,
    #[error("a redirect to a URL that is not allowed: {0}")]
    Target(UrlRefusal),
}

/// https always; plain http for loopback hosts, and for others with `allow_http`.
pub(crate) fn check_url(url: &Url, allow_http: bool) -> Result<(), UrlRefusal> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_http || is_loopback(url) => Ok(()),
        "http" => Err(UrlRefusal::PlainHttp),
        _ => Err(UrlRefusal::Scheme),
    }
}

/// `previous` are the URLs asked so far, the first one included.
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

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A URL as it is printed: without user, password, query and fragment, where secrets may be, and not endless.
pub(crate) struct RedactedUrl<'a>(pub(crate) &'a Url);

impl fmt::Display for RedactedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        // These fail for URLs that cannot have them.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        // A URL is ASCII without control characters once it is parsed.
        match url.as_str().get(..SHOWN) {
            Some(start) => write!(f, "{start}…"),
            None => f.write_str(url.as_str()),
        }
    }
}
