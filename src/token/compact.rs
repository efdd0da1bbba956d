//! A token as it came: three parts, nothing believed.

use std::fmt;

use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use memchr::memchr_iter;

/// The JWS Compact Serialization (RFC 7515 §7.1), its parts decoded and not yet read.
pub(crate) struct Compact<'t> {
    pub(crate) header: String,
    pub(crate) payload: String,
    pub(crate) signature: &'t [u8],
    /// What was signed: `header.payload` as it came.
    pub(crate) signing_input: &'t [u8],
}

/// Room for a signature: the longest of any algorithm is that of an 8192-bit RSA key.
pub(crate) type SignatureRoom = [u8; 8192 / 8];

/// The same in base64url.
const LONGEST_SIGNATURE: usize = (8192_usize / 8 * 4).div_ceil(3);

impl<'t> Compact<'t> {
    /// Exactly three parts of canonical base64url without padding, the first two of them UTF-8; the fact that
    /// contradicts otherwise.
    pub(crate) fn parse(text: &'t str, room: &'t mut SignatureRoom) -> Result<Compact<'t>, &'static str> {
        let mut dots = memchr_iter(b'.', text.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err("not three parts");
        };
        let (signing_input, signature) = (&text[..second], &text[second + 1..]);
        let (header, payload) = (&text[..first], &text[first + 1..second]);
        let header = decode(header).ok_or("the header is not base64url of UTF-8")?;
        let payload = decode(payload).ok_or("the payload is not base64url of UTF-8")?;
        if signature.len() > LONGEST_SIGNATURE {
            return Err("the signature is longer than any");
        }
        let signature = URL_SAFE_NO_PAD.decode(signature.as_bytes(), room.as_mut_slice().as_out());
        let signature = &*signature.map_err(|_| "the signature is not base64url")?;
        Ok(Compact { header, payload, signature, signing_input: signing_input.as_bytes() })
    }
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
    use super::{Compact, SignatureRoom};

    const ROOM: SignatureRoom = [0; size_of::<SignatureRoom>()];

    #[test]
    fn three_canonical_parts_are_taken_and_nothing_else() {
        assert!(Compact::parse("e30.e30.AA", &mut { ROOM }).is_ok());
        assert!(Compact::parse("e30.e30.", &mut { ROOM }).is_ok());
        for text in ["", "e30", "e30.e30", "e30.e30.AA.AA", "e30.e30.AA.AA.AA", "..e30.e30"] {
            assert_eq!(Compact::parse(text, &mut { ROOM }).err(), Some("not three parts"), "{text}");
        }
        for text in ["e30=.e30.AA", "e3.e30.AA", "e31.e30.AA", "e 30.e30.AA", "_w.e30.AA", "e30\n.e30.AA"] {
            assert_eq!(
                Compact::parse(text, &mut { ROOM }).err(),
                Some("the header is not base64url of UTF-8"),
                "{text}"
            );
        }
        for text in ["e30.e30=.AA", "e30._w.AA", "e30.e+0.AA"] {
            assert_eq!(
                Compact::parse(text, &mut { ROOM }).err(),
                Some("the payload is not base64url of UTF-8"),
                "{text}"
            );
        }
        for text in ["e30.e30.AA==", "e30.e30.AB", "e30.e30.A", "e30.e30.A/"] {
            assert_eq!(Compact::parse(text, &mut { ROOM }).err(), Some("the signature is not base64url"), "{text}");
        }
        assert_eq!(
            Compact::parse(&format!("e30.e30.{}", "A".repeat(1400)), &mut { ROOM }).err(),
            Some("the signature is longer than any")
        );
    }

    #[test]
    fn the_longest_signature_fits() {
        let signature = "A".repeat(1366);
        let text = format!("e30.e30.{signature}");
        assert_eq!(Compact::parse(&text, &mut { ROOM }).map(|token| token.signature.len()), Ok(1024));
    }
}
