//! The public view of the verified claims, and the answers of policies within one request.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::decision::Decision;
use crate::base::clock::LenientClock;
use crate::binding::Bound;
use crate::claims::ClaimName;
use crate::verify::Verified;

/// The claims of a verified access token (RFC 7519 §4), read-only.
///
/// The claims are kept as JSON. The first call of [`get`](Claims::get) and the like parses all of
/// them; later clones share the result. The cache of verified tokens keeps the JSON only, which
/// takes a fraction of the memory.
///
/// The reader of tokens refuses duplicate members at the top level, and inside claims that the
/// crate or the settings name. Inside any other claim the last of several members of one name
/// counts here; [`raw`](Claims::raw) has all.
///
/// ```
/// # use axioms_rocket::{Claims, ValidToken};
/// fn tenant(token: &ValidToken) -> Option<&str> {
///     token.claims().get("tenant")?.as_str()
/// }
/// ```
pub struct Claims {
    bound: Bound,
    /// Of the verifier: a token that is kept grows older.
    clock: LenientClock,
    tree: OnceLock<Arc<Map<String, Value>>>,
    /// The answers of policies within one request, by their type; `None` outside of a request.
    answers: Option<Answers>,
}

type Answers = Mutex<Vec<(TypeId, Decision)>>;

impl Claims {
    pub(super) fn of(bound: Bound, clock: LenientClock) -> Claims {
        Claims {
            bound,
            clock,
            tree: OnceLock::new(),
            answers: None,
        }
    }

    /// Returns a view that remembers the answers of policies.
    pub(super) fn of_request(bound: Bound, clock: LenientClock) -> Claims {
        Claims {
            answers: Some(Answers::default()),
            ..Claims::of(bound, clock)
        }
    }

    pub(super) fn verified(&self) -> &Verified {
        &self.bound
    }

    pub(super) fn clock(&self) -> &LenientClock {
        &self.clock
    }

    fn tree(&self) -> &Map<String, Value> {
        self.tree.get_or_init(|| {
            let tree = serde_json::from_str(self.raw()).unwrap_or_else(|error| {
                // `ClaimSelector::select` accepts nothing that serde_json refuses. No claims is the
                // safe answer.
                tracing::error!(
                    "the claims of a verified token cannot be parsed: {:?} error",
                    error.classify()
                );
                Map::new()
            });
            Arc::new(tree)
        })
    }

    /// Calls `ask` at most once per request for type `Q`; later calls return the first answer.
    pub(super) fn once<Q: 'static>(&self, ask: impl FnOnce() -> Decision) -> Decision {
        let Some(answers) = &self.answers else {
            return ask();
        };
        let question = TypeId::of::<Q>();
        let answers = || answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |answers: &[(TypeId, Decision)]| {
            answers
                .iter()
                .find(|(asked, _)| *asked == question)
                .map(|(_, answer)| *answer)
        };
        if let Some(answer) = known(&answers()) {
            return answer;
        }
        // Outside of the lock: a policy may ask other policies.
        let answer = ask();
        let mut answers = answers();
        known(&answers).unwrap_or_else(|| {
            answers.push((question, answer));
            answer
        })
    }

    /// Returns the claim of exactly this name; `None` if it is absent.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "groups": ["a", "b"] }));
    /// assert_eq!(token.claims().get("groups"), Some(&json!(["a", "b"])));
    /// ```
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.tree().get(name)
    }

    /// Returns the claim of exactly this name as a `T`; `None` if it is absent or null.
    ///
    /// # Errors
    ///
    /// The claim does not fit `T`.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "level": 3 }));
    /// assert_eq!(token.claims().get_as("level").unwrap(), Some(3_u8));
    /// assert_eq!(token.claims().get_as::<u8>("other").unwrap(), None);
    /// assert!(token.claims().get_as::<bool>("level").is_err());
    /// ```
    pub fn get_as<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        let claim = self.get(name).filter(|claim| !claim.is_null());
        claim.map(T::deserialize).transpose()
    }

    /// Returns the value at `path`, which is written as in the settings: a JSON Pointer (RFC 6901)
    /// if it starts with `/`, else the claim of exactly that name, else a dotted path.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "realm_access": { "roles": ["editor"] } }));
    /// assert_eq!(token.claims().pointer("realm_access.roles"), Some(&json!(["editor"])));
    /// assert_eq!(token.claims().pointer("/realm_access/roles/0"), Some(&json!("editor")));
    /// ```
    pub fn pointer(&self, path: &str) -> Option<&Value> {
        ClaimName::parse(path).find_in(self.tree())
    }

    /// Returns every claim with its name, in no particular order.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "sub": "alice" }));
    /// assert!(token.claims().iter().any(|(name, value)| name == "sub" && value == "alice"));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.tree()
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the claims as the token carried them: one JSON object. They are personal data: do
    /// not log them.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "sub": "alice", "exp": 4_000_000_000_u64 }));
    /// assert!(token.claims().raw().contains(r#""sub":"alice""#));
    /// ```
    pub fn raw(&self) -> &str {
        self.bound.claims()
    }
}

/// A clone shares the parsed claims, not the answers of policies, which are valid within one
/// request only.
impl Clone for Claims {
    fn clone(&self) -> Self {
        Claims {
            bound: self.bound.clone(),
            clock: self.clock.clone(),
            tree: self.tree.clone(),
            answers: None,
        }
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Claims are personal data and parts of a token: a derived `Debug` of an enclosing type
        // must not print them.
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::base::clock::LenientClock;
    use crate::binding::assume_bound;
    use crate::token::{Decision, ValidToken};
    use crate::verify::Verified;

    fn verified() -> Arc<Verified> {
        Verified::unread(r#"{"tenant":"a"}"#, "a.b.c")
    }

    fn of_request(verified: Arc<Verified>) -> ValidToken {
        ValidToken::of_request(assume_bound(verified), clock())
    }

    fn clock() -> LenientClock {
        LenientClock::system(std::time::Duration::ZERO)
    }

    #[test]
    fn the_tree_goes_with_the_token_that_was_asked_and_is_not_remembered() {
        let remembered = verified();
        let token = of_request(Arc::clone(&remembered));
        let before = token.clone();
        assert!(token.claims().tree.get().is_none(), "parsed without need");
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
        use Decision::{Allow, Deny, StepUp};
        let token = of_request(verified());
        let again = |_: &ValidToken| -> Decision { unreachable!("asked twice") };
        assert_eq!(token.once::<u8>(|_| StepUp), StepUp);
        assert_eq!(token.once::<u8>(again), StepUp);
        assert_eq!(token.once::<u16>(|token| token.once::<u8>(again)), StepUp);
        assert_eq!(token.once::<u32>(|_| Deny), Deny);
        assert_eq!(token.once::<u32>(again), Deny);
        for other in [
            token.clone(),
            ValidToken::of(assume_bound(verified()), clock()),
            of_request(verified()),
        ] {
            assert_eq!(
                other.once::<u32>(|_| Allow),
                Allow,
                "a clone, a token without a request, another request's ask again"
            );
        }
        let kept = token.clone();
        assert_eq!(kept.once::<u8>(|_| Allow), Allow);
        assert_eq!(kept.once::<u8>(|_| Deny), Deny, "and each time");
    }
}
