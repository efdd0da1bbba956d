//! Wrong tokens by name, each with the refusal that it deserves.
//!
//! Every way in which a bearer token was ever forged, confused or botched that this crate knows of: run them all against a
//! route of yours, and a good one before and after, and you know that the route is guarded.
//!
//! ```
//! use axioms_rocket::testing::{Bearer, TestIssuer, assert_refused, hostile};
//! # use axioms_rocket::{AxiomsFairing, Config, ValidToken};
//! # use rocket::local::blocking::Client;
//! # use rocket::{get, routes};
//! # #[get("/orders")]
//! # fn orders(_token: ValidToken) {}
//! # let issuer = TestIssuer::offline("https://issuer.example.test");
//! # let fairing = AxiomsFairing::from_config(Config {
//! #     audience: vec![issuer.audience().to_owned()],
//! #     iss_url: Some(issuer.url().to_owned()),
//! #     ..Config::default()
//! # });
//! # let figment = rocket::Config::figment().merge(("log_level", "off"));
//! # let app = rocket::custom(figment).attach(fairing.with_keys(issuer.jwks())).mount("/", routes![orders]);
//! # let client = Client::untracked(app).expect("the application starts");
//!
//! for bad in hostile::all(&issuer) {
//!     assert_refused!(client.get("/orders").bearer(&bad).dispatch(), &bad);
//! }
//! # assert!(hostile::all(&issuer).count() >= 300);
//! ```

mod cases;
mod good;

use std::fmt;

use self::good::Good;
use super::issuer::TestIssuer;
use super::token::TokenBuilder;

/// A token that must be refused, and how.
///
/// ```
/// use axioms_rocket::testing::{TestIssuer, hostile};
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// let bad = hostile::all(&issuer).find(|bad| bad.name == "expired").unwrap();
/// assert_eq!((bad.status, bad.code, bad.description), (401, "invalid_token", "Token has expired"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadToken {
    /// What is wrong with it, in a few words; no two share a name.
    pub name: &'static str,
    /// What goes after `Bearer `. Not all are tokens: some hold what no header should.
    pub token: String,
    /// The status that it deserves: 401.
    pub status: u16,
    /// The `error` that it deserves: `invalid_token`.
    pub code: &'static str,
    /// The `error_description` that it deserves.
    pub description: &'static str,
}

/// Its name and its verdict, and of the token no more than its length: most are good ones but for a little, and signed.
impl fmt::Debug for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadToken")
            .field("name", &self.name)
            .field("token", &format_args!("{} octets", self.token.len()))
            .field("status", &self.status)
            .field("code", &self.code)
            .field("description", &self.description)
            .finish()
    }
}

/// Every bad token, each made from a good one of `issuer` with a single fault.
///
/// What they deserve is what an application answers that trusts `issuer`, expects its [`audience`](TestIssuer::audience) in
/// `aud`, and leaves `token_typs`, `leeway` (or at most 300 s) and `max_token_bytes` as they are. No key is made or published
/// for them: an application that was handed the keys can take them all. An application that fetches keys asks for them again
/// when it meets the first of the unknown ones, once per `jwks_cooldown`.
pub fn all(issuer: &TestIssuer) -> impl Iterator<Item = BadToken> {
    spoiled(&issuer.token())
}

/// As [`all`], each made from `good`: for an application that asks more of a token than the defaults, `required_claims` or
/// `expected_claims`, say.
///
/// ```
/// use axioms_rocket::testing::{TestIssuer, hostile};
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// let good = issuer.token().claim("tenant", "acme").roles(["editor"]);
/// assert!(hostile::spoiled(&good).all(|bad| bad.token != good.sign()));
/// ```
pub fn spoiled<'a>(good: &TokenBuilder<'a>) -> impl Iterator<Item = BadToken> + use<'a> {
    let good = Good::new(good.clone());
    cases::ALL
        .iter()
        .flat_map(|group| group.iter())
        .map(move |(name, description, spoil)| BadToken {
            name,
            token: spoil(&good),
            status: 401,
            code: "invalid_token",
            description,
        })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::all;
    use crate::testing::{Alg, TestIssuer};

    #[test]
    fn every_name_and_every_token_is_its_own() {
        for alg in [Alg::Es256, Alg::Es384, Alg::Es512, Alg::EdDsa, Alg::Rs256] {
            let issuer = TestIssuer::builder()
                .algorithms([alg])
                .offline("https://issuer.example.test");
            let bad: Vec<_> = all(&issuer).collect();
            assert_eq!(
                bad.iter()
                    .map(|bad| bad.name)
                    .collect::<BTreeSet<_>>()
                    .len(),
                bad.len()
            );
            let mut tokens = BTreeMap::new();
            for bad in &bad {
                assert_eq!(
                    tokens.insert(&bad.token, bad.name),
                    None,
                    "{alg}, {}",
                    bad.name
                );
            }
            assert!(bad.len() >= 300, "{}", bad.len());
        }
    }

    #[test]
    fn what_prints_of_them_is_the_verdict_and_not_the_token() {
        let issuer = TestIssuer::offline("https://issuer.example.test");
        let bad = all(&issuer)
            .find(|bad| bad.name == "tampered")
            .expect("one of them");
        let shown = format!(
            "BadToken {{ name: \"tampered\", token: {} octets, status: 401, code: \"invalid_token\", description: \"Invalid token \
             signature\" }}",
            bad.token.len()
        );
        assert_eq!(format!("{bad:?}"), shown);
    }

    #[test]
    fn none_of_them_needs_a_key_that_was_not_there() {
        let issuer = TestIssuer::offline("https://issuer.example.test");
        let before = issuer.jwks();
        assert!(all(&issuer).count() > 0);
        assert_eq!(issuer.jwks(), before);
    }
}
