//! The proof that the sender of a token may use it.

mod presented;

use std::ops::Deref;
use std::sync::Arc;

pub(crate) use presented::{Credential, Presented};

use crate::verify::{Confirmation, TokenError, Verified};

/// A verified token whose sender may use it. Its field is private, so that only this module makes
/// one.
///
/// It is good for one request, and never cached.
#[derive(Clone)]
pub(crate) struct Bound(Arc<Verified>);

impl Deref for Bound {
    type Target = Verified;

    fn deref(&self) -> &Verified {
        &self.0
    }
}

/// Checks the confirmation of a token against the credentials of the request.
///
/// # Errors
///
/// A token that is bound to a key (RFC 7800) is never downgraded to a bearer token.
pub(crate) fn bind(
    verified: Arc<Verified>,
    presented: &Presented<'_>,
) -> Result<Bound, TokenError> {
    match (verified.confirmation(), &presented.credential) {
        (Confirmation::None, Credential::Bearer(_)) => Ok(Bound(verified)),
        (Confirmation::Jkt(_), Credential::Bearer(_)) => Err(TokenError::SenderConstrained("jkt")),
        (Confirmation::X5tS256(_), Credential::Bearer(_)) => {
            Err(TokenError::SenderConstrained("x5t#S256"))
        }
        (Confirmation::Unsupported(method), Credential::Bearer(_)) => {
            Err(TokenError::SenderConstrained(method))
        }
    }
}

/// Takes `verified` as used by the right sender, for tests of handlers.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn assume_bound(verified: Arc<Verified>) -> Bound {
    Bound(verified)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Presented, bind};
    use crate::claims::Text;
    use crate::verify::{Confirmation, TokenError, Verified};

    #[test]
    fn only_a_token_without_confirmation_is_a_bearer_token() {
        let bound = |confirmation| {
            let verified = Verified::unread_with("{}", "a.b.c", confirmation);
            let bound = bind(Arc::clone(&verified), &Presented::bearer("a.b.c"));
            bound.map(|bound| std::ptr::eq(&*bound, &*verified))
        };
        assert_eq!(
            bound(Confirmation::None),
            Ok(true),
            "the cached proof itself"
        );
        for (confirmation, method) in [
            (Confirmation::Jkt(Text::Own("x".into())), "jkt"),
            (Confirmation::X5tS256(Text::Own("x".into())), "x5t#S256"),
            (Confirmation::Unsupported("jwk"), "jwk"),
        ] {
            assert_eq!(
                bound(confirmation),
                Err(TokenError::SenderConstrained(method))
            );
        }
    }
}
