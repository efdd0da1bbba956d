use serde_json::{Value, json};

use super::{Captured, ClaimName, Gathered, List, Plan, Registered};

fn plan(names: &[&str]) -> Plan {
    let names: Vec<ClaimName> = names.iter().map(|name| ClaimName::parse(name)).collect();
    Plan::new(&names)
}

fn held(names: &[&str], text: &str) -> Vec<String> {
    let plan = plan(names);
    let gathered: Gathered<'_> = plan.gather(text).unwrap();
    let names: Vec<ClaimName> = names.iter().map(|name| ClaimName::parse(name)).collect();
    List::first(&names, &gathered, text).iter(text).map(str::to_owned).collect()
}

#[test]
fn a_string_and_a_list_hold_the_same_names() {
    assert_eq!(held(&["scope"], r#"{"scope":"a b"}"#), ["a", "b"]);
    assert_eq!(held(&["scope"], r#"{"scope":["a","b"]}"#), ["a", "b"]);
}

#[test]
fn only_the_space_separates_and_items_of_a_list_stay_whole() {
    assert_eq!(held(&["scope"], "{\"scope\":\"a\u{a0}b  c\"}"), ["a\u{a0}b", "c"]);
    assert_eq!(held(&["scope"], r#"{"scope":"a\tb"}"#), ["a\tb"]);
    assert_eq!(held(&["scope"], r#"{"scope":["a b",""]}"#), ["a b"]);
}

#[test]
fn the_first_claim_that_is_present_and_not_null_wins_even_when_empty() {
    assert_eq!(held(&["scope", "scp"], r#"{"scp":["x"],"scope":null}"#), ["x"]);
    assert_eq!(held(&["scope", "scp"], r#"{"scp":["x"],"scope":""}"#), [""; 0]);
    assert_eq!(held(&["scope", "scp"], r#"{"scp":["x"],"scope":[]}"#), [""; 0]);
}

#[test]
fn a_claim_of_a_wrong_type_holds_nothing() {
    for claim in ["7", "{}", "true", r#"["a",1]"#, r#"[["a"]]"#, r#"["a",null]"#] {
        assert_eq!(held(&["scope", "scp"], &format!(r#"{{"scope":{claim},"scp":"x"}}"#)), [""; 0], "{claim}");
    }
}

#[test]
fn an_exact_name_wins_over_the_path_of_the_same_text() {
    assert_eq!(held(&["a.b"], r#"{"a":{"b":["path"]},"a.b":["exact"]}"#), ["exact"]);
    assert_eq!(held(&["a.b"], r#"{"a":{"b":["path"]}}"#), ["path"]);
    assert_eq!(held(&["https://x.test/roles"], r#"{"https://x.test/roles":["r"]}"#), ["r"]);
    assert_eq!(held(&["resource_access.my-api.roles"], r#"{"resource_access":{"my-api":{"roles":["r"]}}}"#), ["r"]);
}

#[test]
fn a_json_pointer_reaches_segments_that_hold_dots() {
    assert_eq!(
        held(&["/resource_access/my.api/roles"], r#"{"resource_access":{"my.api":{"roles":"r s"}}}"#),
        ["r", "s"]
    );
    assert_eq!(held(&["/a~1b/c~0d"], r#"{"a/b":{"c~d":["r"]}}"#), ["r"]);
    assert_eq!(held(&["/a/1"], r#"{"a":["x","y z"]}"#), ["y", "z"]);
    assert_eq!(held(&["/a/01"], r#"{"a":["x","y"]}"#), [""; 0]);
}

#[test]
fn a_member_that_comes_twice_is_refused_wherever_it_is_known_and_however_it_is_spelt() {
    let plan = plan(&["scope"]);
    for text in [
        r#"{"iss":"a","iss":"a"}"#,
        r#"{"scope":"a","scope":"b"}"#,
        r#"{"other":1,"other":1}"#,
        r#"{"iss":"a","\u0069ss":"b"}"#,
        r#"{"other":1,"oth\u0065r":1}"#,
    ] {
        assert!(plan.gather(text).is_err_and(|error| error.to_string().starts_with("a member comes twice")), "{text}");
    }
    let many: String = (0..2000).map(|n| format!("\"m{n}\":0,")).collect();
    assert!(plan.gather(&format!("{{{many}\"last\":0}}")).is_ok());
    assert!(plan.gather(&format!("{{{many}\"m7\":0}}")).is_err());
}

#[test]
fn inside_a_claim_that_somebody_looks_into_no_member_comes_twice_either() {
    let plan = plan(&["realm_access.roles"]);
    for text in [
        r#"{"realm_access":{"roles":[],"roles":["admin"]}}"#,
        r#"{"realm_access":{"roles":[],"role\u0073":["admin"]}}"#,
        r#"{"realm_access":[{"x":{"y":1,"y":1}}]}"#,
        r#"{"cnf":{"jkt":"a","jkt":"b"}}"#,
    ] {
        assert!(plan.gather(text).is_err_and(|error| error.to_string().starts_with("a member comes twice")), "{text}");
    }
    assert!(plan.gather(r#"{"elsewhere":{"y":1,"y":2}}"#).is_ok());
}

#[test]
fn nothing_but_one_json_object_is_read() {
    let plan = plan(&[]);
    for text in ["", "[]", "1", "null", "\"x\"", "{} {}", "{}x", "{\"a\":1,}", "\u{feff}{}", "{\"a\":1e400}"] {
        assert!(plan.gather(text).is_err(), "{text}");
    }
    assert!(plan.gather(" { } ").is_ok());
}

#[test]
fn nesting_beyond_the_limit_is_refused_in_members_that_nobody_looks_at() {
    let plan = plan(&[]);
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(plan.gather(&nested(126)).is_ok());
    assert!(plan.gather(&nested(128)).is_err());
    assert!(plan.gather(&nested(100_000)).is_err());
}

#[test]
fn texts_are_borrowed_unless_they_were_escaped() {
    let plan = plan(&[]);
    let gathered = plan.gather(r#"{"sub":"plain","jti":"\u0061"}"#).unwrap();
    assert!(matches!(gathered.registered(Registered::Sub), Some(Captured::Text(std::borrow::Cow::Borrowed("plain")))));
    assert!(matches!(gathered.registered(Registered::Jti), Some(Captured::Text(text)) if text == "a"));
}

#[test]
fn whatever_the_reader_admits_the_tree_admits_too() {
    let plan = plan(&["a.b"]);
    for text in [
        r#"{"a":{"b":[1,"x",{"y":null}]},"z":1.5e3,"n":-7,"big":18446744073709551615}"#,
        r#"{"s":"\ud83d\ude00","a":["x",2,["y"]]}"#,
        r#"{"iss":{"a":{}},"aud":[{"b":[]}],"a":{"$serde_json::private::Number":"7"}}"#,
    ] {
        assert!(plan.gather(text).is_ok(), "{text}");
        assert!(serde_json::from_str::<Value>(text).is_ok(), "{text}");
    }
    for text in [r#"{"s":"\ud83d"}"#, r#"{"s":"\x"}"#, "{\"s\":\"\u{1}\"}"] {
        assert!(plan.gather(text).is_err(), "{text}");
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
    }
}

#[test]
fn a_glance_is_as_strict_as_the_whole_and_keeps_what_is_short() {
    let plan = plan(&["roles", "a.b", "/seen/0"]).seeing(&[ClaimName::parse("aud"), ClaimName::parse("/seen/0")]);
    let many = |count: usize| format!("[{}\"z\"]", r#""x","#.repeat(count - 1));
    for value in [
        "null",
        "7",
        "1.5e3",
        "true",
        r#""text""#,
        r#"["a",1,{"b":[]}]"#,
        r#"{"b":{"c":[null]}}"#,
        "[[[]]]",
        &many(64),
        &many(65),
        r#""\ud83d""#,
        r#"["a",1,"\ud83d"]"#,
        r#"{"x":"\u0001","y":"\x"}"#,
        r#"[1,2"#,
        "[1,]",
        "01",
        "1e999",
        r#"{"$serde_json::private::Number":"7"}"#,
        r#"{"$serde_json::private::Number":"x"}"#,
        r#"["a",1,{"$serde_json::private::RawValue":"1"}]"#,
        &format!("{}{}", "[".repeat(126), "]".repeat(126)),
        &format!("{}{}", "[".repeat(127), "]".repeat(127)),
        &format!(r#"["a",1,{}{}]"#, "[".repeat(127), "]".repeat(127)),
    ] {
        for claim in ["sub", "aud", "cnf", "roles", "a", "seen", "other"] {
            let text = format!(r#"{{"{claim}":{value}}}"#);
            let (whole, glance) = (plan.gather(&text), plan.glance(&text));
            assert_eq!(whole.is_ok(), glance.is_ok(), "{text}");
            let (Ok(whole), Ok(glance)) = (whole, glance) else { continue };
            assert!(!whole.is_partial(), "{text}");
            if !glance.is_partial() {
                let value = |gathered: &Gathered<'_>| gathered.values().map(Captured::to_value).collect::<Vec<_>>();
                assert_eq!(value(&whole), value(&glance), "{text}");
            }
        }
    }
    let partial = |claim: &str, value: &str| plan.glance(&format!(r#"{{"{claim}":{value}}}"#)).unwrap().is_partial();
    for (value, roles, aud, seen) in [
        ("7", false, false, false),
        (r#"["a"]"#, false, false, false),
        (&*many(64), false, false, false),
        (&*many(65), true, false, false),
        (r#"["a",1]"#, true, true, false),
        ("{}", true, true, false),
    ] {
        let kept = ["roles", "aud", "seen"].map(|claim| partial(claim, value));
        assert_eq!(kept, [roles, aud, seen], "{value}");
    }
}

#[test]
fn a_list_of_mixed_items_is_kept_in_order() {
    let plan = plan(&["m"]);
    let gathered = plan.gather(r#"{"m":["x",1,"y"]}"#).unwrap();
    assert_eq!(gathered.member("m").unwrap().to_value(), json!(["x", 1, "y"]));
}

#[test]
fn names_that_are_private_to_the_parser_are_refused_wherever_they_stand() {
    let plan = plan(&["scope"]);
    let raw = |json: &str| format!(r#"{{"$serde_json::private::RawValue":{}}}"#, serde_json::to_string(json).unwrap());
    // Otherwise an object is a text, for anyone who may put an object into a token.
    assert!(plan.gather(&format!(r#"{{"scope":{}}}"#, raw("\"admin\""))).is_err());
    for value in [raw("1"), raw("not JSON"), raw("1").replace('$', "\\u0024"), raw("1").replace("RawValue", "Other")] {
        for text in [
            value.clone(),
            format!(r#"{{"cnf":{value}}}"#),
            format!(r#"{{"other":{value}}}"#),
            format!(r#"{{"cnf":{{"a":[{value}]}}}}"#),
            format!(r#"{{"other":{{"a":[{value}]}}}}"#),
            format!(r#"{{"aud":["a",1,{value}]}}"#),
        ] {
            let refused = plan.gather(&text).map(drop).map_err(|error| error.to_string());
            assert!(refused.is_err_and(|words| words.starts_with("a member's name is private")), "{text}");
        }
    }
}

#[test]
fn a_number_as_arbitrary_precision_hands_it_over_is_read_and_nothing_else_under_its_name() {
    let plan = plan(&[]);
    let number = |rest: &str| format!(r#"{{"$serde_json::private::Number":{rest}}}"#);
    for claim in ["cnf", "other"] {
        let gather = |value: &str| plan.gather(&format!(r#"{{"{claim}":[{value}]}}"#)).is_ok();
        assert!(gather(&number(r#""15e2""#)));
        for rest in [r#""x""#, r#""1 ""#, "1", r#""1","a":2"#, "[]"] {
            assert!(!gather(&number(rest)), "{rest}");
        }
        assert!(!gather(r#"{"a":1,"$serde_json::private::Number":"1"}"#));
    }
}

#[test]
fn json_within_a_text_is_no_way_around_the_limit_of_depth() {
    let plan = plan(&[]);
    let mut text = "0".to_owned();
    for _ in 0..11 {
        let quoted = serde_json::to_string(&text).unwrap();
        text = format!("{}{{\"$serde_json::private::RawValue\":{quoted}}}{}", "[".repeat(124), "]".repeat(124));
        for claim in ["cnf", "other"] {
            assert!(plan.gather(&format!("{{\"{claim}\":{text}}}")).is_err());
        }
    }
}
