use super::frame::{Cursor, FRAME_HEADER_BYTES, FRAME_MAGIC, FrameHeader};
use crate::error::EngineError;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(super) const SEGMENT_MAGIC: [u8; 8] = *b"LINCEIWL";
pub(super) const SEGMENT_HEADER_BYTES: usize = 40;
const FORMAT_VERSION: u32 = 1;
/// Bytes read at once while searching for the next frame after damage.
const SEARCH_BYTES: usize = 1 << 20;

/// A segment file.
#[derive(Clone, Debug)]
pub(crate) struct SegmentRef {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

impl SegmentRef {
    pub(crate) fn new(dir: &Path, number: u64) -> Self {
        Self { number, path: dir.join(format!("{number:020}.wal")) }
    }
}

/// The segments of a directory by number; none when it does not exist.
pub(crate) fn list_segments(dir: &Path) -> Result<Vec<SegmentRef>, EngineError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(EngineError::io("list", dir)(error)),
    };
    let mut segments = Vec::new();
    for entry in entries {
        let path = entry.map_err(EngineError::io("list", dir))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let number = name.strip_suffix(".wal").filter(|digits| digits.len() == 20).and_then(|d| d.parse().ok());
        segments.extend(number.map(|number| SegmentRef { number, path }));
    }
    segments.sort_unstable_by_key(|s| s.number);
    Ok(segments)
}

/// The header of a segment whose first frame will be `first_frame`.
pub(super) fn segment_header(number: u64, first_frame: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut bytes = Vec::with_capacity(SEGMENT_HEADER_BYTES);
    bytes.extend(SEGMENT_MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(number.to_le_bytes());
    bytes.extend(first_frame.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.first_chunk().copied().unwrap_or([0; SEGMENT_HEADER_BYTES])
}

/// What a segment holds at some place.
#[derive(Debug)]
pub(super) enum Part {
    /// An intact frame.
    Frame { header: FrameHeader, body: Vec<u8> },
    /// Bytes that are not a frame.
    Damage(Damage),
}

/// Bytes of a segment that are not what was written.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) at: u64,
    pub(super) bytes: u64,
    pub(super) detail: String,
    /// It is the start of a frame (or segment header) that the file ends in: what a crash in the
    /// middle of a write leaves.
    pub(super) cut_short: bool,
}

/// Reads a segment from front to back, holding one frame at a time.
pub(super) struct SegmentReader {
    file: File,
    path: PathBuf,
    length: u64,
    at: u64,
    /// Number of the first frame as the header says, once it was read and intact.
    pub(super) first_frame: Option<u64>,
    number: u64,
}

impl SegmentReader {
    /// `length` bounds what is read; `None` is all of the file.
    pub(super) fn open(segment: &SegmentRef, length: Option<u64>) -> Result<Self, EngineError> {
        let file = File::open(&segment.path).map_err(EngineError::io("open", &segment.path))?;
        let size = file.metadata().map_err(EngineError::io("inspect", &segment.path))?.len();
        let length = length.map_or(size, |l| l.min(size));
        let (path, number) = (segment.path.clone(), segment.number);
        Ok(Self { file, path, length, at: 0, first_frame: None, number })
    }

    /// The next part, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Part>, EngineError> {
        if self.at == 0
            && let Some(damage) = self.read_header()?
        {
            return Ok(Some(Part::Damage(damage)));
        }
        if self.at >= self.length {
            return Ok(None);
        }
        let at = self.at;
        let Some(bytes) = self.read_array::<FRAME_HEADER_BYTES>(at)? else {
            return self.skip_to_next("bytes too few for a frame header").map(Some);
        };
        let Some(header) = FrameHeader::read(&bytes) else {
            return self.skip_to_next("frame header does not match its checksum").map(Some);
        };
        let body_at = at + FRAME_HEADER_BYTES as u64;
        let end = body_at + header.body_bytes as u64;
        if end > self.length {
            let detail = format!("frame {} ends {} bytes after the file", header.number, end - self.length);
            self.at = self.length;
            return Ok(Some(Part::Damage(Damage { at, bytes: self.length - at, detail, cut_short: true })));
        }
        let mut body = vec![0; header.body_bytes];
        self.file.read_exact_at(&mut body, body_at).map_err(EngineError::io("read", &self.path))?;
        self.at = end;
        if header.body_is_intact(&body) {
            return Ok(Some(Part::Frame { header, body }));
        }
        let detail = format!("frame {} does not match its checksum", header.number);
        Ok(Some(Part::Damage(Damage { at, bytes: end - at, detail, cut_short: false })))
    }

    /// Reads the segment header and moves behind it.
    fn read_header(&mut self) -> Result<Option<Damage>, EngineError> {
        let Some(bytes) = self.read_array::<SEGMENT_HEADER_BYTES>(0)? else {
            self.at = self.length.max(1);
            let detail = "segment header is cut short".to_owned();
            return Ok(Some(Damage { at: 0, bytes: self.length, detail, cut_short: true }));
        };
        self.at = SEGMENT_HEADER_BYTES as u64;
        let damage =
            |detail: String| Ok(Some(Damage { at: 0, bytes: SEGMENT_HEADER_BYTES as u64, detail, cut_short: false }));
        let (fields, crc) = bytes.split_at(SEGMENT_HEADER_BYTES - 4);
        let mut cursor = Cursor { rest: fields };
        let fields = (|| {
            Ok::<_, super::frame::FrameError>((
                cursor.array::<8>()?,
                cursor.u32()?,
                cursor.u32()?,
                cursor.u64()?,
                cursor.u64()?,
            ))
        })();
        let Ok((magic, version, _, number, first_frame)) = fields else {
            return damage("segment header is cut short".to_owned());
        };
        if magic != SEGMENT_MAGIC || crc != crc32fast::hash(bytes.split_at(SEGMENT_HEADER_BYTES - 4).0).to_le_bytes() {
            return damage("segment header does not match its checksum".to_owned());
        }
        if version != FORMAT_VERSION {
            return Err(EngineError::WalVersion {
                path: self.path.clone(),
                detail: format!("format version {version}, this version reads {FORMAT_VERSION}"),
            });
        }
        if number != self.number {
            return damage(format!("segment header says number {number}"));
        }
        self.first_frame = Some(first_frame);
        Ok(None)
    }

    /// Everything from here to the next intact frame header, or to the end, is damage.
    fn skip_to_next(&mut self, detail: &str) -> Result<Part, EngineError> {
        let start = self.at;
        let next = self.find_header(start + 1)?;
        let end = next.unwrap_or(self.length);
        let cut_short = next.is_none() && self.is_prefix_of_header(start)?;
        self.at = end;
        Ok(Part::Damage(Damage { at: start, bytes: end - start, detail: detail.to_owned(), cut_short }))
    }

    /// Whether the rest of the file is the start of a frame header.
    fn is_prefix_of_header(&self, at: u64) -> Result<bool, EngineError> {
        let bytes = self.read_some(at, FRAME_HEADER_BYTES)?;
        Ok(bytes.len() < FRAME_HEADER_BYTES && bytes.iter().zip(FRAME_MAGIC).all(|(a, b)| *a == b))
    }

    fn find_header(&self, from: u64) -> Result<Option<u64>, EngineError> {
        let mut at = from;
        while at < self.length {
            let window = self.read_some(at, SEARCH_BYTES)?;
            for (i, candidate) in window.windows(FRAME_MAGIC.len()).enumerate() {
                if candidate != FRAME_MAGIC {
                    continue;
                }
                let place = at + i as u64;
                if self.read_array(place)?.is_some_and(|bytes| FrameHeader::read(&bytes).is_some()) {
                    return Ok(Some(place));
                }
            }
            if window.len() < SEARCH_BYTES {
                break;
            }
            at += (SEARCH_BYTES - FRAME_MAGIC.len() + 1) as u64;
        }
        Ok(None)
    }

    fn read_array<const N: usize>(&self, at: u64) -> Result<Option<[u8; N]>, EngineError> {
        Ok(self.read_some(at, N)?.first_chunk().copied())
    }

    /// Up to `bytes` bytes; fewer only at the end.
    fn read_some(&self, at: u64, bytes: usize) -> Result<Vec<u8>, EngineError> {
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut buffer = vec![0; bytes.min(left)];
        self.file.read_exact_at(&mut buffer, at).map_err(EngineError::io("read", &self.path))?;
        Ok(buffer)
    }
}
