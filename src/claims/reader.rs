//! One pass over the claims: what anyone asks for is gathered, all else is checked and dropped.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::name::ClaimName;
use super::strict::{Captured, Depth, Name, Seen, Skip, duplicate};

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
    TokenUse = "token_use", Typ = "typ", AtHash = "at_hash", CHash = "c_hash", Events = "events",
    Cnf = "cnf",
}

/// Which top-level members to gather: the registered ones, and those that some issuer's settings name.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    configured: Box<[Box<str>]>,
    /// How much of each a glance keeps, by position.
    glance: Box<[Depth]>,
}

impl Plan {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a ClaimName>) -> Plan {
        let members = names.into_iter().flat_map(ClaimName::members);
        let configured: BTreeSet<&str> = members.filter(|name| Registered::position(name).is_none()).collect();
        let configured: Box<[Box<str>]> = configured.into_iter().map(Box::from).collect();
        let glance = vec![Depth::Glance; Registered::COUNT + configured.len()].into();
        Plan { configured, glance }
    }

    /// With what a glance must see of `names` so that they can be decided by it. They must be among those of [`Plan::new`].
    pub(crate) fn seeing<'a>(mut self, names: impl IntoIterator<Item = &'a ClaimName>) -> Plan {
        for name in names {
            for member in name.members() {
                let least = if name.descends() { Depth::Whole } else { Depth::Texts };
                if let Some(depth) = self.position(member).and_then(|position| self.glance.get_mut(position))
                    && *depth != Depth::Whole
                {
                    *depth = least;
                }
            }
        }
        self
    }

    /// Reads `text`, which must be one JSON object without duplicate members.
    ///
    /// # Errors
    ///
    /// Whatever the text is instead; the error's words may hold pieces of it and must not be shown.
    pub(crate) fn gather<'de>(&'de self, text: &'de str) -> Result<Gathered<'de>, serde_json::Error> {
        self.read(text, false)
    }

    /// As [`gather`](Plan::gather), exactly as strict, but keeps no more than is needed before the signature was checked.
    pub(crate) fn glance<'de>(&'de self, text: &'de str) -> Result<Gathered<'de>, serde_json::Error> {
        self.read(text, true)
    }

    fn read<'de>(&'de self, text: &'de str, glance: bool) -> Result<Gathered<'de>, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let gathered = Gatherer { plan: self, glance }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(gathered)
    }

    fn position(&self, name: &str) -> Option<usize> {
        Registered::position(name).or_else(|| {
            let configured = self.configured.iter().position(|member| **member == *name)?;
            Some(Registered::COUNT + configured)
        })
    }
}

/// The members of one token that were asked for.
pub(crate) struct Gathered<'de> {
    plan: &'de Plan,
    values: Vec<Option<Captured<'de>>>,
}

impl<'de> Gathered<'de> {
    /// Whether something was not kept: it must be gathered before anyone looks for more than was needed for the signature.
    pub(crate) fn is_partial(&self) -> bool {
        self.values.iter().any(|value| matches!(value, Some(Captured::Opaque)))
    }

    pub(crate) fn registered(&self, claim: Registered) -> Option<&Captured<'de>> {
        self.values.get(claim as usize)?.as_ref()
    }

    #[cfg(test)]
    pub(super) fn values(&self) -> impl Iterator<Item = &Captured<'de>> {
        self.values.iter().flatten()
    }

    /// The top-level member `name`; `None` when the token does not have it. `name` must be one that the plan gathers.
    pub(crate) fn member(&self, name: &str) -> Option<&Captured<'de>> {
        self.values.get(self.plan.position(name)?)?.as_ref()
    }
}

struct Gatherer<'p> {
    plan: &'p Plan,
    glance: bool,
}

impl<'de> DeserializeSeed<'de> for Gatherer<'de> {
    type Value = Gathered<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Gatherer<'de> {
    type Value = Gathered<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut values: Vec<Option<Captured<'de>>> = Vec::new();
        values.resize_with(self.plan.glance.len(), || None);
        let mut seen = Seen::default();
        while let Some(Name(name)) = members.next_key::<Name<'de>>()? {
            let position = self.plan.position(&name);
            match position.and_then(|position| Some((self.plan.glance.get(position)?, values.get_mut(position)?))) {
                Some((_, Some(_))) => return Err(duplicate()),
                Some((depth, value)) => {
                    let depth = if self.glance { *depth } else { Depth::Whole };
                    *value = Some(members.next_value_seed(depth)?);
                }
                None => {
                    seen.remember(name)?;
                    members.next_value::<Skip>()?;
                }
            }
        }
        Ok(Gathered { plan: self.plan, values })
    }
}
