//! The one definition of a loopback host, for which plain `http` is accepted.

use url::{Host, Url};

/// Returns `true` for `localhost`, 127.0.0.0/8 and `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_is_localhost_and_the_reserved_addresses() {
        for (url, expected) in [
            ("http://localhost:8080/", true),
            ("http://LOCALHOST/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:1/", true),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://0.0.0.0/", false),
            ("http://[::2]/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(is_loopback(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
