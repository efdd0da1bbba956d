//! The `Authorization` header.

use crate::error::AuthError;
use crate::request::{is_b64token, parse_authorization};

/// Input: the header value. Accepted is exactly `Bearer` and a `b64token`; a refused value has the
/// same code as in the reference: another scheme, or a bad token.
pub fn header(data: &[u8]) {
    let Ok(header) = std::str::from_utf8(data) else {
        return;
    };
    // The crate checks the characters only of tokens that fail; the rule is the same.
    let b64token = |token| {
        if is_b64token(token) {
            Ok(token)
        } else {
            Err(AuthError::malformed_header("not a b64token"))
        }
    };
    let read = parse_authorization(header)
        .and_then(b64token)
        .map_err(|error| error.code());
    assert_eq!(read, reference(header));
    if let Ok(token) = read {
        let scheme = header
            .trim_end_matches([' ', '\t'])
            .strip_suffix(token)
            .expect("the token ends the header");
        assert!(
            scheme.trim_end_matches(' ').eq_ignore_ascii_case("bearer") && scheme.ends_with(' '),
            "{header:?}"
        );
    }
}

/// The grammar of RFC 9110 §11.4 and RFC 6750 §2.1, from left to right.
fn reference(header: &str) -> Result<&str, &'static str> {
    let mut scheme = String::new();
    let mut rest = header;
    while let Some(letter) = rest
        .chars()
        .next()
        .filter(|letter| is_token_character(*letter))
    {
        scheme.push(letter.to_ascii_lowercase());
        rest = &rest[1..];
    }
    if scheme != "bearer" {
        return Err("missing_token");
    }
    let mut spaces = 0;
    while let Some(after) = rest.strip_prefix(' ') {
        (rest, spaces) = (after, spaces + 1);
    }
    while let Some(before) = rest.strip_suffix([' ', '\t']) {
        rest = before;
    }
    let mut padding = false;
    let mut letters = 0;
    for letter in rest.chars() {
        match letter {
            '=' => padding = true,
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '~' | '+' | '/' if !padding => {
                letters += 1
            }
            _ => return Err("invalid_token"),
        }
    }
    if spaces == 0 || letters == 0 {
        Err("invalid_token")
    } else {
        Ok(rest)
    }
}

fn is_token_character(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}
