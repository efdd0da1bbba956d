//! The expected values of one configured issuer's tokens, and the keys that sign them.

use std::ops::Range;
use std::sync::Arc;

use super::claim_lists::{ListNames, names};
use super::jwt::AcceptedTypes;
use super::{Expected, TokenError, TokenExcerpt};
use crate::base::segment::SegmentPattern;
use crate::base::spiffe::is_workload_of;
use crate::claims::{ClaimName, Registered, SelectedClaims, Text, first_present};
use crate::config::{IssuerSettings, IssuerTemplate};
use crate::issuer::keys::Keyring;
use crate::jose::Algorithms;
use crate::json::Value;

/// How many of the token's audiences are examined for the log line.
const MAX_EXAMINED: usize = 16;

/// A configured issuer, its claim names parsed.
pub(crate) struct Issuer {
    pub(crate) name: Option<Arc<str>>,
    /// `None` if the settings name no issuer. Then `iss` is not checked. With `{tenant}` in it if
    /// there are `tenants`.
    pub(crate) iss: Option<Box<str>>,
    /// `Some` if `iss` is the template of several issuers.
    pub(crate) tenants: Option<Tenants>,
    pub(crate) keyring: Arc<Keyring>,
    /// The name of its preset, for the log.
    pub(crate) provider: Option<&'static str>,
    #[cfg(feature = "openapi")]
    pub(crate) location: crate::config::KeyLocation,
    pub(super) algorithms: Algorithms,
    pub(super) types: AcceptedTypes,
    pub(super) accept_id_tokens: bool,
    /// The trust domain of SPIFFE that its subjects are workloads of.
    pub(super) trust_domain: Option<Arc<str>>,
    /// The header that its tokens come in, in lower case. `None`: `Authorization`.
    pub(crate) token_header: Option<Arc<str>>,
    pub(crate) audience: Expected,
    pub(super) audience_claims: Box<[ClaimName]>,
    pub(crate) lists: ListNames,
    required_claims: Box<[ClaimName]>,
    expected_claims: Box<[(ClaimName, Box<[serde_json::Value]>)]>,
}

/// The tenants whose issuers share keys and settings.
pub(crate) struct Tenants {
    pattern: SegmentPattern,
    /// Sorted; `None`: all.
    pub(super) accepted: Option<Box<[Box<str>]>>,
    /// Names of other issuers, which are no tenants where all are accepted: `Tenant` would give
    /// both one name.
    reserved: Box<[Box<str>]>,
    /// The claim that must equal the tenant.
    claim: Option<ClaimName>,
}

impl Tenants {
    fn new(template: &IssuerTemplate) -> Tenants {
        let accepted = template.tenants.as_ref();
        Tenants {
            pattern: template.pattern.clone(),
            accepted: accepted
                .map(|tenants| tenants.iter().map(|name| name.as_str().into()).collect()),
            reserved: template
                .reserved
                .iter()
                .map(|name| name.as_str().into())
                .collect(),
            claim: template.tenant_claim.as_deref().map(ClaimName::parse),
        }
    }

    /// Returns the accepted tenant whose issuer `iss` is.
    pub(crate) fn find<'t>(&self, iss: &'t str) -> Option<&'t str> {
        let is_accepted = |tenant: &&str| match &self.accepted {
            None => self.reserved.iter().all(|name| **name != **tenant),
            Some(accepted) => accepted
                .binary_search_by(|name| (**name).cmp(tenant))
                .is_ok(),
        };
        self.pattern.segment(iss).filter(is_accepted)
    }
}

impl Issuer {
    pub(crate) fn new(settings: &IssuerSettings, keyring: Arc<Keyring>) -> Issuer {
        Issuer {
            name: settings.name.as_deref().map(Arc::from),
            iss: settings.issuer.as_deref().map(Box::from),
            tenants: settings.template.as_ref().map(Tenants::new),
            keyring,
            provider: settings.preset.map(|preset| preset.name),
            #[cfg(feature = "openapi")]
            location: settings.location.clone(),
            algorithms: settings.algorithms,
            types: AcceptedTypes {
                accepted: settings.token_typs.iter().map(String::as_str).collect(),
                required: settings.require_typ,
            },
            accept_id_tokens: settings.accept_id_tokens,
            trust_domain: settings.trust_domain.as_deref().map(Arc::from),
            token_header: settings.token_header.as_deref().map(Arc::from),
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

    /// Checks whether exactly `iss` is its issuer, or any is.
    pub(super) fn is_named(&self, iss: Option<&str>) -> bool {
        self.tenants.is_none()
            && (self.is_unchecked() || (iss.is_some() && self.iss.as_deref() == iss))
    }

    /// Checks whether its tokens may have any `iss`.
    pub(crate) fn is_unchecked(&self) -> bool {
        self.iss.is_none() && self.trust_domain.is_none()
    }

    /// Checks whether it has the tokens without `iss` of this subject.
    pub(super) fn has_subject_without_iss(&self, sub: &str) -> bool {
        let trust_domain = self.trust_domain.as_deref().filter(|_| self.iss.is_none());
        trust_domain.is_some_and(|trust_domain| is_workload_of(trust_domain, sub))
    }

    /// Returns the issuer of tokens that name none: that of the trust domain.
    pub(super) fn of_trust_domain(&self) -> Option<Text> {
        let trust_domain = self
            .trust_domain
            .as_deref()
            .filter(|_| self.iss.is_none())?;
        Some(Text::Own(format!("spiffe://{trust_domain}").into()))
    }

    /// Checks that the subject is a workload of the trust domain, if there is one (SPIFFE JWT-SVID
    /// §3.1).
    pub(super) fn check_subject(&self, selected: &SelectedClaims<'_>) -> Result<(), TokenError> {
        let Some(trust_domain) = &self.trust_domain else {
            return Ok(());
        };
        let sub = selected.registered(Registered::Sub).and_then(Value::string);
        match sub.is_some_and(|sub| is_workload_of(trust_domain, &sub)) {
            true => Ok(()),
            false => Err(TokenError::TrustDomain {
                expected: Arc::clone(trust_domain),
            }),
        }
    }

    /// Returns the tenant whose issuer `iss` is, if this is a template of issuers.
    pub(crate) fn tenant<'t>(&self, iss: &'t str) -> Option<&'t str> {
        self.tenants.as_ref()?.find(iss)
    }

    /// Returns the tenant's range in `iss`, if this is a template of issuers.
    pub(crate) fn tenant_range(&self, iss: &str) -> Option<Range<usize>> {
        let (start, tenant) = (self.tenants.as_ref()?.pattern.start(), self.tenant(iss)?);
        Some(start..start + tenant.len())
    }

    /// Checks that the tenant in `iss` is that of `tenant_claim`.
    pub(super) fn check_tenant(&self, selected: &SelectedClaims<'_>) -> Result<(), TokenError> {
        let Some((tenants, name)) = self
            .tenants
            .as_ref()
            .and_then(|t| Some((t, t.claim.as_ref()?)))
        else {
            return Ok(());
        };
        let claim = || name.as_str().into();
        let presented = match name.find(selected) {
            None | Some(Value::Null) => return Err(TokenError::Missing { claim: claim() }),
            Some(value) => value.string(),
        };
        let iss = selected.registered(Registered::Iss).and_then(Value::string);
        let tenant = iss.as_deref().and_then(|iss| tenants.find(iss));
        match tenant.zip(presented.as_deref()) {
            Some((tenant, presented)) if tenant == presented => Ok(()),
            _ => Err(TokenError::Unexpected { claim: claim() }),
        }
    }

    /// Returns its name or its `iss`, for the log.
    pub(crate) fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .or(self.iss.as_deref())
            .or(self.trust_domain.as_deref())
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
        .chain(
            self.tenants
                .iter()
                .filter_map(|tenants| tenants.claim.as_ref()),
        )
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
