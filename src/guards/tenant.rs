//! `Tenant`: whose token it is, as a guard.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rocket::request::FromRequest;
use rocket::{Ignite, Request, Rocket, Sentinel};

use super::authorize::{GuardFuture, answer};
use super::guard::{Guard, declaration_with_error};
use crate::error::AuthError;
use crate::policy::Requirement;
use crate::request::{Axioms, abort_without_fairing, probed};
use crate::token::ValidToken;

/// The issuer of the request's token, by its name: the key to a tenant's data.
///
/// | issuer | [`name`](Tenant::name) |
/// | --- | --- |
/// | the top level, or an entry of `issuers` | its `name`, else its `iss` |
/// | a template, `iss_url` with `{tenant}` | the tenant in the token's `iss` |
/// | one of an [`IssuerSource`](crate::IssuerSource) | the `name` of its configuration, else `iss` |
///
/// Names come from settings, from the source, or from `iss` where the template and the signature
/// have confirmed it: never from another claim. Two issuers have one name only if you give it to
/// both: two templates with equal tenants, or two configurations of a source.
///
/// **Succeeds if** the request carries a valid token; **fails with** what
/// [`ValidToken`](crate::ValidToken) fails with, on every method. A launch where `iss` is not
/// checked (`jwks_url` alone) aborts.
///
/// ```
/// # use rocket::get;
/// use axioms_rocket::Tenant;
///
/// #[get("/orders")]
/// fn orders(tenant: Tenant) -> String {
///     format!("the orders of {}", tenant.name())
/// }
/// ```
#[derive(Clone)]
pub struct Tenant {
    token: ValidToken,
    name: Name,
}

#[derive(Clone)]
enum Name {
    Configured(Arc<str>),
    /// A part of `iss`.
    Part(Range<usize>),
}

impl Tenant {
    /// Returns the name.
    ///
    /// ```
    /// # use axioms_rocket::Tenant;
    /// fn database(tenant: &Tenant) -> String {
    ///     format!("{}.sqlite", tenant.name())
    /// }
    /// ```
    pub fn name(&self) -> &str {
        match &self.name {
            Name::Configured(name) => name,
            Name::Part(range) => self.issuer().get(range.clone()).unwrap_or_default(),
        }
    }

    /// Returns `iss`: with the subject, what tells two users apart (RFC 7519 §4.1.2).
    ///
    /// ```
    /// # use axioms_rocket::{Tenant, ValidToken};
    /// fn owner<'a>(token: &'a ValidToken, tenant: &'a Tenant) -> Option<(&'a str, &'a str)> {
    ///     Some((tenant.issuer(), token.subject()?))
    /// }
    /// ```
    pub fn issuer(&self) -> &str {
        self.token.issuer().unwrap_or_default()
    }

    /// Returns the tenant of a verified token; `None` if `iss` is not checked.
    fn of(axioms: &Axioms, token: &ValidToken) -> Option<Tenant> {
        let verified = token.verified();
        let iss = verified.issuer()?;
        let issuer = axioms.verifier.issuer_of(verified)?;
        if issuer.is_unchecked() {
            return None;
        }
        let name = match (issuer.tenant_range(iss), &issuer.name) {
            (Some(range), _) => Name::Part(range),
            (None, Some(name)) => Name::Configured(Arc::clone(name)),
            (None, None) => Name::Part(0..iss.len()),
        };
        Some(Tenant {
            token: token.clone(),
            name,
        })
    }
}

/// Writes the name.
impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Without the token.
impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("name", &self.name())
            .field("issuer", &self.issuer())
            .finish()
    }
}

impl<'r> FromRequest<'r> for Tenant {
    type Error = AuthError;

    fn from_request<'q, 'a>(request: &'r Request<'q>) -> GuardFuture<'a, Self>
    where
        'r: 'a,
        'q: 'a,
        Self: 'a,
    {
        answer(request, |request, token| match token {
            Ok(token) => Axioms::of(request)
                .and_then(|axioms| Tenant::of(axioms, token))
                .ok_or_else(AuthError::forbidden::<Tenant>),
            Err(error) => Err(error.clone()),
        })
    }
}

impl Sentinel for Tenant {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        probed(rocket, declaration_with_error::<Self, AuthError>)
            .unwrap_or_else(|| Self::aborts(rocket, "Tenant"))
    }
}

impl Guard for Tenant {
    fn requirement() -> Requirement {
        Requirement::All(Vec::new())
    }

    fn aborts(rocket: &Rocket<Ignite>, guard: &str) -> bool {
        let unchecked = rocket
            .state::<Axioms>()
            .is_some_and(|axioms| axioms.verifier.is_iss_unchecked());
        if unchecked {
            tracing::error!(
                "a route is guarded by `{guard}`, but the `iss` of tokens is not checked, so no \
                 token tells whose it is: set iss_url"
            );
        }
        unchecked || abort_without_fairing(rocket, guard)
    }
}
