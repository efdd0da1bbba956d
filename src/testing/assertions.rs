//! Assertions about refusals, with complete failure messages.

use std::fmt::Write as _;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rocket::http::{HeaderMap, Status};
use rocket::local::{asynchronous, blocking};

use super::hostile::BadToken;
use crate::error::AuthError;
use crate::request::recent_refusal;

/// Asserts that a response of Rocket's local client, blocking or async, is this refusal.
///
/// | form | asserts |
/// | --- | --- |
/// | `assert_refused!(response, 403, "insufficient_scope")` | status and code |
/// | `assert_refused!(response, 401, "invalid_token", "Token has expired")` | the description too |
/// | `assert_refused!(response, &bad)` | the refusal that a [`BadToken`] names |
///
/// Code and description are read from the challenge (RFC 6750 §3), which is the same with custom
/// catchers. `missing_token` is a challenge without an error; `temporarily_unavailable` is a 503
/// with `Retry-After` and without a challenge.
///
/// Returns the response with its body unread. A failure prints status, challenge, body and **the
/// server's reason**, which clients never get: the details of the [`AuthError`](crate::AuthError).
///
/// [`BadToken`]: crate::testing::hostile::BadToken
///
/// ```
/// use axioms_rocket::testing::{Bearer, TestIssuer, assert_refused};
/// # use axioms_rocket::{AxiomsFairing, Config, Roles};
/// # use rocket::local::blocking::Client;
/// # use rocket::{get, routes};
/// # axioms_rocket::roles! { Editor = "editor"; }
/// # #[get("/drafts")]
/// # fn drafts(_role: Roles<Editor>) {}
/// # let issuer = TestIssuer::offline("https://issuer.example.test");
/// # let fairing = AxiomsFairing::from_config(Config {
/// #     audience: vec![issuer.audience().to_owned()],
/// #     iss_url: Some(issuer.url().to_owned()),
/// #     ..Config::default()
/// # });
/// # let fairing = fairing.with_keys(issuer.jwks());
/// # let app = rocket::build().attach(fairing).mount("/", routes![drafts]);
/// # let client = Client::tracked(app).expect("the application starts");
/// assert_refused!(client.get("/drafts").dispatch(), 401, "missing_token");
///
/// let reader = client.get("/drafts").bearer(issuer.token().roles(["reader"])).dispatch();
/// assert_refused!(reader, 403, "insufficient_scope");
///
/// let expired = client.get("/drafts").bearer(issuer.token().expired()).dispatch();
/// let response = assert_refused!(expired, 401, "invalid_token", "Token has expired");
/// assert!(response.into_string().unwrap().contains("invalid_token"));
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_refused {
    ($response:expr, $bad:expr $(,)?) => {
        $crate::testing::__check_refused($response, ::core::convert::From::from($bad))
    };
    ($response:expr, $status:expr, $code:expr $(,)?) => {
        $crate::testing::__check_refused($response, ::core::convert::From::from(($status, $code)))
    };
    ($response:expr, $status:expr, $code:expr, $description:expr $(,)?) => {
        $crate::testing::__check_refused(
            $response,
            ::core::convert::From::from(($status, $code, $description)),
        )
    };
}

/// The expected refusal.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The name of the case, for the message.
    case: Option<&'a str>,
    status: u16,
    code: &'a str,
    description: Option<&'a str>,
}

impl<'a> From<(u16, &'a str)> for Expected<'a> {
    fn from((status, code): (u16, &'a str)) -> Self {
        Self {
            case: None,
            status,
            code,
            description: None,
        }
    }
}

impl<'a> From<(u16, &'a str, &'a str)> for Expected<'a> {
    fn from((status, code, description): (u16, &'a str, &'a str)) -> Self {
        Self {
            case: None,
            status,
            code,
            description: Some(description),
        }
    }
}

impl<'a> From<&'a BadToken> for Expected<'a> {
    fn from(bad: &'a BadToken) -> Self {
        Self {
            case: Some(bad.name),
            status: bad.status,
            code: bad.code,
            description: Some(bad.description),
        }
    }
}

/// A response of the blocking or the async local client.
pub trait LocalResponse: Sized {
    /// Returns the status.
    fn response_status(&self) -> Status;
    /// Returns the headers.
    fn response_headers(&self) -> &HeaderMap<'_>;
    /// Reads the body.
    fn response_body(self) -> String;
}

impl LocalResponse for blocking::LocalResponse<'_> {
    fn response_status(&self) -> Status {
        self.status()
    }
    fn response_headers(&self) -> &HeaderMap<'_> {
        self.headers()
    }
    fn response_body(self) -> String {
        self.into_string().unwrap_or_default()
    }
}

impl LocalResponse for asynchronous::LocalResponse<'_> {
    fn response_status(&self) -> Status {
        self.status()
    }
    fn response_headers(&self) -> &HeaderMap<'_> {
        self.headers()
    }
    fn response_body(self) -> String {
        // An assertion cannot await. The body of a refusal is in memory, so one poll is enough; any
        // other body is not shown.
        match pin!(self.into_string()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(body) => body.unwrap_or_default(),
            Poll::Pending => "(a stream)".into(),
        }
    }
}

#[doc(hidden)]
#[track_caller]
pub fn check<R: LocalResponse>(response: R, expected: Expected<'_>) -> R {
    let refusal = Refusal::of(&response);
    if refusal.is(&expected) {
        return response;
    }
    let reason = refusal.reason();
    let body = response.response_body();
    panic!("{}", report(&expected, &refusal, &body, reason.as_ref()));
}

/// The refusal that a response contains.
struct Refusal {
    status: u16,
    challenge: Option<String>,
    code: Option<String>,
    description: Option<String>,
}

impl Refusal {
    fn of(response: &impl LocalResponse) -> Refusal {
        let header = |name| response.response_headers().get_one(name).map(str::to_owned);
        let (status, challenge) = (response.response_status().code, header("WWW-Authenticate"));
        let attribute = |name| {
            challenge
                .as_deref()
                .and_then(|challenge| attribute(challenge, name))
        };
        let code = attribute("error").or_else(|| match (status, &challenge) {
            (401, Some(challenge)) if challenge.starts_with("Bearer ") => {
                Some("missing_token".into())
            }
            (503, None) => header("Retry-After").map(|_| "temporarily_unavailable".into()),
            _ => None,
        });
        let description = attribute("error_description").or_else(|| match code.as_deref()? {
            "missing_token" => Some("Missing Authorization header".into()),
            "temporarily_unavailable" => Some("Signing keys are temporarily unavailable".into()),
            _ => None,
        });
        Refusal {
            status,
            code,
            description,
            challenge,
        }
    }

    fn is(&self, expected: &Expected<'_>) -> bool {
        self.status == expected.status
            && self.code.as_deref() == Some(expected.code)
            && expected
                .description
                .is_none_or(|description| self.description.as_deref() == Some(description))
    }

    /// Returns the server's reason: its last refusal on this thread with this status and text.
    fn reason(&self) -> Option<AuthError> {
        recent_refusal(|error| {
            error.status().code == self.status
                && self.code.as_deref().is_none_or(|code| error.code() == code)
                && self
                    .description
                    .as_deref()
                    .is_none_or(|description| error.description() == description)
        })
    }
}

/// Reads the quoted value of an attribute of a challenge.
fn attribute(challenge: &str, name: &str) -> Option<String> {
    let (_, rest) = challenge.split_once(&format!(", {name}=\""))?;
    let mut value = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some(value),
            '\\' => value.push(characters.next()?),
            character => value.push(character),
        }
    }
}

fn report(
    expected: &Expected<'_>,
    refusal: &Refusal,
    body: &str,
    reason: Option<&AuthError>,
) -> String {
    let mut text = String::from("this should have been refused");
    // Writing to a String cannot fail.
    let _ = match expected.case {
        Some(case) => write!(text, " ({case}):"),
        None => write!(text, ":"),
    };
    let _ = write!(text, "\n   expected: {} {}", expected.status, expected.code);
    if let Some(description) = expected.description {
        let _ = write!(text, ": {description}");
    }
    let _ = write!(text, "\n     status: {}", refusal.status);
    let _ = write!(
        text,
        "\n  challenge: {}",
        refusal.challenge.as_deref().unwrap_or("(none)")
    );
    let shown: String = body.chars().take(500).collect();
    let _ = write!(
        text,
        "\n       body: {}",
        if shown.is_empty() { "(empty)" } else { &shown }
    );
    let _ = match reason {
        Some(reason) => write!(text, "\n     reason: {reason:?}"),
        None => write!(
            text,
            "\n     reason: (no guard of axioms-rocket refused it)"
        ),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn an_attribute_is_read_without_quotes_and_escapes() {
        let challenge = concat!(
            r#"Bearer realm="a, error=\"x\"", error="invalid_token", "#,
            r#"error_description="b \"c\" \\d""#
        );
        assert_eq!(
            attribute(challenge, "error").as_deref(),
            Some("invalid_token")
        );
        assert_eq!(
            attribute(challenge, "error_description").as_deref(),
            Some(r#"b "c" \d"#)
        );
        assert_eq!(attribute(challenge, "scope"), None);
        assert_eq!(attribute("Bearer realm=\"a\", error=\"x", "error"), None);
    }
}
