//! Hosts and URLs: the addresses that keys may be fetched from.

use std::net::Ipv4Addr;

use url::{Host, Url};

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

/// Returns the host of an issuer that is a URL.
pub(super) fn host(issuer: &str) -> Option<String> {
    fetchable(issuer, PlainHttp::Everywhere)
        .ok()?
        .host_str()
        .map(str::to_owned)
}

/// Returns why no token has this `iss`, if it is the address of a document or names no tenant of
/// Microsoft Entra.
pub(super) fn never_an_issuer(issuer: &str) -> Option<String> {
    ["https://", "http://"]
        .iter()
        .find_map(|scheme| without_prefix(issuer, scheme))?;
    let decoded = percent_decoded(issuer);
    if let Some((start, end)) = well_known(issuer).or_else(|| well_known(&decoded)) {
        // RFC 8414 §3.1 puts the issuer's path after the name of the document, OpenID Connect
        // before.
        let path = end.split_once('/').map(|(_, path)| format!("/{path}"));
        let meant = format!("{start}{}", path.unwrap_or_default());
        let meant = match fetchable(&meant, PlainHttp::Everywhere) {
            Ok(url) if url.query().is_none() => format!(": `{meant}` or `{meant}/`"),
            _ => String::new(),
        };
        return Some(format!(
            "is the address of a document, not the issuer; write what `issuer` is in that \
             document{meant}"
        ));
    }
    no_tenant(issuer, "write").or_else(|| placeholder(issuer).map(str::to_owned))
}

/// Returns why no token is of the issuer `https://<domain>`, if it names no tenant of Microsoft
/// Entra.
pub(super) fn never_a_domain(domain: &str) -> Option<String> {
    no_tenant(
        &format!("https://{domain}"),
        "leave domain out and set iss_url to",
    )
}

/// Returns why `jwks_url` is not the address of keys, if it is that of metadata.
pub(super) fn never_keys(url: &Url) -> Option<&'static str> {
    let path = percent_decoded(url.path()).to_ascii_lowercase();
    let (_, document) = well_known(&path)?;
    let is_metadata = ["openid-configuration", "oauth-authorization-server"]
        .iter()
        .any(|metadata| document.starts_with(metadata));
    (is_metadata || document.is_empty()).then_some(
        "is the address of the issuer's metadata, not of its keys; set iss_url and leave jwks_url \
         out",
    )
}

/// Splits `url` at `/.well-known/`, in any case; nothing need follow.
fn well_known(url: &str) -> Option<(&str, &str)> {
    const DIRECTORY: &str = "/.well-known";
    let lower = url.to_ascii_lowercase();
    lower.match_indices(DIRECTORY).find_map(|(at, _)| {
        let start = url.get(..at)?;
        let end = url.get(at + DIRECTORY.len()..)?;
        if end.is_empty() || end.starts_with(['?', '#']) {
            return Some((start, ""));
        }
        Some((start, end.strip_prefix('/')?))
    })
}

/// The hosts of Microsoft Entra, besides `login.microsoftonline.*`.
const ENTRA: [&str; 5] = [
    "login.partner.microsoftonline.cn",
    "sts.windows.net",
    "login.windows.net",
    "login.windows-ppe.net",
    "login.microsoft.com",
];

/// The tenant id of personal Microsoft accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn no_tenant(issuer: &str, advice: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let host = url.host_str()?.trim_end_matches('.');
    if !host.starts_with("login.microsoftonline.") && !ENTRA.contains(&host) {
        return None;
    }
    let mut segments = url.path_segments()?;
    let first = segments.next().unwrap_or_default();
    let tenant = match first {
        // A user flow of Azure AD B2C: `/tfp/<tenant id>/<policy>/v2.0/`.
        "tfp" => segments.next().unwrap_or_default(),
        _ => first,
    };
    if is_guid(tenant) {
        return None;
    }
    let id = match tenant.eq_ignore_ascii_case("consumers") {
        true => CONSUMERS,
        false => "<tenant id>",
    };
    let meant = match host {
        "sts.windows.net" => format!("https://{host}/{id}/"),
        _ => format!("https://{host}/{id}/v2.0"),
    };
    Some(format!(
        "names no single tenant: a token's `iss` holds the tenant's id; {advice} `{meant}`, and \
         one entry of issuers for each further tenant"
    ))
}

/// Returns `true` for 8-4-4-4-12 hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| {
        let is_hex = group.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then_some(group.len())
    });
    groups.eq([8, 4, 4, 4, 12].map(Some))
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
fn split(text: &str) -> (&str, &str) {
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

/// Decodes `%XX` (RFC 3986 §2.1); what is not UTF-8 then is replaced.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let (byte, after) = match escape(rest) {
            Some(escape) => escape,
            None => (*byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the byte of the `%XX` at the start of `text`, and what follows.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let [b'%', high, low, after @ ..] = text else {
        return None;
    };
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    Some((digit(*high)? * 16 + digit(*low)?, after))
}

/// Returns which mark of a template or of quoting `text` holds.
fn placeholder(text: &str) -> Option<&'static str> {
    // A query may hold anything that is escaped.
    let end = text.find('?').unwrap_or(text.len());
    let decoded = percent_decoded(text.get(..end).unwrap_or(text));
    let (_, path) = split(text);
    let has_bare_percent = text
        .match_indices('%')
        .any(|(at, _)| text.as_bytes().get(at..).and_then(escape).is_none());
    if has_variable(text) || has_variable(&decoded) {
        Some("holds a variable that was not filled in (`$`)")
    } else if text.contains(['{', '}', '<', '>']) || decoded.contains(['{', '}', '<', '>']) {
        Some("holds a placeholder that was not filled in (braces or angle brackets)")
    } else if has_at_signs(text) || path.split('/').any(|segment| segment == "*") {
        Some("holds a placeholder that was not filled in (`@…@` or `*`)")
    } else if text.contains(['`', '^', '|'])
        || decoded.contains(QUOTES)
        || path.contains(['[', ']'])
        || has_bare_percent
    {
        Some("holds a quotation mark or another character that a URL may not hold")
    } else {
        None
    }
}

/// Quotation marks, apart from the apostrophe, which a path may hold.
const QUOTES: [char; 13] = [
    '"', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›',
];

/// Returns `true` if `text` has a `$` before a name or a bracket, or one without anything.
fn has_variable(text: &str) -> bool {
    text.split('$').skip(1).any(|after| {
        after.is_empty()
            || after.starts_with(|c: char| {
                matches!(c, '{' | '_' | '(' | '/' | '?') || c.is_ascii_alphabetic()
            })
    })
}

/// Returns `true` if `text` holds `@NAME@`.
fn has_at_signs(text: &str) -> bool {
    let mut parts = text.split('@').skip(1).peekable();
    while let Some(part) = parts.next() {
        let is_name = part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if is_name && !part.is_empty() && parts.peek().is_some() {
            return true;
        }
    }
    false
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
fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
