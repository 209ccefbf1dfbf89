//! An ordered list of steps for one table.

mod refuse;
mod run;
mod size;
mod stats;

pub use run::{Outcome, Refused, RunContext};
pub use stats::{StepStats, StepTotals};

use crate::column::ANY_COLUMN;
use crate::error::PipelineError;
use crate::filter::Filter;
use crate::operator::Operator;
use lincei_model::Table;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Rows of one call, unless the operator says what it likes.
pub const CALL_ROWS: usize = 1024;
/// Rows of one call at most.
pub const CALL_ROWS_MAX: usize = 8192;
/// Bytes of the rows of one call, as far as they hold more than one row.
pub const CALL_BYTES_MAX: usize = 8 << 20;
/// Bytes of the columns that one call may set and of the rows that it may add.
pub const CALL_OUTPUT_BYTES_MAX: usize = 8 * CALL_BYTES_MAX;
/// Steps of one pipeline.
pub const STEPS_MAX: usize = 64;

/// What happens to rows that an operator could not work on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailurePolicy {
    /// They go on unchanged, with the attribute `lincei.operator.failed` naming the step.
    #[default]
    Pass,
    /// The request is refused as unavailable, for the client to send it again.
    Hold,
    /// They go to `rejects` with the reason.
    Reject,
}

impl FailurePolicy {
    /// All policies.
    pub const ALL: [Self; 3] = [Self::Pass, Self::Hold, Self::Reject];

    /// The name in configuration and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hold => "hold",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for FailurePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where the rows of a route go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTarget {
    /// On to the next step, like rows without a route.
    Next,
    /// Past all steps up to this one, by its place in the list.
    Step(usize),
    /// Past all steps, to storage.
    End,
    /// Away.
    Drop,
    /// To `rejects`.
    Reject,
}

/// One step.
#[derive(Clone)]
pub struct Step {
    /// Name within the pipeline.
    pub name: String,
    /// What works on the rows.
    pub operator: Arc<dyn Operator>,
    /// Which rows; all without one.
    pub filter: Option<Arc<dyn Filter>>,
    /// What happens to rows that it could not work on.
    pub on_failure: FailurePolicy,
    /// Where each of the operator's routes goes, in their order; those that are missing go on.
    pub routes: Vec<RouteTarget>,
    /// What it did so far.
    pub stats: Arc<StepStats>,
}

/// Steps for the rows of one table.
#[derive(Clone)]
pub struct Pipeline {
    table: Table,
    steps: Vec<Step>,
    is_foreign: bool,
}

impl Pipeline {
    /// # Errors
    /// [`PipelineError::Invalid`] for too many steps, names that are not unique, an operator that does not
    /// work on the table or uses columns that it does not have, routes that lead back or nowhere or that
    /// it does not have, and for `rejects`.
    pub fn new(table: Table, steps: Vec<Step>) -> Result<Self, PipelineError> {
        if steps.len() > STEPS_MAX {
            return Err(PipelineError::invalid(format!("{} steps, at most {STEPS_MAX} are allowed", steps.len())));
        }
        if table == Table::Rejects {
            return Err(PipelineError::invalid("there is no pipeline for rejects"));
        }
        for (at, step) in steps.iter().enumerate() {
            check(table, &steps, at, step)?;
        }
        let is_foreign = steps.iter().any(|step| step.operator.is_foreign());
        Ok(Self { table, steps, is_foreign })
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> Table {
        self.table
    }

    /// The steps, in their order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether [`Pipeline::run`] may take long, and so must not run where requests are read.
    #[must_use]
    pub const fn is_foreign(&self) -> bool {
        self.is_foreign
    }
}

fn check(table: Table, steps: &[Step], at: usize, step: &Step) -> Result<(), PipelineError> {
    let name = &step.name;
    let invalid = |detail: String| Err(PipelineError::invalid(format!("step {name:?}: {detail}")));
    if steps.iter().take(at).any(|other| other.name == *name) {
        return invalid("its name stands twice".to_owned());
    }
    let info = step.operator.info();
    if !info.tables.contains(&table) {
        let tables: Vec<&str> = info.tables.iter().map(|table| table.name()).collect();
        return invalid(format!("{} works on {}, not on {table}", info.name, tables.join(", ")));
    }
    for column in info.columns.iter().filter(|column| column.path != ANY_COLUMN) {
        let path = crate::ColumnPath::parse(table, &column.path);
        if let Err(error) = path.and_then(|path| path.check_type(table, column.column_type)) {
            return invalid(error.to_string());
        }
    }
    if step.routes.len() > info.routes.len() {
        let (given, has) = (step.routes.len(), info.routes.len());
        return invalid(format!("{given} routes are given targets, {} has {has}", info.name));
    }
    for target in &step.routes {
        match target {
            RouteTarget::Step(to) if *to <= at || *to >= steps.len() => {
                return invalid("a route leads to no step behind it".to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
