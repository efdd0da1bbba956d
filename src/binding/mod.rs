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
/// A token that is bound to a key (RFC 7800) is never downgraded to a bearer token. A token of an
/// issuer with `token_header` came in that header, and no other did.
pub(crate) fn bind(
    verified: Arc<Verified>,
    presented: &Presented<'_>,
) -> Result<Bound, TokenError> {
    check_header(&verified, presented)?;
    let (Credential::Bearer(_) | Credential::Header { .. }) = presented.credential;
    match verified.confirmation() {
        Confirmation::None => Ok(Bound(verified)),
        Confirmation::Jkt(_) => Err(TokenError::SenderConstrained("jkt")),
        Confirmation::X5tS256(_) => Err(TokenError::SenderConstrained("x5t#S256")),
        Confirmation::Unsupported(method) => Err(TokenError::SenderConstrained(method)),
    }
}

/// Checks that the token came in the header of its issuer: a token that a client sends itself is
/// none that a proxy hands on, and the reverse.
fn check_header(verified: &Verified, presented: &Presented<'_>) -> Result<(), TokenError> {
    let expected = verified.token_header();
    if expected.map(|name| &**name) == presented.header() {
        return Ok(());
    }
    Err(TokenError::Header {
        expected: expected.map_or_else(|| "authorization".into(), Arc::clone),
    })
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
    fn a_token_comes_in_the_header_of_its_issuer_alone() {
        let authorization = Presented::bearer("a.b.c");
        let (ours, other) = (
            Presented::in_header("x-token", "a.b.c"),
            Presented::in_header("x-other", "a.b.c"),
        );
        let plain = Verified::unread_with("{}", "a.b.c", Confirmation::None);
        let proxied = Verified::unread_in_header("{}", "a.b.c", "x-token");
        let passes = |verified: &Arc<Verified>, presented: &Presented<'_>| {
            bind(Arc::clone(verified), presented).is_ok()
        };
        for (presented, expected) in [
            (&authorization, (true, false)),
            (&ours, (false, true)),
            (&other, (false, false)),
        ] {
            let passed = (passes(&plain, presented), passes(&proxied, presented));
            assert_eq!(passed, expected);
        }
    }

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
