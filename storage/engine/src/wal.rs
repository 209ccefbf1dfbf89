//! The write-ahead log: what makes an acknowledgement durable.
//!
//! One append is one frame, so all its batches are replayed or none. Callers encode; one thread
//! writes, syncs once for all frames that wait (group commit), shows the rows to readers and then
//! answers. Files are `<data>/wal/<20-digit segment number>.wal`; a segment is only ever written by
//! the process that made it. Integers are little endian.
//!
//! Segment header, 40 bytes:
//!
//! | at | bytes | field |
//! |---:|---:|---|
//! | 0 | 8 | magic `LINCEIWL` |
//! | 8 | 4 | format version, 1 |
//! | 12 | 4 | zero |
//! | 16 | 8 | segment number, as in the file name |
//! | 24 | 8 | number of the first frame; frames count up by one across segments |
//! | 32 | 4 | zero |
//! | 36 | 4 | CRC-32 of bytes 0..36 |
//!
//! Frame header, 32 bytes, then the body:
//!
//! | at | bytes | field |
//! |---:|---:|---|
//! | 0 | 8 | magic `D7 4C 43 57 46 0D 0A F1`, searched for after damage |
//! | 8 | 8 | frame number |
//! | 16 | 4 | body length |
//! | 20 | 4 | CRC-32 of the body |
//! | 24 | 2 | kind: 1 = rows as Arrow IPC, 2 = rows as columns |
//! | 26 | 2 | batches in the body |
//! | 28 | 4 | CRC-32 of header bytes 0..28 |
//!
//! Body of kind 2; each part is padded with zeros to 8 bytes:
//!
//! | bytes | field |
//! |---:|---|
//! | 2 + n | length of the tenant id, tenant id |
//! | then, for each batch: | |
//! | 2 | table wire id |
//! | 2 | packing of the data: 0 none, 1 an LZ4 block |
//! | 4 | rows |
//! | 8 | schema fingerprint, see `schema.rs` |
//! | 4 | length of the data unpacked |
//! | 4 | length d of the data |
//! | d | the columns, see `columns.rs` |
//!
//! Body of kind 1, which this version reads and does not write. As kind 2, but each batch is:
//!
//! | bytes | field |
//! |---:|---|
//! | 2 | table wire id |
//! | 2 | zero |
//! | 4 | rows |
//! | 8 | schema fingerprint, see `schema.rs` |
//! | 4 | length m of the message |
//! | 4 | length d of the data |
//! | m | Arrow IPC `Message` holding a `RecordBatch` (Arrow columnar format, "Encapsulated message format"), without its length prefix |
//! | d | the message body, buffers compressed with LZ4 frames |
//!
//! No schema is written: table and fingerprint name it.
//!
//! After a failed sync nothing is known about any page written since the last good one: Linux
//! marks them clean, and a second sync succeeds without writing them (Rebello et al., "Can
//! Applications Recover from fsync Failures?", USENIX ATC 2020). So the log refuses every further
//! write until a restart has read back what is there.

mod columns;
mod frame;
pub(crate) mod fs;
mod pack;
mod replay;
mod schema;
mod segment;
mod writer;

use crate::error::EngineError;
use crate::version::Rows;
pub(crate) use frame::{EncodedFrame, encode};
use parking_lot::Mutex;
pub use replay::DamagedLog;
pub(crate) use replay::{Replay, replay, scan_segment};
pub(crate) use segment::{SegmentRef, list_segments};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
pub(crate) use writer::WriterParts;

/// Appends that wait to be written.
const QUEUE_LEN_MAX: usize = 4096;
/// Queue bytes are counted in units of this many.
const UNIT_BYTES: usize = 1 << 10;

/// One append on its way to the writer thread.
pub(crate) struct Append {
    frame: EncodedFrame,
    rows: Rows,
    acknowledge: oneshot::Sender<Result<(), EngineError>>,
    _queued: OwnedSemaphorePermit,
}

enum Command {
    Append(Box<Append>),
    /// Ends the segment and freezes the memtable at this point of the order.
    Freeze(oneshot::Sender<()>),
    /// Refuses every append from here on.
    Stop(oneshot::Sender<()>),
}

/// What the writer thread tells others.
#[derive(Debug, Default)]
pub(crate) struct WalStatus {
    poisoned: AtomicBool,
    /// Bytes of all segments on disk.
    bytes: AtomicI64,
    /// The newest segment, and how many of its bytes are synced.
    newest: Mutex<(u64, u64)>,
}

impl WalStatus {
    /// For a log that a replay has read.
    pub(crate) fn replayed(replay: &Replay) -> Self {
        let bytes = AtomicI64::new(i64::try_from(replay.bytes).unwrap_or(i64::MAX));
        Self { bytes, newest: Mutex::new((replay.next_segment - 1, u64::MAX)), ..Self::default() }
    }

    /// Segments with so many bytes were removed. Returns the bytes left.
    pub(crate) fn removed(&self, bytes: u64) -> i64 {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed) - bytes
    }

    pub(crate) fn poisoned(&self) -> bool {
        self.poisoned.load(Ordering::SeqCst)
    }

    pub(crate) fn bytes(&self) -> u64 {
        u64::try_from(self.bytes.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// The newest segment and how many of its bytes are synced; earlier ones are synced whole.
    pub(crate) fn newest_segment(&self) -> (u64, u64) {
        *self.newest.lock()
    }
}

/// The way to the writer thread. Dropping it waits until the thread has written what it has.
pub(crate) struct Wal {
    /// `None` only while it is dropped.
    commands: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    queue: Arc<Semaphore>,
    queue_bytes_max: usize,
    wait_max: Duration,
    status: Arc<WalStatus>,
}

impl Wal {
    /// Starts the writer thread.
    pub(crate) fn start(parts: WriterParts, queue_bytes_max: usize, wait_max: Duration) -> Result<Self, EngineError> {
        let (commands, receiver) = mpsc::channel(QUEUE_LEN_MAX);
        let status = Arc::clone(&parts.status);
        let dir = parts.dir.clone();
        let thread = std::thread::Builder::new()
            .name("lincei-wal".to_owned())
            .spawn(move || writer::run(parts, receiver))
            .map_err(EngineError::io("start the writer of", &dir))?;
        let queue = Arc::new(Semaphore::new(units(queue_bytes_max) as usize));
        Ok(Self { commands: Some(commands), thread: Some(thread), queue, queue_bytes_max, wait_max, status })
    }

    pub(crate) fn status(&self) -> &Arc<WalStatus> {
        &self.status
    }

    /// Ok once the frame is synced and its rows are visible.
    pub(crate) async fn append(&self, frame: EncodedFrame, rows: Rows) -> Result<(), EngineError> {
        if self.status.poisoned() {
            return Err(EngineError::WalPoisoned);
        }
        let wanted = units(frame.bytes.len()).min(units(self.queue_bytes_max));
        let enter = async {
            let queued = Arc::clone(&self.queue).acquire_many_owned(wanted).await;
            let queued = queued.map_err(|_| EngineError::ShuttingDown)?;
            let slot = self.commands()?.reserve().await.map_err(|_| GONE)?;
            Ok::<_, EngineError>((queued, slot))
        };
        let (queued, slot) = tokio::time::timeout(self.wait_max, enter).await.map_err(|_| EngineError::Full {
            what: "write-ahead log queue",
            limit_bytes: self.queue_bytes_max,
            waited_ms: u64::try_from(self.wait_max.as_millis()).unwrap_or(u64::MAX),
        })??;
        let (acknowledge, answer) = oneshot::channel();
        slot.send(Command::Append(Box::new(Append { frame, rows, acknowledge, _queued: queued })));
        answer.await.map_err(|_| GONE)?
    }

    /// Ends the segment and freezes the memtable, after every append that entered before.
    pub(crate) async fn freeze(&self) -> Result<(), EngineError> {
        self.tell(Command::Freeze).await
    }

    /// Refuses every append that has not entered yet.
    pub(crate) async fn stop(&self) -> Result<(), EngineError> {
        self.tell(Command::Stop).await
    }

    async fn tell(&self, command: fn(oneshot::Sender<()>) -> Command) -> Result<(), EngineError> {
        let (reply, answer) = oneshot::channel();
        self.commands()?.send(command(reply)).await.map_err(|_| GONE)?;
        answer.await.map_err(|_| GONE)
    }

    fn commands(&self) -> Result<&mpsc::Sender<Command>, EngineError> {
        self.commands.as_ref().ok_or(GONE)
    }
}

impl Drop for Wal {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

const GONE: EngineError = EngineError::TaskEnded("log writer");

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).max(1)
}
