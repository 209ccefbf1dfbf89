mod layout;
mod merging;
mod metrics;
mod ranges;
mod rows;
mod sorting;
mod verifying;
mod wide;
mod writing;

use super::*;
use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use lincei_catalog::DataFile;
use lincei_model::{FileAttributes, TenantId};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use std::sync::Arc;

fn memory() -> Arc<dyn ObjectStore> {
    Arc::new(InMemory::new())
}

/// Sorts rows, which must be of one hour.
fn sorted(table: Table, batch: RecordBatch) -> Vec<RecordBatch> {
    let mut hours = sort_by_hour(table, vec![batch]).unwrap().hours;
    assert_eq!(hours.len(), 1);
    hours.remove(0).1
}

async fn write_batches(
    store: &Arc<dyn ObjectStore>,
    table: Table,
    tier: Tier,
    path: &str,
    batches: Vec<RecordBatch>,
) -> Result<DataFile, EngineError> {
    let written =
        write(store, table, tier, path, &FileAttributes::default(), stream::iter(batches.into_iter().map(Ok))).await?;
    Ok(data_file(table, path, &written))
}

fn data_file(table: Table, path: &str, written: &Written) -> DataFile {
    DataFile {
        id: ulid::Ulid::nil(),
        tenant: TenantId::default(),
        table,
        path: path.to_owned(),
        rows: written.rows,
        bytes: written.bytes,
        min_time_ns: written.min_time_ns,
        max_time_ns: written.max_time_ns,
        level: 0,
        crc32: written.crc32,
        created_ns: 0,
        columns: written.columns.clone(),
        attributes: written.attributes.clone(),
        terms: written.terms,
        summary: written.summary,
        patterns: written.patterns,
    }
}

/// Sorts and writes rows of one hour.
async fn write_sorted(store: &Arc<dyn ObjectStore>, table: Table, path: &str, batch: RecordBatch) -> DataFile {
    write_batches(store, table, Tier::Fresh, path, sorted(table, batch)).await.unwrap()
}

async fn read_all(store: &Arc<dyn ObjectStore>, file: &DataFile) -> Result<Vec<RecordBatch>, EngineError> {
    read(store, file).await?.try_collect().await
}

fn concat(table: Table, batches: &[RecordBatch]) -> RecordBatch {
    concat_batches(&table.schema(), batches).unwrap()
}

async fn object(store: &Arc<dyn ObjectStore>, path: &str) -> Bytes {
    store.get(&Path::from(path)).await.unwrap().bytes().await.unwrap()
}

async fn replace(store: &Arc<dyn ObjectStore>, path: &str, bytes: Vec<u8>) {
    store.put(&Path::from(path), PutPayload::from(bytes)).await.unwrap();
}
