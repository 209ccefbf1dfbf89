//! Escalations: they choose whom to page next, and see nothing but their arguments.

use crate::bindings::escalation::lincei::plugin::escalations;

pub use crate::bindings::escalation::lincei::plugin::oncall::{
    Alert, AlertStatus, Incident, IncidentStatus, Label, Occurrence, Severity,
};
pub use escalations::{History, Info, Page, Step, Target};

#[doc(hidden)]
pub use crate::bindings::escalation as bindings;

/// An escalation.
pub trait Escalation: Sized + 'static {
    /// What it says of itself; asked once when it is installed.
    fn describe() -> Info;

    /// Makes an instance.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration, which is JSON.
    fn init(config: &str) -> Result<Self, String>;

    /// The next step.
    ///
    /// # Errors
    ///
    /// A text for people.
    fn next(&mut self, incident: &Incident, history: &History) -> Result<Step, String>;
}

/// What a plugin says of itself.
#[must_use]
pub fn info(name: &str, version: &str, description: &str) -> Info {
    escalations::Info { name: name.to_owned(), version: version.to_owned(), description: description.to_owned() }
}

/// The value of a label, of several with one key the first.
#[must_use]
pub fn label<'a>(labels: &'a [Label], key: &str) -> Option<&'a str> {
    labels.iter().find(|label| label.key == key).map(|label| label.value.as_str())
}

#[doc(hidden)]
pub fn init<T: Escalation>(config: &str) -> Result<T, String> {
    crate::host::log::panics();
    T::init(config)
}

/// Makes a type the escalation of this plugin.
#[macro_export]
macro_rules! escalation {
    ($escalation:ty) => {
        const _: () = {
            use $crate::escalation as kind;

            std::thread_local! {
                static INSTANCE: $crate::instance::Slot<$escalation> = const { $crate::instance::Slot::new() };
            }

            struct LinceiExports;

            impl kind::bindings::Guest for LinceiExports {
                fn describe() -> kind::Info {
                    <$escalation as kind::Escalation>::describe()
                }

                fn init(config: String) -> Result<(), String> {
                    INSTANCE.with(|slot| slot.put(kind::init(&config)))
                }

                fn next(incident: kind::Incident, history: kind::History) -> Result<kind::Step, String> {
                    INSTANCE.with(|slot| slot.with(|it| kind::Escalation::next(it, &incident, &history)))?
                }
            }

    $crate::escalation::bindings::export!(LinceiExports with_types_in $crate::escalation::bindings);
        };
    };
}
