use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `GET /api/v1/plugins`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginList {
    /// By name.
    pub items: Vec<PluginInfo>,
    /// Threads on which plugins work.
    pub threads: u32,
    /// Languages of scripts that this binary runs: python, javascript.
    pub languages: Vec<String>,
}

/// An installed plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginInfo {
    /// 1 to 64 of a-z, 0-9 and -.
    pub name: String,
    /// operator, function, rule, notifier or escalation.
    pub kind: String,
    /// What the active version is: wasm, python or javascript.
    pub runtime: String,
    /// Whether it works. One that does not leaves records to the policy of each pipeline step.
    pub enabled: bool,
    /// working, open (it failed several times in a row and is not asked for a while), failed (it cannot be
    /// loaded) or disabled.
    pub status: String,
    /// Why it cannot be loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PluginFailure>,
    /// Number of the version that works.
    pub active_version: u64,
    /// What the active version says of itself.
    pub description: PluginDescription,
    /// What it may use.
    pub limits: PluginLimits,
    /// What `init` is given.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: Value,
    /// Hosts that a notifier may send to.
    pub hosts: Vec<String>,
    /// Pipeline steps that use it, as `logs/scrub`.
    pub used_by: Vec<String>,
    /// What it did and cost since the server started.
    pub cost: PluginCost,
    /// RFC 3339.
    pub created_at: String,
}

/// What a plugin says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginDescription {
    /// Its own name; of a function, the name in SQL.
    pub name: String,
    /// The author's version.
    pub version: String,
    /// One line for people.
    pub description: String,
    /// Signals that an operator works on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// Columns that an operator uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<PluginColumn>,
    /// Routes of an operator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<String>,
    /// Whether an operator remembers something from call to call: there is one instance then.
    #[serde(default)]
    pub remembers: bool,
    /// Types of a function's arguments and, last, of its result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature: Vec<String>,
}

/// A column that an operator uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginColumn {
    /// A column, a key as `attributes.http.route`, or `*` for every one.
    pub path: String,
    /// text, ints, floats, bools or attributes.
    #[serde(rename = "type")]
    pub column_type: String,
    /// read, write or read-write.
    pub access: String,
}

/// What a plugin may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PluginLimits {
    /// Bytes of all memories and tables of one instance together: 1 MiB to 1 GiB.
    pub memory_bytes: u64,
    /// CPU time of one call in milliseconds: 1 to 10,000.
    pub call_cpu_ms: u32,
    /// CPU time of making an instance in milliseconds: 1 to 10,000.
    pub init_cpu_ms: u32,
    /// Bytes that one call may give back: 64 KiB to 128 MiB.
    pub output_bytes: u64,
    /// Rows that one call may add: 0 to 100,000.
    pub output_rows: u32,
    /// Calls of host functions within one call: 100 to 10,000,000.
    pub host_calls: u32,
    /// Lines of log in a second: 0 to 1,000.
    pub log_lines_per_second: u32,
    /// Bytes of its state: 0 to 16 MiB.
    pub state_bytes: u64,
    /// Entries of its state: 0 to 100,000.
    pub state_entries: u32,
    /// Instances that work at once: 0 for as many as there are threads, at most 64.
    pub concurrency: u32,
}

/// What a plugin did and cost since the server started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginCost {
    /// Calls.
    pub calls: u64,
    /// Records given to it.
    pub records_in: u64,
    /// Records that it let through or added.
    pub records_out: u64,
    /// Records that it dropped.
    pub records_dropped: u64,
    /// CPU time in seconds.
    pub cpu_seconds: f64,
    /// Microseconds that 99 of 100 calls stay below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_p99_us: Option<f64>,
    /// The most memory that an instance had.
    pub memory_bytes: u64,
    /// Instances made.
    pub instances_made: u64,
    /// Calls that broke off or broke a limit.
    pub traps: u64,
    /// Failed calls by kind: refused, trap, deadline, limit, output, open, internal.
    pub failures: BTreeMap<String, u64>,
    /// Lines of log that were dropped.
    pub log_lines_dropped: u64,
    /// Entries of its state.
    pub state_entries: u64,
    /// Bytes of its state.
    pub state_bytes: u64,
    /// Its own counters and gauges.
    pub metrics: BTreeMap<String, f64>,
    /// Why the latest failed call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<PluginFailure>,
}

/// Why a plugin could not do something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginFailure {
    /// RFC 3339; missing for one that is answered at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// refused, trap, deadline, limit, output, open or internal.
    pub kind: String,
    /// What happened.
    pub detail: String,
    /// Line of the script, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column of the script, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Functions, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<String>,
}

/// One version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginVersion {
    /// From 1.
    pub version: u64,
    /// wasm, python or javascript.
    pub runtime: String,
    /// SHA-256 of what was uploaded, hexadecimal.
    pub sha256: String,
    /// Bytes of what was uploaded.
    pub bytes: u64,
    /// The author's version.
    pub author_version: String,
    /// RFC 3339.
    pub created_at: String,
    /// Who uploaded it.
    pub created_by: String,
    /// Whether it works now.
    pub active: bool,
}

/// A script as a new version: `POST /api/v1/plugins/{name}/versions` with `application/json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PluginScript {
    /// python or javascript.
    pub language: String,
    /// The script, at most 256 KiB.
    pub source: String,
}

/// `PUT /api/v1/plugins/{name}/active`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PluginActivation {
    /// Which version takes over.
    pub version: u64,
}

/// `PUT /api/v1/plugins/{name}/settings`: what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PluginSettings {
    /// What it may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<PluginLimits>,
    /// What `init` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub config: Option<Value>,
    /// Hosts that a notifier may send to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Whether it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A line that a plugin wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PluginLogLine {
    /// RFC 3339.
    pub time: String,
    /// debug, info, warn or error.
    pub level: String,
    /// The line.
    pub message: String,
}

/// `POST /api/v1/plugins/try`: an operator that is not installed yet, or a version of one that is, on
/// records that are not stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PluginTrial {
    /// logs, spans or metrics.
    pub signal: String,
    /// A script. Without one, `plugin` is tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<PluginScript>,
    /// An installed plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// Its version; the active one without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What `init` is given; the installed configuration without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub config: Option<Value>,
    /// What to try it on.
    #[serde(default)]
    pub sample: RecordSample,
}

/// Records to try something on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordSample {
    /// These records, as objects by column; at most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Object>>))]
    pub records: Option<Vec<Value>>,
    /// Without `records`: so many of the newest, 1 to 1,000 (default 50).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<u32>,
    /// Only those that this search finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

/// What an operator made of a sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrialResult {
    /// The records that it was tried on.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub before: Vec<Value>,
    /// What became of each: `null` when it was dropped, or sent to rejects.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Option<Object>>))]
    pub after: Vec<Option<Value>>,
    /// Records that were added.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub added: Vec<Value>,
    /// Why it failed, if it did; `after` is then what `before` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<PluginFailure>,
    /// Lines that it wrote.
    pub log: Vec<PluginLogLine>,
    /// CPU time in microseconds.
    pub cpu_us: f64,
    /// Memory of its instance in bytes.
    pub memory_bytes: u64,
    /// For pipelines: what each step did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<crate::StepTotals>,
}
