use super::frame::{FrameError, FrameHeader, decode};
use super::segment::{Damage, Part, SEGMENT_HEADER_BYTES, SegmentReader, SegmentRef, list_segments};
use crate::buffers;
use crate::data_dir::make_dir;
use crate::error::EngineError;
use crate::version::Rows;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

/// Bytes of the log that could not be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedLog {
    /// Segment number.
    pub segment: u64,
    /// Where the damage starts in the segment.
    pub offset: u64,
    /// Bytes that were skipped, 0 when whole frames or segments are missing.
    pub bytes: u64,
    /// What is wrong.
    pub detail: String,
    /// Copy of the whole segment, `None` when there is no segment or it could not be copied.
    pub set_aside: Option<PathBuf>,
}

/// What the log held.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    pub(crate) frames: u64,
    pub(crate) rows: u64,
    pub(crate) torn_bytes: u64,
    pub(crate) damaged: Vec<DamagedLog>,
    /// Bytes of the segments that stay.
    pub(crate) bytes: u64,
    pub(crate) next_segment: u64,
    pub(crate) next_frame: u64,
}

/// Reads every segment after `flushed_through` and hands its appends to `keep` in order. Segments
/// up to it are removed. A write cut short by a crash is cut off the last segment; everything else
/// that is not a frame is reported, and its segment copied to `quarantine`.
pub(crate) fn replay(
    dir: &Path,
    quarantine: &Path,
    flushed_through: u64,
    mut keep: impl FnMut(Rows),
) -> Result<Replay, EngineError> {
    let (flushed, segments): (Vec<_>, Vec<_>) =
        list_segments(dir)?.into_iter().partition(|s| s.number <= flushed_through);
    for segment in flushed {
        fs::remove_file(&segment.path).map_err(EngineError::io("remove", &segment.path))?;
    }
    let mut replay = Replay { next_segment: flushed_through + 1, next_frame: 1, ..Replay::default() };
    if let Some(first) = segments.first().map(|s| s.number).filter(|n| *n > flushed_through + 1) {
        let detail = format!("segments {} to {} are missing", flushed_through + 1, first - 1);
        replay.damaged.push(DamagedLog { segment: first, offset: 0, bytes: 0, detail, set_aside: None });
    }
    let mut order = Order::default();
    for (i, segment) in segments.iter().enumerate() {
        let is_last = i + 1 == segments.len();
        replay_segment(segment, is_last, quarantine, &mut order, &mut replay, &mut keep)?;
    }
    replay.next_frame = order.expected.unwrap_or(1);
    Ok(replay)
}

/// Which frame number comes next.
#[derive(Default)]
struct Order {
    expected: Option<u64>,
    /// Damage was reported since the last frame, so that a gap is no news.
    is_explained: bool,
}

fn replay_segment(
    segment: &SegmentRef,
    is_last: bool,
    quarantine: &Path,
    order: &mut Order,
    replay: &mut Replay,
    keep: &mut impl FnMut(Rows),
) -> Result<(), EngineError> {
    let mut reader = SegmentReader::open(segment, None)?;
    let mut found: Vec<Damage> = Vec::new();
    let mut torn = None;
    while let Some(part) = reader.next()? {
        match part {
            Part::Frame { header, body } => {
                let first = order.expected.or(reader.first_frame).unwrap_or(header.number);
                if header.number < first {
                    // left behind by a write that failed and was cut off, never acknowledged
                    continue;
                }
                if header.number > first && !order.is_explained {
                    found.push(missing(first, header.number));
                }
                order.is_explained = false;
                order.expected = Some(header.number + 1);
                match read_rows(segment, &header, &body)? {
                    Ok(rows) => {
                        replay.frames += 1;
                        replay.rows += rows.rows as u64;
                        keep(rows);
                    }
                    Err(damage) => found.push(damage),
                }
            }
            Part::Damage(damage) if is_last && damage.cut_short => torn = Some(damage),
            Part::Damage(damage) => {
                order.is_explained = true;
                found.push(damage);
            }
        }
    }
    if let Some(first) = reader.first_frame {
        order.expected = Some(order.expected.map_or(first, |e| e.max(first)));
    }
    replay.next_segment = segment.number + 1;
    if let Some(torn) = torn {
        replay.torn_bytes += torn.bytes;
        if cut(segment, torn.at)? {
            replay.next_segment = segment.number;
        }
    }
    replay.bytes += fs::metadata(&segment.path).map_or(0, |m| m.len());
    if !found.is_empty() {
        let set_aside = set_aside(segment, quarantine);
        replay.damaged.extend(found.into_iter().map(|d| report(segment, d, set_aside.clone())));
    }
    Ok(())
}

fn missing(first: u64, next: u64) -> Damage {
    let detail = format!("frames {first} to {} are missing", next - 1);
    Damage { at: 0, bytes: 0, detail, cut_short: false }
}

fn report(segment: &SegmentRef, damage: Damage, set_aside: Option<PathBuf>) -> DamagedLog {
    let Damage { at: offset, bytes, detail, .. } = damage;
    DamagedLog { segment: segment.number, offset, bytes, detail, set_aside }
}

/// The rows of an intact frame. A frame of another version is an error: its rows are not lost, and
/// the version that wrote them can still read them.
fn read_rows(segment: &SegmentRef, header: &FrameHeader, body: &[u8]) -> Result<Result<Rows, Damage>, EngineError> {
    match decode(header, body) {
        Ok((tenant, batches)) => {
            let batches = batches.into_iter().map(buffers::compact).collect::<Result<_, _>>()?;
            Ok(Ok(Rows::new(tenant, batches)))
        }
        Err(
            error @ (FrameError::Kind(_) | FrameError::Packing(_) | FrameError::Table(_) | FrameError::Schema { .. }),
        ) => Err(EngineError::WalVersion { path: segment.path.clone(), detail: error.to_string() }),
        Err(error @ (FrameError::Short(_) | FrameError::Malformed(_))) => {
            let detail = format!("frame {}: {error}", header.number);
            Ok(Err(Damage { at: 0, bytes: body.len() as u64, detail, cut_short: false }))
        }
    }
}

/// Cuts a segment to `bytes`; removes it, and says so, when not even its header is left.
fn cut(segment: &SegmentRef, bytes: u64) -> Result<bool, EngineError> {
    let path = &segment.path;
    if bytes < SEGMENT_HEADER_BYTES as u64 {
        fs::remove_file(path).map_err(EngineError::io("remove", path))?;
        return Ok(true);
    }
    let file = OpenOptions::new().write(true).open(path).map_err(EngineError::io("open", path))?;
    file.set_len(bytes).and_then(|()| file.sync_all()).map_err(EngineError::io("cut", path))?;
    Ok(false)
}

/// Copies a damaged segment; the rest is served even when that fails.
fn set_aside(segment: &SegmentRef, quarantine: &Path) -> Option<PathBuf> {
    let copy = quarantine.join(segment.path.file_name()?);
    if copy.exists() {
        return Some(copy);
    }
    let copied = make_dir(quarantine).and_then(|()| {
        fs::copy(&segment.path, &copy)
            .and_then(|_| File::open(&copy)?.sync_all())
            .map_err(EngineError::io("set aside", &segment.path))
    });
    match copied {
        Ok(()) => Some(copy),
        Err(error) => {
            tracing::error!(segment = segment.number, %error, "damaged log segment could not be set aside");
            let _ = fs::remove_file(&copy);
            None
        }
    }
}

/// Checks a segment without changing it: its intact frames and what is wrong, with the offset.
/// Only the first `length` bytes are read, all when `None`.
pub(crate) fn scan_segment(
    segment: &SegmentRef,
    length: Option<u64>,
) -> Result<(u64, Vec<(u64, String)>), EngineError> {
    let mut reader = SegmentReader::open(segment, length)?;
    let (mut frames, mut findings) = (0, Vec::new());
    while let Some(part) = reader.next()? {
        match part {
            Part::Frame { header, body } => match decode(&header, &body) {
                Ok(_) => frames += 1,
                Err(error) => findings.push((0, format!("frame {}: {error}", header.number))),
            },
            Part::Damage(damage) => findings.push((damage.at, damage.detail)),
        }
    }
    Ok((frames, findings))
}
