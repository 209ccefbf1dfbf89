//! Where completions come from: what files know about their fields, and rows of memory and of the
//! newest files, which are read first, up to [`ROWS_MAX`] that match the search.

use super::FieldOrigin;
use super::statistics::{self, Known};
use crate::error::{self, QueryError};
use crate::explore::field::Field;
use crate::explore::tally::{self, Tally};
use crate::explore::value_counts::ValueCounts;
use crate::explore::{Selection, spelling};
use crate::service::QueryService;
use crate::stats::QueryStats;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{Expr, col};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Rows of a sample.
const ROWS_MAX: usize = 100_000;
/// Keys kept of one map.
const KEYS_MAX: usize = 5_000;

/// How a completion was made.
pub(super) struct Sample {
    pub(super) rows: u64,
    pub(super) complete: bool,
    pub(super) stats: QueryStats,
}

impl Sample {
    const fn new(rows: u64, stats: QueryStats) -> Self {
        Self { rows, complete: rows < ROWS_MAX as u64, stats }
    }

    /// A sample that the files' own knowledge makes larger.
    fn with<T>(self, known: &Known<T>) -> Self {
        Self { rows: self.rows.max(known.rows), ..self }
    }

    /// Keys of the table's maps with the number of rows that have each, the most frequent first.
    pub(super) async fn keys(
        service: &QueryService,
        selection: &Selection,
    ) -> Result<(Self, Vec<(String, FieldOrigin, u64)>), QueryError> {
        let maps = [("attributes", FieldOrigin::Attribute), ("resource", FieldOrigin::Resource)];
        let schema = selection.table.schema();
        let maps: Vec<_> = maps.into_iter().filter(|(map, _)| schema.field_with_name(map).is_ok()).collect();
        let counts: Vec<Expr> = maps
            .iter()
            .map(|(map, _)| tally::call(&format!("keys of {map}"), Keys::default, vec![col(*map)]))
            .collect();
        let sql = format!("SELECT map_keys(attributes){} LIMIT {ROWS_MAX}", spelling::from_where(selection, ""));
        let (tallies, stats) = Self::count::<Keys>(service, selection, sql, counts).await?;
        let rows = tallies.iter().map(|tally| tally.rows).max().unwrap_or(0);
        let keys: Vec<(String, FieldOrigin, u64)> = maps
            .into_iter()
            .zip(tallies)
            .flat_map(|((_, origin), tally)| {
                tally.keys.top(KEYS_MAX).into_iter().map(move |(key, rows)| (key, origin, rows))
            })
            .collect();
        let known = statistics::keys(service, selection);
        let sample = Self::new(rows, stats).with(&known);
        let keys = keys.into_iter().map(|(key, origin, rows)| ((key, origin), rows));
        let mut keys: Vec<_> = both(known, keys).into_iter().map(|((key, origin), rows)| (key, origin, rows)).collect();
        keys.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)).then_with(|| a.1.cmp(&b.1)));
        Ok((sample, keys))
    }

    /// Values of a field that begin with `prefix`, with the number of rows of each.
    pub(super) async fn values(
        service: &QueryService,
        selection: &Selection,
        field: Field,
        prefix: &str,
        limit: usize,
    ) -> Result<(Self, Vec<(String, u64)>), QueryError> {
        let rows = spelling::from_where(selection, "");
        let sql = format!("SELECT {} AS value{rows} LIMIT {ROWS_MAX}", field.sql);
        let prefix = prefix.to_lowercase();
        let known = statistics::values(service, selection, &field.name, &prefix).await;
        let make = move || Values { prefix: prefix.clone(), ..Values::default() };
        let counts = vec![tally::call("values", make, vec![field.expr])];
        let (tallies, stats) = Self::count::<Values>(service, selection, sql, counts).await?;
        let tally = tallies.into_iter().next().unwrap_or_default();
        let sample = Self::new(tally.rows, stats);
        let mut values: Vec<(String, u64)> = both(known, tally.values.top(limit)).into_iter().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(limit);
        Ok((sample, values))
    }

    async fn count<T: Tally>(
        service: &QueryService,
        selection: &Selection,
        sql: String,
        counts: Vec<Expr>,
    ) -> Result<(Vec<T>, QueryStats), QueryError> {
        let chosen = selection.clone();
        service
            .tallies::<T>(selection.request(sql), move |scope| {
                let plan = chosen.rows(scope)?.limit(0, Some(ROWS_MAX));
                let plan = plan.and_then(|plan| plan.aggregate(Vec::<Expr>::new(), counts));
                plan.and_then(|plan| plan.build()).map_err(error::building)
            })
            .await
    }
}

/// What is known of all files, and what only the sample has. Where both have it, a sample of few
/// rows may be all there is in memory, so the larger count is nearer.
fn both<T: Eq + std::hash::Hash>(known: Known<T>, sample: impl IntoIterator<Item = (T, u64)>) -> HashMap<T, u64> {
    let mut counts = known.counts;
    for (item, rows) in sample {
        let count = counts.entry(item).or_default();
        *count = rows.max(*count);
    }
    counts
}

/// Keys of a map column.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Keys {
    keys: ValueCounts,
    rows: u64,
}

impl Tally for Keys {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let map = columns.first().and_then(|column| column.as_map_opt());
        let map = map.ok_or_else(|| exec_datafusion_err!("keys of something that is no map"))?;
        self.rows += map.len() as u64;
        let (first, last) = (map.value_offsets().first().copied(), map.value_offsets().last().copied());
        let first = usize::try_from(first.unwrap_or(0)).unwrap_or(0);
        let last = usize::try_from(last.unwrap_or(0)).unwrap_or(0);
        let keys = tally::text(&[map.keys().slice(first, last.saturating_sub(first))], 0)?;
        self.keys.add_text(keys.as_string_view());
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.keys.merge(other.keys);
    }

    fn bytes(&self) -> usize {
        self.keys.bytes()
    }
}

/// Values of a text column that begin with a prefix.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Values {
    prefix: String,
    values: ValueCounts,
    rows: u64,
}

impl Tally for Values {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let texts = tally::text(columns, 0)?;
        let texts = texts.as_string_view();
        self.rows += texts.len() as u64;
        if self.prefix.is_empty() {
            self.values.add_text(texts);
            return Ok(());
        }
        let begins = |text: &&str| text.to_lowercase().starts_with(&self.prefix);
        let chosen = StringViewArray::from_iter(texts.iter().map(|text| text.filter(begins)));
        self.values.add_text(&chosen);
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.values.merge(other.values);
    }

    fn bytes(&self) -> usize {
        self.values.bytes()
    }
}
