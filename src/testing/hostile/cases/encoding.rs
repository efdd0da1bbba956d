//! Strings that are no token, and ambiguous base64url (RFC 7515 §2 and §7.1, RFC 4648 §3.5,
//! RFC 6750 §2.1).

use super::{ALGORITHM, Case, HEADER, MALFORMED};
use crate::testing::issuer::keys::encode;

pub(super) const CASES: &[Case] = &[
    ("no token after the scheme", HEADER, |_| String::new()),
    ("two tokens", HEADER, |good| format!("{0} {0}", good.text())),
    ("two tokens with a comma between", HEADER, |good| {
        format!("{0},{0}", good.text())
    }),
    ("a comma and another scheme", HEADER, |good| {
        format!("{}, Basic dTpw", good.text())
    }),
    ("a semicolon and a parameter", HEADER, |good| {
        format!("{};realm=x", good.text())
    }),
    ("the scheme twice", HEADER, |good| {
        format!("Bearer {}", good.text())
    }),
    ("a name before it", HEADER, |good| {
        format!("token={}", good.text())
    }),
    ("in quotes", HEADER, |good| format!("\"{}\"", good.text())),
    ("in single quotes", HEADER, |good| {
        format!("'{}'", good.text())
    }),
    ("in angle brackets", HEADER, |good| {
        format!("<{}>", good.text())
    }),
    ("in square brackets", HEADER, |good| {
        format!("[{}]", good.text())
    }),
    ("not ASCII", HEADER, |good| format!("{}\u{e4}", good.text())),
    ("a trailing non-breaking space", HEADER, |good| {
        format!("{}\u{a0}", good.text())
    }),
    ("a leading zero-width space", HEADER, |good| {
        format!("\u{200b}{}", good.text())
    }),
    ("a space around each dot", HEADER, |good| {
        good.parts().join(" . ")
    }),
    ("a space within the signature", HEADER, |good| {
        let [header, payload, signature] = good.parts();
        let (start, end) = signature.split_at(20);
        format!("{header}.{payload}.{start} {end}")
    }),
    ("a tab within the payload", HEADER, |good| {
        let [header, payload, signature] = good.parts();
        let (start, end) = payload.split_at(20);
        format!("{header}.{start}\t{end}.{signature}")
    }),
    ("dots percent-encoded", HEADER, |good| {
        good.parts().join("%2E")
    }),
    ("ideographic full stops for dots", HEADER, |good| {
        good.parts().join("\u{3002}")
    }),
    ("colons for dots", HEADER, |good| good.parts().join(":")),
    ("the JSON serialization", HEADER, |good| {
        let [header, payload, signature] = good.parts();
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#)
    }),
    ("a header that is not encoded", HEADER, |good| {
        let [_, payload, signature] = good.parts();
        format!(r#"{{"alg":"none"}}.{payload}.{signature}"#)
    }),
    ("padding inside", HEADER, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}=.{payload}.{signature}")
    }),
    ("padding at the end", MALFORMED, |good| {
        format!("{}=", good.text())
    }),
    ("padding twice at the end", MALFORMED, |good| {
        format!("{}==", good.text())
    }),
    ("one part", MALFORMED, |good| good.parts()[0].clone()),
    ("two parts", MALFORMED, |good| good.parts()[..2].join(".")),
    ("four parts", MALFORMED, |good| {
        format!("{}.{}", good.text(), good.parts()[2])
    }),
    ("five parts, as encrypted tokens have", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{payload}.{payload}.{payload}.{signature}")
    }),
    ("a leading dot", MALFORMED, |good| {
        format!(".{}", good.text())
    }),
    ("a trailing dot", MALFORMED, |good| {
        format!("{}.", good.text())
    }),
    ("two dots for one", MALFORMED, |good| {
        good.parts().join("..")
    }),
    ("one dot", MALFORMED, |_| ".".into()),
    ("two dots", MALFORMED, |_| "..".into()),
    ("dots by the thousand", MALFORMED, |_| ".".repeat(10_000)),
    ("an opaque token", MALFORMED, |_| {
        "2YotnFZFEjr1zCsicMWpAA".into()
    }),
    ("an API key", MALFORMED, |_| {
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc".into()
    }),
    ("a PASETO", MALFORMED, |good| {
        format!("v4.public.{}", good.parts()[1])
    }),
    ("with disclosures, as in SD-JWT", MALFORMED, |good| {
        format!("{}~WyJzYWx0IiwibmFtZSIsIkFsaWNlIl0~", good.text())
    }),
    ("an empty header", MALFORMED, |good| {
        let [_, payload, signature] = good.parts();
        format!(".{payload}.{signature}")
    }),
    ("an empty payload", MALFORMED, |good| {
        let [header, _, signature] = good.parts();
        format!("{header}..{signature}")
    }),
    ("a header without its last character", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{}.{payload}.{signature}", &header[..header.len() - 1])
    }),
    ("a payload without its last character", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{}.{signature}", &payload[..payload.len() - 1])
    }),
    ("a header with a character more", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}A.{payload}.{signature}")
    }),
    ("header and payload swapped", ALGORITHM, |good| {
        let [header, payload, signature] = good.parts();
        format!("{payload}.{header}.{signature}")
    }),
    ("the parts in reverse", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{signature}.{payload}.{header}")
    }),
    ("in capitals", MALFORMED, |good| {
        good.text().to_ascii_uppercase()
    }),
    ("encoded twice", MALFORMED, |good| encode(good.text())),
    ("each part encoded twice", MALFORMED, |good| {
        good.parts().map(encode).join(".")
    }),
    ("the alphabet of plain base64", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{payload}++.{signature}")
    }),
    ("plain base64 in the header", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}//8.{payload}.{signature}")
    }),
    ("plain base64 in the signature", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{payload}.+/{}", &signature[2..])
    }),
    ("a tilde in the signature", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        format!("{header}.{payload}.~{}", &signature[1..])
    }),
    ("base64url with bits to spare", MALFORMED, |good| {
        let text = good.with_header(|header| loose(&header));
        let (header, rest) = text.split_once('.').unwrap_or_default();
        format!("{}.{rest}", with_spare_bits(header))
    }),
    ("a payload with bits to spare", MALFORMED, |good| {
        let text = good.with_payload(|payload| loose(&payload));
        let [header, payload, signature] =
            [0, 1, 2].map(|part| text.split('.').nth(part).unwrap_or_default());
        format!("{header}.{}.{signature}", with_spare_bits(payload))
    }),
    ("a signature with bits to spare", MALFORMED, |good| {
        let [header, payload, signature] = good.parts();
        // If the length has no spare bits, add a character: its six bits are no byte.
        let signature = if signature.len() % 4 == 0 {
            signature + "B"
        } else {
            with_spare_bits(&signature)
        };
        format!("{header}.{payload}.{signature}")
    }),
    ("longer than any token", MALFORMED, |good| {
        good.claim("padding", "x".repeat(16_384))
    }),
    ("letters without end", MALFORMED, |_| "a".repeat(16_385)),
    ("a signature longer than any", MALFORMED, |good| {
        good.sealed_with(|_| vec![0xaa; 4628])
    }),
];

/// Appends spaces until the last base64url character has four spare bits.
fn loose(text: &str) -> String {
    format!("{text}{}", [" ", "", "  "][text.len() % 3])
}

/// Replaces the last character by the next one: a lenient decoder ignores the spare bits and gets
/// the same bytes.
fn with_spare_bits(part: &str) -> String {
    let mut part = part.to_owned();
    if let Some(last) = part.pop() {
        part.push(char::from_u32(last as u32 + 1).unwrap_or(last));
    }
    part
}
