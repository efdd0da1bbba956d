//! URLs that work and are not what the setting means.

use percent_encoding::percent_decode_str;
use url::Url;

use super::addresses::{PlainHttp, fetchable, without_prefix};
use super::placeholders::placeholder;

/// Returns why no token has this `iss`, if it is the address of a document or names no tenant of
/// Microsoft Entra.
pub(super) fn never_an_issuer(issuer: &str) -> Option<String> {
    ["https://", "http://"]
        .iter()
        .find_map(|scheme| without_prefix(issuer, scheme))?;
    let decoded = percent_decode_str(issuer).decode_utf8_lossy();
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
    let path = percent_decode_str(url.path())
        .decode_utf8_lossy()
        .to_ascii_lowercase();
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
         for further tenants `{{tenant}}` and the setting tenants, or one entry of issuers each"
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
