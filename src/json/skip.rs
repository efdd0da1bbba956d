//! Skips values unread.

use super::JsonError;
use super::scanner::Scanner;

impl Scanner<'_> {
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
}
