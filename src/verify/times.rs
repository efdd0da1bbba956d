//! Times of a token (RFC 7519 §4.1.4 to §4.1.6).

use std::time::Duration;

use super::TokenError;
use super::verified::Window;
use crate::claims::{Registered, SelectedClaims};
use crate::json::Value;

/// 9999-12-31T23:59:59Z: what lies beyond is not a time that anyone issued.
pub(crate) const LATEST: u64 = 253_402_300_799;

/// A NumericDate (RFC 7519 §2): `Err` when it is there and is none.
pub(super) fn numeric_date(claim: Option<Value<'_>>) -> Result<Option<Duration>, TokenError> {
    let date = match claim {
        None => return Ok(None),
        Some(Value::Number(number)) => date(number),
        Some(_) => None,
    };
    date.map(Some).ok_or(TokenError::Malformed(
        "a time that is not a number of seconds between 1970 and 9999",
    ))
}

fn date(number: &str) -> Option<Duration> {
    // As nearly everyone writes it.
    if let Ok(seconds) = number.parse::<u64>() {
        return (seconds <= LATEST).then(|| Duration::from_secs(seconds));
    }
    // As the claims' tree has it. `str::parse` is exact, and a stranger can make that dear.
    let seconds: f64 = serde_json::from_str(number).ok()?;
    (0.0..=LATEST as f64)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

/// What the times of one token say.
pub(super) struct Times {
    pub(super) expires_at: Duration,
    pub(super) issued_at: Option<Duration>,
    pub(super) window: Window,
}

/// How the operator reads times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    pub(super) leeway: Duration,
    pub(super) max_age: Option<Duration>,
}

impl Times {
    /// The times of a token that may be used at `now`.
    pub(super) fn check(
        selected: &SelectedClaims<'_>,
        allowance: Allowance,
        now: Duration,
    ) -> Result<Times, TokenError> {
        let Allowance { leeway, max_age } = allowance;
        let exp = match selected.registered(Registered::Exp) {
            None | Some(Value::Null) => {
                return Err(TokenError::Missing {
                    claim: "exp".into(),
                });
            }
            exp => numeric_date(exp)?.ok_or(TokenError::Missing {
                claim: "exp".into(),
            })?,
        };
        let nbf = numeric_date(selected.registered(Registered::Nbf))?;
        let iat = numeric_date(selected.registered(Registered::Iat))?;

        let until = exp + leeway;
        if now >= until {
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
        let aged = match (max_age, iat) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(TokenError::Missing {
                    claim: "iat".into(),
                });
            }
            (Some(max_age), Some(iat)) => Some(iat + max_age + leeway),
        };
        if let Some(aged) = aged
            && now >= aged
        {
            return Err(TokenError::TooOld {
                by: now - (aged - leeway),
            });
        }
        let from = nbf
            .unwrap_or_default()
            .max(iat.unwrap_or_default())
            .saturating_sub(leeway);
        let until = aged.map_or(until, |aged| aged.min(until));
        Ok(Times {
            expires_at: exp,
            issued_at: iat,
            window: Window { from, until },
        })
    }
}
