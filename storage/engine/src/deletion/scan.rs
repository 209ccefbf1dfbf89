use super::Deletion;
use crate::engine::{Inner, computing};
use crate::error::EngineError;
use crate::live_file::LiveFile;
use crate::parquet_file;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use futures::TryStreamExt;
use std::sync::Arc;

/// One bit for each row of a file, in its order: whether the row stays.
pub(super) async fn kept(
    inner: &Inner,
    deletion: &Deletion,
    file: &Arc<LiveFile>,
) -> Result<BooleanBuffer, EngineError> {
    let (store, deletion, file) = (Arc::clone(&inner.store), deletion.clone(), Arc::clone(file));
    let scanning = async move {
        let mut kept = BooleanBufferBuilder::new(usize::try_from(file.rows).unwrap_or(0));
        let mut batches = parquet_file::read(&store, &file).await?;
        while let Some(batch) = batches.try_next().await? {
            kept.append_buffer(&kept_of(&deletion, &batch)?);
            tokio::task::yield_now().await;
        }
        let (table, rows_in, rows_out) = (deletion.table, file.rows, kept.len() as u64);
        if rows_in == rows_out { Ok(kept.finish()) } else { Err(EngineError::RowsDiffer { table, rows_in, rows_out }) }
    };
    computing("reading of a file", scanning).await?
}

/// The same of a batch with the table's columns.
pub(super) fn kept_of(deletion: &Deletion, rows: &RecordBatch) -> Result<BooleanBuffer, EngineError> {
    let table = deletion.table;
    let matches = deletion.predicate.matches(rows).map_err(|source| EngineError::Predicate { table, source })?;
    if matches.len() != rows.num_rows() {
        let (rows_in, rows_out) = (rows.num_rows() as u64, matches.len() as u64);
        return Err(EngineError::RowsDiffer { table, rows_in, rows_out });
    }
    let wrong = || EngineError::Rows { table, detail: "column 0 is not the time".to_owned() };
    let times = rows.column(0).as_primitive_opt::<TimestampNanosecondType>().ok_or_else(wrong)?;
    let goes = |(time, matches): (&i64, Option<bool>)| matches == Some(true) && deletion.range.contains(*time);
    Ok(times.values().iter().zip(&matches).map(|row| !goes(row)).collect())
}
