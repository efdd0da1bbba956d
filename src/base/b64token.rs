//! The syntax of bearer tokens.

/// RFC 6750 §2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
pub(crate) fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    // perf: without an early exit the loop is vectorised, five times as fast, benches/bearer.rs
    !body.is_empty() && body.bytes().fold(true, |all, byte| all & is_b64(byte))
}

/// Returns true for a character of the token before its padding.
pub(crate) fn is_b64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}
