//! The event of one decision.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rocket::http::Method;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::error::{AuthError, Reason};
use crate::policy::Requirement;
use crate::token::ValidToken;

/// The decision about one request, for an audit:
/// [`AxiomsFairing::on_decision`](crate::AxiomsFairing::on_decision).
///
/// One event per request that asked a guard of this crate, as the request was answered, however
/// many guards its route has. A request counts as denied if a guard refused it and the answer is no
/// success, and also if a catcher of the application makes a success of the refusal. A route that
/// catches it (`Option<ValidToken>`) and answers with success allowed the request. Rocket does not
/// tell the two apart, so the declaration of the route does; of a guard that is not in the
/// [`RouteReport`](crate::RouteReport) nothing is known, and a success counts as allowed. Subject,
/// client and issuer are those of a verified token: a refused token proves nothing.
///
/// It holds no token, and nothing that would serve as one. It serializes as below; `time` is in
/// seconds since 1970 (a NumericDate, RFC 7519 §2), and what is not known is `null`.
///
/// ```json
/// {"time":1900000000.123,"decision":"deny","status":403,"reason":"forbidden",
///  "message":"insufficient_scope: Insufficient role, scope or permission",
///  "subject":"alice","client_id":"app","actor":null,"issuer":"https://auth.example.com",
///  "token_id":"d5fdef43","method":"POST","route":"/articles/<id>","handler":"publish",
///  "requirement":"scope write and role editor","failed":"role editor"}
/// ```
///
/// ```
/// use axioms_rocket::DecisionEvent;
///
/// fn line(event: &DecisionEvent) -> String {
///     let verdict = if event.is_allowed() { "allowed" } else { "denied" };
///     let route = event.route().unwrap_or("(no route)");
///     format!("{verdict} {} {route} to {:?}", event.method(), event.subject())
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct DecisionEvent {
    pub(super) time: Duration,
    pub(super) status: u16,
    pub(super) error: Option<AuthError>,
    pub(super) token: Option<Subject>,
    pub(super) method: Method,
    pub(super) route: Option<Arc<AuditedRoute>>,
    pub(super) failed: Option<Requirement>,
}

/// A route, as events name it.
#[derive(Debug)]
pub(crate) struct AuditedRoute {
    pub(crate) path: String,
    pub(crate) handler: Option<String>,
    pub(crate) requirement: Option<Requirement>,
}

/// The token of an event. It is not printed.
///
/// perf: sharing the token allocates nothing; its members are read on the sink's thread,
/// benches/audit.rs
pub(crate) struct Subject(pub(crate) ValidToken);

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Subject").field(&self.0.subject()).finish()
    }
}

impl DecisionEvent {
    /// Returns the time of the answer.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn is_late(event: &DecisionEvent) -> bool {
    ///     event.time().elapsed().is_ok_and(|ago| ago.as_secs() > 1)
    /// }
    /// ```
    pub fn time(&self) -> SystemTime {
        UNIX_EPOCH + self.time
    }

    /// Returns true if the guards let the request pass. The answer may still be an error of the
    /// application: see [`status`](DecisionEvent::status).
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn word(event: &DecisionEvent) -> &'static str {
    ///     if event.is_allowed() { "allow" } else { "deny" }
    /// }
    /// ```
    pub fn is_allowed(&self) -> bool {
        self.error.is_none()
    }

    /// Returns the status of the answer, as it is sent.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn failed_after_all(event: &DecisionEvent) -> bool {
    ///     event.is_allowed() && event.status() >= 500
    /// }
    /// ```
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns why the request was denied; `None` if it was allowed.
    ///
    /// ```
    /// # use axioms_rocket::{DecisionEvent, Reason};
    /// fn is_an_attack(event: &DecisionEvent) -> bool {
    ///     matches!(event.reason(), Some(Reason::BadSignature | Reason::WrongIssuer))
    /// }
    /// ```
    pub fn reason(&self) -> Option<Reason> {
        self.error.as_ref().map(AuthError::reason)
    }

    /// Returns the error of a denied request. Its `Display` has the values that were compared,
    /// escaped and cut.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn why(event: &DecisionEvent) -> Option<String> {
    ///     event.error().map(|error| error.to_string())
    /// }
    /// ```
    pub fn error(&self) -> Option<&AuthError> {
        self.error.as_ref()
    }

    /// Returns the subject of the verified token: `sub` (RFC 7519 §4.1.2). It is unique within its
    /// issuer only.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn user(event: &DecisionEvent) -> Option<(&str, &str)> {
    ///     event.issuer().zip(event.subject())
    /// }
    /// ```
    pub fn subject(&self) -> Option<&str> {
        self.token()?.subject()
    }

    /// Returns the client that requested the verified token: `client_id` (RFC 9068 §2.2), else
    /// `azp`, `cid` or `appid`.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn is_of_the_shop(event: &DecisionEvent) -> bool {
    ///     event.client_id() == Some("web-shop")
    /// }
    /// ```
    pub fn client_id(&self) -> Option<&str> {
        self.token()?.client_id()
    }

    /// Returns the party that acts for the subject: `sub` of the outermost `act` of the verified
    /// token (RFC 8693 §4.1).
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn is_by_support(event: &DecisionEvent) -> bool {
    ///     event.actor() == Some("support-desk")
    /// }
    /// ```
    pub fn actor(&self) -> Option<&str> {
        self.token()?.actor()
    }

    /// Returns the issuer of the verified token: `iss` (RFC 7519 §4.1.1).
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn is_of_staff(event: &DecisionEvent) -> bool {
    ///     event.issuer() == Some("https://staff.example.com")
    /// }
    /// ```
    pub fn issuer(&self) -> Option<&str> {
        self.token()?.issuer()
    }

    /// Returns the identifier of the verified token: `jti` (RFC 7519 §4.1.7). It tells tokens
    /// apart and is no credential.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn is_of(event: &DecisionEvent, token_id: &str) -> bool {
    ///     event.token_id() == Some(token_id)
    /// }
    /// ```
    pub fn token_id(&self) -> Option<&str> {
        self.token()?.id()
    }

    /// Returns the method of the request.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn changes_something(event: &DecisionEvent) -> bool {
    ///     !matches!(event.method().as_str(), "GET" | "HEAD" | "OPTIONS")
    /// }
    /// ```
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the path of the route as the program declares it, `/articles/<id>`; never the
    /// request's own path, which can hold anything. A request that `require_everywhere` refuses has
    /// that rule's route, `/<_..>`.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn concerns_articles(event: &DecisionEvent) -> bool {
    ///     event.route().is_some_and(|route| route.starts_with("/articles/"))
    /// }
    /// ```
    pub fn route(&self) -> Option<&str> {
        self.route.as_ref().map(|route| route.path.as_str())
    }

    /// Returns the name of the route's handler function.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn is_refund(event: &DecisionEvent) -> bool {
    ///     event.handler() == Some("refund")
    /// }
    /// ```
    pub fn handler(&self) -> Option<&str> {
        self.route.as_ref()?.handler.as_deref()
    }

    /// Returns the requirement of the whole route: the rule for everything, its groups and the
    /// guards of its signature.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn asked(event: &DecisionEvent) -> String {
    ///     event.requirement().map(ToString::to_string).unwrap_or_default()
    /// }
    /// ```
    pub fn requirement(&self) -> Option<&Requirement> {
        self.route.as_ref()?.requirement.as_ref()
    }

    /// Returns the part of the requirement that a valid token did not meet: of policies that must
    /// all hold the first one that did not, of alternatives all of them. `None` if the request was
    /// allowed, or the token itself was refused.
    ///
    /// ```
    /// # use axioms_rocket::DecisionEvent;
    /// fn missing(event: &DecisionEvent) -> Option<String> {
    ///     event.failed().map(|leaf| format!("{:?} lacks {leaf}", event.subject()))
    /// }
    /// ```
    pub fn failed(&self) -> Option<&Requirement> {
        self.failed.as_ref()
    }

    fn token(&self) -> Option<&ValidToken> {
        self.token.as_ref().map(|Subject(token)| token)
    }
}

impl Serialize for DecisionEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |value: Option<&dyn ToString>| value.map(ToString::to_string);
        let decision = if self.is_allowed() { "allow" } else { "deny" };
        let mut event = serializer.serialize_struct("DecisionEvent", 15)?;
        event.serialize_field("time", &(self.time.as_millis() as f64 / 1000.0))?;
        event.serialize_field("decision", decision)?;
        event.serialize_field("status", &self.status)?;
        event.serialize_field("reason", &self.reason().map(Reason::as_str))?;
        event.serialize_field("message", &text(self.error().map(|error| error as _)))?;
        event.serialize_field("subject", &self.subject())?;
        event.serialize_field("client_id", &self.client_id())?;
        event.serialize_field("actor", &self.actor())?;
        event.serialize_field("issuer", &self.issuer())?;
        event.serialize_field("token_id", &self.token_id())?;
        event.serialize_field("method", self.method.as_str())?;
        event.serialize_field("route", &self.route())?;
        event.serialize_field("handler", &self.handler())?;
        event.serialize_field(
            "requirement",
            &text(self.requirement().map(|asked| asked as _)),
        )?;
        event.serialize_field("failed", &text(self.failed().map(|leaf| leaf as _)))?;
        event.end()
    }
}
