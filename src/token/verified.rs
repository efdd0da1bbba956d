//! The proof: an access token whose every check has passed.

use std::sync::Arc;
use std::time::Duration;

use crate::claims::{LazyItems, List, Names, RawToken, Text};

/// What is known of a token once it holds. Only `verify` makes one.
///
/// In this order, so that what each request looks at stands together and it waits for memory less often; but not beside the `Arc`'s
/// counter, which processors take from each other.
#[repr(C)]
pub(crate) struct Verified {
    /// The operator's name for that issuer.
    pub(crate) issuer_name: Option<Arc<str>>,
    /// `exp`, `iat` as durations since the epoch.
    pub(crate) expires_at: Duration,
    pub(crate) issued_at: Option<Duration>,
    pub(crate) issued_by: IssuedBy,
    pub(crate) subject_scope: SubjectScope,
    pub(crate) window: Window,
    pub(crate) source: RawToken,
    pub(crate) claim_set: ClaimSet,
}

/// What it says: its texts are places in the claims' text.
#[repr(C)]
pub(crate) struct ClaimSet {
    pub(crate) scopes: List,
    pub(crate) roles: List,
    pub(crate) permissions: List,
    pub(crate) audiences: List,
    pub(crate) issuer: Option<Text>,
    pub(crate) subject: Option<Text>,
    pub(crate) id: Option<Text>,
    pub(crate) client_id: Option<Text>,
    pub(crate) items: ParsedLists,
}

/// What the lists hold.
#[derive(Default)]
pub(crate) struct ParsedLists {
    scopes: LazyItems,
    roles: LazyItems,
    permissions: LazyItems,
    audiences: LazyItems,
    weight: usize,
}

impl ParsedLists {
    /// Nothing yet; `weight` bytes on the heap, or somewhat less, once all were asked for.
    pub(crate) fn of_weight(weight: usize) -> ParsedLists {
        ParsedLists {
            weight,
            ..ParsedLists::default()
        }
    }
}

/// Which configured issuer stands behind a token, and under which of its key sets it was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IssuedBy {
    /// Its place in the configuration: 0 is the first.
    pub(crate) issuer_index: usize,
    pub(crate) generation: u64,
}

/// Where a token's subject is unique: `sub` is only within its issuer (RFC 7519 §4.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubjectScope {
    /// `iss` is not checked: nowhere.
    Unchecked,
    /// The only configured issuer.
    OnlyIssuer,
    /// One of several configured issuers.
    OneOfSeveral,
}

/// When a token may be used, leeway included: not before `from`, and before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
}

impl Window {
    pub(crate) fn holds(self, now: Duration) -> bool {
        self.from <= now && now < self.until
    }
}

impl Verified {
    pub(crate) fn read<'a>(&'a self, text: Option<&'a Text>) -> Option<&'a str> {
        text.map(|text| text.read(self.source.raw()))
    }

    fn names<'a>(&'a self, list: &'a List, items: &'a LazyItems) -> Names<'a> {
        Names {
            list,
            items,
            raw: self.source.raw(),
        }
    }

    pub(crate) fn audiences(&self) -> Names<'_> {
        self.names(&self.claim_set.audiences, &self.claim_set.items.audiences)
    }

    pub(crate) fn scopes(&self) -> Names<'_> {
        self.names(&self.claim_set.scopes, &self.claim_set.items.scopes)
    }

    pub(crate) fn roles(&self) -> Names<'_> {
        self.names(&self.claim_set.roles, &self.claim_set.items.roles)
    }

    pub(crate) fn permissions(&self) -> Names<'_> {
        self.names(
            &self.claim_set.permissions,
            &self.claim_set.items.permissions,
        )
    }

    /// Bytes on the heap, near enough for a cache that is bounded by them. It does not change.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Verified>() + self.source.weight() + self.claim_set.items.weight
    }
}

#[cfg(test)]
impl Verified {
    /// With these claims, of which nothing was read.
    pub(crate) fn unread(raw: &str, token: &str) -> Arc<Verified> {
        Arc::new(Verified {
            issuer_name: None,
            expires_at: Duration::ZERO,
            issued_at: None,
            issued_by: IssuedBy {
                issuer_index: 0,
                generation: 0,
            },
            subject_scope: SubjectScope::OnlyIssuer,
            window: Window {
                from: Duration::ZERO,
                until: Duration::MAX,
            },
            source: RawToken::new(raw, token),
            claim_set: ClaimSet {
                scopes: List::Absent,
                roles: List::Absent,
                permissions: List::Absent,
                audiences: List::Absent,
                issuer: None,
                subject: None,
                id: None,
                client_id: None,
                items: ParsedLists::default(),
            },
        })
    }
}
