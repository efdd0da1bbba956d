//! POST of a form to an endpoint of the authorization server.

use std::fmt;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use url::Url;
use url::form_urlencoded::Serializer;

use super::client::{self, Purpose};
use super::{FetchError, HttpError, check_not_encoded, check_url, read_body};
use crate::config::HttpSettings;

/// A client for forms with credentials. It follows no redirect, and keeps its connections.
#[derive(Clone)]
pub(crate) struct FormClient {
    client: Client,
    timeout: Duration,
    allow_http: bool,
}

/// A form, and the credentials that go with it in a header.
pub(crate) struct Form {
    body: String,
    authorization: Option<HeaderValue>,
}

/// The answer to a form: of any status.
pub(crate) struct FormAnswer {
    pub(crate) status: u16,
    /// Without parameters, in lower case; empty if there is none.
    pub(crate) media_type: String,
    /// `Retry-After` in seconds (RFC 9110 §10.2.3). A date is ignored.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl FormClient {
    /// Builds a client that keeps up to `connections` of them.
    ///
    /// Fails as [`Http::new`](super::Http::new) does.
    pub(crate) fn new(settings: &HttpSettings, connections: usize) -> Result<Self, HttpError> {
        Ok(Self {
            client: client::build(settings, Purpose::Forms(connections))?,
            timeout: settings.timeout,
            allow_http: settings.allow_http,
        })
    }

    /// Returns the limit on the time of one call.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends `form` to `url`, within the limits on time and size.
    ///
    /// # Errors
    ///
    /// There is no whole answer. A status is none.
    pub(crate) async fn post(
        &self,
        url: &Url,
        accept: &'static str,
        form: Form,
    ) -> Result<FormAnswer, FetchError> {
        check_url(url, self.allow_http).map_err(FetchError::Url)?;
        match tokio::time::timeout(self.timeout, self.send(url, accept, form)).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Timeout),
        }
    }

    async fn send(
        &self,
        url: &Url,
        accept: &'static str,
        Form {
            body,
            authorization,
        }: Form,
    ) -> Result<FormAnswer, FetchError> {
        let request = || {
            let mut request = self
                .client
                .post(url.clone())
                .header(ACCEPT, HeaderValue::from_static(accept))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.clone());
            if let Some(authorization) = &authorization {
                request = request.header(AUTHORIZATION, authorization.clone());
            }
            request.send()
        };
        let mut sent = request().await;
        // A server may close a kept connection at the moment in which it is used again.
        if sent
            .as_ref()
            .is_err_and(|error| error.is_request() && !error.is_connect() && !error.is_timeout())
        {
            sent = request().await;
        }
        let mut response = sent.map_err(FetchError::from_reqwest)?;
        check_not_encoded(response.headers())?;
        let body = read_body(&mut response).await?;
        let headers = response.headers();
        Ok(FormAnswer {
            status: response.status().as_u16(),
            media_type: media_type(headers),
            retry_after: text(headers, RETRY_AFTER)
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
            body,
        })
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn media_type(headers: &HeaderMap) -> String {
    let value = text(headers, CONTENT_TYPE).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

impl Form {
    pub(crate) fn new() -> Form {
        Form {
            body: String::new(),
            authorization: None,
        }
    }

    /// Adds a field, form-encoded.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        let body = std::mem::take(&mut self.body);
        self.body = Serializer::new(body).append_pair(name, value).finish();
    }

    /// Sends this `Authorization` header.
    pub(super) fn authorize(&mut self, value: &str) {
        // Text without control characters is a header.
        self.authorization = HeaderValue::from_str(value).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
    }

    /// Returns the body and the header.
    #[cfg(test)]
    pub(super) fn parts(self) -> (String, Option<String>) {
        let header = self.authorization.as_ref();
        let header = header.map(|value| value.to_str().unwrap().to_owned());
        (self.body, header)
    }
}

impl fmt::Debug for FormClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormClient")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FormAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
