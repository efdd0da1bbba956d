//! Ownership: does the resource belong to whom the token speaks of?

use std::borrow::Cow;

use serde_json::Value;

use crate::token::{TokenClaims, ValidToken};

/// A resource that belongs to someone, for [`Owned`](crate::Owned) and [`ValidToken::owns`](crate::ValidToken::owns).
///
/// An owner that is `None` or empty belongs to nobody: it never matches, whatever the token says.
///
/// ```
/// use std::borrow::Cow;
///
/// use axioms_rocket::HasOwner;
///
/// struct Article {
///     title: String,
///     created_by: Option<String>,
/// }
///
/// impl HasOwner for Article {
///     fn owner(&self) -> Option<Cow<'_, str>> {
///         self.created_by.as_deref().map(Cow::from)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who owns it",
    label = "does not implement `HasOwner`",
    note = "`impl axioms_rocket::HasOwner for {Self} {{ fn owner(&self) -> Option<Cow<'_, str>> {{ … }} }}`"
)]
pub trait HasOwner {
    /// The claim that must equal the owner; a name as in the configuration (`email`, `realm.user`, `/a~1b`). Default `sub`.
    const CLAIM: &'static str = "sub";

    /// Who owns it; `None` for nobody.
    fn owner(&self) -> Option<Cow<'_, str>>;

    /// Whose subject the owner is: an `iss`. Default `None`, the first configured issuer. The same `sub` of another issuer is
    /// another person.
    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        None
    }
}

/// Why a token does not own a resource; `Ok` when it does.
pub(crate) fn check_owner<C: TokenClaims, R: HasOwner>(
    token: &ValidToken<C>,
    resource: &R,
) -> Result<(), &'static str> {
    let owner = resource.owner().filter(|owner| !owner.is_empty()).ok_or("the resource has no owner")?;
    let theirs = match resource.owner_issuer() {
        Some(issuer) => token.issuer() == Some(&*issuer),
        None => token.verified.issued_by.place == 0,
    };
    if !theirs {
        return Err("the owner is another issuer's subject");
    }
    let claim = match R::CLAIM {
        "sub" => token.subject().map(Cow::from),
        name => token.verified.claims.pointer(name).and_then(as_identifier),
    };
    match claim {
        Some(claim) if claim.is_empty() => Err("the token's claim is empty"),
        Some(claim) if claim == owner => Ok(()),
        Some(_) => Err("the owner is someone else"),
        None => Err("the token does not have the claim"),
    }
}

/// A claim as an identifier: a string, or an integer in its decimal form. Nothing else names anyone.
fn as_identifier(claim: &Value) -> Option<Cow<'_, str>> {
    match claim {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string().into()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
