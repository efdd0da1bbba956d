//! What is no token at all, or none that two readers would read alike (RFC 7515 §2 and §7.1, RFC 8725 §3.10).

use super::Case;

const HEADER: &str = "Invalid Authorization header";
const MALFORMED: &str = "Malformed token";

pub(super) const CASES: &[Case] = &[
    ("nothing after the scheme", HEADER, |_| String::new()),
    ("two tokens", HEADER, |good| format!("{0} {0}", good.text())),
    ("a comma and another scheme", HEADER, |good| format!("{}, Basic dTpw", good.text())),
    ("in quotes", HEADER, |good| format!("\"{}\"", good.text())),
    ("not ASCII", HEADER, |good| format!("{}\u{e4}", good.text())),
    ("padding inside", HEADER, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}=.{payload}.{signature}")
    }),
    ("padding at the end", MALFORMED, |good| format!("{}=", good.text())),
    ("one part", MALFORMED, |good| good.parts()[0].clone()),
    ("two parts", MALFORMED, |good| good.parts()[..2].join(".")),
    ("four parts", MALFORMED, |good| format!("{}.{}", good.text(), good.parts()[2])),
    ("five parts, as encrypted tokens have", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{payload}.{payload}.{payload}.{signature}")
    }),
    ("an empty header", MALFORMED, |good| {
        let [_, payload, signature] = good.parts();
        format!(".{payload}.{signature}")
    }),
    ("an empty payload", MALFORMED, |good| {
        let [header, _, signature] = good.parts();
        format!("{header}..{signature}")
    }),
    ("the alphabet of plain base64", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{payload}++.{signature}")
    }),
    ("base64url with bits to spare", MALFORMED, |good| {
        // Three octets in a header make four characters; one more octet makes two, the last of which has four spare bits.
        let loose = |header: String| format!("{header}{}", [" ", "", "  "][header.len() % 3]).into_bytes();
        let text = good.written(loose, String::into_bytes);
        let (header, rest) = text.split_once('.').unwrap_or_default();
        let next = |last: char| char::from_u32(last as u32 + 1).unwrap_or(last);
        let mut header = header.to_owned();
        if let Some(last) = header.pop() {
            header.push(next(last));
        }
        format!("{header}.{rest}")
    }),
    ("a header that is not JSON", MALFORMED, |good| good.header_is("{\"alg\":")),
    ("a header that is a list", MALFORMED, |good| good.header_is("[]")),
    ("a header that is a text", MALFORMED, |good| good.header_is("\"ES256\"")),
    ("claims that are not JSON", MALFORMED, |good| good.payload_is("sub=alice")),
    ("claims that are a list", MALFORMED, |good| good.payload_is("[]")),
    ("claims that are null", MALFORMED, |good| good.payload_is("null")),
    ("claims with a comma too many", MALFORMED, |good| {
        good.written(String::into_bytes, |payload| payload.replacen('}', ",}", 1).into_bytes())
    }),
    ("claims twice", MALFORMED, |good| good.written(String::into_bytes, |payload| payload.repeat(2).into_bytes())),
    ("claims after a byte order mark", MALFORMED, |good| {
        good.written(String::into_bytes, |payload| format!("\u{feff}{payload}").into_bytes())
    }),
    ("claims that are not UTF-8", MALFORMED, |good| {
        good.written(String::into_bytes, |payload| {
            let mut octets = payload.into_bytes();
            octets.splice(1..1, b"\"x\":\"\xff\",".iter().copied());
            octets
        })
    }),
    ("a member of the header twice", MALFORMED, |good| good.header_begins(r#""alg":"none","#)),
    ("a member of the header twice, once escaped", MALFORMED, |good| good.header_begins(r#""\u0061lg":"none","#)),
    ("an unknown member of the header twice", MALFORMED, |good| good.header_begins(r#""x":1,"x":1,"#)),
    ("sub twice", MALFORMED, |good| good.payload_begins(r#""sub":"admin","sub":"admin","#)),
    ("exp twice", MALFORMED, |good| good.payload_begins(r#""exp":4000000000,"exp":4000000000,"#)),
    ("iss twice, once escaped", MALFORMED, |good| good.payload_begins(r#""\u0069ss":"https://forger.example.test","#)),
    ("an unknown claim twice", MALFORMED, |good| good.payload_begins(r#""x":1,"x":1,"#)),
    ("a header nested too deep", MALFORMED, |good| good.header_begins(&format!("\"x\":{},", nested(129)))),
    ("claims nested too deep", MALFORMED, |good| good.payload_begins(&format!("\"x\":{},", nested(129)))),
    ("claims nested by the thousand", MALFORMED, |good| good.payload_begins(&format!("\"x\":{},", nested(4000)))),
    ("longer than any token", MALFORMED, |good| good.claim("padding", "x".repeat(16_384))),
];

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}
