//! A verified token as one of the crate `jsonwebtoken`, for code that is written for it.

use jsonwebtoken::errors::Error;
use jsonwebtoken::{TokenData, decode_header};
use serde::de::DeserializeOwned;

use super::held::TokenClaims;
use super::valid::ValidToken;

impl<C: TokenClaims> ValidToken<C> {
    /// Returns header and claims as the type of jsonwebtoken 11, for code that takes one. Only with
    /// the feature `jsonwebtoken`.
    ///
    /// The token was verified by this crate. The value is a copy and no proof of that: keep the
    /// `ValidToken` where it matters. No cryptography of `jsonwebtoken` is called, so that none of
    /// its backends is needed.
    ///
    /// # Errors
    ///
    /// - The claims do not fit `D`.
    /// - `jsonwebtoken` has no name for the algorithm: ES512, `Ed25519` (but EdDSA) and ML-DSA.
    /// - The token is no JWT: its claims came by introspection, and it has no header.
    ///
    /// ```
    /// use axioms_rocket::ValidToken;
    /// use jsonwebtoken::TokenData;
    /// use jsonwebtoken::errors::Error;
    /// # use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Staff {
    ///     email: String,
    /// }
    ///
    /// fn greet(data: &TokenData<Staff>) -> String {
    ///     format!("Hello {}.", data.claims.email)
    /// }
    ///
    /// fn welcome(token: &ValidToken) -> Result<String, Error> {
    ///     Ok(greet(&token.token_data()?))
    /// }
    /// ```
    pub fn token_data<D: DeserializeOwned>(&self) -> Result<TokenData<D>, Error> {
        Ok(TokenData {
            header: decode_header(self.expose_token())?,
            claims: serde_json::from_str(self.view().raw())?,
        })
    }
}
