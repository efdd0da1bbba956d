//! An unverified `ValidToken`, for unit tests of handlers.

use std::time::Duration;

use serde_json::Value;

use super::HOUR;
use crate::base::clock::LenientClock;
use crate::binding::assume_bound;
use crate::config::Config;
use crate::token::Claims;
use crate::token::{TokenClaims, ValidToken};
use crate::verify::assume_verified;

/// **For tests only**: returns a [`ValidToken`] with these claims, to call a handler as a function.
///
/// Nothing is verified. This is the only way to a `ValidToken` without verification, and it exists
/// only with the feature `testing`. Claims are read under their default names (`scope` or `scp`,
/// `roles`, `permissions`, `aud`). Without `exp` the token expires in one hour; every other missing
/// claim is absent. For [`owns`](ValidToken::owns) it is a token of the only configured issuer.
///
/// ```
/// use axioms_rocket::ValidToken;
/// use axioms_rocket::testing::token_with;
/// use rocket::get;
/// use serde_json::json;
///
/// #[get("/greeting")]
/// fn greeting(token: ValidToken) -> String {
///     let name = token.subject().unwrap_or("guest");
///     if token.has_role("editor") { format!("Welcome {name}") } else { format!("Hello {name}") }
/// }
///
/// assert_eq!(greeting(token_with(json!({ "sub": "alice" }))), "Hello alice");
/// let editor = token_with(json!({ "sub": "alice", "roles": ["editor"] }));
/// assert_eq!(greeting(editor), "Welcome alice");
/// ```
///
/// # Panics
///
/// If `claims` is not an object, or a registered claim has a type that no verified token can have,
/// such as a number in `sub`.
#[track_caller]
pub fn token_with(claims: impl Into<Value>) -> ValidToken {
    typed_token_with::<Claims>(claims)
}

/// Like [`token_with`], for handlers with their own claims type.
///
/// ```
/// use axioms_rocket::ValidToken;
/// use axioms_rocket::testing::typed_token_with;
/// use serde_json::json;
///
/// #[derive(serde::Deserialize)]
/// struct Staff {
///     email: String,
/// }
///
/// let claims = json!({ "sub": "alice", "email": "alice@example.test" });
/// let token: ValidToken<Staff> = typed_token_with(claims);
/// assert_eq!(token.claims().email, "alice@example.test");
/// ```
///
/// # Panics
///
/// Like [`token_with`], and if the claims do not deserialize into `C`.
#[track_caller]
pub fn typed_token_with<C: TokenClaims>(claims: impl Into<Value>) -> ValidToken<C> {
    let mut claims = claims.into();
    let Some(members) = claims.as_object_mut() else {
        panic!("the claims of a token are an object, not {claims}")
    };
    let clock = LenientClock::system(Duration::from_secs(Config::default().leeway));
    let now: Duration = clock.clock.now();
    members
        .entry("exp")
        .or_insert_with(|| (now + HOUR).as_secs().into());
    match assume_verified(claims.to_string(), now) {
        Ok(verified) => ValidToken::of(assume_bound(verified), clock)
            .typed()
            .unwrap_or_else(|misfit| {
                panic!(
                    "the claims do not fit the type, see {:?}: {claims}",
                    misfit.field
                )
            }),
        Err(fault) => panic!("no verified token has these claims ({fault}): {claims}"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde_json::json;

    use super::token_with;
    use crate::policy::HasOwner;

    struct Article(&'static str);

    impl HasOwner for Article {
        fn owner(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }
    }

    #[test]
    fn its_claims_read_like_those_of_a_verified_token() {
        let token = token_with(json!({
            "iss": "https://issuer.example.test", "sub": "alice", "aud": ["a", "b c"],
            "exp": 1_900_000_000, "iat": 0, "jti": "j", "azp": "app", "scp": ["openid"],
            "roles": "x y", "permissions": ["p q"],
        }));
        assert_eq!(token.issuer(), Some("https://issuer.example.test"));
        assert_eq!(
            (token.subject(), token.id(), token.client_id()),
            (Some("alice"), Some("j"), Some("app"))
        );
        assert_eq!(token.audiences().collect::<Vec<_>>(), ["a", "b c"]);
        assert_eq!(
            token.expires_at(),
            Some(UNIX_EPOCH + Duration::from_secs(1_900_000_000))
        );
        assert_eq!(token.issued_at(), Some(UNIX_EPOCH));
        assert_eq!(token.scopes().collect::<Vec<_>>(), ["openid"]);
        assert_eq!(token.roles().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(token.permissions().collect::<Vec<_>>(), ["p q"]);
        assert_eq!(token.claims().get("azp"), Some(&json!("app")));
    }

    #[test]
    fn missing_claims_are_absent_and_it_expires_in_an_hour() {
        let token = token_with(json!({}));
        assert_eq!(
            (
                token.issuer(),
                token.subject(),
                token.id(),
                token.issued_at()
            ),
            (None, None, None, None)
        );
        assert_eq!(
            token
                .scopes()
                .chain(token.roles())
                .chain(token.audiences())
                .count(),
            0
        );
        let left = token
            .expires_at()
            .expect("it has one")
            .duration_since(SystemTime::now())
            .expect("not yet")
            .as_secs();
        assert!((3590..=3600).contains(&left), "{left}");
    }

    #[test]
    fn it_owns_resources_of_its_subject_only() {
        let token = token_with(json!({ "sub": "alice" }));
        assert!(token.owns(&Article("alice")).is_ok());
        let refusal = token.owns(&Article("bob")).expect_err("not hers");
        assert_eq!(
            (refusal.status().code, refusal.code()),
            (403, "insufficient_scope")
        );
    }

    #[test]
    #[should_panic(expected = "no verified token has these claims")]
    fn a_claim_that_no_verified_token_can_have_panics() {
        let _ = token_with(json!({ "sub": 7 }));
    }

    #[test]
    #[should_panic(expected = "the claims of a token are an object, not [1]")]
    fn claims_that_are_no_object_panic() {
        let _ = token_with(json!([1]));
    }
}
