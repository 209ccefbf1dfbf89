//! New lines as they come: the stream of events that carries them, and the lines held of it.
//!
//! Lines that come while the reader looks at some wait apart until they are wanted, so nothing moves
//! under the cursor. Of either kind the newest [`ROWS_MAX`] are held.

use crate::log_row::{LogRow, RowKey, ShapeError};
use crate::order;
use lincei_api::Problem;
use serde_json::Value;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Lines shown at most, and lines waiting at most.
pub const ROWS_MAX: usize = 10_000;
/// Bytes of text of either at most.
pub const BYTES_MAX: usize = 32 << 20;
/// Seconds until the next attempt to connect, by attempts that failed.
const WAITS: [u32; 5] = [1, 2, 5, 10, 20];
/// Number of the first line that comes; those stored before have smaller ones.
const FIRST: i64 = 1 << 32;

/// An event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its data.
    pub data: String,
}

/// Reads a stream of events (HTML standard, section 9.2.6) from bytes cut anywhere.
#[derive(Clone, Debug, Default)]
pub struct EventReader {
    line: Vec<u8>,
    after_return: bool,
    event: Event,
    has_data: bool,
    id: String,
    last_id: String,
}

impl EventReader {
    /// A reader of the stream that goes on after `last_id`.
    #[must_use]
    pub fn after(last_id: String) -> Self {
        Self { id: last_id.clone(), last_id, ..Self::default() }
    }

    /// Where to resume.
    #[must_use]
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// Takes bytes; returns the events that they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            let after_return = std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.take_line(&String::from_utf8_lossy(&line)));
                }
                other => self.line.push(*other),
            }
        }
        events
    }

    fn take_line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            self.last_id.clone_from(&self.id);
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            _ => {}
        }
        None
    }
}

/// What the server says in an event of `GET /api/v1/logs/tail`.
#[derive(Clone, Debug, PartialEq)]
pub enum TailEvent {
    /// Every line sent in from now on is matched.
    Started,
    /// Lines, the oldest first.
    Rows(Vec<LogRow>),
    /// So many lines matched beyond the rate.
    OverRate(u64),
    /// So many lines, matching or not, went by; `None` when not even that is known.
    Missed(Option<u64>),
    /// The stream is over.
    Ended(End),
}

/// Why a stream is over.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// To be connected anew, at once.
    Reconnect,
    /// The server stops.
    Shutdown,
    /// Somebody stopped the query.
    Cancelled,
    /// It failed.
    Failed(Option<Box<Problem>>),
}

/// Reads an event; `None` for one of a name that is not known.
///
/// # Errors
/// When its data cannot be read.
pub fn read(event: &Event) -> Result<Option<TailEvent>, ShapeError> {
    let mut data: Value = serde_json::from_str(&event.data).map_err(|error| ShapeError(error.to_string()))?;
    let reason = data.get("reason").and_then(Value::as_str).unwrap_or_default();
    let rows = data.get("rows").and_then(Value::as_u64);
    Ok(Some(match (event.name.as_str(), reason) {
        ("start", _) => TailEvent::Started,
        ("rows", _) => {
            let rows = data.get("rows").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            TailEvent::Rows(rows.iter().map(LogRow::from_object).collect::<Result<_, _>>()?)
        }
        ("dropped", "rate") => TailEvent::OverRate(rows.unwrap_or(0)),
        ("dropped", _) => TailEvent::Missed(rows),
        ("end", "reconnect") => TailEvent::Ended(End::Reconnect),
        ("end", "cancelled") => TailEvent::Ended(End::Cancelled),
        ("end", "failed") => {
            let problem = data.get_mut("problem").map(Value::take);
            TailEvent::Ended(End::Failed(problem.and_then(|problem| serde_json::from_value(problem).ok())))
        }
        ("end", _) => TailEvent::Ended(End::Shutdown),
        _ => return Ok(None),
    }))
}

/// Seconds to wait before connecting again after so many attempts in a row that failed.
#[must_use]
pub fn wait_seconds(failed: u32) -> u32 {
    let last = WAITS.len() - 1;
    let at = usize::try_from(failed.saturating_sub(1)).unwrap_or(last).min(last);
    WAITS.get(at).copied().unwrap_or(1)
}

/// Lines, the newest first, with numbers that grow by one from older to newer.
#[derive(Clone, Debug, Default)]
struct Held {
    rows: VecDeque<(i64, Arc<LogRow>)>,
    bytes: usize,
}

impl Held {
    fn push_newest(&mut self, number: i64, row: Arc<LogRow>) {
        self.bytes += weight(&row);
        self.rows.push_front((number, row));
    }

    fn push_oldest(&mut self, number: i64, row: Arc<LogRow>) {
        self.bytes += weight(&row);
        self.rows.push_back((number, row));
    }

    /// Drops the oldest beyond the bounds; whether there were any.
    fn trim(&mut self) -> bool {
        let mut any = false;
        while self.rows.len() > ROWS_MAX || (self.bytes > BYTES_MAX && self.rows.len() > 1) {
            let Some((_, row)) = self.rows.pop_back() else { break };
            self.bytes = self.bytes.saturating_sub(weight(&row));
            any = true;
        }
        any
    }
}

/// Bytes of text of a line.
fn weight(row: &LogRow) -> usize {
    let pairs = row.attributes.iter().chain(&row.resource).map(|(key, value)| key.len() + value.len());
    row.body.as_ref().map_or(0, String::len) + row.service.len() + pairs.sum::<usize>() + 64
}

/// What was left out of a tail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Lines that matched beyond the rate.
    pub over_rate: u64,
    /// Lines, matching or not, that went by while they could not be taken.
    pub missed: u64,
    /// Lines went by of which not even the number is known.
    pub gap: bool,
}

/// The lines held of a tail.
#[derive(Clone, Debug)]
pub struct Tail {
    shown: Held,
    waiting: Held,
    waiting_cut: bool,
    next: i64,
    received: u64,
    left_out: LeftOut,
}

impl Default for Tail {
    fn default() -> Self {
        let (shown, waiting) = (Held::default(), Held::default());
        Self { shown, waiting, waiting_cut: false, next: FIRST, received: 0, left_out: LeftOut::default() }
    }
}

impl Tail {
    /// Takes new lines that came together, and puts them in the order of their times; `held` lets them
    /// wait.
    pub fn add(&mut self, mut rows: Vec<LogRow>, held: bool) {
        order::by_key(&mut rows, |row| row.time_ns);
        if !held {
            self.show();
        }
        self.received += rows.len() as u64;
        for row in rows {
            let into = if held { &mut self.waiting } else { &mut self.shown };
            into.push_newest(self.next, Arc::new(row));
            self.next += 1;
        }
        self.waiting_cut |= self.waiting.trim();
        self.shown.trim();
    }

    /// Takes lines that were stored before, the newest first, but for those that came already.
    pub fn add_stored(&mut self, rows: Vec<LogRow>) {
        let held = self.shown.rows.iter().chain(&self.waiting.rows);
        let known: HashSet<RowKey> = held.map(|(_, row)| row.key()).collect();
        // without a line shown, those that wait come before
        let oldest = self.shown.rows.back().or(self.waiting.rows.back()).map_or(self.next, |(number, _)| *number);
        let fresh = rows.into_iter().filter(|row| !known.contains(&row.key()));
        for (number, row) in (i64::MIN..oldest).rev().zip(fresh) {
            self.shown.push_oldest(number, Arc::new(row));
        }
        self.shown.trim();
    }

    /// Takes what the server says was left out.
    pub fn leave_out(&mut self, event: &TailEvent) {
        match event {
            TailEvent::OverRate(rows) => self.left_out.over_rate += rows,
            TailEvent::Missed(Some(rows)) => self.left_out.missed += rows,
            TailEvent::Missed(None) => self.left_out.gap = true,
            _ => {}
        }
    }

    /// Shows the lines that wait.
    pub fn show(&mut self) {
        if std::mem::take(&mut self.waiting_cut) {
            // between those shown and those that wait some are gone
            self.shown = Held::default();
        }
        let waiting = std::mem::take(&mut self.waiting);
        for (number, row) in waiting.rows.into_iter().rev() {
            self.shown.push_newest(number, row);
        }
        self.shown.trim();
    }

    /// Lines shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.rows.len()
    }

    /// Whether no line is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.rows.is_empty()
    }

    /// Lines that wait, and whether older ones had to be dropped.
    #[must_use]
    pub fn waiting(&self) -> (usize, bool) {
        (self.waiting.rows.len(), self.waiting_cut)
    }

    /// Lines that came.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// What was left out.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Number of the line shown at `index`, 0 the newest.
    #[must_use]
    pub fn number_at(&self, index: usize) -> Option<i64> {
        self.shown.rows.get(index).map(|(number, _)| *number)
    }

    /// Place of a line that is shown.
    #[must_use]
    pub fn index_of(&self, number: i64) -> Option<usize> {
        let newest = self.number_at(0)?;
        let index = usize::try_from(newest.checked_sub(number)?).ok()?;
        (self.number_at(index) == Some(number)).then_some(index)
    }

    /// A line that is shown.
    #[must_use]
    pub fn row(&self, number: i64) -> Option<&Arc<LogRow>> {
        self.shown.rows.get(self.index_of(number)?).map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests;
