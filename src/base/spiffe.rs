//! Trust domains and ids of SPIFFE.

/// The longest id, in bytes (SPIFFE-ID §2.4).
const MAX_ID: usize = 2048;

/// The longest name of a trust domain, in bytes (SPIFFE-ID §2.4).
const MAX_TRUST_DOMAIN: usize = 255;

/// Checks the name of a trust domain (SPIFFE-ID §2.1): lower case letters, digits, `.`, `-`, `_`.
pub(crate) fn is_trust_domain(name: &str) -> bool {
    let is_allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    };
    !name.is_empty() && name.len() <= MAX_TRUST_DOMAIN && name.bytes().all(is_allowed)
}

/// Checks whether `id` is exactly one of a workload of this trust domain (SPIFFE-ID §2.2): a path
/// of segments that are neither empty nor dots, and no query, fragment, port or user.
pub(crate) fn is_workload_of(trust_domain: &str, id: &str) -> bool {
    let path = id
        .strip_prefix("spiffe://")
        .and_then(|rest| rest.strip_prefix(trust_domain))
        .and_then(|rest| rest.strip_prefix('/'));
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    id.len() <= MAX_ID
        && path.is_some_and(|path| {
            path.split('/').all(|segment| {
                !["", ".", ".."].contains(&segment) && segment.bytes().all(is_allowed)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::{is_trust_domain, is_workload_of};

    #[test]
    fn a_trust_domain_is_a_plain_name() {
        for name in ["example.org", "prod_1.acme-x", "a"] {
            assert!(is_trust_domain(name), "{name}");
        }
        let long = "a".repeat(256);
        for name in [
            "",
            "Example.org",
            "a/b",
            "a:1",
            "u@a",
            "ä",
            "a b",
            "spiffe://a",
            &long,
        ] {
            assert!(!is_trust_domain(name), "{name}");
        }
    }

    #[test]
    fn a_workload_is_of_one_trust_domain_by_its_whole_name() {
        for id in [
            "spiffe://example.org/a",
            "spiffe://example.org/ns/x.y/sa/A_b-1",
        ] {
            assert!(is_workload_of("example.org", id), "{id}");
        }
        let long = format!("spiffe://example.org/{}", "a".repeat(2048));
        for id in [
            "spiffe://example.org",
            "spiffe://example.org/",
            "spiffe://example.org//a",
            "spiffe://example.org/a/",
            "spiffe://example.org/./a",
            "spiffe://example.org/../a",
            "spiffe://example.org/a%2fb",
            "spiffe://example.org/a?b",
            "spiffe://example.org/a#b",
            "spiffe://example.org/a b",
            "spiffe://example.org/ä",
            "spiffe://example.org:443/a",
            "spiffe://u@example.org/a",
            "spiffe://example.org.evil/a",
            "spiffe://evil.example.org/a",
            "spiffe://EXAMPLE.ORG/a",
            "SPIFFE://example.org/a",
            "https://example.org/a",
            "example.org/a",
            "",
            &long,
        ] {
            assert!(!is_workload_of("example.org", id), "{id}");
        }
    }
}
