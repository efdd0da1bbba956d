//! Why a request is refused, and why an application does not start. The one place where a refusal becomes a status.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rocket::http::Status;

use crate::base::redact::Excerpt;
use crate::policy::Requirement;
use crate::token::Misfit;
use crate::verify::TokenError;

/// Why a request was refused.
///
/// It carries facts for the log, and for the client fixed words, save for the name of a claim that does not fit
/// [`ValidToken<C>`](crate::ValidToken); never the token. The facts
/// (`Display`, `Debug`) are for the log alone: what a refused token says at fault (`iss`, `aud`, `alg`, `typ`, `kid`), cut short. A catcher reads it
/// with [`AuthError::of`]; `Result<ValidToken, AuthError>` hands it to a handler.
///
/// | `code()` | `status()` | when |
/// | --- | --- | --- |
/// | `invalid_request` | 400 | more than one `Authorization` header |
/// | `missing_token` | 401 | no credentials |
/// | `invalid_token` | 401 | credentials that do not hold |
/// | `insufficient_scope` | 403 | a verified token that the policy refuses, ownership included |
/// | `temporarily_unavailable` | 503 | no usable keys, because they cannot be fetched |
///
/// ```
/// # use rocket::{catch, Request};
/// use axioms_rocket::AuthError;
///
/// #[catch(401)]
/// fn please_sign_in(request: &Request<'_>) -> String {
///     match AuthError::of(request) {
///         Some(error) => format!("Please sign in ({}).", error.description()),
///         None => "Please sign in.".into(),
///     }
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct AuthError {
    kind: Kind,
    asked: Option<fn() -> Requirement>,
}

#[derive(Clone)]
enum Kind {
    TwoHeaders,
    MissingToken,
    MalformedHeader(&'static str),
    Token(Arc<TokenError>),
    /// The one whose description names something of the token.
    Misfit {
        field: Arc<str>,
        description: Arc<str>,
    },
    Denied,
    NotOwner(&'static str),
}

/// What a client is told: fixed when this crate is compiled, and written out as it is sent.
pub(crate) struct Words {
    status: Status,
    code: &'static str,
    description: &'static str,
    /// The body.
    pub(crate) body: &'static str,
    /// `error` and `error_description` of the challenge.
    pub(crate) parameters: &'static str,
}

macro_rules! words {
    ($status:ident, $code:literal, $description:literal) => {
        &Words {
            status: Status::$status,
            code: $code,
            description: $description,
            body: concat!(
                r#"{"error":""#,
                $code,
                r#"","error_description":""#,
                $description,
                r#""}"#
            ),
            parameters: concat!(
                ", error=\"",
                $code,
                "\", error_description=\"",
                $description,
                "\""
            ),
        }
    };
}

impl Kind {
    /// The one `match` that decides (RFC 6750 §3.1).
    fn words(&self) -> &'static Words {
        match self {
            Kind::TwoHeaders => words!(
                BadRequest,
                "invalid_request",
                "Invalid Authorization header"
            ),
            Kind::MissingToken => words!(
                Unauthorized,
                "missing_token",
                "Missing Authorization header"
            ),
            Kind::MalformedHeader(_) => words!(
                Unauthorized,
                "invalid_token",
                "Invalid Authorization header"
            ),
            Kind::Denied => words!(
                Forbidden,
                "insufficient_scope",
                "Insufficient role, scope or permission"
            ),
            Kind::NotOwner(_) => words!(
                Forbidden,
                "insufficient_scope",
                "You do not own this resource"
            ),
            Kind::Misfit { .. } => words!(
                Unauthorized,
                "invalid_token",
                "Token is missing a required claim"
            ),
            Kind::Token(fault) => match &**fault {
                TokenError::Malformed(_) | TokenError::TooLong { .. } | TokenError::Extension => {
                    words!(Unauthorized, "invalid_token", "Malformed token")
                }
                TokenError::Algorithm { .. } | TokenError::KeyAlgorithm { .. } => {
                    words!(Unauthorized, "invalid_token", "Unsupported algorithm")
                }
                TokenError::Type { .. } | TokenError::SenderConstrained(_) => {
                    words!(Unauthorized, "invalid_token", "Invalid token type")
                }
                TokenError::UnknownKey { .. } | TokenError::AmbiguousKey => {
                    words!(Unauthorized, "invalid_token", "Unknown signing key")
                }
                TokenError::Signature => {
                    words!(Unauthorized, "invalid_token", "Invalid token signature")
                }
                TokenError::Expired { .. } | TokenError::TooOld { .. } => {
                    words!(Unauthorized, "invalid_token", "Token has expired")
                }
                TokenError::NotYet { .. } => {
                    words!(Unauthorized, "invalid_token", "Token is not valid yet")
                }
                TokenError::Issuer { .. } => {
                    words!(Unauthorized, "invalid_token", "Invalid token issuer")
                }
                TokenError::Audience { .. } => {
                    words!(Unauthorized, "invalid_token", "Invalid token audience")
                }
                TokenError::Missing { .. } | TokenError::Unexpected { .. } => {
                    words!(
                        Unauthorized,
                        "invalid_token",
                        "Token is missing a required claim"
                    )
                }
                TokenError::NotAccessToken(_) => {
                    words!(Unauthorized, "invalid_token", "Not an access token")
                }
                TokenError::Unavailable { .. } => {
                    words!(
                        ServiceUnavailable,
                        "temporarily_unavailable",
                        "Signing keys are temporarily unavailable"
                    )
                }
            },
        }
    }
}

impl AuthError {
    fn new(kind: Kind) -> AuthError {
        AuthError { kind, asked: None }
    }

    pub(crate) fn two_headers() -> AuthError {
        AuthError::new(Kind::TwoHeaders)
    }

    pub(crate) fn missing_token() -> AuthError {
        AuthError::new(Kind::MissingToken)
    }

    pub(crate) fn malformed_header(fact: &'static str) -> AuthError {
        AuthError::new(Kind::MalformedHeader(fact))
    }

    pub(crate) fn denied(asked: fn() -> Requirement) -> AuthError {
        AuthError {
            kind: Kind::Denied,
            asked: Some(asked),
        }
    }

    pub(crate) fn not_owner(fact: &'static str) -> AuthError {
        AuthError::new(Kind::NotOwner(fact))
    }

    pub(crate) fn misfit(misfit: &Misfit) -> AuthError {
        // The field's name may come from the token (the key of a map), and RFC 6750 §3 leaves out quotes and backslashes.
        let words = "Token is missing a required claim";
        let told = |c| {
            if matches!(c, ' ' | '!' | '#'..='[' | ']'..='~') {
                c
            } else {
                '?'
            }
        };
        let field: String = misfit.field.chars().take(80).map(told).collect();
        let description = if field.is_empty() {
            words.into()
        } else {
            format!("{words}: {field}").into()
        };
        AuthError::new(Kind::Misfit {
            field: Excerpt(&misfit.field).to_string().into(),
            description,
        })
    }

    /// The same error, remembering what the guard asked for beyond a token.
    pub(crate) fn asked_by(self, asked: fn() -> Requirement) -> AuthError {
        AuthError {
            asked: Some(asked),
            ..self
        }
    }

    pub(crate) fn requirement(&self) -> Option<Requirement> {
        self.asked.map(|asked| asked())
    }

    /// The status of the answer: 400, 401, 403 or 503.
    pub fn status(&self) -> Status {
        self.kind.words().status
    }

    /// The `error` of the body; also of the challenge (RFC 6750 §3.1), except for `missing_token` and
    /// `temporarily_unavailable`, which are the body's own.
    pub fn code(&self) -> &'static str {
        self.kind.words().code
    }

    /// The `error_description` of the challenge and the body: ASCII, fixed words, save for the name of a claim that does not fit.
    pub fn description(&self) -> &str {
        match &self.kind {
            Kind::Misfit { description, .. } => description,
            kind => kind.words().description,
        }
    }

    /// The same written out; `None` when it names a claim.
    pub(crate) fn words(&self) -> Option<&'static Words> {
        if let Kind::Misfit { .. } = self.kind {
            None
        } else {
            Some(self.kind.words())
        }
    }

    /// After how long it is worth asking again; only with 503.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match &self.kind {
            Kind::Token(fault) => match **fault {
                TokenError::Unavailable { retry_after } => Some(retry_after),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the request carried no credentials at all.
    pub(crate) fn is_missing_token(&self) -> bool {
        matches!(self.kind, Kind::MissingToken)
    }
}

impl From<TokenError> for AuthError {
    fn from(fault: TokenError) -> Self {
        AuthError::new(Kind::Token(Arc::new(fault)))
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.description())?;
        match &self.kind {
            Kind::MalformedHeader(fact) | Kind::NotOwner(fact) => write!(f, " ({fact})"),
            Kind::Token(fault) => write!(f, " ({fault})"),
            Kind::Misfit { field, .. } => {
                write!(f, " (claim {field} does not fit the route's type)")
            }
            Kind::TwoHeaders => write!(f, " (more than one)"),
            Kind::MissingToken | Kind::Denied => Ok(()),
        }
    }
}

impl std::error::Error for AuthError {}

impl fmt::Debug for AuthError {
    // Rocket prints the error of a failed guard with `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match self.asked {
            Some(asked) => write!(f, " [asked: {}]", asked()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AuthError;
    use crate::token::Misfit;

    #[test]
    fn a_description_holds_what_rfc_6750_allows_and_nothing_else() {
        let described = |field: &str| {
            AuthError::misfit(&Misfit {
                field: field.to_owned(),
            })
            .description()
            .to_owned()
        };
        assert_eq!(
            described("org.id"),
            "Token is missing a required claim: org.id"
        );
        assert_eq!(
            described("a\", error=\"\\\r\n\u{e4}"),
            "Token is missing a required claim: a?, error=?????"
        );
        assert_eq!(
            described(&"x".repeat(90)),
            format!("Token is missing a required claim: {}", "x".repeat(80))
        );
        assert_eq!(described(""), "Token is missing a required claim");
    }
}
