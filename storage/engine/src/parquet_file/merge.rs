//! Merging sorted files into fewer, larger ones: the same rows, in the same order, read and
//! written as streams.
//!
//! 1. **Check.** Every input is verified whole against the catalog's checksum, so that damage is
//!    found here and never copied under a fresh checksum. (On decoding, each page's own checksum is
//!    verified again.)
//! 2. **Group.** Inputs are grouped by hour. No output crosses an hour, so each group is merged by
//!    itself, the earliest first.
//! 3. **Merge.** Each input has a cursor: a stream of decoded batches, and for the batch at hand
//!    the columns it is sorted by. The cursors are kept in order of their next rows. The first one
//!    gives rows as long as they do not come after the second's next row, and is then put where it
//!    now belongs. The end of such a run is found by a search in steps that double, so that long runs
//!    cost next to nothing. Of equal rows, those of the earlier input come first.
//! 4. **Gather.** Runs of rows are noted, and written once there are 8 Ki rows or the batches that
//!    are waiting only for that come to 64 MiB, or what the limits say: as they are where runs are
//!    long, which they are where inputs are of different times, and copied together otherwise.
//! 5. **Write.** Batches go to the output under way. It is finished at `rows_max` rows and at the
//!    end of the hour, and the next one begun.
//! 6. **Count.** Rows read and rows written must both equal what the catalog has for the inputs;
//!    else every output is deleted and the merge fails. The catalog is the caller's to change, and
//!    only after success.
//!
//! Memory, for each input of the hour at hand: the compressed bytes of one row group (normally
//! 10 MiB, at most 256), and one decoded batch with its keys (at most 8 Ki rows; normally 6 MiB,
//! about 16 where rows are large, and less where the limits leave less). Then 64 MiB, or what the
//! limits say, and one batch of decoded rows that wait to be copied, and what `write` needs for the
//! output. It grows with the number of inputs, and not with their length; [`merge_bytes`] tells
//! who chooses the inputs what each adds.
//!
//! It assumes that inputs are sorted, which `write` has checked; the outputs go through `write`'s
//! check too, so an unsorted input fails the merge.

use super::gather::{RowAt, gather};
use super::layout::Tier;
use super::order::SortKeys;
use super::reader::{BATCH_BYTES, read_wide};
use super::write::{FileWriter, Written};
use super::{BATCH_ROWS, Hour, verify};
use crate::EngineError;
use crate::attributes::{Source, target};
use arrow_array::RecordBatch;
use futures::StreamExt;
use futures::stream::BoxStream;
use lincei_catalog::{ColumnRange, DataFile, Scalar};
use lincei_model::{FileAttributes, Table, limits};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of decoded batches that may wait for their rows to be copied, unless the limits say less.
const SPENT_BYTES_MAX: usize = 64 << 20;
/// Decoded bytes of a batch of one input, at least.
const BATCH_BYTES_MIN: usize = 1 << 20;

/// Runs of this many rows, on average, are written as they are: a copy costs more than the calls.
const RUN_ROWS_MIN: usize = 512;

/// Bounds of one merge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MergeLimits {
    /// Rows of one output (at least one).
    pub(crate) rows_max: usize,
    /// Bytes of memory. An eighth is for batches that wait to be copied, a quarter for the batches at
    /// hand, and the rest for row groups, of inputs and of the output.
    pub(crate) memory_bytes: usize,
}

impl MergeLimits {
    fn spent_bytes(self) -> usize {
        (self.memory_bytes / 8).clamp(1, SPENT_BYTES_MAX)
    }

    /// Decoded bytes of a batch of each input.
    fn batch_bytes(self, inputs: usize) -> usize {
        (self.memory_bytes / 4 / inputs.max(1)).clamp(BATCH_BYTES_MIN, BATCH_BYTES)
    }
}

impl From<usize> for MergeLimits {
    fn from(rows_max: usize) -> Self {
        Self { rows_max, memory_bytes: 1 << 30 }
    }
}

/// What one input of a merge takes, as far as the catalog knows the file: the bytes of one row group,
/// and the unpacked pages of one batch. How well they were packed is not known, so they count as if
/// rows were large: a page is unpacked whole, however small the batches are.
pub(crate) fn merge_bytes(file: &DataFile) -> u64 {
    let group_rows = file.rows.min(file.table.row_group_rows() as u64);
    let page_rows = file.rows.min(limits::PAGE_ROWS as u64);
    file.bytes / file.rows.max(1) * group_rows + BATCH_BYTES as u64 * page_rows / limits::PAGE_ROWS as u64
}

/// Merges sorted files of one table. Gives the new files in the order of their hours, each with
/// the path that `next_path` chose for it; they are complete in the store, and the inputs are
/// untouched. No inputs give no files. `limits` may be given as the rows of one output alone.
///
/// `next_path` is called just before an output is begun.
///
/// # Errors
/// [`EngineError::Corrupt`] with the path of the input that is not what the catalog says,
/// [`EngineError::RowsDiffer`] when the counts differ at the end, [`EngineError::Rows`] for an
/// input of another table or of more than one hour, and failures of the store or the decoder.
/// Outputs are then deleted, as far as the store allows: the paths that `next_path` gave may need
/// a second look.
pub(crate) async fn merge(
    store: &Arc<dyn ObjectStore>,
    table: Table,
    tier: Tier,
    inputs: &[&DataFile],
    limits: impl Into<MergeLimits>,
    next_path: impl FnMut(Hour) -> String + Send,
) -> Result<Vec<(String, Written)>, EngineError> {
    let limits = limits.into();
    let rows_max = limits.rows_max.max(1) as u64;
    let spent_bytes_max = limits.spent_bytes();
    let batch_bytes = limits.batch_bytes(inputs.len());
    let attributes = Arc::default();
    let mut outputs = Outputs {
        store,
        table,
        tier,
        rows_max,
        spent_bytes_max,
        batch_bytes,
        next_path,
        attributes,
        current: None,
        done: Vec::new(),
    };
    match merge_all(store, table, inputs, &mut outputs).await {
        Ok(()) => Ok(outputs.done),
        Err(error) => {
            outputs.discard().await;
            Err(error)
        }
    }
}

async fn merge_all<P: FnMut(Hour) -> String + Send>(
    store: &Arc<dyn ObjectStore>,
    table: Table,
    inputs: &[&DataFile],
    outputs: &mut Outputs<'_, P>,
) -> Result<(), EngineError> {
    let mut hours: BTreeMap<Hour, Vec<&DataFile>> = BTreeMap::new();
    for file in inputs {
        let hour = Hour::of(file.min_time_ns);
        if file.table != table || Hour::of(file.max_time_ns) != hour {
            let detail = format!("file {:?} is of table {} and not of one hour of {table}", file.path, file.table);
            return Err(EngineError::Rows { table, detail });
        }
        verify(store, file).await.map_err(|corruption| corruption.into_error(&file.path))?;
        hours.entry(hour).or_default().push(file);
    }
    let mut read = 0;
    for (hour, files) in hours {
        read += merge_hour(store, table, hour, &files, outputs).await?;
    }
    let expected = inputs.iter().map(|file| file.rows).sum();
    let written = outputs.done.iter().map(|(_, written)| written.rows).sum();
    for counted in [read, written] {
        if counted != expected {
            return Err(EngineError::RowsDiffer { table, rows_in: expected, rows_out: counted });
        }
    }
    Ok(())
}

/// Phases 3 to 5 for one hour; gives the number of rows read.
async fn merge_hour<P: FnMut(Hour) -> String + Send>(
    store: &Arc<dyn ObjectStore>,
    table: Table,
    hour: Hour,
    files: &[&DataFile],
    outputs: &mut Outputs<'_, P>,
) -> Result<u64, EngineError> {
    let attributes = Arc::new(attributes_of(files));
    outputs.attributes = Arc::clone(&attributes);
    let mut cursors = Cursors::default();
    for (input, file) in files.iter().enumerate() {
        let stream = read_wide(store, file, &attributes, outputs.batch_bytes).await?;
        if let Some(cursor) = Cursor::open(table, stream, input).await? {
            cursors.insert(cursor);
        }
    }
    let mut pending = Pending::default();
    let mut rows_read = 0;
    while let Some(mut first) = cursors.take_first() {
        let end = cursors.first().map_or(first.rows(), |second| first.end_of_run(second));
        let end = end.min(first.position + BATCH_ROWS - pending.rows);
        pending.add(&mut first, end);
        rows_read += (end - first.position) as u64;
        first.position = end;
        let alive = if end < first.rows() {
            Some(first)
        } else {
            pending.spent_bytes += first.batch.get_array_memory_size();
            first.next_batch().await?
        };
        if let Some(cursor) = alive {
            cursors.insert(cursor);
        }
        if pending.rows >= BATCH_ROWS || pending.spent_bytes >= outputs.spent_bytes_max {
            pending.write(table, hour, outputs).await?;
            cursors.forget_slots();
        }
    }
    pending.write(table, hour, outputs).await?;
    outputs.finish().await?;
    Ok(rows_read)
}

/// The columns that the outputs of one hour get for attributes.
fn attributes_of(files: &[&DataFile]) -> FileAttributes {
    let int = |range: &ColumnRange| match (&range.min, &range.max) {
        (Scalar::Int(min), Scalar::Int(max)) => Some((range.column.clone(), (*min, *max))),
        _ => None,
    };
    let ranges: Vec<_> = files.iter().map(|file| file.columns.iter().filter_map(int).collect()).collect();
    let sources = files.iter().zip(&ranges);
    let sources: Vec<_> =
        sources.map(|(file, int_ranges)| Source { attributes: &file.attributes, int_ranges }).collect();
    target(&sources, files.iter().map(|file| file.rows).sum())
}

/// One input: the batch at hand, always with a row left, and the stream of the rest.
struct Cursor {
    table: Table,
    input: usize,
    stream: BoxStream<'static, Result<RecordBatch, EngineError>>,
    batch: RecordBatch,
    keys: SortKeys,
    position: usize,
    /// Place of `batch` among the batches of [`Pending`], once a row of it was added.
    slot: Option<usize>,
}

impl Cursor {
    /// `None` when the stream has no rows.
    async fn open(
        table: Table,
        mut stream: BoxStream<'static, Result<RecordBatch, EngineError>>,
        input: usize,
    ) -> Result<Option<Self>, EngineError> {
        while let Some(batch) = stream.next().await.transpose()? {
            if batch.num_rows() > 0 {
                let keys = SortKeys::new(table, &batch)?;
                return Ok(Some(Self { table, input, stream, batch, keys, position: 0, slot: None }));
            }
        }
        Ok(None)
    }

    async fn next_batch(self) -> Result<Option<Self>, EngineError> {
        Self::open(self.table, self.stream, self.input).await
    }

    fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Whether `row` of the batch comes after the next row of `other`. Equal rows come in the order
    /// of the inputs.
    fn is_after(&self, row: usize, other: &Self) -> bool {
        let order = self.keys.compare(row, &other.keys, other.position);
        order.then(self.input.cmp(&other.input)).is_gt()
    }

    /// End of the rows, from the next one on, that come before `other`'s next row. Found in steps that
    /// double, as runs are mostly either of a few rows or of thousands.
    fn end_of_run(&self, other: &Self) -> usize {
        let (mut start, mut step) = (self.position, 1);
        while start + step <= self.rows() && !self.is_after(start + step - 1, other) {
            start += step;
            step *= 2;
        }
        let mut end = self.rows().min(start + step);
        while start < end {
            let middle = start.midpoint(end);
            if self.is_after(middle, other) {
                end = middle;
            } else {
                start = middle + 1;
            }
        }
        start
    }
}

/// All cursors that have rows left, the one with the least next row last.
#[derive(Default)]
struct Cursors(Vec<Cursor>);

impl Cursors {
    fn take_first(&mut self) -> Option<Cursor> {
        self.0.pop()
    }

    fn first(&self) -> Option<&Cursor> {
        self.0.last()
    }

    fn insert(&mut self, cursor: Cursor) {
        let at = self.0.partition_point(|other| other.is_after(other.position, &cursor));
        self.0.insert(at, cursor);
    }

    fn forget_slots(&mut self) {
        self.0.iter_mut().for_each(|cursor| cursor.slot = None);
    }
}

/// Rows in their final order that were not yet written, and the batches they lie in.
#[derive(Default)]
struct Pending {
    batches: Vec<RecordBatch>,
    /// Rows of a batch, one after the other.
    runs: Vec<(usize, Range<usize>)>,
    /// Of all runs.
    rows: usize,
    /// Bytes of the batches that no cursor needs any more.
    spent_bytes: usize,
}

impl Pending {
    /// Notes a cursor's rows from its position to `end`.
    fn add(&mut self, cursor: &mut Cursor, end: usize) {
        let slot = *cursor.slot.get_or_insert_with(|| {
            self.batches.push(cursor.batch.clone());
            self.batches.len() - 1
        });
        self.runs.push((slot, cursor.position..end));
        self.rows += end - cursor.position;
    }

    async fn write<P: FnMut(Hour) -> String + Send>(
        &mut self,
        table: Table,
        hour: Hour,
        outputs: &mut Outputs<'_, P>,
    ) -> Result<(), EngineError> {
        let pending = std::mem::take(self);
        // what a file's first batch holds decides how it is written: that one is always gathered
        let ordered = if outputs.current.is_some() && pending.rows >= pending.runs.len() * RUN_ROWS_MIN {
            pending.slices()
        } else {
            pending.gathered(table)?
        };
        for batch in ordered {
            outputs.write(hour, batch).await?;
        }
        Ok(())
    }

    fn slices(self) -> Vec<RecordBatch> {
        let slice = |(slot, rows): (usize, Range<usize>)| Some(self.batches.get(slot)?.slice(rows.start, rows.len()));
        self.runs.into_iter().filter_map(slice).collect()
    }

    fn gathered(self, table: Table) -> Result<Vec<RecordBatch>, EngineError> {
        let rows = |(slot, rows): (usize, Range<usize>)| rows.map(move |row| (slot, row));
        let rows: Vec<RowAt> = self.runs.into_iter().flat_map(rows).collect();
        gather(table, &self.batches.iter().collect::<Vec<_>>(), &rows)
    }
}

/// The new files.
struct Outputs<'a, P> {
    store: &'a Arc<dyn ObjectStore>,
    table: Table,
    tier: Tier,
    rows_max: u64,
    spent_bytes_max: usize,
    batch_bytes: usize,
    next_path: P,
    /// Of the hour at hand.
    attributes: Arc<FileAttributes>,
    current: Option<(String, FileWriter)>,
    done: Vec<(String, Written)>,
}

impl<P: FnMut(Hour) -> String + Send> Outputs<'_, P> {
    async fn write(&mut self, hour: Hour, mut batch: RecordBatch) -> Result<(), EngineError> {
        while batch.num_rows() > 0 {
            let (_, file) = match &mut self.current {
                Some(current) => current,
                none => {
                    let path = (self.next_path)(hour);
                    let file = FileWriter::new(self.store, self.table, self.tier, &path, &self.attributes)?;
                    none.insert((path, file))
                }
            };
            let room = usize::try_from(self.rows_max - file.rows()).unwrap_or(usize::MAX);
            let rows = room.min(batch.num_rows());
            file.write(&batch.slice(0, rows)).await?;
            batch = batch.slice(rows, batch.num_rows() - rows);
            if file.rows() >= self.rows_max {
                self.finish().await?;
            }
        }
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), EngineError> {
        if let Some((path, file)) = self.current.take() {
            let written = file.finish().await?;
            self.done.push((path, written));
        }
        Ok(())
    }

    /// Undoes everything after a failure.
    async fn discard(self) {
        if let Some((_, file)) = self.current {
            file.abort().await;
        }
        for (path, _) in self.done {
            let deleted = match Path::parse(&path) {
                Ok(location) => self.store.delete(&location).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = deleted {
                tracing::warn!(%path, %error, "cannot delete the output of a failed merge");
            }
        }
    }
}
