use crate::{PluginFailure, RecordSample};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `GET /api/v1/pipelines`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PipelineList {
    /// One for each signal.
    pub items: Vec<PipelineInfo>,
    /// Operators that are built in.
    pub built_in: Vec<String>,
}

/// What records of a signal pass before they are stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PipelineInfo {
    /// logs, spans or metrics.
    pub signal: String,
    /// 0 before it was first saved, one more with each save.
    pub revision: u64,
    /// In their order.
    pub steps: Vec<PipelineStepInfo>,
    /// Why it cannot work as it was saved. Records of the signal are refused as unavailable meanwhile, so
    /// that nothing is stored past it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// RFC 3339; missing before it was first saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Who saved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

/// A step and what it did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PipelineStepInfo {
    /// The step.
    #[serde(flatten)]
    pub step: PipelineStep,
    /// What it did since the server started, or the pipeline was saved.
    pub totals: StepTotals,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PipelineStep {
    /// 1 to 64 of a-z, 0-9 and -, once in a pipeline.
    pub name: String,
    /// A built-in operator, or `plugin:` and the name of an installed one.
    pub operator: String,
    /// Configuration of a built-in operator. A plugin has its own.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: Value,
    /// Only records that this search finds; all without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// What happens to records that the operator could not work on: pass, hold or reject.
    #[serde(default = "pass")]
    pub on_failure: String,
    /// Where routes lead, by their names: next, end, drop, reject, or the name of a step behind this one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub routes: BTreeMap<String, String>,
    /// Whether it is passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

impl PipelineStep {
    /// Before the name of a plugin in [`PipelineStep::operator`].
    pub const PLUGIN: &str = "plugin:";

    /// Name of the plugin that it calls; `None` when its operator is built in.
    #[must_use]
    pub fn plugin(&self) -> Option<&str> {
        self.operator.strip_prefix(Self::PLUGIN)
    }
}

fn pass() -> String {
    "pass".to_owned()
}

/// What a step did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepTotals {
    /// Calls of the operator.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Records that the search chose.
    pub records_in: u64,
    /// Records that went on.
    pub records_out: u64,
    /// Records that were dropped.
    pub records_dropped: u64,
    /// Records that were added.
    pub records_added: u64,
    /// Records that went to rejects.
    pub records_rejected: u64,
    /// Records of calls that failed.
    pub records_failed: u64,
    /// Seconds in the operator.
    pub seconds: f64,
    /// Why the latest failed call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<PluginFailure>,
}

/// `PUT /api/v1/pipelines/{signal}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PipelineChange {
    /// The revision that was read and changed. When it is not the latest any more, the answer is 409.
    pub revision: u64,
    /// In their order; at most 64.
    pub steps: Vec<PipelineStep>,
}

/// `POST /api/v1/pipelines/{signal}/preview`: what steps that are not saved would make of records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PipelinePreview {
    /// In their order.
    pub steps: Vec<PipelineStep>,
    /// What to try them on.
    #[serde(default)]
    pub sample: RecordSample,
}
