//! The way of log lines to the operator.

use std::fmt;

use tracing::dispatcher;
use tracing::subscriber::NoSubscriber;

/// Returns true if the program has no `tracing` subscriber: log lines go to the `log` crate then,
/// to Rocket's logger.
///
/// That logger shows nothing below WARN at Rocket's level `critical`, the default of release
/// builds.
pub(crate) fn goes_to_rocket() -> bool {
    dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>())
}

/// Logs a line of the launch that operators see at every level of Rocket's logger.
pub(crate) fn launch(line: fmt::Arguments<'_>) {
    if goes_to_rocket() {
        // Rocket prints WARN with this target as its own launch lines: as information, and at the
        // level `critical` too.
        tracing::warn!(target: "rocket::launch", "{line}");
    } else {
        tracing::info!("{line}");
    }
}
