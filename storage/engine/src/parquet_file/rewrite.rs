use super::layout::Tier;
use super::reader::{BATCH_BYTES, read_wide};
use super::write::{Written, write};
use super::{arrow_error, verify};
use crate::EngineError;
use arrow_array::BooleanArray;
use arrow_buffer::BooleanBuffer;
use arrow_select::filter::filter_record_batch;
use futures::{StreamExt, TryStreamExt};
use lincei_catalog::DataFile;
use lincei_model::FileAttributes;
use object_store::ObjectStore;
use std::sync::Arc;

/// Writes those rows of `file` to `path` for which `kept` is true, in their order and with the
/// file's own columns. `kept` has a bit for each row, at least one of them set. The file is verified
/// first, so that damage is not copied under a fresh checksum.
///
/// Memory: that of [`super::read`] and of [`write`].
///
/// # Errors
/// [`EngineError::Corrupt`] for a file that is not what was written, [`EngineError::RowsDiffer`] when
/// it has another number of rows than `kept`, and failures of the store. Nothing exists at `path`
/// then.
pub(crate) async fn rewrite(
    store: &Arc<dyn ObjectStore>,
    tier: Tier,
    file: &DataFile,
    path: &str,
    kept: &BooleanBuffer,
) -> Result<Written, EngineError> {
    let table = file.table;
    verify(store, file).await.map_err(|corruption| corruption.into_error(&file.path))?;
    let attributes = Arc::new(FileAttributes { columns: file.attributes.columns.clone(), rest: None });
    let mut at = 0;
    let rows = read_wide(store, file, &attributes, BATCH_BYTES).await?.map(|batch| {
        let batch = batch?;
        let end = at + batch.num_rows();
        if end > kept.len() {
            let (rows_in, rows_out) = (kept.len() as u64, end as u64);
            return Err(EngineError::RowsDiffer { table, rows_in, rows_out });
        }
        let stays = BooleanArray::new(kept.slice(at, batch.num_rows()), None);
        at = end;
        filter_record_batch(&batch, &stays).map_err(arrow_error("filtered", table))
    });
    let rows = rows.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
    write(store, table, tier, path, &attributes, rows).await
}
