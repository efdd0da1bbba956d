//! From figment to managed state, and the background work.

mod audit;
mod background;
mod catchers;
#[cfg(feature = "introspection")]
mod introspection;
mod keys;
mod launch;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self::audit::Decisions;
#[cfg(feature = "metrics")]
use self::background::publish_metrics;
use self::background::{Background, log_refusals};
use self::catchers::Catchers;
pub use self::keys::IntoJwks;
use crate::base::clock::Clock;
use crate::config::Config;
use crate::groups::{CHECKS, Everywhere, index_of, launch_checks, named_issuers, warn_of};
use crate::guards::Guard;
use crate::request::{Axioms, DecisionEvent};
#[cfg(feature = "metrics")]
use crate::request::{Figures, count_allowed};
use crate::respond;
use crate::verify::{AnySource, IssuerSource};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::{Build, Orbit, Request, Response, Rocket};

/// The one thing to attach, once: a second one aborts the launch.
///
/// On ignite it reads and checks the configuration, fetches the issuers' keys, and registers the
/// catchers for which the application has none of its own. A configuration that cannot work aborts
/// the launch with **every** problem at once, each with its key and its source; so do wrong
/// arguments of the methods below. An unreachable issuer does not: requests are answered 503 until
/// its keys arrive (`jwks_prefetch = "require"` makes it abort). On liftoff one log line says what
/// is protected. On response it adds the challenge to a refusal that has none, and logs it. On
/// shutdown the background work ends.
///
/// ```no_run
/// # use rocket::launch;
/// use axioms_rocket::AxiomsFairing;
///
/// #[launch]
/// fn rocket() -> _ {
///     rocket::build().attach(AxiomsFairing::default())
/// }
/// ```
///
/// # Log lines
///
/// Without a `tracing` subscriber the lines go to Rocket's log, and Rocket's `log_level` decides:
///
/// - `normal`, the default of debug builds, shows all lines below.
/// - `critical`, the default of release builds, shows the line at liftoff, warnings and errors, for
///   each reason one line a minute with the number of refusals, and for each guard that fails
///   `Request guard … failed: invalid_token: …`. This is Rocket's line for guards in a signature,
///   and ours for groups and `require_everywhere`.
/// - `off` shows nothing after the ignition.
///
/// | line | when |
/// | --- | --- |
/// | `axioms: protected by access tokens of …` | at liftoff |
/// | `signing keys loaded`, `signing keys changed` | with each new key set |
/// | `refused with 401: …` | once per refused request, with the status that is sent |
/// | `answered 303 after a refusal with 401: …` | if a catcher or the handler chose that status |
///
/// A request without a token is not logged, and neither is a success of the handler. The line of a
/// 403 shows the subject, the client, what was asked, and for scopes, roles and permissions the
/// claims that were looked at and the names in them.
///
/// With a subscriber the lines go there at level INFO, whatever `log_level` is: refusals are seen
/// without Rocket's own lines.
///
/// ```no_run
/// use tracing_subscriber::filter::Targets;
/// use tracing_subscriber::prelude::*;
///
/// // For example RUST_LOG=axioms_rocket=info
/// let filter: Targets = std::env::var("RUST_LOG").unwrap_or_default().parse().unwrap_or_default();
/// tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer().with_filter(filter))
///     .init();
/// ```
#[derive(Debug, Default)]
pub struct AxiomsFairing {
    /// Settings from code, which replace the four sources.
    config: Option<Box<Config>>,
    catchers: Catchers,
    keys: Option<GivenKeys>,
    /// More than one aborts the launch.
    sources: Vec<Source>,
    clock: Clock,
    background: Background,
    /// More than one aborts the launch.
    everywhere: Vec<Everywhere>,
    exceptions: Vec<String>,
    decisions: Decisions,
    deny_unguarded: bool,
    /// The application has catchers of its own.
    catches: AtomicBool,
}

/// A source of issuers, which is asked at run time.
struct Source(Arc<dyn AnySource>);

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerSource")
    }
}

/// A key set as it was handed over. It is not printed: it may hold private keys by mistake.
struct GivenKeys(String);

impl fmt::Debug for GivenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl AxiomsFairing {
    /// Returns a fairing with exactly this configuration; Rocket.toml, `.env` and the environment
    /// are not read.
    ///
    /// ```
    /// use axioms_rocket::{AxiomsFairing, Config};
    ///
    /// let fairing = AxiomsFairing::from_config(Config {
    ///     audience: vec!["https://api.example.com".into()],
    ///     iss_url: Some("https://auth.example.com".into()),
    ///     ..Config::default()
    /// });
    /// # let _ = fairing;
    /// ```
    pub fn from_config(config: Config) -> Self {
        AxiomsFairing {
            config: Some(Box::new(config)),
            ..AxiomsFairing::default()
        }
    }

    /// Registers the catchers at `base` instead of `/`; may be called more than once.
    ///
    /// If the application has its own catcher for 400, 401, 403 or 503 at that base, it writes
    /// the body and ours for the status is left out. A `#[catch(default)]` replaces none: Rocket
    /// prefers the catcher for a status. The catchers of a fairing that was attached before this
    /// one count as the application's; those of a later one collide, and Rocket aborts the launch.
    /// The challenge does not depend on any of this.
    ///
    /// ```no_run
    /// # use rocket::{catch, catchers, launch};
    /// # use axioms_rocket::AxiomsFairing;
    /// #[catch(401)]
    /// fn please_sign_in() -> &'static str { "Please sign in." }
    ///
    /// #[launch]
    /// fn rocket() -> _ {
    ///     // 400, 403 and 503 are answered in JSON everywhere, 401 only below `/api`.
    ///     let fairing = AxiomsFairing::default().with_catchers_at("/").with_catchers_at("/api");
    ///     rocket::build().attach(fairing).register("/", catchers![please_sign_in])
    /// }
    /// ```
    #[must_use]
    pub fn with_catchers_at(mut self, base: impl Into<String>) -> Self {
        self.catchers = self.catchers.and_at(base.into());
        self
    }

    /// Registers no catchers: the application renders every refusal itself, from
    /// [`AuthError::of`](crate::AuthError::of). The challenge is still added.
    ///
    /// ```no_run
    /// # use rocket::{catch, catchers, http::Status, launch, Request};
    /// use axioms_rocket::{AuthError, AxiomsFairing};
    ///
    /// #[catch(default)]
    /// fn failed(status: Status, request: &Request<'_>) -> String {
    ///     match AuthError::of(request).filter(|error| error.status() == status) {
    ///         Some(error) => error.description().to_owned(),
    ///         None => status.to_string(),
    ///     }
    /// }
    ///
    /// #[launch]
    /// fn rocket() -> _ {
    ///     rocket::build()
    ///         .attach(AxiomsFairing::default().without_catchers())
    ///         .register("/", catchers![failed])
    /// }
    /// ```
    #[must_use]
    pub fn without_catchers(mut self) -> Self {
        self.catchers = Catchers::Nowhere;
        self
    }

    /// Sets the keys of the first configured issuer, out of band: a JWK set (RFC 7517 §5) as JSON.
    /// Nothing is fetched for that issuer, and its keys never change; further `issuers` keep their
    /// own.
    ///
    /// A set without a usable key aborts the launch. If that issuer has neither `domain` nor
    /// `iss_url`, the `iss` of its tokens is not checked.
    ///
    /// [`IntoJwks`] lists the forms of a set: its JSON, and with the feature `jsonwebtoken` a
    /// `JwkSet` of that crate.
    ///
    /// ```no_run
    /// use axioms_rocket::AxiomsFairing;
    ///
    /// let keys = std::fs::read_to_string("keys.json").expect("a deployed file");
    /// let fairing = AxiomsFairing::default().with_keys(keys);
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn with_keys<Form>(mut self, jwks: impl IntoJwks<Form>) -> Self {
        self.keys = Some(GivenKeys(jwks.into_json()));
        self
    }

    /// Sets a source of issuers that are known only at run time, such as a table of tenants in a
    /// database: [`IssuerSource`](crate::IssuerSource). Configured issuers go first, and there need
    /// be none.
    ///
    /// With a source, several issuers are assumed for ownership
    /// ([`HasOwner::owner_issuer`](crate::HasOwner::owner_issuer)), and names of
    /// [`IssuedBy`](crate::IssuedBy) are not checked at launch. Readiness is that of configured
    /// issuers. A second source aborts the launch, and so do keys without an `iss_url` beside it.
    ///
    /// ```
    /// use axioms_rocket::{AxiomsFairing, IssuerConfig, IssuerSource};
    /// use std::error::Error;
    ///
    /// struct Tenants;
    ///
    /// impl IssuerSource for Tenants {
    ///     async fn issuer(
    ///         &self,
    ///         iss: &str,
    ///     ) -> Result<Option<IssuerConfig>, Box<dyn Error + Send + Sync>> {
    ///         let is_tenant = iss == "https://acme.auth.example.com";
    ///         Ok(is_tenant.then(|| IssuerConfig {
    ///             iss_url: Some(iss.to_owned()),
    ///             ..IssuerConfig::default()
    ///         }))
    ///     }
    /// }
    ///
    /// let fairing = AxiomsFairing::default().with_issuers(Tenants);
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn with_issuers(mut self, source: impl IssuerSource) -> Self {
        self.sources.push(Source(Arc::new(source)));
        self
    }

    /// Denies by default: every request that Rocket routes asks `G` first, for unknown paths too
    /// (401 comes before 404; a path whose guards require a scope is told by the scope in its
    /// challenge). Open paths are named with [`except`](AxiomsFairing::except).
    ///
    /// A fairing cannot refuse a request in Rocket, a route can: for each method a route that
    /// matches every path is mounted at `/` with the lowest rank but one, which this crate has for
    /// probes and metadata; a route of yours with that rank aborts the launch, unless it is mounted
    /// with `protect::<Public>`. It asks `G` and forwards
    /// a request that passes to the route that it is for. So the rule holds for routes, file
    /// servers and paths that do not exist; the routes' own guards are asked after it, over the
    /// same verified token. `G` is any [`Guard`](crate::Guard); if it forwards, the request is
    /// refused with the status of that forward. There is one rule: a second aborts the launch
    /// (`All<(A, B)>` asks both).
    ///
    /// With a policy guard (`Authenticated`, `Scopes<_>`, …) the `safe_methods` pass, and no route
    /// is mounted for them: CORS preflights (OPTIONS) reach the application, and fairings that
    /// answer preflights without a route, like `rocket_cors`, keep working. With `ValidToken`
    /// nothing passes. HEAD passes where GET does.
    ///
    /// Two kinds of requests never reach a route, and so neither this rule nor a guard: Rocket
    /// answers 400 to a method that it does not know (`PROPFIND`) and to `CONNECT host:443`. No
    /// handler and no fairing sees them; the body comes from the catcher for 400.
    ///
    /// ```no_run
    /// # use rocket::{get, launch, routes};
    /// use axioms_rocket::{Authenticated, AxiomsFairing};
    ///
    /// #[get("/health")]
    /// fn health() -> &'static str { "up" }
    ///
    /// #[launch]
    /// fn rocket() -> _ {
    ///     let fairing = AxiomsFairing::default()
    ///         .require_everywhere::<Authenticated>()
    ///         .except(["/health", "/.well-known"]);
    ///     rocket::build().attach(fairing).mount("/", routes![health])
    /// }
    /// ```
    #[must_use]
    pub fn require_everywhere<G: Guard>(mut self) -> Self {
        self.everywhere.push(Everywhere::new::<G>());
        self
    }

    /// Refuses the launch if a route does not declare who may call it: a forgotten guard is found
    /// before the first request.
    ///
    /// A route is declared by a guard of this crate in its signature, or one of yours that
    /// [`guard!`](crate::guard) declares; by the marker [`Public`](crate::Public); by a
    /// [`protect`](crate::protect) group; by
    /// [`require_everywhere`](AxiomsFairing::require_everywhere); or by an exception
    /// ([`except`](AxiomsFairing::except)). `Optional<G>` and `Result<G, _>` declare it,
    /// `Option<G>` does not. File servers, and routes that later fairings mount, are checked, too.
    ///
    /// The log has a line for each other route, with method, path and handler, and with file and
    /// line where Rocket tells them (some type of the signature is a sentinel). A route for the
    /// method CONNECT at `/.axioms-rocket`, which answers no request, makes Rocket ask.
    ///
    /// ```no_run
    /// # use rocket::{get, launch, routes};
    /// use axioms_rocket::{AxiomsFairing, Public, ValidToken};
    ///
    /// #[get("/health")]
    /// fn health(_anybody: Public) -> &'static str { "up" }
    ///
    /// #[get("/me")]
    /// fn me(token: ValidToken) -> String { token.subject().unwrap_or_default().into() }
    ///
    /// #[launch]
    /// fn rocket() -> _ {
    ///     let fairing = AxiomsFairing::default().deny_unguarded();
    ///     rocket::build().attach(fairing).mount("/", routes![health, me])
    /// }
    /// ```
    #[must_use]
    pub fn deny_unguarded(mut self) -> Self {
        self.deny_unguarded = true;
        self
    }

    /// Excepts paths from [`require_everywhere`](AxiomsFairing::require_everywhere) and
    /// [`deny_unguarded`](AxiomsFairing::deny_unguarded): each path and all below it, by whole
    /// segments, case-sensitive; `/` is the front page alone. May be called more than once. Routes
    /// with a parameter in the excepted segment are below it too: `/<tenant>/data` with the tenant
    /// `health` is below `/health`.
    ///
    /// Anything but a plain path, and an exception without a rule, abort the launch.
    ///
    /// ```no_run
    /// use axioms_rocket::{Authenticated, AxiomsFairing};
    ///
    /// let fairing = AxiomsFairing::default()
    ///     .require_everywhere::<Authenticated>()
    ///     .except(["/health", "/.well-known"]);
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn except<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.exceptions.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Hands `sink` an event for each decision, allowed and denied: for an audit.
    ///
    /// There is one event per request that asked a guard of this crate, as it was answered
    /// ([`DecisionEvent`]). The sink runs on a thread of its own and may block: up to 2048 events
    /// wait for it, and requests never do. Further events are dropped and counted, and so are the
    /// events at which the sink panics; it gets the next ones ([`AuditStatus`]). At the end of the
    /// application it gets the rest and is dropped, which completes a file; the end waits for it
    /// for five seconds. A second sink aborts the launch.
    ///
    /// [`AuditStatus`]: crate::AuditStatus
    ///
    /// ```no_run
    /// # use rocket::launch;
    /// use axioms_rocket::AxiomsFairing;
    /// use rocket::serde::json::to_string;
    /// use std::fs::File;
    /// use std::io::{BufWriter, Write};
    ///
    /// #[launch]
    /// fn rocket() -> _ {
    ///     let file = File::options().create(true).append(true).open("audit.jsonl");
    ///     let mut file = BufWriter::new(file.expect("a file that can be written"));
    ///     let fairing = AxiomsFairing::default().on_decision(move |event| {
    ///         let line = to_string(event).expect("events serialize");
    ///         writeln!(file, "{line}").expect("there is room");
    ///     });
    ///     rocket::build().attach(fairing)
    /// }
    /// ```
    #[must_use]
    pub fn on_decision(mut self, sink: impl FnMut(&DecisionEvent) + Send + 'static) -> Self {
        self.decisions.add(Box::new(sink));
        self
    }

    /// Sets the clock; the system's by default. For tests: expiry, the age of keys, cooldowns.
    ///
    /// ```
    /// use axioms_rocket::{AxiomsFairing, Clock};
    ///
    /// let fairing = AxiomsFairing::default().with_clock(Clock::system());
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

#[rocket::async_trait]
impl Fairing for AxiomsFairing {
    fn info(&self) -> Info {
        Info {
            name: "Axioms: access tokens",
            // Not a singleton: Rocket would silently drop the first of two, and its rules with it.
            kind: Kind::Ignite | Kind::Liftoff | Kind::Response | Kind::Shutdown,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        if rocket.state::<Axioms>().is_some() {
            tracing::error!("AxiomsFairing: attached twice; configure everything on one fairing");
            return Err(rocket);
        }
        match self.protection(&rocket).await {
            Ok((protection, gate, metadata)) => {
                let checks = launch_checks(protection.everywhere.is_some(), self.deny_unguarded);
                let rocket = rocket
                    .manage(protection)
                    .mount("/", gate)
                    .mount(CHECKS, checks);
                let rocket = match metadata {
                    Some(metadata) => metadata.mount(rocket),
                    None => rocket,
                };
                Ok(self.catchers.register(rocket))
            }
            Err(errors) => {
                errors.iter().for_each(|error| tracing::error!("{error}"));
                Err(rocket)
            }
        }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        let Some(protection) = rocket.state::<Axioms>() else {
            return;
        };
        launch::announce(protection, rocket.config().log_level);
        // Fairings attached after this one mounted their routes too late to abort the launch.
        let known: Vec<_> = protection
            .verifier
            .issuers()
            .iter()
            .filter_map(|issuer| issuer.name.as_deref())
            .collect();
        let run_time = protection.verifier.run_time();
        for error in launch::unknown_to(&known, named_issuers(rocket)) {
            if run_time.is_none() {
                tracing::error!("{error}: its guard refuses every request");
            }
        }
        if let Some(run_time) = run_time {
            self.background.spawn(Arc::clone(run_time).tend());
        }
        self.catches.store(
            rocket.catchers().any(respond::is_foreign),
            Ordering::Relaxed,
        );
        tracing::debug!("axioms: token cache: {}", protection.verifier.cache());
        let routes = protection.routes.get_or_init(|| index_of(rocket));
        warn_of(&routes.report);
        tracing::debug!("axioms: the requirement of each route\n{}", routes.report);
        let keyrings = protection
            .verifier
            .issuers()
            .iter()
            .map(|issuer| issuer.keyring.clone());
        self.background.keep_fresh(keyrings);
        self.background.spawn(log_refusals(
            Arc::clone(&protection.refusals),
            self.clock.clone(),
        ));
        #[cfg(feature = "metrics")]
        {
            protection.verifier.begin_timing();
            self.background
                .spawn(publish_metrics(Figures::of(protection)));
        }
        if protection.audit.is_some() {
            self.decisions.describe(rocket, routes);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let catches = self.catches.load(Ordering::Relaxed);
        let refusal = respond::complete(request, response, catches);
        #[cfg(feature = "metrics")]
        if refusal.is_none() {
            count_allowed(request);
        }
        self.decisions.send(request, refusal, response.status());
    }

    async fn on_shutdown(&self, rocket: &Rocket<Orbit>) {
        self.background.end();
        let Some(axioms) = rocket.state::<Axioms>() else {
            return;
        };
        axioms.refusals.log_rest(axioms.verifier.now());
        if let Some(audit) = &axioms.audit {
            audit.flush().await;
        }
        tracing::debug!("axioms: token cache: {}", axioms.verifier.cache());
    }
}
