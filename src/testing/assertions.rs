//! Assertions about refusals, which say everything when they fail.

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
/// | `assert_refused!(response, &bad)` | what a [`BadToken`](crate::testing::hostile::BadToken) deserves |
///
/// Code and description are those of the challenge (RFC 6750 §3), which is there whoever wrote the body; `missing_token` is a
/// challenge without an error, and `temporarily_unavailable` a 503 with `Retry-After` and no challenge.
///
/// It takes the response and gives it back, its body unread. When it fails it prints the status, the challenge, the body, and
/// **the server's reason**, which no client is told: the facts of the [`AuthError`](crate::AuthError).
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
/// # let app = rocket::build().attach(fairing.with_keys(issuer.jwks())).mount("/", routes![drafts]);
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

/// What a response should be.
#[derive(Debug)]
pub struct Expected<'a> {
    /// Which case it is, for the message.
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

/// A response of either local client.
pub trait LocalAnswer: Sized {
    /// Its status.
    fn answered(&self) -> Status;
    /// Its headers.
    fn with_headers(&self) -> &HeaderMap<'_>;
    /// Its body.
    fn with_body(self) -> String;
}

impl LocalAnswer for blocking::LocalResponse<'_> {
    fn answered(&self) -> Status {
        self.status()
    }
    fn with_headers(&self) -> &HeaderMap<'_> {
        self.headers()
    }
    fn with_body(self) -> String {
        self.into_string().unwrap_or_default()
    }
}

impl LocalAnswer for asynchronous::LocalResponse<'_> {
    fn answered(&self) -> Status {
        self.status()
    }
    fn with_headers(&self) -> &HeaderMap<'_> {
        self.headers()
    }
    fn with_body(self) -> String {
        // An assertion cannot await. A refusal's body is in memory, so that one look is enough; of any other it shows none.
        match pin!(self.into_string()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(body) => body.unwrap_or_default(),
            Poll::Pending => "(a stream)".into(),
        }
    }
}

#[doc(hidden)]
#[track_caller]
pub fn check<R: LocalAnswer>(response: R, expected: Expected<'_>) -> R {
    let seen = Seen::of(&response);
    if seen.is(&expected) {
        return response;
    }
    let reason = seen.reason();
    let body = response.with_body();
    panic!("{}", report(&expected, &seen, &body, reason.as_ref()));
}

/// What the response says of the refusal.
struct Seen {
    status: u16,
    challenge: Option<String>,
    code: Option<String>,
    description: Option<String>,
}

impl Seen {
    fn of(response: &impl LocalAnswer) -> Seen {
        let header = |name| response.with_headers().get_one(name).map(str::to_owned);
        let (status, challenge) = (response.answered().code, header("WWW-Authenticate"));
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
        Seen {
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

    /// Why the server refused: its last refusal on this thread that would look like this.
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

/// The quoted value of an attribute of our own challenge.
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

fn report(expected: &Expected<'_>, seen: &Seen, body: &str, reason: Option<&AuthError>) -> String {
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
    let _ = write!(text, "\n     status: {}", seen.status);
    let _ = write!(
        text,
        "\n  challenge: {}",
        seen.challenge.as_deref().unwrap_or("(none)")
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
    fn an_attribute_is_read_without_its_quotes_and_escapes() {
        let challenge = r#"Bearer realm="a, error=\"x\"", error="invalid_token", error_description="b \"c\" \\d""#;
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
