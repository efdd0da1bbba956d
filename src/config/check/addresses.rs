//! Hosts and URLs: the addresses that keys may be fetched from.

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
    if let Some((start, end)) = issuer.split_once("/.well-known/") {
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
    entra(issuer).or_else(|| placeholder(issuer).map(str::to_owned))
}

/// Returns why `jwks_url` is not the address of keys, if it is that of metadata.
pub(super) fn never_keys(url: &Url) -> Option<&'static str> {
    ["openid-configuration", "oauth-authorization-server"]
        .iter()
        .any(|document| url.path().contains(&format!("/.well-known/{document}")))
        .then_some(
            "is the address of the issuer's metadata, not of its keys; set iss_url and leave \
             jwks_url out",
        )
}

/// The tenant id of personal Microsoft accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn entra(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let host = url.host_str()?;
    if !(host.starts_with("login.microsoftonline.") || host == "login.partner.microsoftonline.cn") {
        return None;
    }
    let tenant = url.path_segments()?.next()?;
    let id = match tenant {
        "consumers" => CONSUMERS,
        "common" | "organizations" => "<tenant id>",
        _ if tenant.contains(['.', '%', '$', '{']) => "<tenant id>",
        _ => return None,
    };
    Some(format!(
        "names no single tenant: a token's `iss` holds the tenant's id; write \
         `https://{host}/{id}/v2.0`, and one entry of issuers for each further tenant"
    ))
}

/// Returns why no request can be made to `url`, which was parsed from `text`.
fn unusable(text: &str, url: &Url) -> Option<&'static str> {
    let host_fault = match url.host() {
        Some(Host::Domain(name)) => host_fault(name),
        Some(_) => None,
        None => Some("is not a URL"),
    };
    let no_port = (url.port() == Some(0)).then_some("has port 0, to which no request can be made");
    placeholder(text).or(host_fault).or(no_port)
}

/// Returns which mark of a template or of quoting `text` holds.
fn placeholder(text: &str) -> Option<&'static str> {
    let is_variable = |after: &str| {
        after.starts_with(|c: char| c == '{' || c == '_' || c == '(' || c.is_ascii_alphabetic())
    };
    if text.split('$').skip(1).any(is_variable) {
        Some("holds a variable that was not filled in (`$`)")
    } else if text.contains(['{', '}', '<', '>']) {
        Some("holds a placeholder that was not filled in (braces or angle brackets)")
    } else if text.contains(['"', '`', '^', '|', '“', '”', '„']) {
        Some("holds a quotation mark or another character that a URL may not hold")
    } else {
        None
    }
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
