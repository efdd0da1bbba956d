//! The expected values of one configured issuer's tokens, and the keys that sign them.

use std::sync::Arc;

use super::claim_lists::{ListNames, names};
use super::{Expected, TokenError, TokenExcerpt};
use crate::claims::{ClaimName, SelectedClaims, first_present};
use crate::config::IssuerSettings;
use crate::issuer::keys::Keyring;
use crate::jose::Algorithms;
use crate::json::Value;

/// How many of the token's audiences are examined for the log line.
const MAX_EXAMINED: usize = 16;

/// A configured issuer, its claim names parsed.
pub(crate) struct Issuer {
    pub(crate) name: Option<Arc<str>>,
    /// `None` if the settings name no issuer. Then `iss` is not checked.
    pub(crate) iss: Option<Box<str>>,
    pub(crate) keyring: Arc<Keyring>,
    #[cfg(feature = "openapi")]
    pub(crate) location: crate::config::KeyLocation,
    pub(super) algorithms: Algorithms,
    pub(super) accept_id_tokens: bool,
    pub(crate) audience: Expected,
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
            #[cfg(feature = "openapi")]
            location: settings.location.clone(),
            algorithms: settings.algorithms,
            accept_id_tokens: settings.accept_id_tokens,
            audience: settings.audience.iter().map(String::as_str).collect(),
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

    /// Returns its name or its `iss`, for the log.
    pub(crate) fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .or(self.iss.as_deref())
            .unwrap_or("any issuer")
    }

    /// Returns the claim names that its checks read.
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

    /// Checks that one audience of the token is ours; returns the claim with its audiences.
    ///
    /// The first of `audience_claims` that is present and not null decides. It must be a string or
    /// an array of strings.
    pub(super) fn check_audience<'t>(
        &self,
        selected: &SelectedClaims<'t>,
    ) -> Result<Value<'t>, TokenError> {
        let Some(value) = first_present(&self.audience_claims, selected) else {
            return Err(self.wrong_audience(TokenExcerpt::Nothing));
        };
        let is_ours = |text: &str| self.audience.iter().any(|ours| ours == text);
        let presented = match value {
            Value::String(text) => {
                let text = text.read();
                if is_ours(&text) {
                    return Ok(value);
                }
                TokenExcerpt::few([text].into_iter())
            }
            Value::Array(list) => {
                let mut ours = false;
                if !list.each_string(|text| ours |= is_ours(&text)) {
                    return Err(self.wrong_audience(TokenExcerpt::Other));
                }
                if ours {
                    return Ok(value);
                }
                // perf: thousands of empty strings cost no second pass, benches/refusal.rs.
                TokenExcerpt::few(list.items().take(MAX_EXAMINED).filter_map(Value::string))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                TokenExcerpt::Other
            }
        };
        Err(self.wrong_audience(presented))
    }

    fn wrong_audience(&self, presented: TokenExcerpt) -> TokenError {
        TokenError::Audience {
            presented,
            expected: self.audience.clone(),
        }
    }

    /// Checks `required_claims` and `expected_claims`.
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
