//! Base64url without padding (RFC 4648 §5), bit by bit: the reference implementation.

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Decodes `text`; `None` if it is not the canonical encoding.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for character in text.chars() {
        let value = ALPHABET.find(character)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    let whole = bits.len() / 8 * 8;
    let spare = &bits[whole..];
    if spare.len() >= 6 || spare.contains(&true) {
        return None;
    }
    Some(
        bits[..whole]
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit)))
            .collect(),
    )
}

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut bits: Vec<bool> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    bits.resize(bits.len().div_ceil(6) * 6, false);
    let letter = |six: &[bool]| six.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit));
    bits.chunks(6)
        .map(|six| char::from(ALPHABET.as_bytes()[letter(six)]))
        .collect()
}
