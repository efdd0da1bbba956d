//! Checks that a token is an access token, and reads its binding to a sender.

use crate::claims::{Registered, SelectedClaims, Text};
use crate::jose::{Header, Member};
use crate::json::Value;
use crate::verify::{Confirmation, Expected, TokenError, TokenExcerpt};

/// The accepted `typ` of the header.
pub(in crate::verify) struct AcceptedTypes {
    /// In lower case, without `application/`.
    pub(in crate::verify) accepted: Expected,
    pub(in crate::verify) required: bool,
}

impl AcceptedTypes {
    /// Returns the types that any of `types` accepts.
    pub(in crate::verify) fn of_any<'a>(
        types: impl Iterator<Item = &'a AcceptedTypes> + Clone,
    ) -> AcceptedTypes {
        let names = types.clone().flat_map(|types| types.accepted.iter());
        let mut accepted: Vec<&str> = Vec::new();
        for name in names {
            if !accepted.contains(&name) {
                accepted.push(name);
            }
        }
        AcceptedTypes {
            accepted: accepted.into_iter().collect(),
            required: types.clone().all(|types| types.required),
        }
    }

    /// Checks `typ`, without case and without `application/` (RFC 7515 §4.1.9). `require_typ` is
    /// RFC 9068 §4.
    pub(super) fn check(&self, header: &Header<'_>) -> Result<(), TokenError> {
        match &header.typ {
            Member::Absent if !self.required => Ok(()),
            Member::Absent => Err(self.refusal(TokenExcerpt::Nothing)),
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
                    Err(self.refusal(TokenExcerpt::text(typ)))
                }
            }
            Member::Other => Err(self.refusal(TokenExcerpt::Other)),
        }
    }

    fn refusal(&self, presented: TokenExcerpt) -> TokenError {
        TokenError::Type {
            presented,
            expected: self.accepted.clone(),
        }
    }
}

/// Refuses ID, refresh and logout tokens by their claims.
///
/// `accept_id_tokens` admits the claims of an ID token (OpenID Connect Core §2 and §3.1.3.6;
/// Cognito and Keycloak for `token_use` and `typ`): some issuers write them into access tokens. The
/// claims of refresh and logout tokens (Back-Channel Logout §2.4, RFC 8417 §2.2) are refused
/// always. A claim of another type says nothing.
pub(in crate::verify) fn check_access_token(
    selected: &SelectedClaims<'_>,
    accept_id_tokens: bool,
) -> Result<(), TokenError> {
    let is = |claim, values: &[&str]| {
        let text = selected.registered(claim).and_then(Value::string);
        text.is_some_and(|text| values.iter().any(|value| text.eq_ignore_ascii_case(value)))
    };
    if is(Registered::Typ, &["Refresh", "Logout"]) {
        return Err(TokenError::NotAccessToken(
            "typ is that of a refresh or logout token",
        ));
    }
    if let Some(Value::Object(_)) = selected.registered(Registered::Events) {
        return Err(TokenError::NotAccessToken("events is an object"));
    }
    if accept_id_tokens {
        return Ok(());
    }
    if is(Registered::TokenUse, &["id"]) {
        return Err(TokenError::NotAccessToken("token_use is \"id\""));
    }
    if is(Registered::Typ, &["ID"]) {
        return Err(TokenError::NotAccessToken("typ is \"ID\""));
    }
    for (claim, fact) in [
        (Registered::AtHash, "at_hash is a string"),
        (Registered::CHash, "c_hash is a string"),
        (Registered::SHash, "s_hash is a string"),
    ] {
        if let Some(Value::String(_)) = selected.registered(claim) {
            return Err(TokenError::NotAccessToken(fact));
        }
    }
    Ok(())
}

/// The members of `cnf` that bind a token to its sender: RFC 9449 §6.1, RFC 8705 §3.1, RFC 7800
/// §3.2 to §3.5.
const CONFIRMATION_METHODS: [&str; 6] = ["jkt", "x5t#S256", "jwk", "jwe", "kid", "jku"];

/// Reads `cnf` (RFC 7800 §3.1), which binds the token to its sender. `claims` is the JSON of the
/// selected claims.
pub(in crate::verify) fn confirmation(
    selected: &SelectedClaims<'_>,
    claims: &str,
) -> Result<Confirmation, TokenError> {
    let cnf = match selected.registered(Registered::Cnf) {
        None => return Ok(Confirmation::None),
        Some(Value::Object(cnf)) => cnf,
        Some(_) => return Err(TokenError::Malformed("cnf is not an object")),
    };
    let mut methods = CONFIRMATION_METHODS
        .into_iter()
        .filter_map(|method| Some((method, cnf.get(method)?)));
    Ok(match (methods.next(), methods.next()) {
        (None, _) => Confirmation::None,
        (Some(("jkt", Value::String(jkt))), None) => {
            Confirmation::Jkt(Text::of(&jkt.read(), claims))
        }
        (Some(("x5t#S256", Value::String(x5t))), None) => {
            Confirmation::X5tS256(Text::of(&x5t.read(), claims))
        }
        (Some((method, _)), _) => Confirmation::Unsupported(method),
    })
}
