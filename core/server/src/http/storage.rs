//! `GET /api/v1/storage`: what takes the room, and for how long it will do.

mod forecast;

use super::App;
use super::status::describe;
use crate::access::Caller;
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::extract::State;
use axum::{Extension, Json};
use forecast::Growth;
use lincei_api::{DayStorage, DiskSpace, ServiceStorage, StorageInfo, TableStatus, TableStorage};
use lincei_catalog::DataFile;
use lincei_engine::LiveFile;
use lincei_model::Table;
use lincei_query::{ServiceRows, ServicesRequest};
use std::collections::BTreeMap;
use std::sync::Arc;

const DAY_NS: i64 = 86_400_000_000_000;
/// Days that are told apart.
const DAYS: i64 = 60;
/// Services of a table with an entry of their own.
const SERVICES_MAX: usize = 100;
/// Tables whose summaries know the rows of services.
const BY_SERVICE: [Table; 2] = [Table::Logs, Table::Spans];

#[utoipa::path(get, path = "/api/v1/storage", tag = "status", summary = "What takes the room: tables, days, services, disk", responses((status = 200, body = lincei_api::StorageInfo)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<StorageInfo>, Failure> {
    let now = app.clock.now_ns();
    let files: Vec<Arc<LiveFile>> = app.engine.files().into_iter().filter(|file| file.tenant == app.tenant).collect();
    let (mut tables, mut growths, mut unknown) = (Vec::new(), Vec::new(), None);
    for table in Table::ALL {
        let own: Vec<&DataFile> = files.iter().map(|file| &***file).filter(|file| file.table == table).collect();
        growths.push(Growth::new(&own, app.catalog.retention(&app.tenant, table)?, now));
        let status = describe(&app, table);
        let services = match services(&app, &caller, table, &own, &status).await {
            Ok(services) => services,
            Err(failure) => {
                unknown = Some(failure.detail);
                None
            }
        };
        tables.push(TableStorage { table: status, days: days(&own, now), services });
    }
    let status = app.engine.status();
    let disk = status.disk.map(|disk| DiskSpace {
        total_bytes: disk.total_bytes,
        free_bytes: disk.free_bytes,
        reserve_bytes: disk.reserve_bytes,
    });
    let bytes_per_day = forecast::bytes_per_day(&growths, now);
    let room = disk.map(|disk| disk.free_bytes.saturating_sub(disk.reserve_bytes));
    Ok(Json(StorageInfo {
        now: rfc3339(now),
        tables,
        services_unknown_because: unknown,
        wal_bytes: status.wal_bytes,
        disk,
        growth_bytes_per_day: bytes_per_day,
        days_until_full: room.and_then(|room| forecast::days_until_full(room, &growths, now)),
    }))
}

/// Files by the day of their rows; a file holds rows of one hour.
fn days(files: &[&DataFile], now_ns: i64) -> Vec<DayStorage> {
    let today = now_ns.div_euclid(DAY_NS);
    let mut days: BTreeMap<i64, DayStorage> = BTreeMap::new();
    for file in files {
        let day = file.min_time_ns.div_euclid(DAY_NS);
        if day + DAYS > today {
            let sum = days.entry(day).or_default();
            sum.files += 1;
            sum.rows += file.rows;
            sum.bytes += file.bytes;
        }
    }
    let named = |(day, sum): (i64, DayStorage)| {
        let start = rfc3339(day.saturating_mul(DAY_NS));
        DayStorage { day: start.chars().take_while(|c| *c != 'T').collect(), ..sum }
    };
    days.into_iter().map(named).collect()
}

/// Rows by service, and the bytes that they stand for; none for a table that does not tell them apart.
async fn services(
    app: &App,
    caller: &Caller,
    table: Table,
    files: &[&DataFile],
    status: &TableStatus,
) -> Result<Option<Vec<ServiceStorage>>, Failure> {
    if !BY_SERVICE.contains(&table) {
        return Ok(None);
    }
    let request = ServicesRequest {
        tenant: app.tenant.clone(),
        table,
        services_max: SERVICES_MAX,
        client: caller.label(),
        user: caller.user(),
    };
    let largest = app.query.services(request).await?;
    let rows_in_files = files.iter().map(|file| file.rows).sum();
    Ok(Some(shares(largest, status, rows_in_files)))
}

/// The largest services, then all others as one.
fn shares(largest: Vec<ServiceRows>, table: &TableStatus, rows_in_files: u64) -> Vec<ServiceStorage> {
    let bytes = |rows: u64| {
        let share = u128::from(table.bytes) * u128::from(rows) / u128::from(rows_in_files.max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    };
    let counted: u64 = largest.iter().map(|service| service.rows).sum();
    let is_full = largest.len() >= SERVICES_MAX;
    let entry =
        |service: Option<String>, rows, rest| ServiceStorage { service, rows, bytes_estimated: bytes(rows), rest };
    let mut shares: Vec<ServiceStorage> =
        largest.into_iter().map(|service| entry(service.service, service.rows, false)).collect();
    let left = table.rows.saturating_sub(counted);
    // rows that came between the two counts are no service
    if is_full && left > 0 {
        shares.push(entry(None, left, true));
    }
    shares
}

#[cfg(test)]
mod tests;
