//! The checks of an active answer: those of a JWT's claims.

use std::borrow::Cow;
use std::time::Duration;

use super::Introspection;
use crate::claims::{RawToken, Registered, SelectedClaims, Text};
use crate::json::Value;
use crate::verify::jwt::{Expiry, Times, check_access_token, confirmation, numeric_date};
use crate::verify::verified::{Confirmation, Provenance, Verified};
use crate::verify::{Expected, Issuer, TokenError, TokenExcerpt};

/// The start of the token types of RFC 8693 §3, which some servers write.
const TYPE_PREFIX: &str = "urn:ietf:params:oauth:token-type:";

impl Introspection {
    /// Checks the members of an active answer about an opaque token; `raw` is their JSON.
    pub(super) fn check_opaque(
        &self,
        members: &SelectedClaims<'_>,
        raw: &str,
        token: &str,
        now: Duration,
    ) -> Result<Verified, TokenError> {
        let issuer = &self.issuer;
        check_iss(members, issuer, About::Opaque)?;
        issuer.check_subject(members)?;
        let times = Times::check(members, Expiry::Optional, self.times, now)?;
        let audiences = match issuer.check_audience(members) {
            Err(TokenError::Audience {
                presented: TokenExcerpt::Nothing,
                ..
            }) if !self.settings.require_audience => None,
            audiences => Some(audiences?),
        };
        check_access_token(members, issuer.accept_id_tokens)?;
        let confirmation = confirmation(members, raw)?;
        check_token_type(members, issuer.accept_id_tokens, &confirmation)?;
        issuer.check_tenant(members)?;
        issuer.check_claims(members)?;
        let mut claim_set = issuer.lists.read(members, raw, audiences)?;
        // The issuer that was asked vouches for it, whether the answer names it or not.
        if let (None, Some(iss), None) = (&claim_set.issuer, &issuer.iss, &issuer.tenants) {
            claim_set.issuer = Some(Text::Own(iss.clone()));
        }
        if let Some(own) = issuer.of_trust_domain() {
            claim_set.issuer = Some(own);
        }
        Ok(Verified {
            provenance: Provenance::Introspected {
                issuer_index: self.issuer_index,
                until: now + self.settings.cache_ttl,
            },
            subject_scope: self.subject_scope,
            issuer_name: issuer.name.clone(),
            claim_set,
            expires_at: times.expires_at,
            issued_at: times.issued_at,
            window: times.window,
            confirmation,
            token_header: issuer.token_header.clone(),
            source: RawToken::new(raw, token),
        })
    }

    /// Checks the members of an active answer about the JWT `verified`. The claims stay the
    /// token's; the answer may only shorten its life.
    pub(super) fn check_jwt(
        &self,
        members: &SelectedClaims<'_>,
        verified: &Verified,
        now: Duration,
    ) -> Result<Verified, TokenError> {
        check_iss(members, &self.issuer, About::Jwt(verified.issuer()))?;
        match members.registered(Registered::Sub) {
            None => {}
            Some(Value::String(_)) if sub_is(members, verified.subject()) => {}
            Some(_) => return Err(TokenError::NotActive("the answer names another sub")),
        }
        let exp = numeric_date(members.registered(Registered::Exp))?;
        let ends_at = exp.map(|exp| exp + self.times.leeway);
        if let (Some(exp), Some(ends_at)) = (exp, ends_at)
            && now >= ends_at
        {
            return Err(TokenError::Expired { ago: now - exp });
        }
        let expires_at = match (verified.expires_at(), exp) {
            (Some(own), Some(exp)) => Some(own.min(exp)),
            (own, exp) => own.or(exp),
        };
        let asked_again_at = now + self.settings.cache_ttl;
        let until = ends_at.map_or(asked_again_at, |ends_at| ends_at.min(asked_again_at));
        Ok(verified.between(now, until, expires_at))
    }
}

/// The token that an answer is about, a JWT with its `iss`.
enum About<'t> {
    Opaque,
    Jwt(Option<&'t str>),
}

/// Checks `iss`: it must be the issuer that was asked, and of a JWT the one in the token. It may be
/// absent, unless only it tells the tenant.
fn check_iss(
    members: &SelectedClaims<'_>,
    issuer: &Issuer,
    about: About<'_>,
) -> Result<(), TokenError> {
    let presented = members.registered(Registered::Iss);
    let iss = presented.and_then(Value::string);
    let iss = iss.as_deref();
    let is_right = match (presented, &about) {
        (None, About::Jwt(_)) => true,
        (None, About::Opaque) => issuer.tenants.is_none(),
        (Some(_), About::Jwt(Some(own))) => iss == Some(*own),
        (Some(_), About::Jwt(None) | About::Opaque) => {
            issuer.is_named(iss) || iss.is_some_and(|iss| issuer.tenant(iss).is_some())
        }
    };
    if is_right {
        return Ok(());
    }
    let expected = match about {
        About::Jwt(Some(own)) => Some(own),
        _ => issuer.iss.as_deref(),
    };
    Err(TokenError::Issuer {
        presented: TokenExcerpt::claim(presented),
        expected: Expected::from_iter(expected),
    })
}

fn sub_is(members: &SelectedClaims<'_>, subject: Option<&str>) -> bool {
    let sub = members.registered(Registered::Sub).and_then(Value::string);
    sub.as_deref() == subject
}

/// Refuses the `token_type` of other tokens (RFC 7662 §2.2, RFC 6749 §7.1), and a token that is
/// said to be bound without the key.
fn check_token_type(
    members: &SelectedClaims<'_>,
    accept_id_tokens: bool,
    confirmation: &Confirmation,
) -> Result<(), TokenError> {
    let token_type = members.member("token_type").and_then(Value::string);
    // Ory Hydra introspects refresh tokens too, and tells them by `token_use`.
    let usage = members.registered(Registered::TokenUse);
    let usage = usage.and_then(Value::string);
    let is = |text: &Option<Cow<'_, str>>, other: &str| {
        text.as_deref().is_some_and(|text| {
            let bare = text.strip_prefix(TYPE_PREFIX).unwrap_or(text);
            bare.eq_ignore_ascii_case(other)
        })
    };
    let is_of = |other: &str| is(&token_type, other) || is(&usage, other);
    if is_of("refresh_token") || is_of("refresh") {
        return Err(TokenError::NotAccessToken("it is a refresh token"));
    }
    if is_of("id_token") && !accept_id_tokens {
        return Err(TokenError::NotAccessToken("it is an ID token"));
    }
    match confirmation {
        Confirmation::None if is(&token_type, "DPoP") => Err(TokenError::SenderConstrained(
            "jkt, says token_type; there is no cnf",
        )),
        _ => Ok(()),
    }
}
