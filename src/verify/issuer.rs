//! One configured issuer as the checks see it: names compiled, keys at hand.

use std::sync::Arc;

use super::claim_lists::{ListNames, names};
use super::{TokenError, TokenExcerpt};
use crate::claims::{ClaimName, SelectedClaims, first_present};
use crate::config::IssuerSettings;
use crate::issuer::keys::Keyring;
use crate::jose::Algorithms;
use crate::json::Value;

/// Among so many of a token's audiences those are found that the log shows.
const SHOWN: usize = 16;

/// What is expected of an issuer's tokens, and the keys that sign them.
pub(crate) struct Issuer {
    pub(crate) name: Option<Arc<str>>,
    /// `None`: the configuration names no issuer, and `iss` is not checked.
    pub(crate) iss: Option<Box<str>>,
    pub(crate) keyring: Arc<Keyring>,
    pub(super) algorithms: Algorithms,
    pub(super) accept_id_tokens: bool,
    /// Shared with the refusals that name it.
    pub(crate) audience: Arc<[Box<str>]>,
    pub(super) audience_claims: Box<[ClaimName]>,
    pub(crate) lists: ListNames,
    required_claims: Box<[ClaimName]>,
    expected_claims: Box<[(ClaimName, Box<[serde_json::Value]>)]>,
}

impl Issuer {
    pub(crate) fn new(settings: &IssuerSettings, keyring: Arc<Keyring>) -> Issuer {
        Issuer {
            name: settings.name.as_deref().map(Arc::from),
            iss: settings.issuer.as_deref().map(Box::from),
            keyring,
            algorithms: settings.algorithms,
            accept_id_tokens: settings.accept_id_tokens,
            audience: settings
                .audience
                .iter()
                .map(|audience| audience.as_str().into())
                .collect(),
            audience_claims: names(&settings.audience_claims),
            lists: ListNames::new(settings),
            required_claims: names(&settings.required_claims),
            expected_claims: settings
                .expected_claims
                .iter()
                .map(|(name, values)| (ClaimName::parse(name), values.as_slice().into()))
                .collect(),
        }
    }

    /// For people: its name, its `iss`, or that it has none.
    pub(crate) fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .or(self.iss.as_deref())
            .unwrap_or("any issuer")
    }

    /// Every claim name that must be selected for this issuer.
    pub(super) fn claim_names(&self) -> impl Iterator<Item = &ClaimName> {
        [
            &self.audience_claims,
            &self.lists.scopes,
            &self.lists.roles,
            &self.lists.permissions,
            &self.required_claims,
        ]
        .into_iter()
        .flatten()
        .chain(self.expected_claims.iter().map(|(name, _)| name))
    }

    /// The claim with the audiences of the token, one of which is ours. The first of `audience_claims` that is present and not null
    /// decides; it must be a string, or a list of nothing but strings.
    pub(super) fn check_audience<'t>(
        &self,
        selected: &SelectedClaims<'t>,
    ) -> Result<Value<'t>, TokenError> {
        let Some(value) = first_present(&self.audience_claims, selected) else {
            return Err(self.foreign(TokenExcerpt::Nothing));
        };
        let is_ours = |text: &str| self.audience.iter().any(|ours| **ours == *text);
        let presented = match value {
            Value::Text(text) => {
                let text = text.read();
                if is_ours(&text) {
                    return Ok(value);
                }
                TokenExcerpt::few([text].into_iter())
            }
            Value::List(list) => {
                let mut ours = false;
                if !list.each_text(|text| ours |= is_ours(&text)) {
                    return Err(self.foreign(TokenExcerpt::Other));
                }
                if ours {
                    return Ok(value);
                }
                // Among the first ones: thousands of empty ones are not worth another look.
                TokenExcerpt::few(list.items().take(SHOWN).filter_map(Value::text))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                TokenExcerpt::Other
            }
        };
        Err(self.foreign(presented))
    }

    fn foreign(&self, presented: TokenExcerpt) -> TokenError {
        TokenError::Audience {
            presented,
            expected: Arc::clone(&self.audience),
        }
    }

    /// `required_claims` are there and not null; `expected_claims` have one of their values.
    pub(super) fn check_claims(&self, selected: &SelectedClaims<'_>) -> Result<(), TokenError> {
        for name in &self.required_claims {
            if name
                .find(selected)
                .is_none_or(|value| matches!(value, Value::Null))
            {
                return Err(TokenError::Missing {
                    claim: name.as_str().into(),
                });
            }
        }
        for (name, values) in &self.expected_claims {
            match name.find(selected) {
                None => {
                    return Err(TokenError::Missing {
                        claim: name.as_str().into(),
                    });
                }
                Some(value) if values.iter().any(|expected| value.equals(expected)) => {}
                Some(_) => {
                    return Err(TokenError::Unexpected {
                        claim: name.as_str().into(),
                    });
                }
            }
        }
        Ok(())
    }
}
