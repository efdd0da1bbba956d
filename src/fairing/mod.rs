//! From figment to managed state, and the background work.

mod background;
mod catchers;
mod launch;

use std::fmt;

use self::background::Background;
use self::catchers::Catchers;
use crate::base::clock::Clock;
use crate::config::Config;
use crate::groups::{Everywhere, RouteReport, named_issuers};
use crate::guards::Guard;
use crate::request::Protection;
use crate::respond;
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::{Build, Orbit, Request, Response, Rocket};

/// The one thing to attach, once: a second one ends the launch.
///
/// On ignite it reads and checks the configuration, fetches the issuers' keys, and registers the catchers for which the
/// application has none of its own. A configuration
/// that cannot work aborts the launch with **every** problem at once, each with its key and where it came from, and so with what
/// the methods below were told. An issuer that
/// cannot be reached does not: requests are answered 503 until its keys arrive (`jwks_prefetch = "require"` makes it abort).
/// On liftoff one log line says what is protected. On response it adds the challenge to a refusal that has none. On shutdown
/// the background work ends.
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
#[derive(Debug, Default)]
pub struct AxiomsFairing {
    /// Code instead of the four sources.
    config: Option<Box<Config>>,
    catchers: Catchers,
    keys: Option<GivenKeys>,
    clock: Clock,
    background: Background,
    /// One at most, or the launch ends.
    everywhere: Vec<Everywhere>,
    exceptions: Vec<String>,
}

/// A key set as it was handed over. It should be public; should it not be, it is not printed.
struct GivenKeys(String);

impl fmt::Debug for GivenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.0.len())
    }
}

impl AxiomsFairing {
    /// A fairing with exactly this configuration; Rocket.toml, `.env` and the environment are not looked at.
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
    /// Where the application has its own catcher for 400, 401, 403 or 503 at the very base, that one writes the body and ours for
    /// the status is left out. A `#[catch(default)]` takes the place of none: to Rocket a catcher for a status is above it. What
    /// a fairing registers on ignite is seen if it was attached before this one; of a later one Rocket says that it collides,
    /// and the launch ends. The challenge does not depend on any of this.
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
    /// [`AuthError::of`](crate::AuthError::of), such as in one `#[catch(default)]`. The challenge is still added.
    #[must_use]
    pub fn without_catchers(mut self) -> Self {
        self.catchers = Catchers::Nowhere;
        self
    }

    /// The keys of the first configured issuer, out of band: a JWK set (RFC 7517 §5) as JSON. Nothing is fetched for that
    /// issuer, and its keys never change; further `issuers` keep their own.
    ///
    /// A set without a usable key aborts the launch. If that issuer has neither `domain` nor `iss_url`, the `iss` of its
    /// tokens is not checked.
    #[must_use]
    pub fn with_keys(mut self, jwks: impl Into<String>) -> Self {
        self.keys = Some(GivenKeys(jwks.into()));
        self
    }

    /// Deny by default: everything that the application answers asks `G` first, unknown paths included (401 comes before 404, so
    /// that nobody learns which paths exist). Name what shall stay open with [`except`](AxiomsFairing::except).
    ///
    /// A fairing cannot refuse a request in Rocket, a route can: for each method a route that matches every path is mounted at `/`
    /// with the lowest possible rank. It asks `G` and forwards what passes to the route that the request is for. So the rule
    /// holds for routes, file servers and paths that do not exist; the routes' own guards are asked after it, over the same
    /// verified token. `G` is any [`Guard`](crate::Guard). With a policy guard (`Authenticated`, `Scopes<_>`, …) the
    /// `safe_methods` pass, so that CORS preflights (OPTIONS) keep working; with `ValidToken` nothing does. There is one rule: a second
    /// aborts the launch (`All<(A, B)>` asks both).
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
    ///     let fairing = AxiomsFairing::default().require_everywhere::<Authenticated>().except(["/health", "/.well-known"]);
    ///     rocket::build().attach(fairing).mount("/", routes![health])
    /// }
    /// ```
    #[must_use]
    pub fn require_everywhere<G: Guard>(mut self) -> Self {
        self.everywhere.push(Everywhere::new::<G>());
        self
    }

    /// Paths for which [`require_everywhere`](AxiomsFairing::require_everywhere) does not ask: each path itself and all below
    /// it, whole segments, with their case; `/` is the front page alone. May be called more than once. Mind routes with a
    /// parameter in the excepted segment: `/<tenant>/data` with the tenant `health` lies below `/health`.
    ///
    /// What is not a plain path, or an exception from no rule, aborts the launch.
    #[must_use]
    pub fn except<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.exceptions.extend(paths.into_iter().map(Into::into));
        self
    }

    /// The clock to read; the system's by default. For tests: expiry, the age of keys, cooldowns.
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
            // No singleton: Rocket would drop the first of two without a word, and its rules with it.
            kind: Kind::Ignite | Kind::Liftoff | Kind::Response | Kind::Shutdown,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        if rocket.state::<Protection>().is_some() {
            tracing::error!("AxiomsFairing: attached twice; one fairing must say everything");
            return Err(rocket);
        }
        match self.protection(&rocket).await {
            Ok((protection, gate)) => Ok(self
                .catchers
                .register(rocket.manage(protection).mount("/", gate))),
            Err(errors) => {
                errors.iter().for_each(|error| tracing::error!("{error}"));
                Err(rocket)
            }
        }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        let Some(protection) = rocket.state::<Protection>() else {
            return;
        };
        launch::announce(protection, rocket.config().log_level);
        // Of fairings that were attached after this one, whose routes were not there yet when it could still stop the launch.
        let known: Vec<_> = protection
            .verifier
            .issuers()
            .iter()
            .filter_map(|issuer| issuer.name.as_deref())
            .collect();
        for error in launch::unknown_to(&known, "protect", named_issuers(rocket)) {
            tracing::error!("{error}: nobody's token is of that issuer");
        }
        tracing::debug!("axioms: token cache: {}", protection.verifier.cache());
        tracing::debug!(
            "axioms: what groups and rules ask\n{}",
            RouteReport::of(rocket)
        );
        let keyrings = protection
            .verifier
            .issuers()
            .iter()
            .map(|issuer| issuer.keyring.clone());
        self.background.keep_fresh(keyrings);
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        respond::complete(request, response);
    }

    async fn on_shutdown(&self, rocket: &Rocket<Orbit>) {
        self.background.end();
        if let Some(protection) = rocket.state::<Protection>() {
            tracing::debug!("axioms: token cache: {}", protection.verifier.cache());
        }
    }
}
