//! Which format a file has, from its first lines.

use crate::fields::FieldValue;
use crate::lines::lines;
use crate::{Decoded, IngestContext, IngestError, json_lines, logfmt, syslog, text};
use serde::de::IgnoredAny;
use std::fmt;
use std::str::FromStr;

/// Lines that are looked at.
const SAMPLE_LINES: usize = 100;

/// A format of log files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// [`json_lines`].
    Json,
    /// [`logfmt`].
    Logfmt,
    /// [`syslog`].
    Syslog,
    /// [`text`].
    Text,
}

impl LogFormat {
    /// All, in the order in which they are preferred.
    pub const ALL: [Self; 4] = [Self::Json, Self::Syslog, Self::Logfmt, Self::Text];

    /// The name on the command line and in `rejects.encoding`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Logfmt => "logfmt",
            Self::Syslog => "syslog",
            Self::Text => "text",
        }
    }

    /// Whether a record may go on in further lines.
    #[must_use]
    pub const fn may_span_lines(self) -> bool {
        matches!(self, Self::Syslog | Self::Text)
    }

    /// Decodes a body of this format.
    ///
    /// # Errors
    /// As the format's own `decode`.
    pub fn decode(self, body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
        match self {
            Self::Json => json_lines::decode(body, context),
            Self::Logfmt => logfmt::decode(body, context),
            Self::Syslog => syslog::decode(body, context),
            Self::Text => text::decode(body, context),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("no log format named {name:?} (known: json, logfmt, syslog, text)"))
    }
}

/// The format that at least half of the first lines of `sample` have; text when there is none.
/// `sample` is the start of a file, cut anywhere.
#[must_use]
pub fn detect(sample: &[u8], now_ns: i64) -> LogFormat {
    if is_json_document(sample) {
        return LogFormat::Json;
    }
    // the last line may be cut
    let whole = match memchr::memrchr(b'\n', sample) {
        Some(end) => sample.get(..end).unwrap_or_default(),
        None => sample,
    };
    let mut counts = [0usize; LogFormat::ALL.len()];
    let mut total = 0;
    for line in
        lines(whole).filter(|line| line.text.first().is_some_and(|byte| !byte.is_ascii_whitespace())).take(SAMPLE_LINES)
    {
        total += 1;
        let format = format_of(line.text, now_ns);
        for (count, candidate) in counts.iter_mut().zip(LogFormat::ALL) {
            *count += usize::from(candidate == format);
        }
    }
    let most = LogFormat::ALL.into_iter().zip(counts).find(|(_, count)| 2 * count >= total && total > 0);
    most.map_or(LogFormat::Text, |(format, _)| format)
}

/// An object or an array of them that spans lines.
fn is_json_document(sample: &[u8]) -> bool {
    let mut rest = sample.trim_ascii_start();
    if let Some(inner) = rest.strip_prefix(b"[") {
        rest = inner.trim_ascii_start();
        if rest.is_empty() || rest.starts_with(b"]") {
            return !rest.is_empty();
        }
    }
    if !rest.starts_with(b"{") {
        return false;
    }
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => true,
        // cut by the end of the sample
        Some(Err(error)) => error.is_eof() && error.line() > 1,
        None => false,
    }
}

fn format_of(line: &[u8], now_ns: i64) -> LogFormat {
    let line = line.trim_ascii();
    if line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok() {
        LogFormat::Json
    } else if syslog::is_message(line, now_ns) {
        LogFormat::Syslog
    } else if is_logfmt(line) {
        LogFormat::Logfmt
    } else {
        LogFormat::Text
    }
}

/// Two pairs at least, and mostly pairs; the first word is one.
fn is_logfmt(line: &[u8]) -> bool {
    let Some(fields) = std::str::from_utf8(line).ok().and_then(|line| logfmt::pairs(line).ok()) else { return false };
    let is_pair = |field: &crate::fields::Field<'_>| {
        field.value != FieldValue::Null
            && !field.key.is_empty()
            && field.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@/".contains(&byte))
    };
    let pairs = fields.iter().filter(|field| is_pair(field)).count();
    fields.first().is_some_and(is_pair) && pairs >= 2 && 2 * pairs > fields.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T12:00:00Z.
    const NOW_NS: i64 = 1_795_348_800_000_000_000;

    #[test]
    fn formats_are_told_apart() {
        for (sample, want) in [
            ("", LogFormat::Text),
            ("{\"a\":1}\n{\"a\":2}\n{\"a\":", LogFormat::Json),
            ("[\n  {\n    \"a\": 1\n  },\n", LogFormat::Json),
            ("[]", LogFormat::Json),
            ("{\n \"a\": 1,\n \"b\"", LogFormat::Json),
            ("[error] it broke\n", LogFormat::Text),
            ("{not json}\n", LogFormat::Text),
            ("level=info msg=\"a b\" n=1\nlevel=warn msg=c n=2\n", LogFormat::Logfmt),
            ("started with a=1 and b=2\n", LogFormat::Text),
            ("<34>1 2026-11-22T10:11:12Z h app - - - hi\n", LogFormat::Syslog),
            ("Nov 22 10:11:12 host sshd[7]: hello\nNov 22 10:11:13 host su: bye\n", LogFormat::Syslog),
            ("Nov 22 10:11:12 host sshd[7]: hello\n\tcontinued\n\tcontinued\n\tcontinued\n", LogFormat::Syslog),
            ("2026-11-22 10:11:12,345 INFO [main] a.B: ready\n", LogFormat::Text),
            ("2026-11-22T10:11:12Z INFO app: ready\n", LogFormat::Text),
            ("\u{fffd}\u{0}\n", LogFormat::Text),
        ] {
            assert_eq!(detect(sample.as_bytes(), NOW_NS), want, "{sample:?}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for format in LogFormat::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert!("yaml".parse::<LogFormat>().unwrap_err().contains("known: json, logfmt, syslog, text"));
    }
}
