use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use lincei_model::attribute_of_column;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// One row in so many is looked at.
const SAMPLE: usize = 8;
/// Rows looked at in a row.
const SAMPLE_ROWS: usize = 1024;
/// Different values of a field that are counted; later ones are not.
const VALUES_COUNTED: usize = 2000;
/// Values of a field that are kept, the most frequent ones.
const VALUES_KEPT: usize = 100;
/// Bytes of a value; longer ones complete nothing.
const VALUE_BYTES_MAX: usize = 200;

/// Columns of the table whose values complete a search.
const COLUMNS: [&str; 9] = ["service", "severity", "event_name", "scope", "name", "kind", "status", "metric", "unit"];

pub(super) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("field", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
        Field::new("rows", DataType::Int64, false),
    ]))
});

#[derive(Default)]
struct FieldValues {
    counts: HashMap<Box<str>, i64>,
    rows: i64,
}

/// Counts the values of a file's columns of text, in one row of eight.
pub(super) struct Values {
    fields: Vec<(String, usize, FieldValues)>,
    rows: usize,
}

impl Values {
    pub(super) fn new(schema: &Schema) -> Self {
        let wanted = |name: &str| COLUMNS.contains(&name) || attribute_of_column(name).is_some();
        let fields = schema.fields().iter().enumerate().filter(|(_, f)| wanted(f.name()));
        let fields = fields.map(|(index, f)| (f.name().clone(), index, FieldValues::default())).collect();
        Self { fields, rows: 0 }
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) {
        let period = SAMPLE * SAMPLE_ROWS;
        let mut at = 0;
        while at < batch.num_rows() {
            let within = self.rows % period;
            let (take, look) =
                if within < SAMPLE_ROWS { (SAMPLE_ROWS - within, true) } else { (period - within, false) };
            let take = take.min(batch.num_rows() - at);
            if look {
                self.look(&batch.slice(at, take));
            }
            self.rows += take;
            at += take;
        }
    }

    fn look(&mut self, rows: &RecordBatch) {
        for (_, index, values) in &mut self.fields {
            let Some(column) = rows.columns().get(*index) else { continue };
            let Ok(texts) = crate::attributes::attribute_text(column) else { continue };
            if let Some(texts) = texts.as_any().downcast_ref() {
                values.add(texts);
            }
        }
    }

    pub(super) fn finish(self) -> Result<RecordBatch, ArrowError> {
        let mut fields = StringBuilder::new();
        let mut values = StringBuilder::new();
        let mut rows = Int64Builder::new();
        let scale = i64::try_from(SAMPLE).unwrap_or(1);
        for (name, _, found) in self.fields.into_iter().filter(|(_, _, found)| found.rows > 0) {
            fields.append_value(&name);
            values.append_null();
            rows.append_value(found.rows * scale);
            let mut counts: Vec<(i64, Box<str>)> = found.counts.into_iter().map(|(value, n)| (n, value)).collect();
            counts.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            for (n, value) in counts.into_iter().take(VALUES_KEPT) {
                fields.append_value(&name);
                values.append_value(value);
                rows.append_value(n * scale);
            }
        }
        let columns: Vec<ArrayRef> =
            vec![Arc::new(fields.finish()), Arc::new(values.finish()), Arc::new(rows.finish())];
        RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
    }
}

impl FieldValues {
    fn add(&mut self, texts: &StringViewArray) {
        let mut last: Option<(&str, i64)> = None;
        for text in texts.iter().flatten() {
            self.rows += 1;
            last = Some(match last {
                Some((seen, n)) if seen == text => (seen, n + 1),
                Some((seen, n)) => {
                    self.count(seen, n);
                    (text, 1)
                }
                None => (text, 1),
            });
        }
        if let Some((seen, n)) = last {
            self.count(seen, n);
        }
    }

    fn count(&mut self, value: &str, n: i64) {
        if let Some(count) = self.counts.get_mut(value) {
            *count += n;
        } else if self.counts.len() < VALUES_COUNTED && value.len() <= VALUE_BYTES_MAX {
            self.counts.insert(value.into(), n);
        }
    }
}
