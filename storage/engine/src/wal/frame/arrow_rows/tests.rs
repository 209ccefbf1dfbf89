use super::super::fingerprint_of;
use super::*;
use crate::test_support::random::random;
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions};
use arrow_ipc::{CompressionType, MetadataVersion};
use lincei_model::Table;

/// As versions before wrote it: see the table in the module documentation of `wal`.
fn encode(batch: &Batch) -> Vec<u8> {
    let options = IpcWriteOptions::try_new(8, false, MetadataVersion::V5).unwrap();
    let options = options.try_with_compression(Some(CompressionType::LZ4_FRAME)).unwrap();
    let (_, message) = IpcDataGenerator::default()
        .encode(batch.records(), &mut DictionaryTracker::new(false), &options, &mut Default::default())
        .unwrap();
    let mut out = Vec::new();
    out.extend(batch.table().wire_id().to_le_bytes());
    out.extend([0; 2]);
    out.extend((batch.rows() as u32).to_le_bytes());
    out.extend(fingerprint_of(batch.records().schema_ref()).to_le_bytes());
    out.extend((message.ipc_message.len() as u32).to_le_bytes());
    out.extend((message.arrow_data.len() as u32).to_le_bytes());
    for part in [&message.ipc_message, &message.arrow_data] {
        out.extend(part);
        out.resize(out.len().next_multiple_of(8), 0);
    }
    out
}

#[test]
fn batches_of_earlier_versions_are_read() {
    for table in Table::ALL {
        for rows in [1, 2, 17, 1000] {
            let batch = random(table, rows, rows as u64);
            let bytes = encode(&batch);
            let mut cursor = Cursor { rest: &bytes };
            let read = decode_batch(&mut cursor).unwrap();
            assert_eq!((read.table(), read.records()), (table, batch.records()), "{rows} rows");
            assert!(cursor.rest.is_empty());
        }
    }
}

#[test]
fn a_wrong_number_of_rows_is_an_error() {
    let mut bytes = encode(&random(Table::Logs, 3, 1));
    bytes[4] = 4;
    let error = decode_batch(&mut Cursor { rest: &bytes }).unwrap_err().to_string();
    assert!(error.ends_with("3 rows, header says 4"), "{error}");
}
