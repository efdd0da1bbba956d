//! Where a claim lives: the names that an operator writes.

use serde_json::Value;

use super::json;
use crate::claims::{ClaimName, ClaimSelector};

/// The first line is a name, the rest the claims. What a name finds among the selected claims, in their tree, and by a naive
/// walk is the same; a JSON Pointer finds what serde_json's finds; a name is printed as it was written.
pub fn claim_path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Some((path, text)) = text.split_once('\n') else {
        return;
    };
    let name = ClaimName::parse(path);
    assert_eq!(name.as_str(), path);
    assert_eq!(ClaimName::parse(name.as_str()), name);

    let plan = ClaimSelector::new([&name]);
    let Some(selected) = plan
        .select(text)
        .ok()
        .filter(|selected| selected.check_within().is_ok())
    else {
        return;
    };
    assert!(
        json::strict_object(text, &[]).is_some(),
        "the slow reader takes what the fast one takes"
    );
    let tree: Value = serde_json::from_str(text).expect("and so does serde_json");
    let Value::Object(members) = &tree else {
        panic!("an object")
    };

    let in_tree = name.find_in(members);
    let expected = match path.starts_with('/') {
        true => tree.pointer(path),
        false => members
            .get(path)
            .or_else(|| path.contains('.').then(|| walk(&tree, path)).flatten()),
    };
    assert_eq!(in_tree, expected, "{path:?} in {text:?}");
    match (name.find(&selected), in_tree) {
        (None, None) => {}
        (Some(found), Some(value)) => {
            assert!(found.equals(value), "{path:?} in {text:?}");
            let other = Value::from("no such value");
            assert_eq!(found.equals(&other), *value == other);
        }
        (found, value) => panic!("{}, {value:?}: {path:?} in {text:?}", found.is_some()),
    }
}

/// By dots; a number is a place in a list where there is one, written without sign and leading zeros.
fn walk<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(tree, |value, part| match value {
        Value::Array(items) => (0..items.len())
            .find(|place| place.to_string() == part)
            .map(|place| &items[place]),
        value => value.as_object()?.get(part),
    })
}
