//! `lincei import`: files or standard input to a running server, in requests that end at records.

#[cfg(test)]
mod tests;

use super::{ServerArgs, complain, say};
use crate::remote::{Refused, Remote};
use anyhow::{Context as _, bail};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use lincei_api::IngestResult;
use lincei_ingest::LogFormat;
use lincei_model::{Clock as _, SystemClock};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of one request, before the record it ends with.
const CHUNK_BYTES: usize = 4 << 20;
/// A record may be this long.
const RECORD_BYTES_MAX: usize = 32 << 20;
/// Times a request is sent again while the server is busy, with growing pauses.
const TRIES: u32 = 8;

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// Files; `-` is standard input. Files that end in .gz or .zst are unpacked.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How the lines are written.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Value of `service` where the lines name none [default: the file's name].
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Decide by the first lines.
    Auto,
    /// One JSON object per line, or one array; `journalctl -o json` too.
    Json,
    /// `key=value` pairs.
    Logfmt,
    /// RFC 5424 or RFC 3164.
    Syslog,
    /// Anything else; times and levels are found where they can be.
    Text,
}

impl Format {
    const fn given(self) -> Option<LogFormat> {
        match self {
            Self::Auto => None,
            Self::Json => Some(LogFormat::Json),
            Self::Logfmt => Some(LogFormat::Logfmt),
            Self::Syslog => Some(LogFormat::Syslog),
            Self::Text => Some(LogFormat::Text),
        }
    }
}

pub(super) fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let remote = Remote::new(&args.server)?;
    if !remote.is_up() {
        bail!("no answer from {}: start `lincei serve` first, or name the server with --url", args.server.url);
    }
    let mut total = IngestResult::default();
    for path in &args.files {
        let result = import_file(&remote, args, path).with_context(|| format!("importing {}", path.display()))?;
        let refused = if result.rejected == 0 { String::new() } else { format!(", {} refused", result.rejected) };
        say(&format!("{}: {} records stored{refused}", path.display(), result.accepted));
        if let Some(message) = &result.message {
            complain(&format!("  {message}"));
        }
        total.accepted += result.accepted;
        total.rejected += result.rejected;
    }
    if args.files.len() > 1 {
        say(&format!("{} records stored, {} refused", total.accepted, total.rejected));
    }
    if total.rejected > 0 {
        complain(
            "refused records are in table rejects: lincei query \"SELECT time, reason, raw FROM rejects ORDER BY time DESC LIMIT 10\"",
        );
    }
    if total.accepted == 0 && total.rejected > 0 {
        bail!("nothing was stored");
    }
    Ok(())
}

fn import_file(remote: &Remote, args: &ImportArgs, path: &Path) -> anyhow::Result<IngestResult> {
    let stdin = path == Path::new("-");
    let (input, bytes): (Box<dyn Read>, Option<u64>) = if stdin {
        (Box::new(std::io::stdin().lock()), None)
    } else {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        (Box::new(file), Some(bytes))
    };
    let bar = progress(bytes);
    let input: Box<dyn Read> = unpacked(path, Box::new(bar.wrap_read(input)))?;
    let service = args.service.clone().or_else(|| if stdin { None } else { file_service(path) });
    let mut chunks = Chunks::new(BufReader::with_capacity(1 << 20, input), args.format.given());
    let mut total = IngestResult::default();
    while let Some((format, chunk)) = chunks.next()? {
        let result = send(remote, format, service.as_deref(), &chunk)?;
        total.accepted += result.accepted;
        total.rejected += result.rejected;
        total.message = total.message.or(result.message);
        bar.set_message(format!("{} records", total.accepted));
    }
    bar.finish_and_clear();
    Ok(total)
}

fn progress(bytes: Option<u64>) -> ProgressBar {
    let bar = bytes.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let template = if bytes.is_some() {
        "{bar:30} {percent:>3}% {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}"
    } else {
        "{spinner} {bytes} {bytes_per_sec} {msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn unpacked(path: &Path, input: Box<dyn Read>) -> anyhow::Result<Box<dyn Read>> {
    Ok(match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(input)),
        Some("zst") => Box::new(zstd::Decoder::new(input)?),
        _ => input,
    })
}

/// `logs/checkout.log.gz` names service `checkout`.
fn file_service(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.split('.').next().filter(|stem| !stem.is_empty()).map(str::to_owned)
}

fn send(remote: &Remote, format: LogFormat, service: Option<&str>, chunk: &[u8]) -> anyhow::Result<IngestResult> {
    let mut target = format!("/api/v1/ingest/logs?format={}", format.as_str());
    if let Some(service) = service {
        target.push_str("&service=");
        target.extend(service.bytes().map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        }));
    }
    let mut pause = Duration::from_millis(250);
    for _ in 1..TRIES {
        match remote.post(&target, &[("content-type", "text/plain")], chunk) {
            Ok(answer) => return Ok(serde_json::from_reader(answer)?),
            Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.retryable) => {
                std::thread::sleep(pause);
                pause *= 2;
            }
            Err(error) => return Err(error),
        }
    }
    let answer = remote.post(&target, &[("content-type", "text/plain")], chunk)?;
    Ok(serde_json::from_reader(answer)?)
}

/// Cuts input into requests: at line ends, and for plain text before a line that starts a record.
struct Chunks<R> {
    input: R,
    format: Option<LogFormat>,
    pending: Vec<u8>,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    fn new(input: R, format: Option<LogFormat>) -> Self {
        Self { input, format, pending: Vec::new(), ended: false }
    }

    fn next(&mut self) -> anyhow::Result<Option<(LogFormat, Vec<u8>)>> {
        loop {
            if self.ended || self.pending.len() >= CHUNK_BYTES {
                if let Some(chunk) = self.cut() {
                    return Ok(Some(chunk));
                }
                if self.ended {
                    return Ok(None);
                }
            }
            if self.pending.len() > RECORD_BYTES_MAX + CHUNK_BYTES {
                bail!("no record ends within {RECORD_BYTES_MAX} bytes");
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        let before = self.pending.len();
        let read = Read::by_ref(&mut self.input).take(CHUNK_BYTES as u64).read_to_end(&mut self.pending)?;
        self.ended = read == 0;
        if self.format.is_none() && (self.ended || self.pending.len() >= CHUNK_BYTES || before > 0) {
            self.format = Some(lincei_ingest::detect(&self.pending, SystemClock.now_ns()));
        }
        Ok(())
    }

    /// Takes whole records off the front of what is pending.
    fn cut(&mut self) -> Option<(LogFormat, Vec<u8>)> {
        let format = self.format?;
        if self.pending.is_empty() {
            return None;
        }
        if self.ended {
            return Some((format, std::mem::take(&mut self.pending)));
        }
        if format == LogFormat::Json && starts_with_array(&self.pending) {
            return Some((format, self.cut_array()?));
        }
        let rest = self.pending.split_off(last_record_start(format, &self.pending)?);
        Some((format, std::mem::replace(&mut self.pending, rest)))
    }

    /// Makes two arrays of one: the first is returned, the second stays.
    fn cut_array(&mut self) -> Option<Vec<u8>> {
        let mut rest = self.pending.split_off(last_element_end(&self.pending)?);
        if let Some(comma) = rest.first_mut() {
            *comma = b'[';
        }
        let mut chunk = std::mem::replace(&mut self.pending, rest);
        chunk.push(b']');
        Some(chunk)
    }
}

fn starts_with_array(text: &[u8]) -> bool {
    text.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[')
}

/// Offset of the last comma between two elements of an array.
fn last_element_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped, mut end) = (0_u32, false, false, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => end = Some(at),
            _ => {}
        }
    }
    end
}

/// Offset of the last line that starts a record; what is before it can be sent.
fn last_record_start(format: LogFormat, text: &[u8]) -> Option<usize> {
    let now_ns = SystemClock.now_ns();
    let mut end = text.len();
    loop {
        let start = text.get(..end)?.iter().rposition(|b| *b == b'\n')? + 1;
        let line = text.get(start..)?;
        let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
        let whole = start + line.len() < text.len();
        let continues = format.may_span_lines() && (!whole || lincei_ingest::text::continues(line, now_ns));
        if start > 0 && !continues {
            return Some(start);
        }
        end = start.checked_sub(1)?;
    }
}
