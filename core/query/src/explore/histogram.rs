//! Rows over time, by severity or by the values of a field.

mod buckets;
mod counts;

pub use buckets::Steps;

use super::field::Field;
use super::{Selection, spelling, tally};
use crate::error::{self, QueryError};
use crate::service::QueryService;
use crate::stats::QueryStats;
use buckets::Buckets;
use counts::{ByLevel, ByValue};
use datafusion::functions::datetime::expr_fn::date_trunc;
use datafusion::functions_aggregate::count::count_all;
use datafusion::logical_expr::{Expr, col, lit};
use lincei_model::{Table, TimeRange};

/// Name of the number of rows that were counted together.
const ROWS: &str = "rows";
/// Series of a field's values in the answer.
const SERIES_MAX: usize = 50;

/// What to count over time.
#[derive(Clone, Debug)]
pub struct HistogramRequest {
    /// Which rows. A range without a start begins at the table's oldest row.
    pub selection: Selection,
    /// How long a bucket is.
    pub steps: Steps,
    /// Offset of the zone to whose hours buckets of an hour and more are aligned, in minutes.
    pub offset_minutes: i32,
    /// What tells the series apart.
    pub by: HistogramBy,
    /// Series of values at most, the most frequent ones; 1 to 50. What is left over is one more.
    pub series_max: usize,
}

/// What tells the series of a histogram apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistogramBy {
    /// Nothing: one series of all rows.
    Nothing,
    /// The level of `severity_number`.
    Severity,
    /// The values of a column, or else of an attribute or resource key.
    Field(String),
}

/// Rows over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Start of the first bucket, at or before the start of the range.
    pub first_ns: i64,
    /// Length of a bucket.
    pub step_ns: i64,
    /// Rows per bucket, oldest first, empty buckets included.
    pub counts: Vec<u64>,
    /// The same by series: severities from the least, values from the most frequent.
    pub series: Vec<Series>,
    /// Rows in all buckets.
    pub total: u64,
    /// Whether the series shown are certainly the most frequent ones, and their counts exact.
    /// Counts per bucket and the total always are.
    pub exact: bool,
    /// The same in SQL.
    pub sql: String,
    /// What it cost.
    pub stats: QueryStats,
}

/// One series of a histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Level or value; `None` for rows without the field, and for what is left over.
    pub name: Option<String>,
    /// Whether it is the sum of the values that have no series of their own.
    pub is_rest: bool,
    /// Rows per bucket.
    pub counts: Vec<u64>,
    /// Rows in all buckets.
    pub total: u64,
}

impl Series {
    pub(super) fn new(name: Option<String>, counts: Vec<u64>) -> Self {
        let total = counts.iter().sum();
        Self { name, is_rest: false, counts, total }
    }
}

/// What a tally of a histogram hands over.
struct Counted {
    series: Vec<Series>,
    exact: bool,
}

impl QueryService {
    /// Counts rows over time.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for buckets or fields that cannot be.
    pub async fn histogram(&self, request: HistogramRequest) -> Result<Histogram, QueryError> {
        let HistogramRequest { mut selection, steps, offset_minutes, by, series_max } = request;
        if series_max == 0 || series_max > SERIES_MAX {
            return Err(QueryError::Parameter(format!("series {series_max} is not 1 to {SERIES_MAX}")));
        }
        selection.check()?;
        selection.range = self.bounded(&selection);
        let buckets = Buckets::new(selection.range, steps, offset_minutes)?;
        let counted = match by {
            HistogramBy::Field(name) => {
                let field = Field::new(selection.table, &name)?;
                let sql = sql(&selection, &buckets, Some(&field.sql));
                let make = move || ByValue::new(buckets);
                let counts = tally::call("histogram", make, vec![col("time"), field.expr]);
                let (tally, stats) = self.histogram_tally::<ByValue>(&selection, &sql, None, counts).await?;
                (tally.map(|t| t.finish(series_max)), sql, stats)
            }
            by => {
                let level = by == HistogramBy::Severity;
                if level && selection.table != Table::Logs {
                    let message = format!("table {} has no severity", selection.table.name());
                    return Err(QueryError::Parameter(message));
                }
                let sql = sql(&selection, &buckets, level.then_some("severity"));
                let by_minute = buckets.are_whole_minutes() && selection.is_counted_by_minute()?;
                let mut arguments = vec![col("time")];
                arguments.extend(level.then(|| col("severity_number")));
                let make = move || ByLevel::new(buckets, by_minute);
                let minutes = by_minute.then(|| arguments.clone());
                arguments.extend(by_minute.then(|| col(ROWS)));
                let counts = tally::call("histogram", make, arguments);
                let (tally, stats) = self.histogram_tally::<ByLevel>(&selection, &sql, minutes, counts).await?;
                (tally.map(|t| t.finish(level)), sql, stats)
            }
        };
        let (counted, sql, stats) = counted;
        let Counted { series, exact } = counted.unwrap_or(Counted { series: Vec::new(), exact: true });
        let mut counts = vec![0; buckets.count];
        for one in &series {
            for (sum, count) in counts.iter_mut().zip(&one.counts) {
                *sum += count;
            }
        }
        let total = counts.iter().sum();
        let Buckets { first_ns, step_ns, .. } = buckets;
        Ok(Histogram { first_ns, step_ns, counts, series, total, exact, sql, stats })
    }

    /// With `minutes`, a time and other columns, rows are counted by these first, so that summaries
    /// of files can stand for their rows.
    async fn histogram_tally<T: tally::Tally>(
        &self,
        selection: &Selection,
        sql: &str,
        minutes: Option<Vec<Expr>>,
        counts: Expr,
    ) -> Result<(Option<T>, QueryStats), QueryError> {
        let rows = selection.clone();
        let (tallies, stats) = self
            .tallies::<T>(selection.request(sql.to_owned()), move |scope| {
                let mut plan = rows.rows(scope)?;
                if let Some(mut columns) = minutes {
                    if let Some(time) = columns.first_mut() {
                        *time = date_trunc(lit("minute"), time.clone()).alias("time");
                    }
                    plan = plan.aggregate(columns, vec![count_all().alias(ROWS)]).map_err(error::building)?;
                }
                let plan = plan.aggregate(Vec::<Expr>::new(), vec![counts]).and_then(|plan| plan.build());
                plan.map_err(error::building)
            })
            .await?;
        Ok((tallies.into_iter().next(), stats))
    }

    /// The range with the ends that it lacks: the oldest row, and now or the newest row.
    fn bounded(&self, selection: &Selection) -> TimeRange {
        let mut range = selection.range;
        if range.start_ns != i64::MIN && range.end_ns != i64::MAX {
            return range;
        }
        let now = self.now_ns();
        let (oldest, newest) = self.time_bounds(&selection.tenant, selection.table).unwrap_or((now - 1, now));
        if range.end_ns == i64::MAX {
            range.end_ns = now.max(newest.saturating_add(1));
        }
        if range.start_ns == i64::MIN {
            range.start_ns = oldest.min(range.end_ns.saturating_sub(1));
        }
        range
    }
}

fn sql(selection: &Selection, buckets: &Buckets, series: Option<&str>) -> String {
    let origin = chrono::DateTime::from_timestamp_nanos(buckets.first_ns).to_rfc3339();
    let bucket = format!(
        "date_bin(INTERVAL '{} microseconds', time, TIMESTAMP '{origin}') AS bucket",
        (buckets.step_ns / 1_000).max(1)
    );
    let rows = spelling::from_where(selection, "");
    match series {
        Some(series) => {
            format!("SELECT {bucket}, {series} AS series, count(*) AS count{rows} GROUP BY 1, 2 ORDER BY 1, 2")
        }
        None => format!("SELECT {bucket}, count(*) AS count{rows} GROUP BY 1 ORDER BY 1"),
    }
}
