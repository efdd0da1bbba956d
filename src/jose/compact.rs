//! The JWS Compact Serialization: three parts, nothing verified.

use std::borrow::Cow;
use std::fmt;

use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use memchr::memchr_iter;

/// A token in the JWS Compact Serialization (RFC 7515 §7.1), its parts decoded but not parsed.
pub(crate) struct Compact<'t> {
    pub(crate) header: Cow<'t, str>,
    pub(crate) payload: String,
    pub(crate) signature: Cow<'t, [u8]>,
    /// The signed bytes: `header.payload` as they were sent.
    pub(crate) signing_input: &'t [u8],
}

/// Stack buffers for the decoded header and signature.
pub(crate) struct DecodeBuffers {
    header: [u8; HEADER],
    signature: [u8; SHORT_SIGNATURE],
}

/// RFC 7516 §7.1: five parts.
const ENCRYPTED: &str = "encrypted (JWE): five parts instead of three";

const OPAQUE: &str = "not a JWT: an opaque token, or not three parts";

/// More bytes than most headers have; a longer one is allocated.
const HEADER: usize = 512;

/// The longest signature of RSA, ECDSA and EdDSA in bytes: of an 8192-bit RSA key. A longer one is
/// allocated.
// perf: a buffer for each signature of ML-DSA would be cleared for every token, benches/verify.rs.
const SHORT_SIGNATURE: usize = 8192 / 8;

/// The longest signature in bytes: of ML-DSA-87 (FIPS 204 §4).
pub(crate) const SIGNATURE: usize = 4627;

/// Returns the length of `bytes` bytes in base64url.
const fn encoded(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

impl DecodeBuffers {
    pub(crate) const fn new() -> DecodeBuffers {
        DecodeBuffers {
            header: [0; HEADER],
            signature: [0; SHORT_SIGNATURE],
        }
    }
}

impl<'t> Compact<'t> {
    /// Parses exactly three parts of canonical base64url without padding, the first two of them
    /// UTF-8. Returns the violated rule otherwise.
    pub(crate) fn parse(
        text: &'t str,
        buffers: &'t mut DecodeBuffers,
    ) -> Result<Compact<'t>, &'static str> {
        let mut dots = memchr_iter(b'.', text.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            // Counted from the start: the iterator above is used up in part.
            let encrypted = memchr_iter(b'.', text.as_bytes()).count() == 4;
            return Err(if encrypted { ENCRYPTED } else { OPAQUE });
        };
        let (signing_input, signature) = (&text[..second], &text[second + 1..]);
        let (header, payload) = (&text[..first], &text[first + 1..second]);
        let header = if header.len() <= encoded(HEADER) {
            decode_into(&mut buffers.header, header)
                .and_then(|bytes| str::from_utf8(bytes).ok())
                .map(Cow::Borrowed)
        } else {
            decode(header).map(Cow::Owned)
        };
        let header = header.ok_or("the header is not base64url of UTF-8")?;
        let payload = decode(payload).ok_or("the payload is not base64url of UTF-8")?;
        if signature.len() > encoded(SIGNATURE) {
            return Err("the signature is longer than any");
        }
        let signature = if signature.len() <= encoded(SHORT_SIGNATURE) {
            decode_into(&mut buffers.signature, signature).map(Cow::Borrowed)
        } else {
            URL_SAFE_NO_PAD
                .decode_to_vec(signature)
                .ok()
                .map(Cow::Owned)
        };
        let signature = signature.ok_or("the signature is not base64url")?;
        Ok(Compact {
            header,
            payload,
            signature,
            signing_input: signing_input.as_bytes(),
        })
    }
}

/// Decodes `part` into `buffer`, which must be large enough.
fn decode_into<'t>(buffer: &'t mut [u8], part: &str) -> Option<&'t [u8]> {
    URL_SAFE_NO_PAD
        .decode(part.as_bytes(), buffer.as_out())
        .ok()
        .map(|bytes| &*bytes)
}

fn decode(part: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode_to_vec(part).ok()?).ok()
}

impl fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A token never prints.
        f.debug_struct("Compact").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Compact, DecodeBuffers, HEADER};

    #[test]
    fn three_canonical_parts_are_taken_and_nothing_else() {
        assert!(Compact::parse("e30.e30.AA", &mut DecodeBuffers::new()).is_ok());
        assert!(Compact::parse("e30.e30.", &mut DecodeBuffers::new()).is_ok());
        let opaque = "not a JWT: an opaque token, or not three parts";
        let encrypted = "encrypted (JWE): five parts instead of three";
        for (text, fact) in [
            ("", opaque),
            ("e30", opaque),
            ("e30.e30", opaque),
            ("e30.e30.AA.AA", opaque),
            ("..e30.e30", opaque),
            ("e30.e30.AA.AA.AA", encrypted),
            ("e30..AA.AA.AA", encrypted),
            ("e30.e30.AA.AA.AA.AA", opaque),
        ] {
            assert_eq!(
                Compact::parse(text, &mut DecodeBuffers::new()).err(),
                Some(fact),
                "{text}"
            );
        }
        for text in [
            "e30=.e30.AA",
            "e3.e30.AA",
            "e31.e30.AA",
            "e 30.e30.AA",
            "_w.e30.AA",
            "e30\n.e30.AA",
        ] {
            assert_eq!(
                Compact::parse(text, &mut DecodeBuffers::new()).err(),
                Some("the header is not base64url of UTF-8"),
                "{text}"
            );
        }
        for text in ["e30.e30=.AA", "e30._w.AA", "e30.e+0.AA"] {
            assert_eq!(
                Compact::parse(text, &mut DecodeBuffers::new()).err(),
                Some("the payload is not base64url of UTF-8"),
                "{text}"
            );
        }
        for text in ["e30.e30.AA==", "e30.e30.AB", "e30.e30.A", "e30.e30.A/"] {
            assert_eq!(
                Compact::parse(text, &mut DecodeBuffers::new()).err(),
                Some("the signature is not base64url"),
                "{text}"
            );
        }
        assert_eq!(
            Compact::parse(
                &format!("e30.e30.{}", "A".repeat(6171)),
                &mut DecodeBuffers::new()
            )
            .err(),
            Some("the signature is longer than any")
        );
    }

    #[test]
    fn a_header_of_any_length_is_read() {
        for length in [
            0,
            1,
            HEADER - 1,
            HEADER,
            HEADER + 1,
            HEADER + 2,
            HEADER + 3,
            10 * HEADER,
        ] {
            let header = "x".repeat(length);
            let text = format!(
                "{}.e30.AA",
                base64_simd::URL_SAFE_NO_PAD.encode_to_string(&header)
            );
            assert_eq!(
                Compact::parse(&text, &mut DecodeBuffers::new())
                    .unwrap()
                    .header,
                header
            );
        }
        // Not UTF-8, in the buffer and beyond it.
        for length in [1, HEADER, HEADER + 1] {
            let text = format!(
                "{}.e30.AA",
                base64_simd::URL_SAFE_NO_PAD.encode_to_string(vec![0xff; length])
            );
            let answer = Compact::parse(&text, &mut DecodeBuffers::new()).err();
            assert_eq!(
                answer,
                Some("the header is not base64url of UTF-8"),
                "{length}"
            );
        }
    }

    #[test]
    fn a_signature_of_any_algorithm_fits() {
        for (encoded, decoded) in [(1366, 1024), (1367, 1025), (3227, 2420), (6170, 4627)] {
            let text = format!("e30.e30.{}", "A".repeat(encoded));
            assert_eq!(
                Compact::parse(&text, &mut DecodeBuffers::new()).map(|token| token.signature.len()),
                Ok(decoded)
            );
        }
        let text = format!("e30.e30.{}!", "A".repeat(3226));
        assert_eq!(
            Compact::parse(&text, &mut DecodeBuffers::new()).err(),
            Some("the signature is not base64url")
        );
    }
}
