//! The JOSE header (RFC 7515 §4), parsed strictly.

use std::borrow::Cow;

use crate::json::{JsonError, MemberNames, Members, Value};

/// The members of the header that are used.
pub(crate) struct Header<'t> {
    pub(crate) alg: Member<'t>,
    pub(crate) kid: Member<'t>,
    pub(crate) typ: Member<'t>,
    /// Thumbprints of the key's certificate (RFC 7515 §4.1.7, §4.1.8).
    pub(crate) x5t: Member<'t>,
    pub(crate) x5t_s256: Member<'t>,
    /// `crit` or `b64` is present, of any value: an extension that is not supported (RFC 7515
    /// §4.1.11, RFC 7797).
    pub(crate) extended: bool,
}

/// A header member.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Member<'t> {
    #[default]
    Absent,
    Text(Cow<'t, str>),
    /// Anything but a string.
    Other,
}

impl<'t> Header<'t> {
    /// Parses one JSON object without duplicate members. Skips `jku`, `jwk`, `x5u`, `x5c` and
    /// unknown ones.
    pub(crate) fn parse(text: &'t str) -> Result<Header<'t>, JsonError> {
        let mut header = Header {
            alg: Member::Absent,
            kid: Member::Absent,
            typ: Member::Absent,
            x5t: Member::Absent,
            x5t_s256: Member::Absent,
            extended: false,
        };
        let mut seen = MemberNames::of(text);
        let mut members = Members::of(text)?;
        while let Some((name, value)) = members.next()? {
            let slot = match &*name {
                "alg" => &mut header.alg,
                "kid" => &mut header.kid,
                "typ" => &mut header.typ,
                "x5t" => &mut header.x5t,
                "x5t#S256" => &mut header.x5t_s256,
                other => {
                    header.extended |= matches!(other, "crit" | "b64");
                    seen.insert(other)?;
                    continue;
                }
            };
            if *slot != Member::Absent {
                return Err(JsonError::Duplicate);
            }
            *slot = Member::of(value);
        }
        Ok(header)
    }
}

impl<'t> Member<'t> {
    fn of(value: Value<'t>) -> Member<'t> {
        value.string().map_or(Member::Other, Member::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Member};

    #[test]
    fn unused_members_are_ignored_whatever_their_type() {
        let text = r#"{"alg":"RS256","kid":"k=/ 1","typ":"at+jwt","x":[{"y":1}],"gty":["a"],
            "jwk":{},"n":null}"#;
        let header = Header::parse(text).unwrap();
        assert_eq!(header.alg, Member::Text("RS256".into()));
        assert_eq!(header.kid, Member::Text("k=/ 1".into()));
        assert_eq!(header.typ, Member::Text("at+jwt".into()));
        assert!(!header.extended);
    }

    #[test]
    fn a_duplicate_is_refused_known_or_unknown_and_however_spelt() {
        for text in [
            r#"{"alg":"RS256","alg":"RS256"}"#,
            r#"{"alg":"RS256","\u0061lg":"none"}"#,
            r#"{"x":1,"x":2}"#,
            r#"{"crit":[],"crit":[]}"#,
        ] {
            assert!(Header::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_member_that_is_no_string_is_told_from_an_absent_one() {
        let header = Header::parse(r#"{"alg":null,"kid":7}"#).unwrap();
        assert_eq!(
            (header.alg, header.kid, header.typ),
            (Member::Other, Member::Other, Member::Absent)
        );
    }

    #[test]
    fn an_extension_is_noticed_whatever_it_holds() {
        for text in [
            r#"{"crit":[]}"#,
            r#"{"crit":null}"#,
            r#"{"crit":["exp"]}"#,
            r#"{"b64":true}"#,
            r#"{"b64":false}"#,
        ] {
            assert!(Header::parse(text).unwrap().extended, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_object_or_too_deep_is_refused() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for text in ["[]", "1", "{}{}", "", &deep] {
            assert!(Header::parse(text).is_err(), "{text}");
        }
    }
}
