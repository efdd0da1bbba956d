//! The metadata of an authorization server.

use std::net::Ipv4Addr;

use url::Url;

use super::assert_printable;
use super::json::{self, Json};
use crate::http::Document;
use crate::issuer::jwks_uri;

/// Input: the issuer, a line break, the metadata. Accepted only for exactly that issuer. `jwks_uri`
/// is https, or http to loopback from http, or any http with `allow_http`.
pub fn metadata(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let Ok(issuer) = std::str::from_utf8(&data[..end]) else {
        return;
    };
    let body = &data[end + 1..];
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let expected = match std::str::from_utf8(text).map(json::read) {
        Ok(Err(true)) => return,
        Ok(Ok(Json::Object(members))) => named(members, issuer),
        _ => None,
    };
    for (scheme, allow_http) in [
        ("https", false),
        ("http", false),
        ("https", true),
        ("http", true),
    ] {
        let Ok(url) = Url::parse(&format!(
            "{scheme}://127.0.0.1/.well-known/openid-configuration"
        )) else {
            continue;
        };
        let document = Document {
            url,
            body: body.to_owned(),
            max_age: None,
        };
        let read = jwks_uri(&document, issuer, allow_http);
        if let Err(error) = &read {
            assert_printable(&error.to_string());
        }
        let expected = expected
            .clone()
            .filter(|url| is_allowed(url, scheme, allow_http));
        assert_eq!(
            read.ok(),
            expected,
            "{scheme}, {allow_http}, {issuer:?}: {}",
            body.escape_ascii()
        );
    }
}

/// Returns `jwks_uri` of metadata of exactly this `issuer`.
fn named(members: Vec<(Option<String>, Json)>, issuer: &str) -> Option<Url> {
    if members.iter().any(|(name, _)| name.is_none()) || !json::are_unique(&members) {
        return None;
    }
    let object = Json::Object(members);
    let claimed = object.get("issuer")?.text()?;
    (claimed == issuer).then(|| Url::parse(object.get("jwks_uri")?.text()?).ok())?
}

fn is_allowed(url: &Url, scheme: &str, allow_http: bool) -> bool {
    let text = url.as_str();
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    if text.starts_with("https://") {
        return true;
    }
    let host = url.host_str().unwrap_or_default();
    let loopback = host == "localhost"
        || host == "[::1]"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.octets()[0] == 127);
    text.starts_with("http://") && (allow_http || (loopback && scheme == "http"))
}
