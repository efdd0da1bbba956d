//! Key rotations, in each way that authorization servers do them.

use serde_json::Value;

use super::TestIssuer;

/// Key rotation. A generation has one key of each type in use. All generations are published, one
/// of them signs. Tokens that were signed before do not change.
impl TestIssuer {
    /// Publishes the next generation of keys. The current one keeps signing.
    ///
    /// The first step of a careful rotation: wait until resource servers have read the set, then
    /// [`promote`](Self::promote), wait until the old tokens have expired, then
    /// [`retire`](Self::retire).
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

    /// Signs with the newest published generation. The others stay published. Does nothing if there
    /// is no newer one.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let old = issuer.kid(Alg::Es256);
    /// issuer.publish();
    /// issuer.promote();
    /// assert_ne!(issuer.kid(Alg::Es256), old);
    /// ```
    pub fn promote(&self) {
        self.shared.change_keys(|keyring| keyring.promote());
    }

    /// Removes every generation but the signing one, so that tokens of the others become invalid.
    /// Keys of [`extra_key`](Self::extra_key) stay.
    ///
    /// ```
    /// use axioms_rocket::testing::{Alg, TestIssuer};
    ///
    /// let issuer = TestIssuer::start();
    /// let old = issuer.kid(Alg::Es256);
    /// issuer.rotate();
    /// issuer.retire();
    /// assert!(!issuer.jwks().contains(&old));
    /// ```
    pub fn retire(&self) {
        self.shared.change_keys(|keyring| keyring.retire());
    }

    /// Rotates in one step: a new generation signs, the previous one stays published, older ones
    /// are retired.
    ///
    /// So a token stays valid until the second rotation. A generation that is already
    /// [published](Self::publish) is used before a new one is made.
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

    /// Rotates as after a theft: a new generation signs and all others are removed at once.
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

    /// Publishes `jwk` unchecked after the issuer's own keys: weak, malformed, private or of an
    /// unknown type.
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
    fn a_careful_rotation_publishes_then_signs_then_retires() {
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
    fn retiring_drops_a_generation_that_was_not_promoted() {
        let issuer = issuer();
        let signing = issuer.kid(Alg::Es256);
        issuer.publish();
        issuer.retire();
        assert_eq!(kids(&issuer), [signing]);
    }

    #[test]
    fn rotating_keeps_only_the_previous_generation() {
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
    fn rotating_uses_a_generation_that_is_already_published() {
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
    fn the_next_generation_has_every_key_type_in_use() {
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
    fn a_key_type_first_used_in_a_rotation_is_in_both_generations() {
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
    fn an_extra_key_is_published_unchanged_and_survives_rotations() {
        let issuer = issuer();
        let jwk = json!({ "kty": "oct", "kid": "secret", "k": 7 });
        issuer.extra_key(jwk.clone());
        issuer.emergency();
        let set: Value = serde_json::from_str(&issuer.jwks()).expect("JSON");
        assert_eq!(set["keys"][1], jwk);
    }
}
