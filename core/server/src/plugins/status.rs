//! Rows of `lincei_plugins` and `lincei_operators`.

use super::{Installed, Plugins, Works, failure_info};
use crate::pipelines::{Pipelines, SIGNALS};
use lincei_query::{OperatorRow, PluginRow, PluginStatus};
use std::sync::{Arc, Weak};

/// Looks at plugins and pipelines; does not keep them alive.
pub(crate) struct Status {
    plugins: Weak<Plugins>,
    pipelines: Weak<Pipelines>,
}

impl Status {
    pub(crate) fn new(plugins: &Arc<Plugins>, pipelines: &Arc<Pipelines>) -> Self {
        Self { plugins: Arc::downgrade(plugins), pipelines: Arc::downgrade(pipelines) }
    }
}

/// In one word.
pub(crate) fn status(works: &Works) -> &'static str {
    match works {
        Works::Broken(_) => "failed",
        Works::Disabled => "disabled",
        Works::Operator(slot) if slot.active().is_open() => "open",
        _ => "working",
    }
}

fn row(installed: &Installed) -> PluginRow {
    let totals = installed.plugin.totals();
    let author = installed.version.description.get("version").and_then(serde_json::Value::as_str);
    let last = totals
        .last_failure
        .clone()
        .map(|(time, failure)| (time, failure_info(failure.kind, &failure.detail, &failure.backtrace)));
    PluginRow {
        name: installed.row.name.clone(),
        kind: installed.row.kind.clone(),
        runtime: installed.version.runtime.as_str().to_owned(),
        status: status(&installed.works).to_owned(),
        version: installed.row.active_version,
        author_version: author.unwrap_or_default().to_owned(),
        calls: totals.calls,
        records_in: totals.records_in,
        records_out: totals.records_out,
        records_dropped: totals.records_dropped,
        cpu_seconds: totals.cpu.as_secs_f64(),
        call_p99_us: totals.call_p99.map(|p99| p99.as_secs_f64() * 1e6),
        memory_bytes: totals.memory_bytes,
        traps: totals.traps(),
        last_error_ns: last.as_ref().map(|(time, _)| *time),
        last_error_backtrace: last.as_ref().map(|(_, info)| info.backtrace.join("\n")),
        last_error: last.map(|(_, info)| info.detail),
    }
}

impl PluginStatus for Status {
    fn plugins(&self) -> Vec<PluginRow> {
        let plugins = self.plugins.upgrade();
        plugins.map(|plugins| plugins.all().iter().map(row).collect()).unwrap_or_default()
    }

    fn operators(&self) -> Vec<OperatorRow> {
        let Some(pipelines) = self.pipelines.upgrade() else { return Vec::new() };
        let mut rows = Vec::new();
        for table in SIGNALS {
            for (position, step) in (1..).zip(pipelines.steps(table)) {
                let totals = pipelines.totals(table, &step.name);
                rows.push(OperatorRow {
                    signal: table.name().to_owned(),
                    step: step.name,
                    position,
                    operator: step.operator,
                    on_failure: step.on_failure,
                    calls: totals.calls,
                    failures: totals.failures,
                    records_in: totals.records_in,
                    records_out: totals.records_out,
                    records_dropped: totals.records_dropped,
                    records_added: totals.records_added,
                    records_rejected: totals.records_rejected,
                    records_failed: totals.records_failed,
                    seconds: totals.elapsed.as_secs_f64(),
                    last_error: totals.last_failure.map(|(_, detail)| detail),
                });
            }
        }
        rows
    }
}
