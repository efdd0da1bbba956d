//! The compact serialization of a token, and its JOSE header.

use super::json::{self, Json};
use super::{assert_printable, base64url, claims};
use crate::jose::{Compact, DecodeBuffers, Header, Member, SIGNATURE};
use crate::verify::TokenIds;

/// Input: a token, or header, payload and signature on three lines. Accepted parts have their
/// canonical encoding, header and claims equal those of the reference, and the log line is always
/// printable.
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
        let mut buffers = DecodeBuffers::new();
        match Compact::parse(&token, &mut buffers) {
            Ok(read) => {
                assert_eq!(
                    (&*read.header, &*read.payload, &*read.signature),
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
    let mut buffers = DecodeBuffers::new();
    let read = Compact::parse(text, &mut buffers);
    let parts: Vec<&str> = text.split('.').collect();
    let expected = match parts[..] {
        [header, payload, signature] => reference(header, payload, signature),
        _ => None,
    };
    let (Ok(token), Some((header, payload, signature))) = (&read, &expected) else {
        assert_eq!(read.is_ok(), expected.is_some(), "{text:?}");
        return;
    };
    assert_eq!(
        (&*token.header, &token.payload, &*token.signature),
        (header.as_str(), payload, signature.as_slice())
    );
    let written = [header.as_bytes(), payload.as_bytes(), signature].map(base64url::encode);
    assert_eq!(written.join("."), text, "the canonical encoding");
    assert_eq!(token.signing_input, written[..2].join(".").as_bytes());
    check_header(header);
    claims::check(payload);
}

fn reference(header: &str, payload: &str, signature: &str) -> Option<(String, String, Vec<u8>)> {
    let text = |part| String::from_utf8(base64url::decode(part)?).ok();
    let signature = base64url::decode(signature).filter(|bytes| bytes.len() <= SIGNATURE)?;
    Some((text(header)?, text(payload)?, signature))
}

fn check_header(text: &str) {
    let read = Header::parse(text).ok();
    let expected = json::strict_object(text, &[]);
    let (Some(header), Some(members)) = (&read, &expected) else {
        assert_eq!(read.is_some(), expected.is_some(), "{text:?}");
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
