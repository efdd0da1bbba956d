//! Hosts and URLs: the addresses that keys may be fetched from.

use std::net::Ipv4Addr;

use url::{Host, Url};

use super::placeholders::placeholder;
use crate::base::loopback::is_loopback;

/// The hosts that may be fetched from over plain `http`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlainHttp {
    /// Loopback hosts.
    Loopback,
    /// All hosts: `allow_http`.
    Everywhere,
}

/// Returns the host, with its port if there is one, of a `domain`: strips a scheme and a trailing
/// slash.
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
            Ok(url) => unusable(host, &url).map_or(Ok(host), Err),
            Err(_) => Err(placeholder(host).unwrap_or("is not a host")),
        },
    }
}

/// Parses a URL that a document is fetched from. The faults never repeat the text: it may hold a
/// password.
pub(super) fn fetchable(text: &str, plain: PlainHttp) -> Result<Url, &'static str> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("is not a URL: it holds blanks or backslashes");
    }
    let secure = without_prefix(text, "https://").is_some();
    if !secure && without_prefix(text, "http://").is_none() {
        return Err("is not a URL that begins with https://");
    }
    let Ok(url) = Url::parse(text) else {
        return Err(placeholder(text).unwrap_or("is not a URL"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold user information");
    }
    if url.fragment().is_some() {
        return Err("must not hold a fragment");
    }
    if let Some(fault) = unusable(text, &url) {
        return Err(fault);
    }
    if !secure && plain == PlainHttp::Loopback && !is_loopback(&url) {
        return Err(
            "must begin with https://: plain http is for loopback hosts, and for others only with \
             allow_http",
        );
    }
    Ok(url)
}

/// The longest `iss` that an `IssuerSource` is asked about, in bytes.
const MAX_ISSUER: usize = 512;

/// Checks that `iss` is a URL in its plain form, which an `IssuerSource` may know: `https` or
/// loopback, ASCII, without query, user information, dot segments and upper case in its host.
pub(crate) fn is_plausible_issuer(iss: &str, allow_http: bool) -> bool {
    let plain = if allow_http {
        PlainHttp::Everywhere
    } else {
        PlainHttp::Loopback
    };
    if iss.len() > MAX_ISSUER || !iss.is_ascii() || !iss.starts_with("http") {
        return false;
    }
    let Ok(url) = fetchable(iss, plain) else {
        return false;
    };
    let (host, path) = split(iss);
    let is_same = url.path() == path || (path.is_empty() && url.path() == "/");
    is_same && url.query().is_none() && url.host_str() == Some(host) && !host.ends_with('.')
}

/// Returns the host of an issuer that is a URL.
pub(super) fn host(issuer: &str) -> Option<String> {
    fetchable(issuer, PlainHttp::Everywhere)
        .ok()?
        .host_str()
        .map(str::to_owned)
}

/// Returns why no request can be made to `url`, which was parsed from `text`.
fn unusable(text: &str, url: &Url) -> Option<&'static str> {
    let host_fault = match url.host() {
        _ if split(text).0.is_empty() => Some("has no host after `//`"),
        Some(Host::Domain(name)) => host_fault(name),
        Some(Host::Ipv4(address)) => address_fault(address),
        Some(Host::Ipv6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address_fault(address),
            None => address.is_multicast().then_some(NO_UNICAST),
        },
        None => Some("is not a URL"),
    };
    let no_port = (url.port() == Some(0)).then_some("has port 0, to which no request can be made");
    placeholder(text)
        .or(host_fault)
        .or_else(|| changed_host(text, url))
        .or(no_port)
}

const NO_UNICAST: &str = "has an address to which no request can be made (multicast or reserved)";

/// Addresses from 224.0.0.0: multicast (RFC 5771), reserved, and broadcast.
fn address_fault(address: Ipv4Addr) -> Option<&'static str> {
    let [first, ..] = address.octets();
    (first >= 224).then_some(NO_UNICAST)
}

/// Returns a fault for a host that a reader would not take for the one that is asked: with
/// invisible characters, with characters that are replaced, or an abbreviated IPv4 address.
fn changed_host(text: &str, url: &Url) -> Option<&'static str> {
    let host = url.host_str()?;
    if let Some(Host::Ipv6(_)) = url.host() {
        return None;
    }
    let (given, _) = split(text);
    let is_same = given.eq_ignore_ascii_case(host)
        || (!given.is_ascii() && given.to_lowercase() == url::quirks::domain_to_unicode(host));
    (!is_same).then_some("has a host that is read as another one; write it in its plain form")
}

/// Returns the host of a URL's text, without user information and port, and the text after it.
pub(super) fn split(text: &str) -> (&str, &str) {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    (host, path)
}

/// Names by RFC 1123 §2.1, with underscores, which container networks use, and a dot at the end.
fn host_fault(name: &str) -> Option<&'static str> {
    let labels = name.strip_suffix('.').unwrap_or(name);
    if labels.len() > 253 {
        return Some("has a host name of more than 253 characters");
    }
    if matches!(labels, "https" | "http") {
        return Some("holds its scheme twice");
    }
    for label in labels.split('.') {
        if label.is_empty() {
            return Some("has a host name with an empty label (two dots, or one at the start)");
        }
        if label.len() > 63 {
            return Some("has a host name with a label of more than 63 characters");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some("has a host name with a label that begins or ends with a hyphen");
        }
        if !label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            return Some("has a host name with a character that host names may not hold");
        }
    }
    None
}

/// Returns the rest of `text` after `prefix`, in any case.
pub(super) fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
