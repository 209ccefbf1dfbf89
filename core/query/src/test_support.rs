//! An engine in a temporary directory with rows whose every value follows from their number.

use crate::{QueryError, QueryOptions, QueryRequest, QueryService, QueryStats};
use datafusion::arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, ListArray, MapBuilder, MapFieldNames, RecordBatch, StringViewArray,
    StringViewBuilder, TimestampNanosecondArray, UInt8Array, UInt64Array, new_empty_array, new_null_array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use futures::TryStreamExt;
use lincei_catalog::Catalog;
use lincei_engine::{Engine, EngineOptions};
use lincei_model::{Batch, FixedClock, Table, Telemetry, TenantId, TimeRange, timestamp_type};
use object_store::local::LocalFileSystem;
use std::sync::Arc;
use tempfile::TempDir;

/// 2026-01-01T00:00:00Z.
pub(crate) const START_NS: i64 = 1_767_225_600_000_000_000;
pub(crate) const MINUTE_NS: i64 = 60_000_000_000;
/// Log `i` is `i` minutes after the start: six hours.
pub(crate) const LOGS: usize = 360;
/// Span `i` is `i` minutes after the start.
pub(crate) const SPANS: usize = 60;
/// Metric point `i` is `i` minutes after the start.
pub(crate) const METRICS: usize = 10;

/// Where the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    Files,
    /// The first two thirds in files, the rest in memory.
    Both,
}

pub(crate) struct Fixture {
    pub(crate) service: QueryService,
    pub(crate) engine: Engine,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) dir: TempDir,
}

impl Fixture {
    pub(crate) async fn new(place: Place) -> Self {
        Self::with(place, QueryOptions { target_partitions: 2, ..QueryOptions::default() }, Vec::new()).await
    }

    pub(crate) async fn with(place: Place, options: QueryOptions, functions: Vec<Arc<ScalarUDF>>) -> Self {
        let fixture = Self::empty(options, functions).await;
        let cut = match place {
            Place::Memory => 0,
            Place::Files => 3,
            Place::Both => 2,
        };
        for part in 0..3 {
            let third = |rows: usize| rows * part / 3..rows * (part + 1) / 3;
            fixture.append(vec![logs(third(LOGS)), spans(third(SPANS)), metrics(third(METRICS))]).await;
            if part + 1 == cut {
                fixture.engine.flush().await.unwrap();
            }
        }
        fixture
    }

    pub(crate) async fn empty(options: QueryOptions, functions: Vec<Arc<ScalarUDF>>) -> Self {
        Self::of_directory(TempDir::new().unwrap(), options, functions).await
    }

    /// On what lies in a data directory.
    pub(crate) async fn of_directory(dir: TempDir, options: QueryOptions, functions: Vec<Arc<ScalarUDF>>) -> Self {
        let parquet = dir.path().join("parquet");
        std::fs::create_dir_all(&parquet).unwrap();
        let catalog = Arc::new(Catalog::open(&dir.path().join("catalog.db")).unwrap());
        let store = Arc::new(LocalFileSystem::new_with_prefix(parquet).unwrap());
        let clock = Arc::new(FixedClock::new(START_NS + 360 * MINUTE_NS));
        let telemetry = Arc::new(Telemetry::default());
        let (engine, _) =
            Engine::open(EngineOptions::new(dir.path()), catalog.clone(), store, clock.clone(), telemetry.clone())
                .await
                .unwrap();
        let service =
            QueryService::with_functions(engine.clone(), catalog, clock, telemetry.clone(), options, functions)
                .unwrap();
        Self { service, engine, telemetry, dir }
    }

    pub(crate) async fn append(&self, batches: Vec<Batch>) {
        self.engine.append(&TenantId::default(), batches).await.unwrap();
    }

    pub(crate) async fn rows(&self, request: QueryRequest) -> Result<(Vec<RecordBatch>, QueryStats), QueryError> {
        let mut query = self.service.start(request).await?;
        let mut batches = Vec::new();
        while let Some(batch) = query.try_next().await? {
            batches.push(batch);
        }
        Ok((batches, query.stats()))
    }

    pub(crate) async fn count(&self, request: QueryRequest) -> (u64, QueryStats) {
        let (batches, stats) = self.rows(request).await.unwrap();
        (batches.iter().map(|batch| batch.num_rows() as u64).sum(), stats)
    }
}

pub(crate) fn request(sql: impl Into<String>) -> QueryRequest {
    QueryRequest {
        sql: sql.into(),
        tenant: TenantId::default(),
        range: None,
        rows_max: None,
        id: None,
        client: "test".into(),
        user: "test".into(),
    }
}

/// From minute to minute after the start.
pub(crate) fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(START_NS + from * MINUTE_NS, START_NS + to * MINUTE_NS)
}

fn time(rows: std::ops::Range<usize>) -> ArrayRef {
    let ns = rows.map(|i| START_NS + i64::try_from(i).unwrap() * MINUTE_NS);
    Arc::new(TimestampNanosecondArray::from_iter_values(ns).with_data_type(timestamp_type()))
}

pub(crate) fn text<T: AsRef<str>>(values: impl Iterator<Item = T>) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(values))
}

pub(crate) fn map(rows: impl Iterator<Item = Vec<(String, String)>>) -> ArrayRef {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut builder = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
    for row in rows {
        for (key, value) in row {
            builder.keys().append_value(key);
            builder.values().append_value(value);
        }
        builder.append(true).unwrap();
    }
    Arc::new(builder.finish())
}

/// Columns that are not given are NULL, empty lists, empty maps, zero or "".
pub(crate) fn batch(table: Table, rows: usize, given: &[(&str, ArrayRef)]) -> Batch {
    let schema = table.schema();
    let column = |field: &datafusion::arrow::datatypes::FieldRef| -> ArrayRef {
        if let Some((_, array)) = given.iter().find(|(name, _)| name == field.name()) {
            return array.clone();
        }
        match field.data_type() {
            _ if field.is_nullable() => new_null_array(field.data_type(), rows),
            DataType::List(item) => Arc::new(ListArray::new(
                item.clone(),
                OffsetBuffer::new_zeroed(rows),
                new_empty_array(item.data_type()),
                None,
            )),
            DataType::Map(..) => map((0..rows).map(|_| Vec::new())),
            DataType::Utf8View => text((0..rows).map(|_| "")),
            other => {
                let zeros: ArrayRef = Arc::new(UInt8Array::from(vec![0; rows]));
                datafusion::arrow::compute::cast(&zeros, other).unwrap()
            }
        }
    };
    let columns = schema.fields().iter().map(column).collect();
    Batch::new(table, RecordBatch::try_new(schema, columns).unwrap()).unwrap()
}

/// Row `i`: service api, web, db in turn; severity 5, 9, 13, 17 in turn; trace id the hex of
/// `i / 5` but NULL for every tenth; the status code 200, 200, 404, 500, 503 in turn but `n/a` for
/// every seventh.
pub(crate) fn logs(rows: std::ops::Range<usize>) -> Batch {
    let severity = |i: usize| [(5_u8, "DEBUG"), (9, "INFO"), (13, "WARN"), (17, "ERROR")][i % 4];
    let attributes = |i: usize| {
        let status = if i.is_multiple_of(7) { "n/a" } else { ["200", "200", "404", "500", "503"][i % 5] };
        let mut pairs = vec![
            ("http.response.status_code", status.to_owned()),
            ("user.id", format!("u{}", i % 20)),
            ("took_ms", (i * 2).to_string()),
            ("ratio", format!("{}.5", i % 10)),
            ("cached", i.is_multiple_of(2).to_string()),
            ("dup", format!("first{i}")),
            ("dup", format!("second{i}")),
        ];
        if i.is_multiple_of(60) {
            pairs.push(("it's \"ü\"", format!("größe {i}")));
        }
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Vec<_>>()
    };
    let resource =
        |i: usize| vec![("host.name".to_owned(), format!("h{}", i % 2)), ("env".to_owned(), "prod".to_owned())];
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", time(rows.clone())),
        ("severity_number", Arc::new(UInt8Array::from_iter_values(rows.clone().map(|i| severity(i).0)))),
        ("severity", text(rows.clone().map(|i| severity(i).1))),
        ("service", text(rows.clone().map(|i| ["api", "web", "db"][i % 3]))),
        ("body", text(rows.clone().map(body))),
        (
            "trace_id",
            Arc::new(StringViewArray::from_iter(
                rows.clone().map(|i| (i % 10 != 0).then(|| format!("{:032x}", i / 5))),
            )),
        ),
        ("attributes", map(rows.clone().map(attributes))),
        ("resource", map(rows.clone().map(resource))),
    ];
    batch(Table::Logs, rows.len(), &columns)
}

/// Log `n`, but of another time.
pub(crate) fn logs_at(time_ns: i64, n: usize) -> Batch {
    let records = logs(n..n + 1).into_records();
    let times = TimestampNanosecondArray::from_iter_values([time_ns]).with_data_type(timestamp_type());
    let mut columns = records.columns().to_vec();
    columns[0] = Arc::new(times);
    Batch::new(Table::Logs, RecordBatch::try_new(records.schema(), columns).unwrap()).unwrap()
}

fn body(i: usize) -> String {
    match i % 50 {
        0 => format!("Disk 100% of_disk \\ used {i}"),
        1 => format!("diskXofYdisk at 1000 {i}"),
        2 => format!("connection \"reset\" by peer, it's over {i}"),
        _ => format!("request {i} took {}ms", i * 2),
    }
}

/// Row `i`: duration `i + 1` ms; GET then POST; every tenth failed.
pub(crate) fn spans(rows: std::ops::Range<usize>) -> Batch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", time(rows.clone())),
        ("duration_ns", Arc::new(Int64Array::from_iter_values(rows.clone().map(|i| (i as i64 + 1) * 1_000_000)))),
        ("trace_id", text(rows.clone().map(|i| format!("{:032x}", i / 5)))),
        ("span_id", text(rows.clone().map(|i| format!("{i:016x}")))),
        ("name", text(rows.clone().map(|i| ["GET /a", "POST /b"][i % 2]))),
        ("kind", text(rows.clone().map(|i| ["SERVER", "CLIENT"][i % 2]))),
        ("service", text(rows.clone().map(|_| "api"))),
        ("status", text(rows.clone().map(|i| if i % 10 == 0 { "ERROR" } else { "OK" }))),
    ];
    batch(Table::Spans, rows.len(), &columns)
}

/// Row `i`: value `i / 2`, series `2^63 + i`.
pub(crate) fn metrics(rows: std::ops::Range<usize>) -> Batch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", time(rows.clone())),
        ("metric", text(rows.clone().map(|_| "cpu.usage"))),
        ("kind", text(rows.clone().map(|_| "gauge"))),
        ("value", Arc::new(Float64Array::from_iter_values(rows.clone().map(|i| i as f64 / 2.0)))),
        ("series_id", Arc::new(UInt64Array::from_iter_values(rows.clone().map(|i| (1 << 63) + i as u64)))),
        ("service", text(rows.clone().map(|_| "node"))),
    ];
    batch(Table::Metrics, rows.len(), &columns)
}

/// The first value of an answer as it is shown.
pub(crate) fn first_value(batches: &[RecordBatch]) -> String {
    let column = batches.iter().find(|b| b.num_rows() > 0).unwrap().column(0).clone();
    if column.is_null(0) {
        return "NULL".into();
    }
    datafusion::arrow::util::display::array_value_to_string(&column, 0).unwrap()
}
