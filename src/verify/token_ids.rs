//! The identifiers of a refused token in the log: `kid`, `iss`, `jti`, made safe to print.

use std::fmt;

use crate::base::redact::Excerpt;
use crate::claims::{ClaimSelector, Registered};
use crate::jose::{Compact, DecodeBuffers, Header, Member};
use crate::json::Value;

/// Prints `kid`, `iss` and `jti` of a token that was not verified, as far as they can be read.
// perf: parses when it is printed, so that a line below the log level is free, benches/refusal.rs.
pub(crate) struct TokenIds<'t>(pub(crate) &'t str);

impl fmt::Display for TokenIds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffers = DecodeBuffers::new();
        let Ok(token) = Compact::parse(self.0, &mut buffers) else {
            return f.write_str("not a compact token");
        };
        match Header::parse(&token.header).map(|header| header.kid) {
            Ok(Member::Text(kid)) => write!(f, "kid={}", Excerpt(&kid))?,
            Ok(Member::Absent | Member::Other) | Err(_) => f.write_str("kid=(none)")?,
        }
        let selector = ClaimSelector::new([]);
        if let Ok(claims) = selector.select(&token.payload) {
            for (name, claim) in [("iss", Registered::Iss), ("jti", Registered::Jti)] {
                if let Some(text) = claims.registered(claim).and_then(Value::string) {
                    write!(f, " {name}={}", Excerpt(&text))?;
                }
            }
        }
        Ok(())
    }
}
