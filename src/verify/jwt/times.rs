//! The times of a token (RFC 7519 §4.1.4 to §4.1.6).

use std::time::Duration;

use crate::claims::{Registered, SelectedClaims};
use crate::json::Value;
use crate::verify::TokenError;
use crate::verify::verified::Window;

/// The latest time that is accepted, in seconds since the epoch: 9999-12-31T23:59:59Z.
const LATEST: u64 = 253_402_300_799;

/// Reads a NumericDate (RFC 7519 §2), which may be absent.
pub(in crate::verify) fn numeric_date(
    claim: Option<Value<'_>>,
) -> Result<Option<Duration>, TokenError> {
    let date = match claim {
        None => return Ok(None),
        Some(Value::Number(number)) => date(number),
        Some(_) => None,
    };
    date.map(Some).ok_or(TokenError::Malformed(
        "a time that is not a number of seconds between 1970 and 9999",
    ))
}

/// Parses a number of seconds between 1970 and 9999.
pub(crate) fn date(number: &str) -> Option<Duration> {
    // perf: nearly every issuer writes integers, benches/verify.rs.
    if let Ok(seconds) = number.parse::<u64>() {
        return (seconds <= LATEST).then(|| Duration::from_secs(seconds));
    }
    // Parsed as serde_json does; exact parsing of hostile input is expensive.
    let seconds: f64 = serde_json::from_str(number).ok()?;
    (0.0..=LATEST as f64)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

/// The times of one token.
pub(in crate::verify) struct Times {
    pub(in crate::verify) expires_at: Option<Duration>,
    pub(in crate::verify) issued_at: Option<Duration>,
    pub(in crate::verify) window: Window,
}

/// The settings for times.
#[derive(Debug, Clone, Copy)]
pub(in crate::verify) struct TimeLimits {
    pub(in crate::verify) leeway: Duration,
    pub(in crate::verify) max_age: Option<Duration>,
}

/// The presence of `exp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Expiry {
    /// A JWT has one (RFC 9068 §2.2).
    Required,
    /// The answer of an introspection may have one (RFC 7662 §2.2).
    #[cfg(feature = "introspection")]
    Optional,
}

impl Times {
    /// Checks that the token may be used at `now`; returns its times.
    pub(in crate::verify) fn check(
        selected: &SelectedClaims<'_>,
        expiry: Expiry,
        limits: TimeLimits,
        now: Duration,
    ) -> Result<Times, TokenError> {
        let TimeLimits { leeway, max_age } = limits;
        let exp = match selected.registered(Registered::Exp) {
            None | Some(Value::Null) if expiry == Expiry::Required => {
                return Err(TokenError::Missing {
                    claim: "exp".into(),
                });
            }
            exp => numeric_date(exp)?,
        };
        let nbf = numeric_date(selected.registered(Registered::Nbf))?;
        let iat = numeric_date(selected.registered(Registered::Iat))?;

        let until = exp.map_or(Duration::MAX, |exp| exp + leeway);
        if let Some(exp) = exp
            && now >= until
        {
            return Err(TokenError::Expired { ago: now - exp });
        }
        for (claim, at) in [("nbf", nbf), ("iat", iat)] {
            if let Some(at) = at
                && at > now + leeway
            {
                return Err(TokenError::NotYet {
                    claim,
                    ahead: at - now,
                });
            }
        }
        let too_old_at = match (max_age, iat) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(TokenError::Missing {
                    claim: "iat".into(),
                });
            }
            (Some(max_age), Some(iat)) => Some(iat + max_age + leeway),
        };
        if let Some(at) = too_old_at
            && now >= at
        {
            return Err(TokenError::TooOld {
                by: now - (at - leeway),
            });
        }
        let from = nbf
            .unwrap_or_default()
            .max(iat.unwrap_or_default())
            .saturating_sub(leeway);
        let until = too_old_at.map_or(until, |at| at.min(until));
        Ok(Times {
            expires_at: exp,
            issued_at: iat,
            window: Window { from, until },
        })
    }
}
