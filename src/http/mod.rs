//! GET of a small document: the only user of `reqwest`, and the place of every limit on what is fetched.

mod cache_control;
mod client;
mod error;
#[cfg(test)]
pub(crate) mod loopback;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use reqwest::{Client, Response};
use url::Url;

pub(crate) use crate::base::redact::RedactedUrl;
pub(crate) use error::{FetchError, HttpError};
pub(crate) use rules::{UrlRefusal, check_url};

use crate::config::HttpSettings;

/// The longest body that is read: key sets and metadata have a few KiB.
const MAX_BODY: usize = 512 * 1024;

/// A client for small documents. Clones share it; it keeps no connection between fetches.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
    timeout: Duration,
    allow_http: bool,
}

/// What was fetched.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Where it came from in the end, after redirects.
    pub(crate) url: Url,
    pub(crate) body: Vec<u8>,
    /// `Cache-Control: max-age` (RFC 9111 §5.2.2.1).
    pub(crate) max_age: Option<Duration>,
}

impl Http {
    /// Reads the CA bundle and builds the client.
    ///
    /// Fails if the bundle cannot be read, holds no certificate, or holds one that cannot be a root.
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, HttpError> {
        let client = client::build(settings)?;
        Ok(Self {
            client,
            timeout: settings.timeout,
            allow_http: settings.allow_http,
        })
    }

    /// How long a whole fetch may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// `allow_http`: plain http is accepted for every host.
    pub(crate) fn allows_http(&self) -> bool {
        self.allow_http
    }

    /// Fetches `url`: status 200, within the time for the whole of it, at most `MAX_BODY` octets.
    pub(crate) async fn fetch(&self, url: &Url) -> Result<Document, FetchError> {
        check_url(url, self.allow_http).map_err(FetchError::Url)?;
        // Our own limit around everything: connecting, redirects, and a body that trickles.
        match tokio::time::timeout(self.timeout, self.read(url)).await {
            Ok(read) => read,
            Err(_) => Err(FetchError::Timeout),
        }
    }

    async fn read(&self, url: &Url) -> Result<Document, FetchError> {
        let mut response = self
            .client
            .get(url.clone())
            .send()
            .await
            .map_err(FetchError::from_reqwest)?;
        // 203 and 206 are not the document; a redirect without a usable `Location` ends here too.
        if response.status().as_u16() != 200 {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let body = read_body(&mut response).await?;
        let max_age = cache_control::max_age(response.headers());
        Ok(Document {
            url: response.url().clone(),
            body,
            max_age,
        })
    }
}

/// Measured while it streams: `Content-Length` may be absent or a lie.
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
            .field("timeout", &self.timeout)
            .field("allow_http", &self.allow_http)
            .finish()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("url", &format_args!("{}", RedactedUrl(&self.url)))
            .field("octets", &self.body.len())
            .field("max_age", &self.max_age)
            .finish()
    }
}
