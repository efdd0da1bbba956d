//! The distinction of JWTs and opaque tokens.

use base64_simd::URL_SAFE_NO_PAD;
use memchr::memchr_iter;
use serde::de::IgnoredAny;

/// Returns true for a text whose first byte no JWT has: the base64url of `{`, or of white space.
// perf: spares a remembered opaque token the look-up among JWTs, benches/introspection.rs
pub(crate) fn is_opaque_at_sight(token: &str) -> bool {
    !matches!(token.as_bytes().first(), Some(b'e' | b'I' | b'C' | b'D'))
}

/// Returns true for a JWT: three parts, the first of which decodes to a JSON object.
pub(crate) fn is_jwt(token: &str) -> bool {
    let mut dots = memchr_iter(b'.', token.as_bytes());
    let (Some(first), Some(_), None) = (dots.next(), dots.next(), dots.next()) else {
        return false;
    };
    let header = token.as_bytes().get(..first).unwrap_or_default();
    let Ok(header) = URL_SAFE_NO_PAD.decode_to_vec(header) else {
        return false;
    };
    header.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<IgnoredAny>(&header).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwt_has_three_parts_and_a_json_object_first() {
        let encode = |header: &str| URL_SAFE_NO_PAD.encode_to_string(header);
        for header in [
            "{}",
            "{\"alg\":\"none\",\"alg\":1}",
            " {}",
            "\n{}",
            "\t\r{ }",
        ] {
            let token = format!("{}.x.", encode(header));
            assert!(is_jwt(&token) && !is_opaque_at_sight(&token), "{header:?}");
        }
        let object = encode("{}");
        for token in [
            String::new(),
            "2YotnFZFEjr1zCsicMWpAA".to_owned(),
            object.clone(),
            format!("{object}.x"),
            format!("{object}.x.y.z.w"),
            format!("{object}=.x.y"),
            format!("{}.x.y", encode("[]")),
            format!("{}.x.y", encode("{")),
            format!("{}.x.y", encode("{}{}")),
            format!("{}.x.y", encode("\"{}\"")),
            "..".to_owned(),
        ] {
            assert!(!is_jwt(&token), "{token:?}");
        }
    }
}
