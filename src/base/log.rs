//! Where log lines go.

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
