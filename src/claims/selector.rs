//! One pass over the claims: what anyone asks for is selected, all else is checked and dropped.

use std::collections::BTreeSet;

use super::name::ClaimName;
use crate::json::{JsonError, MemberNames, Members, Value};

macro_rules! registered {
    ($($claim:ident = $name:literal),+ $(,)?) => {
        /// The claims that this crate reads itself: RFC 7519 §4.1, RFC 9068 §2.2, RFC 7800 §3.1, and the marks of
        /// tokens that are not access tokens.
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Registered { $($claim),+ }

        impl Registered {
            const COUNT: usize = [$(Registered::$claim),+].len();

            /// By name; a `match`, which the compiler turns into a comparison of length and a word or two.
            fn position(name: &str) -> Option<usize> {
                match name {
                    $($name => Some(Registered::$claim as usize),)+
                    _ => None,
                }
            }
        }
    };
}

registered! {
    Iss = "iss", Sub = "sub", Aud = "aud", Exp = "exp", Nbf = "nbf", Iat = "iat", Jti = "jti",
    ClientId = "client_id", Azp = "azp", Cid = "cid",
    TokenUse = "token_use", Typ = "typ", AtHash = "at_hash", CHash = "c_hash", SHash = "s_hash", Events = "events",
    Cnf = "cnf",
}

/// So many names are looked through sooner than searched.
const FEW: usize = 16;

/// Which top-level members to select: the registered ones, and those that some issuer's settings name.
#[derive(Debug, Clone)]
pub(crate) struct ClaimSelector {
    /// By length, then by name: a token may have thousands of members, and the settings of many issuers hundreds of names.
    configured: Box<[Box<str>]>,
}

impl ClaimSelector {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a ClaimName>) -> ClaimSelector {
        let members = names.into_iter().flat_map(ClaimName::members);
        let members = members.filter(|name| Registered::position(name).is_none());
        let configured: BTreeSet<(usize, &str)> = members.map(|name| (name.len(), name)).collect();
        ClaimSelector {
            configured: configured
                .into_iter()
                .map(|(_, name)| name.into())
                .collect(),
        }
    }

    /// Reads `text`, which must be one JSON object without duplicate members. Nothing is made of it but a place for each member
    /// that is selected, however long it is, and a hash for each other one.
    ///
    /// # Errors
    ///
    /// Whatever the text is instead.
    pub(crate) fn select<'t>(&'t self, text: &'t str) -> Result<SelectedClaims<'t>, JsonError> {
        let mut values = vec![None; Registered::COUNT + self.configured.len()];
        let mut seen = MemberNames::of(text);
        let mut members = Members::of(text)?;
        while let Some((name, value)) = members.next()? {
            match self
                .position(&name)
                .and_then(|position| values.get_mut(position))
            {
                Some(Some(_)) => return Err(JsonError::Twice),
                Some(place) => *place = Some(value),
                None => seen.remember(&name)?,
            }
        }
        Ok(SelectedClaims { plan: self, values })
    }

    fn position(&self, name: &str) -> Option<usize> {
        Registered::position(name).or_else(|| {
            let configured = if self.configured.len() <= FEW {
                self.configured
                    .iter()
                    .position(|member| **member == *name)?
            } else {
                let wanted = (name.len(), name);
                self.configured
                    .binary_search_by(|member| (member.len(), &**member).cmp(&wanted))
                    .ok()?
            };
            Some(Registered::COUNT + configured)
        })
    }
}

/// The members of one token that were asked for.
pub(crate) struct SelectedClaims<'t> {
    plan: &'t ClaimSelector,
    values: Vec<Option<Value<'t>>>,
}

impl<'t> SelectedClaims<'t> {
    /// That within what was selected no member comes twice either: settings lead there, and parsers differ on which of the two
    /// counts. It may be large, so it is looked at when the signature holds.
    ///
    /// # Errors
    ///
    /// [`JsonError::Twice`].
    pub(crate) fn check_within(&self) -> Result<(), JsonError> {
        self.values
            .iter()
            .flatten()
            .try_for_each(|value| value.check_within())
    }

    pub(crate) fn registered(&self, claim: Registered) -> Option<Value<'t>> {
        *self.values.get(claim as usize)?
    }

    /// The top-level member `name`; `None` when the token does not have it. `name` must be one that the plan gathers.
    pub(crate) fn member(&self, name: &str) -> Option<Value<'t>> {
        *self.values.get(self.plan.position(name)?)?
    }
}
