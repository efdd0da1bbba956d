use std::borrow::Cow;

use super::{
    ClaimName, ClaimSelector, ClaimShape, LazyItems, List, Names, Registered, SelectedClaims,
    find_claim,
};
use crate::json::{JsonError, Value};

fn selector(names: &[&str]) -> ClaimSelector {
    let names: Vec<ClaimName> = names.iter().map(|name| ClaimName::parse(name)).collect();
    ClaimSelector::new(&names)
}

fn held(names: &[&str], text: &str) -> Vec<String> {
    held_as(ClaimShape::List, names, text)
}

fn held_as(shape: ClaimShape, names: &[&str], text: &str) -> Vec<String> {
    let selector = selector(names);
    let selected: SelectedClaims<'_> = selector.select(text).unwrap();
    let names: Vec<ClaimName> = names.iter().map(|name| ClaimName::parse(name)).collect();
    let list = List::first(&names, shape, &selected, text);
    Names {
        list: &list,
        items: &LazyItems::new(),
        raw: text,
    }
    .iter()
    .map(str::to_owned)
    .collect()
}

#[test]
fn a_string_and_a_list_hold_the_same_names() {
    assert_eq!(held(&["scope"], r#"{"scope":"a b"}"#), ["a", "b"]);
    assert_eq!(held(&["scope"], r#"{"scope":["a","b"]}"#), ["a", "b"]);
}

#[test]
fn only_the_space_separates_and_items_of_a_list_stay_whole() {
    assert_eq!(
        held(&["scope"], "{\"scope\":\"a\u{a0}b  c\"}"),
        ["a\u{a0}b", "c"]
    );
    assert_eq!(held(&["scope"], r#"{"scope":"a\tb"}"#), ["a\tb"]);
    assert_eq!(held(&["scope"], r#"{"scope":["a b",""]}"#), ["a b"]);
}

#[test]
fn for_a_negation_doubt_counts_as_holding_the_name() {
    let may_have = |claim: &str| {
        let text = format!(r#"{{"roles":{claim}}}"#);
        let names = [ClaimName::parse("roles")];
        let selector = ClaimSelector::new(&names);
        let selected = selector.select(&text).unwrap();
        let list = List::first(&names, ClaimShape::List, &selected, &text);
        Names {
            list: &list,
            items: &LazyItems::new(),
            raw: &text,
        }
        .mentions_any(&["banned", "suspended", "chief editor"])
    };
    for claim in [
        r#""suspended""#,
        r#""editor suspended""#,
        r#""editor,suspended""#,
        r#""suspended;editor""#,
        r#""editor\tsuspended""#,
        r#""editor|suspended""#,
        r#""editor\u00a0suspended""#,
        r#""editor/suspended:now""#,
        r#""notsuspended""#,
        r#""[\"suspended\"]""#,
        r#"["editor","suspended"]"#,
        r#"["editor,suspended"]"#,
        r#"["editor; banned"]"#,
        r#"["a","b|suspended"]"#,
        r#"["a\tsuspended"]"#,
        r#"["editor,chief editor"]"#,
    ] {
        assert!(may_have(claim), "{claim}");
    }
    for claim in [
        r#""""#,
        r#""editor""#,
        r#""Suspended""#,
        "[]",
        r#"["editor"]"#,
        r#"["suspended-once","not:suspended"]"#,
        r#"["suspended",7]"#,
        "null",
        "7",
    ] {
        assert!(!may_have(claim), "{claim}");
    }
}

#[test]
fn the_first_claim_that_is_present_and_not_null_wins_even_when_empty() {
    assert_eq!(
        held(&["scope", "scp"], r#"{"scp":["x"],"scope":null}"#),
        ["x"]
    );
    assert_eq!(
        held(&["scope", "scp"], r#"{"scp":["x"],"scope":""}"#),
        [""; 0]
    );
    assert_eq!(
        held(&["scope", "scp"], r#"{"scp":["x"],"scope":[]}"#),
        [""; 0]
    );
}

#[test]
fn a_claim_of_a_wrong_type_holds_nothing() {
    for claim in [
        "7",
        "{}",
        "true",
        r#"["a",1]"#,
        r#"[["a"]]"#,
        r#"["a",null]"#,
    ] {
        assert_eq!(
            held(
                &["scope", "scp"],
                &format!(r#"{{"scope":{claim},"scp":"x"}}"#)
            ),
            [""; 0],
            "{claim}"
        );
    }
}

#[test]
fn an_exact_name_wins_over_the_path_of_the_same_text() {
    assert_eq!(
        held(&["a.b"], r#"{"a":{"b":["path"]},"a.b":["exact"]}"#),
        ["exact"]
    );
    assert_eq!(held(&["a.b"], r#"{"a":{"b":["path"]}}"#), ["path"]);
    assert_eq!(
        held(
            &["https://x.test/roles"],
            r#"{"https://x.test/roles":["r"]}"#
        ),
        ["r"]
    );
    assert_eq!(
        held(
            &["resource_access.my-api.roles"],
            r#"{"resource_access":{"my-api":{"roles":["r"]}}}"#
        ),
        ["r"]
    );
}

#[test]
fn a_json_pointer_reaches_segments_that_hold_dots() {
    assert_eq!(
        held(
            &["/resource_access/my.api/roles"],
            r#"{"resource_access":{"my.api":{"roles":"r s"}}}"#
        ),
        ["r", "s"]
    );
    assert_eq!(held(&["/a~1b/c~0d"], r#"{"a/b":{"c~d":["r"]}}"#), ["r"]);
    assert_eq!(held(&["/a/1"], r#"{"a":["x","y z"]}"#), ["y", "z"]);
    assert_eq!(held(&["/a/01"], r#"{"a":["x","y"]}"#), [""; 0]);
}

#[test]
fn a_duplicate_member_is_refused_in_every_position_and_notation() {
    let selector = selector(&["scope"]);
    for text in [
        r#"{"iss":"a","iss":"a"}"#,
        r#"{"scope":"a","scope":"b"}"#,
        r#"{"other":1,"other":1}"#,
        r#"{"iss":"a","\u0069ss":"b"}"#,
        r#"{"other":1,"oth\u0065r":1}"#,
    ] {
        assert_eq!(
            selector.select(text).err(),
            Some(JsonError::Duplicate),
            "{text}"
        );
    }
    let many: String = (0..2000).map(|n| format!("\"m{n}\":0,")).collect();
    assert!(selector.select(&format!("{{{many}\"last\":0}}")).is_ok());
    assert!(selector.select(&format!("{{{many}\"m7\":0}}")).is_err());
}

#[test]
fn duplicates_inside_a_selected_claim_are_refused() {
    let selector = selector(&["realm_access.roles"]);
    for text in [
        r#"{"realm_access":{"roles":[],"roles":["admin"]}}"#,
        r#"{"realm_access":{"roles":[],"role\u0073":["admin"]}}"#,
        r#"{"realm_access":[{"x":{"y":1,"y":1}}]}"#,
        r#"{"cnf":{"jkt":"a","jkt":"b"}}"#,
    ] {
        assert_eq!(
            selector.select(text).unwrap().check_within(),
            Err(JsonError::Duplicate),
            "{text}"
        );
    }
    for text in [
        r#"{"elsewhere":{"y":1,"y":2}}"#,
        r#"{"realm_access":{"roles":[],"x":{"roles":{}},"y":[{"roles":1},{"roles":2}]}}"#,
    ] {
        assert_eq!(
            selector.select(text).unwrap().check_within(),
            Ok(()),
            "{text}"
        );
    }
}

#[test]
fn nothing_but_one_json_object_is_read() {
    let selector = selector(&[]);
    for text in [
        "",
        "[]",
        "1",
        "null",
        "\"x\"",
        "{} {}",
        "{}x",
        "{\"a\":1,}",
        "\u{feff}{}",
        "{\"a\":1e308}",
    ] {
        assert!(selector.select(text).is_err(), "{text}");
    }
    assert!(selector.select(" { } ").is_ok());
}

#[test]
fn texts_are_borrowed_unless_they_were_escaped() {
    let selector = selector(&[]);
    let selected = selector
        .select(r#"{"sub":"plain","jti":"\u0061"}"#)
        .unwrap();
    let text = |claim| {
        selected
            .registered(claim)
            .and_then(|value| value.string())
            .unwrap()
    };
    assert!(matches!(text(Registered::Sub), Cow::Borrowed("plain")));
    assert!(matches!(text(Registered::Jti), Cow::Owned(text) if text == "a"));
}

#[test]
fn each_name_is_found_among_few_and_among_many() {
    for count in [1, 16, 17, 600] {
        let names: Vec<String> = (0..count).map(|number| format!("claim {number}")).collect();
        let selector = selector(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let text = format!(
            "{{{},\"claim\":0,\"claim {count}\":0}}",
            names
                .iter()
                .map(|name| format!("\"{name}\":\"{name}\""))
                .collect::<Vec<_>>()
                .join(",")
        );
        let selected = selector.select(&text).unwrap();
        for name in &names {
            assert_eq!(
                selected
                    .member(name)
                    .and_then(|value| value.string())
                    .as_deref(),
                Some(name.as_str()),
                "{count}"
            );
        }
        assert!(
            selected.member(&format!("claim {count}")).is_none()
                && selected.member("claim").is_none()
        );
        let twice = format!("{{\"claim 0\":0,{}", &text[1..]);
        assert!(
            matches!(selector.select(&twice), Err(JsonError::Duplicate)),
            "{count}"
        );
    }
}

#[test]
fn a_path_leads_through_members_whose_names_are_escaped() {
    assert_eq!(
        held(
            &["realm.roles"],
            r#"{"re\u0061lm":{"\u0072oles":["\u0061 b","c"]}}"#
        ),
        ["a b", "c"]
    );
}

#[test]
fn whatever_is_gathered_can_be_read_again_as_a_tree() {
    for number in [
        "1.7976931348623158e308",
        "17976.931348623157404e304",
        "1e308",
        "9.99999999e307",
        "12264681628418011061e261",
    ] {
        let raw = format!(r#"{{"sub":"alice","suspended":true,"x":{number}}}"#);
        if selector(&[]).select(&raw).is_ok() {
            let tree: serde_json::Value = serde_json::from_str(&raw).unwrap();
            assert_eq!(tree["suspended"], true, "{number}");
        }
    }
}

#[test]
fn find_claim_agrees_with_a_claim_name_and_refuses_duplicates() {
    let found = |raw: &str, name: &str| match find_claim(raw, name) {
        Some(Value::String(text)) => Some(text.read().into_owned()),
        Some(Value::Number(number)) => Some(number.to_owned()),
        Some(other) => Some(format!("{other:?}")),
        None => None,
    };
    let raw =
        r#"{"x":1,"a.b":"exact","a":{"b":"path","c":["zero","one"]},"a/b":{"m~n":"pointer"}}"#;
    for (name, value) in [
        ("x", Some("1")),
        ("a.b", Some("exact")),
        ("a.c.1", Some("one")),
        ("a.c.01", None),
        ("a.c.2", None),
        ("a.x", None),
        ("/a/b", Some("path")),
        ("/a.b", Some("exact")),
        ("/a~1b/m~0n", Some("pointer")),
        ("/a/c/0", Some("zero")),
        ("missing", None),
        ("", None),
        ("/", None),
    ] {
        assert_eq!(found(raw, name).as_deref(), value, "{name}");
        let parsed = ClaimName::parse(name);
        let selector = ClaimSelector::new([&parsed]);
        let selected = selector.select(raw).unwrap();
        assert_eq!(parsed.find(&selected).is_some(), value.is_some(), "{name}");
    }
    for twice in [
        r#"{"a":{"b":"alice","b":"bob"}}"#,
        r#"{"a":{"b":"alice","\u0062":"bob"}}"#,
        r#"{"a":{"c":1,"b":"alice","c":2}}"#,
    ] {
        for name in ["a.b", "/a/b", "a"] {
            assert_eq!(found(twice, name), None, "{name} of {twice}");
        }
    }
}
