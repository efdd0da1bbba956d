//! GET and POST of a small document: the only user of `reqwest`, with every limit on a fetch.

mod bearer;
mod cache_control;
mod client;
#[cfg(feature = "introspection")]
mod client_auth;
mod error;
#[cfg(feature = "introspection")]
mod form;
#[cfg(test)]
pub(crate) mod loopback;
mod rules;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_issuers;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, Response};
use url::Url;

pub(crate) use crate::base::redact::RedactedUrl;
#[cfg(feature = "introspection")]
pub(crate) use client_auth::ClientAuthentication;
pub(crate) use error::{FetchError, HttpError};
#[cfg(feature = "introspection")]
pub(crate) use form::{Form, FormAnswer, FormClient};
pub(crate) use rules::{UrlRefusal, check_url};

use self::bearer::BearerFile;
use self::client::Purpose;
use crate::config::{BearerSettings, HttpSettings, ProxyUrl};

/// The longest `Content-Encoding` that is printed.
const MAX_CODING: usize = 40;

/// The longest body that is read, in bytes: key sets and metadata have a few KiB.
const MAX_BODY: usize = 512 * 1024;

/// A client for small documents. Clones share it; it keeps no connection between fetches.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
    settings: Arc<HttpSettings>,
    bearer: Option<Arc<BearerFile>>,
}

/// A fetched document.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Its URL, after redirects.
    pub(crate) url: Url,
    pub(crate) body: Vec<u8>,
    /// `Cache-Control: max-age` (RFC 9111 §5.2.2.1).
    pub(crate) max_age: Option<Duration>,
}

impl Http {
    /// Reads the CA bundle and builds the client.
    ///
    /// Fails if the bundle cannot be read, holds no certificate, or holds one that cannot be a
    /// root.
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, HttpError> {
        Ok(Self {
            client: client::build(settings, Purpose::Documents)?,
            settings: Arc::new(settings.clone()),
            bearer: None,
        })
    }

    /// Returns the client of an issuer with this proxy and this token: a clone, if it has no other
    /// proxy and no token.
    pub(crate) fn with(
        &self,
        proxy: Option<&ProxyUrl>,
        bearer: Option<&BearerSettings>,
    ) -> Result<Self, HttpError> {
        if bearer.is_none() && proxy == self.settings.proxy.as_ref() {
            return Ok(self.clone());
        }
        let settings = HttpSettings {
            proxy: proxy.cloned(),
            ..HttpSettings::clone(&self.settings)
        };
        let purpose = match bearer {
            Some(_) => Purpose::DocumentsWithToken,
            None => Purpose::Documents,
        };
        Ok(Self {
            client: client::build(&settings, purpose)?,
            settings: Arc::new(settings),
            bearer: bearer.map(|bearer| Arc::new(BearerFile::new(bearer))),
        })
    }

    /// Returns the limit on the time of a whole fetch.
    pub(crate) fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// Checks whether plain http is accepted for every host.
    pub(crate) fn allows_http(&self) -> bool {
        self.settings.allow_http
    }

    /// Fetches `url`: status 200, within the limits on time and size.
    pub(crate) async fn fetch(&self, url: &Url) -> Result<Document, FetchError> {
        check_url(url, self.settings.allow_http).map_err(FetchError::Url)?;
        // Around everything: connecting, redirects, and a body that trickles.
        match tokio::time::timeout(self.timeout(), self.read(url)).await {
            Ok(read) => read,
            Err(_) => Err(FetchError::Timeout),
        }
    }

    async fn read(&self, url: &Url) -> Result<Document, FetchError> {
        let mut request = self.client.get(url.clone());
        let bearer = self.bearer.as_ref();
        if let Some(bearer) = bearer.filter(|bearer| bearer.is_for(url)) {
            request = request.header(AUTHORIZATION, bearer.header(self.timeout()).await?);
        }
        let mut response = request.send().await.map_err(FetchError::from_reqwest)?;
        if matches!(response.status().as_u16(), 401 | 403)
            && bearer.is_some_and(|bearer| !bearer.is_for(url))
        {
            return Err(FetchError::WithoutToken(response.status().as_u16()));
        }
        // 203 and 206 are not the document; a redirect without a usable `Location` ends here too.
        if response.status().as_u16() != 200 {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        check_not_encoded(response.headers())?;
        let body = read_body(&mut response).await?;
        let max_age = cache_control::max_age(response.headers());
        Ok(Document {
            url: response.url().clone(),
            body,
            max_age,
        })
    }
}

/// Refuses a content coding (RFC 9110 §8.4): `identity` was asked for, and nothing is unpacked.
fn check_not_encoded(headers: &HeaderMap) -> Result<(), FetchError> {
    let codings = headers.get_all(CONTENT_ENCODING).iter();
    let foreign = codings
        .map(HeaderValue::as_bytes)
        .find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
    match foreign {
        None => Ok(()),
        Some(coding) => Err(FetchError::ContentEncoding(
            coding
                .escape_ascii()
                .take(MAX_CODING)
                .map(char::from)
                .collect(),
        )),
    }
}

/// Reads the body within the limit, counted while it streams: `Content-Length` may be absent or
/// wrong.
async fn read_body(response: &mut Response) -> Result<Vec<u8>, FetchError> {
    if response
        .content_length()
        .is_some_and(|length| length > MAX_BODY as u64)
    {
        return Err(FetchError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(FetchError::from_reqwest)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("timeout", &self.settings.timeout)
            .field("allow_http", &self.settings.allow_http)
            .finish()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("url", &format_args!("{}", RedactedUrl(&self.url)))
            .field("bytes", &self.body.len())
            .field("max_age", &self.max_age)
            .finish()
    }
}
