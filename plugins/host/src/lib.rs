//! Runs the users' WebAssembly: the only crate that names wasmtime.
//!
//! ```text
//! upload ─► caps ─► child process componentises, compiles ─► cache ─► check (dry run) ─► Plugin
//!                                                                                          │
//! Operator, SQL function, rule, notifier, escalation ◄── adapters ◄── instances in a pool ─┘
//! ```
//!
//! The contract with plugins is the WIT package `lincei:plugin`, each version in `plugins/wit/vN`. A
//! plugin gets nothing but what its world imports: no files, no network, no environment. What a call may
//! use is bounded by [`PluginLimits`]; a plugin that breaks a bound loses its instance, and one that
//! keeps failing is not asked for a while. Whoever calls waits at most for the call's limit.
//!
//! Absences: no compiled code is accepted from anybody, only what this crate compiled itself is mapped;
//! no plugin runs where requests are read ([`PluginThreads`]); no compilation in this process.

mod breaker;
mod cache;
mod compile;
mod componentize;
mod engine;
mod error;
mod escalation;
mod flat;
mod function;
mod guest;
mod http;
mod instance;
mod kind;
mod limits;
mod notifier;
mod oncall;
mod operator;
mod plugin;
mod rule;
mod state;
mod stats;
mod threads;
mod ticker;
mod v1;

pub use compile::{Compiled, Compiler, compile_child, pack};
pub use componentize::{ComponentSource, embed, to_component};
pub use engine::PluginEngine;
pub use error::{HostError, PluginFailure};
pub use escalation::EscalationPlugin;
pub use function::FunctionPlugin;
pub use http::{Http, HttpClient, HttpRefused, HttpRequest, HttpResponse, Secrets};
pub use kind::PluginKind;
pub use limits::{LimitError, PluginLimits};
pub use notifier::{NotifierEnvironment, NotifierPlugin};
pub use oncall::{
    Action, Alert, AlertStatus, Event, History, Incident, IncidentStatus, Label, Message, NotifyFailure, Occurrence,
    Page, Receipt, RuleContext, Severity, Step, Target,
};
pub use operator::{OperatorPlugin, VersionSlot};
pub use plugin::{Description, LogLevel, LogLine, Plugin, PluginIdentity, PluginMetrics};
pub use rule::RulePlugin;
pub use state::StateStore;
pub use stats::{PluginTotals, StatsHistogram};
pub use threads::PluginThreads;

/// The WIT package that plugins of version 1 are built against, file by file.
pub const WIT_V1: [(&str, &str); 7] = [
    ("columns.wit", include_str!("../../wit/v1/columns.wit")),
    ("kernels.wit", include_str!("../../wit/v1/kernels.wit")),
    ("operator.wit", include_str!("../../wit/v1/operator.wit")),
    ("function.wit", include_str!("../../wit/v1/function.wit")),
    ("rule.wit", include_str!("../../wit/v1/rule.wit")),
    ("notifier.wit", include_str!("../../wit/v1/notifier.wit")),
    ("escalation.wit", include_str!("../../wit/v1/escalation.wit")),
];
