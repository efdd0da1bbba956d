//! The metadata of an authorization server: `issuer`, `jwks_uri` and other endpoints.

use url::Url;

use super::error::MetadataError;
use crate::base::redact::Excerpt;
use crate::http::{Document, RedactedUrl, UrlRefusal, check_url};
use crate::json::LazyMembers;

/// Returns `jwks_uri`, if the metadata's `issuer` is exactly `issuer`.
pub(crate) fn jwks_uri(
    document: &Document,
    issuer: &str,
    allow_http: bool,
) -> Result<Url, MetadataError> {
    endpoint(document, issuer, "jwks_uri", allow_http)
}

/// Returns the URL in the member `name`, if the metadata's `issuer` is exactly `issuer`.
pub(super) fn endpoint(
    document: &Document,
    issuer: &str,
    name: &'static str,
    allow_http: bool,
) -> Result<Url, MetadataError> {
    let members = LazyMembers::parse(&document.body)?;
    let presented = members.required_string("issuer")?;
    if presented != issuer {
        return Err(MetadataError::Issuer {
            expected: Excerpt(issuer).to_string(),
            presented: Excerpt(&presented).to_string(),
        });
    }
    let text = members.required_string(name)?;
    let url = Url::parse(&text).map_err(|_| MetadataError::NotAUrl {
        name,
        text: Excerpt(&text).to_string(),
    })?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    let allowed = match check_url(&url, allow_http) {
        Ok(()) if has_user => Err(UrlRefusal::UserInformation),
        allowed => allowed,
    };
    allowed.map_err(|refusal| MetadataError::Refused {
        name,
        url: RedactedUrl(&url).to_string(),
        refusal,
    })?;
    if !allow_http && document.url.scheme() == "https" && url.scheme() != "https" {
        let url = RedactedUrl(&url).to_string();
        return Err(MetadataError::Downgrade { name, url });
    }
    Ok(url)
}
