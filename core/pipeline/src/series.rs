//! The identity of a metric's series, when an operator changed what it hangs on.
//!
//! XXH3-64 (seed 0) over the same layout as at intake, of what the columns hold now:
//!
//! ```text
//! list(resource) text(scope) text(metric) text(kind) text(unit) list(attributes)
//!
//! list(entries) = u32 number of entries, then text(key) text(value) for each, by the bytes of the keys
//! text(t)       = u32 length in bytes, then the bytes; a null value is the length 0xffffffff alone
//! ```
//!
//! Intake leaves out of the attributes what it adds itself, so that an id made here may differ from the
//! one that the same labels got there. Therefore a row whose labels are what they were keeps its id, and
//! which rows come with it in a call changes nothing; points that pass the same pipeline have the same id.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, MapArray, StringViewArray, UInt64Array};
use arrow_schema::ArrowError;
use lincei_model::Table;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

const NULL: u32 = u32::MAX;
const TEXTS: [&str; 4] = ["scope", "metric", "kind", "unit"];

/// Whether series differ when this column of `metrics` does, or the id itself was set, which only follows
/// from the others.
pub(crate) fn is_identity(column: &str) -> bool {
    TEXTS.contains(&column) || matches!(column, "attributes" | "resource" | "series_id")
}

/// Sets `series_id` of the rows of `metrics` whose labels differ from those in `before`, of all rows
/// without it.
pub(crate) fn renew(before: Option<&[ArrayRef]>, columns: &mut [ArrayRef]) -> Result<(), ArrowError> {
    let labels = Labels::of(columns)?;
    let index = Table::Metrics.schema().index_of("series_id")?;
    let before = match before {
        Some(before) => Some((Labels::of(before)?, before.get(index).cloned().ok_or_else(missing)?)),
        None => None,
    };
    let (mut bytes, mut bytes_before, mut order) = (Vec::new(), Vec::new(), Vec::new());
    let ids: UInt64Array = (0..labels.resource.len())
        .map(|row| {
            labels.write(row, &mut bytes, &mut order);
            if let Some((labels, ids)) = &before {
                labels.write(row, &mut bytes_before, &mut order);
                if bytes == bytes_before {
                    return Some(ids.as_primitive::<UInt64Type>().value(row));
                }
            }
            Some(xxh3_64(&bytes))
        })
        .collect();
    if let Some(column) = columns.get_mut(index) {
        *column = Arc::new(ids);
    }
    Ok(())
}

fn missing() -> ArrowError {
    ArrowError::SchemaError("a column of metrics is missing".to_owned())
}

/// What a series hangs on.
struct Labels {
    resource: ArrayRef,
    texts: Vec<ArrayRef>,
    attributes: ArrayRef,
}

impl Labels {
    fn of(columns: &[ArrayRef]) -> Result<Self, ArrowError> {
        let schema = Table::Metrics.schema();
        let column = |name: &str| columns.get(schema.index_of(name)?).cloned().ok_or_else(missing);
        let texts = TEXTS.iter().map(|name| column(name)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { resource: column("resource")?, texts, attributes: column("attributes")? })
    }

    fn write(&self, row: usize, bytes: &mut Vec<u8>, order: &mut Vec<usize>) {
        bytes.clear();
        push_entries(bytes, order, self.resource.as_map(), row);
        for text in &self.texts {
            let text: &StringViewArray = text.as_string_view();
            push_text(bytes, if text.is_valid(row) { text.value(row) } else { "" });
        }
        push_entries(bytes, order, self.attributes.as_map(), row);
    }
}

fn push_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&u32::try_from(number).unwrap_or(NULL).to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn push_entries(bytes: &mut Vec<u8>, order: &mut Vec<usize>, map: &MapArray, row: usize) {
    let keys: &StringViewArray = map.keys().as_string_view();
    let values: &StringViewArray = map.values().as_string_view();
    let offset = |at: usize| map.value_offsets().get(at).and_then(|o| usize::try_from(*o).ok()).unwrap_or(0);
    order.clear();
    order.extend(offset(row)..offset(row + 1));
    order.sort_by(|a, b| keys.value(*a).as_bytes().cmp(keys.value(*b).as_bytes()));
    order.dedup_by(|later, first| keys.value(*later) == keys.value(*first));
    push_number(bytes, order.len());
    for at in order.iter().copied() {
        push_text(bytes, keys.value(at));
        if values.is_valid(at) {
            push_text(bytes, values.value(at));
        } else {
            bytes.extend_from_slice(&NULL.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::batch;
    use serde_json::{Value, json};

    fn id(record: &Value) -> u64 {
        let mut columns = batch(Table::Metrics, std::slice::from_ref(record)).records().columns().to_vec();
        renew(None, &mut columns).unwrap();
        let index = Table::Metrics.schema().index_of("series_id").unwrap();
        columns[index].as_primitive::<UInt64Type>().value(0)
    }

    /// The layout at the head of this file, by hand.
    fn list(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = (entries.len() as u32).to_le_bytes().to_vec();
        for (key, value) in entries {
            bytes.extend(text(key));
            bytes.extend(text(value));
        }
        bytes
    }

    fn text(text: &str) -> Vec<u8> {
        [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
    }

    #[test]
    fn the_bytes_are_those_of_the_layout() {
        let record = json!({"metric": "m", "kind": "sum", "unit": "s", "scope": "o", "resource": {"r": "1"},
            "attributes": {"b": "2", "a": "ü"}});
        let parts =
            [list(&[("r", "1")]), text("o"), text("m"), text("sum"), text("s"), list(&[("a", "ü"), ("b", "2")])];
        assert_eq!(id(&record), xxh3_64(&parts.concat()));
        // a null value is a length alone
        let null = [list(&[]), text(""), text("m"), text(""), text(""), vec![1, 0, 0, 0], text("a"), vec![0xff; 4]];
        assert_eq!(id(&json!({"metric": "m", "attributes": {"a": null}})), xxh3_64(&null.concat()));
    }

    #[test]
    fn ids_differ_where_labels_do() {
        let base = json!({"metric": "m", "kind": "k", "attributes": {"a": "1"}});
        for other in [
            json!({"metric": "n", "kind": "k", "attributes": {"a": "1"}}),
            json!({"metric": "m", "kind": "l", "attributes": {"a": "1"}}),
            json!({"metric": "m", "kind": "k", "attributes": {"a": "2"}}),
            json!({"metric": "m", "kind": "k", "attributes": {"a1": ""}}),
            json!({"metric": "m", "kind": "k", "resource": {"a": "1"}}),
            json!({"metric": "mk", "kind": "", "attributes": {"a": "1"}}),
            json!({"metric": "m", "kind": "k", "unit": "s", "attributes": {"a": "1"}}),
            json!({"metric": "m", "kind": "k", "scope": "s", "attributes": {"a": "1"}}),
        ] {
            assert_ne!(id(&base), id(&other), "{other}");
        }
        for same in ["time", "value", "description", "service"] {
            let mut record = base.clone();
            record[same] = json!(if same == "value" || same == "time" { json!(5) } else { json!("x") });
            assert_eq!(id(&base), id(&record), "{same} is no label");
        }
    }
}
