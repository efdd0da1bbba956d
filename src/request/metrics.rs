//! Figures for the `metrics` facade. Their names and labels are stable; `docs/operations.md` lists
//! them.

use std::sync::Arc;
use std::time::Duration;

use ::metrics::{counter, gauge};
use rocket::Request;

use super::audit::was_asked;
use super::axioms::Axioms;
use super::refusals::Refusals;
use crate::issuer::keys::Keyring;
use crate::verify::{RunTimeFigures, RunTimeIssuers};

/// The sources of the figures, which outlive a request.
pub(crate) struct Figures {
    issuers: Vec<(String, Arc<Keyring>)>,
    run_time: Option<Arc<RunTimeIssuers>>,
    refusals: Arc<Refusals>,
    #[cfg(feature = "introspection")]
    introspections: Vec<Arc<crate::verify::introspection::Introspection>>,
}

impl Figures {
    pub(crate) fn of(axioms: &Axioms) -> Figures {
        let issuers = axioms.verifier.issuers().iter();
        let named = |issuer: &crate::verify::Issuer| {
            (
                issuer.display_name().to_owned(),
                Arc::clone(&issuer.keyring),
            )
        };
        Figures {
            issuers: issuers.map(named).collect(),
            run_time: axioms.verifier.run_time().cloned(),
            refusals: Arc::clone(&axioms.refusals),
            #[cfg(feature = "introspection")]
            introspections: axioms.verifier.introspections().to_vec(),
        }
    }

    /// Publishes each figure as it is now. Labels come from the settings and from `Reason`, and
    /// never from a token.
    pub(crate) fn publish(&self) {
        let requests = |outcome: &'static str, reason: &'static str, count: u64| {
            counter!("axioms_requests_total", "outcome" => outcome, "reason" => reason)
                .absolute(count);
        };
        requests("allowed", "none", self.refusals.allowed());
        for (reason, count) in self.refusals.counts() {
            requests("denied", reason.as_str(), count);
        }
        for (issuer, keyring) in &self.issuers {
            let status = keyring.status();
            for (result, count) in [("success", status.fetched), ("failure", status.failed)] {
                counter!(
                    "axioms_key_fetches_total", "issuer" => issuer.clone(), "result" => result
                )
                .absolute(count);
            }
            gauge!("axioms_keys", "issuer" => issuer.clone()).set(status.keys as f64);
            if let Some(age) = status.age.as_ref().map(Duration::as_secs_f64) {
                gauge!("axioms_key_set_age_seconds", "issuer" => issuer.clone()).set(age);
            }
        }
        if let Some(run_time) = &self.run_time {
            publish_run_time(&run_time.figures());
        }
        #[cfg(feature = "introspection")]
        for introspection in &self.introspections {
            publish_introspection(introspection);
        }
    }
}

#[cfg(feature = "introspection")]
fn publish_introspection(introspection: &crate::verify::introspection::Introspection) {
    let issuer = introspection.issuer_name().to_owned();
    let figures = introspection.figures();
    for (result, count) in [
        ("active", figures.active),
        ("inactive", figures.inactive),
        ("failure", figures.failed),
    ] {
        counter!(
            "axioms_introspections_total", "issuer" => issuer.clone(), "result" => result
        )
        .absolute(count);
    }
    gauge!("axioms_introspections_in_flight", "issuer" => issuer).set(figures.in_flight as f64);
    for (answer, count) in [
        ("active", figures.remembered),
        ("inactive", figures.remembered_inactive),
    ] {
        gauge!("axioms_introspection_answers", "answer" => answer).set(count as f64);
    }
}

/// The label of all issuers that are known only at run time: their number has no bound over time.
const RUN_TIME: &str = "run_time";

fn publish_run_time(figures: &RunTimeFigures) {
    for (result, count) in [("success", figures.fetched), ("failure", figures.failed)] {
        counter!("axioms_key_fetches_total", "issuer" => RUN_TIME, "result" => result)
            .absolute(count);
    }
    gauge!("axioms_keys", "issuer" => RUN_TIME).set(figures.keys as f64);
    gauge!("axioms_run_time_issuers").set(figures.issuers as f64);
    for (answer, count) in [
        ("known", figures.known),
        ("unknown", figures.unknown),
        ("none", figures.unanswered),
    ] {
        counter!("axioms_issuer_questions_total", "answer" => answer).absolute(count);
    }
}

/// Counts `request`, which nothing refused, if it asked a guard.
// perf: looking for a token that is not there adds entries to the request's cache, so open routes
// are told by the report, tests/it/refusals.rs
pub(crate) fn count_allowed(request: &Request<'_>) {
    let (Some(axioms), Some(route)) = (Axioms::of(request), request.route()) else {
        return;
    };
    let entry = axioms.routes.get().and_then(|routes| routes.entry(route));
    let is_open =
        entry.is_some_and(|entry| entry.guards().is_empty() && entry.requirement().is_none());
    if !is_open && was_asked(request) {
        axioms.refusals.count_allowed();
    }
}

impl Axioms {
    /// Publishes the figures of this crate to the recorder of the `metrics` facade, as they are
    /// now. Only with the feature `metrics`.
    ///
    /// They are also published every five seconds. A route that renders them calls this first.
    ///
    /// ```
    /// # use axioms_rocket::Axioms;
    /// # use rocket::{get, State};
    /// # struct Handle;
    /// # impl Handle { fn render(&self) -> String { String::new() } }
    /// // `Handle` is that of the crate `metrics-exporter-prometheus`.
    /// #[get("/metrics")]
    /// fn metrics(axioms: &State<Axioms>, handle: &State<Handle>) -> String {
    ///     axioms.publish_metrics();
    ///     handle.render()
    /// }
    /// ```
    pub fn publish_metrics(&self) {
        Figures::of(self).publish();
    }
}
