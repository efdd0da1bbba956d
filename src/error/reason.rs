//! The causes of a refusal, and the status, code and words of each.

use std::fmt;

use rocket::http::Status;

/// Reason of a refusal: one label per cause, for logs, metrics and `match`.
///
/// [`AuthError::reason`](crate::AuthError::reason) returns it. The labels are stable; more causes
/// may be added.
///
/// ```
/// # use rocket::{catch, Request};
/// use axioms_rocket::{AuthError, Reason};
///
/// #[catch(401)]
/// fn unauthorized(request: &Request<'_>) -> &'static str {
///     match AuthError::of(request).map(|error| error.reason()) {
///         Some(Reason::Expired) => "Your session has ended.",
///         _ => "Please sign in.",
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// More than one `Authorization` header, or one and a `token_header`. 400.
    RepeatedHeader,
    /// No `Authorization` header, or an empty one. 401, as all up to `KeysUnavailable`.
    MissingToken,
    /// An `Authorization` header whose scheme is not `Bearer`.
    NotBearer,
    /// `Bearer` without a token, or with more than one `b64token` (RFC 6750 §2.1).
    MalformedHeader,
    /// Not a JWT that can be read (RFC 7519 §7.2).
    Malformed,
    /// Longer than `max_token_bytes`.
    TooLong,
    /// The header has `crit` or `b64` (RFC 7515 §4.1.11, RFC 7797).
    UnsupportedExtension,
    /// `alg` is not one of `algorithms`.
    UnsupportedAlgorithm,
    /// `alg` does not fit the key (RFC 8725 §3.1).
    WrongKeyType,
    /// `typ` is not one of `token_typs` (RFC 9068 §4).
    WrongType,
    /// `cnf` binds the token to a key or certificate of the sender, which is not checked here (RFC
    /// 7800).
    SenderConstrained,
    /// No key of the issuer has this `kid`.
    UnknownKey,
    /// No `kid`, and not exactly one key that fits.
    AmbiguousKey,
    /// The signature does not verify.
    BadSignature,
    /// `exp` is in the past.
    Expired,
    /// `iat` is further back than `max_token_age`.
    TooOld,
    /// `nbf` or `iat` is in the future.
    NotYetValid,
    /// `iss` is not a configured issuer.
    WrongIssuer,
    /// `aud` names none of the configured audiences.
    WrongAudience,
    /// A required claim is missing.
    MissingClaim,
    /// A claim of `expected_claims` has another value.
    UnexpectedClaim,
    /// The claims do not fit the type `C` of `ValidToken<C>`.
    UnfitClaims,
    /// An ID token, or another token that is not an access token.
    NotAccessToken,
    /// The issuer says that the token is not active, or no longer (RFC 7662 §2.2).
    NotActive,
    /// The issuer's keys cannot be fetched. 503.
    KeysUnavailable,
    /// The [`IssuerSource`](crate::IssuerSource) gives no answer. 503.
    IssuerUnavailable,
    /// The issuer cannot be asked about the token (RFC 7662). 503.
    IntrospectionUnavailable,
    /// The token is valid, and its user has to authenticate otherwise: [`Acr`](crate::Acr),
    /// [`Amr`](crate::Amr) (RFC 9470). 401.
    AuthenticationLevel,
    /// The token is valid, and its user has to authenticate again:
    /// [`MaxAuthAge`](crate::MaxAuthAge) (RFC 9470). 401.
    AuthenticationAge,
    /// The token is valid and a policy denies it. 403.
    Forbidden,
    /// The token is valid and its subject does not own the resource. 403.
    NotOwner,
}

impl Reason {
    /// Each reason, at the index of its number. One that is missing does not compile.
    pub(crate) const ALL: [Reason; Reason::NotOwner as usize + 1] = [
        Reason::RepeatedHeader,
        Reason::MissingToken,
        Reason::NotBearer,
        Reason::MalformedHeader,
        Reason::Malformed,
        Reason::TooLong,
        Reason::UnsupportedExtension,
        Reason::UnsupportedAlgorithm,
        Reason::WrongKeyType,
        Reason::WrongType,
        Reason::SenderConstrained,
        Reason::UnknownKey,
        Reason::AmbiguousKey,
        Reason::BadSignature,
        Reason::Expired,
        Reason::TooOld,
        Reason::NotYetValid,
        Reason::WrongIssuer,
        Reason::WrongAudience,
        Reason::MissingClaim,
        Reason::UnexpectedClaim,
        Reason::UnfitClaims,
        Reason::NotAccessToken,
        Reason::NotActive,
        Reason::KeysUnavailable,
        Reason::IssuerUnavailable,
        Reason::IntrospectionUnavailable,
        Reason::AuthenticationLevel,
        Reason::AuthenticationAge,
        Reason::Forbidden,
        Reason::NotOwner,
    ];

    /// The label: lower case with underscores.
    ///
    /// ```
    /// assert_eq!(axioms_rocket::Reason::WrongAudience.as_str(), "wrong_audience");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::RepeatedHeader => "repeated_header",
            Reason::MissingToken => "missing_token",
            Reason::NotBearer => "not_bearer",
            Reason::MalformedHeader => "malformed_header",
            Reason::Malformed => "malformed",
            Reason::TooLong => "too_long",
            Reason::UnsupportedExtension => "unsupported_extension",
            Reason::UnsupportedAlgorithm => "unsupported_algorithm",
            Reason::WrongKeyType => "wrong_key_type",
            Reason::WrongType => "wrong_type",
            Reason::SenderConstrained => "sender_constrained",
            Reason::UnknownKey => "unknown_key",
            Reason::AmbiguousKey => "ambiguous_key",
            Reason::BadSignature => "bad_signature",
            Reason::Expired => "expired",
            Reason::TooOld => "too_old",
            Reason::NotYetValid => "not_yet_valid",
            Reason::WrongIssuer => "wrong_issuer",
            Reason::WrongAudience => "wrong_audience",
            Reason::MissingClaim => "missing_claim",
            Reason::UnexpectedClaim => "unexpected_claim",
            Reason::UnfitClaims => "unfit_claims",
            Reason::NotAccessToken => "not_access_token",
            Reason::NotActive => "not_active",
            Reason::KeysUnavailable => "keys_unavailable",
            Reason::IssuerUnavailable => "issuer_unavailable",
            Reason::IntrospectionUnavailable => "introspection_unavailable",
            Reason::AuthenticationLevel => "authentication_level",
            Reason::AuthenticationAge => "authentication_age",
            Reason::Forbidden => "forbidden",
            Reason::NotOwner => "not_owner",
        }
    }

    /// Returns true if the request presented no bearer token: the challenge has no `error` then
    /// (RFC 6750 §3.1).
    pub(crate) fn is_no_token(self) -> bool {
        matches!(self, Reason::MissingToken | Reason::NotBearer)
    }

    /// Returns true if a new authentication of the user may make the token pass (RFC 9470).
    pub(crate) fn is_step_up(self) -> bool {
        matches!(
            self,
            Reason::AuthenticationLevel | Reason::AuthenticationAge
        )
    }

    /// Returns true if the token was not read: nothing of it is known.
    pub(crate) fn is_unread(self) -> bool {
        matches!(
            self,
            Reason::RepeatedHeader
                | Reason::MissingToken
                | Reason::NotBearer
                | Reason::MalformedHeader
                | Reason::TooLong
        )
    }

    /// The answer: the one `match` that decides the status (RFC 6750 §3.1).
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Reason::RepeatedHeader => {
                words!(
                    BadRequest,
                    "invalid_request",
                    "Invalid Authorization header"
                )
            }
            Reason::MissingToken => {
                words!(
                    Unauthorized,
                    "missing_token",
                    "Missing Authorization header"
                )
            }
            Reason::NotBearer => words!(Unauthorized, "missing_token", "Not a bearer token"),
            Reason::MalformedHeader => {
                words!(
                    Unauthorized,
                    "invalid_token",
                    "Invalid Authorization header"
                )
            }
            Reason::Malformed | Reason::TooLong | Reason::UnsupportedExtension => {
                words!(Unauthorized, "invalid_token", "Malformed token")
            }
            Reason::UnsupportedAlgorithm | Reason::WrongKeyType => {
                words!(Unauthorized, "invalid_token", "Unsupported algorithm")
            }
            Reason::WrongType | Reason::SenderConstrained => {
                words!(Unauthorized, "invalid_token", "Invalid token type")
            }
            Reason::UnknownKey | Reason::AmbiguousKey => {
                words!(Unauthorized, "invalid_token", "Unknown signing key")
            }
            Reason::BadSignature => {
                words!(Unauthorized, "invalid_token", "Invalid token signature")
            }
            Reason::Expired | Reason::TooOld => {
                words!(Unauthorized, "invalid_token", "Token has expired")
            }
            Reason::NotYetValid => words!(Unauthorized, "invalid_token", "Token is not valid yet"),
            Reason::WrongIssuer => words!(Unauthorized, "invalid_token", "Invalid token issuer"),
            Reason::WrongAudience => {
                words!(Unauthorized, "invalid_token", "Invalid token audience")
            }
            Reason::MissingClaim | Reason::UnexpectedClaim | Reason::UnfitClaims => {
                words!(
                    Unauthorized,
                    "invalid_token",
                    "Token is missing a required claim"
                )
            }
            Reason::NotAccessToken => words!(Unauthorized, "invalid_token", "Not an access token"),
            Reason::NotActive => words!(Unauthorized, "invalid_token", "Token is not active"),
            Reason::IntrospectionUnavailable => words!(
                ServiceUnavailable,
                "temporarily_unavailable",
                "Token introspection is temporarily unavailable"
            ),
            Reason::KeysUnavailable | Reason::IssuerUnavailable => words!(
                ServiceUnavailable,
                "temporarily_unavailable",
                "Signing keys are temporarily unavailable"
            ),
            Reason::AuthenticationLevel | Reason::AuthenticationAge => words!(
                Unauthorized,
                "insufficient_user_authentication",
                "A different authentication level is required"
            ),
            Reason::Forbidden => words!(
                Forbidden,
                "insufficient_scope",
                "Insufficient role, scope or permission"
            ),
            Reason::NotOwner => {
                words!(
                    Forbidden,
                    "insufficient_scope",
                    "You do not own this resource"
                )
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to the client: fixed at compile time, and written out as it is sent.
pub(crate) struct Words {
    pub(crate) status: Status,
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
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
use words;

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn each_reason_is_in_the_list_of_all() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason}");
        }
        // One after the last of the list would be missing.
        let lines = include_str!("reason.rs").lines().map(str::trim_start);
        let labels = lines.filter(|line| line.starts_with("Reason::") && line.contains("=> \""));
        assert_eq!(labels.count(), Reason::ALL.len());
    }
}
