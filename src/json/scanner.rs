//! The grammar of RFC 8259, read from left to right.
// perf: functions take and return offsets, which so stay in registers, benches/verify.rs.

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
    pub(super) fn byte(self, at: usize) -> u8 {
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
    pub(super) fn skip_colon(self, at: usize) -> Result<usize, JsonError> {
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

    #[inline(always)]
    fn nested_name(self, at: usize, names: &mut impl NameCheck) -> Result<usize, JsonError> {
        let (name, at) = self.member_name(at)?;
        names.name(name)?;
        Ok(at)
    }

    /// Returns the offset after `literal`.
    pub(super) fn literal(self, literal: &str, at: usize) -> Result<usize, JsonError> {
        let rest = self.0.as_bytes().get(at..).unwrap_or_default();
        if rest.starts_with(literal.as_bytes()) {
            Ok(at + literal.len())
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// Returns `start..end`; both are next to ASCII bytes and so char boundaries.
    #[inline]
    pub(super) fn slice(self, start: usize, end: usize) -> &'t str {
        self.0.get(start..end).unwrap_or_default()
    }
}
