//! New rows as they become visible, those that a search matches.
//!
//! A task reads the table's feed, keeps the rows that match, and hands over at most one event each
//! quarter of a second. Nothing piles up: rows beyond the rate are dropped here, and while the
//! reader does not take events the task does not read the feed, which then drops its oldest rows.
//! Both are counted and told.

use super::{Selection, refused_search, spelling};
use crate::error::{self, QueryError};
use crate::format;
use crate::search;
use crate::service::{Follow, Following, QueryService};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::{concat_batches, filter_record_batch};
use datafusion::common::DFSchema;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use lincei_engine::{FeedItem, FeedPosition, Subscription};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Time between two events with rows.
const EVENT_INTERVAL: Duration = Duration::from_millis(250);
/// How often a reader whose search matches nothing learns where to resume.
const POSITION_INTERVAL: Duration = Duration::from_secs(10);
/// Rows that are looked at together.
const TOGETHER_ROWS: usize = 8_192;
/// Events a second.
const EVENTS_PER_SECOND: usize = 4;
/// Rows a second that one client may ask for.
const RATE_MAX: usize = 10_000;
/// Bytes of rows in one event; further rows are dropped and counted.
const EVENT_BYTES_MAX: usize = 4 << 20;

/// Which rows to follow.
#[derive(Clone, Debug)]
pub struct TailRequest {
    /// In which table, by which search; its range counts as a condition on `time`.
    pub selection: Selection,
    /// Rows a second at most, 1 to 10,000.
    pub rows_per_second: usize,
    /// Where an earlier tail ended: the id of its last event.
    pub resume: Option<String>,
}

/// What happens in a tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TailEvent {
    /// Rows that match, each a JSON object of all columns, in the order they became visible; and
    /// where to resume.
    Rows(Vec<String>, String),
    /// No rows, but a later place to resume: what lies before it was looked at.
    Position(String),
    /// Rows that matched and were more than the rate allows.
    OverRate(u64),
    /// Rows that came while the reader was too slow, or away; whether they match is not known, nor
    /// how many they are where it is `None`.
    Missed(Option<u64>),
}

/// A tail that runs. Dropping it ends it.
pub struct Tail {
    events: mpsc::Receiver<TailEvent>,
    following: Following,
}

impl Tail {
    /// The id under which it is listed and can be cancelled.
    #[must_use]
    pub fn id(&self) -> &str {
        self.following.id()
    }

    /// Waits for the next event; `None` when it was cancelled or failed: see [`Self::error`].
    /// Nothing is lost when the future is dropped before it is ready.
    pub async fn next(&mut self) -> Option<TailEvent> {
        self.events.recv().await
    }

    /// Why it ended.
    #[must_use]
    pub fn error(&self) -> Option<QueryError> {
        self.following.error()
    }
}

impl QueryService {
    /// Follows new rows of a table. Every row whose append begins after the return is matched.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for a rate or place that cannot be;
    /// [`QueryError::Limit`] when too many follow.
    pub fn tail(&self, request: TailRequest) -> Result<Tail, QueryError> {
        let TailRequest { selection, rows_per_second, resume } = request;
        if rows_per_second == 0 || rows_per_second > RATE_MAX {
            return Err(QueryError::Parameter(format!("rate {rows_per_second} is not 1 to {RATE_MAX} rows a second")));
        }
        let from = resume.map(|text| {
            let shown: String = text.chars().take(64).collect();
            text.parse::<FeedPosition>()
                .map_err(|_| QueryError::Parameter(format!("{shown:?} is not the id of an event of a tail")))
        });
        let from = from.transpose()?;
        selection.check()?;
        let sql = format!("SELECT * {} -- tail", spelling::from_where(&selection, "").trim_start());
        let (follow, following) = self.follow(&selection.request(sql))?;
        let matcher = match Matcher::new(&follow, &selection) {
            Ok(matcher) => matcher,
            Err(error) => {
                follow.finish(Err(error.clone()));
                return Err(error);
            }
        };
        let subscription = follow.subscribe(selection.table, from);
        let (sender, events) = mpsc::channel(1);
        let rows_max = (rows_per_second / EVENTS_PER_SECOND).max(1);
        let work = Work { follow, subscription, matcher, sender, pending: Pending::new(rows_max) };
        self.spawn(work.run())?;
        Ok(Tail { events, following })
    }
}

/// The search as an expression that is evaluated batch by batch.
struct Matcher {
    predicate: Option<Arc<dyn PhysicalExpr>>,
    range: lincei_model::TimeRange,
}

impl Matcher {
    fn new(follow: &Follow, selection: &Selection) -> Result<Self, QueryError> {
        let parsed = search::parse(&selection.search).map_err(|e| refused_search(&selection.search, &e))?;
        let range = selection.range;
        if parsed == search::Search::Everything {
            return Ok(Self { predicate: None, range });
        }
        let schema = selection.table.schema();
        let schema = DFSchema::try_from_qualified_schema(selection.table.name(), &schema).map_err(error::building)?;
        let expr = search::lower(&parsed, &schema).map_err(|e| refused_search(&selection.search, &e))?;
        let predicate = follow.session()?.create_physical_expr(expr, &schema).map_err(error::building)?;
        Ok(Self { predicate: Some(predicate), range })
    }

    fn matching(&self, batch: RecordBatch) -> Result<RecordBatch, QueryError> {
        let batch = match &self.predicate {
            None => batch,
            Some(predicate) => {
                let matches = predicate.evaluate(&batch).map_err(error::building)?;
                let matches = match matches {
                    ColumnarValue::Array(array) => array,
                    ColumnarValue::Scalar(scalar) => {
                        scalar.to_array_of_size(batch.num_rows()).map_err(error::building)?
                    }
                };
                let matches =
                    matches.as_boolean_opt().ok_or_else(|| QueryError::internal("a search is no condition"))?;
                filter_record_batch(&batch, matches).map_err(|e| error::building(e.into()))?
            }
        };
        let outside = lincei_model::time_bounds(&batch)
            .is_some_and(|(oldest, newest)| !self.range.contains(oldest) || !self.range.contains(newest));
        if !outside {
            return Ok(batch);
        }
        let times = batch.column(0).as_primitive::<datafusion::arrow::datatypes::TimestampNanosecondType>();
        let inside = times.iter().map(|time| time.is_some_and(|time| self.range.contains(time)));
        let inside: datafusion::arrow::array::BooleanArray = inside.map(Some).collect();
        filter_record_batch(&batch, &inside).map_err(|e| error::building(e.into()))
    }
}

/// Rows of the next event.
struct Pending {
    rows: VecDeque<String>,
    bytes: usize,
    rows_max: usize,
    over_rate: u64,
    missed: u64,
    /// Rows were missed whose number is not known.
    gap: bool,
    /// When the reader was last told where to resume.
    told: Instant,
}

impl Pending {
    fn new(rows_max: usize) -> Self {
        let told = Instant::now();
        Self { rows: VecDeque::new(), bytes: 0, rows_max, over_rate: 0, missed: 0, gap: false, told }
    }

    /// Keeps the newest rows.
    fn add(&mut self, batch: &RecordBatch) -> Result<(), QueryError> {
        let over = batch.num_rows().saturating_sub(self.rows_max);
        self.over_rate += over as u64;
        for row in format::objects(&batch.slice(over, batch.num_rows() - over))? {
            self.bytes += row.len();
            self.rows.push_back(row);
            while self.rows.len() > self.rows_max || (self.bytes > EVENT_BYTES_MAX && self.rows.len() > 1) {
                self.bytes -= self.rows.pop_front().map_or(0, |row| row.len());
                self.over_rate += 1;
            }
        }
        Ok(())
    }

    fn take(&mut self, position: FeedPosition) -> Vec<TailEvent> {
        let mut events = Vec::new();
        if std::mem::take(&mut self.gap) {
            events.push(TailEvent::Missed(None));
        }
        match std::mem::take(&mut self.missed) {
            0 => {}
            missed => events.push(TailEvent::Missed(Some(missed))),
        }
        match std::mem::take(&mut self.over_rate) {
            0 => {}
            over => events.push(TailEvent::OverRate(over)),
        }
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            if self.told.elapsed() >= POSITION_INTERVAL {
                self.told = Instant::now();
                events.push(TailEvent::Position(position.to_string()));
            }
            return events;
        }
        self.told = Instant::now();
        events.push(TailEvent::Rows(rows.into(), position.to_string()));
        events
    }
}

struct Work {
    follow: Follow,
    subscription: Subscription,
    matcher: Matcher,
    sender: mpsc::Sender<TailEvent>,
    pending: Pending,
}

impl Work {
    async fn run(mut self) {
        let outcome = tokio::select! {
            biased;
            () = self.follow.cancelled() => Ok(()),
            outcome = pump(&self.follow, &mut self.subscription, &self.matcher, &self.sender, &mut self.pending) => outcome,
        };
        let Self { follow, mut subscription, sender, .. } = self;
        subscription.tick(follow.now_ns());
        drop(subscription);
        // the outcome is set before the reader learns that there is no more
        follow.finish(outcome);
        drop(sender);
    }
}

/// Until the reader is gone.
async fn pump(
    follow: &Follow,
    subscription: &mut Subscription,
    matcher: &Matcher,
    sender: &mpsc::Sender<TailEvent>,
    pending: &mut Pending,
) -> Result<(), QueryError> {
    let mut due = Instant::now();
    loop {
        let first = tokio::select! {
            biased;
            () = sender.closed() => return Ok(()),
            item = subscription.next() => item,
        };
        // what comes until then is looked at together: small batches cost more than their rows
        tokio::select! {
            biased;
            () = sender.closed() => return Ok(()),
            () = tokio::time::sleep_until(due) => {}
        }
        due = Instant::now() + EVENT_INTERVAL;
        let mut next = Some(first);
        let mut gathered = Gathered::default();
        while let Some(item) = next {
            match item {
                FeedItem::Rows(batch, _) => gathered.push(batch),
                FeedItem::Missed(Some(rows)) => pending.missed += rows,
                FeedItem::Missed(None) => pending.gap = true,
            }
            if gathered.rows >= TOGETHER_ROWS {
                gathered.hand_over(matcher, pending)?;
                tokio::task::yield_now().await;
            }
            // who appends faster than this looks must not keep events back
            next = if Instant::now() < due { subscription.try_next() } else { None };
        }
        gathered.hand_over(matcher, pending)?;
        for event in pending.take(subscription.position()) {
            if let TailEvent::Rows(rows, _) = &event {
                follow.add_rows(rows.len() as u64);
            }
            if sender.send(event).await.is_err() {
                return Ok(());
            }
        }
    }
}

/// Batches that are looked at together.
#[derive(Default)]
struct Gathered {
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl Gathered {
    fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.batches.push(batch);
    }

    fn hand_over(&mut self, matcher: &Matcher, pending: &mut Pending) -> Result<(), QueryError> {
        let Some(first) = self.batches.first() else { return Ok(()) };
        let together = concat_batches(&first.schema(), &self.batches).map_err(|e| error::building(e.into()))?;
        self.batches.clear();
        self.rows = 0;
        pending.add(&matcher.matching(together)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_whose_search_matches_nothing_learns_where_to_resume() {
        let mut pending = Pending::new(5);
        let position: FeedPosition = "7-42".parse().unwrap();
        assert_eq!(pending.take(position), []);
        pending.told -= POSITION_INTERVAL;
        assert_eq!(pending.take(position), [TailEvent::Position("7-42".into())]);
        assert_eq!(pending.take(position), []);
    }
}
