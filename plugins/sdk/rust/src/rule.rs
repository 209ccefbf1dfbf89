//! Rules: they decide on events, and see nothing but their arguments.

use crate::bindings::rule::lincei::plugin::rules;

pub use crate::bindings::rule::lincei::plugin::oncall::{Alert, AlertStatus, Event, Label, Severity};
pub use rules::{Action, Context, Info};

#[doc(hidden)]
pub use crate::bindings::rule as bindings;

/// A rule.
pub trait Rule: Sized + 'static {
    /// What it says of itself; asked once when it is installed.
    fn describe() -> Info;

    /// Makes an instance.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration, which is JSON.
    fn init(config: &str) -> Result<Self, String>;

    /// What is to be done with an event, in this order.
    ///
    /// # Errors
    ///
    /// A text for people.
    fn decide(&mut self, event: &Event, context: &Context) -> Result<Vec<Action>, String>;
}

/// What a plugin says of itself.
#[must_use]
pub fn info(name: &str, version: &str, description: &str) -> Info {
    rules::Info { name: name.to_owned(), version: version.to_owned(), description: description.to_owned() }
}

/// The value of a label, of several with one key the first.
#[must_use]
pub fn label<'a>(labels: &'a [Label], key: &str) -> Option<&'a str> {
    labels.iter().find(|label| label.key == key).map(|label| label.value.as_str())
}

#[doc(hidden)]
pub fn init<T: Rule>(config: &str) -> Result<T, String> {
    crate::host::log::panics();
    T::init(config)
}

/// Makes a type the rule of this plugin.
#[macro_export]
macro_rules! rule {
    ($rule:ty) => {
        const _: () = {
            use $crate::rule as kind;

            std::thread_local! {
                static INSTANCE: $crate::instance::Slot<$rule> = const { $crate::instance::Slot::new() };
            }

            struct LinceiExports;

            impl kind::bindings::Guest for LinceiExports {
                fn describe() -> kind::Info {
                    <$rule as kind::Rule>::describe()
                }

                fn init(config: String) -> Result<(), String> {
                    INSTANCE.with(|slot| slot.put(kind::init(&config)))
                }

                fn decide(event: kind::Event, context: kind::Context) -> Result<Vec<kind::Action>, String> {
                    INSTANCE.with(|slot| slot.with(|it| kind::Rule::decide(it, &event, &context)))?
                }
            }

    $crate::rule::bindings::export!(LinceiExports with_types_in $crate::rule::bindings);
        };
    };
}
