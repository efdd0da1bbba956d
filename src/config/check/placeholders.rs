//! Marks of templates and of quoting that are left in an address.

use percent_encoding::percent_decode_str;

use super::addresses::split;

/// Returns which mark of a template or of quoting `text` holds.
pub(super) fn placeholder(text: &str) -> Option<&'static str> {
    // A query may hold anything that is escaped.
    let end = text.find('?').unwrap_or(text.len());
    let decoded = percent_decode_str(text.get(..end).unwrap_or(text)).decode_utf8_lossy();
    let (_, path) = split(text);
    let has_bare_percent = text.split('%').skip(1).any(|after| {
        let digits = after.as_bytes().get(..2);
        !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if has_variable(text) || has_variable(&decoded) {
        Some("holds a variable that was not filled in (`$`)")
    } else if text.contains(['{', '}', '<', '>']) || decoded.contains(['{', '}', '<', '>']) {
        Some("holds a placeholder that was not filled in (braces or angle brackets)")
    } else if has_at_signs(text) || path.split('/').any(|segment| segment == "*") {
        Some("holds a placeholder that was not filled in (`@…@` or `*`)")
    } else if text.contains(['`', '^', '|'])
        || decoded.contains(QUOTES)
        || path.contains(['[', ']'])
        || has_bare_percent
    {
        Some("holds a quotation mark or another character that a URL may not hold")
    } else {
        None
    }
}

/// Quotation marks, apart from the apostrophe, which a path may hold.
const QUOTES: [char; 13] = [
    '"', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›',
];

/// Returns `true` if `text` has a `$` before a name or a bracket, or one without anything.
fn has_variable(text: &str) -> bool {
    text.split('$').skip(1).any(|after| {
        after.is_empty()
            || after.starts_with(|c: char| {
                matches!(c, '{' | '_' | '(' | '/' | '?') || c.is_ascii_alphabetic()
            })
    })
}

/// Returns `true` if `text` holds `@NAME@`.
fn has_at_signs(text: &str) -> bool {
    let mut parts = text.split('@').skip(1).peekable();
    while let Some(part) = parts.next() {
        let is_name = part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if is_name && !part.is_empty() && parts.peek().is_some() {
            return true;
        }
    }
    false
}
