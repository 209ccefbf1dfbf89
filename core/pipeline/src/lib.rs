//! What happens to a batch between decoding and storage.
//!
//! A [`Pipeline`] is an ordered list of steps for one table; a step gives the rows that its filter
//! chooses to an [`Operator`], in calls of about a thousand rows. An operator sees a [`Work`]: columns
//! to read and to set, rows to drop, to route or to add. Built-in operators and WebAssembly plugins are
//! the same to it.
//!
//! ```text
//! Batch ─► step: filter ─► Work ─► Operator ─► Work ─► step … ─► rows to store
//!                                     └─ fails: policy: pass on marked, refuse the request, rejects
//! ```
//!
//! [`kernel`] holds vectorised operations on a [`Work`], for built-in operators and for plugins alike.
//!
//! Absences: no I/O, no clock (the time is passed in), no threads; whoever calls [`Pipeline::run`]
//! decides where it runs. What a batch adds goes to storage and never back to the start.

mod column;
mod error;
mod filter;
pub mod kernel;
pub mod operator;
mod pipeline;
mod record;
mod series;
mod work;

pub use column::{ANY_COLUMN, Access, ColumnError, ColumnPath, ColumnType, ColumnUse};
pub use error::{FailureKind, OperatorError, PipelineError};
pub use filter::Filter;
pub use operator::{Operator, OperatorInfo};
pub use pipeline::{
    CALL_BYTES_MAX, CALL_OUTPUT_BYTES_MAX, CALL_ROWS, CALL_ROWS_MAX, FailurePolicy, Outcome, Pipeline, Refused,
    RouteTarget, RunContext, STEPS_MAX, Step, StepStats, StepTotals,
};
pub use record::{RecordError, records_from_json, records_to_json};
pub use work::{Emission, Work, WorkError};

#[cfg(test)]
mod test_support;
