//! Ownership: does the resource belong to whom the token speaks of?

use std::borrow::Cow;

use crate::claims::{ClaimName, ClaimSelector};
use crate::json::Value;
use crate::token::{TokenClaims, ValidToken};
use crate::verify::SubjectScope;

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

    /// Returns the issuer (`iss`) whose subject the owner is. Default `None`: the only configured issuer.
    ///
    /// The same `sub` of another issuer is another person (RFC 7519 §4.1.2). With several configured issuers a resource that
    /// returns `None` is owned by no token; where the configuration names no issuer (`jwks_url` alone), `iss` is not
    /// checked and no resource is owned at all.
    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        None
    }
}

/// Why a token does not own a resource; `Ok` when it does.
pub(crate) fn check_owner<C: TokenClaims, R: HasOwner>(
    token: &ValidToken<C>,
    resource: &R,
) -> Result<(), &'static str> {
    let owner = resource
        .owner()
        .filter(|owner| !owner.is_empty())
        .ok_or("the resource has no owner")?;
    match (token.verified().subject_scope(), resource.owner_issuer()) {
        (SubjectScope::Unchecked, _) => {
            return Err("iss is not checked, so the subject may be of any issuer: set iss_url");
        }
        (SubjectScope::OneOfSeveral, None) => {
            return Err(
                "of several issuers, HasOwner::owner_issuer does not say whose the owner is",
            );
        }
        (_, Some(issuer)) if token.issuer() != Some(&*issuer) => {
            return Err("the owner is another issuer's subject");
        }
        (SubjectScope::OnlyIssuer, _) | (SubjectScope::OneOfSeveral, Some(_)) => {}
    }
    let claim = match R::CLAIM {
        "sub" => token.subject().map(Cow::from),
        name => identifier(token.view().raw(), name),
    };
    match claim {
        Some(claim) if claim.is_empty() => Err("the token's claim is empty"),
        Some(claim) if claim == owner => Ok(()),
        Some(_) => Err("the owner is someone else"),
        None => Err("the token does not have the claim"),
    }
}

/// The claim of that name as an identifier: a string, or an integer in its decimal form, however long. Nothing else names anyone.
///
/// Read where it stands: a tree of all claims would cost several times as much, and round what has more than 64 bits.
fn identifier(claims: &str, name: &str) -> Option<Cow<'static, str>> {
    let name = ClaimName::parse(name);
    let plan = ClaimSelector::new([&name]);
    let selected = plan.select(claims).ok()?;
    // Which of two it is depends on the reader: neither.
    selected.check_within().ok()?;
    let found = match name.find(&selected)? {
        Value::Text(text) => text.read().into_owned(),
        Value::Number(number) if is_integer(number) => number.to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => {
            return None;
        }
    };
    Some(found.into())
}

/// Of a number as JSON writes it, which has no leading zeros. Minus nought is no decimal form.
fn is_integer(number: &str) -> bool {
    number != "-0"
        && number
            .strip_prefix('-')
            .unwrap_or(number)
            .bytes()
            .all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn what_a_claim_says_twice_names_nobody() {
        let user =
            |members: &str, name: &str| identifier(&format!(r#"{{"realm":{{{members}}}}}"#), name);
        for name in ["realm.user", "/realm/user"] {
            assert_eq!(
                user(r#""user":"alice","id":1"#, name).as_deref(),
                Some("alice")
            );
            for twice in [
                r#""user":"alice","user":"bob""#,
                r#""user":"alice","\u0075ser":"bob""#,
                r#""id":1,"user":"alice","id":2"#,
            ] {
                assert_eq!(user(twice, name), None, "{name} of {twice}");
            }
        }
    }

    #[test]
    fn an_integer_of_any_length_names_someone_and_no_other_number_does() {
        let named = |number: &str| identifier(&format!(r#"{{"uid":{number}}}"#), "uid");
        for number in [
            "0",
            "42",
            "-7",
            "18446744073709551616",
            "-9223372036854775809",
        ] {
            assert_eq!(named(number).as_deref(), Some(number));
        }
        for number in ["-0", "42.0", "4e1", "4E1", "-0.0"] {
            assert_eq!(named(number), None, "{number}");
        }
    }
}
