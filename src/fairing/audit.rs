//! The sink of `on_decision`, its thread, and the routes as events name them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rocket::http::Status;
use rocket::{Orbit, Request, Rocket};

use crate::error::AuthError;
use crate::request::{Audit, AuditedRoute, Axioms, RouteIndex, Sink, address_of, audit_event};

#[derive(Default)]
pub(super) struct Decisions {
    /// More than one aborts the launch. Emptied by it.
    sinks: Mutex<Vec<Sink>>,
    routes: OnceLock<Routes>,
}

/// By the address of the route, which stays after the launch.
type Routes = HashMap<usize, Arc<AuditedRoute>>;

impl Decisions {
    pub(super) fn add(&mut self, sink: Sink) {
        let sinks = self.sinks.get_mut();
        sinks.unwrap_or_else(PoisonError::into_inner).push(sink);
    }

    /// Starts the sink's thread; `None` without a sink.
    pub(super) fn start(&self, errors: &mut Vec<String>) -> Option<Arc<Audit>> {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let sink = sinks.pop()?;
        if !sinks.is_empty() {
            errors.push("AxiomsFairing: on_decision is said twice".into());
            return None;
        }
        if !errors.is_empty() {
            return None;
        }
        match Audit::start(sink) {
            Ok(audit) => Some(audit),
            Err(error) => {
                errors.push(format!("AxiomsFairing: on_decision: no thread: {error}"));
                None
            }
        }
    }

    /// Describes the routes, once all are mounted.
    pub(super) fn describe(&self, rocket: &Rocket<Orbit>, index: &RouteIndex) {
        let routes = rocket.routes().map(|route| {
            let requirement = match index.entry(route) {
                Some(entry) => entry.requirement(),
                // The routes of the rule for everything are not in the report.
                None => index.report.everywhere(),
            };
            let audited = AuditedRoute {
                path: route.uri.to_string(),
                handler: route.name.as_deref().map(str::to_owned),
                requirement: requirement.cloned(),
            };
            (address_of(route), Arc::new(audited))
        });
        let _ = self.routes.set(routes.collect());
    }

    /// Sends the event of an answered request, if there is a sink.
    pub(super) fn send(&self, request: &Request<'_>, refusal: Option<AuthError>, status: Status) {
        let Some(routes) = self.routes.get() else {
            return;
        };
        let Some((axioms, audit)) =
            Axioms::of(request).and_then(|axioms| Some((axioms, axioms.audit.as_ref()?)))
        else {
            return;
        };
        let route = || {
            let address = axioms.routes.get()?.address_for(request)?;
            routes.get(&address).cloned()
        };
        if let Some(event) = audit_event(axioms, request, refusal, status, route) {
            audit.send(event);
        }
    }
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decisions").finish_non_exhaustive()
    }
}
