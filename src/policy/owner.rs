//! Ownership: the token's claim equals the owner of a resource.

use std::any::{TypeId, type_name};
use std::borrow::Cow;

use crate::claims::find_claim;
use crate::json::Value;
use crate::token::{TokenClaims, ValidToken};
use crate::verify::SubjectScope;

/// A resource with an owner, for [`Owned`](crate::Owned), [`OwnedOr`](crate::OwnedOr) and
/// [`ValidToken::owns`](crate::ValidToken::owns).
///
/// An owner that is `None` or empty matches no token.
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
///
/// # More than one ownership
///
/// `O` names another ownership of the same type; any type of yours may be the name. A route asks
/// for it with `Owned<Task, Assignee>`:
///
/// ```
/// # use std::borrow::Cow;
/// use axioms_rocket::HasOwner;
///
/// struct Task {
///     author: String,
///     assignee: Option<String>,
/// }
///
/// impl HasOwner for Task {
///     fn owner(&self) -> Option<Cow<'_, str>> {
///         Some(Cow::from(&self.author))
///     }
/// }
///
/// enum Assignee {}
///
/// impl HasOwner<Assignee> for Task {
///     fn owner(&self) -> Option<Cow<'_, str>> {
///         self.assignee.as_deref().map(Cow::from)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who owns it",
    label = "does not implement `HasOwner<{O}>`",
    note = "`impl axioms_rocket::HasOwner for {Self} \
            {{ fn owner(&self) -> Option<Cow<'_, str>> {{ … }} }}`"
)]
pub trait HasOwner<O = Subject> {
    /// The claim that must equal the owner; a name as in the settings (`email`, `realm.user`,
    /// `/a~1b`). Default `sub`.
    ///
    /// A claim that users can change at the authorization server lets them take over resources: an
    /// `email` proves nothing unless the server verified it. Require `email_verified`, too:
    ///
    /// ```
    /// # use std::borrow::Cow;
    /// # use axioms_rocket::HasOwner;
    /// # use rocket::{get, request::{FromRequest, Outcome, Request}};
    /// use axioms_rocket::{Claim, Owned};
    ///
    /// axioms_rocket::claims! { VerifiedMail = "email_verified": true; }
    ///
    /// struct Letter {
    ///     recipient: String,
    /// }
    ///
    /// impl HasOwner for Letter {
    ///     const CLAIM: &'static str = "email";
    ///
    ///     fn owner(&self) -> Option<Cow<'_, str>> {
    ///         Some(Cow::from(&self.recipient))
    ///     }
    /// }
    /// # #[rocket::async_trait]
    /// # impl<'r> FromRequest<'r> for Letter {
    /// #     type Error = ();
    /// #     async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
    /// #         Outcome::Success(Letter { recipient: "alice@example.com".into() })
    /// #     }
    /// # }
    ///
    /// #[get("/letters/<_letter>")]
    /// fn read(_verified: Claim<VerifiedMail>, letter: Owned<Letter>, _letter: &str) -> String {
    ///     letter.recipient.clone()
    /// }
    /// ```
    const CLAIM: &'static str = "sub";

    /// Returns the owner; `None` if there is none.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use axioms_rocket::HasOwner;
    ///
    /// /// Owned by a number, which an integer claim equals in its decimal form.
    /// struct Invoice {
    ///     customer: u64,
    /// }
    ///
    /// impl HasOwner for Invoice {
    ///     const CLAIM: &'static str = "customer_id";
    ///
    ///     fn owner(&self) -> Option<Cow<'_, str>> {
    ///         Some(self.customer.to_string().into())
    ///     }
    /// }
    /// ```
    fn owner(&self) -> Option<Cow<'_, str>>;

    /// Returns the issuer (`iss`) whose subject the owner is. Default `None`: the only configured
    /// issuer.
    ///
    /// A `sub` of another issuer is another person (RFC 7519 §4.1.2). With several
    /// configured issuers a resource that returns `None` is owned by no token; where the
    /// configuration names no issuer (`jwks_url` alone), `iss` is not checked and no resource is
    /// owned at all.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use axioms_rocket::HasOwner;
    ///
    /// struct Article {
    ///     author: String,
    ///     author_issuer: String,
    /// }
    ///
    /// impl HasOwner for Article {
    ///     fn owner(&self) -> Option<Cow<'_, str>> {
    ///         Some(Cow::from(&self.author))
    ///     }
    ///
    ///     fn owner_issuer(&self) -> Option<Cow<'_, str>> {
    ///         Some(Cow::from(&self.author_issuer))
    ///     }
    /// }
    /// ```
    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        None
    }
}

/// The default ownership of [`HasOwner`](crate::HasOwner) and [`Owned`](crate::Owned): `Owned<T>`
/// is `Owned<T, Subject>`.
///
/// ```
/// # use axioms_rocket::{HasOwner, Owned, Subject};
/// fn title<T: HasOwner>(article: &Owned<T>) -> &Owned<T, Subject> {
///     article
/// }
/// ```
#[derive(Debug)]
pub enum Subject {}

/// A type that names an ownership: the `O` of [`HasOwner<O>`](crate::HasOwner) and [`Owned<T,
/// O>`](crate::Owned). Every type without borrows is one; it needs no implementation.
///
/// ```
/// use axioms_rocket::{HasOwner, Owned, OwnerOf};
///
/// fn into_resource<T: HasOwner<O>, O: OwnerOf>(owned: Owned<T, O>) -> T {
///     owned.into_inner()
/// }
/// ```
pub trait OwnerOf: 'static {
    /// The name in requirements; `None` for [`Subject`].
    #[doc(hidden)]
    fn label() -> Option<&'static str>;
}

impl<O: 'static> OwnerOf for O {
    fn label() -> Option<&'static str> {
        if TypeId::of::<O>() == TypeId::of::<Subject>() {
            return None;
        }
        let path = type_name::<O>().split('<').next().unwrap_or_default();
        path.rsplit("::").next()
    }
}

/// Checks that the token's claim equals the owner of `resource`.
///
/// # Errors
///
/// The reason why it does not, for the log.
pub(crate) fn check_owner<C: TokenClaims, R: HasOwner<O>, O>(
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
            return Err("there are several issuers, and HasOwner::owner_issuer names none of them");
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

/// Reads a claim as an identifier: a string, or an integer of any length in its decimal form.
///
/// perf: read from the text, since a tree of all claims costs several times as much and rounds
/// integers beyond 64 bits; policy.
fn identifier<'t>(claims: &'t str, name: &str) -> Option<Cow<'t, str>> {
    match find_claim(claims, name)? {
        Value::String(text) => Some(text.read()),
        Value::Number(number) if is_integer(number) => Some(number.into()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// Returns true if a JSON number is an integer in its decimal form; `-0` is not.
fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    number != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{OwnerOf, Subject, identifier};

    #[test]
    fn a_claim_with_a_duplicate_member_is_no_identifier() {
        let user = |members: &str, name: &str| {
            let claims = format!(r#"{{"realm":{{{members}}}}}"#);
            identifier(&claims, name).map(Cow::into_owned)
        };
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
    fn an_integer_of_any_length_is_an_identifier_and_no_other_number() {
        let named = |number: &str| {
            let claims = format!(r#"{{"uid":{number}}}"#);
            identifier(&claims, "uid").map(Cow::into_owned)
        };
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

    #[test]
    fn an_ownership_is_labelled_by_its_type_without_path_and_parameters() {
        enum Assignee {}
        struct Of<T>(T);
        assert_eq!(Subject::label(), None);
        assert_eq!(Assignee::label(), Some("Assignee"));
        assert_eq!(<Of<Vec<Assignee>>>::label(), Some("Of"));
    }
}
