//! The answer of an introspection endpoint.

use super::claims::checked_within;
use super::json::{self, Json};
use crate::claims::Registered;
use crate::json::Value;
use crate::verify::introspection::{members, selector};

/// Input: an answer as JSON. It is read if the reference reads it as one strict object; the token
/// is active only if `active` is `true`; a member that is null is absent.
pub fn introspection(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let selector = selector(std::iter::empty());
    let read = members(&selector, text);
    // `scope` and the like are not configured here.
    let own = ["scope", "scp", "roles", "permissions"];
    let whole = checked_within();
    let whole: Vec<&str> = whole
        .into_iter()
        .filter(|name| !own.contains(name))
        .collect();
    let whole = [whole, vec!["active", "token_type"]].concat();
    let Some(expected) = json::strict_object(text, &whole) else {
        return assert!(read.is_err(), "{text:?}");
    };
    let Ok(read) = read else {
        panic!("refused: {text:?}");
    };
    let is_active = expected.get("active") == Some(&Json::Bool(true));
    assert_eq!(read.is_some(), is_active, "{text:?}");
    let Some(read) = read else {
        return;
    };
    for (name, claim) in [
        ("exp", Registered::Exp),
        ("sub", Registered::Sub),
        ("aud", Registered::Aud),
        ("cnf", Registered::Cnf),
    ] {
        let expected = expected.get(name).filter(|value| **value != Json::Null);
        let same = match (read.registered(claim), expected) {
            (None, None) => true,
            (Some(read), Some(value)) => value.is_what(read),
            _ => false,
        };
        assert!(same, "{name} of {text:?}");
    }
    let token_type = read.member("token_type").and_then(Value::string);
    let expected = expected.get("token_type").and_then(Json::text);
    assert_eq!(token_type.as_deref(), expected, "{text:?}");
}
