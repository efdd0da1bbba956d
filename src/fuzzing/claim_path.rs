//! Claim names, paths and JSON Pointers of the settings.

use serde_json::Value;

use super::json;
use crate::claims::{ClaimName, ClaimSelector};

/// Input: a claim name, a line break, claims. The name finds the same in the selected claims, in
/// their tree and in a naive walk; a JSON Pointer finds the same as serde_json's; printing a name
/// gives the input.
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

    let selector = ClaimSelector::new([&name]);
    let Some(selected) = selector
        .select(text)
        .ok()
        .filter(|selected| selected.check_within().is_ok())
    else {
        return;
    };
    assert!(
        json::strict_object(text, &[]).is_some(),
        "the reference accepts the same"
    );
    let tree: Value = serde_json::from_str(text).expect("serde_json accepts the same");
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

/// Walks a path with dots. A number without sign and leading zeros is an array index.
fn walk<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(tree, |value, part| match value {
        Value::Array(items) => (0..items.len())
            .find(|index| index.to_string() == part)
            .map(|index| &items[index]),
        value => value.as_object()?.get(part),
    })
}
