use super::fs::{WalFile, WalFs};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentRef, segment_header};
use super::{Append, Command, WalStatus};
use crate::error::EngineError;
use crate::fault::Faults;
use crate::version::State;
use lincei_model::telemetry::{Counter, Duration as Timing, Gauge};
use lincei_model::{Clock, Telemetry};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::mpsc;

/// Frames that share one sync, in bytes and number.
const GROUP_BYTES_MAX: usize = 16 << 20;
const GROUP_LEN_MAX: usize = 1024;
/// Small frames are gathered into writes of about this size.
const WRITE_BYTES: usize = 256 << 10;
/// Larger ones are written as they are: a copy costs more than a call.
const GATHERED_BYTES_MAX: usize = 32 << 10;

/// What the writer thread works with.
pub(crate) struct WriterParts {
    pub(crate) fs: Arc<dyn WalFs>,
    pub(crate) dir: PathBuf,
    pub(crate) segment_bytes_max: u64,
    pub(crate) next_segment: u64,
    pub(crate) next_frame: u64,
    pub(crate) state: Arc<State>,
    pub(crate) status: Arc<WalStatus>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Faults,
}

struct OpenSegment {
    file: Box<dyn WalFile>,
    bytes: u64,
}

struct Writer {
    parts: WriterParts,
    open: Option<OpenSegment>,
    stopped: bool,
    /// The last group was refused; logged once, not for each group of a full disk.
    refusing: bool,
}

enum Failure {
    /// The log takes no more rows.
    Stopped,
    /// Nothing of the group is in the log, and the log can go on.
    Refused(io::Error),
    /// What the log holds is unknown.
    Poisoned(io::Error),
}

/// Runs until every sender is gone.
pub(super) fn run(parts: WriterParts, mut commands: mpsc::Receiver<Command>) {
    let mut writer = Writer { parts, open: None, stopped: false, refusing: false };
    let mut group = Vec::new();
    while let Some(command) = commands.blocking_recv() {
        let mut next = Some(command);
        let mut bytes = 0;
        while let Some(Command::Append(append)) = next {
            bytes += append.frame.bytes.len();
            group.push(*append);
            let is_full = bytes >= GROUP_BYTES_MAX || group.len() >= GROUP_LEN_MAX;
            next = if is_full { None } else { commands.try_recv().ok() };
        }
        if !group.is_empty() {
            writer.commit(std::mem::take(&mut group));
        }
        let done = match next {
            Some(Command::Freeze(done)) => {
                writer.freeze();
                done
            }
            Some(Command::Stop(done)) => {
                writer.stopped = true;
                done
            }
            Some(Command::Append(_)) | None => continue,
        };
        let _ = done.send(());
    }
}

impl Writer {
    /// Writes and syncs a group, shows its rows, answers.
    fn commit(&mut self, mut group: Vec<Append>) {
        let first_frame = self.parts.next_frame;
        if let Err(failure) = self.write_group(&mut group) {
            self.parts.next_frame = first_frame;
            self.refuse(group, failure);
            return;
        }
        if std::mem::take(&mut self.refusing) {
            tracing::info!("write-ahead log accepts rows again");
        }
        let now_ns = self.parts.clock.now_ns();
        let (rows, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|a| (a.rows, a.acknowledge)).unzip();
        self.parts.state.insert(rows, now_ns);
        self.parts.faults.point("wal.visible");
        for answer in answers {
            let _ = answer.send(Ok(()));
        }
        self.parts.state.coalesce();
    }

    fn write_group(&mut self, group: &mut [Append]) -> Result<(), Failure> {
        if self.stopped {
            return Err(Failure::Stopped);
        }
        if self.parts.status.poisoned() {
            return Err(Failure::Poisoned(io::Error::other("an earlier sync failed")));
        }
        let mut segment = self.segment()?;
        let start = segment.bytes;
        self.parts.faults.point("wal.before_write");
        if let Err(error) = self.write_frames(&mut segment, group) {
            // the bytes on disk may reach further than what was counted
            let cut = segment.file.truncate(start);
            segment.bytes = start;
            self.open = Some(segment);
            return Err(match cut {
                Ok(()) => Failure::Refused(error),
                Err(cut) => Failure::Poisoned(cut),
            });
        }
        self.parts.faults.point("wal.after_write");
        let started = Instant::now();
        let synced = segment.file.sync();
        let telemetry = &self.parts.telemetry;
        telemetry.observe(Timing::WalSync, started.elapsed());
        telemetry.add(Counter::WalSyncs, 1);
        let (bytes, number) = (segment.bytes, self.parts.next_segment - 1);
        self.open = Some(segment);
        synced.map_err(Failure::Poisoned)?;
        self.parts.faults.point("wal.after_sync");
        self.publish(number, bytes, bytes - start);
        self.parts.telemetry.add(Counter::WalBytes, bytes - start);
        self.parts.telemetry.add(Counter::WalFrames, group.len() as u64);
        Ok(())
    }

    fn write_frames(&mut self, segment: &mut OpenSegment, group: &mut [Append]) -> io::Result<()> {
        let mut gathered = Vec::new();
        for append in group {
            append.frame.number(self.parts.next_frame);
            self.parts.next_frame += 1;
            let bytes = append.frame.bytes.as_slice();
            if self.parts.faults.splits_frames() {
                let (front, back) = bytes.split_at(bytes.len() / 2);
                write_all(segment, front)?;
                self.parts.faults.point("wal.mid_frame");
                write_all(segment, back)?;
                continue;
            }
            let is_large = bytes.len() > GATHERED_BYTES_MAX;
            if is_large || gathered.len() + bytes.len() > WRITE_BYTES {
                write_all(segment, &std::mem::take(&mut gathered))?;
            }
            if is_large {
                write_all(segment, bytes)?;
            } else {
                gathered.extend_from_slice(bytes);
            }
        }
        write_all(segment, &gathered)
    }

    /// The open segment if it has room, else a new one. It is taken out while it is written.
    fn segment(&mut self) -> Result<OpenSegment, Failure> {
        if let Some(open) = self.open.take()
            && open.bytes < self.parts.segment_bytes_max
        {
            return Ok(open);
        }
        let segment = SegmentRef::new(&self.parts.dir, self.parts.next_segment);
        let header = segment_header(segment.number, self.parts.next_frame);
        let created = self.parts.fs.create(&segment.path).and_then(|file| {
            let mut open = OpenSegment { file, bytes: 0 };
            write_all(&mut open, &header)?;
            Ok(open)
        });
        let mut open = created.map_err(|error| {
            // a retry empties the file when it cannot be removed now
            let _ = self.parts.fs.remove(&segment.path);
            Failure::Refused(error)
        })?;
        open.file.sync().map_err(Failure::Poisoned)?;
        self.parts.fs.sync_dir(&self.parts.dir).map_err(Failure::Poisoned)?;
        self.parts.faults.point("wal.created_segment");
        self.parts.next_segment += 1;
        self.publish(segment.number, SEGMENT_HEADER_BYTES as u64, SEGMENT_HEADER_BYTES as u64);
        Ok(open)
    }

    fn publish(&self, segment: u64, synced_bytes: u64, added_bytes: u64) {
        let status = &self.parts.status;
        *status.newest.lock() = (segment, synced_bytes);
        let added = i64::try_from(added_bytes).unwrap_or(0);
        let total = status.bytes.fetch_add(added, Ordering::Relaxed) + added;
        self.parts.telemetry.set(Gauge::WalSegmentBytes, total);
    }

    fn refuse(&mut self, group: Vec<Append>, failure: Failure) {
        let telemetry = &self.parts.telemetry;
        let error: Box<dyn Fn() -> EngineError> = match failure {
            Failure::Stopped => Box::new(|| EngineError::ShuttingDown),
            Failure::Refused(error) => {
                telemetry.add(Counter::WalFailures, 1);
                if !std::mem::replace(&mut self.refusing, true) {
                    tracing::warn!(%error, appends = group.len(), "write-ahead log refuses rows");
                }
                let error = Arc::new(error);
                Box::new(move || EngineError::WalWrite(Arc::clone(&error)))
            }
            Failure::Poisoned(error) => {
                telemetry.add(Counter::WalFailures, 1);
                if !self.parts.status.poisoned.swap(true, Ordering::SeqCst) {
                    tracing::error!(%error, "write-ahead log failed and refuses rows until restart");
                }
                telemetry.set(Gauge::WalPoisoned, 1);
                Box::new(|| EngineError::WalPoisoned)
            }
        };
        for append in group {
            let _ = append.acknowledge.send(Err(error()));
        }
    }

    fn freeze(&mut self) {
        if self.parts.state.freeze(self.parts.next_segment - 1) {
            self.open = None;
            self.parts.faults.point("flush.frozen");
        }
    }
}

fn write_all(segment: &mut OpenSegment, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match segment.file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                segment.bytes += n as u64;
                bytes = bytes.get(n..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
