//! New keys for old, in every way that authorization servers do it.

use serde_json::Value;

use super::TestIssuer;

/// Keys come in generations: one key of each kind in use. Every generation that exists is published, and one of them
/// signs. Tokens that were signed before stay as they are.
impl TestIssuer {
    /// Publishes the next generation of keys; the present one goes on signing.
    ///
    /// The first step of a careful rotation: wait now until resource servers have read the set, then
    /// [`promote`](Self::promote), wait until the old tokens are over, then [`retire`](Self::retire).
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let old = issuer.kid(Alg::Es256);
    ///
    /// issuer.publish();
    /// assert_eq!(issuer.kid(Alg::Es256), old); // two keys published, the first one signs
    ///
    /// issuer.promote();
    /// let new = issuer.kid(Alg::Es256);
    /// assert_ne!(new, old); // two keys published, the second one signs
    ///
    /// issuer.retire();
    /// assert!(issuer.jwks().contains(&new) && !issuer.jwks().contains(&old));
    /// ```
    pub fn publish(&self) {
        self.shared.change_keys(|keyring| keyring.publish());
    }

    /// Lets the newest published generation sign; the others stay published. Without a newer one nothing changes.
    pub fn promote(&self) {
        self.shared.change_keys(|keyring| keyring.promote());
    }

    /// Takes every generation out of the set but the one that signs, so that tokens of the others are no longer good.
    /// Keys of [`extra_key`](Self::extra_key) stay.
    pub fn retire(&self) {
        self.shared.change_keys(|keyring| keyring.retire());
    }

    /// An ordinary rotation in one step: a new generation signs, and the one that signed until now stays published.
    /// Whatever is older is retired.
    ///
    /// A token is therefore good until the second rotation after it was signed. A generation that was
    /// [published](Self::publish) and waits is used before another is made.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let first = issuer.kid(Alg::Es256);
    ///
    /// issuer.rotate();
    /// assert!(issuer.jwks().contains(&first));
    ///
    /// issuer.rotate();
    /// assert!(!issuer.jwks().contains(&first));
    /// ```
    pub fn rotate(&self) {
        self.shared.change_keys(|keyring| keyring.rotate());
    }

    /// The rotation after a theft: a new generation signs, and every other is gone from the set in the same instant.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let stolen = issuer.kid(Alg::Es256);
    ///
    /// issuer.emergency();
    /// assert!(!issuer.jwks().contains(&stolen));
    /// ```
    pub fn emergency(&self) {
        self.shared.change_keys(|keyring| keyring.emergency());
    }

    /// Publishes `jwk` too, after the issuer's own keys and as it is: weak, malformed, private, of an unknown kind.
    ///
    /// ```
    /// use axioms_rocket::testing::TestIssuer;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::start();
    /// issuer.extra_key(json!({ "kty": "oct", "kid": "secret", "k": "c2VjcmV0" }));
    /// assert!(issuer.jwks().contains("oct"));
    /// ```
    pub fn extra_key(&self, jwk: impl Into<Value>) {
        let jwk = jwk.into();
        self.shared.change_keys(|keyring| keyring.add(jwk));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Alg, TestIssuer};

    /// The published `kid`s, in order.
    fn kids(issuer: &TestIssuer) -> Vec<String> {
        let set: Value = serde_json::from_str(&issuer.jwks()).expect("JSON");
        let keys = set["keys"].as_array().expect("an array").iter();
        keys.map(|key| key["kid"].as_str().expect("a kid").to_owned())
            .collect()
    }

    fn issuer() -> TestIssuer {
        TestIssuer::offline("https://issuer.example.test")
    }

    #[test]
    fn a_careful_rotation_publishes_then_signs_then_forgets() {
        let issuer = issuer();
        let old = issuer.kid(Alg::Es256);
        assert_eq!(kids(&issuer), [&*old]);

        issuer.publish();
        let published = kids(&issuer);
        assert_eq!(
            (published.len(), &published[0], issuer.kid(Alg::Es256)),
            (2, &old, old.clone())
        );

        issuer.promote();
        assert_eq!(
            (kids(&issuer), issuer.kid(Alg::Es256)),
            (published.clone(), published[1].clone())
        );

        issuer.retire();
        assert_eq!(
            (kids(&issuer), issuer.kid(Alg::Es256)),
            (published[1..].to_vec(), published[1].clone())
        );
    }

    #[test]
    fn promoting_without_a_newer_generation_changes_nothing() {
        let issuer = issuer();
        let before = (kids(&issuer), issuer.kid(Alg::Es256));
        issuer.promote();
        assert_eq!((kids(&issuer), issuer.kid(Alg::Es256)), before);
    }

    #[test]
    fn retiring_drops_a_generation_that_waits_too() {
        let issuer = issuer();
        let signing = issuer.kid(Alg::Es256);
        issuer.publish();
        issuer.retire();
        assert_eq!(kids(&issuer), [signing]);
    }

    #[test]
    fn rotating_keeps_the_generation_that_signed_until_now_and_none_before_it() {
        let issuer = issuer();
        let mut signed = vec![issuer.kid(Alg::Es256)];
        for _ in 0..20 {
            issuer.rotate();
            signed.push(issuer.kid(Alg::Es256));
            assert_eq!(kids(&issuer), signed[signed.len() - 2..]);
        }
        signed.dedup();
        assert_eq!(signed.len(), 21);
    }

    #[test]
    fn rotating_takes_the_generation_that_waits() {
        let issuer = issuer();
        issuer.publish();
        let published = kids(&issuer);
        issuer.rotate();
        assert_eq!(
            (kids(&issuer), issuer.kid(Alg::Es256)),
            (published.clone(), published[1].clone())
        );
    }

    #[test]
    fn an_emergency_leaves_only_a_new_key() {
        let issuer = issuer();
        issuer.publish();
        let compromised = kids(&issuer);
        issuer.emergency();
        assert_eq!(kids(&issuer), [issuer.kid(Alg::Es256)]);
        assert!(!compromised.contains(&issuer.kid(Alg::Es256)));
    }

    #[test]
    fn the_next_generation_has_every_kind_that_is_in_use() {
        let issuer = issuer();
        issuer.kid(Alg::EdDsa);
        issuer.publish();
        let published = kids(&issuer);
        issuer.promote();
        assert_eq!(
            [issuer.kid(Alg::Es256), issuer.kid(Alg::EdDsa)],
            published[2..]
        );
    }

    #[test]
    fn a_kind_first_used_during_a_rotation_is_published_in_both_generations() {
        let issuer = issuer();
        issuer.publish();
        issuer.kid(Alg::EdDsa);
        let published = kids(&issuer);
        assert_eq!(published.len(), 4);
        issuer.promote();
        assert!(
            published.contains(&issuer.kid(Alg::EdDsa)),
            "published before it signed"
        );
    }

    #[test]
    fn an_extra_key_is_published_as_it_is_and_outlives_rotations() {
        let issuer = issuer();
        let jwk = json!({ "kty": "oct", "kid": "secret", "k": 7 });
        issuer.extra_key(jwk.clone());
        issuer.emergency();
        let set: Value = serde_json::from_str(&issuer.jwks()).expect("JSON");
        assert_eq!(set["keys"][1], jwk);
    }
}
