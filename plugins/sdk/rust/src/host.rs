//! What the host does for a plugin besides the kernels. Which of it a kind of plugins has is told by its world
//! in `wit/`.

/// Lines for the plugin's own log.
#[cfg(any(feature = "operator", feature = "function", feature = "rule", feature = "notifier", feature = "escalation"))]
pub mod log {
    #[cfg(feature = "escalation")]
    use crate::bindings::escalation::lincei::plugin::log as host;
    #[cfg(all(feature = "function", not(feature = "escalation")))]
    use crate::bindings::function::lincei::plugin::log as host;
    #[cfg(all(feature = "notifier", not(any(feature = "escalation", feature = "function"))))]
    use crate::bindings::notifier::lincei::plugin::log as host;
    #[cfg(all(
        feature = "operator",
        not(any(feature = "escalation", feature = "function", feature = "notifier"))
    ))]
    use crate::bindings::operator::lincei::plugin::log as host;
    #[cfg(all(
        feature = "rule",
        not(any(feature = "escalation", feature = "function", feature = "notifier", feature = "operator"))
    ))]
    use crate::bindings::rule::lincei::plugin::log as host;

    use host::{Level, write};

    /// For the author.
    pub fn debug(message: &str) {
        write(Level::Debug, message);
    }

    /// For whoever wants to know.
    pub fn info(message: &str) {
        write(Level::Info, message);
    }

    /// Something is odd.
    pub fn warn(message: &str) {
        write(Level::Warn, message);
    }

    /// Something failed.
    pub fn error(message: &str) {
        write(Level::Error, message);
    }

    /// A panic ends the instance without a word; this writes one to the log first.
    pub(crate) fn panics() {
        #[cfg(target_arch = "wasm32")]
        std::panic::set_hook(Box::new(|panic| error(&panic.to_string())));
    }
}

#[cfg(feature = "notifier")]
pub use crate::bindings::notifier::lincei::plugin::{http, secrets};
#[cfg(feature = "operator")]
pub use crate::bindings::operator::lincei::plugin::clock;

/// Counters and gauges of the plugin's own.
#[cfg(any(feature = "operator", feature = "rule", feature = "escalation"))]
pub mod metrics {
    #[cfg(feature = "escalation")]
    pub use crate::bindings::escalation::lincei::plugin::metrics::*;
    #[cfg(all(feature = "operator", not(feature = "escalation")))]
    pub use crate::bindings::operator::lincei::plugin::metrics::*;
    #[cfg(all(feature = "rule", not(any(feature = "escalation", feature = "operator"))))]
    pub use crate::bindings::rule::lincei::plugin::metrics::*;
}

/// Keys and values that outlive the instance.
#[cfg(any(feature = "operator", feature = "notifier"))]
pub mod state {
    #[cfg(all(feature = "notifier", not(feature = "operator")))]
    pub use crate::bindings::notifier::lincei::plugin::state::*;
    #[cfg(feature = "operator")]
    pub use crate::bindings::operator::lincei::plugin::state::*;
}
