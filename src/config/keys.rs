//! The names of the settings and what kind of value each takes.

use figment::value::Value;

/// What kind of value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Path,
    List,
    Seconds,
    Number,
    Flag,
    JwksPrefetch,
    Claims,
    Issuers,
}

impl Kind {
    /// What belongs there, to be read after "must be".
    pub(super) fn expects(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Path => "a path",
            Kind::List => "a list of texts, or one text",
            Kind::Seconds => "a whole number of seconds",
            Kind::Number => "a whole number",
            Kind::Flag => "true or false",
            Kind::JwksPrefetch => "true, false or \"require\"",
            Kind::Claims => "a table, such as {token_use = \"access\"}",
            Kind::Issuers => "a list of tables, such as [{iss_url = \"https://auth.example.com\"}]",
        }
    }
}

/// The keys at the top level: the fields of `Config`.
pub(super) const KEYS: &[(&str, Kind)] = &[
    ("audience", Kind::List),
    ("domain", Kind::Text),
    ("iss_url", Kind::Text),
    ("jwks_url", Kind::Text),
    ("discovery", Kind::Flag),
    ("issuers", Kind::Issuers),
    ("algorithms", Kind::List),
    ("token_typs", Kind::List),
    ("require_typ", Kind::Flag),
    ("required_claims", Kind::List),
    ("expected_claims", Kind::Claims),
    ("accept_id_tokens", Kind::Flag),
    ("audience_claims", Kind::List),
    ("leeway", Kind::Seconds),
    ("max_token_age", Kind::Seconds),
    ("scope_claims", Kind::List),
    ("roles_claims", Kind::List),
    ("permissions_claims", Kind::List),
    ("namespaced_claims", Kind::Flag),
    ("safe_methods", Kind::List),
    ("jwks_refresh_interval", Kind::Seconds),
    ("jwks_cache_ttl", Kind::Seconds),
    ("jwks_stale_ttl", Kind::Seconds),
    ("jwks_prefetch", Kind::JwksPrefetch),
    ("jwks_cooldown", Kind::Seconds),
    ("http_timeout", Kind::Seconds),
    ("http_ca_bundle", Kind::Path),
    ("allow_http", Kind::Flag),
    ("realm", Kind::Text),
    ("max_token_bytes", Kind::Number),
    ("token_cache_capacity", Kind::Number),
];

/// The keys of an entry of `issuers`: the fields of `IssuerConfig`.
pub(super) const ISSUER_KEYS: &[(&str, Kind)] = &[
    ("name", Kind::Text),
    ("domain", Kind::Text),
    ("iss_url", Kind::Text),
    ("jwks_url", Kind::Text),
    ("discovery", Kind::Flag),
    ("audience", Kind::List),
    ("algorithms", Kind::List),
    ("audience_claims", Kind::List),
    ("scope_claims", Kind::List),
    ("roles_claims", Kind::List),
    ("permissions_claims", Kind::List),
    ("required_claims", Kind::List),
    ("expected_claims", Kind::Claims),
    ("accept_id_tokens", Kind::Flag),
];

/// The keys that nobody sets for the operator.
pub(super) const WITHOUT_DEFAULT: &[&str] = &[
    "audience",
    "domain",
    "iss_url",
    "jwks_url",
    "max_token_age",
    "http_ca_bundle",
    "realm",
];

pub(super) fn kind(keys: &[(&str, Kind)], key: &str) -> Option<Kind> {
    keys.iter()
        .find(|(name, _)| *name == key)
        .map(|(_, kind)| *kind)
}

/// The name that `name` was probably meant to be.
pub(super) fn nearest<'a>(names: impl IntoIterator<Item = &'a str>, name: &str) -> &'a str {
    names
        .into_iter()
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .unwrap_or_default()
}

/// What is there instead, to be read after "found". Text is not repeated: it may be a secret in the wrong place.
pub(super) fn found(value: &Value) -> String {
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
    use super::{ISSUER_KEYS, KEYS, Kind, nearest};

    fn fields<T: DeserializeOwned>() -> Vec<&'static str> {
        let unknown = Value::from(Dict::from([("?".to_owned(), Value::from(0))]));
        match unknown.deserialize::<T>().map(drop).unwrap_err().kind {
            UnknownField(_, fields) => fields.to_vec(),
            other => panic!("{other}"),
        }
    }

    fn names(keys: &[(&'static str, Kind)]) -> Vec<&'static str> {
        keys.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn the_tables_name_every_field_in_order() {
        assert_eq!(names(KEYS), fields::<Config>());
        assert_eq!(names(ISSUER_KEYS), fields::<IssuerConfig>());
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_key_that_was_meant() {
        for (slip, meant) in [
            ("leway", "leeway"),
            ("issuer_url", "iss_url"),
            ("issuer", "issuers"),
            ("scopes_claim", "scope_claims"),
            ("jwks_uri", "jwks_url"),
            ("audiences", "audience"),
        ] {
            assert_eq!(nearest(names(KEYS), slip), meant, "{slip}");
        }
    }
}
