//! A text in which one segment varies: the issuers of many tenants.

/// A text with a placeholder instead of one path segment or host label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentPattern {
    before: Box<str>,
    after: Box<str>,
}

impl SegmentPattern {
    /// Parses `text`; `None` unless it holds `placeholder` exactly once.
    pub(crate) fn parse(text: &str, placeholder: &str) -> Option<SegmentPattern> {
        let (before, after) = text.split_once(placeholder)?;
        (!after.contains(placeholder)).then(|| SegmentPattern {
            before: before.into(),
            after: after.into(),
        })
    }

    /// Returns the offset of the segment.
    pub(crate) fn start(&self) -> usize {
        self.before.len()
    }

    /// Returns the segment of `text`, if `text` is the pattern with one in it.
    pub(crate) fn segment<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix(&*self.before)?;
        let segment = rest.strip_suffix(&*self.after)?;
        is_segment(segment).then_some(segment)
    }
}

/// Checks that `text` is one segment: ASCII letters, digits and hyphens.
pub(crate) fn is_segment(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::SegmentPattern;

    #[test]
    fn a_pattern_has_one_placeholder_and_matches_one_segment() {
        let parse = |text| SegmentPattern::parse(text, "{t}");
        assert_eq!(parse("https://a.test/"), None);
        assert_eq!(parse("https://{t}.test/{t}"), None);
        let path = parse("https://a.test/{t}/v2").unwrap();
        let host = parse("https://{t}.a.test").unwrap();
        for (pattern, text, segment) in [
            (&path, "https://a.test/acme-1/v2", Some("acme-1")),
            (&path, "https://a.test/ACME/v2", Some("ACME")),
            (&host, "https://acme.a.test", Some("acme")),
            (&path, "https://a.test//v2", None),
            (&path, "https://a.test/v2", None),
            (&path, "https://a.test/a/b/v2", None),
            (&path, "https://a.test/../v2", None),
            (&path, "https://a.test/{t}/v2", None),
            (&path, "https://a.test/%7Bt%7D/v2", None),
            (&path, "https://a.test/a_b/v2", None),
            (&path, "https://a.test/\u{e4}/v2", None),
            (&path, "https://A.test/acme/v2", None),
            (&path, "https://a.test/acme/v2/", None),
            (&host, "https://acme.b.a.test", None),
            (&host, "https://.a.test", None),
            (&host, "https://user@a.test", None),
        ] {
            assert_eq!(pattern.segment(text), segment, "{text}");
        }
    }
}
