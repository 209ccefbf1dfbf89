use super::sender;
use crate::log_writer::LogEntry;
use crate::severity;
use crate::timestamps::{self, Found};

/// Longest TAG that is taken for one; RFC 3164 has 32, daemons on phones and desktops have more.
const TAG_BYTES_MAX: usize = 96;

/// `Nov 22 10:11:12 host tag[pid]: content`.
pub(super) struct Header<'a> {
    time_ns: i64,
    host: &'a [u8],
    pub(super) app: Option<&'a [u8]>,
    process: Option<&'a [u8]>,
    content: &'a [u8],
}

/// The timestamp of a syslog line: `Nov 22 10:11:12`, with a year or a fraction where a sender
/// adds one, or RFC 3339.
pub(super) fn timestamp(line: &[u8], now_ns: i64) -> Option<Found> {
    let is_form = match line.first()? {
        byte if byte.is_ascii_alphabetic() => true,
        // RFC 3339 has a T; a space is the mark of other logs
        b'0'..=b'9' => line.get(10) == Some(&b'T'),
        _ => false,
    };
    let found = timestamps::prefix(line, now_ns).filter(|found| is_form && found.has_clock)?;
    // some devices end it with a colon
    matches!(line.get(found.len), Some(b' ' | b':')).then_some(found)
}

/// Reads a header up to the content; the tag may be missing.
pub(super) fn header(line: &[u8], now_ns: i64) -> Option<Header<'_>> {
    let found = timestamp(line, now_ns)?;
    let rest = line.get(found.len..)?;
    let rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start();
    let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
    let (host, after) = rest.split_at_checked(end)?;
    if is_level(host) {
        return None;
    }
    // no host: the first word is the tag
    if host.ends_with(b":")
        && let Some((tag, content)) = tag(rest)
    {
        return Some(Header { time_ns: found.time_ns, host: &[], app: Some(tag.app), process: tag.process, content });
    }
    let after = after.strip_prefix(b" ").unwrap_or(after);
    let (tag, content) = match tag(after).or_else(|| spaced_tag(after)) {
        Some((tag, content)) => (Some(tag), content),
        None => (None, after),
    };
    let (app, process) = tag.map_or((None, None), |tag| (Some(tag.app), tag.process));
    Some(Header { time_ns: found.time_ns, host, app, process, content })
}

/// A level behind a timestamp: some other log.
fn is_level(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| severity::number_of(word.trim_end_matches(':')).is_some())
}

struct Tag<'a> {
    app: &'a [u8],
    process: Option<&'a [u8]>,
}

/// `sshd[123]: `, `kernel: `, `su(pam_unix)[9]: `, `com.example.agent[1] (detail): `.
fn tag(text: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b'[' | b':' | b' '))?;
    let (app, mut rest) = text.split_at_checked(end).filter(|(app, _)| (1..=TAG_BYTES_MAX).contains(&app.len()))?;
    let mut process = None;
    if let Some(inner) = rest.strip_prefix(b"[") {
        let close = inner.iter().take(TAG_BYTES_MAX).position(|byte| *byte == b']')?;
        process = inner.get(..close).filter(|process| !process.is_empty());
        rest = inner.get(close + 1..)?;
    }
    match rest.strip_prefix(b":") {
        Some(content) => Some((Tag { app, process }, content.strip_prefix(b" ").unwrap_or(content))),
        // without a colon only a process id shows that this is a tag
        None => process.and(rest.strip_prefix(b" ")).map(|content| (Tag { app, process }, content)),
    }
}

/// `Some Program[123]: `: a tag with spaces is only one with a process id and a colon.
fn spaced_tag(text: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let end = text.iter().take(TAG_BYTES_MAX).position(|byte| matches!(byte, b'[' | b':'))?;
    let (app, rest) = text.split_at_checked(end).filter(|(app, _)| !app.is_empty())?;
    let inner = rest.strip_prefix(b"[")?;
    let digits = inner.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (process, rest) = inner.split_at_checked(digits).filter(|_| digits > 0)?;
    let content = rest.strip_prefix(b"]:")?;
    Some((Tag { app, process: Some(process) }, content.strip_prefix(b" ").unwrap_or(content)))
}

impl<'a> Header<'a> {
    pub(super) fn fill(self, entry: &mut LogEntry<'a>) {
        entry.time_ns = Some(self.time_ns);
        let host = (!self.host.is_empty()).then(|| entry.text_of(self.host));
        let app = self.app.map(|app| entry.text_of(app));
        let process = self.process.map(|process| entry.text_of(process));
        sender(entry, host, app, process);
        let body = entry.text_of(self.content);
        entry.body = Some(body);
    }
}
