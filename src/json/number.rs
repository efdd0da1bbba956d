//! Numbers (RFC 8259 §6).

use super::JsonError;
use super::scanner::Scanner;

impl Scanner<'_> {
    /// Returns the offset after a number.
    #[inline]
    pub(super) fn number(self, start: usize) -> Result<usize, JsonError> {
        let (at, exponent) = self.digits_and_exponent(start)?;
        // perf: without an exponent only more than 308 digits are too large, benches/verify.rs.
        if (exponent || at - start > 308) && !is_in_range(self.slice(start, at)) {
            return Err(JsonError::Range);
        }
        Ok(at)
    }

    /// Returns the offset after a number of any size, and whether it has an exponent.
    #[inline(always)]
    pub(super) fn digits_and_exponent(self, start: usize) -> Result<(usize, bool), JsonError> {
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
