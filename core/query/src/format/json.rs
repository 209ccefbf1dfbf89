use super::cell::{Cells, write_json};
use crate::error::QueryError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use std::collections::HashSet;
use std::sync::Arc;

/// `{"columns":[…],"rows":[[…],…],"stats":{…}}`
pub(super) struct JsonEncoder {
    head: Vec<u8>,
    rows: bool,
}

impl JsonEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let mut head = b"{\"columns\":[".to_vec();
        for (i, field) in schema.fields().iter().enumerate() {
            head.extend_from_slice(if i > 0 { b",{\"name\":" } else { b"{\"name\":" });
            write_json(field.name(), &mut head);
            head.extend_from_slice(b",\"type\":");
            write_json(&field.data_type().to_string(), &mut head);
            head.push(b'}');
        }
        head.extend_from_slice(b"],\"rows\":[");
        Self { head, rows: false }
    }

    pub(super) fn start(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.head)
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        let columns = columns(batch)?;
        let mut out = Vec::with_capacity(batch.num_rows() * 16 * columns.len());
        for row in 0..batch.num_rows() {
            if self.rows {
                out.extend_from_slice(b",\n");
            }
            self.rows = true;
            out.push(b'[');
            for (i, column) in columns.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                column.json(row, &mut out);
            }
            out.push(b']');
        }
        Ok(out)
    }

    /// Closes the rows and the object with one more member.
    pub(super) fn end(member: &str, object: &str) -> Vec<u8> {
        format!("],\"{member}\":{object}}}").into_bytes()
    }
}

/// One object per line.
pub(super) struct NdJsonEncoder {
    /// `"name":` of each column.
    names: Vec<Vec<u8>>,
}

impl NdJsonEncoder {
    /// A name that was there before gets `_2`, `_3` …: an object cannot have a name twice.
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let mut seen = HashSet::new();
        let names = schema.fields().iter().map(|field| {
            let mut name = field.name().clone();
            let mut number = 2;
            while !seen.insert(name.clone()) {
                name = format!("{}_{number}", field.name());
                number += 1;
            }
            let mut quoted = Vec::new();
            write_json(&name, &mut quoted);
            quoted.push(b':');
            quoted
        });
        Self { names: names.collect() }
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        let columns = columns(batch)?;
        let mut out = Vec::with_capacity(batch.num_rows() * 24 * columns.len());
        for row in 0..batch.num_rows() {
            out.push(b'{');
            for (i, (name, column)) in self.names.iter().zip(&columns).enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(name);
                column.json(row, &mut out);
            }
            out.extend_from_slice(b"}\n");
        }
        Ok(out)
    }

    pub(super) fn error_line(problem: &str) -> Vec<u8> {
        format!("{{\"error\":{problem}}}\n").into_bytes()
    }
}

pub(super) fn columns(batch: &RecordBatch) -> Result<Vec<Cells>, QueryError> {
    batch.columns().iter().map(Cells::new).collect::<Result<_, ArrowError>>().map_err(|error| QueryError::Internal {
        message: format!("answer: {error}"),
        source: Some(Arc::new(error.into())),
    })
}
