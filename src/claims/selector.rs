//! One pass over the claims that selects the members which some check reads.

use std::collections::BTreeSet;

use super::name::ClaimName;
use crate::json::{JsonError, MemberNames, Members, Value};

macro_rules! registered {
    ($($claim:ident = $name:literal),+ $(,)?) => {
        /// The claims that this crate reads itself: RFC 7519 §4.1, RFC 9068 §2.2, RFC 7800 §3.1,
        /// and those that tell tokens of other kinds.
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Registered { $($claim),+ }

        impl Registered {
            const COUNT: usize = [$(Registered::$claim),+].len();

            // perf: a `match` compiles to comparisons of length and a word or two,
            // benches/verify.rs.
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
    ClientId = "client_id", Azp = "azp", Cid = "cid", AppId = "appid",
    TokenUse = "token_use", Typ = "typ", AtHash = "at_hash", CHash = "c_hash", SHash = "s_hash",
    Events = "events",
    Cnf = "cnf",
}

/// Up to this many names, a linear scan beats a binary search.
const FEW: usize = 16;

/// The top-level members to select: the registered ones, and those that the settings of some issuer
/// name.
#[derive(Debug, Clone)]
pub(crate) struct ClaimSelector {
    /// Sorted by length, then by name: a token may have thousands of members, the settings hundreds
    /// of names.
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

    /// Reads one JSON object. It keeps a reference to each selected member and a hash of each other
    /// name, however long the object is.
    ///
    /// # Errors
    ///
    /// `json` is not one object, or it has duplicate members.
    pub(crate) fn select<'t>(&'t self, json: &'t str) -> Result<SelectedClaims<'t>, JsonError> {
        let mut values = vec![None; Registered::COUNT + self.configured.len()];
        let mut seen = MemberNames::of(json);
        let mut members = Members::of(json)?;
        while let Some((name, value)) = members.next()? {
            match self
                .position(&name)
                .and_then(|position| values.get_mut(position))
            {
                Some(Some(_)) => return Err(JsonError::Duplicate),
                Some(slot) => *slot = Some(value),
                None => seen.insert(&name)?,
            }
        }
        Ok(SelectedClaims {
            selector: self,
            values,
        })
    }

    /// Checks whether it selects what `name` may be found in.
    pub(crate) fn selects(&self, name: &ClaimName) -> bool {
        let mut members = name.members();
        members.all(|member| self.position(member).is_some())
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

/// The selected members of one token.
pub(crate) struct SelectedClaims<'t> {
    selector: &'t ClaimSelector,
    values: Vec<Option<Value<'t>>>,
}

impl<'t> SelectedClaims<'t> {
    /// Checks that no object inside the selected members has duplicates: a path of the settings may
    /// lead there, and parsers differ on which duplicate counts. It may be large, so it is called
    /// after the signature was verified.
    ///
    /// # Errors
    ///
    /// [`JsonError::Duplicate`].
    pub(crate) fn check_within(&self) -> Result<(), JsonError> {
        self.values
            .iter()
            .flatten()
            .try_for_each(|value| value.check_within())
    }

    /// Returns the same claims, where null counts as absent.
    #[cfg(feature = "introspection")]
    pub(crate) fn without_nulls(mut self) -> SelectedClaims<'t> {
        for value in &mut self.values {
            value.take_if(|value| matches!(value, Value::Null));
        }
        self
    }

    /// Returns a claim that the crate reads itself; `None` if it is absent.
    pub(crate) fn registered(&self, claim: Registered) -> Option<Value<'t>> {
        *self.values.get(claim as usize)?
    }

    /// Returns the top-level member `name`, which the selector must select; `None` if it is absent.
    pub(crate) fn member(&self, name: &str) -> Option<Value<'t>> {
        *self.values.get(self.selector.position(name)?)?
    }
}
