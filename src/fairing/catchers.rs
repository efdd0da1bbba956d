//! The bases at which our catchers are registered, next to the application's own.

use rocket::http::uri::Origin;
use rocket::{Build, Catcher, Rocket};

use crate::respond;

#[derive(Debug, Default)]
pub(super) enum Catchers {
    #[default]
    AtRoot,
    At(Vec<String>),
    Nowhere,
}

impl Catchers {
    /// Adds `base`; the first one replaces the default `/`.
    pub(super) fn and_at(self, base: String) -> Self {
        let mut bases = match self {
            Catchers::At(bases) => bases,
            Catchers::AtRoot | Catchers::Nowhere => Vec::new(),
        };
        bases.push(base);
        Catchers::At(bases)
    }

    /// The bases with which Rocket would panic, or of which it would ignore a part.
    pub(super) fn errors(&self) -> impl Iterator<Item = String> {
        self.bases().filter_map(|base| {
            let reason = match Origin::parse(base) {
                _ if !base.starts_with('/') => "it must start with `/`",
                Ok(origin) if origin.query().is_none() => return None,
                _ => {
                    "it must be a plain path: \
                     no query, no fragment, and what a URI may not hold percent-encoded"
                }
            };
            Some(format!(
                "AxiomsFairing: with_catchers_at({base:?}): {reason}"
            ))
        })
    }

    /// Registers at each base the catchers for the statuses that have none there. Rocket aborts a
    /// launch if one status has two at one base; the application's own is there on purpose, and a
    /// base that is named twice has ours already.
    pub(super) fn register(&self, rocket: Rocket<Build>) -> Rocket<Build> {
        self.bases().fold(rocket, |rocket, base| {
            let mut ours = respond::catchers();
            ours.retain(|own| {
                !rocket
                    .catchers()
                    .any(|other| other.code == own.code && is_at(other, base))
            });
            rocket.register(base, ours)
        })
    }

    fn bases(&self) -> impl Iterator<Item = &str> {
        let (root, bases) = match self {
            Catchers::AtRoot => (Some("/"), [].as_slice()),
            Catchers::At(bases) => (None, bases.as_slice()),
            Catchers::Nowhere => (None, [].as_slice()),
        };
        root.into_iter().chain(bases.iter().map(String::as_str))
    }
}

/// Returns true if Rocket takes the two bases for one: it compares segments, so `/api` is `/api/`.
fn is_at(catcher: &Catcher, base: &str) -> bool {
    Origin::parse(base).is_ok_and(|base| base.path().segments().eq(catcher.base.path().segments()))
}
