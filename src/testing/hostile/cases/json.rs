//! Header and claims that are not one JSON object (RFC 8259, RFC 7515 §4, RFC 7519 §4,
//! RFC 8725 §3.10).

use super::{Case, MALFORMED};

pub(super) const CASES: &[Case] = &[
    ("a header that is not JSON", MALFORMED, |good| {
        good.header_is("{\"alg\":")
    }),
    ("a header that is an array", MALFORMED, |good| {
        good.header_is("[]")
    }),
    ("a header that is a string", MALFORMED, |good| {
        good.header_is("\"ES256\"")
    }),
    ("a header that is a number", MALFORMED, |good| {
        good.header_is("256")
    }),
    ("a header that is null", MALFORMED, |good| {
        good.header_is("null")
    }),
    ("a header in an array", MALFORMED, |good| {
        good.with_header(|header| format!("[{header}]"))
    }),
    ("a header twice", MALFORMED, |good| {
        good.with_header(|header| header.repeat(2))
    }),
    ("a header after a byte order mark", MALFORMED, |good| {
        good.with_header(|header| format!("\u{feff}{header}"))
    }),
    ("a header in UTF-16", MALFORMED, |good| {
        good.with_header(|header| utf_16(&header))
    }),
    ("a header with a comment", MALFORMED, |good| {
        good.header_begins("/* signed */")
    }),
    ("a header with a trailing NUL", MALFORMED, |good| {
        good.with_header(|header| format!("{header}\0"))
    }),
    ("claims that are not JSON", MALFORMED, |good| {
        good.payload_is("sub=alice")
    }),
    ("claims that are an array", MALFORMED, |good| {
        good.payload_is("[]")
    }),
    ("claims that are null", MALFORMED, |good| {
        good.payload_is("null")
    }),
    ("claims that are true", MALFORMED, |good| {
        good.payload_is("true")
    }),
    ("claims that are spaces", MALFORMED, |good| {
        good.payload_is("  \n")
    }),
    ("claims that are another token", MALFORMED, |good| {
        good.payload_is(&good.text())
    }),
    ("claims in an array", MALFORMED, |good| {
        good.with_payload(|payload| format!("[{payload}]"))
    }),
    ("claims in a string", MALFORMED, |good| {
        good.with_payload(|payload| serde_json::Value::from(payload).to_string())
    }),
    ("claims with a comma too many", MALFORMED, |good| {
        good.with_payload(|payload| payload.replacen('}', ",}", 1))
    }),
    ("claims with a leading comma", MALFORMED, |good| {
        good.payload_begins(",")
    }),
    ("claims cut short", MALFORMED, |good| {
        good.with_payload(|payload| payload[..payload.len() - 1].to_owned())
    }),
    ("claims twice", MALFORMED, |good| {
        good.with_payload(|payload| payload.repeat(2))
    }),
    ("claims with trailing text", MALFORMED, |good| {
        good.with_payload(|payload| format!("{payload};"))
    }),
    ("claims with a trailing NUL", MALFORMED, |good| {
        good.with_payload(|payload| format!("{payload}\0"))
    }),
    ("claims after a byte order mark", MALFORMED, |good| {
        good.with_payload(|payload| format!("\u{feff}{payload}"))
    }),
    ("claims after a non-breaking space", MALFORMED, |good| {
        good.with_payload(|payload| format!("\u{a0}{payload}"))
    }),
    ("claims after a form feed", MALFORMED, |good| {
        good.with_payload(|payload| format!("\u{c}{payload}"))
    }),
    ("claims in UTF-16", MALFORMED, |good| {
        good.with_payload(|payload| utf_16(&payload))
    }),
    ("claims that are not UTF-8", MALFORMED, |good| {
        good.with_payload(|payload| holding(payload, b"\xff"))
    }),
    ("claims with overlong UTF-8", MALFORMED, |good| {
        good.with_payload(|payload| holding(payload, b"\xc0\xaf"))
    }),
    ("claims with half a surrogate pair", MALFORMED, |good| {
        good.with_payload(|payload| holding(payload, b"\xed\xa0\x80"))
    }),
    (
        "claims with half a surrogate pair, escaped",
        MALFORMED,
        |good| good.payload_begins(r#""x":"\ud800","#),
    ),
    ("claims with a comment", MALFORMED, |good| {
        good.payload_begins("// mine\n")
    }),
    ("claims in single quotes", MALFORMED, |good| {
        good.payload_begins("'x':1,")
    }),
    ("a claim without quotes", MALFORMED, |good| {
        good.payload_begins("x:1,")
    }),
    ("a claim without a value", MALFORMED, |good| {
        good.payload_begins(r#""x":,"#)
    }),
    ("a claim whose name is a number", MALFORMED, |good| {
        good.payload_begins("1:1,")
    }),
    ("a claim with a line break in it", MALFORMED, |good| {
        good.payload_begins("\"x\":\"a\nb\",")
    }),
    ("a claim with an unknown escape", MALFORMED, |good| {
        good.payload_begins(r#""x":"\x41","#)
    }),
    ("a claim that is not a number", MALFORMED, |good| {
        good.payload_begins(r#""x":NaN,"#)
    }),
    ("a claim that is infinite", MALFORMED, |good| {
        good.payload_begins(r#""x":-Infinity,"#)
    }),
    ("a number with a leading zero", MALFORMED, |good| {
        good.payload_begins(r#""x":01,"#)
    }),
    ("a number with a plus sign", MALFORMED, |good| {
        good.payload_begins(r#""x":+1,"#)
    }),
    ("a number in hexadecimal", MALFORMED, |good| {
        good.payload_begins(r#""x":0x10,"#)
    }),
    ("a number that ends in its point", MALFORMED, |good| {
        good.payload_begins(r#""x":1.,"#)
    }),
    ("a number beyond all numbers", MALFORMED, |good| {
        good.payload_begins(r#""x":[-1e400],"#)
    }),
    (
        "a number beyond all numbers in the header",
        MALFORMED,
        |good| good.header_begins(r#""x":{"y":1e400},"#),
    ),
    ("True with a capital", MALFORMED, |good| {
        good.payload_begins(r#""x":True,"#)
    }),
    ("a header nested too deep", MALFORMED, |good| {
        good.header_begins(&format!("\"x\":{},", nested(129)))
    }),
    ("claims nested too deep", MALFORMED, |good| {
        good.payload_begins(&format!("\"x\":{},", nested(129)))
    }),
    ("claims nested by the thousand", MALFORMED, |good| {
        good.payload_begins(&format!("\"x\":{},", nested(4000)))
    }),
    ("a scope nested too deep", MALFORMED, |good| {
        good.with_payload(|payload| {
            let renamed = payload.replacen("\"scope\":", "\"x-scope\":", 1);
            renamed.replacen('{', &format!("{{\"scope\":{},", nested(129)), 1)
        })
    }),
    ("objects nested too deep", MALFORMED, |good| {
        good.payload_begins(&format!(
            "\"x\":{}1{},",
            r#"{"y":"#.repeat(129),
            "}".repeat(129)
        ))
    }),
    ("unclosed brackets", MALFORMED, |good| {
        good.payload_is(&"[".repeat(10_000))
    }),
];

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Adds a claim with these bytes.
fn holding(payload: String, bytes: &[u8]) -> Vec<u8> {
    let mut payload = payload.into_bytes();
    payload.splice(1..1, [br#""x":""#, bytes, br#"","#].concat());
    payload
}
