//! The public view of the verified claims.

use std::fmt;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::name::ClaimName;

/// The claims of a verified access token (RFC 7519 §4), read-only.
///
/// The text is kept as the token carried it; the tree behind [`get`](Claims::get) is built when it is first asked for.
///
/// ```
/// # use axioms_rocket::{Claims, ValidToken};
/// fn tenant(token: &ValidToken) -> Option<&str> {
///     token.claims().get("tenant")?.as_str()
/// }
/// ```
#[repr(C)] // What each request looks at first: see `Verified`.
pub struct Claims {
    /// The token's own text, if it is to be known again, and behind it the claims: one allocation, since giving back the memory of
    /// tokens that nobody uses is what keeping new ones costs.
    text: Box<str>,
    /// Where the claims begin.
    start: usize,
    tree: OnceLock<Box<Map<String, Value>>>,
}

impl Claims {
    /// `raw` must have been read by [`Plan::gather`](super::Plan::gather), which admits nothing that the tree would not. `token` is
    /// its token, or nothing.
    pub(crate) fn new(raw: &str, token: &str) -> Claims {
        Claims { text: [token, raw].concat().into(), start: token.len(), tree: OnceLock::new() }
    }

    /// The token that they are of, if it was told. As octets: to look whether a character begins where it ends would wait for memory
    /// before anything is compared.
    pub(crate) fn token(&self) -> &[u8] {
        self.text.as_bytes().get(..self.start).unwrap_or_default()
    }

    /// Bytes on the heap, without the tree.
    pub(crate) fn weight(&self) -> usize {
        self.text.len()
    }

    fn tree(&self) -> &Map<String, Value> {
        self.tree.get_or_init(|| {
            serde_json::from_str(self.raw()).unwrap_or_else(|error| {
                // Cannot happen for what `Plan::gather` read; if it does, nothing is claimed.
                tracing::error!("verified claims could not be read again: {:?} error", error.classify());
                Box::default()
            })
        })
    }

    /// The claim of exactly this name, whatever its type; `None` when the token does not have it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.tree().get(name)
    }

    /// The claim of exactly this name as a `T`.
    ///
    /// # Errors
    ///
    /// `Some(Err(_))` when the claim is there and does not fit.
    pub fn get_as<T: DeserializeOwned>(&self, name: &str) -> Option<Result<T, serde_json::Error>> {
        self.get(name).map(T::deserialize)
    }

    /// The value at a path, by the rules of the configuration's claim names: a JSON Pointer (RFC 6901) if it starts with `/`, else
    /// the claim of exactly that name, else a dotted path (`realm_access.roles`).
    pub fn pointer(&self, path: &str) -> Option<&Value> {
        ClaimName::parse(path).find_in(self.tree())
    }

    /// Every claim with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.tree().iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The claims as the token carried them: one JSON object. It is personal data; do not log it.
    pub fn raw(&self) -> &str {
        self.text.get(self.start..).unwrap_or_default()
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Claims are personal data, and parts of a token: a derived `Debug` of whatever holds them must be safe.
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}
