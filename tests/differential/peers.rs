//! `jsonwebtoken`, used as its documentation says, with every check that it has.

use axioms_rocket::testing::{Alg, TestIssuer};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::recipe::{ALGORITHMS, AUDIENCE, ISSUER};

pub struct JsonWebToken {
    keys: Vec<(String, Alg, DecodingKey)>,
}

impl JsonWebToken {
    pub fn new(issuer: &TestIssuer) -> JsonWebToken {
        // The program has both backends: one must be chosen, once.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let set: JwkSet = serde_json::from_str(&issuer.jwks()).expect("a key set");
        let key = |alg: Alg| {
            let kid = issuer.kid(alg);
            let key =
                DecodingKey::from_jwk(set.find(&kid).expect("a published key")).expect("a key");
            (kid, alg, key)
        };
        JsonWebToken {
            keys: ALGORITHMS.map(key).into(),
        }
    }

    /// `Ok`, or the library's word for what is wrong.
    pub fn verdict(&self, token: &str) -> Result<(), String> {
        let header = decode_header(token).map_err(|error| format!("header: {:?}", error.kind()))?;
        let known: Option<Algorithm> = ALGORITHMS
            .iter()
            .find_map(|alg| alg.name().parse().ok().filter(|alg| *alg == header.alg));
        let Some(algorithm) = known else {
            return Err(format!("alg {:?}", header.alg));
        };
        let fits = |alg: Alg| alg.name().parse() == Ok(algorithm);
        let mut keys = self.keys.iter().filter(|(kid, alg, _)| match &header.kid {
            Some(asked) => kid == asked,
            None => fits(*alg),
        });
        let (_, _, key) = keys.next().ok_or("no key")?;
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        validation.leeway = 30;
        decode::<Value>(token, key, &validation)
            .map(drop)
            .map_err(|error| format!("{:?}", error.kind()))
    }
}
