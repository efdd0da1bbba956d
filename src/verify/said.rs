//! What a token says, by the names that its issuer's settings give to scopes, roles and permissions.

use super::{Fault, Times};
use crate::claims::{ClaimName, Gathered, Items, List, Registered, Text};
use crate::config::IssuerSettings;
use crate::json::Value;
use crate::token::Said;

/// Where the lists are, most wanted name first.
pub(super) struct ListNames {
    pub(super) scopes: Box<[ClaimName]>,
    pub(super) roles: Box<[ClaimName]>,
    pub(super) permissions: Box<[ClaimName]>,
}

pub(super) fn names(names: &[String]) -> Box<[ClaimName]> {
    names.iter().map(|name| ClaimName::parse(name)).collect()
}

impl ListNames {
    pub(super) fn new(settings: &IssuerSettings) -> ListNames {
        ListNames {
            scopes: names(&settings.scope_claims),
            roles: names(&settings.roles_claims),
            permissions: names(&settings.permissions_claims),
        }
    }

    /// Reads what the claims say; `raw` is the text that they were gathered from.
    pub(super) fn read(
        &self,
        claims: &Gathered<'_>,
        raw: &str,
        audiences: Option<Value<'_>>,
        times: &Times,
    ) -> Result<Said, Fault> {
        let mut items = Items::new();
        Ok(Said {
            issuer: optional_text(claims, Registered::Iss, raw)?,
            subject: optional_text(claims, Registered::Sub, raw)?,
            id: optional_text(claims, Registered::Jti, raw)?,
            client_id: client_id(claims, raw),
            // A single string is one audience, spaces and all (RFC 7519 §4.1.3): not a list of words.
            audiences: audiences.map_or(List::Absent, |value| items.whole(value, raw)),
            scopes: items.first(&self.scopes, claims, raw),
            roles: items.first(&self.roles, claims, raw),
            permissions: items.first(&self.permissions, claims, raw),
            items,
            expires_at: times.expires_at,
            issued_at: times.issued_at,
        })
    }
}

/// A claim that, when it is there, must be a string: `iss`, `sub`, `jti`. Null counts as a value of a wrong type.
fn optional_text(claims: &Gathered<'_>, claim: Registered, raw: &str) -> Result<Option<Text>, Fault> {
    match claims.registered(claim) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(Text::place(&text.read(), raw))),
        Some(_) => Err(Fault::Malformed("iss, sub or jti is not a string")),
    }
}

fn client_id(claims: &Gathered<'_>, raw: &str) -> Option<Text> {
    let texts = [Registered::ClientId, Registered::Azp, Registered::Cid].map(|claim| claims.registered(claim)?.text());
    texts.into_iter().flatten().next().map(|text| Text::place(&text, raw))
}
