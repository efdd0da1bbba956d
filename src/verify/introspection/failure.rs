//! Failures of a question, and what an operator does about them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::http::FetchError;
use crate::issuer::IssuerError;

/// Reason for which there is no answer about a token. Its text holds no part of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("no call was free within http_timeout (`max_in_flight`)")]
    Busy,
    #[error("{0}")]
    Endpoint(IssuerError),
    #[error("{0}")]
    Fetch(FetchError),
    #[error("status {0}")]
    Status(u16),
    #[error("status {0}: the credentials of this API are not accepted")]
    Credentials(u16),
    #[error("unsupported_token_type: the server introspects no JWTs")]
    NoJwts,
    #[error("the answer is not a strict JSON object")]
    NotJson,
    #[error("the answer is {0}")]
    Signed(&'static str),
    #[error("the private key cannot sign")]
    CannotSign,
    #[error("the call was broken off")]
    BrokenOff,
}

/// Seconds between two lines about one issuer.
const INTERVAL: u64 = 60;

/// The names in the log line about a failure.
pub(super) struct Subject<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
}

/// Logs the failures of one issuer that its operator has to mend: once a minute.
#[derive(Default)]
pub(super) struct Complaints {
    /// The time of the last line, in seconds since the epoch.
    logged_at: AtomicU64,
}

impl Complaints {
    pub(super) fn log(&self, failure: &Failure, subject: &Subject<'_>, now: Duration) {
        let Some(advice) = advice(failure, subject) else {
            return;
        };
        let now = now.as_secs();
        let is_due = self
            .logged_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |at| {
                (now < at || now - at >= INTERVAL).then_some(now)
            });
        if is_due.is_ok() {
            let issuer = subject.issuer;
            tracing::error!(
                "axioms: tokens of {issuer} cannot be introspected ({failure}): {advice}"
            );
        }
    }
}

/// Returns the advice about a failure that does not pass by itself.
fn advice(failure: &Failure, subject: &Subject<'_>) -> Option<String> {
    let id = subject.client_id;
    Some(match failure {
        Failure::Credentials(403) => format!(
            "allow the client {id:?} to introspect at the authorization server; if it is, check \
             client_id, the secret or key, and `auth`"
        ),
        Failure::Credentials(_) => format!(
            "check introspection.client_id, which is {id:?}, its secret or key, and `auth` (basic, \
             post or private_key_jwt) against the client's settings at the authorization server"
        ),
        Failure::NoJwts => "`when = \"always\"` needs a server that introspects JWTs; set `when = \
                            \"opaque\"`, or let the server issue opaque tokens"
            .to_owned(),
        Failure::Signed(_) => "`introspection.signed` must fit the settings of this client at the \
                               authorization server"
            .to_owned(),
        Failure::Endpoint(IssuerError::Metadata { .. } | IssuerError::NoMetadata { .. }) => {
            "set introspection.url, if the server has such an endpoint".to_owned()
        }
        Failure::Status(404 | 405) => {
            "no introspection endpoint is there; check introspection.url".to_owned()
        }
        Failure::Status(300..400) => {
            "redirects are not followed, since they would hand on the credentials; set \
             introspection.url to the URL that answers"
                .to_owned()
        }
        _ => return None,
    })
}
