//! The public view of the verified claims, and what a request keeps of them.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::verified::Verified;
use crate::claims::ClaimName;

/// The claims of a verified access token (RFC 7519 §4), read-only.
///
/// The text is kept as the token carried it; the tree behind [`get`](Claims::get) is built when this token is first asked, and goes
/// with it. It takes many times the memory of the text, and tokens are remembered by the thousand.
///
/// ```
/// # use axioms_rocket::{Claims, ValidToken};
/// fn tenant(token: &ValidToken) -> Option<&str> {
///     token.claims().get("tenant")?.as_str()
/// }
/// ```
pub struct Claims {
    pub(super) verified: Arc<Verified>,
    tree: OnceLock<Arc<Map<String, Value>>>,
    /// What was asked in the course of a request, by the type that asked; `None` outside of one.
    answers: Option<Answers>,
}

type Answers = Mutex<Vec<(TypeId, bool)>>;

impl Claims {
    pub(super) fn of(verified: Arc<Verified>) -> Claims {
        Claims {
            verified,
            tree: OnceLock::new(),
            answers: None,
        }
    }

    /// The same, and it remembers what it is asked.
    pub(super) fn of_request(verified: Arc<Verified>) -> Claims {
        Claims {
            answers: Some(Answers::default()),
            ..Claims::of(verified)
        }
    }

    fn tree(&self) -> &Map<String, Value> {
        self.tree.get_or_init(|| {
            let tree = serde_json::from_str(self.raw()).unwrap_or_else(|error| {
                // Cannot happen for what `ClaimSelector::select` read; if it does, nothing is claimed.
                tracing::error!(
                    "verified claims could not be read again: {:?} error",
                    error.classify()
                );
                Map::new()
            });
            Arc::new(tree)
        })
    }

    /// The answer that `Q` had in this request; or else what `ask` says, which is `Q`'s answer from now on.
    pub(super) fn once<Q: 'static>(&self, ask: impl FnOnce() -> bool) -> bool {
        let Some(answers) = &self.answers else {
            return ask();
        };
        let question = TypeId::of::<Q>();
        let answers = || answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |answers: &[(TypeId, bool)]| {
            answers
                .iter()
                .find(|(asked, _)| *asked == question)
                .map(|(_, answer)| *answer)
        };
        if let Some(answer) = known(&answers()) {
            return answer;
        }
        // Not while the lock is held: a formula asks its parts.
        let answer = ask();
        let mut answers = answers();
        known(&answers).unwrap_or_else(|| {
            answers.push((question, answer));
            answer
        })
    }

    /// The claim of exactly this name, whatever its type; `None` when the token does not have it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.tree().get(name)
    }

    /// The claim of exactly this name as a `T`.
    ///
    /// # Errors
    ///
    /// `Some(Err(_))` when the claim is there and does not fit.
    pub fn get_as<T: DeserializeOwned>(&self, name: &str) -> Option<Result<T, serde_json::Error>> {
        self.get(name).map(T::deserialize)
    }

    /// The value at a path, by the rules of the configuration's claim names: a JSON Pointer (RFC 6901) if it starts with `/`, else
    /// the claim of exactly that name, else a dotted path (`realm_access.roles`).
    pub fn pointer(&self, path: &str) -> Option<&Value> {
        ClaimName::parse(path).find_in(self.tree())
    }

    /// Every claim with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.tree()
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The claims as the token carried them: one JSON object. It is personal data; do not log it.
    pub fn raw(&self) -> &str {
        self.verified.source.raw()
    }
}

/// With the tree, if there is one; without the answers: whoever keeps a token longer than the request wants others.
impl Clone for Claims {
    fn clone(&self) -> Self {
        Claims {
            verified: Arc::clone(&self.verified),
            tree: self.tree.clone(),
            answers: None,
        }
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Claims are personal data, and parts of a token: a derived `Debug` of whatever holds them must be safe.
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::token::{ValidToken, Verified};

    fn verified() -> Arc<Verified> {
        Verified::unread(r#"{"tenant":"a"}"#, "")
    }

    #[test]
    fn the_tree_goes_with_the_token_that_was_asked_and_is_not_remembered() {
        let remembered = verified();
        let token = ValidToken::of_request(Arc::clone(&remembered));
        let before = token.clone();
        assert!(token.claims().tree.get().is_none(), "nobody asked");
        assert_eq!(
            token
                .claims()
                .get("tenant")
                .and_then(|tenant| tenant.as_str()),
            Some("a")
        );
        assert!(before.claims().tree.get().is_none(), "nor this one");
        let after = token.clone();
        let tree = Arc::downgrade(after.claims().tree.get().unwrap());
        assert!(
            std::ptr::eq(token.claims().tree(), after.claims().tree()),
            "built once for later clones"
        );
        drop((token, before));
        assert_eq!(tree.strong_count(), 1);
        drop(after);
        assert_eq!(
            (tree.strong_count(), Arc::strong_count(&remembered)),
            (0, 1),
            "what is remembered holds no tree"
        );
    }

    #[test]
    fn within_a_request_the_first_answer_stays_and_every_question_has_its_own() {
        let token = ValidToken::of_request(verified());
        assert!(token.once::<u8>(|_| true));
        assert!(token.once::<u8>(|_| unreachable!("asked twice")));
        assert!(!token.once::<u16>(|token| !token.once::<u8>(|_| unreachable!("asked twice"))));
        assert!(!token.once::<u16>(|_| unreachable!("asked twice")));
        for other in [
            token.clone(),
            ValidToken::of(verified()),
            ValidToken::of_request(verified()),
        ] {
            assert!(
                other.once::<u16>(|_| true),
                "a clone, a token without a request, another request's ask anew"
            );
        }
        let kept = token.clone();
        assert!(
            kept.once::<u8>(|_| true) && !kept.once::<u8>(|_| false),
            "and each time"
        );
    }
}
