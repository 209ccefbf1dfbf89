//! Rows as JSON objects: for what is refused, for trying operators out, and for their tests.
//!
//! Members are the columns of the table; `time` is RFC 3339 with nanoseconds, maps are objects of
//! texts. What is missing is null, in maps empty; what must have a value gets 0, the empty text or,
//! for `time`, the time that is passed in.

use crate::work::start_rows;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_json::ReaderBuilder;
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::{ArrowError, Field, Schema};
use lincei_model::{Batch, BatchError, Table};
use serde_json::Value;
use std::sync::Arc;

/// Why JSON is not rows of a table.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A member that is no column, or has another type.
    #[error("record {row}: {detail}")]
    Record {
        /// Its number, from 0.
        row: usize,
        /// What is wrong.
        detail: String,
    },
    /// A value is not what its column holds.
    #[error("a record does not fit table {table}: {detail}")]
    Value {
        /// The table.
        table: Table,
        /// What is wrong.
        detail: String,
    },
    /// Arrow refused; a defect here.
    #[error("columns do not fit together: {0}")]
    Arrow(#[from] ArrowError),
    /// A defect here.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// A defect here.
    #[error(transparent)]
    Work(#[from] crate::WorkError),
}

/// Rows of JSON objects.
///
/// # Errors
/// [`RecordError`] naming the record or the value.
pub fn records_from_json(table: Table, records: &[Value], now_ns: i64) -> Result<Batch, RecordError> {
    let schema = table.schema();
    for (row, record) in records.iter().enumerate() {
        let Some(members) = record.as_object() else {
            return Err(RecordError::Record { row, detail: "it is not an object".to_owned() });
        };
        if let Some(unknown) = members.keys().find(|name| schema.index_of(name).is_err()) {
            return Err(RecordError::Record { row, detail: format!("table {table} has no column {unknown:?}") });
        }
    }
    // everything may be missing while it is read
    let fields: Vec<Field> = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    let optional = Arc::new(Schema::new(fields));
    let wrong = |error: ArrowError| RecordError::Value { table, detail: error.to_string() };
    let mut decoder = ReaderBuilder::new(optional)
        .with_batch_size(records.len().max(1))
        .with_coerce_primitive(true)
        .build_decoder()
        .map_err(wrong)?;
    decoder.serialize(records).map_err(wrong)?;
    let start = start_rows(table, records.len(), now_ns)?;
    let Some(read) = decoder.flush().map_err(wrong)? else { return Ok(Batch::new(table, start)?) };
    let columns = read.columns().iter().zip(start.columns()).zip(schema.fields());
    let columns = columns.map(|((read, start), field)| required(read, start, field)).collect::<Result<Vec<_>, _>>()?;
    Ok(Batch::new(table, RecordBatch::try_new(schema, columns)?)?)
}

/// A column with what it starts as where nothing was given.
fn required(read: &ArrayRef, start: &ArrayRef, field: &Field) -> Result<ArrayRef, ArrowError> {
    let Some(nulls) = read.nulls().filter(|_| !field.is_nullable()) else { return Ok(Arc::clone(read)) };
    let given = arrow_array::BooleanArray::new(nulls.inner().clone(), None);
    arrow_select::zip::zip(&given, read, start)
}

/// Each row as one JSON object without what is null.
///
/// # Errors
/// For defects here only.
pub fn records_to_json(rows: &RecordBatch) -> Result<Vec<Value>, RecordError> {
    lines(rows)?
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map_err(|error| ArrowError::JsonError(error.to_string()).into()))
        .collect()
}

/// Each row as one line of JSON without what is null.
pub(crate) fn lines(rows: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(false).build::<_, LineDelimited>(Vec::new());
    writer.write(rows)?;
    writer.finish()?;
    Ok(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{NOW_NS, batch};
    use serde_json::json;

    /// Records come back as they were given.
    fn check(table: Table, records: &[Value]) {
        let rows = records_from_json(table, records, NOW_NS).unwrap();
        assert_eq!(records_to_json(rows.records()).unwrap(), records, "{table}");
    }

    #[test]
    fn records_come_back_as_they_were_given() {
        let time = "2024-02-29T23:59:59.123456789Z";
        let empty = json!({});
        let log = json!({"time": time, "observed_time": time, "severity_number": 255, "severity": "x", "service": "s",
            "body": "line\nbreak \"ü😀\"", "event_name": "e", "trace_id": "t", "span_id": "i",
            "attributes": {"k": "v", "": ""}, "resource": {"a.b": "c"}, "scope": "o"});
        let bare = json!({"time": time, "severity_number": 0, "service": "", "attributes": empty, "resource": empty});
        check(Table::Logs, &[log, bare.clone(), bare]);
        let event = json!({"time": time, "name": "e", "attributes": {"k": "v"}});
        let link = json!({"trace_id": "t", "span_id": "s", "attributes": empty});
        check(
            Table::Spans,
            &[json!({"time": time, "duration_ns": i64::MIN, "trace_id": "t", "span_id": "s", "name": "n",
            "kind": "k", "service": "s", "status": "ok", "attributes": empty, "resource": empty,
            "events": [event, event], "links": [link]})],
        );
        check(
            Table::Metrics,
            &[json!({"time": time, "metric": "m", "kind": "gauge", "monotonic": false, "value": 1.5,
            "value_int": i64::MAX, "series_id": u64::MAX, "flags": u32::MAX, "service": "", "attributes": empty,
            "resource": empty, "scale": -3, "bucket_bounds": [0.5, 1e300], "bucket_counts": [0, u64::MAX],
            "quantiles": [{"quantile": 0.5, "value": -0.25}],
            "exemplars": [{"time": time, "value": 2.5, "trace_id": "t", "attributes": {"k": "v"}}]})],
        );
        check(Table::Logs, &[]);
    }

    #[test]
    fn what_must_have_a_value_and_was_not_given_gets_one() {
        let rows = batch(Table::Logs, &[json!({"body": "a"}), json!({"time": 5, "service": null, "attributes": null})]);
        let rest = json!({"severity_number": 0, "service": "", "attributes": {}, "resource": {}});
        let with = |members: Value| {
            let mut record = rest.clone();
            record.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            record
        };
        // date -u -d @1700000000
        let first = with(json!({"time": "2023-11-14T22:13:20Z", "body": "a"}));
        let second = with(json!({"time": "1970-01-01T00:00:00.000000005Z"}));
        assert_eq!(records_to_json(rows.records()).unwrap(), [first, second]);
    }

    #[test]
    fn numbers_and_truths_become_texts_where_texts_are_kept() {
        let rows = batch(Table::Logs, &[json!({"body": 5, "attributes": {"a": true, "b": 1.5}})]);
        let record = &records_to_json(rows.records()).unwrap()[0];
        assert_eq!((&record["body"], &record["attributes"]), (&json!("5"), &json!({"a": "true", "b": "1.5"})));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_reason() {
        for (table, record, reason) in [
            (Table::Logs, json!({"nonsense": 1}), "record 1: table logs has no column \"nonsense\""),
            (Table::Logs, json!([]), "record 1: it is not an object"),
            (Table::Logs, json!(null), "record 1: it is not an object"),
            (Table::Logs, json!({"severity_number": 256}), "does not fit table logs"),
            (Table::Logs, json!({"severity_number": -1}), "does not fit table logs"),
            (Table::Logs, json!({"severity_number": "x"}), "does not fit table logs"),
            (Table::Logs, json!({"time": "yesterday"}), "does not fit table logs"),
            (Table::Logs, json!({"attributes": "x"}), "does not fit table logs"),
            (Table::Logs, json!({"attributes": {"k": {"l": 1}}}), "does not fit table logs"),
            (Table::Logs, json!({"body": {"k": 1}}), "does not fit table logs"),
            (Table::Spans, json!({"events": [{"name": "e"}]}), "does not fit table spans"),
            (Table::Metrics, json!({"monotonic": "perhaps"}), "does not fit table metrics"),
        ] {
            let error = records_from_json(table, &[json!({}), record], NOW_NS).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
