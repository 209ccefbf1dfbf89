//! Trying an operator out on records that are not stored.

use super::load::Code;
use super::upload::{Upload, draft};
use super::{Plugins, Works, failure_info};
use crate::catalog::on_catalog;
use crate::problem::Failure;
use crate::time::rfc3339;
use lincei_api::{PluginLogLine, PluginTrial, RecordSample, TrialResult};
use lincei_catalog::PluginRuntime;
use lincei_host::{LogLine, Plugin, PluginTotals, StateStore, VersionSlot};
use lincei_model::{Batch, Table};
use lincei_pipeline::{
    ColumnPath, FailureKind, FailurePolicy, Operator, Outcome, Pipeline, Refused, RunContext, Step, StepStats,
    records_from_json, records_to_json,
};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Records of the dry run before a version takes over.
const DRY_RUN_ROWS: u32 = 64;
/// Marks a record while it is tried, so that it is found again behind operators that drop, split and add.
const MARK: &str = "lincei.trial.row";
/// How far an operator may set a time ahead.
const FUTURE_MAX: Duration = lincei_model::limits::FUTURE_MAX;

/// The signal of a name.
pub(crate) fn table_of_signal(signal: &str) -> Result<Table, Failure> {
    match signal {
        "logs" => Ok(Table::Logs),
        "spans" => Ok(Table::Spans),
        "metrics" => Ok(Table::Metrics),
        _ => Err(Failure::invalid(format!("signal {signal:?} is none of logs, spans and metrics"))),
    }
}

/// Lines as they are answered.
pub(crate) fn log_lines(lines: Vec<LogLine>) -> Vec<PluginLogLine> {
    let line = |line: LogLine| PluginLogLine {
        time: rfc3339(line.time_ns),
        level: line.level.as_str().to_owned(),
        message: line.message,
    };
    lines.into_iter().map(line).collect()
}

/// Each record with its number, as an attribute.
fn marked(table: Table, batch: &Batch) -> Result<Batch, Failure> {
    let broken = |error: String| Failure::internal(error);
    let mut work = lincei_pipeline::Work::new(batch, 0);
    let path = ColumnPath::parse(table, &format!("attributes.{MARK}")).map_err(|error| broken(error.to_string()))?;
    let numbers = (0i64..).take(batch.rows()).map(Some).collect::<arrow_array::Int64Array>();
    work.write(&path, &(Arc::new(numbers) as arrow_array::ArrayRef)).map_err(|error| broken(error.to_string()))?;
    work.into_batch().map_err(|error| broken(error.to_string()))
}

/// Takes the number off a record again.
fn unmarked(record: &mut Value) -> Option<usize> {
    let attributes = record.get_mut("attributes")?.as_object_mut()?;
    attributes.remove(MARK)?.as_str()?.parse().ok()
}

/// What became of records that were marked.
pub(crate) fn compared(before: &Batch, outcome: Result<Outcome, Refused>) -> Result<TrialResult, Failure> {
    let broken = |error: lincei_pipeline::RecordError| Failure::internal(error.to_string());
    let before = records_to_json(before.records()).map_err(broken)?;
    let mut result = TrialResult { after: vec![None; before.len()], ..TrialResult::default() };
    match outcome {
        Ok(outcome) => {
            for batch in outcome.batches.iter().filter(|batch| batch.table() != Table::Rejects) {
                for mut record in records_to_json(batch.records()).map_err(broken)? {
                    let place = unmarked(&mut record).and_then(|row| result.after.get_mut(row));
                    match place {
                        Some(place @ None) => *place = Some(record),
                        _ => result.added.push(record),
                    }
                }
            }
        }
        Err(Refused::Held { error, .. }) => {
            result.failure = Some(failure_info(error.kind, &error.detail, &[]));
            result.after = before.iter().cloned().map(Some).collect();
        }
        Err(Refused::Pipeline(error)) => return Err(Failure::new(error.code(), error.to_string())),
    }
    result.before = before;
    Ok(result)
}

impl Plugins {
    /// Where a trial runs as records do.
    pub(crate) fn run_context(&self) -> RunContext {
        let now_ns = self.clock.now_ns();
        let ahead = i64::try_from(FUTURE_MAX.as_nanos()).unwrap_or(i64::MAX);
        RunContext { now_ns, newest_ns: now_ns.saturating_add(ahead), client: "trial".to_owned() }
    }

    /// Runs a pipeline on marked records, on a thread for plugins.
    pub(crate) async fn run_trial(&self, pipeline: Pipeline, batch: &Batch) -> Result<TrialResult, Failure> {
        let context = self.run_context();
        let given = marked(pipeline.table(), batch)?;
        let outcome = self.on_thread(move || pipeline.run(given, &context)).await?;
        compared(batch, outcome)
    }

    /// Tries a script or a version of an installed plugin.
    pub(crate) async fn try_out(&self, trial: PluginTrial, client: &str) -> Result<TrialResult, Failure> {
        let table = table_of_signal(&trial.signal)?;
        let batch = self.sample(table, &trial.sample, client).await?;
        let (mut row, code) = match (&trial.script, &trial.plugin) {
            (Some(script), None) => {
                let language: PluginRuntime = script.language.parse()?;
                let code = Upload::Script(language, script.source.clone()).code()?;
                (draft("trial", language, serde_json::json!({})), code)
            }
            (None, Some(name)) => {
                let installed = self.find(name)?;
                let number = trial.version.unwrap_or(installed.row.active_version);
                let wanted = name.clone();
                let stored = on_catalog(&self.catalog, move |catalog| catalog.plugin_version(&wanted, number)).await?;
                let stored =
                    stored.ok_or_else(|| Failure::not_found(format!("plugin {name:?} has no version {number}")))?;
                (installed.row, self.code(&stored).await?)
            }
            _ => return Err(Failure::invalid("give script or plugin, and not both")),
        };
        if let Some(config) = trial.config {
            row.config = config;
        }
        self.trial_of(table, &row, code, &batch).await
    }

    async fn trial_of(
        &self,
        table: Table,
        row: &lincei_catalog::InstalledPlugin,
        code: Code,
        batch: &Batch,
    ) -> Result<TrialResult, Failure> {
        let plugin = Arc::new(Plugin::new(&row.name, StateStore::default()));
        let before = records_to_json(batch.records()).map_err(|error| Failure::internal(error.to_string()))?;
        let mut result = match self.load(row, code, &plugin).await {
            Ok(Works::Operator(slot)) => self.run_trial(one_step(table, slot)?, batch).await?,
            Ok(_) => return Err(Failure::invalid("only operators are tried on records")),
            // what is wrong with it is the answer
            Err(failure) if failure.code == lincei_model::ErrorCode::Invalid => {
                let failed = plugin.totals().last_failure;
                let info = match failed {
                    Some((_, failed)) => failure_info(failed.kind, &failed.detail, &failed.backtrace),
                    None => failure_info(FailureKind::Refused, &failure.detail, &[]),
                };
                let after = before.iter().cloned().map(Some).collect();
                TrialResult { before, after, failure: Some(info), ..TrialResult::default() }
            }
            Err(failure) => return Err(failure),
        };
        let totals: PluginTotals = plugin.totals();
        if let (Some(info), Some((_, failed))) = (&mut result.failure, &totals.last_failure)
            && info.backtrace.is_empty()
        {
            info.backtrace.clone_from(&failed.backtrace);
        }
        result.log = log_lines(plugin.log());
        result.cpu_us = totals.cpu.as_secs_f64() * 1e6;
        result.memory_bytes = totals.memory_bytes;
        Ok(result)
    }

    /// The newest records of each of its signals, or one made up where there are none. A script does not say
    /// which signal it is for: it has to work on one of them.
    pub(super) async fn dry_run(&self, slot: &Arc<VersionSlot>, is_script: bool) -> Result<(), Failure> {
        let mut first = None;
        for table in slot.info().tables.clone() {
            match self.dry_run_on(table, slot).await {
                Ok(()) if is_script => return Ok(()),
                Ok(()) => {}
                Err(failure) if is_script => first = first.or(Some(failure)),
                Err(failure) => return Err(failure),
            }
        }
        first.map_or(Ok(()), Err)
    }

    async fn dry_run_on(&self, table: Table, slot: &Arc<VersionSlot>) -> Result<(), Failure> {
        let sample = RecordSample { newest: Some(DRY_RUN_ROWS), ..RecordSample::default() };
        let mut batch = self.sample(table, &sample, "dry run").await?;
        if batch.rows() == 0 {
            let made_up = match table {
                Table::Logs => serde_json::json!({ "service": "dry-run", "body": "a record to try the plugin on" }),
                _ => serde_json::json!({ "service": "dry-run" }),
            };
            batch = records_from_json(table, &[made_up], self.clock.now_ns())
                .map_err(|error| Failure::internal(error.to_string()))?;
        }
        let result = self.run_trial(one_step(table, Arc::clone(slot))?, &batch).await?;
        let Some(failed) = result.failure else { return Ok(()) };
        let place = failed.line.map(|line| format!(" in line {line}")).unwrap_or_default();
        let mut failure = Failure::invalid(format!(
            "the plugin failed{place} when it was tried on {} stored {table}: {}",
            batch.rows(),
            failed.detail
        ));
        failure.location = super::location(&failed);
        Err(failure)
    }
}

/// A pipeline of one operator that holds its rows when it fails.
fn one_step(table: Table, operator: Arc<VersionSlot>) -> Result<Pipeline, Failure> {
    let step = Step {
        name: "trial".to_owned(),
        operator,
        filter: None,
        on_failure: FailurePolicy::Hold,
        routes: Vec::new(),
        stats: Arc::new(StepStats::default()),
    };
    Pipeline::new(table, vec![step]).map_err(|error| Failure::new(error.code(), error.to_string()))
}
