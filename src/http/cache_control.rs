//! `Cache-Control: max-age`: RFC 9111 §5.2.

use std::time::Duration;

use reqwest::header::{CACHE_CONTROL, HeaderMap};

/// The value of a number that is too large to count (RFC 9111 §1.2.2).
const ENDLESS: u64 = 1 << 31;

/// Returns the first valid `max-age` (RFC 9111 §4.2.1 allows this). Other directives are ignored:
/// the operator decides how often keys are fetched, and the issuer can only shorten the interval.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(directives)
        .find_map(seconds)
}

/// Splits a field into directives; a comma inside a quoted string does not separate.
fn directives(field: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    field.split(move |character| {
        let separates = character == ',' && !quoted;
        if !escaped && character == '"' {
            quoted = !quoted;
        }
        escaped = quoted && !escaped && character == '\\';
        separates
    })
}

fn seconds(directive: &str) -> Option<Duration> {
    let (name, value) = directive.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("max-age") {
        return None;
    }
    let value = value.trim();
    // RFC 9111 §5.2 allows the quoted form.
    let digits = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(
        digits.parse().unwrap_or(ENDLESS).min(ENDLESS),
    ))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn age(fields: &[&'static str]) -> Option<u64> {
        let headers = fields
            .iter()
            .map(|field| (CACHE_CONTROL, HeaderValue::from_static(field)));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| {
            map.append(name, value);
        });
        max_age(&map).map(|age| age.as_secs())
    }

    #[test]
    fn max_age_is_read_in_every_legal_form() {
        assert_eq!(age(&["max-age=300"]), Some(300));
        assert_eq!(age(&["public, Max-Age=300 , must-revalidate"]), Some(300));
        assert_eq!(age(&["max-age=\"300\""]), Some(300));
        assert_eq!(age(&["public", "max-age=300"]), Some(300));
        assert_eq!(age(&["max-age=0"]), Some(0));
    }

    #[test]
    fn the_first_valid_max_age_counts() {
        assert_eq!(age(&["max-age=10, max-age=20"]), Some(10));
        assert_eq!(age(&["max-age=soon, max-age=20"]), Some(20));
    }

    #[test]
    fn what_is_not_a_max_age_is_none() {
        assert_eq!(age(&[]), None);
        assert_eq!(age(&["no-store, no-cache"]), None);
        assert_eq!(age(&["s-maxage=10"]), None);
        assert_eq!(age(&["max-age"]), None);
        assert_eq!(age(&["max-age="]), None);
        assert_eq!(age(&["max-age=-1"]), None);
        assert_eq!(age(&["max-age=+1"]), None);
        assert_eq!(age(&["max-age=1.5"]), None);
    }

    #[test]
    fn a_max_age_inside_a_quoted_string_is_text() {
        assert_eq!(age(&["private=\"a, max-age=1, b\", max-age=2"]), Some(2));
        assert_eq!(age(&["private=\"a\\\", max-age=1\", max-age=2"]), Some(2));
    }

    #[test]
    fn a_number_too_large_to_count_is_the_largest() {
        assert_eq!(
            age(&["max-age=99999999999999999999999999"]),
            Some(2_147_483_648)
        );
    }
}
