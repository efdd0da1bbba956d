//! Hosts and URLs: what may be asked for keys.

use url::{Host, Url};

/// Which hosts may be asked over plain `http`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlainHttp {
    /// Those that are this machine.
    Loopback,
    /// `allow_http`.
    Everywhere,
}

/// The host, with its port if there is one, of a `domain`: a scheme and a trailing slash are stripped.
pub(super) fn domain(text: &str) -> Result<&str, &'static str> {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| without_prefix(text, scheme))
        .unwrap_or(text);
    let host = host.strip_suffix('/').unwrap_or(host);
    match host {
        "" => Err("must not be empty"),
        _ if host.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Err("must not hold blanks")
        }
        _ if host.contains('@') => Err("must be a host alone, without user information"),
        _ if host.contains(['/', '\\']) => {
            Err("must be a host alone, without a path; use iss_url for an issuer with one")
        }
        _ if host.contains(['?', '#']) => Err("must be a host alone, without a query"),
        _ => match Url::parse(&format!("https://{host}")) {
            Ok(_) => Ok(host),
            Err(_) => Err("is not a host"),
        },
    }
}

/// A URL from which something may be fetched. The text is never repeated: it may hold a password.
pub(super) fn fetchable(text: &str, plain: PlainHttp) -> Result<Url, &'static str> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("is not a URL: it holds blanks or backslashes");
    }
    let secure = without_prefix(text, "https://").is_some();
    if !secure && without_prefix(text, "http://").is_none() {
        return Err("is not a URL that begins with https://");
    }
    let Ok(url) = Url::parse(text) else {
        return Err("is not a URL");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold user information");
    }
    if url.fragment().is_some() {
        return Err("must not hold a fragment");
    }
    if !secure && plain == PlainHttp::Loopback && !is_loopback(&url) {
        return Err(
            "must begin with https://: plain http is for loopback hosts, and for others only with allow_http",
        );
    }
    Ok(url)
}

/// The host of an issuer that is a URL.
pub(super) fn host(issuer: &str) -> Option<String> {
    fetchable(issuer, PlainHttp::Everywhere)
        .ok()?
        .host_str()
        .map(str::to_owned)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `text` after `prefix`, in whichever case it is written.
fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
