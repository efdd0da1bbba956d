//! How clients reach this API, and its protected-resource metadata.

use super::addresses::{self, PlainHttp};
use super::report::Report;
use crate::config::fields::Config;
use crate::config::settings::{IssuerSettings, ResourceSettings};

/// Returns the metadata; `None` without an identifier.
pub(super) fn check(
    config: &Config,
    issuers: &[IssuerSettings],
    report: &mut Report<'_>,
) -> Option<ResourceSettings> {
    let public_url = config.public_url.as_deref();
    let public_url = public_url.map(|url| url.strip_suffix('/').unwrap_or(url));
    let mut parts_of = |key: &str, url: Option<&str>| match parts(url?) {
        Ok((origin, path)) => Some((origin.to_owned(), path.to_owned())),
        Err(fault) => {
            report.problem(key, fault);
            None
        }
    };
    let public = parts_of("public_url", public_url);
    let given = config.resource.identifier.as_deref();
    let own = parts_of("resource.identifier", given);

    let resource = &config.resource;
    if let Some(name) = &resource.name {
        report.text("resource.name", name);
    }
    for (key, page) in [
        ("documentation", &resource.documentation),
        ("policy", &resource.policy),
        ("tos", &resource.tos),
    ] {
        let url = page.as_deref().and_then(|page| page.split('#').next());
        if let Some(Err(fault)) = url.map(|url| addresses::fetchable(url, PlainHttp::Everywhere)) {
            report.problem(&format!("resource.{key}"), fault);
        }
    }
    for (at, scope) in resource.scopes.iter().enumerate() {
        if !is_scope(scope) {
            let fault = "is no scope: printable ASCII without blanks, quotation marks and \
                         backslashes (RFC 6749 §3.3)";
            report.problem("resource.scopes", format!("entry {} {fault}", at + 1));
        }
    }
    let plain = match config.allow_http {
        true => PlainHttp::Everywhere,
        false => PlainHttp::Loopback,
    };
    for (at, server) in resource.authorization_servers.iter().enumerate() {
        if let Err(fault) = issuer_url(server, plain) {
            let message = format!("entry {} {fault}", at + 1);
            report.problem("resource.authorization_servers", message);
        }
    }

    let identifier = given.or(public_url)?.to_owned();
    let (origin, path) = if given.is_some() { own } else { public }?;
    let servers = match resource.authorization_servers.as_slice() {
        [] => issuers
            .iter()
            .filter(|issuer| issuer.template.is_none())
            .filter_map(|issuer| issuer.issuer.clone())
            .filter(|issuer| issuer_url(issuer, PlainHttp::Everywhere).is_ok())
            .collect(),
        servers => servers.to_vec(),
    };
    // A slash after the host is dropped before the well-known path is inserted (§3.1).
    let path = match path.as_str() {
        "/" => String::new(),
        _ => path,
    };
    Some(ResourceSettings {
        metadata_url: format!("{origin}{}{path}", ResourceSettings::WELL_KNOWN),
        path,
        is_audience: issuers
            .iter()
            .any(|issuer| issuer.audience.contains(&identifier)),
        identifier,
        name: resource.name.clone(),
        documentation: resource.documentation.clone(),
        policy: resource.policy.clone(),
        tos: resource.tos.clone(),
        scopes: resource.scopes.clone(),
        authorization_servers: servers,
    })
}

/// Splits the URL of an API into its origin and its path, both as they were written.
fn parts(text: &str) -> Result<(&str, &str), &'static str> {
    let url = addresses::fetchable(text, PlainHttp::Loopback)?;
    if url.query().is_some() {
        return Err("must not hold a query");
    }
    let start = text.find("://").map_or(0, |at| at + 3);
    let end = text
        .get(start..)
        .and_then(|rest| rest.find('/'))
        .map_or(text.len(), |at| start + at);
    let (origin, path) = text.split_at_checked(end).unwrap_or((text, ""));
    if !origin.is_ascii() {
        return Err("has a host that is not ASCII; write it as clients send it, with xn--");
    }
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~!$&'()+,;=:@".contains(&byte));
    let is_same = path.is_empty() || url.path() == path;
    if !is_plain || !is_same || path.contains("//") {
        return Err("has a path that clients or servers change; write it in its plain form");
    }
    Ok((origin, path))
}

/// An issuer is a URL without query and fragment (RFC 8414 §2).
fn issuer_url(text: &str, plain: PlainHttp) -> Result<(), &'static str> {
    match addresses::fetchable(text, plain)?.query() {
        Some(_) => Err("must not hold a query"),
        None => Ok(()),
    }
}

fn is_scope(text: &str) -> bool {
    let is_allowed = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    !text.is_empty() && text.bytes().all(is_allowed)
}
