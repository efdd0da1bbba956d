//! The form of a claim that holds names.

use serde::{Deserialize, Serialize};

/// The form of a claim that holds names:
/// [`Config::roles_shape`](crate::Config::roles_shape) and
/// [`Config::permissions_shape`](crate::Config::permissions_shape).
///
/// Written as text in a configuration: `roles_shape = "keys"`. An array of strings holds its items
/// in each form but `keys`. A claim of another type holds no name, so the guard refuses.
///
/// ```
/// use axioms_rocket::{ClaimShape, Config};
///
/// let config = Config { roles_shape: ClaimShape::Keys, ..Config::default() };
/// assert_eq!(serde_json::to_value(config.roles_shape).unwrap(), "keys");
/// assert_eq!(Config::default().permissions_shape, ClaimShape::List);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ClaimShape {
    /// `"list"`, the default: an array of strings, or a string with spaces between the names.
    #[default]
    List,
    /// `"keys"`: an object whose member names are the names, or an array of such objects
    /// (Zitadel). A member that is null, false or empty is not held.
    Keys,
    /// `"text"`: a string that is one name, spaces included (Supabase `role`, Clerk `o.rol`).
    Text,
    /// `"comma"`: a string with commas between the names; spaces around them are dropped (WSO2,
    /// Clerk `o.per`).
    Comma,
}
