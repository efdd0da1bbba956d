//! The span of a verification, for `tracing`.

use tracing::Span;
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;

use super::authenticate::AuthResult;
use super::axioms::Axioms;

/// Returns the span `axioms.verify`, at level debug. Its fields have the names of OpenTelemetry's
/// semantic conventions.
///
/// perf: one load where no subscriber wants it. The macro writes to `log` then, benches/bearer.rs
pub(super) fn verification() -> Span {
    if LevelFilter::current() < LevelFilter::DEBUG {
        return Span::none();
    }
    tracing::debug_span!("axioms.verify", "error.type" = Empty, "user.id" = Empty)
}

/// Records the outcome of the verification in `span`.
pub(super) fn complete(span: &Span, axioms: &Axioms, outcome: &AuthResult) {
    match outcome {
        _ if span.is_disabled() => {}
        Ok(token) => {
            if let Some(subject) = token.subject().filter(|_| axioms.log_subject) {
                span.record("user.id", subject);
            }
        }
        Err(error) => {
            span.record("error.type", error.reason().as_str());
        }
    }
}
