//! The kinds of values that settings take.

use std::collections::BTreeMap;
use std::path::PathBuf;

use figment::value::Value;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::choice::{CLAIM_SHAPE, CLIENT_AUTH, ClientAuth, INTROSPECT_WHEN, IntrospectWhen};
use super::fields::IssuerConfig;
use super::list;
use super::prefetch::JwksPrefetch;
use super::tables::{INTROSPECTION, IntrospectionConfig, RESOURCE, ResourceConfig};
use crate::base::redact::Secret;
use crate::claims::ClaimShape;

pub(super) use super::fields::{ISSUER_KEYS, KEYS};

/// The keys of one table, in the order of its fields.
pub(super) type Keys = &'static [Key];

/// A setting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) has_default: bool,
}

/// The kind of value that a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Secret,
    Path,
    List,
    Seconds,
    Number,
    Flag,
    JwksPrefetch,
    /// One of these words.
    Choice(&'static str),
    Claims,
    /// A list of tables with these keys.
    Tables(Keys),
    /// A nested table: `[default.axioms.name]`, or variables `AXIOMS_NAME_KEY`.
    Table(&'static Table),
}

/// A nested table of settings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) keys: Keys,
    /// The feature that these settings need, if it is not compiled in: their types exist without
    /// it.
    pub(super) missing_feature: Option<&'static str>,
}

impl Kind {
    /// Describes the expected value, to be read after "must be".
    pub(super) fn expects(self) -> &'static str {
        match self {
            Kind::Text | Kind::Secret => "text",
            Kind::Path => "a path",
            Kind::List => "a list of texts, or one text",
            Kind::Seconds => "a whole number of seconds",
            Kind::Number => "a whole number",
            Kind::Flag => "true or false",
            Kind::JwksPrefetch => "true, false or \"require\"",
            Kind::Choice(words) => words,
            Kind::Claims => "a table, such as {token_use = \"access\"}",
            Kind::Tables(_) => {
                "a list of tables, such as [{iss_url = \"https://auth.example.com\"}]"
            }
            Kind::Table(_) => "a table",
        }
    }

    /// Describes the value that was found instead, to be read after "found".
    pub(super) fn found(self, value: &Value) -> String {
        match self {
            Kind::Secret => "another type".to_owned(),
            _ => found(value),
        }
    }
}

/// A field's type: the kind of its values, and how they are read and written.
pub(super) trait Setting: Sized {
    const KIND: Kind;
    const HAS_DEFAULT: bool = true;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Returns `true` if the value is left out when settings are serialised.
    fn is_unset(&self) -> bool {
        false
    }
}

macro_rules! setting {
    ($($type:ty => $kind:expr, $read:expr;)*) => {
        $(impl Setting for $type {
            const KIND: Kind = $kind;

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $read(deserializer)
            }
        })*
    };
}

setting! {
    String => Kind::Text, String::deserialize;
    Secret => Kind::Secret, Secret::deserialize;
    PathBuf => Kind::Path, PathBuf::deserialize;
    Vec<String> => Kind::List, list::deserialize;
    u64 => Kind::Seconds, u64::deserialize;
    usize => Kind::Number, usize::deserialize;
    bool => Kind::Flag, bool::deserialize;
    JwksPrefetch => Kind::JwksPrefetch, JwksPrefetch::deserialize;
    ClaimShape => Kind::Choice(CLAIM_SHAPE), ClaimShape::deserialize;
    BTreeMap<String, Json> => Kind::Claims, BTreeMap::deserialize;
    Vec<IssuerConfig> => Kind::Tables(ISSUER_KEYS), Vec::deserialize;
    ResourceConfig => Kind::Table(RESOURCE), ResourceConfig::deserialize;
    IntrospectionConfig => Kind::Table(INTROSPECTION), IntrospectionConfig::deserialize;
    ClientAuth => Kind::Choice(CLIENT_AUTH), ClientAuth::deserialize;
    IntrospectWhen => Kind::Choice(INTROSPECT_WHEN), IntrospectWhen::deserialize;
}

impl<T: Setting> Setting for Option<T> {
    const KIND: Kind = T::KIND;
    const HAS_DEFAULT: bool = false;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(T);

        impl<'de, T: Setting> Deserialize<'de> for Read<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::read(deserializer).map(Read)
            }
        }

        Ok(Option::deserialize(deserializer)?.map(|Read(value)| value))
    }

    fn is_unset(&self) -> bool {
        self.is_none()
    }
}

pub(super) fn find(keys: Keys, name: &str) -> Option<&'static Key> {
    keys.iter().find(|key| key.name == name)
}

pub(super) fn kind(keys: Keys, name: &str) -> Option<Kind> {
    find(keys, name).map(|key| key.kind)
}

/// Texts are not repeated: one may be a secret in the wrong setting.
fn found(value: &Value) -> String {
    match value {
        Value::String(..) | Value::Char(..) => "text".into(),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => match (number.to_i128(), number.to_u128(), number.to_f64()) {
            (Some(number), ..) => format!("the number {number}"),
            (_, Some(number), _) => format!("the number {number}"),
            (.., Some(number)) => format!("the number {number}"),
            _ => "a number".into(),
        },
        Value::Empty(..) => "nothing".into(),
        Value::Dict(..) => "a table".into(),
        Value::Array(_, entries) => match entries
            .iter()
            .enumerate()
            .find(|(_, entry)| entry.as_str().is_none())
        {
            Some((at, entry)) => format!("a list whose entry {} is {}", at + 1, found(entry)),
            None => "a list".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use figment::error::Kind::UnknownField;
    use figment::value::{Dict, Value};
    use serde::de::DeserializeOwned;

    use super::super::fields::{Config, IssuerConfig};
    use super::{INTROSPECTION, ISSUER_KEYS, KEYS, Keys, Kind, RESOURCE};
    use super::{IntrospectionConfig, ResourceConfig};

    fn fields<T: DeserializeOwned>() -> Vec<&'static str> {
        let unknown = Value::from(Dict::from([("?".to_owned(), Value::from(0))]));
        match unknown.deserialize::<T>().map(drop).unwrap_err().kind {
            UnknownField(_, fields) => fields.to_vec(),
            other => panic!("{other}"),
        }
    }

    fn names(keys: Keys) -> Vec<&'static str> {
        keys.iter().map(|key| key.name).collect()
    }

    #[test]
    fn the_tables_name_every_field_in_order() {
        assert_eq!(names(KEYS), fields::<Config>());
        assert_eq!(names(ISSUER_KEYS), fields::<IssuerConfig>());
        assert_eq!(names(RESOURCE.keys), fields::<ResourceConfig>());
        assert_eq!(names(INTROSPECTION.keys), fields::<IntrospectionConfig>());
    }

    #[test]
    fn a_secret_of_a_wrong_type_is_not_repeated() {
        assert_eq!(Kind::Secret.found(&Value::from(271_828)), "another type");
    }
}
