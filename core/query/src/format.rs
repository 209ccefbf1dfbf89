//! Answers as bytes: JSON, NDJSON, CSV, Arrow IPC and Parquet, batch by batch.
//!
//! The text formats agree on how a value is spelled:
//!
//! | type | JSON, NDJSON | CSV |
//! |---|---|---|
//! | timestamp | `"2026-01-31T23:59:00.000000001Z"`: RFC 3339, always nine digits, UTC | the same without quotes |
//! | date, time, duration, interval | text as Arrow spells it | |
//! | integer | number; 64-bit ones beyond ±2^53 as text, for readers that keep doubles | digits |
//! | double | shortest number that reads back the same; `"NaN"`, `"Infinity"`, `"-Infinity"` as text | |
//! | decimal | text | |
//! | binary | base64 text (RFC 4648, section 4, padded) | |
//! | map, struct | object; of a key that repeats in a map the first counts | the JSON, quoted |
//! | list | array | the JSON, quoted |
//! | NULL | `null` | empty; empty text is `""` |
//!
//! How an answer ends tells whether it is whole:
//!
//! | format | whole | failed on the way |
//! |---|---|---|
//! | JSON | `…],"stats":{…}}` | `…],"error":{…}}`: valid JSON, without `stats` |
//! | NDJSON | ends after the last row | the last line is `{"error":{…}}` |
//! | CSV | the body ends | the body is cut off: over HTTP the transfer itself fails |
//! | Arrow | end-of-stream marker | no marker, and the body is cut off |
//! | Parquet | footer | no footer, which every reader refuses, and the body is cut off |

mod arrow;
mod cell;
mod csv;
mod json;
mod parquet;
mod plain;
mod time;

use crate::error::QueryError;
use crate::service::RunningQuery;
use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use futures::{Stream, StreamExt, stream};

/// How an answer is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `{"columns":[{"name":…,"type":…}],"rows":[[…]],"stats":{…}}`.
    Json,
    /// One object per row and line.
    NdJson,
    /// A line of names, then a line per row (RFC 4180, CRLF).
    Csv,
    /// The Arrow IPC streaming format. Views of text become plain text, which every reader knows.
    ArrowStream,
    /// A Parquet file with zstd. Views become plain text here too; intervals, which Parquet cannot
    /// hold to the nanosecond, become text, and seconds become milliseconds.
    Parquet,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Json, Self::NdJson, Self::Csv, Self::ArrowStream, Self::Parquet];

    /// The media type of the answer.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::NdJson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::ArrowStream => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Writes one answer. Call [`Encoder::start`], [`Encoder::batch`] for each batch, and then either
/// [`Encoder::finish`] or [`Encoder::fail`]; the bytes of all calls one after the other are the
/// answer.
pub struct Encoder(Kind);

enum Kind {
    Json(json::JsonEncoder),
    NdJson(json::NdJsonEncoder),
    Csv(csv::CsvEncoder),
    Arrow(Box<arrow::ArrowEncoder>),
    Parquet(Box<parquet::ParquetEncoder>),
}

impl Encoder {
    /// For batches of that schema.
    #[must_use]
    pub fn new(format: Format, schema: &SchemaRef) -> Self {
        Self(match format {
            Format::Json => Kind::Json(json::JsonEncoder::new(schema)),
            Format::NdJson => Kind::NdJson(json::NdJsonEncoder::new(schema)),
            Format::Csv => Kind::Csv(csv::CsvEncoder::new(schema)),
            Format::ArrowStream => Kind::Arrow(Box::new(arrow::ArrowEncoder::new(schema))),
            Format::Parquet => Kind::Parquet(Box::new(parquet::ParquetEncoder::new(schema))),
        })
    }

    /// What comes before the first row.
    ///
    /// # Errors
    /// [`QueryError::Internal`] when Arrow or Parquet cannot write the schema.
    pub fn start(&mut self) -> Result<Vec<u8>, QueryError> {
        match &mut self.0 {
            Kind::Json(json) => Ok(json.start()),
            Kind::NdJson(_) => Ok(Vec::new()),
            Kind::Csv(csv) => Ok(csv.start()),
            Kind::Arrow(arrow) => arrow.start(),
            Kind::Parquet(parquet) => parquet.start(),
        }
    }

    /// The rows of a batch. Parquet gathers them, and gives bytes once a row group is full.
    ///
    /// # Errors
    /// [`QueryError::Internal`] for a type that cannot be written.
    pub fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        match &mut self.0 {
            Kind::Json(json) => json.batch(batch),
            Kind::NdJson(json) => json.batch(batch),
            Kind::Csv(csv) => csv.batch(batch),
            Kind::Arrow(arrow) => arrow.batch(batch),
            Kind::Parquet(parquet) => parquet.batch(batch),
        }
    }

    /// The end of a whole answer. `stats` is a JSON object, which only JSON has a place for.
    ///
    /// # Errors
    /// [`QueryError::Internal`] when Arrow or Parquet cannot write the end.
    pub fn finish(&mut self, stats: &str) -> Result<Vec<u8>, QueryError> {
        match &mut self.0 {
            Kind::Json(_) => Ok(json::JsonEncoder::end("stats", stats)),
            Kind::NdJson(_) | Kind::Csv(_) => Ok(Vec::new()),
            Kind::Arrow(arrow) => arrow.finish(),
            Kind::Parquet(parquet) => parquet.finish(),
        }
    }

    /// The end of an answer that failed on the way; `problem` is a JSON object. `None` where the
    /// format has no way to say so: then the body must be cut off, not ended.
    #[must_use]
    pub fn fail(&mut self, problem: &str) -> Option<Vec<u8>> {
        match &self.0 {
            Kind::Json(_) => Some(json::JsonEncoder::end("error", problem)),
            Kind::NdJson(_) => Some(json::NdJsonEncoder::error_line(problem)),
            Kind::Csv(_) | Kind::Arrow(_) | Kind::Parquet(_) => None,
        }
    }
}

/// The rows of a batch, each as a JSON object.
///
/// # Errors
/// [`QueryError::Internal`] for a type that cannot be written.
pub(crate) fn objects(batch: &RecordBatch) -> Result<Vec<String>, QueryError> {
    let lines = Encoder::new(Format::NdJson, &batch.schema()).batch(batch)?;
    let lines = String::from_utf8(lines).map_err(|e| QueryError::internal(format!("rows as JSON: {e}")))?;
    Ok(lines.lines().map(str::to_owned).collect())
}

/// The whole answer of a query as a stream of bytes, written as the query runs. `problem` spells
/// an error as a JSON object. An `Err` item means that the body must be cut off.
pub fn encode<P>(
    format: Format,
    query: RunningQuery,
    problem: P,
) -> impl Stream<Item = Result<Bytes, QueryError>> + Send + use<P>
where
    P: Fn(&QueryError) -> String + Send,
{
    let encoder = Encoder::new(format, &query.schema());
    stream::unfold(Some((Step::Start, encoder, query, problem)), |state| async move {
        let (step, mut encoder, mut query, problem) = state?;
        let (bytes, more) = match step {
            Step::Start => (encoder.start(), true),
            Step::Rows => match query.next().await {
                Some(Ok(batch)) => (encoder.batch(&batch), true),
                None => (statistics(&query).and_then(|stats| encoder.finish(&stats)), false),
                Some(Err(error)) => (encoder.fail(&problem(&error)).ok_or(error), false),
            },
        };
        let next = (more && bytes.is_ok()).then_some((Step::Rows, encoder, query, problem));
        Some((bytes.map(Bytes::from), next))
    })
    .filter(|bytes| futures::future::ready(!bytes.as_ref().is_ok_and(Bytes::is_empty)))
}

enum Step {
    Start,
    Rows,
}

fn statistics(query: &RunningQuery) -> Result<String, QueryError> {
    serde_json::to_string(&query.stats()).map_err(|e| QueryError::internal(format!("statistics: {e}")))
}

#[cfg(test)]
mod tests;
