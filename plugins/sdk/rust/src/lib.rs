//! Plugins for Lincei in Rust.
//!
//! A plugin implements one of five traits and names its type in the macro of the same name:
//!
//! | kind | trait | macro |
//! |---|---|---|
//! | works on batches of logs, spans or metrics | [`operator::Operator`] | [`operator!`] |
//! | a scalar function for SQL | [`function::Function`] | [`function!`] |
//! | decides on events | [`rule::Rule`] | [`rule!`] |
//! | delivers messages | [`notifier::Notifier`] | [`notifier!`] |
//! | chooses whom to page next | [`escalation::Escalation`] | [`escalation!`] |
//!
//! Rows arrive as flat columns ([`frame::Frame`]); reading a value of a record allocates nothing. A loop
//! costs the host's check for time-outs at each turn, so the loops of this crate take 8 or 16 bytes a turn.
//!
//! Each kind is behind the feature of its name; a plugin asks for its own alone.

pub mod bindings;
pub mod host;
pub mod instance;
pub mod json;
pub mod swar;

#[cfg(any(feature = "operator", feature = "function"))]
pub mod bitmap;
#[cfg(any(feature = "operator", feature = "function"))]
pub mod builder;
#[cfg(any(feature = "operator", feature = "function"))]
pub mod column;
#[cfg(any(feature = "operator", feature = "function"))]
pub mod frame;

#[cfg(feature = "operator")]
pub mod delta;
#[cfg(feature = "operator")]
pub mod edit;
#[cfg(feature = "operator")]
pub mod kernels;
#[cfg(feature = "operator")]
pub mod operator;

#[cfg(feature = "escalation")]
pub mod escalation;
#[cfg(feature = "function")]
pub mod function;
#[cfg(feature = "notifier")]
pub mod notifier;
#[cfg(feature = "rule")]
pub mod rule;
