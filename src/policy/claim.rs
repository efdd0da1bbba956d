//! Constraints on any claim: present, or one of the listed values.

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Policy, Requirement};
use crate::claims::find_claim;
use crate::json::Value;
use crate::token::ValidToken;

/// A claim and the values that are accepted; declare one with [`claims!`](crate::claims).
///
/// ```
/// use axioms_rocket::{Claim, ClaimList, ClaimValue, Policy};
///
/// enum Staff {}
///
/// impl ClaimList for Staff {
///     const CLAIM: &'static str = "groups";
///     const VALUES: &'static [ClaimValue] =
///         &[ClaimValue::Text("admins"), ClaimValue::Text("staff")];
/// }
/// assert_eq!(Claim::<Staff>::requirement().to_string(), r#"claim groups is "admins" or "staff""#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a claim",
    label = "this marker is of another kind",
    note = "declare it with \
            `axioms_rocket::claims! {{ pub Name = \"groups\": \"admins\" | \"staff\"; }}`"
)]
pub trait ClaimList: 'static {
    /// The claim's name, as in the settings: exact (`groups`), a path (`realm_access.kind`) or a
    /// JSON Pointer (`/a~1b/0`, RFC 6901). An empty name does not compile.
    ///
    /// ```
    /// use axioms_rocket::ClaimList;
    ///
    /// axioms_rocket::claims! { HasTenant = "org.tenant"; }
    /// assert_eq!(HasTenant::CLAIM, "org.tenant");
    /// ```
    const CLAIM: &'static str;

    /// The accepted values, any of which is enough; empty if the claim only has to be present. An
    /// empty text does not compile.
    ///
    /// ```
    /// use axioms_rocket::{ClaimList, ClaimValue};
    ///
    /// axioms_rocket::claims! { Seven = "tenant": 7; }
    /// assert_eq!(Seven::VALUES, [ClaimValue::Integer(7)]);
    /// ```
    const VALUES: &'static [ClaimValue];
}

/// A value that a claim may have.
///
/// ```
/// use axioms_rocket::{ClaimList, ClaimValue};
///
/// axioms_rocket::claims! { Mixed = "level": "high" | 3 | 0.5 | true; }
/// assert_eq!(
///     Mixed::VALUES,
///     [
///         ClaimValue::Text("high"),
///         ClaimValue::Integer(3),
///         ClaimValue::Float(0.5),
///         ClaimValue::Bool(true)
///     ]
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ClaimValue {
    /// A string, compared whole and case-sensitively.
    Text(&'static str),
    /// A number without fraction, compared by value: `7` and `7.0` are equal.
    Integer(i128),
    /// A number, compared by value.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A string that begins with this text and goes on, compared case-sensitively. The text ends
    /// with a separator: a letter, a digit, `-` or `_` at its end does not compile.
    StartsWith(&'static str),
    /// A string that ends with this text and has more before it, compared case-sensitively. The
    /// text begins with a separator.
    EndsWith(&'static str),
}

impl ClaimValue {
    /// Returns true for a part of a text, which is told with a verb.
    pub(super) fn is_pattern(&self) -> bool {
        matches!(self, ClaimValue::StartsWith(_) | ClaimValue::EndsWith(_))
    }
}

/// No literal is NaN.
impl Eq for ClaimValue {}

impl ClaimValue {
    fn equals(&self, value: Value<'_>) -> bool {
        match (*self, value) {
            (ClaimValue::Text(expected), Value::String(text)) => text.read() == expected,
            (ClaimValue::Bool(expected), Value::Bool(value)) => value == expected,
            (ClaimValue::Integer(expected), Value::Number(number)) => {
                match number.parse::<i128>() {
                    Ok(number) => number == expected,
                    // Beyond 2^53 a float does not tell two integers apart.
                    Err(_) => {
                        expected.unsigned_abs() <= 1 << 53 && is_float(number, expected as f64)
                    }
                }
            }
            (ClaimValue::Float(expected), Value::Number(number)) => is_float(number, expected),
            (ClaimValue::StartsWith(start), Value::String(text)) => {
                let text = text.read();
                text.len() > start.len() && text.starts_with(start)
            }
            (ClaimValue::EndsWith(end), Value::String(text)) => {
                let text = text.read();
                text.len() > end.len() && text.ends_with(end)
            }
            _ => false,
        }
    }
}

/// perf: serde_json's reading is bounded, `str::parse` of a hostile number is expensive.
fn is_float(number: &str, expected: f64) -> bool {
    serde_json::from_str::<f64>(number).is_ok_and(|number| number == expected)
}

impl fmt::Display for ClaimValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClaimValue::Text(text) => write!(f, "{text:?}"),
            ClaimValue::Integer(number) => number.fmt(f),
            ClaimValue::Float(number) => number.fmt(f),
            ClaimValue::Bool(value) => value.fmt(f),
            ClaimValue::StartsWith(start) => write!(f, "starts with {start:?}"),
            ClaimValue::EndsWith(end) => write!(f, "ends with {end:?}"),
        }
    }
}

/// The claim is present and, where `C` lists values, **is or contains** one of them.
///
/// Texts are compared whole and case-sensitively, numbers and booleans by value, and types are not
/// converted: `"7"` is not `7`. A text may also be given by its start or its end. An array contains
/// its items. A claim that is null, or within which a member comes twice, is absent.
///
/// As a guard: **succeeds if** the request carries a valid token with that claim, or the method is
/// one of `safe_methods`. **Fails with** 401 as [`ValidToken`](crate::ValidToken) does, or 403
/// `insufficient_scope`.
///
/// ```
/// # use rocket::{get, post};
/// use axioms_rocket::{Any, Claim, Roles};
///
/// axioms_rocket::claims! {
///     pub Staff = "groups": "admins" | "staff";
///     pub HasTenant = "tenant";
/// }
/// axioms_rocket::roles! { Operator = "operator"; }
///
/// #[get("/intranet")]
/// fn intranet(_staff: Claim<Staff>) -> &'static str {
///     "for staff"
/// }
///
/// #[post("/deploy")]
/// fn deploy(_may: Any<(Claim<HasTenant>, Roles<Operator>)>) -> &'static str {
///     "deployed"
/// }
/// ```
pub struct Claim<C: ClaimList>(PhantomData<fn() -> C>);

impl<C: ClaimList> Claim<C> {
    pub(crate) fn granted() -> Self {
        Claim(PhantomData)
    }

    /// Compiles only for a constraint that can be satisfied.
    const NAME: &'static str = {
        super::declare::check_claim(C::CLAIM, C::VALUES);
        C::CLAIM
    };
}

impl<C: ClaimList> fmt::Debug for Claim<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({})", Self::requirement())
    }
}

impl<C: ClaimList> Policy for Claim<C> {
    fn decide(token: &ValidToken) -> Decision {
        holds(token, Self::NAME, C::VALUES).into()
    }

    fn requirement() -> Requirement {
        Requirement::Claim(Self::NAME, C::VALUES)
    }
}

/// Returns true if the claim `name` is present and, where `values` are listed, is or contains one.
pub(super) fn holds(token: &ValidToken, name: &str, values: &[ClaimValue]) -> bool {
    let listed = |value| values.iter().any(|listed| listed.equals(value));
    match find_claim(token.view().raw(), name) {
        None | Some(Value::Null) => false,
        Some(_) if values.is_empty() => true,
        Some(Value::Array(items)) => items.items().any(listed),
        Some(value) => listed(value),
    }
}
