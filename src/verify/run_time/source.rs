//! `IssuerSource`: issuers that are known only at run time.

use std::error::Error;
use std::pin::Pin;

use crate::config::IssuerConfig;

/// A table of issuers that changes while the application runs: tenants in a database.
///
/// [`AxiomsFairing::with_issuers`](crate::AxiomsFairing::with_issuers) takes one. It is asked about
/// the `iss` of a token that no configured issuer has, if the token could be valid otherwise: its
/// size, shape, algorithm and times are right, and `iss` is a URL of at most 512 bytes in its
/// plain form, `https` or loopback. The token is not verified yet, and anyone can write one: look
/// `iss` up, and do nothing else with it.
///
/// - It is asked once at a time for each `iss`, and about 16 of them at a time; 4 of these are
///   kept for issuers that are known already. The answer must come within `http_timeout`.
/// - Answers are used for [`issuer_ttl`](crate::Config::issuer_ttl), those of 10 000 issuers (the
///   least recently used one goes first); that an issuer is unknown, for at most 60 seconds.
///   [`Axioms::forget_issuer`](crate::Axioms::forget_issuer) ends both at once.
/// - An answer may not set `introspection` or `token_header`: 503, and the log names the setting.
/// - The settings that an answer leaves out are those of the top level. An answer that differs from
///   the one before replaces it, and cached tokens are verified again.
///
/// ```
/// use axioms_rocket::{IssuerConfig, IssuerSource};
/// use std::collections::HashMap;
/// use std::error::Error;
/// use std::sync::RwLock;
///
/// /// The name of each tenant, by its issuer.
/// struct Tenants(RwLock<HashMap<String, String>>);
///
/// impl IssuerSource for Tenants {
///     async fn issuer(
///         &self,
///         iss: &str,
///     ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
///         let tenants = self.0.read().map_err(|_| "poisoned")?;
///         Ok(tenants.get(iss).map(|name| IssuerConfig {
///             name: Some(name.clone()),
///             iss_url: Some(iss.to_owned()),
///             ..IssuerConfig::default()
///         }))
///     }
/// }
/// ```
pub trait IssuerSource: Send + Sync + 'static {
    /// Returns the issuer whose `iss` is exactly this text; `None` if there is none: 401 `Invalid
    /// token issuer`.
    ///
    /// A `name` is for [`IssuedBy`](crate::IssuedBy) and [`Tenant`](crate::Tenant). It may not be
    /// that of a configured issuer. Do not let tenants choose it, if your routes name issuers.
    ///
    /// # Errors
    ///
    /// The table cannot be read: 503 with `Retry-After`, and the next request asks again. So it is
    /// when the answer is late, the method panics, or the configuration cannot work. One with
    /// another `iss_url` than `iss` is no answer: 401.
    ///
    /// ```
    /// # use axioms_rocket::{IssuerConfig, IssuerSource};
    /// # use std::error::Error;
    /// struct Nightly;
    ///
    /// impl IssuerSource for Nightly {
    ///     async fn issuer(
    ///         &self,
    ///         iss: &str,
    ///     ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
    ///         // Of version 1, whose keys are on another host.
    ///         Ok((iss == "https://sts.example.com/").then(|| IssuerConfig {
    ///             iss_url: Some(iss.to_owned()),
    ///             jwks_url: Some("https://keys.example.com/v1".into()),
    ///             ..IssuerConfig::default()
    ///         }))
    ///     }
    /// }
    /// ```
    fn issuer(
        &self,
        iss: &str,
    ) -> impl Future<Output = Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>>> + Send;
}

pub(crate) type Asking<'a> = Pin<
    Box<
        dyn Future<Output = Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>>> + Send + 'a,
    >,
>;

/// An `IssuerSource` of any type.
pub(crate) trait AnySource: Send + Sync {
    fn ask<'a>(&'a self, iss: &'a str) -> Asking<'a>;
}

impl<S: IssuerSource> AnySource for S {
    fn ask<'a>(&'a self, iss: &'a str) -> Asking<'a> {
        Box::pin(self.issuer(iss))
    }
}
