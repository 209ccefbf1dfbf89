//! SQL over the engine's tables: the only crate that names DataFusion.
//!
//! [`QueryService`] runs read-only statements on threads of its own, bounded in time, memory, rows
//! and number, and streams record batches; [`mod@format`] turns them into JSON, NDJSON, CSV, Arrow or Parquet.
//!
//! ```text
//! start ─► wait for a turn ─► sql: parse, check ─► plan: search(), time window, TRY_CAST ─► table: prune files
//!                                                                                              │
//! RunningQuery (stream) ◄── bounded channel ◄── runtime of the service ◄── DataFusion ◄────────┘
//! ```
//!
//! Absences: no statement writes, names a file or reaches the network; no query runs on the
//! caller's runtime; no configuration is global.

mod deletion;
mod error;
mod explore;
pub mod format;
mod function;
mod memory;
mod options;
mod plan;
mod row_filter;
mod search;
mod service;
mod session;
mod sql;
mod stats;
mod system;
mod table;

pub use datafusion::arrow::array::RecordBatch;
pub use datafusion::arrow::datatypes::SchemaRef;
pub use deletion::{CompiledDeletion, DeletionRequest, RowCondition};
pub use error::{Limit, Location, QueryError};
pub use explore::{
    Anchor, Facet, FacetsRequest, FacetsResult, FieldName, FieldNames, FieldOrigin, FieldValue, FieldValues,
    FieldsRequest, Histogram, HistogramBy, HistogramRequest, LogPattern, PatternsRequest, PatternsResult, Selection,
    Series, ServiceRows, ServicesRequest, Steps, Surrounding, SurroundingRequest, Tail, TailEvent, TailRequest,
};
pub use function::user::{FunctionSignature, FunctionVolatility, UserFunction, UserFunctions};
pub use options::QueryOptions;
pub use row_filter::RowFilter;
pub use service::{QueryInfo, QueryRequest, QueryService, QueryServiceStatus, QueryState, RunningQuery};
pub use stats::QueryStats;
pub use system::{OperatorRow, PluginRow, PluginStatus};

#[cfg(test)]
mod slt;
#[cfg(test)]
mod test_support;
