//! Is it an access token at all, and one that a bearer may use?

use super::{Presented, TokenError};
use crate::claims::{Registered, SelectedClaims};
use crate::jose::{Header, Member};
use crate::json::Value;

/// The accepted `typ`.
#[derive(Debug, Clone)]
pub(super) struct AcceptedTypes {
    /// In lower case, without `application/`.
    pub(super) accepted: Box<[Box<str>]>,
    pub(super) required: bool,
}

impl AcceptedTypes {
    /// RFC 7515 §4.1.9: compared without case and without `application/`. RFC 9068 §4 when `require_typ`.
    pub(super) fn check(&self, header: &Header<'_>) -> Result<(), TokenError> {
        match &header.typ {
            Member::Absent if !self.required => Ok(()),
            Member::Absent => Err(TokenError::Type {
                presented: Presented::Nothing,
            }),
            Member::Text(typ) => {
                let bare = match typ.split_at_checked("application/".len()) {
                    Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
                    _ => typ,
                };
                let accepted = self
                    .accepted
                    .iter()
                    .any(|accepted| accepted.eq_ignore_ascii_case(bare));
                if accepted {
                    Ok(())
                } else {
                    Err(TokenError::Type {
                        presented: Presented::text(typ),
                    })
                }
            }
            Member::Other => Err(TokenError::Type {
                presented: Presented::Other,
            }),
        }
    }
}

/// The marks of ID, refresh and logout tokens (OpenID Connect Core §2 and §3.1.3.6, Back-Channel Logout §2.4; Cognito and
/// Keycloak for the two claims).
pub(super) fn check_access_token(selected: &SelectedClaims<'_>) -> Result<(), TokenError> {
    let is = |claim, values: &[&str]| {
        let text = selected.registered(claim).and_then(Value::text);
        text.is_some_and(|text| values.iter().any(|value| text.eq_ignore_ascii_case(value)))
    };
    if is(Registered::TokenUse, &["id"]) {
        return Err(TokenError::NotAccessToken("token_use is \"id\""));
    }
    if is(Registered::Typ, &["ID", "Refresh", "Logout"]) {
        return Err(TokenError::NotAccessToken(
            "typ is that of an ID, refresh or logout token",
        ));
    }
    for (claim, mark) in [
        (Registered::AtHash, "at_hash is present"),
        (Registered::CHash, "c_hash is present"),
        (Registered::Events, "events is present"),
    ] {
        if selected.registered(claim).is_some() {
            return Err(TokenError::NotAccessToken(mark));
        }
    }
    Ok(())
}

/// A token that is bound to its sender (RFC 7800 §3.1) is never downgraded to a bearer token.
pub(super) fn check_binding(selected: &SelectedClaims<'_>) -> Result<(), TokenError> {
    match selected.registered(Registered::Cnf) {
        None => Ok(()),
        Some(Value::Object(cnf)) => match ["jkt", "x5t#S256"]
            .into_iter()
            .find(|method| cnf.get(method).is_some())
        {
            Some(method) => Err(TokenError::SenderConstrained(method)),
            None => Ok(()),
        },
        Some(_) => Err(TokenError::Malformed("cnf is not an object")),
    }
}
