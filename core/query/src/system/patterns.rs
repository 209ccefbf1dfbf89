//! `lincei_patterns`: how many log records of each hour have which pattern.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `time` | timestamp | start of an hour |
//! | `service` | text | NULL for records without one |
//! | `pattern` | text | as by `log_pattern(body)`; NULL for what is left over where there are too many |
//! | `rows` | u64 | records with a body |
//! | `example` | text | the newest body of the pattern in the hour, of any service, up to 2 KiB |
//!
//! An hour is counted whole. Merged files know their patterns; the rows of others, and those in memory,
//! are read. Hours come one by one, the newest first, each in bounded memory.

use crate::table::{Scope, StoredTable, range_of};
use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayRef, AsArray, RecordBatch, StringViewBuilder, TimestampNanosecondArray, UInt64Builder,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimestampNanosecondType};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, TryStreamExt};
use lincei_engine::{Engine, LiveFile, PatternsByService};
use lincei_model::{Table, TimeRange, timestamp_type};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub(crate) const NAME: &str = "lincei_patterns";
const HOUR_NS: i64 = 3_600_000_000_000;
/// What the table is read from.
const COLUMNS: [&str; 4] = ["time", "severity_number", "service", "body"];

fn schema() -> SchemaRef {
    super::schema_of(&[
        ("time", timestamp_type(), false),
        ("service", DataType::Utf8View, true),
        ("pattern", DataType::Utf8View, true),
        ("rows", DataType::UInt64, false),
        ("example", DataType::Utf8View, true),
    ])
}

/// The table for one statement.
pub(crate) struct PatternsTable {
    schema: SchemaRef,
    scope: Arc<Scope>,
}

impl PatternsTable {
    pub(crate) fn new(scope: Arc<Scope>) -> Self {
        Self { schema: schema(), scope }
    }

    /// The hours whose start lies in a range and that overlap the request's window.
    fn hours(&self, starts: TimeRange) -> TimeRange {
        let window = self.scope.range.unwrap_or(TimeRange::ALL);
        let first = window.start_ns.saturating_sub(window.start_ns.rem_euclid(HOUR_NS));
        TimeRange::new(starts.start_ns.max(first), starts.end_ns.min(window.end_ns))
    }
}

#[async_trait]
impl TableProvider for PatternsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    /// Inexact: of conditions on `time` the hours to read are taken.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let starts = filters.iter().filter_map(range_of).fold(TimeRange::ALL, |range, other| range.intersect(&other));
        let starts = self.hours(starts);
        let Scope { engine, tenant, .. } = &*self.scope;
        // whole hours, whatever part of them the window has
        let rows = TimeRange::new(starts.start_ns, starts.end_ns.saturating_add(HOUR_NS));
        let snapshot = engine.snapshot(tenant, Table::Logs, rows);
        let mut hours: BTreeMap<i64, Vec<Arc<LiveFile>>> = BTreeMap::new();
        for file in snapshot.files.iter().filter(|file| starts.contains(hour_of(file.min_time_ns))) {
            hours.entry(hour_of(file.min_time_ns)).or_default().push(Arc::clone(file));
        }
        let logs = Table::Logs.schema();
        let columns: Vec<usize> = COLUMNS.into_iter().map(|name| Ok(logs.index_of(name)?)).collect::<Result<_>>()?;
        let memory: Vec<RecordBatch> =
            snapshot.memory.iter().map(|batch| Ok(batch.project(&columns)?)).collect::<Result<_>>()?;
        for ns in memory.iter().filter_map(|batch| times(batch)).flatten() {
            if starts.contains(hour_of(*ns)) {
                hours.entry(hour_of(*ns)).or_default();
            }
        }
        let stored = StoredTable::new(Table::Logs, Arc::clone(&self.scope));
        let mut work = Vec::with_capacity(hours.len());
        for (start_ns, files) in hours.into_iter().rev() {
            let mut hour = Hour { start_ns, files: Vec::with_capacity(files.len()) };
            for file in files {
                let rows = stored.of_files(state, vec![Arc::clone(&file)], &columns).await?;
                hour.files.push((file, rows));
            }
            work.push(Arc::new(hour));
        }
        let stream = Hours { schema: self.schema(), engine: engine.clone(), memory: memory.into(), work };
        let table = StreamingTable::try_new(self.schema(), vec![Arc::new(stream)])?;
        table.scan(state, projection, &[], limit).await
    }
}

impl fmt::Debug for PatternsTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatternsTable").finish_non_exhaustive()
    }
}

const fn hour_of(ns: i64) -> i64 {
    ns.saturating_sub(ns.rem_euclid(HOUR_NS))
}

fn times(rows: &RecordBatch) -> Option<&[i64]> {
    rows.columns().first()?.as_primitive_opt::<TimestampNanosecondType>().map(|times| times.values().as_ref())
}

/// The files of one hour, each with a plan of its rows.
struct Hour {
    start_ns: i64,
    files: Vec<(Arc<LiveFile>, Arc<dyn ExecutionPlan>)>,
}

/// Counts hour after hour.
struct Hours {
    schema: SchemaRef,
    engine: Engine,
    memory: Arc<[RecordBatch]>,
    work: Vec<Arc<Hour>>,
}

impl PartitionStream for Hours {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (engine, memory, schema) = (self.engine.clone(), Arc::clone(&self.memory), Arc::clone(&self.schema));
        let counted = futures::stream::iter(self.work.clone()).then(move |hour| {
            let (engine, memory, context) = (engine.clone(), Arc::clone(&memory), Arc::clone(&context));
            let schema = Arc::clone(&schema);
            async move {
                let mut patterns = PatternsByService::default();
                for (file, rows) in &hour.files {
                    add_file(&mut patterns, &engine, file, rows, &context).await?;
                }
                let range = TimeRange::new(hour.start_ns, hour.start_ns.saturating_add(HOUR_NS));
                for batch in memory.iter() {
                    add_rows(&mut patterns, batch, range)?;
                }
                rows_of(hour.start_ns, patterns, &schema)
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), counted))
    }
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hours").field("hours", &self.work.len()).finish_non_exhaustive()
    }
}

/// Takes a file: what it knows, or else its rows.
async fn add_file(
    patterns: &mut PatternsByService,
    engine: &Engine,
    file: &LiveFile,
    rows: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
) -> Result<()> {
    if let Some(known) = engine.patterns(file).await
        && patterns.add_file(&known).is_some()
    {
        return Ok(());
    }
    for partition in 0..rows.output_partitioning().partition_count() {
        let mut batches = rows.execute(partition, Arc::clone(context))?;
        while let Some(batch) = batches.try_next().await? {
            add_rows(patterns, &batch, TimeRange::ALL)?;
        }
    }
    Ok(())
}

fn add_rows(patterns: &mut PatternsByService, batch: &RecordBatch, range: TimeRange) -> Result<()> {
    patterns.add_rows(batch, range).ok_or_else(|| exec_datafusion_err!("patterns need the columns of logs"))
}

fn rows_of(hour_ns: i64, patterns: PatternsByService, schema: &SchemaRef) -> Result<RecordBatch> {
    // a text that repeats is stored once
    let text = || StringViewBuilder::new().with_deduplicate_strings();
    let (mut services, mut names, mut examples) = (text(), text(), text());
    let mut rows = UInt64Builder::new();
    let uncounted = patterns.uncounted();
    patterns.each(|pattern, facts, service, count| {
        services.append_option(service);
        names.append_value(pattern);
        rows.append_value(count);
        examples.append_value(&facts.sample);
    });
    if uncounted > 0 {
        services.append_null();
        names.append_null();
        rows.append_value(uncounted);
        examples.append_null();
    }
    let rows = rows.finish();
    let times = TimestampNanosecondArray::from_value(hour_ns, rows.len()).with_data_type(timestamp_type());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(times),
        Arc::new(services.finish()),
        Arc::new(names.finish()),
        Arc::new(rows),
        Arc::new(examples.finish()),
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
