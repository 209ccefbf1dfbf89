//! logfmt: `key=value` pairs on a line, as Heroku, Go's standard loggers and many others write.
//!
//! A value is a word, or text in double quotes with the escapes of JSON and Go. A key without `=`
//! is an attribute without a value. The fields are told apart as those of JSON logs are. A line
//! without a single `=` is the body of a record.

use crate::context::Refusal;
use crate::fields::{Field, FieldValue, classify};
use crate::lines::lines;
use crate::log_writer::{LogEntry, LogWriter};
use crate::{Decoded, IngestContext, IngestError};
use std::borrow::Cow;

/// `rejects.encoding` of refused records.
const ENCODING: &str = "logfmt";

/// Decodes logfmt, one record per line.
///
/// # Errors
/// The `too_large` errors of [`IngestError`]; a line that cannot be read is refused alone.
pub fn decode(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut writer = LogWriter::new(context, ENCODING);
    for line in lines(body) {
        writer.add(line.text, || {
            record(line.text, context.now_ns).map_err(|mut refusal| {
                refusal.reason = format!("line {}: {}", line.number, refusal.reason);
                refusal
            })
        })?;
    }
    writer.finish()
}

fn record(line: &[u8], now_ns: i64) -> Result<LogEntry<'_>, Refusal> {
    let text = simdutf8::basic::from_utf8(line).ok();
    match text {
        Some(text) if text.contains('=') => classify(pairs(text)?, now_ns),
        _ => {
            let mut entry = LogEntry::default();
            let body = entry.text_of(line);
            entry.body = Some(body);
            Ok(entry)
        }
    }
}

/// The pairs of a line.
pub(crate) fn pairs(line: &str) -> Result<Vec<Field<'_>>, Refusal> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, tail) = rest.split_at(end);
        let (value, tail) = match tail.strip_prefix('=') {
            None => (FieldValue::Null, tail),
            Some(tail) => value(tail).map_err(|at| {
                let column = line.len() - tail.len() + at + 1;
                Refusal::invalid(format!("quote at column {column} does not end"))
            })?,
        };
        fields.push(Field { key: Cow::Borrowed(key), value });
        rest = tail.trim_start();
    }
    Ok(fields)
}

/// A value at the start of `text`, and what follows it. The error is where a quote begins that
/// does not end.
fn value(text: &str) -> Result<(FieldValue<'_>, &str), usize> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (word, tail) = text.split_at(end);
        return Ok((bare(word), tail));
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let (inner, tail) = quoted.split_at(at);
                let text = if inner.contains('\\') { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) };
                return Ok((FieldValue::Text(text), tail.strip_prefix('"').unwrap_or(tail)));
            }
            _ => {}
        }
    }
    Err(0)
}

fn bare(word: &str) -> FieldValue<'_> {
    let number = word.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'-');
    if number && word.parse::<f64>().is_ok() {
        FieldValue::Number(Cow::Borrowed(word))
    } else {
        FieldValue::Text(Cow::Borrowed(word))
    }
}

/// Text between quotes with its escapes resolved; unknown ones stay as they are.
fn unescape(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut after = tail.chars();
        after.next();
        let escape = after.next();
        rest = after.as_str();
        match escape {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some(c @ ('"' | '\\' | '/' | '\'')) => out.push(c),
            Some('u') => match unicode(rest) {
                Some((c, tail)) => {
                    out.push(c);
                    rest = tail;
                }
                None => out.push_str("\\u"),
            },
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out.push_str(rest);
    out
}

/// Four hex digits, or two times four for a surrogate pair, and what follows.
fn unicode(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
    let (first, tail) = (unit(text)?, text.get(4..)?);
    if let Some(c) = char::from_u32(first) {
        return Some((c, tail));
    }
    let low = tail.strip_prefix("\\u")?;
    let second = unit(low).filter(|unit| (0xdc00..0xe000).contains(unit))?;
    let c = char::from_u32(0x10000 + ((first.checked_sub(0xd800)? & 0x3ff) << 10) + (second - 0xdc00))?;
    (first < 0xdc00).then_some((c, low.get(4..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> String {
        match pairs(line) {
            Ok(fields) => fields
                .into_iter()
                .map(|field| match field.value {
                    FieldValue::Null => format!("{}", field.key),
                    FieldValue::Number(number) => format!("{}:{number}", field.key),
                    FieldValue::Text(text) => format!("{}={text}", field.key),
                    other => format!("{}?{other:?}", field.key),
                })
                .collect::<Vec<_>>()
                .join("|"),
            Err(refusal) => format!("refused: {}", refusal.reason),
        }
    }

    #[test]
    fn pairs_words_and_quotes() {
        for (line, want) in [
            ("level=info msg=ready port=8080", "level=info|msg=ready|port:8080"),
            (r#"msg="two words" x="""#, "msg=two words|x="),
            (r#"msg="a \"b\" \\ \n\t\u00e9\ud83e\udd80 \x" n=-1.50"#, "msg=a \"b\" \\ \n\té🦀 \\x|n:-1.50"),
            ("flag level=warn other", "flag|level=warn|other"),
            ("a= b=c", "a=|b=c"),
            ("url=http://h/?a=b&c=d", "url=http://h/?a=b&c=d"),
            ("  a=b\t c=d  ", "a=b|c=d"),
            ("=x", "=x"),
            (r#"a="b"c=d"#, "a=b|c=d"),
            ("t=10:11:12 v=1.2.3", "t=10:11:12|v=1.2.3"),
            ("msg=größe naïve=ja", "msg=größe|naïve=ja"),
            ("", ""),
        ] {
            assert_eq!(read(line), want, "{line:?}");
        }
    }

    #[test]
    fn broken_lines_are_told() {
        for (line, want) in [
            ("a=1 msg=\"no end", "refused: quote at column 9 does not end"),
            ("msg=\"no end\\\"", "refused: quote at column 5 does not end"),
        ] {
            assert_eq!(read(line), want, "{line:?}");
        }
        // an escape that is none stays as it is
        for (line, want) in [
            (r#"a="\ud83e""#, "a=\\ud83e"),
            (r#"a="\u12""#, "a=\\u12"),
            (r#"a="\udc00\ud800""#, "a=\\udc00\\ud800"),
            (r#"a="\uzzzz""#, "a=\\uzzzz"),
            (r#"a="\u00é""#, "a=\\u00é"),
        ] {
            assert_eq!(read(line), want, "{line:?}");
        }
    }

    #[test]
    fn lines_become_records() {
        let context = IngestContext {
            now_ns: 0,
            oldest_ns: i64::MIN,
            newest_ns: i64::MAX,
            client: "test",
            default_service: None,
        };
        let body = b"time=2026-11-22T10:11:12Z level=error msg=\"it broke\" err=EOF\njust text\nmsg=\"open\n\xff\xfe\n";
        let decoded = decode(body, &context).unwrap();
        assert_eq!((decoded.accepted, decoded.rejected), (3, 1));
        assert_eq!(decoded.reject_message.as_deref(), Some("line 3: quote at column 5 does not end"));
    }
}
