//! Bad tokens by name, each with its expected refusal.
//!
//! Every known way to forge, confuse or malform a bearer token. A route that refuses them all, and
//! accepts a valid token before and after, is guarded.
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
//! # let fairing = fairing.with_keys(issuer.jwks());
//! # let app = rocket::custom(figment).attach(fairing).mount("/", routes![orders]);
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

/// A token that must be refused, and the expected refusal.
///
/// ```
/// use axioms_rocket::testing::{TestIssuer, hostile};
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// let bad = hostile::all(&issuer).find(|bad| bad.name == "expired").unwrap();
/// assert_eq!((bad.status, bad.code), (401, "invalid_token"));
/// assert_eq!(bad.description, "Token has expired");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadToken {
    /// A short, unique name.
    pub name: &'static str,
    /// The credentials after `Bearer `. Some are not even tokens.
    pub token: String,
    /// The expected status: 401.
    pub status: u16,
    /// The expected `error`: `invalid_token`.
    pub code: &'static str,
    /// The expected `error_description`.
    pub description: &'static str,
}

/// Prints the length of the token only: many are signed and almost valid.
impl fmt::Debug for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadToken")
            .field("name", &self.name)
            .field("token", &format_args!("{} bytes", self.token.len()))
            .field("status", &self.status)
            .field("code", &self.code)
            .field("description", &self.description)
            .finish()
    }
}

/// Returns every bad token: a valid token of `issuer` with one fault each.
///
/// The expected refusals are those of an application that trusts `issuer`, expects its
/// [`audience`](TestIssuer::audience) in `aud`, and has the default `token_typs`, `max_token_bytes`
/// and `leeway` (or one up to 300 s). No new key is published for them, so they can be used with
/// [`with_keys`](crate::AxiomsFairing::with_keys). An application that fetches its keys fetches
/// them again at the first unknown key, once per `jwks_cooldown`.
///
/// ```
/// use axioms_rocket::testing::{TestIssuer, hostile};
///
/// let issuer = TestIssuer::offline("https://issuer.example.test");
/// assert!(hostile::all(&issuer).count() >= 300);
/// assert!(hostile::all(&issuer).all(|bad| bad.status == 401));
/// ```
pub fn all(issuer: &TestIssuer) -> impl Iterator<Item = BadToken> {
    spoiled(&issuer.token())
}

/// Like [`all`], each made from `good`: for an application with `required_claims`,
/// `expected_claims` or the like.
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
    fn every_name_and_every_token_is_unique() {
        for alg in [
            Alg::Es256,
            Alg::Es384,
            Alg::Es512,
            Alg::EdDsa,
            Alg::Rs256,
            Alg::MlDsa44,
        ] {
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
    fn debug_prints_the_refusal_and_not_the_token() {
        let issuer = TestIssuer::offline("https://issuer.example.test");
        let bad = all(&issuer)
            .find(|bad| bad.name == "tampered")
            .expect("one of them");
        let shown = format!(
            "BadToken {{ name: \"tampered\", token: {} bytes, status: 401, \
             code: \"invalid_token\", description: \"Invalid token signature\" }}",
            bad.token.len()
        );
        assert_eq!(format!("{bad:?}"), shown);
    }

    #[test]
    fn they_publish_no_new_key() {
        let issuer = TestIssuer::offline("https://issuer.example.test");
        let before = issuer.jwks();
        assert!(all(&issuer).count() > 0);
        assert_eq!(issuer.jwks(), before);
    }
}
