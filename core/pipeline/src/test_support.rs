//! Rows, operators and columns for the tests of this crate.

use crate::kernel::Target;
use crate::{
    ColumnPath, ColumnType, FailurePolicy, Operator, OperatorError, OperatorInfo, Pipeline, RunContext, Step, Work,
    records_from_json, records_to_json,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use lincei_model::{Batch, Table};
use serde_json::{Value, json};
use std::sync::Arc;

/// 2023-11-14T22:13:20Z.
pub(crate) const NOW_NS: i64 = 1_700_000_000_000_000_000;

pub(crate) fn batch(table: Table, records: &[Value]) -> Batch {
    records_from_json(table, records, NOW_NS).unwrap()
}

pub(crate) fn logs(records: &[Value]) -> Batch {
    batch(Table::Logs, records)
}

/// Logs with these bodies, `null` for none.
pub(crate) fn bodies<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> Batch {
    let records: Vec<Value> = texts.into_iter().map(|body| json!({ "body": body })).collect();
    logs(&records)
}

/// Work on logs with these bodies.
pub(crate) fn work_of<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> Work {
    Work::new(&bodies(texts), NOW_NS)
}

pub(crate) fn path(table: Table, path: &str) -> ColumnPath {
    ColumnPath::parse(table, path).unwrap()
}

/// A column of logs as what it is.
pub(crate) fn column(name: &str) -> Target {
    column_as(name, path(Table::Logs, name).native_type(Table::Logs))
}

pub(crate) fn column_as(name: &str, column_type: ColumnType) -> Target {
    Target { path: path(Table::Logs, name), column_type }
}

/// The values of a flat array.
pub(crate) fn values(array: &ArrayRef) -> Vec<Value> {
    (0..array.len())
        .map(|row| match array.data_type() {
            _ if array.is_null(row) => Value::Null,
            arrow_schema::DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
            arrow_schema::DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
            arrow_schema::DataType::Boolean => json!(array.as_boolean().value(row)),
            _ => json!(array.as_string_view().value(row)),
        })
        .collect()
}

pub(crate) fn read(work: &mut Work, name: &str, as_type: ColumnType) -> Vec<Value> {
    values(&work.read(&path(work.table(), name), as_type).unwrap())
}

pub(crate) fn texts(work: &mut Work, name: &str) -> Vec<Value> {
    read(work, name, ColumnType::Text)
}

pub(crate) fn bits(mask: &BooleanBuffer) -> Vec<u8> {
    mask.iter().map(u8::from).collect()
}

pub(crate) fn mask(bits: &[u8]) -> BooleanBuffer {
    bits.iter().map(|bit| *bit != 0).collect()
}

/// What is left of the work, as JSON.
pub(crate) fn finished(work: Work) -> Vec<Value> {
    records_to_json(&work.finish().unwrap().records).unwrap()
}

type Process = dyn Fn(&mut Work) -> Result<(), OperatorError> + Send + Sync;

/// An operator that a test writes down where it needs it.
pub(crate) struct Scripted {
    info: Arc<OperatorInfo>,
    process: Box<Process>,
}

impl Operator for Scripted {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.info)
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        (self.process)(work)
    }
}

pub(crate) fn info(name: &str) -> OperatorInfo {
    OperatorInfo {
        name: name.to_owned(),
        version: Some("1.2.0".to_owned()),
        tables: vec![Table::Logs, Table::Spans, Table::Metrics],
        columns: Vec::new(),
        batch_hint: 0,
        routes: ["one", "two", "three", "four", "five"].map(str::to_owned).to_vec(),
    }
}

pub(crate) fn scripted(
    info: OperatorInfo,
    process: impl Fn(&mut Work) -> Result<(), OperatorError> + Send + Sync + 'static,
) -> Arc<dyn Operator> {
    Arc::new(Scripted { info: Arc::new(info), process: Box::new(process) })
}

pub(crate) fn operator(
    process: impl Fn(&mut Work) -> Result<(), OperatorError> + Send + Sync + 'static,
) -> Arc<dyn Operator> {
    scripted(info("scripted"), process)
}

/// A step for all rows that lets them pass when it fails.
pub(crate) fn step(name: &str, operator: Arc<dyn Operator>) -> Step {
    Step {
        name: name.to_owned(),
        operator,
        filter: None,
        on_failure: FailurePolicy::Pass,
        routes: Vec::new(),
        stats: Arc::default(),
    }
}

pub(crate) fn pipeline(steps: Vec<Step>) -> Pipeline {
    Pipeline::new(Table::Logs, steps).unwrap()
}

pub(crate) fn context() -> RunContext {
    RunContext { now_ns: NOW_NS, newest_ns: NOW_NS + 600_000_000_000, client: "127.0.0.1 curl/8".to_owned() }
}
