//! Duplicate members, and member names with a meaning to serde_json (RFC 7515 §4, RFC 7519 §4,
//! RFC 8725 §2.6).

use super::{Case, MALFORMED};

pub(super) const CASES: &[Case] = &[
    ("a member of the header twice", MALFORMED, |good| {
        good.header_begins(r#""alg":"none","#)
    }),
    (
        "a member of the header twice, once escaped",
        MALFORMED,
        |good| good.header_begins(r#""\u0061lg":"none","#),
    ),
    ("kid twice", MALFORMED, |good| {
        good.header_begins(&format!("\"kid\":\"{}\",\"kid\":\"x\",", good.kid()))
    }),
    ("typ twice", MALFORMED, |good| {
        good.header_begins(r#""typ":"JWT","typ":"JWT","#)
    }),
    ("jwk twice", MALFORMED, |good| {
        good.header_begins(r#""jwk":{},"jwk":{},"#)
    }),
    ("an unknown member of the header twice", MALFORMED, |good| {
        good.header_begins(r#""x":1,"x":1,"#)
    }),
    ("a header member without a name twice", MALFORMED, |good| {
        good.header_begins(r#""":1,"":1,"#)
    }),
    ("sub twice", MALFORMED, |good| {
        good.payload_begins(r#""sub":"admin","sub":"admin","#)
    }),
    ("sub twice, first null", MALFORMED, |good| {
        good.payload_begins(r#""sub":null,"sub":"admin","#)
    }),
    ("exp twice", MALFORMED, |good| {
        good.payload_begins(r#""exp":4000000000,"exp":4000000000,"#)
    }),
    ("nbf twice", MALFORMED, |good| {
        good.payload_begins(r#""nbf":0,"nbf":0,"#)
    }),
    ("iss twice, once escaped", MALFORMED, |good| {
        good.payload_begins(r#""\u0069ss":"https://forger.example.test","#)
    }),
    ("aud twice", MALFORMED, |good| {
        good.payload_begins(&format!("\"aud\":\"x\",\"aud\":\"{}\",", good.aud()))
    }),
    ("scope twice", MALFORMED, |good| {
        good.payload_begins(r#""scope":"","scope":"admin","#)
    }),
    ("roles twice, once escaped", MALFORMED, |good| {
        good.payload_begins(r#""roles":[],"role\u0073":["admin"],"#)
    }),
    ("permissions twice", MALFORMED, |good| {
        good.payload_begins(r#""permissions":[],"permissions":["all"],"#)
    }),
    ("cnf twice", MALFORMED, |good| {
        good.payload_begins(r#""cnf":{},"cnf":{},"#)
    }),
    ("token_use twice", MALFORMED, |good| {
        good.payload_begins(r#""token_use":"id","token_use":"access","#)
    }),
    ("an unknown claim twice", MALFORMED, |good| {
        good.payload_begins(r#""x":1,"x":1,"#)
    }),
    ("a claim without a name twice", MALFORMED, |good| {
        good.payload_begins(r#""":1,"":1,"#)
    }),
    (
        "a claim twice, once as a surrogate pair",
        MALFORMED,
        |good| good.payload_begins("\"\u{1f511}\":1,\"\\ud83d\\udd11\":1,"),
    ),
    ("a claim twice, forty others between", MALFORMED, |good| {
        let others: String = (0..40).map(|number| format!("\"x{number}\":1,")).collect();
        good.payload_begins(&format!("\"first\":1,{others}\"first\":1,"))
    }),
    (
        "a header member twice, forty others between",
        MALFORMED,
        |good| {
            let others: String = (0..40).map(|number| format!("\"x{number}\":1,")).collect();
            good.header_begins(&format!("\"first\":1,{others}\"first\":1,"))
        },
    ),
    ("a claim with the name of a raw value", MALFORMED, |good| {
        good.payload_begins(r#""$serde_json::private::RawValue":"{}","#)
    }),
    ("a raw value within a claim", MALFORMED, |good| {
        good.payload_begins(r#""x":{"$serde_json::private::RawValue":"{\"a\":1}"},"#)
    }),
    ("a raw value for the roles array", MALFORMED, |good| {
        good.payload_begins(r#""x":0,"$serde_json::private::RawValue":"[\"admin\"]","#)
    }),
    ("a claim with the name of a number", MALFORMED, |good| {
        good.payload_begins(r#""$serde_json::private::Number":"1","#)
    }),
    ("a number with a suffix", MALFORMED, |good| {
        good.payload_begins(r#""x":{"$serde_json::private::Number":"1","y":2},"#)
    }),
    ("a number of letters", MALFORMED, |good| {
        good.payload_begins(r#""x":{"$serde_json::private::Number":"one"},"#)
    }),
    (
        "a header member with the name of a raw value",
        MALFORMED,
        |good| good.header_begins(r#""$serde_json::private::RawValue":"{}","#),
    ),
    ("a raw value within the header", MALFORMED, |good| {
        good.header_begins(r#""jwk":{"$serde_json::private::RawValue":"{}"},"#)
    }),
];
