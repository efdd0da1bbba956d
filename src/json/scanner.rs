//! The grammar of RFC 8259, read from left to right.
// perf: functions take and return offsets, which so stay in registers, benches/verify.rs.

use std::borrow::Cow;

use super::{Array, JsonError, MemberNames, Object, RawStr, Value};

/// The limit of nesting, which is also serde_json's.
const MAX_DEPTH: usize = 127;

/// Prefix of names that are no data to serde_json: it parses the string under `RawValue` as JSON
/// with a depth of its own.
const RESERVED: &str = "$serde_json::private::";

/// A check of the member names in nested objects.
pub(super) trait NameCheck {
    /// Starts an object.
    fn open(&mut self);
    /// Checks a name of the innermost object.
    fn name(&mut self, name: RawStr<'_>) -> Result<(), JsonError>;
    /// Ends the innermost object.
    fn close(&mut self);
}

/// Accepts all names.
struct AnyNames;

impl NameCheck for AnyNames {
    fn open(&mut self) {}
    fn name(&mut self, _: RawStr<'_>) -> Result<(), JsonError> {
        Ok(())
    }
    fn close(&mut self) {}
}

/// Refuses duplicate names in one object.
#[derive(Default)]
pub(super) struct UniqueNames(Vec<MemberNames>);

impl NameCheck for UniqueNames {
    fn open(&mut self) {
        self.0.push(MemberNames::new());
    }
    fn name(&mut self, name: RawStr<'_>) -> Result<(), JsonError> {
        self.0
            .last_mut()
            .map_or(Ok(()), |names| names.insert(&name.read()))
    }
    fn close(&mut self) {
        self.0.pop();
    }
}

/// Reads JSON at given offsets.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'t>(pub(super) &'t str);

impl<'t> Scanner<'t> {
    /// Returns the byte at `at`, or 0 past the end (0 is never valid JSON).
    #[inline]
    fn byte(self, at: usize) -> u8 {
        self.0.as_bytes().get(at).copied().unwrap_or_default()
    }

    /// Returns the offset after `byte`; `JsonError::Syntax` if another byte is there.
    #[inline]
    pub(super) fn expect_byte(self, byte: u8, at: usize) -> Result<usize, JsonError> {
        if self.byte(at) == byte {
            Ok(at + 1)
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// Returns the offset after white space.
    #[inline]
    pub(super) fn skip_whitespace(self, mut at: usize) -> usize {
        while let b' ' | b'\t' | b'\n' | b'\r' = self.byte(at) {
            at += 1;
        }
        at
    }

    /// Returns the offset after the first brace of an object.
    pub(super) fn start_of_object(self) -> Result<usize, JsonError> {
        self.expect_byte(b'{', self.skip_whitespace(0))
            .map_err(|_| JsonError::NotAnObject)
    }

    /// Checks that only white space follows.
    pub(super) fn expect_end(self, at: usize) -> Result<(), JsonError> {
        if self.skip_whitespace(at) == self.0.len() {
            Ok(())
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// Returns `true` and the offset of the next member or item, or `false` and the offset after
    /// `end`.
    #[inline]
    pub(super) fn next_element(
        self,
        started: bool,
        end: u8,
        at: usize,
    ) -> Result<(bool, usize), JsonError> {
        let at = self.skip_whitespace(at);
        if self.byte(at) == end {
            return Ok((false, at + 1));
        }
        Ok((
            true,
            if started {
                self.skip_whitespace(self.expect_byte(b',', at)?)
            } else {
                at
            },
        ))
    }

    /// Reads a member's name, reserved or not; returns it and the offset of its value.
    #[inline(always)]
    pub(super) fn name(self, at: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        let (name, at) = self.string(at)?;
        Ok((name, self.skip_colon(at)?))
    }

    /// Reads a member's name; returns it and the offset of its value.
    #[inline(always)]
    pub(super) fn member_name(self, at: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        let (name, at) = self.name(at)?;
        // perf: few names start with `$`, benches/verify.rs.
        if (name.escaped || name.inner.starts_with('$')) && name.read().starts_with(RESERVED) {
            return Err(JsonError::ReservedName);
        }
        Ok((name, at))
    }

    #[inline(always)]
    fn skip_colon(self, at: usize) -> Result<usize, JsonError> {
        Ok(self.skip_whitespace(self.expect_byte(b':', self.skip_whitespace(at))?))
    }

    /// Reads a value inside one object or array; returns it and the offset after it.
    #[inline(always)]
    pub(super) fn value(self, at: usize) -> Result<(Value<'t>, usize), JsonError> {
        Ok(match self.byte(at) {
            b'"' => {
                let (string, end) = self.string_from(at + 1)?;
                (Value::String(string), end)
            }
            b'{' => {
                let end = self.nested(at, 1, &mut AnyNames)?;
                (Value::Object(Object(self.slice(at, end))), end)
            }
            b'[' => {
                let end = self.nested(at, 1, &mut AnyNames)?;
                (Value::Array(Array(self.slice(at, end))), end)
            }
            b'n' => (Value::Null, self.literal("null", at)?),
            b't' => (Value::Bool(true), self.literal("true", at)?),
            b'f' => (Value::Bool(false), self.literal("false", at)?),
            _ => {
                let end = self.number(at)?;
                (Value::Number(self.slice(at, end)), end)
            }
        })
    }

    /// Checks the array or object at `at`, which is `outer` levels deep; returns the offset after
    /// it.
    pub(super) fn nested(
        self,
        mut at: usize,
        outer: usize,
        names: &mut impl NameCheck,
    ) -> Result<usize, JsonError> {
        // One bit per open array or object: 1 for an object.
        let mut open: u128 = 0;
        let mut depth = outer;
        loop {
            // A value starts here.
            match self.byte(at) {
                b'"' => (_, at) = self.string_from(at + 1)?,
                bracket @ (b'{' | b'[') => {
                    let object = bracket == b'{';
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(JsonError::Depth);
                    }
                    open = open << 1 | u128::from(object);
                    at = self.skip_whitespace(at + 1);
                    if object {
                        names.open();
                        if self.byte(at) != b'}' {
                            at = self.nested_name(at, names)?;
                            continue;
                        }
                    } else if self.byte(at) != b']' {
                        continue;
                    }
                }
                b'n' => at = self.literal("null", at)?,
                b't' => at = self.literal("true", at)?,
                b'f' => at = self.literal("false", at)?,
                _ => at = self.number(at)?,
            }
            // A value ended here, and perhaps those around it.
            loop {
                at = self.skip_whitespace(at);
                let object = open & 1 == 1;
                match self.byte(at) {
                    b',' => {
                        at = self.skip_whitespace(at + 1);
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

    /// Returns the offset after the value at `at`. Checks its grammar and nothing else: it may have
    /// any depth, and numbers, strings and names that [`value`](Self::value) refuses.
    pub(super) fn skip_value(self, mut at: usize) -> Result<usize, JsonError> {
        // The closing brackets of the open arrays and objects, at most one for each byte.
        let mut open = Vec::new();
        loop {
            // A value starts here.
            let mut started = true;
            match self.byte(at) {
                b'"' => at = self.skip_string(at)?,
                bracket @ (b'{' | b'[') => {
                    // In ASCII each closing bracket comes two after its opening one.
                    open.push(bracket + 2);
                    (at, started) = (at + 1, false);
                }
                b'n' => at = self.literal("null", at)?,
                b't' => at = self.literal("true", at)?,
                b'f' => at = self.literal("false", at)?,
                _ => (at, _) = self.digits_and_exponent(at)?,
            }
            // A value ended here, and perhaps those around it.
            loop {
                let Some(end) = open.last() else {
                    return Ok(at);
                };
                let (more, next) = self.next_element(started, *end, at)?;
                at = next;
                if more {
                    if *end == b'}' {
                        at = self.skip_colon(self.skip_string(at)?)?;
                    }
                    break;
                }
                open.pop();
                started = true;
            }
        }
    }

    /// Returns the offset after a string, whose surrogates may be lone.
    fn skip_string(self, at: usize) -> Result<usize, JsonError> {
        let mut at = self.skip_plain(self.expect_byte(b'"', at)?);
        while self.byte(at) == b'\\' {
            let after = match self.byte(at + 1) {
                b'u' => self.code_unit(at).map(|_| at + 6),
                _ => self.escape(at).map(|(_, after)| after),
            };
            at = self.skip_plain(after?);
        }
        self.expect_byte(b'"', at)
    }

    #[inline(always)]
    fn nested_name(self, at: usize, names: &mut impl NameCheck) -> Result<usize, JsonError> {
        let (name, at) = self.member_name(at)?;
        names.name(name)?;
        Ok(at)
    }

    /// Reads a string; returns it and the offset after it.
    #[inline(always)]
    pub(super) fn string(self, at: usize) -> Result<(RawStr<'t>, usize), JsonError> {
        self.string_from(self.expect_byte(b'"', at)?)
    }

    /// Reads a string whose opening quote is at `start - 1`; returns it and the offset after the
    /// closing quote.
    #[inline(always)]
    fn string_from(self, start: usize) -> Result<(RawStr<'t>, usize), JsonError> {
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
    fn skip_plain(self, mut at: usize) -> usize {
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
    fn escape(self, at: usize) -> Result<(char, usize), JsonError> {
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
    fn code_unit(self, at: usize) -> Result<u32, JsonError> {
        let Some([b'\\', b'u', digits @ ..]) = self.0.as_bytes().get(at..at + 6) else {
            return Err(JsonError::Syntax);
        };
        digits.iter().try_fold(0, |unit, digit| {
            Ok(unit << 4 | char::from(*digit).to_digit(16).ok_or(JsonError::Syntax)?)
        })
    }

    /// Returns the offset after a number.
    fn number(self, start: usize) -> Result<usize, JsonError> {
        let (at, exponent) = self.digits_and_exponent(start)?;
        // perf: without an exponent only more than 308 digits are too large, benches/verify.rs.
        if (exponent || at - start > 308) && !is_in_range(self.slice(start, at)) {
            return Err(JsonError::Range);
        }
        Ok(at)
    }

    /// Returns the offset after a number of any size, and whether it has an exponent.
    #[inline(always)]
    fn digits_and_exponent(self, start: usize) -> Result<(usize, bool), JsonError> {
        let mut at = start + usize::from(self.byte(start) == b'-');
        // A leading zero is not followed by digits.
        at = if self.byte(at) == b'0' {
            at + 1
        } else {
            self.digits(at)?
        };
        let mut exponent = false;
        if let b'.' | b'e' | b'E' = self.byte(at) {
            if self.byte(at) == b'.' {
                at = self.digits(at + 1)?;
            }
            if let b'e' | b'E' = self.byte(at) {
                exponent = true;
                at = self.digits(at + 1 + usize::from(matches!(self.byte(at + 1), b'+' | b'-')))?;
            }
        }
        Ok((at, exponent))
    }

    /// Returns the offset after one digit or more.
    #[inline]
    fn digits(self, start: usize) -> Result<usize, JsonError> {
        let mut at = start;
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        if at > start {
            Ok(at)
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// Returns the offset after `literal`.
    fn literal(self, literal: &str, at: usize) -> Result<usize, JsonError> {
        let rest = self.0.as_bytes().get(at..).unwrap_or_default();
        if rest.starts_with(literal.as_bytes()) {
            Ok(at + literal.len())
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// Returns `start..end`; both are next to ASCII bytes and so char boundaries.
    #[inline]
    fn slice(self, start: usize, end: usize) -> &'t str {
        self.0.get(start..end).unwrap_or_default()
    }
}

/// Returns whether a number is below 10^308. Above it parsers differ on which numbers a double
/// holds, and an exact answer takes arithmetic on hundreds of digits.
fn is_in_range(number: &str) -> bool {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    // An exponent beyond `i64` is as good as the limit.
    let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches(['-', '0']).len();
    let zeros = fraction.len() - fraction.trim_start_matches('0').len();
    // Digits before the point of the number without exponent.
    let digits = match (whole, zeros) {
        (0, zeros) if zeros == fraction.len() => return true,
        (0, zeros) => exponent.saturating_sub_unsigned(zeros as u64),
        (whole, _) => exponent.saturating_add_unsigned(whole as u64),
    };
    digits <= 308
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
