//! The state that the fairing manages for the guards.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rocket::http::Method;
use rocket::{Ignite, Request, Rocket};

use super::audit::Audit;
use super::probe::Declaration;
use super::refusals::Refusals;
use super::routes::{Required, RouteIndex};
use super::status::AxiomsStatus;
use crate::policy::Requirement;
use crate::token::ValidToken;
use crate::verify::Verifier;

/// The state of the fairing, which Rocket manages: [`status`](Axioms::status) is for operators.
///
/// ```
/// use axioms_rocket::Axioms;
/// use rocket::serde::json::{Value, to_value};
/// use rocket::{State, get};
///
/// #[get("/admin/status")]
/// fn status(axioms: &State<Axioms>) -> String {
///     let status = to_value(axioms.status()).unwrap_or(Value::Null);
///     format!("{status:#}")
/// }
/// ```
pub struct Axioms {
    pub(crate) verifier: Verifier,
    /// The parameter with which every challenge begins: `realm="…"`.
    pub(crate) realm: String,
    /// The parameter with which every challenge ends, if metadata are served:
    /// `, resource_metadata="…"`.
    pub(crate) resource: Option<String>,
    /// The files that settings came from.
    pub(crate) files: Box<[PathBuf]>,
    pub(crate) safe_methods: Box<[Method]>,
    /// The span of a verification names the subject.
    pub(crate) log_subject: bool,
    /// The headers besides `Authorization` that tokens come in, in lower case, each once.
    pub(crate) token_headers: Box<[Arc<str>]>,
    /// The rule for everything, if there is one.
    pub(crate) everywhere: Option<Declaration>,
    /// Paths that neither this rule nor the one for declarations is about.
    pub(crate) exceptions: Vec<String>,
    /// Every route, once all are mounted.
    pub(crate) routes: OnceLock<RouteIndex>,
    pub(crate) refusals: Arc<Refusals>,
    /// `None` without a sink of `on_decision`.
    pub(crate) audit: Option<Arc<Audit>>,
}

impl Axioms {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Axioms> {
        request.rocket().state()
    }

    /// Returns the requirement of the whole route that `request` is for: for refusals.
    pub(crate) fn required_of(&self, request: &Request<'_>) -> Option<Required<'_>> {
        self.routes.get()?.required_of(request)
    }

    /// Returns the requirement of the first guard of the route that denies `token`, whatever its
    /// user does: for refusals.
    pub(crate) fn denied_by(
        &self,
        request: &Request<'_>,
        token: &ValidToken,
    ) -> Option<fn() -> Requirement> {
        self.routes.get()?.denied_by(request, token)
    }

    /// Returns the state of keys, token cache and refusals at this moment. It reads a snapshot,
    /// starts nothing, and delays no request.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// # use rocket::{get, State};
    /// #[get("/admin/issuers")]
    /// fn issuers(axioms: &State<Axioms>) -> String {
    ///     let status = axioms.status();
    ///     status.issuers().iter().map(|issuer| format!("{}\n", issuer.name())).collect()
    /// }
    /// ```
    pub fn status(&self) -> AxiomsStatus {
        AxiomsStatus::of(self)
    }

    /// Ends what the [`IssuerSource`](crate::IssuerSource) said about `iss`, at once: for a tenant
    /// that was removed or changed. Cached tokens end with it, and the next token of that issuer
    /// asks the source. Returns true if the issuer was in use.
    ///
    /// It is about this process: of several instances, call it in each, or let them learn it after
    /// [`issuer_ttl`](crate::Config::issuer_ttl). Configured issuers stay.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// # use rocket::{delete, State};
    /// #[delete("/tenants?<iss>")]
    /// fn remove(axioms: &State<Axioms>, iss: &str) {
    ///     // After it has left the table.
    ///     axioms.forget_issuer(iss);
    /// }
    /// ```
    pub fn forget_issuer(&self, iss: &str) -> bool {
        let run_time = self.verifier.run_time();
        run_time.is_some_and(|run_time| run_time.forget(iss))
    }

    /// Returns true if each configured issuer has usable keys.
    pub(crate) fn is_ready(&self) -> bool {
        let mut issuers = self.verifier.issuers().iter();
        issuers.all(|issuer| issuer.keyring.is_usable())
    }

    /// Starts a fetch for each issuer without usable keys, unless one was tried a moment ago.
    pub(crate) fn fetch_missing_keys(&self) {
        for issuer in self.verifier.issuers() {
            issuer.keyring.refresh_if_due();
        }
    }

    /// Returns true if authorization guards let `method` pass without a token.
    pub(crate) fn is_safe(&self, method: Method) -> bool {
        lists_method(&self.safe_methods, method)
    }
}

/// The end of the application; a local client has no other.
impl Drop for Axioms {
    fn drop(&mut self) {
        self.refusals.log_rest(self.verifier.now());
    }
}

impl fmt::Debug for Axioms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Axioms").finish_non_exhaustive()
    }
}

/// Returns true if `methods` contains `method`; HEAD is in each list that contains GET (RFC 9110
/// §9.3.2).
pub(crate) fn lists_method(methods: &[Method], method: Method) -> bool {
    methods.contains(&method) || (method == Method::Head && methods.contains(&Method::Get))
}

/// For `Sentinel`: aborts the launch of an application whose routes name `guard` without the
/// fairing, and says what to do.
pub(crate) fn abort_without_fairing(rocket: &Rocket<Ignite>, guard: &str) -> bool {
    let missing = rocket.state::<Axioms>().is_none();
    if missing {
        tracing::error!(
            "a route is guarded by `{guard}`, but nothing would check its tokens: \
             attach the fairing, `rocket::build().attach(axioms_rocket::AxiomsFairing::default())`"
        );
    }
    missing
}
