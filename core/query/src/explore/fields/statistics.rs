//! What files know about their fields without being read: keys from the catalog, frequent values
//! from the summaries. Estimates, over any range, for searches that have no condition.

use super::FieldOrigin;
use crate::explore::Selection;
use crate::service::QueryService;
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use futures::StreamExt;
use lincei_engine::{FileSummary, LiveFile};
use lincei_model::{ATTRIBUTE_MAPS, attribute_column_name};
use std::collections::HashMap;
use std::sync::Arc;

/// Summaries that are read at once.
const READS: usize = 16;
/// Files whose summaries are read, the newest ones.
const FILES_MAX: usize = 1000;

/// Rows in files, and what they have.
pub(super) struct Known<T> {
    pub(super) rows: u64,
    pub(super) counts: HashMap<T, u64>,
}

impl<T> Known<T> {
    fn nothing() -> Self {
        Self { rows: 0, counts: HashMap::new() }
    }
}

/// Keys of a table's maps, with the number of rows in files that have each.
pub(super) fn keys(service: &QueryService, selection: &Selection) -> Known<(String, FieldOrigin)> {
    let mut known = Known::nothing();
    for file in files(service, selection) {
        known.rows += file.rows;
        for key in file.attributes.columns.iter().chain(file.attributes.rest.iter().flatten()) {
            let origin = if key.map == "resource" { FieldOrigin::Resource } else { FieldOrigin::Attribute };
            *known.counts.entry((key.key.clone(), origin)).or_default() += key.rows;
        }
    }
    known
}

/// Values of a field that begin with `prefix` (lower case), with the number of rows of each.
pub(super) async fn values(service: &QueryService, selection: &Selection, field: &str, prefix: &str) -> Known<String> {
    let names: Vec<String> = std::iter::once(field.to_owned())
        .chain(ATTRIBUTE_MAPS.iter().map(|map| attribute_column_name(map, field)))
        .collect();
    let mut files = files(service, selection);
    files.sort_by_key(|file| std::cmp::Reverse(file.max_time_ns));
    files.truncate(FILES_MAX);
    let summaries = futures::stream::iter(files).map(|file| async move { service.summary(&file).await });
    let mut summaries = summaries.buffered(READS);
    let mut known = Known::nothing();
    while let Some(summary) = summaries.next().await {
        if let Some(summary) = summary {
            add(&mut known, &summary, &names, prefix);
        }
    }
    known
}

fn add(known: &mut Known<String>, summary: &FileSummary, names: &[String], prefix: &str) {
    let column = |name: &str| summary.values.column_by_name(name);
    let texts = |name: &str| column(name).and_then(|column| column.as_string_opt::<i32>());
    let (Some(fields), Some(values)) = (texts("field"), texts("value")) else { return };
    let Some(rows) = column("rows").and_then(|rows| rows.as_primitive_opt::<Int64Type>()) else { return };
    for row in 0..summary.values.num_rows() {
        let value = if names.iter().any(|name| name == fields.value(row)) { values.value(row) } else { continue };
        let count = rows.value(row).unsigned_abs();
        if values.is_null(row) {
            known.rows += count;
        } else if value.to_lowercase().starts_with(prefix) {
            *known.counts.entry(value.to_owned()).or_default() += count;
        }
    }
}

fn files(service: &QueryService, selection: &Selection) -> Vec<Arc<LiveFile>> {
    if selection.search.trim().is_empty() { service.files(selection) } else { Vec::new() }
}
