//! A token as it comes: the compact serialization and the JOSE header.

use super::json::{self, Json};
use super::{assert_printable, base64url, claims};
use crate::jose::{Compact, DecodeBuffers, Header, Member, SIGNATURE};
use crate::verify::TokenIds;

/// Parts that are taken are written in exactly one way; header and claims are read as the slow reader reads them; the log's
/// line is printable whatever the token. Input with two line breaks is also made into a token of these three parts.
pub fn compact(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    check(text);
    let parts: Vec<&str> = text.splitn(3, '\n').collect();
    if let [header, payload, signature] = parts[..] {
        let [first, second, third] =
            [header, payload, signature].map(|part| base64url::encode(part.as_bytes()));
        let token = format!("{first}.{second}.{third}");
        let mut room = DecodeBuffers::new();
        match Compact::parse(&token, &mut room) {
            Ok(read) => {
                assert_eq!(
                    (&*read.header, &*read.payload, read.signature),
                    (header, payload, signature.as_bytes())
                )
            }
            Err(_) => assert!(signature.len() > SIGNATURE, "{text:?}"),
        }
        check(&token);
        check_header(header);
    }
}

fn check(text: &str) {
    assert_printable(&TokenIds(text).to_string());
    let mut room = DecodeBuffers::new();
    let read = Compact::parse(text, &mut room);
    let parts: Vec<&str> = text.split('.').collect();
    let slow = match parts[..] {
        [header, payload, signature] => slow(header, payload, signature),
        _ => None,
    };
    let (Ok(token), Some((header, payload, signature))) = (&read, &slow) else {
        assert_eq!(read.is_ok(), slow.is_some(), "{text:?}");
        return;
    };
    assert_eq!(
        (&*token.header, &token.payload, token.signature),
        (header.as_str(), payload, signature.as_slice())
    );
    let written = [header.as_bytes(), payload.as_bytes(), signature].map(base64url::encode);
    assert_eq!(written.join("."), text, "one way to write it");
    assert_eq!(token.signing_input, written[..2].join(".").as_bytes());
    check_header(header);
    claims::check(payload);
}

fn slow(header: &str, payload: &str, signature: &str) -> Option<(String, String, Vec<u8>)> {
    let text = |part| String::from_utf8(base64url::decode(part)?).ok();
    let signature = base64url::decode(signature).filter(|octets| octets.len() <= SIGNATURE)?;
    Some((text(header)?, text(payload)?, signature))
}

fn check_header(text: &str) {
    let read = Header::parse(text).ok();
    let slow = json::strict_object(text, &[]);
    let (Some(header), Some(members)) = (&read, &slow) else {
        assert_eq!(read.is_some(), slow.is_some(), "{text:?}");
        return;
    };
    for (name, member) in [
        ("alg", &header.alg),
        ("kid", &header.kid),
        ("typ", &header.typ),
        ("x5t", &header.x5t),
        ("x5t#S256", &header.x5t_s256),
    ] {
        let expected = match members.get(name) {
            None => Member::Absent,
            Some(Json::Text(Some(value))) => Member::Text(value.into()),
            Some(_) => Member::Other,
        };
        assert_eq!(*member, expected, "{name} of {text:?}");
    }
    assert_eq!(
        header.extended,
        members.get("crit").or(members.get("b64")).is_some(),
        "{text:?}"
    );
}
