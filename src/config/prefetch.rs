//! The value of `jwks_prefetch`: a boolean, or `"require"`.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// The fetch of the signing keys at launch:
/// [`Config::jwks_prefetch`](crate::Config::jwks_prefetch).
///
/// Written `true`, `false` or `"require"` in a configuration.
///
/// ```
/// use axioms_rocket::{Config, JwksPrefetch};
///
/// assert_eq!(Config::default().jwks_prefetch, JwksPrefetch::Warm);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JwksPrefetch {
    /// `true`, the default: fetch at launch, so that the first request does not wait. An issuer
    /// that cannot be reached is a warning; requests are answered 503 until its keys arrive.
    #[default]
    Warm,
    /// `false`: fetch when the first token comes.
    Never,
    /// `"require"`: fetch at launch; an issuer that cannot be reached aborts the launch.
    Require,
}

impl Serialize for JwksPrefetch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            JwksPrefetch::Warm => serializer.serialize_bool(true),
            JwksPrefetch::Never => serializer.serialize_bool(false),
            JwksPrefetch::Require => serializer.serialize_str("require"),
        }
    }
}

impl<'de> Deserialize<'de> for JwksPrefetch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;

        impl Visitor<'_> for Word {
            type Value = JwksPrefetch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or \"require\"")
            }

            fn visit_bool<E: de::Error>(self, warm: bool) -> Result<JwksPrefetch, E> {
                Ok(if warm {
                    JwksPrefetch::Warm
                } else {
                    JwksPrefetch::Never
                })
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<JwksPrefetch, E> {
                match word {
                    "require" => Ok(JwksPrefetch::Require),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }
        }

        deserializer.deserialize_any(Word)
    }
}
