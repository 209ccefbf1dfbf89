//! The rows around a row, such as the lines of a file around a line.
//!
//! Rows are in the order of their times, and of equal times in the order of what else tells them
//! apart ([`ORDER`]), so the same question has the same answer. The windows looked into grow until
//! there are rows enough, so that neighbours a second away are found without reading a year.

use super::field::Field;
use super::{Selection, spelling};
use crate::error::{self, QueryError};
use crate::format;
use crate::service::QueryService;
use crate::stats::QueryStats;
use crate::table::Scope;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, LogicalPlan, col, lit};
use lincei_model::{Table, TimeRange};
use std::sync::Arc;

/// Rows before, and rows after.
const ROWS_MAX: usize = 1_000;
/// Rows of one time that are put in order.
const EQUAL_MAX: usize = 10_000;
/// Fields to stay within.
const FIELDS_MAX: usize = 16;
/// What orders rows of the same time.
const ORDER: [&str; 7] = ["observed_time", "service", "severity_number", "event_name", "trace_id", "span_id", "body"];
const SECOND_NS: i64 = 1_000_000_000;
/// Windows looked into, one after the other.
const WINDOWS_NS: [i64; 4] = [10 * SECOND_NS, 600 * SECOND_NS, 7_200 * SECOND_NS, 86_400 * SECOND_NS];

/// What is known of the row in the middle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// Its time.
    pub time_ns: i64,
    /// Its columns as text, as far as they are needed to tell it from others of that time.
    pub columns: Vec<(String, String)>,
}

/// Which rows to show.
#[derive(Clone, Debug)]
pub struct SurroundingRequest {
    /// The table, which must be `logs`, and a search that neighbours have to match; the range bounds
    /// them as well.
    pub selection: Selection,
    /// The row in the middle.
    pub anchor: Anchor,
    /// Rows before it at most, up to 1,000.
    pub before: usize,
    /// Rows after it at most, up to 1,000.
    pub after: usize,
    /// Fields in which neighbours equal the row; those that the row lacks do not count.
    pub same: Vec<String>,
}

/// A row and its neighbours, each a JSON object of all columns, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Surrounding {
    /// Rows before the row.
    pub before: Vec<String>,
    /// The row; `None` when there is none like it, and then `after` begins with rows of its time.
    pub row: Option<String>,
    /// Rows after the row.
    pub after: Vec<String>,
    /// The fields and values that all rows share.
    pub same: Vec<(String, String)>,
    /// Rows of one second around, in SQL.
    pub sql: String,
    /// What it cost, all steps together.
    pub stats: QueryStats,
}

impl SurroundingRequest {
    fn check(&self) -> Result<(), QueryError> {
        if self.selection.table != Table::Logs {
            return Err(QueryError::Parameter(format!("table {} has no lines", self.selection.table.name())));
        }
        for (name, rows) in [("before", self.before), ("after", self.after)] {
            if rows > ROWS_MAX {
                return Err(QueryError::Parameter(format!("{name} {rows} is more than {ROWS_MAX}")));
            }
        }
        if self.same.len() > FIELDS_MAX {
            let message = format!("{} fields to stay within are more than {FIELDS_MAX}", self.same.len());
            return Err(QueryError::Parameter(message));
        }
        let unknown = |name: &str| !ORDER.contains(&name) || name == "observed_time";
        if let Some((name, _)) = self.anchor.columns.iter().find(|(name, _)| unknown(name)) {
            return Err(QueryError::Parameter(format!("{name:?} does not tell rows apart")));
        }
        self.selection.check()
    }
}

/// What one step of the search for neighbours asks.
struct Step {
    selection: Selection,
    conditions: Vec<Expr>,
    /// Columns put behind those of the table.
    more: Vec<Expr>,
    newest_first: bool,
    rows: usize,
}

impl Step {
    fn plan(self, scope: &Arc<Scope>) -> Result<LogicalPlan, QueryError> {
        let Self { selection, conditions, more, newest_first, rows } = self;
        let mut plan = selection.rows(scope)?;
        for condition in conditions {
            plan = plan.filter(condition).map_err(error::building)?;
        }
        let schema = selection.table.schema();
        let columns = schema.fields().iter().map(|field| col(field.name().as_str()));
        let order = std::iter::once("time").chain(ORDER);
        let order: Vec<Sort> = order.map(|name| col(name).sort(!newest_first, !newest_first)).collect();
        let plan = plan.sort_with_limit(order, Some(rows)).and_then(|plan| plan.project(columns.chain(more)));
        plan.and_then(|plan| plan.build()).map_err(error::building)
    }
}

impl QueryService {
    /// The rows around a row.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for bounds and fields that cannot be.
    pub async fn surrounding(&self, request: SurroundingRequest) -> Result<Surrounding, QueryError> {
        request.check()?;
        let SurroundingRequest { selection, anchor, before, after, same } = request;
        let fields = same.iter().map(|name| Field::new(selection.table, name)).collect::<Result<Vec<_>, _>>()?;
        let mut asking = Asking { service: self, selection, stats: QueryStats::default(), sql: String::new() };
        let same = asking.shared_values(&anchor, &fields).await?;
        let conditions: Vec<Expr> = same.iter().map(|(field, value)| field.expr.clone().eq(lit(value))).collect();
        asking.describe(&same);

        let time = anchor.time_ns;
        let equal = asking.rows(TimeRange::new(time, time.saturating_add(1)), &conditions, false, EQUAL_MAX).await?;
        let place = place(&equal, &anchor);
        let mut equal = format::objects(&equal)?;
        let (row, mut later) = match place {
            Some(place) => {
                let mut rest = equal.split_off(place).into_iter();
                (rest.next(), rest.collect())
            }
            None => (None, std::mem::take(&mut equal)),
        };
        let mut earlier = equal;
        if earlier.len() < before {
            let missing = before - earlier.len();
            let mut found = asking.neighbours(time, &conditions, true, missing).await?;
            found.reverse();
            found.append(&mut earlier);
            earlier = found;
        }
        if later.len() < after {
            let missing = after - later.len();
            later.append(&mut asking.neighbours(time.saturating_add(1), &conditions, false, missing).await?);
        }
        let earlier = earlier.split_off(earlier.len().saturating_sub(before));
        later.truncate(after);
        let same = same.into_iter().map(|(field, value)| (field.name, value)).collect();
        Ok(Surrounding { before: earlier, row, after: later, same, sql: asking.sql, stats: asking.stats })
    }
}

/// Steps that belong together, and what they cost.
struct Asking<'a> {
    service: &'a QueryService,
    selection: Selection,
    stats: QueryStats,
    sql: String,
}

impl Asking<'_> {
    /// The fields that the row has, with its values.
    async fn shared_values(&mut self, anchor: &Anchor, fields: &[Field]) -> Result<Vec<(Field, String)>, QueryError> {
        let known = |field: &Field| anchor.columns.iter().find(|(name, _)| *name == field.name);
        if fields.iter().all(|field| known(field).is_some()) {
            let values = fields.iter().filter_map(|field| Some((field.clone(), known(field)?.1.clone())));
            return Ok(values.filter(|(_, value)| !value.is_empty()).collect());
        }
        let range = TimeRange::new(anchor.time_ns, anchor.time_ns.saturating_add(1));
        let selection = Selection { search: String::new(), range, ..self.selection.clone() };
        let more = fields.iter().enumerate().map(|(i, field)| field.expr.clone().alias(format!("same {i}"))).collect();
        let conditions = anchor.columns.iter().filter(|(name, _)| name == "service");
        let conditions = conditions.map(|(name, value)| col(name.as_str()).eq(lit(value))).collect();
        let step = Step { selection, conditions, more, newest_first: false, rows: EQUAL_MAX };
        let batch = self.run(step).await?;
        let Some(row) = place(&batch, anchor) else {
            let values = fields.iter().filter_map(|field| Some((field.clone(), known(field)?.1.clone())));
            return Ok(values.collect());
        };
        let value = |i: usize| {
            let column = batch.column_by_name(&format!("same {i}"))?.as_string_view_opt()?;
            (column.is_valid(row) && !column.value(row).is_empty()).then(|| column.value(row).to_owned())
        };
        Ok(fields.iter().enumerate().filter_map(|(i, field)| Some((field.clone(), value(i)?))).collect())
    }

    /// The rows next to a time, nearest first.
    async fn neighbours(
        &mut self,
        time: i64,
        conditions: &[Expr],
        earlier: bool,
        wanted: usize,
    ) -> Result<Vec<String>, QueryError> {
        let whole = if earlier { TimeRange::new(i64::MIN, time) } else { TimeRange::new(time, i64::MAX) };
        let windows = WINDOWS_NS.iter().map(|length| {
            if earlier {
                TimeRange::new(time.saturating_sub(*length), time)
            } else {
                TimeRange::new(time, time.saturating_add(*length))
            }
        });
        for window in windows.chain([whole]) {
            let found = self.rows(window, conditions, earlier, wanted).await?;
            let bounds = self.selection.range;
            let is_all = bounds.intersect(&window) == bounds.intersect(&whole);
            if found.num_rows() >= wanted || is_all {
                return format::objects(&found);
            }
        }
        Ok(Vec::new())
    }

    async fn rows(
        &mut self,
        range: TimeRange,
        conditions: &[Expr],
        newest_first: bool,
        rows: usize,
    ) -> Result<RecordBatch, QueryError> {
        let selection = Selection { range: self.selection.range.intersect(&range), ..self.selection.clone() };
        let step = Step { selection, conditions: conditions.to_vec(), more: Vec::new(), newest_first, rows };
        self.run(step).await
    }

    async fn run(&mut self, step: Step) -> Result<RecordBatch, QueryError> {
        let schema = step.selection.table.schema();
        let request = step.selection.request(self.sql.clone());
        let (batches, stats) = self.service.collect(request, move |scope| step.plan(scope)).await?;
        self.add(stats);
        let schema = batches.first().map_or(schema, RecordBatch::schema);
        concat_batches(&schema, &batches).map_err(|e| error::building(e.into()))
    }

    fn add(&mut self, stats: QueryStats) {
        let sum = &mut self.stats;
        sum.query_id = stats.query_id;
        sum.rows += stats.rows;
        sum.rows_scanned += stats.rows_scanned;
        sum.rows_total += stats.rows_total;
        sum.bytes_scanned += stats.bytes_scanned;
        sum.files_scanned += stats.files_scanned;
        sum.files_pruned += stats.files_pruned;
        sum.elapsed += stats.elapsed;
        sum.memory_bytes = sum.memory_bytes.max(stats.memory_bytes);
    }

    fn describe(&mut self, same: &[(Field, String)]) {
        let equal: Vec<String> =
            same.iter().map(|(field, value)| format!("{} = {}", field.sql, spelling::literal(value))).collect();
        let rows = spelling::from_where(&self.selection, &equal.join(" AND "));
        self.sql = format!("SELECT *{rows} ORDER BY time, {}", ORDER.join(", "));
    }
}

/// The first row that has all of the anchor's columns.
fn place(batch: &RecordBatch, anchor: &Anchor) -> Option<usize> {
    let is = |row: usize, (name, value): &(String, String)| {
        let Some(column) = batch.column_by_name(name) else { return false };
        if let Some(text) = column.as_string_view_opt() {
            return if text.is_null(row) { value.is_empty() } else { text.value(row) == value };
        }
        datafusion::arrow::util::display::array_value_to_string(column, row).is_ok_and(|shown| shown == *value)
    };
    (0..batch.num_rows()).find(|row| anchor.columns.iter().all(|column| is(*row, column)))
}
