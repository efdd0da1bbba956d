//! Claims into the user's own type, and the name of the field when they do not fit.

use serde::de::DeserializeOwned;

/// The claims do not fit the type that the route asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The field, as a path; empty when the type refuses the claims as a whole.
    pub(crate) field: String,
}

/// A `C` from the claims, or the field that is missing or does not fit. The value is not told: it
/// is the token's.
pub(crate) fn read_claims<C: DeserializeOwned>(raw: &str) -> Result<C, Misfit> {
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let within = if path == "." { String::new() } else { path };
        // A missing field is named by serde's words only: the path ends at the struct that lacks
        // it.
        let words = error.into_inner().to_string();
        let missing = words
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next());
        let field = match missing {
            Some(name) if within.is_empty() => name.to_owned(),
            Some(name) => format!("{within}.{name}"),
            None => within,
        };
        Misfit { field }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Misfit, read_claims};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Staff {
        email: String,
        org: Org,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Org {
        id: u32,
    }

    fn misfit(raw: &str) -> String {
        read_claims::<Staff>(raw)
            .map_err(|Misfit { field }| field)
            .unwrap_err()
    }

    #[test]
    fn claims_that_fit_are_read() {
        let staff = read_claims::<Staff>(r#"{"email":"a@b.test","org":{"id":1},"more":true}"#);
        assert_eq!(
            staff,
            Ok(Staff {
                email: "a@b.test".into(),
                org: Org { id: 1 }
            })
        );
    }

    #[test]
    fn the_field_that_does_not_fit_is_named_and_its_value_is_not() {
        assert_eq!(misfit(r#"{"org":{"id":1}}"#), "email");
        assert_eq!(misfit(r#"{"email":7,"org":{"id":1}}"#), "email");
        assert_eq!(misfit(r#"{"email":"a","org":{"id":"secret"}}"#), "org.id");
        assert_eq!(misfit(r#"{"email":"a","org":{}}"#), "org.id");
        assert_eq!(misfit(r#"{"email":"a","org":5}"#), "org");
    }
}
