//! The grammar of RFC 8259, from left to right. Places are handed from one function to the next, so that they stay in registers.

use std::borrow::Cow;

use super::{JsonError, List, MemberNames, Object, RawStr, Value};

/// The deepest nesting; serde_json's too.
const DEEPEST: usize = 127;

/// Names that are not data to serde_json. Under `RawValue` it parses a text as JSON, and counts the depth anew.
const PRIVATE: &str = "$serde_json::private::";

/// What is asked of the names in nested objects.
pub(super) trait Names {
    /// An object begins.
    fn open(&mut self);
    /// It has a member of this name.
    fn name(&mut self, name: RawStr<'_>) -> Result<(), JsonError>;
    /// It has ended.
    fn close(&mut self);
}

/// Nothing.
struct Any;

impl Names for Any {
    fn open(&mut self) {}
    fn name(&mut self, _: RawStr<'_>) -> Result<(), JsonError> {
        Ok(())
    }
    fn close(&mut self) {}
}

/// That none comes twice in one object.
#[derive(Default)]
pub(super) struct Unique(Vec<MemberNames>);

impl Names for Unique {
    fn open(&mut self) {
        self.0.push(MemberNames::new());
    }
    fn name(&mut self, name: RawStr<'_>) -> Result<(), JsonError> {
        self.0
            .last_mut()
            .map_or(Ok(()), |seen| seen.remember(&name.read()))
    }
    fn close(&mut self) {
        self.0.pop();
    }
}

/// A text, and places in it.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'t>(pub(super) &'t str);

impl<'t> Scanner<'t> {
    /// What stands there; 0, which is nothing that JSON has outside of a text or within, behind the end.
    #[inline]
    fn octet(self, at: usize) -> u8 {
        self.0.as_bytes().get(at).copied().unwrap_or_default()
    }

    /// Behind `octet`, if that is what stands there.
    #[inline]
    pub(super) fn behind(self, octet: u8, at: usize) -> Result<usize, JsonError> {
        if self.octet(at) == octet {
            Ok(at + 1)
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// Behind white space.
    #[inline]
    pub(super) fn blanks(self, mut at: usize) -> usize {
        while let b' ' | b'\t' | b'\n' | b'\r' = self.octet(at) {
            at += 1;
        }
        at
    }

    pub(super) fn is_end(self, at: usize) -> bool {
        at == self.0.len()
    }

    /// Where the next member or item begins, in what ends with `end`, or behind its end.
    #[inline]
    pub(super) fn goes_on(
        self,
        begun: bool,
        end: u8,
        at: usize,
    ) -> Result<(bool, usize), JsonError> {
        let at = self.blanks(at);
        if self.octet(at) == end {
            return Ok((false, at + 1));
        }
        Ok((
            true,
            if begun {
                self.blanks(self.behind(b',', at)?)
            } else {
                at
            },
        ))
    }

    /// A member's name, and where its value begins.
    #[inline(always)]
    pub(super) fn name(self, at: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        let (name, at) = self.quoted(at)?;
        // The first letter says it for all but a few.
        if (name.escaped || name.inner.starts_with('$')) && name.read().starts_with(PRIVATE) {
            return Err(JsonError::Private);
        }
        Ok((name, self.blanks(self.behind(b':', self.blanks(at))?)))
    }

    /// The value that begins there, within one object or list, and where it has ended.
    #[inline(always)]
    pub(super) fn value(self, at: usize) -> Result<(Value<'t>, usize), JsonError> {
        Ok(match self.octet(at) {
            b'"' => {
                let (text, end) = self.text(at + 1)?;
                (Value::Text(text), end)
            }
            b'{' => {
                let end = self.nested(at, 1, &mut Any)?;
                (Value::Object(Object(self.between(at, end))), end)
            }
            b'[' => {
                let end = self.nested(at, 1, &mut Any)?;
                (Value::List(List(self.between(at, end))), end)
            }
            b'n' => (Value::Null, self.word("null", at)?),
            b't' => (Value::Bool(true), self.word("true", at)?),
            b'f' => (Value::Bool(false), self.word("false", at)?),
            _ => {
                let end = self.number(at)?;
                (Value::Number(self.between(at, end)), end)
            }
        })
    }

    /// Behind the list or object that begins there, `outer` levels down.
    pub(super) fn nested(
        self,
        mut at: usize,
        outer: usize,
        names: &mut impl Names,
    ) -> Result<usize, JsonError> {
        // A bit for each that is open: 1 for an object.
        let mut open: u128 = 0;
        let mut depth = outer;
        loop {
            // Here a value begins.
            match self.octet(at) {
                b'"' => (_, at) = self.text(at + 1)?,
                bracket @ (b'{' | b'[') => {
                    let object = bracket == b'{';
                    depth += 1;
                    if depth > DEEPEST {
                        return Err(JsonError::Depth);
                    }
                    open = open << 1 | u128::from(object);
                    at = self.blanks(at + 1);
                    if object {
                        names.open();
                        if self.octet(at) != b'}' {
                            at = self.nested_name(at, names)?;
                            continue;
                        }
                    } else if self.octet(at) != b']' {
                        continue;
                    }
                }
                b'n' => at = self.word("null", at)?,
                b't' => at = self.word("true", at)?,
                b'f' => at = self.word("false", at)?,
                _ => at = self.number(at)?,
            }
            // Here one has ended, and perhaps what it is in.
            loop {
                at = self.blanks(at);
                let object = open & 1 == 1;
                match self.octet(at) {
                    b',' => {
                        at = self.blanks(at + 1);
                        if object {
                            at = self.nested_name(at, names)?;
                        }
                        break;
                    }
                    b'}' if object => names.close(),
                    b']' if !object => {}
                    _ => return Err(JsonError::Syntax),
                }
                at += 1;
                depth -= 1;
                open >>= 1;
                if depth == outer {
                    return Ok(at);
                }
            }
        }
    }

    #[inline(always)]
    fn nested_name(self, at: usize, names: &mut impl Names) -> Result<usize, JsonError> {
        let (name, at) = self.name(at)?;
        names.name(name)?;
        Ok(at)
    }

    /// The text that begins there, and what is behind it.
    #[inline(always)]
    pub(super) fn quoted(self, at: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        self.text(self.behind(b'"', at)?)
    }

    /// The text whose first quote stands before `start`, and what is behind its last.
    #[inline(always)]
    fn text(self, start: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        let mut at = self.plain(start);
        let escaped = self.octet(at) == b'\\';
        if escaped {
            at = self.escaped(at)?;
        }
        // Else it is a control character, or the end.
        let end = self.behind(b'"', at)?;
        Ok((
            RawStr {
                inner: self.between(start, at),
                escaped,
            },
            end,
        ))
    }

    /// As [`plain`](Self::plain), from an escape on and past all others.
    #[cold]
    fn escaped(self, mut at: usize) -> Result<usize, JsonError> {
        while self.octet(at) == b'\\' {
            at = self.plain(self.escape(at)?.1);
        }
        Ok(at)
    }

    /// Where the next quote, escape or control character is, or the end.
    #[inline(always)]
    fn plain(self, mut at: usize) -> usize {
        const ONES: u64 = u64::MAX / 0xff;
        const HIGH: u64 = ONES << 7;
        let (words, last) = self
            .0
            .as_bytes()
            .get(at..)
            .unwrap_or_default()
            .as_chunks::<8>();
        for word in words {
            // Eight octets at once: one that underflows sets its high bit. One above it may be set wrongly; the lowest is right.
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
            .position(|octet| matches!(octet, b'"' | b'\\' | 0..=0x1f))
            .unwrap_or(last.len())
    }

    /// The character that the escape stands for, of two when they are surrogates, and what is behind it.
    fn escape(self, at: usize) -> Result<(char, usize), JsonError> {
        let character = match self.octet(at + 1) {
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
        let high = self.unit(at)?;
        if !(0xd800..0xe000).contains(&high) {
            return Ok((char::from_u32(high).ok_or(JsonError::Syntax)?, at + 6));
        }
        let low = self.unit(at + 6)?;
        if high >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
            return Err(JsonError::Syntax);
        }
        let both = 0x1_0000 + ((high - 0xd800) << 10 | (low - 0xdc00));
        Ok((char::from_u32(both).ok_or(JsonError::Syntax)?, at + 12))
    }

    /// The UTF-16 code unit that is written there as `\u` and four digits.
    fn unit(self, at: usize) -> Result<u32, JsonError> {
        let Some([b'\\', b'u', digits @ ..]) = self.0.as_bytes().get(at..at + 6) else {
            return Err(JsonError::Syntax);
        };
        digits.iter().try_fold(0, |unit, digit| {
            Ok(unit << 4 | char::from(*digit).to_digit(16).ok_or(JsonError::Syntax)?)
        })
    }

    /// Behind the number that begins there.
    fn number(self, start: usize) -> Result<usize, JsonError> {
        let mut at = start + usize::from(self.octet(start) == b'-');
        // No digit follows a leading zero.
        at = if self.octet(at) == b'0' {
            at + 1
        } else {
            self.digits(at)?
        };
        let mut exponent = false;
        if let b'.' | b'e' | b'E' = self.octet(at) {
            if self.octet(at) == b'.' {
                at = self.digits(at + 1)?;
            }
            if let b'e' | b'E' = self.octet(at) {
                exponent = true;
                at =
                    self.digits(at + 1 + usize::from(matches!(self.octet(at + 1), b'+' | b'-')))?;
            }
        }
        // Without an exponent it takes more than 308 digits to be too large.
        if (exponent || at - start > 308) && !is_in_range(self.between(start, at)) {
            return Err(JsonError::Range);
        }
        Ok(at)
    }

    /// Behind one digit or more.
    #[inline]
    fn digits(self, start: usize) -> Result<usize, JsonError> {
        let mut at = start;
        while self.octet(at).is_ascii_digit() {
            at += 1;
        }
        if at > start {
            Ok(at)
        } else {
            Err(JsonError::Syntax)
        }
    }

    fn word(self, word: &str, at: usize) -> Result<usize, JsonError> {
        let rest = self.0.as_bytes().get(at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            Ok(at + word.len())
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// What stands between two places, which are beside ASCII.
    #[inline]
    fn between(self, start: usize, end: usize) -> &'t str {
        self.0.get(start..end).unwrap_or_default()
    }
}

/// Whether a number is below 10^308, which a double holds whoever reads it: from there to the largest double parsers differ, and
/// to tell exactly costs computing with hundreds of digits.
fn is_in_range(number: &str) -> bool {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    // One that is no `i64` is as far from 0 as it says.
    let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches(['-', '0']).len();
    let zeros = fraction.len() - fraction.trim_start_matches('0').len();
    // How many digits stand before its point when it is written out.
    let digits = match (whole, zeros) {
        (0, zeros) if zeros == fraction.len() => return true,
        (0, zeros) => exponent.saturating_sub_unsigned(zeros as u64),
        (whole, _) => exponent.saturating_add_unsigned(whole as u64),
    };
    digits <= 308
}

/// What the inside of a text says that was read before.
pub(super) fn unescape(inner: &str) -> Cow<'_, str> {
    let script = Scanner(inner);
    let mut said = String::with_capacity(inner.len());
    let mut at = 0;
    loop {
        let escape = script.plain(at);
        said.push_str(script.between(at, escape));
        match script.escape(escape) {
            Ok((character, behind)) => {
                said.push(character);
                at = behind;
            }
            // The end: every escape was read before.
            Err(_) => return Cow::Owned(said),
        }
    }
}
