//! Strings (RFC 8259 §7).

use std::borrow::Cow;

use super::scanner::Scanner;
use super::{JsonError, RawStr};

impl<'t> Scanner<'t> {
    /// Reads a string; returns it and the offset after it.
    #[inline(always)]
    pub(super) fn string(self, at: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        self.string_from(self.expect_byte(b'"', at)?)
    }

    /// Reads a string whose opening quote is at `start - 1`; returns it and the offset after the
    /// closing quote.
    #[inline(always)]
    pub(super) fn string_from(self, start: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        let mut at = self.skip_plain(start);
        let escaped = self.byte(at) == b'\\';
        if escaped {
            at = self.skip_escapes(at)?;
        }
        // Otherwise it is a control character or the end.
        let end = self.expect_byte(b'"', at)?;
        Ok((
            RawStr {
                inner: self.slice(start, at),
                escaped,
            },
            end,
        ))
    }

    /// Returns the offset of the next quote or control character after the escape at `at`, or the
    /// end.
    #[cold]
    fn skip_escapes(self, mut at: usize) -> Result<usize, JsonError> {
        while self.byte(at) == b'\\' {
            at = self.skip_plain(self.escape(at)?.1);
        }
        Ok(at)
    }

    /// Returns the offset of the next quote, escape or control character, or the end.
    #[inline(always)]
    pub(super) fn skip_plain(self, mut at: usize) -> usize {
        const ONES: u64 = u64::MAX / 0xff;
        const HIGH: u64 = ONES << 7;
        let (words, last) = self
            .0
            .as_bytes()
            .get(at..)
            .unwrap_or_default()
            .as_chunks::<8>();
        for word in words {
            // perf: eight bytes at once, benches/verify.rs. A byte that underflows sets its high
            // bit. Bits above it may be wrong; the lowest is right.
            let word = u64::from_le_bytes(*word);
            let quote = word ^ (ONES * b'"' as u64);
            let escape = word ^ (ONES * b'\\' as u64);
            let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
            let found = (below(quote, 1) | below(escape, 1) | below(word, 0x20)) & HIGH;
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        at + last
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .unwrap_or(last.len())
    }

    /// Reads the escape at `at`, or two of them if they are surrogates; returns the character and
    /// the offset after it.
    pub(super) fn escape(self, at: usize) -> Result<(char, usize), JsonError> {
        let character = match self.byte(at + 1) {
            letter @ (b'"' | b'\\' | b'/') => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.surrogates(at),
            _ => return Err(JsonError::Syntax),
        };
        Ok((character, at + 2))
    }

    fn surrogates(self, at: usize) -> Result<(char, usize), JsonError> {
        let high = self.code_unit(at)?;
        if !(0xd800..0xe000).contains(&high) {
            return Ok((char::from_u32(high).ok_or(JsonError::Syntax)?, at + 6));
        }
        let low = self.code_unit(at + 6)?;
        if high >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
            return Err(JsonError::Syntax);
        }
        let both = 0x1_0000 + ((high - 0xd800) << 10 | (low - 0xdc00));
        Ok((char::from_u32(both).ok_or(JsonError::Syntax)?, at + 12))
    }

    /// Reads a UTF-16 code unit, written as `\u` and four digits.
    pub(super) fn code_unit(self, at: usize) -> Result<u32, JsonError> {
        let Some([b'\\', b'u', digits @ ..]) = self.0.as_bytes().get(at..at + 6) else {
            return Err(JsonError::Syntax);
        };
        digits.iter().try_fold(0, |unit, digit| {
            Ok(unit << 4 | char::from(*digit).to_digit(16).ok_or(JsonError::Syntax)?)
        })
    }
}

/// Resolves the escapes of a string that was read before; `inner` is without its quotes.
pub(super) fn unescape(inner: &str) -> Cow<'_, str> {
    let scanner = Scanner(inner);
    let mut unescaped = String::with_capacity(inner.len());
    let mut at = 0;
    loop {
        let escape = scanner.skip_plain(at);
        unescaped.push_str(scanner.slice(at, escape));
        match scanner.escape(escape) {
            Ok((character, after)) => {
                unescaped.push(character);
                at = after;
            }
            // The end, since every escape is valid.
            Err(_) => return Cow::Owned(unescaped),
        }
    }
}
