//! The metadata of an authorization server: `issuer` and `jwks_uri`.

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
    let members = LazyMembers::parse(&document.body)?;
    let presented = members.required_string("issuer")?;
    if presented != issuer {
        return Err(MetadataError::Issuer {
            expected: Excerpt(issuer).to_string(),
            presented: Excerpt(&presented).to_string(),
        });
    }
    let text = members.required_string("jwks_uri")?;
    let url = Url::parse(&text).map_err(|_| MetadataError::NotAUrl(Excerpt(&text).to_string()))?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    let allowed = match check_url(&url, allow_http) {
        Ok(()) if has_user => Err(UrlRefusal::UserInformation),
        allowed => allowed,
    };
    allowed.map_err(|refusal| MetadataError::Refused {
        url: RedactedUrl(&url).to_string(),
        refusal,
    })?;
    if !allow_http && document.url.scheme() == "https" && url.scheme() != "https" {
        return Err(MetadataError::Downgrade(RedactedUrl(&url).to_string()));
    }
    Ok(url)
}
