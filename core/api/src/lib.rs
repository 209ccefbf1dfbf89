//! Serde types of the HTTP API under `/api/v1`, shared by the server and the web page.
//! Changes are additive only; the OpenAPI document is made from the same list.

mod account;
mod deletion;
mod fields;
mod ingest;
mod logs;
mod pipelines;
mod plugins;
mod problem;
mod saved;
mod settings;
mod sql;
mod status;
mod storage;

pub use account::{
    AccountInfo, AuditEntry, AuditPage, KeyCreated, KeyInfo, NewAccount, NewKey, PasswordChange, SessionInfo, SignIn,
};
pub use deletion::{DeleteRequest, DeletionEstimate, DeletionInfo, DeletionList};
pub use fields::{FieldInfo, FieldsRequest, FieldsResponse};
pub use ingest::IngestResult;
pub use logs::{
    Facet, FacetsRequest, FacetsResponse, HistogramRequest, HistogramResponse, HistogramSeries, LogPattern,
    PatternSeverity, PatternsRequest, PatternsResponse, SurroundingRequest, SurroundingResponse, TailQuery, ValueCount,
};
pub use pipelines::{
    PipelineChange, PipelineInfo, PipelineList, PipelinePreview, PipelineStep, PipelineStepInfo, StepTotals,
};
pub use plugins::{
    PluginActivation, PluginColumn, PluginCost, PluginDescription, PluginFailure, PluginInfo, PluginLimits, PluginList,
    PluginLogLine, PluginScript, PluginSettings, PluginTrial, PluginVersion, RecordSample, TrialResult,
};
pub use problem::{Problem, SqlLocation};
pub use saved::{NewSaved, SavedChange, SavedInfo, SavedList, SavedObject, SavedVersion};
pub use settings::{RetentionSettings, StorageSettings};
pub use sql::{Column, QueryInfo, QueryList, QueryStats, SqlRequest, SqlResponse, TimeInput};
pub use status::{Endpoints, StatusInfo, TableStatus};
pub use storage::{DayStorage, DiskSpace, ServiceStorage, StorageInfo, TableStorage};

/// Media type of error answers (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";
/// Media type of newline-delimited JSON.
pub const NDJSON: &str = "application/x-ndjson";
/// Media type of CSV.
pub const CSV: &str = "text/csv";
/// Media type of an Arrow IPC stream.
pub const ARROW_STREAM: &str = "application/vnd.apache.arrow.stream";
/// Media type of a Parquet file.
pub const PARQUET: &str = "application/vnd.apache.parquet";
/// Header that carries the session's CSRF token on every changing request.
pub const CSRF_HEADER: &str = "x-lincei-csrf";
