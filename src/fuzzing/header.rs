//! The `Authorization` header.

use crate::error::AuthError;
use crate::request::{is_b64token, parse_authorization};

/// The token is a `b64token` after the scheme `Bearer` and nothing else is in the header; what is refused is told apart as
/// another scheme and a bad token by the same rule as a slow reader's.
pub fn header(data: &[u8]) {
    let Ok(header) = std::str::from_utf8(data) else {
        return;
    };
    // The letters are looked at only where a token fails; the rule is the same.
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
    assert_eq!(read, slow(header));
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

/// RFC 9110 §11.4 and RFC 6750 §2.1, read from left to right.
fn slow(header: &str) -> Result<&str, &'static str> {
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
    let mut blanks = 0;
    while let Some(after) = rest.strip_prefix(' ') {
        (rest, blanks) = (after, blanks + 1);
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
    if blanks == 0 || letters == 0 {
        Err("invalid_token")
    } else {
        Ok(rest)
    }
}

fn is_token_character(letter: char) -> bool {
    matches!(letter, 'A'..='Z' | 'a'..='z' | '0'..='9' | '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '.' | '^' | '_' | '`' | '|' | '~')
}
