//! What `wit-bindgen` makes of the worlds in `wit/`, each behind the feature of its name: a component imports
//! every interface that its code was generated for, so a plugin must be generated for its own world alone.
#![allow(missing_docs, clippy::all, reason = "generated")]

/// The world `operator`.
#[cfg(feature = "operator")]
pub mod operator {
    wit_bindgen::generate!({
        world: "operator",
        path: "wit",
        pub_export_macro: true,
        generate_all,
    });
}

/// The world `function`.
#[cfg(all(feature = "function", not(feature = "operator")))]
pub mod function {
    wit_bindgen::generate!({
        world: "function",
        path: "wit",
        pub_export_macro: true,
        generate_all,
    });
}

/// The world `function`, with the columns of the world `operator`.
#[cfg(all(feature = "function", feature = "operator"))]
pub mod function {
    wit_bindgen::generate!({
        world: "function",
        path: "wit",
        pub_export_macro: true,
        generate_all,
        // so that tests can have both
        with: { "lincei:plugin/columns@1.0.0": crate::bindings::operator::lincei::plugin::columns },
    });
}

/// The world `rule`.
#[cfg(feature = "rule")]
pub mod rule {
    wit_bindgen::generate!({
        world: "rule",
        path: "wit",
        pub_export_macro: true,
        generate_all,
    });
}

/// The world `notifier`.
#[cfg(feature = "notifier")]
pub mod notifier {
    wit_bindgen::generate!({
        world: "notifier",
        path: "wit",
        pub_export_macro: true,
        generate_all,
    });
}

/// The world `escalation`.
#[cfg(feature = "escalation")]
pub mod escalation {
    wit_bindgen::generate!({
        world: "escalation",
        path: "wit",
        pub_export_macro: true,
        generate_all,
    });
}

#[cfg(all(feature = "function", not(feature = "operator")))]
pub use function::lincei::plugin::columns;
#[cfg(feature = "operator")]
pub use operator::lincei::plugin::columns;
