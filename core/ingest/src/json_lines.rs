//! JSON logs: one value per line, values in a row, or one array of them.
//!
//! An object is a record whose fields are told apart by their names (the list is in `fields.rs`);
//! nested objects are flattened with dots, arrays kept as JSON, numbers as they were written. Any
//! other value is the body of a record. Where names repeat, the first one counts and all are kept.
//!
//! A value that cannot be read is refused alone, and reading goes on with the next line; inside an
//! array, what follows the fault is refused as one.

mod flatten;
#[cfg(test)]
mod tests;

use crate::context::Refusal;
use crate::fields::classify;
use crate::log_writer::{LogEntry, LogWriter};
use crate::otlp::json_error_detail;
use crate::{Decoded, IngestContext, IngestError};
use flatten::{compact, flatten, unquote};
use lincei_model::limits::RECORD_BYTES_MAX;
use memchr::{memchr, memchr_iter, memrchr};
use serde_json::value::RawValue;

/// `rejects.encoding` of refused records.
const ENCODING: &str = "json";

/// How often a body may be read over in search of values that span lines. A body of lines that all
/// begin a value and never end it would otherwise be read once per line.
const REREADS_MAX: usize = 4;

/// Decodes JSON logs. Rows are in the order of the body.
///
/// A record without a time gets `context.now_ns`; one whose time cannot be read, or lies outside
/// the context's window, is refused alone. `observed_time` is `context.now_ns`.
///
/// # Errors
/// The `too_large` errors of [`IngestError`]; nothing else refuses the whole body.
pub fn decode(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut reader = JsonReader {
        body,
        at: 0,
        line: 1,
        line_start: 0,
        now_ns: context.now_ns,
        writer: LogWriter::new(context, ENCODING),
        reread: body.len().saturating_mul(REREADS_MAX),
    };
    while reader.skip_blank() {
        reader.value()?;
    }
    reader.writer.finish()
}

struct JsonReader<'a, 'c> {
    body: &'a [u8],
    at: usize,
    /// Line of `at`, from 1.
    line: usize,
    /// Where that line begins.
    line_start: usize,
    now_ns: i64,
    writer: LogWriter<'c>,
    /// Bytes that may still be read in search of values that span lines.
    reread: usize,
}

/// A value read from the body, and the bytes that it takes.
type Value<'a> = (&'a str, usize);

impl<'a> JsonReader<'a, '_> {
    fn rest(&self) -> &'a [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    /// Steps over white space; false at the end.
    fn skip_blank(&mut self) -> bool {
        while let Some(byte) = self.body.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return true;
            }
            self.advance(1);
        }
        false
    }

    /// Steps over `bytes` of what is left.
    fn advance(&mut self, bytes: usize) {
        let read = self.rest().get(..bytes).unwrap_or_default();
        if let Some(last) = memrchr(b'\n', read) {
            self.line += memchr_iter(b'\n', read).count();
            self.line_start = self.at + last + 1;
        }
        self.at += read.len();
    }

    /// What a fault is told as: its place counted from the body's start. `error` counts from `at`.
    fn refusal(&self, error: &serde_json::Error) -> Refusal {
        let above = error.line().saturating_sub(1);
        let column = error.column() + if above == 0 { self.at - self.line_start } else { 0 };
        self.refusal_at(self.line + above, column, &json_error_detail(error))
    }

    fn refusal_at(&self, line: usize, column: usize, detail: &str) -> Refusal {
        Refusal::invalid(format!("malformed json at line {line} column {column}: {detail}"))
    }

    /// The rest of the line.
    fn line_bytes(&self) -> &'a [u8] {
        let rest = self.rest();
        rest.get(..memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default()
    }

    fn value(&mut self) -> Result<(), IngestError> {
        if self.rest().first() == Some(&b'[') {
            return self.array();
        }
        match self.read_value() {
            Ok(value) => self.add(value),
            Err(error) => {
                let line = self.line_bytes();
                let fault = self.refusal(&error);
                self.writer.refuse(&fault, line.trim_ascii_end())?;
                self.advance(line.len());
                Ok(())
            }
        }
    }

    /// The value that begins here: on this line, or spread over several.
    fn read_value(&mut self) -> Result<Value<'a>, serde_json::Error> {
        let (line, rest) = (self.line_bytes(), self.rest());
        let error = match read_first(line) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let window = rest.get(..rest.len().min(RECORD_BYTES_MAX)).unwrap_or_default();
        if !error.is_eof() || line.len() == window.len() || self.reread < window.len() {
            return Err(error);
        }
        read_first(window).map_err(|below| {
            // what was read in vain: up to the line that holds the fault
            let lines = memchr_iter(b'\n', window).nth(below.line().saturating_sub(1));
            self.reread -= lines.unwrap_or(window.len());
            error
        })
    }

    fn add(&mut self, (text, bytes): Value<'a>) -> Result<(), IngestError> {
        let (line, now_ns) = (self.line, self.now_ns);
        self.writer.add(text.as_bytes(), || {
            entry_of(text, now_ns).map_err(|mut refusal| {
                refusal.reason = format!("record at line {line}: {}", refusal.reason);
                refusal
            })
        })?;
        self.advance(bytes);
        Ok(())
    }

    /// An array of records.
    fn array(&mut self) -> Result<(), IngestError> {
        let (start, start_line) = (self.at, self.line);
        self.advance(1);
        let mut elements = 0;
        let fault = loop {
            if !self.skip_blank() {
                break self.refusal_at(self.line, self.at - self.line_start, "EOF while parsing a list");
            }
            if elements == 0 && self.rest().first() == Some(&b']') {
                self.advance(1);
                return Ok(());
            }
            match read_first(self.rest()) {
                Ok(value) => self.add(value)?,
                Err(error) => break self.refusal(&error),
            }
            elements += 1;
            self.skip_blank();
            match self.rest().first() {
                Some(b',') => self.advance(1),
                Some(b']') => {
                    self.advance(1);
                    return Ok(());
                }
                _ => {
                    break self.refusal_at(self.line, self.at - self.line_start + 1, "expected `,` or `]`");
                }
            }
        };
        if elements == 0 && self.line == start_line {
            // text that only looks like an array: a line of its own
            self.at = start;
            let line = self.line_bytes();
            self.writer.refuse(&fault, line.trim_ascii_end())?;
            self.advance(line.len());
        } else {
            let rest = self.rest();
            self.writer.refuse(&fault, rest.trim_ascii())?;
            self.advance(self.rest().len());
        }
        Ok(())
    }
}

/// The first value of `text`.
fn read_first(text: &[u8]) -> Result<Value<'_>, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>();
    let value = values.next().transpose()?.map_or("", RawValue::get);
    Ok((value, values.byte_offset()))
}

fn entry_of(value: &str, now_ns: i64) -> Result<LogEntry<'_>, Refusal> {
    match value.as_bytes().first() {
        Some(b'{') => classify(flatten(value)?, now_ns),
        Some(b'"') => Ok(LogEntry { body: Some(unquote(value)?), ..LogEntry::default() }),
        _ => Ok(LogEntry { body: Some(compact(value)), ..LogEntry::default() }),
    }
}
