//! Reads scopes, roles and permissions under the claim names configured for the issuer.

use super::TokenError;
use super::verified::{ClaimSet, ParsedLists};
use crate::claims::{ClaimName, ClaimShape, List, Registered, SelectedClaims, Text};
use crate::config::IssuerSettings;
use crate::json::Value;

/// The claim names of the lists; the first that is present decides.
pub(crate) struct ListNames {
    pub(crate) scopes: Box<[ClaimName]>,
    pub(crate) roles: Box<[ClaimName]>,
    pub(crate) permissions: Box<[ClaimName]>,
    pub(super) roles_shape: ClaimShape,
    pub(super) permissions_shape: ClaimShape,
}

/// Parses claim names of the settings.
pub(super) fn names(names: &[String]) -> Box<[ClaimName]> {
    names.iter().map(|name| ClaimName::parse(name)).collect()
}

impl ListNames {
    pub(super) fn new(settings: &IssuerSettings) -> ListNames {
        ListNames {
            scopes: names(&settings.scope_claims),
            roles: names(&settings.roles_claims),
            permissions: names(&settings.permissions_claims),
            roles_shape: settings.roles_shape,
            permissions_shape: settings.permissions_shape,
        }
    }

    /// Reads the claims that the application sees; `raw` is their JSON.
    pub(super) fn read(
        &self,
        claims: &SelectedClaims<'_>,
        raw: &str,
        audiences: Option<Value<'_>>,
    ) -> Result<ClaimSet, TokenError> {
        // A string is one audience, spaces included (RFC 7519 §4.1.3).
        let audiences =
            audiences.map_or(List::Absent, |value| List::of(value, ClaimShape::Text, raw));
        let [scopes, roles, permissions] = [
            (&self.scopes, ClaimShape::List),
            (&self.roles, self.roles_shape),
            (&self.permissions, self.permissions_shape),
        ]
        .map(|(names, shape)| List::first(names, shape, claims, raw));
        let weight = [&audiences, &scopes, &roles, &permissions]
            .into_iter()
            .map(|list| list.weight(raw))
            .sum();
        Ok(ClaimSet {
            issuer: optional_text(claims, Registered::Iss, raw)?,
            subject: optional_text(claims, Registered::Sub, raw)?,
            id: optional_text(claims, Registered::Jti, raw)?,
            client_id: client_id(claims, raw),
            audiences,
            scopes,
            roles,
            permissions,
            parsed: ParsedLists::of_weight(weight),
        })
    }
}

/// Reads `iss`, `sub` or `jti`, which must be a string if it is present. Null is of a wrong type.
fn optional_text(
    claims: &SelectedClaims<'_>,
    claim: Registered,
    raw: &str,
) -> Result<Option<Text>, TokenError> {
    match claims.registered(claim) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(Text::of(&text.read(), raw))),
        Some(_) => Err(TokenError::Malformed("iss, sub or jti is not a string")),
    }
}

fn client_id(claims: &SelectedClaims<'_>, raw: &str) -> Option<Text> {
    let texts = [
        Registered::ClientId,
        Registered::Azp,
        Registered::Cid,
        Registered::AppId,
    ]
    .map(|claim| claims.registered(claim)?.string());
    texts
        .into_iter()
        .flatten()
        .next()
        .map(|text| Text::of(&text, raw))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ListNames, names};
    use crate::claims::{ClaimSelector, ClaimShape, RawToken, Registered, Text};
    use crate::verify::verified::{Confirmation, Provenance, SubjectScope, Verified, Window};

    #[test]
    fn the_weight_of_a_list_is_that_of_its_parsed_items() {
        let [scopes, roles, permissions] =
            ["scope", "roles", "permissions"].map(|name| names(&[name.to_owned()]));
        let selector = ClaimSelector::new(scopes.iter().chain(&roles).chain(&permissions));
        let lists = ListNames {
            scopes,
            roles,
            permissions,
            roles_shape: ClaimShape::List,
            permissions_shape: ClaimShape::List,
        };
        for list in ["aud", "scope", "roles", "permissions"] {
            let raw = format!(r#"{{"{list}":["a"{}]}}"#, r#","a""#.repeat(999));
            let selected = selector.select(&raw).unwrap();
            let window = Window {
                from: Duration::ZERO,
                until: Duration::MAX,
            };
            let claim_set = lists
                .read(&selected, &raw, selected.registered(Registered::Aud))
                .unwrap();
            let source = RawToken::new(&raw, "");
            let verified = Verified {
                issuer_name: None,
                expires_at: None,
                issued_at: None,
                provenance: Provenance::Jwt {
                    issuer_index: 0,
                    generation: 0,
                },
                subject_scope: SubjectScope::OnlyIssuer,
                window,
                source,
                confirmation: Confirmation::None,
                token_header: None,
                claim_set,
            };
            let weight = verified.weight();
            assert_eq!(
                weight,
                size_of::<Verified>() + raw.len() + 1000 * size_of::<Text>(),
                "{list}"
            );
            let lists = [
                verified.audiences(),
                verified.scopes(),
                verified.roles(),
                verified.permissions(),
            ];
            assert_eq!(
                lists
                    .map(|names| names.iter().count())
                    .iter()
                    .sum::<usize>(),
                1000,
                "{list}"
            );
            // A cache that sees the weight change loses count.
            assert_eq!(verified.weight(), weight, "{list}");
        }
    }
}
