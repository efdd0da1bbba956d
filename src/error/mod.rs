//! `AuthError`: the cause of a refusal, with the values that were compared.

mod reason;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rocket::http::Status;

pub use self::reason::Reason;
pub(crate) use self::reason::Words;
use crate::base::redact::Excerpt;
use crate::policy::{Requirement, StepUp};
use crate::token::{Misfit, ValidToken};
use crate::verify::TokenError;

/// The refusal of a request.
///
/// [`description`](AuthError::description) is for the client: fixed words, except for the name of a
/// claim that does not fit [`ValidToken<C>`](crate::ValidToken). `Display` and `Debug` are for
/// logs: they contain the offending value (`iss`, `aud`, `alg`, `typ`, `kid`), truncated, and never
/// the token. A catcher reads the error with [`AuthError::of`]; a handler gets it with
/// `Result<ValidToken, AuthError>`, and may return it.
///
/// | `code()` | `status()` | when |
/// | --- | --- | --- |
/// | `invalid_request` | 400 | more than one header with credentials |
/// | `missing_token` | 401 | no bearer token |
/// | `invalid_token` | 401 | a bearer token that does not hold |
/// | `insufficient_user_authentication` | 401 | a verified token whose user has to authenticate again (RFC 9470) |
/// | `insufficient_scope` | 403 | a verified token that the policy refuses, ownership included |
/// | `temporarily_unavailable` | 503 | no usable keys, or no answer, of the issuer |
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
    cause: Cause,
    requirement: Option<Asked>,
    /// The part of it that a denied token does not meet.
    unmet: Option<fn(&ValidToken) -> Requirement>,
}

/// The requirement of the guard that refused.
#[derive(Clone)]
enum Asked {
    /// perf: a refusal is recorded without allocating its requirement, refusals.
    Of(fn() -> Requirement),
    /// The part of a route's requirement that another guard would deny.
    Part(Arc<Requirement>),
}

/// The cause with the values that were compared.
#[derive(Clone)]
enum Cause {
    RepeatedHeader,
    MissingToken,
    NotBearer,
    MalformedHeader(&'static str),
    Token(Arc<TokenError>),
    /// The description names a member of the token's claims.
    UnfitClaims {
        field: Arc<str>,
        description: Arc<str>,
    },
    StepUp(Arc<StepUp>),
    Forbidden,
    NotOwner(&'static str),
}

impl Cause {
    fn reason(&self) -> Reason {
        match self {
            Cause::RepeatedHeader => Reason::RepeatedHeader,
            Cause::MissingToken => Reason::MissingToken,
            Cause::NotBearer => Reason::NotBearer,
            Cause::MalformedHeader(_) => Reason::MalformedHeader,
            Cause::UnfitClaims { .. } => Reason::UnfitClaims,
            Cause::StepUp(asked) if asked.is_of_age() => Reason::AuthenticationAge,
            Cause::StepUp(_) => Reason::AuthenticationLevel,
            Cause::Forbidden => Reason::Forbidden,
            Cause::NotOwner(_) => Reason::NotOwner,
            Cause::Token(error) => match &**error {
                TokenError::Malformed(_) => Reason::Malformed,
                TokenError::TooLong { .. } => Reason::TooLong,
                TokenError::Extension => Reason::UnsupportedExtension,
                TokenError::Algorithm { .. } => Reason::UnsupportedAlgorithm,
                TokenError::KeyAlgorithm { .. } => Reason::WrongKeyType,
                TokenError::Type { .. } => Reason::WrongType,
                TokenError::SenderConstrained(_) => Reason::SenderConstrained,
                TokenError::UnknownKey { .. } => Reason::UnknownKey,
                TokenError::AmbiguousKey => Reason::AmbiguousKey,
                TokenError::Signature => Reason::BadSignature,
                TokenError::Expired { .. } => Reason::Expired,
                TokenError::TooOld { .. } => Reason::TooOld,
                TokenError::NotYet { .. } => Reason::NotYetValid,
                TokenError::Issuer { .. }
                | TokenError::Header { .. }
                | TokenError::TrustDomain { .. } => Reason::WrongIssuer,
                TokenError::Audience { .. } => Reason::WrongAudience,
                TokenError::Missing { .. } => Reason::MissingClaim,
                TokenError::Unexpected { .. } => Reason::UnexpectedClaim,
                TokenError::NotAccessToken(_) => Reason::NotAccessToken,
                #[cfg(feature = "introspection")]
                TokenError::NotActive(_) => Reason::NotActive,
                #[cfg(feature = "introspection")]
                TokenError::NotIntrospected { .. } => Reason::IntrospectionUnavailable,
                TokenError::UnknownForNow { .. } => Reason::IssuerUnavailable,
                TokenError::Unavailable { .. } => Reason::KeysUnavailable,
            },
        }
    }
}

impl AuthError {
    fn new(cause: Cause) -> AuthError {
        AuthError {
            cause,
            requirement: None,
            unmet: None,
        }
    }

    pub(crate) fn repeated_header() -> AuthError {
        AuthError::new(Cause::RepeatedHeader)
    }

    pub(crate) fn missing_token() -> AuthError {
        AuthError::new(Cause::MissingToken)
    }

    pub(crate) fn not_bearer() -> AuthError {
        AuthError::new(Cause::NotBearer)
    }

    pub(crate) fn malformed_header(fact: &'static str) -> AuthError {
        AuthError::new(Cause::MalformedHeader(fact))
    }

    pub(crate) fn denied(requirement: fn() -> Requirement) -> AuthError {
        AuthError::new(Cause::Forbidden).asked_by(requirement)
    }

    /// Returns the 403 of a token that the part `part` of its route's requirement denies.
    pub(crate) fn denied_by(part: Requirement) -> AuthError {
        AuthError {
            requirement: Some(Asked::Part(Arc::new(part))),
            ..AuthError::new(Cause::Forbidden)
        }
    }

    /// Returns the 401 of a token whose user has to authenticate again.
    pub(crate) fn step_up(requirement: fn() -> Requirement, asked: StepUp) -> AuthError {
        AuthError::new(Cause::StepUp(Arc::new(asked))).asked_by(requirement)
    }

    pub(crate) fn not_owner(fact: &'static str) -> AuthError {
        AuthError::new(Cause::NotOwner(fact))
    }

    pub(crate) fn misfit(misfit: &Misfit) -> AuthError {
        // RFC 6750 §3 excludes quotes and backslashes, and the field's name may come from the token
        // (the key of a map).
        let words = Reason::UnfitClaims.words().description;
        let allowed = |c| {
            if matches!(c, ' ' | '!' | '#'..='[' | ']'..='~') {
                c
            } else {
                '?'
            }
        };
        let field: String = misfit.field.chars().take(80).map(allowed).collect();
        let description = if field.is_empty() {
            words.into()
        } else {
            format!("{words}: {field}").into()
        };
        AuthError::new(Cause::UnfitClaims {
            field: Excerpt(&misfit.field).to_string().into(),
            description,
        })
    }

    /// Returns the error with the requirement of the guard beyond a token, unless it has one.
    pub(crate) fn asked_by(self, requirement: fn() -> Requirement) -> AuthError {
        AuthError {
            requirement: self.requirement.or(Some(Asked::Of(requirement))),
            ..self
        }
    }

    /// Returns the error with the part of the requirement that a token does not meet.
    pub(crate) fn unmet_by(self, unmet: fn(&ValidToken) -> Requirement) -> AuthError {
        AuthError {
            unmet: Some(unmet),
            ..self
        }
    }

    /// Returns the part of the requirement that `token` does not meet, if that was the cause.
    pub(crate) fn unmet(&self, token: &ValidToken) -> Option<Requirement> {
        match self.reason() {
            Reason::Forbidden | Reason::AuthenticationLevel | Reason::AuthenticationAge => {
                match self.unmet {
                    Some(unmet) => Some(unmet(token)),
                    None => self.requirement(),
                }
            }
            Reason::NotOwner => Some(self.requirement().unwrap_or(Requirement::Owner(None))),
            _ => None,
        }
    }

    pub(crate) fn requirement(&self) -> Option<Requirement> {
        self.requirement.as_ref().map(|asked| match asked {
            Asked::Of(requirement) => requirement(),
            Asked::Part(part) => Requirement::clone(part),
        })
    }

    /// Returns the levels of authentication that the challenge asks for, in the order of
    /// preference: `acr_values` (RFC 9470 §3). Empty for every other refusal.
    ///
    /// ```
    /// # use axioms_rocket::AuthError;
    /// /// The address to send the user to, of an application that signs users in itself.
    /// fn sign_in(error: &AuthError) -> String {
    ///     let mut url = String::from("/sign-in?prompt=login");
    ///     if !error.acr_values().is_empty() {
    ///         url += &format!("&acr_values={}", error.acr_values().join("+"));
    ///     }
    ///     if let Some(age) = error.max_age() {
    ///         url += &format!("&max_age={}", age.as_secs());
    ///     }
    ///     url
    /// }
    /// ```
    pub fn acr_values(&self) -> &[&'static str] {
        match &self.cause {
            Cause::StepUp(asked) => asked.acr_values.as_deref().unwrap_or_default(),
            _ => &[],
        }
    }

    /// Returns the longest age of the user's authentication that the challenge asks for: `max_age`
    /// (RFC 9470 §3), in whole seconds. `None` for every other refusal.
    ///
    /// ```
    /// # use axioms_rocket::{AuthError, Authenticated};
    /// assert_eq!(AuthError::forbidden::<Authenticated>().max_age(), None);
    /// ```
    pub fn max_age(&self) -> Option<Duration> {
        match &self.cause {
            Cause::StepUp(asked) => asked.max_age.map(Duration::from_secs),
            _ => None,
        }
    }

    /// The cause, as a stable label.
    ///
    /// ```
    /// use axioms_rocket::{AuthError, Reason};
    ///
    /// fn is_worth_an_alert(error: &AuthError) -> bool {
    ///     matches!(error.reason(), Reason::BadSignature | Reason::WrongIssuer)
    /// }
    /// ```
    pub fn reason(&self) -> Reason {
        self.cause.reason()
    }

    /// The status of the answer: 400, 401, 403 or 503.
    ///
    /// ```
    /// # use axioms_rocket::{AuthError, Authenticated};
    /// use rocket::http::Status;
    ///
    /// assert_eq!(AuthError::forbidden::<Authenticated>().status(), Status::Forbidden);
    /// ```
    pub fn status(&self) -> Status {
        self.reason().words().status
    }

    /// The `error` of the body; also of the challenge (RFC 6750 §3.1), except for `missing_token`
    /// and `temporarily_unavailable`, which are the body's own.
    ///
    /// ```
    /// # use axioms_rocket::{AuthError, Authenticated};
    /// assert_eq!(AuthError::forbidden::<Authenticated>().code(), "insufficient_scope");
    /// ```
    pub fn code(&self) -> &'static str {
        self.reason().words().code
    }

    /// The `error_description` of the challenge and the body: ASCII, fixed words, except for the
    /// name of a claim that does not fit.
    ///
    /// ```
    /// # use axioms_rocket::{AuthError, Authenticated};
    /// let error = AuthError::forbidden::<Authenticated>();
    /// assert_eq!(error.description(), "Insufficient role, scope or permission");
    /// ```
    pub fn description(&self) -> &str {
        match &self.cause {
            Cause::UnfitClaims { description, .. } => description,
            cause => cause.reason().words().description,
        }
    }

    /// The answer written out; `None` when it names a claim.
    pub(crate) fn words(&self) -> Option<&'static Words> {
        match self.cause {
            Cause::UnfitClaims { .. } => None,
            _ => Some(self.reason().words()),
        }
    }

    /// The time after which a retry may succeed; only with 503.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match &self.cause {
            Cause::Token(error) => match **error {
                TokenError::UnknownForNow { retry_after }
                | TokenError::Unavailable { retry_after } => Some(retry_after),
                #[cfg(feature = "introspection")]
                TokenError::NotIntrospected { retry_after, .. } => Some(retry_after),
                _ => None,
            },
            _ => None,
        }
    }
}

impl From<TokenError> for AuthError {
    fn from(error: TokenError) -> Self {
        AuthError::new(Cause::Token(Arc::new(error)))
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.description())?;
        match &self.cause {
            Cause::MalformedHeader(fact) | Cause::NotOwner(fact) => write!(f, " ({fact})"),
            Cause::Token(error) => write!(f, " ({error})"),
            Cause::UnfitClaims { field, .. } => {
                write!(f, " (claim {field} does not fit the route's type)")
            }
            Cause::RepeatedHeader => write!(f, " (more than one)"),
            Cause::MissingToken | Cause::NotBearer | Cause::StepUp(_) | Cause::Forbidden => Ok(()),
        }
    }
}

impl std::error::Error for AuthError {}

impl fmt::Debug for AuthError {
    // Rocket prints the error of a failed guard with `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match self.requirement() {
            Some(requirement) => write!(f, " [asked: {requirement}]"),
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
