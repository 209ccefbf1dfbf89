//! What the plugins do, compiled for this machine: column by column as operators, and row by row as
//! collectors do it that hold records as objects.

use arrow_array::builder::{Float64Builder, Int64Builder, StringViewBuilder};
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, ArrayRef};
use arrow_buffer::BooleanBuffer;
use lincei_model::Table;
use lincei_pipeline::{ColumnPath, ColumnType, Operator, OperatorError, OperatorInfo, Work};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// What is read of a body; the same as in the plugin.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow)]
    level: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_id: Option<Cow<'a, str>>,
    status: Option<i64>,
    duration_ms: Option<f64>,
}

fn info() -> Arc<OperatorInfo> {
    Arc::new(OperatorInfo {
        name: "native".to_owned(),
        version: None,
        tables: vec![Table::Logs],
        columns: Vec::new(),
        batch_hint: 0,
        routes: Vec::new(),
    })
}

fn path(text: &str) -> ColumnPath {
    ColumnPath::parse(Table::Logs, text).unwrap()
}

/// Parses bodies with serde, sets three columns, drops level debug.
pub(crate) struct ParseJson {
    body: ColumnPath,
    user: ColumnPath,
    status: ColumnPath,
    duration: ColumnPath,
}

impl ParseJson {
    pub(crate) fn new() -> Self {
        Self {
            body: path("body"),
            user: path("attributes.user.id"),
            status: path("attributes.http.status"),
            duration: path("attributes.duration.ms"),
        }
    }
}

impl Operator for ParseJson {
    fn info(&self) -> Arc<OperatorInfo> {
        info()
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        let bodies = work.read(&self.body, ColumnType::Text).unwrap();
        let bodies = bodies.as_string_view();
        let mut users = StringViewBuilder::with_capacity(bodies.len());
        let mut statuses = Int64Builder::with_capacity(bodies.len());
        let mut durations = Float64Builder::with_capacity(bodies.len());
        let keep: BooleanBuffer = bodies
            .iter()
            .map(|text| {
                let body: Body<'_> = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
                users.append_option(body.user_id);
                statuses.append_option(body.status);
                durations.append_option(body.duration_ms);
                body.level.as_deref() != Some("debug")
            })
            .collect();
        let (users, statuses, durations): (ArrayRef, ArrayRef, ArrayRef) =
            (Arc::new(users.finish()), Arc::new(statuses.finish()), Arc::new(durations.finish()));
        work.write(&self.user, &users).unwrap();
        work.write(&self.status, &statuses).unwrap();
        work.write(&self.duration, &durations).unwrap();
        work.keep(&keep).unwrap();
        Ok(())
    }
}

/// Drops what is below INFO.
pub(crate) struct Light(ColumnPath);

impl Light {
    pub(crate) fn new() -> Self {
        Self(path("severity_number"))
    }
}

impl Operator for Light {
    fn info(&self) -> Arc<OperatorInfo> {
        info()
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        let severities = work.read(&self.0, ColumnType::Ints).unwrap();
        let severities = severities.as_primitive::<Int64Type>().values();
        let keep = BooleanBuffer::collect_bool(severities.len(), |row| severities.get(row).is_some_and(|s| *s > 8));
        work.keep(&keep).unwrap();
        Ok(())
    }
}

/// Does nothing.
pub(crate) struct Nothing;

impl Operator for Nothing {
    fn info(&self) -> Arc<OperatorInfo> {
        info()
    }

    fn process(&self, _: &mut Work) -> Result<(), OperatorError> {
        Ok(())
    }
}

/// A value of an attribute, as collectors have it.
#[expect(dead_code, reason = "it is written, as a collector would send it on")]
enum Value {
    Text(String),
    Int(i64),
    Float(f64),
}

/// A record as an object.
pub(crate) struct Record {
    body: String,
    attributes: Vec<(String, Value)>,
}

pub(crate) fn records(bodies: &[String]) -> Vec<Record> {
    let text = |key: &str, value: &str| (key.to_owned(), Value::Text(value.to_owned()));
    bodies
        .iter()
        .map(|body| Record {
            body: body.clone(),
            attributes: vec![text("host.name", "node-7"), text("k8s.pod.name", "shop-5d8c7b9f4-x2x7p")],
        })
        .collect()
}

/// The same as [`ParseJson`], in place.
pub(crate) fn parse_records(records: &mut Vec<Record>) {
    records.retain_mut(|record| {
        let body: Body<'_> = serde_json::from_str(&record.body).unwrap_or_default();
        let keep = body.level.as_deref() != Some("debug");
        let fields = [
            ("user.id", body.user_id.map(|user| Value::Text(user.into_owned()))),
            ("http.status", body.status.map(Value::Int)),
            ("duration.ms", body.duration_ms.map(Value::Float)),
        ];
        let present = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        record.attributes.extend(present);
        keep
    });
}
