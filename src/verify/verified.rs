//! The proof that a token's claims hold.

use std::sync::Arc;
use std::time::Duration;

use super::run_time::RunTimeIssuer;
use crate::claims::{LazyItems, List, Names, RawToken, Text};

/// A token whose every check has passed. Its fields are private to `verify`, so that only `verify`
/// makes one.
///
/// `binding` decides if its sender may use it.
// perf: `repr(C)` keeps the fields that every request reads adjacent, and off the cache line of the
// `Arc`'s counter (false sharing), benches/cache.rs.
#[repr(C)]
pub(crate) struct Verified {
    /// The name of the issuer in the configuration.
    pub(super) issuer_name: Option<Arc<str>>,
    /// `exp` and `iat`, since the epoch.
    pub(super) expires_at: Option<Duration>,
    pub(super) issued_at: Option<Duration>,
    pub(super) provenance: Provenance,
    pub(super) subject_scope: SubjectScope,
    pub(super) window: Window,
    pub(super) source: RawToken,
    pub(super) confirmation: Confirmation,
    /// The header that the issuer's tokens come in. `None`: `Authorization`.
    pub(super) token_header: Option<Arc<str>>,
    pub(super) claim_set: ClaimSet,
}

/// The claims that the crate reads itself; their strings are ranges of the claims' JSON.
#[repr(C)]
pub(crate) struct ClaimSet {
    pub(super) scopes: List,
    pub(super) roles: List,
    pub(super) permissions: List,
    pub(super) audiences: List,
    pub(super) issuer: Option<Text>,
    pub(super) subject: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) client_id: Option<Text>,
    pub(super) parsed: ParsedLists,
}

/// The items of the lists, parsed on first use.
#[derive(Default)]
pub(super) struct ParsedLists {
    scopes: LazyItems,
    roles: LazyItems,
    permissions: LazyItems,
    audiences: LazyItems,
    weight: usize,
}

impl ParsedLists {
    /// Returns lists that are not parsed yet; `weight` is an upper bound of their bytes on the heap
    /// once they are.
    pub(super) fn of_weight(weight: usize) -> ParsedLists {
        ParsedLists {
            weight,
            ..ParsedLists::default()
        }
    }
}

/// The basis of a proof, which can end it before its time.
#[derive(Debug, Clone)]
pub(crate) enum Provenance {
    /// The signature by a key of the issuer's key set of this generation; `issuer_index` counts
    /// from the first configured issuer.
    Jwt {
        issuer_index: usize,
        generation: u64,
    },
    /// A signature of an issuer that is known only at run time, while its answer is in use.
    RunTimeJwt {
        issuer: Arc<RunTimeIssuer>,
        generation: u64,
    },
    /// The answer of the issuer (RFC 7662), which is used until then, since the epoch.
    #[cfg(feature = "introspection")]
    Introspected {
        issuer_index: usize,
        until: Duration,
    },
}

impl Provenance {
    /// Returns the index of the configured issuer that vouches for the token.
    pub(crate) fn issuer_index(&self) -> Option<usize> {
        match self {
            Provenance::Jwt { issuer_index, .. } => Some(*issuer_index),
            #[cfg(feature = "introspection")]
            Provenance::Introspected { issuer_index, .. } => Some(*issuer_index),
            Provenance::RunTimeJwt { .. } => None,
        }
    }
}

/// The scope in which a subject is unique: `sub` is only within its issuer (RFC 7519 §4.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubjectScope {
    /// `iss` is not checked: nowhere.
    Unchecked,
    /// The only configured issuer.
    OnlyIssuer,
    /// One of several configured issuers.
    OneOfSeveral,
}

/// The key whose possession the sender of a token must prove: `cnf` (RFC 7800 §3.1).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Confirmation {
    /// The token is a bearer token.
    None,
    /// `jkt`, the thumbprint of a DPoP key (RFC 9449 §6.1).
    Jkt(Text),
    /// `x5t#S256`, the thumbprint of a client certificate (RFC 8705 §3.1).
    X5tS256(Text),
    /// Another method, by the name of its member; also a thumbprint that is not a string, and
    /// several methods at once.
    Unsupported(&'static str),
}

/// The time within which a token may be used, leeway included: from `from` on, and before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Duration,
    pub(super) until: Duration,
}

impl Window {
    pub(super) fn contains(self, now: Duration) -> bool {
        self.from <= now && now < self.until
    }
}

impl Verified {
    /// Returns the same proof, from `now` to `until`; `expires_at` is an earlier `exp`. After the
    /// clock was put back, `until` may be far away, and the proof begins later.
    #[cfg(feature = "introspection")]
    pub(super) fn between(
        &self,
        now: Duration,
        until: Duration,
        expires_at: Option<Duration>,
    ) -> Verified {
        let claims = &self.claim_set;
        Verified {
            issuer_name: self.issuer_name.clone(),
            expires_at,
            issued_at: self.issued_at,
            provenance: self.provenance.clone(),
            subject_scope: self.subject_scope,
            window: Window {
                from: self.window.from.max(now),
                until: self.window.until.min(until),
            },
            source: self.source.clone(),
            confirmation: self.confirmation.clone(),
            token_header: self.token_header.clone(),
            claim_set: ClaimSet {
                scopes: claims.scopes.clone(),
                roles: claims.roles.clone(),
                permissions: claims.permissions.clone(),
                audiences: claims.audiences.clone(),
                issuer: claims.issuer.clone(),
                subject: claims.subject.clone(),
                id: claims.id.clone(),
                client_id: claims.client_id.clone(),
                parsed: ParsedLists::of_weight(claims.parsed.weight),
            },
        }
    }

    /// Returns the token.
    pub(crate) fn token(&self) -> &str {
        self.source.token()
    }

    /// Returns the claims, as the JSON that the token carried.
    pub(crate) fn claims(&self) -> &str {
        self.source.claims()
    }

    pub(crate) fn issuer_name(&self) -> Option<&str> {
        self.issuer_name.as_deref()
    }

    pub(crate) fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    pub(crate) fn subject_scope(&self) -> SubjectScope {
        self.subject_scope
    }

    /// Returns the header that the issuer's tokens come in, if it is not `Authorization`.
    pub(crate) fn token_header(&self) -> Option<&Arc<str>> {
        self.token_header.as_ref()
    }

    pub(crate) fn confirmation(&self) -> &Confirmation {
        &self.confirmation
    }

    /// Returns `exp`, since the epoch.
    pub(crate) fn expires_at(&self) -> Option<Duration> {
        self.expires_at
    }

    /// Returns `iat`, since the epoch.
    pub(crate) fn issued_at(&self) -> Option<Duration> {
        self.issued_at
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.read(&self.claim_set.issuer)
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.read(&self.claim_set.subject)
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.read(&self.claim_set.id)
    }

    pub(crate) fn client_id(&self) -> Option<&str> {
        self.read(&self.claim_set.client_id)
    }

    fn read<'a>(&'a self, text: &'a Option<Text>) -> Option<&'a str> {
        text.as_ref().map(|text| self.text(text))
    }

    /// Returns a string of the claims.
    pub(crate) fn text<'a>(&'a self, text: &'a Text) -> &'a str {
        text.read(self.source.claims())
    }

    fn names<'a>(&'a self, list: &'a List, items: &'a LazyItems) -> Names<'a> {
        Names {
            list,
            items,
            raw: self.source.claims(),
        }
    }

    pub(crate) fn audiences(&self) -> Names<'_> {
        self.names(&self.claim_set.audiences, &self.claim_set.parsed.audiences)
    }

    pub(crate) fn scopes(&self) -> Names<'_> {
        self.names(&self.claim_set.scopes, &self.claim_set.parsed.scopes)
    }

    pub(crate) fn roles(&self) -> Names<'_> {
        self.names(&self.claim_set.roles, &self.claim_set.parsed.roles)
    }

    pub(crate) fn permissions(&self) -> Names<'_> {
        self.names(
            &self.claim_set.permissions,
            &self.claim_set.parsed.permissions,
        )
    }

    /// Returns an estimate of the bytes on the heap, for a cache that is bounded by them. It never
    /// changes.
    pub(super) fn weight(&self) -> usize {
        size_of::<Verified>() + self.source.weight() + self.claim_set.parsed.weight
    }
}

#[cfg(test)]
impl Verified {
    /// Returns a proof of these claims, none of which was read.
    pub(crate) fn unread(claims: &str, token: &str) -> Arc<Verified> {
        Verified::unread_with(claims, token, Confirmation::None)
    }

    /// Returns a proof of a token whose issuer has this `token_header`.
    pub(crate) fn unread_in_header(claims: &str, token: &str, header: &str) -> Arc<Verified> {
        let mut verified = Verified::unread(claims, token);
        if let Some(verified) = Arc::get_mut(&mut verified) {
            verified.token_header = Some(header.into());
        }
        verified
    }

    pub(crate) fn unread_with(
        claims: &str,
        token: &str,
        confirmation: Confirmation,
    ) -> Arc<Verified> {
        Arc::new(Verified {
            issuer_name: None,
            expires_at: None,
            issued_at: None,
            provenance: Provenance::Jwt {
                issuer_index: 0,
                generation: 0,
            },
            subject_scope: SubjectScope::OnlyIssuer,
            window: Window {
                from: Duration::ZERO,
                until: Duration::MAX,
            },
            source: RawToken::new(claims, token),
            confirmation,
            token_header: None,
            claim_set: ClaimSet {
                scopes: List::Absent,
                roles: List::Absent,
                permissions: List::Absent,
                audiences: List::Absent,
                issuer: None,
                subject: None,
                id: None,
                client_id: None,
                parsed: ParsedLists::default(),
            },
        })
    }
}
