use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::{Map, json};

use super::{Array, JsonError, MemberNames, Members, Value};

/// Reads `text` into a tree. The last of duplicate members counts.
fn read(text: &str) -> Result<Map<String, serde_json::Value>, JsonError> {
    let mut tree = Map::new();
    let mut members = Members::of(text)?;
    while let Some((name, value)) = members.next()? {
        tree.insert(name.into_owned(), to_tree(value));
    }
    Ok(tree)
}

fn to_tree(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => json!(null),
        Value::Bool(value) => json!(value),
        Value::Number(raw) => serde_json::from_str(raw).unwrap(),
        Value::String(text) => json!(text.read()),
        Value::Array(list) => list.items().map(to_tree).collect(),
        Value::Object(object) => read(object.0).unwrap().into(),
    }
}

fn read_value(value: &str) -> Result<serde_json::Value, JsonError> {
    let mut read = read(&format!("{{\"v\":{value}}}"))?;
    Ok(read.remove("v").unwrap())
}

#[test]
fn every_kind_of_value_is_read_where_it_stands() {
    for value in [
        "null",
        "true",
        "false",
        "0",
        "-0.5e-3",
        "18446744073709551615",
        r#""""#,
        r#""text""#,
        r#"" \" \\ \/ \b \f \n \r \t \u00e9 \uD83D\uDE00 é 😀""#,
        "[]",
        "{}",
        "[ 1 , [ ] , { } , [[{\"a\":[]}]] , \"x\" ]",
        r#"{"a":{"b":[1,"x",{"y":null}]},"z":1.5e3,"n":-7}"#,
    ] {
        assert_eq!(
            read_value(value),
            Ok(serde_json::from_str(value).unwrap()),
            "{value}"
        );
    }
    assert_eq!(
        read(" \t\r\n{ \"a\" : 1 , \"b\" : 2 } \n").unwrap(),
        *json!({"a": 1, "b": 2}).as_object().unwrap()
    );
    assert_eq!(read("{}"), Ok(Map::new()));
}

#[test]
fn what_is_no_json_is_refused() {
    for text in ["", "[]", "1", "null", "\"x\"", "\u{feff}{}", "x{}"] {
        assert_eq!(read(text), Err(JsonError::NotAnObject), "{text}");
    }
    for text in [
        "{",
        "{} {}",
        "{}x",
        "{}\0",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
    ] {
        assert_eq!(read(text), Err(JsonError::Syntax), "{text}");
    }
    for value in [
        "",
        "nul",
        "nulll",
        "True",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "-a",
        "1 2",
        "'x'",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{]",
        "[}",
        "[[]",
        "[]]",
        "{\"a\":1]",
        "{\"a\":[}",
        "{1:2}",
        "{,}",
        "{\"a\":1,}",
        "{\"a\":1,,}",
        "{\"a\",1}",
        "/**/1",
        "1//",
        "\u{b}1",
        "\u{a0}1",
    ] {
        assert_eq!(read_value(value), Err(JsonError::Syntax), "{value}");
        assert_eq!(
            read_value(&format!("[{value}]")).is_err(),
            !value.is_empty(),
            "[{value}]"
        );
    }
}

#[test]
fn half_of_a_pair_of_surrogates_is_no_text_anywhere() {
    for escape in [
        r"\uD83D",
        r"\uD83D\n",
        r"\uD83D\u0041",
        r"\uD83D\uD83D",
        r"\uDE00",
        r"\uDE00\uD83D",
        r"\u123",
        r"\u12G4",
        r"\u+123",
        r"\U0041",
        r"\x41",
        r"\0",
        r"\",
        r"\'",
        "\u{0}",
        "\u{1f}",
        "a\nb",
    ] {
        for text in [
            format!(r#"{{"v":"{escape}"}}"#),
            format!(r#"{{"{escape}":1}}"#),
            format!(r#"{{"v":["long enough for words","{escape}"]}}"#),
            format!(r#"{{"v":{{"long enough for words {escape}":1}}}}"#),
        ] {
            assert_eq!(read(&text), Err(JsonError::Syntax), "{text:?}");
            assert!(
                serde_json::from_str::<serde_json::Value>(&text).is_err(),
                "{text:?}"
            );
        }
    }
}

#[test]
fn a_number_from_which_on_readers_differ_is_refused() {
    let digits = |count: usize| "9".repeat(count);
    for value in [
        "1e308",
        "-1e308",
        "1E+308",
        "1e309",
        "1e400",
        "0.1e309",
        "0.001e311",
        "10e307",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "17976.931348623157404e304",
        "1e99999999999999999999",
        "0.1e9223372036854775807",
        &f64::MAX.to_string(),
        &digits(309),
        &digits(5000),
        &format!("-{}.5", digits(400)),
        &format!("1{}e-91", "0".repeat(399)),
        &format!("0.{}1e5308", "0".repeat(4999)),
    ] {
        assert_eq!(read_value(value), Err(JsonError::Range), "{value}");
        assert_eq!(
            read_value(&format!("[{value}]")),
            Err(JsonError::Range),
            "{value}"
        );
    }
    for value in [
        "1e307",
        "9.999999999999999999999e307",
        "0.9e308",
        "0.001e310",
        "1e-400",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "-0.000e99999999999999999999",
        "1e00000000000000000000000000000005",
        "12264681628418011061e261",
        &digits(308),
        &format!("-{}.5", digits(308)),
        &format!("0.{}", digits(5000)),
        &format!("1{}e-92", "0".repeat(399)),
        &format!("0.{}1e5307", "0".repeat(4999)),
    ] {
        assert!(
            serde_json::from_str::<serde_json::Value>(value).is_ok(),
            "{value}"
        );
        assert!(
            read_value(value).is_ok() && read_value(&format!("[{value}]")).is_ok(),
            "{value}"
        );
    }
}

#[test]
fn nesting_ends_where_it_ends_for_serde_json() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested =
            |depth: usize| format!("{{\"x\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        assert!(read(&nested(126)).is_ok());
        assert!(serde_json::from_str::<serde_json::Value>(&nested(126)).is_ok());
        for depth in [127, 128, 129, 5000, 100_000] {
            assert_eq!(read(&nested(depth)), Err(JsonError::Depth));
        }
        assert!(serde_json::from_str::<serde_json::Value>(&nested(127)).is_err());
    }
}

#[test]
fn names_that_are_private_to_serde_json_are_refused_wherever_they_stand() {
    // Otherwise an object is a text or a number, for anyone who may put an object into a token.
    for name in ["RawValue", "Number", "Other", ""] {
        let private = format!(r#"{{"$serde_json::private::{name}":"1"}}"#);
        for value in [private.clone(), private.replace('$', "\\u0024")] {
            for text in [
                value.clone(),
                format!(r#"{{"v":{value}}}"#),
                format!(r#"{{"v":[{{"a":1,"b":{value}}}]}}"#),
                format!(r#"{{"v":["a",1,{value}]}}"#),
            ] {
                assert_eq!(read(&text), Err(JsonError::ReservedName), "{text}");
            }
        }
    }
    assert!(read(r#"{"$serde_json::privat":{"serde_json::private::Number":"$serde_json::private::Number"}}"#).is_ok());
}

#[test]
fn a_name_is_remembered_among_few_and_among_many() {
    for count in [0_usize, 1, 23, 24, 25, 26, 384, 385, 2000] {
        let mut seen = MemberNames::new();
        for at in 0..count {
            assert_eq!(seen.insert(&format!("m{at}")), Ok(()), "{at} of {count}");
        }
        for at in [0, count / 2, count.saturating_sub(1)] {
            let expected = if count == 0 {
                Ok(())
            } else {
                Err(JsonError::Duplicate)
            };
            assert_eq!(seen.insert(&format!("m{at}")), expected, "{at} of {count}");
            if count == 0 {
                break;
            }
        }
        assert_eq!(seen.insert(""), Ok(()));
        assert_eq!(seen.insert(""), Err(JsonError::Duplicate));
    }
}

#[test]
fn a_text_without_escapes_is_borrowed() {
    let text = |raw| {
        let mut members = Members::of(raw).unwrap();
        members.next().unwrap().unwrap()
    };
    assert!(matches!(
        text(r#"{"name":"é"}"#),
        (Cow::Borrowed("name"), value)
            if matches!(value.string(), Some(Cow::Borrowed("é")))
    ));
    assert!(matches!(
        text(r#"{"n\u0061me":"\t"}"#),
        (Cow::Owned(name), value)
            if name == "name" && value.string().unwrap() == "\t"
    ));
}

#[test]
fn a_duplicate_member_within_a_value_is_found_and_a_nested_one_is_not() {
    let within = |value: &str| {
        let text = format!("{{\"v\":{value}}}");
        let (_, value) = Members::of(&text).unwrap().next().unwrap().unwrap();
        value.check_within()
    };
    for value in [
        r#"{"a":1,"a":1}"#,
        r#"[[{"b":{"a":[],"\u0061":[]}}]]"#,
        r#"{"x":{"a":{}},"y":1,"x":2}"#,
    ] {
        assert_eq!(within(value), Err(JsonError::Duplicate), "{value}");
    }
    for value in [
        r#"{"a":{"a":{"a":[{"a":1},{"a":2}]}},"b":{"a":1}}"#,
        "[[],{},{}]",
        "[[],[1,\"a\"]]",
        "7",
        r#""{\"a\":1,\"a\":1}""#,
    ] {
        assert_eq!(within(value), Ok(()), "{value}");
    }
}

#[test]
fn items_of_a_list_are_told_one_by_one_and_end() {
    let items = |raw| Array(raw).items().map(to_tree).collect::<Vec<_>>();
    assert_eq!(
        items(r#"[ "a" , [1,[2]] ,null]"#),
        [json!("a"), json!([1, [2]]), json!(null)]
    );
    assert_eq!(items("[ ]"), [json!(null); 0]);
    let mut ended = Array("[1]").items();
    assert!(ended.next().is_some() && ended.next().is_none() && ended.next().is_none());
}

#[test]
fn texts_of_a_list_are_told_until_something_else_comes() {
    let texts = |raw| {
        let mut texts = Vec::new();
        let all = Array(raw).each_string(|text| texts.push(text.into_owned()));
        (all, texts)
    };
    assert_eq!(
        texts(r#"[ "a" , "\u0062","" ]"#),
        (true, vec!["a".into(), "b".into(), String::new()])
    );
    assert_eq!(texts("[ ]"), (true, vec![]));
    assert_eq!(texts(r#"["a",1,"b"]"#), (false, vec!["a".into()]));
    assert_eq!(texts(r#"[["a"]]"#), (false, vec![]));
}

fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        // From 10^308 on none is admitted.
        any::<f64>()
            .prop_filter("no number of ours", |value| value.abs() < 1e308)
            .prop_map(|value| json!(value)),
        "\\PC{0,20}|[\\x00-\\x7f]{0,20}".prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|items| json!(items)),
            prop::collection::btree_map("\\PC{0,12}", inner, 0..8)
                .prop_map(|members| json!(members)),
        ]
    })
}

/// Returns whether a number in it is close to 10^308 or above.
fn is_large(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Number(number) => number
            .as_f64()
            .is_some_and(|number| number.abs() >= 0.999e308),
        serde_json::Value::Array(items) => items.iter().any(is_large),
        serde_json::Value::Object(members) => members.values().any(is_large),
        _ => false,
    }
}

proptest! {
    #[test]
    fn whatever_serde_json_writes_is_read_as_what_it_was(tree in tree(), pretty in any::<bool>()) {
        let tree = json!({ "v": tree });
        let text = match pretty {
            true => serde_json::to_string_pretty(&tree).unwrap(),
            false => serde_json::to_string(&tree).unwrap(),
        };
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::Value::from(read(&text).unwrap()), expected);
        let (_, value) = Members::of(&text).unwrap().next().unwrap().unwrap();
        prop_assert_eq!(value.check_within(), Ok(()));
        prop_assert!(value.equals(&serde_json::from_str::<serde_json::Value>(&text).unwrap()["v"]));
        prop_assert!(!value.equals(&json!(["nothing of the kind"])));
    }

    #[test]
    fn a_number_is_admitted_only_if_serde_json_admits_it(
        whole in "0|[1-9][0-9]{0,25}|[1-9][0-9]{280,310}",
        fraction in "|\\.[0-9]{1,25}|\\.0{280,310}[0-9]{1,3}",
        exponent in prop_oneof![
            Just(None),
            (-700_i32..700).prop_map(Some),
            (280_i32..312).prop_map(Some),
        ],
    ) {
        let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
        let number = format!("{whole}{fraction}{exponent}");
        let ours = read_value(&number);
        let theirs = serde_json::from_str::<serde_json::Value>(&number).ok();
        prop_assert!(ours.is_err() || theirs.is_some(), "{}", number);
        // serde_json accepts numbers from 10^308 on, which we refuse.
        if let (Err(_), Some(theirs)) = (ours, theirs) {
            prop_assert!(theirs.as_f64().unwrap() >= 0.999e308, "{}", number);
        }
    }

    #[test]
    fn a_mutated_text_is_admitted_if_and_only_if_serde_json_admits_it(
        tree in tree(),
        at in any::<prop::sample::Index>(),
        with in "[\\[\\]{}\",:\\\\u0-9eE.+\\- \\x00-\\x1fa-z]{0,3}",
        cut in 0_usize..3,
    ) {
        let mut text = json!({ "v": tree }).to_string();
        let place = at.index(text.len());
        let end = (place + cut).min(text.len());
        prop_assume!(text.is_char_boundary(place) && text.is_char_boundary(end));
        text.replace_range(place..end, &with);
        let ours = read(&text);
        let theirs = serde_json::from_str::<Map<String, serde_json::Value>>(&text);
        if theirs.as_ref().is_ok_and(|theirs| theirs.values().any(is_large)) {
            // They admit a number of 10^308 or more, we do not; a little below it depends on the
            // digits.
            return Ok(());
        }
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}: {:?} {:?}", text, ours, theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours, theirs);
        }
    }
}
