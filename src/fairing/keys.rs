//! The forms in which `AxiomsFairing::with_keys` takes a key set.

/// A JWK set (RFC 7517 §5) for [`AxiomsFairing::with_keys`](crate::AxiomsFairing::with_keys): JSON
/// as a `String`, a `&str` or anything else that is `Into<String>`. It is sealed.
///
/// With the feature `jsonwebtoken` also a `jsonwebtoken::jwk::JwkSet`. `Form` is inferred.
///
/// ```
/// use axioms_rocket::{AxiomsFairing, IntoJwks};
///
/// fn with_keys_of<Form>(keys: impl IntoJwks<Form>) -> AxiomsFairing {
///     AxiomsFairing::default().with_keys(keys)
/// }
/// let fairing = with_keys_of(r#"{ "keys": [] }"#);
/// # let _ = fairing;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no JWK set",
    label = "expected its JSON: a `String`, a `&str`, or what is `Into<String>`",
    note = "with the feature `jsonwebtoken` also a `JwkSet` of jsonwebtoken 11"
)]
pub trait IntoJwks<Form>: sealed::Json<Form> {}

impl<T: sealed::Json<Form>, Form> IntoJwks<Form> for T {}

pub(super) mod sealed {
    /// The form of a text.
    pub struct Text;

    /// The part of `IntoJwks` that others can neither call nor implement.
    ///
    /// `Form` keeps the implementations apart: a type of another crate may be `Into<String>` one
    /// day.
    pub trait Json<Form> {
        fn into_json(self) -> String;
    }

    impl<T: Into<String>> Json<Text> for T {
        fn into_json(self) -> String {
            self.into()
        }
    }

    /// The form of a `JwkSet`.
    #[cfg(feature = "jsonwebtoken")]
    pub struct Set;

    #[cfg(feature = "jsonwebtoken")]
    impl Json<Set> for ::jsonwebtoken::jwk::JwkSet {
        fn into_json(self) -> String {
            // It always serializes: strings, lists and maps with string keys. An empty text would
            // abort the launch.
            serde_json::to_string(&self).unwrap_or_default()
        }
    }
}
