//! Notifiers: they deliver messages.

use crate::bindings::notifier::lincei::plugin::notifiers;

pub use crate::bindings::notifier::lincei::plugin::oncall::{
    Alert, AlertStatus, Incident, IncidentStatus, Label, Severity,
};
pub use crate::host::{http, secrets, state};
pub use notifiers::{Failure, Info, Message, Receipt};

#[doc(hidden)]
pub use crate::bindings::notifier as bindings;

/// A notifier.
pub trait Notifier: Sized + 'static {
    /// What it says of itself; asked once when it is installed.
    fn describe() -> Info;

    /// Makes an instance.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration, which is JSON.
    fn init(config: &str) -> Result<Self, String>;

    /// Delivers a message.
    ///
    /// # Errors
    ///
    /// Why it could not be delivered, and whether to try again.
    fn send(&mut self, message: &Message) -> Result<Receipt, Failure>;
}

/// What a plugin says of itself.
#[must_use]
pub fn info(name: &str, version: &str, description: &str) -> Info {
    notifiers::Info { name: name.to_owned(), version: version.to_owned(), description: description.to_owned() }
}

/// A failure; `retry` says whether it can help to try again.
#[must_use]
pub fn failure(detail: &str, retry: bool) -> Failure {
    Failure { detail: detail.to_owned(), retry, retry_after: 0 }
}

/// The value of a header of an answer; names have no case.
#[must_use]
pub fn header<'a>(response: &'a http::Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

/// Sends a request. What the rules forbid fails for good; what got no answer can be tried again.
///
/// # Errors
///
/// What to give back from [`Notifier::send`].
pub fn request(request: &http::Request) -> Result<http::Response, Failure> {
    http::send(request).map_err(|error| match error {
        http::Error::Denied(detail) | http::Error::Invalid(detail) => failure(&detail, false),
        http::Error::Failed(detail) => failure(&detail, true),
        http::Error::Timeout => failure("no answer in time", true),
    })
}

/// The value of a label, of several with one key the first.
#[must_use]
pub fn label<'a>(labels: &'a [Label], key: &str) -> Option<&'a str> {
    labels.iter().find(|label| label.key == key).map(|label| label.value.as_str())
}

#[doc(hidden)]
pub fn init<T: Notifier>(config: &str) -> Result<T, String> {
    crate::host::log::panics();
    T::init(config)
}

/// Makes a type the notifier of this plugin.
#[macro_export]
macro_rules! notifier {
    ($notifier:ty) => {
        const _: () = {
            use $crate::notifier as kind;

            std::thread_local! {
                static INSTANCE: $crate::instance::Slot<$notifier> = const { $crate::instance::Slot::new() };
            }

            struct LinceiExports;

            impl kind::bindings::Guest for LinceiExports {
                fn describe() -> kind::Info {
                    <$notifier as kind::Notifier>::describe()
                }

                fn init(config: String) -> Result<(), String> {
                    INSTANCE.with(|slot| slot.put(kind::init(&config)))
                }

                fn send(message: kind::Message) -> Result<kind::Receipt, kind::Failure> {
                    INSTANCE
                        .with(|slot| slot.with(|it| kind::Notifier::send(it, &message)))
                        .unwrap_or_else(|detail| Err(kind::failure(&detail, false)))
                }
            }

    $crate::notifier::bindings::export!(LinceiExports with_types_in $crate::notifier::bindings);
        };
    };
}
