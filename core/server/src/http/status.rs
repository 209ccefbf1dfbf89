//! `GET /api/v1/status`.

use super::App;
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::Json;
use axum::extract::State;
use lincei_api::{StatusInfo, TableStatus};
use lincei_engine::Snapshot;
use lincei_model::telemetry::Counter;
use lincei_model::{Table, Telemetry, TimeRange};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Samples kept, one a second.
const WINDOW: usize = 10;

/// Records stored per second over the last seconds.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<VecDeque<u64>>);

impl Rate {
    /// Takes a sample; called once a second.
    pub(crate) fn sample(&self, telemetry: &Telemetry) {
        let mut seen = self.0.lock();
        seen.push_back(stored(telemetry));
        while seen.len() > WINDOW + 1 {
            seen.pop_front();
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    fn per_second(&self) -> f64 {
        let seen = self.0.lock();
        match (seen.front(), seen.back()) {
            (Some(first), Some(last)) if seen.len() > 1 => last.saturating_sub(*first) as f64 / (seen.len() - 1) as f64,
            _ => 0.0,
        }
    }
}

fn stored(telemetry: &Telemetry) -> u64 {
    let sum = |counters: [Counter; 3]| counters.iter().map(|c| telemetry.counter(*c)).sum::<u64>();
    let received = sum([Counter::ReceivedLogs, Counter::ReceivedTraces, Counter::ReceivedMetrics]);
    received.saturating_sub(sum([Counter::RejectedLogs, Counter::RejectedTraces, Counter::RejectedMetrics]))
}

#[utoipa::path(get, path = "/api/v1/status", tag = "status", summary = "System: versions, tables, rates, addresses", responses((status = 200, body = lincei_api::StatusInfo)))]
pub(crate) async fn show(State(app): State<Arc<App>>) -> Result<Json<StatusInfo>, Failure> {
    let refusing = app.engine.status().refuses_because;
    Ok(Json(StatusInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: rfc3339(app.started_ns),
        now: rfc3339(app.clock.now_ns()),
        tables: Table::ALL.iter().map(|table| describe(&app, *table)).collect(),
        records_per_second: app.rate.per_second(),
        accepting: refusing.is_none(),
        refusing_because: refusing,
        endpoints: app.endpoints.clone(),
        auth_required: app.access.api_closed()?,
    }))
}

/// Least and greatest time of a table's rows, `None` when it has none.
pub(crate) fn time_bounds(snapshot: &Snapshot) -> Option<(i64, i64)> {
    let in_memory = snapshot.memory.iter().filter_map(lincei_model::time_bounds);
    let in_files = snapshot.files.iter().map(|file| (file.min_time_ns, file.max_time_ns));
    in_memory.chain(in_files).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

pub(super) fn describe(app: &App, table: Table) -> TableStatus {
    let snapshot = app.engine.snapshot(&app.tenant, table, TimeRange::ALL);
    let memory_rows: u64 = snapshot.memory.iter().map(|batch| batch.num_rows() as u64).sum();
    let bounds = time_bounds(&snapshot);
    TableStatus {
        name: table.name().to_owned(),
        rows: memory_rows + snapshot.files.iter().map(|file| file.rows).sum::<u64>(),
        bytes: snapshot.files.iter().map(|file| file.bytes).sum(),
        files: snapshot.files.len() as u64,
        oldest: bounds.map(|(oldest, _)| rfc3339(oldest)),
        newest: bounds.map(|(_, newest)| rfc3339(newest)),
    }
}
