//! Which schema a frame was written with.
//!
//! The fingerprint is FNV-1a (64 bit) over each field as `name:type:nullable;`, where `type` is
//! spelt as in [`write_type`]. It depends on nothing but the columns. When a table's schema
//! changes, the former schema is added here with the conversion of its rows, so that a log left
//! behind by the version before still replays.

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use lincei_model::Table;

/// The schema that rows of `table` with this fingerprint have, `None` when this version knows none.
pub(crate) fn schema_of(table: Table, fingerprint: u64) -> Option<SchemaRef> {
    let schema = table.schema();
    (fingerprint_of(&schema) == fingerprint).then_some(schema)
}

/// The fingerprint of a schema.
pub(crate) fn fingerprint_of(schema: &Schema) -> u64 {
    let mut text = String::with_capacity(1024);
    for field in schema.fields() {
        write_field(&mut text, field);
    }
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn write_field(text: &mut String, field: &Field) {
    text.push_str(field.name());
    text.push(':');
    write_type(text, field.data_type());
    text.push_str(if field.is_nullable() { ":1;" } else { ":0;" });
}

fn write_type(text: &mut String, data_type: &DataType) {
    match data_type {
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "ms",
                TimeUnit::Microsecond => "us",
                TimeUnit::Nanosecond => "ns",
            };
            text.push_str("timestamp_");
            text.push_str(unit);
            text.push(' ');
            text.push_str(zone.as_deref().unwrap_or(""));
        }
        DataType::List(item) => {
            text.push_str("list<");
            write_field(text, item);
            text.push('>');
        }
        DataType::Map(entries, _) => {
            text.push_str("map<");
            write_field(text, entries);
            text.push('>');
        }
        DataType::Struct(fields) => {
            text.push_str("struct<");
            for field in fields {
                write_field(text, field);
            }
            text.push('>');
        }
        DataType::Boolean => text.push_str("bool"),
        DataType::Int32 => text.push_str("i32"),
        DataType::Int64 => text.push_str("i64"),
        DataType::UInt8 => text.push_str("u8"),
        DataType::UInt32 => text.push_str("u32"),
        DataType::UInt64 => text.push_str("u64"),
        DataType::Float64 => text.push_str("f64"),
        DataType::Binary => text.push_str("binary"),
        DataType::Utf8View => text.push_str("utf8_view"),
        // a type used for the first time gets a spelling of its own here; until then its name
        // serves, which is stable within one arrow version
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_is_fnv_1a_of_the_spelling() {
        // FNV-1a of "a:i64:0;" computed with the reference algorithm (draft-eastlake-fnv) in Python
        let schema = Schema::new(vec![Field::new("a", DataType::Int64, false)]);
        assert_eq!(fingerprint_of(&schema), FNV_OF_A_I64);
        let nullable = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
        assert_ne!(fingerprint_of(&nullable), FNV_OF_A_I64);
    }

    const FNV_OF_A_I64: u64 = 0x613e_d87f_2649_9f1e;

    #[test]
    fn every_table_is_known_by_its_fingerprint_alone() {
        for table in Table::ALL {
            let print = fingerprint_of(&table.schema());
            assert_eq!(schema_of(table, print), Some(table.schema()));
            assert_eq!(schema_of(table, print ^ 1), None);
            for other in Table::ALL.into_iter().filter(|o| *o != table) {
                assert_eq!(schema_of(other, print), None, "{table} and {other} share a fingerprint");
            }
        }
    }
}
