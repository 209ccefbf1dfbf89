//! The one place that knows the order of the data path: body → decompress → decode → pipeline →
//! write-ahead log (the acknowledgement) → memory. Nothing is acknowledged and dropped: what is refused goes
//! to `rejects` with its reason.

use crate::pipelines::Pipelines;
use crate::problem::Failure;
use crate::rate::{Budget, Share};
use bytes::Bytes;
use lincei_catalog::Catalog;
use lincei_engine::Engine;
use lincei_ingest::{ContentEncoding, Decoded, IngestContext, IngestError, LogFormat, Signal};
use lincei_model::telemetry::{Counter, Duration as Measured};
use lincei_model::{Batch, Clock, ErrorCode, Table, Telemetry, TenantId, limits};
use lincei_pipeline::RunContext;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bodies above this are decoded off the runtime, so that others are not kept waiting.
const INLINE_BYTES_MAX: usize = 256 << 10;
/// How long a retention setting may be out of date here.
const RETENTION_TTL_NS: i64 = 1_000_000_000;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    OtlpProtobuf,
    OtlpJson,
    /// Lines that are log records.
    Lines(LogFormat),
}

impl Format {
    /// The value of `rejects.encoding`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OtlpProtobuf => "otlp-protobuf",
            Self::OtlpJson => "otlp-json",
            Self::Lines(format) => format.as_str(),
        }
    }
}

/// One request.
pub(crate) struct Intake {
    pub(crate) signal: Signal,
    pub(crate) format: Format,
    pub(crate) encoding: ContentEncoding,
    /// Address and user agent, for `rejects`.
    pub(crate) client: String,
    /// Service of log records that name none.
    pub(crate) service: Option<String>,
    pub(crate) body: Bytes,
    /// The body's part of the intake memory.
    pub(crate) share: Share,
}

/// What became of a request that was not refused as a whole.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) message: Option<String>,
}

/// Bounds of bodies under way.
pub(crate) struct Bodies {
    /// All of them: as sent, unpacked and decoded.
    pub(crate) budget: Arc<Budget>,
    /// One, as sent and as unpacked.
    pub(crate) bytes_max: usize,
}

/// Takes requests to storage.
pub(crate) struct DataPath {
    engine: Engine,
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    telemetry: Arc<Telemetry>,
    tenant: TenantId,
    bodies: Bodies,
    pipelines: Arc<Pipelines>,
    retention: Mutex<[(i64, i64); Table::ALL.len()]>,
}

impl DataPath {
    pub(crate) fn new(
        engine: Engine,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
        bodies: Bodies,
        pipelines: Arc<Pipelines>,
    ) -> Self {
        let retention = Mutex::new([(i64::MIN, i64::MIN); Table::ALL.len()]);
        Self { engine, catalog, clock, telemetry, tenant: TenantId::default(), bodies, pipelines, retention }
    }

    /// A share of the memory for bodies under way.
    pub(crate) fn share(&self) -> Share {
        self.bodies.budget.share()
    }

    /// Body bytes of requests under way.
    pub(crate) fn in_flight_bytes(&self) -> usize {
        self.bodies.budget.used()
    }

    /// The longest body, as sent and as unpacked.
    pub(crate) const fn body_bytes_max(&self) -> usize {
        self.bodies.bytes_max
    }

    /// Stores what is good in a request; on return it is durable and can be queried.
    pub(crate) async fn take_in(self: &Arc<Self>, mut intake: Intake) -> Result<Accepted, Failure> {
        let started = Instant::now();
        self.telemetry.add(Counter::ReceivedBytes, intake.body.len() as u64);
        let context = Context {
            now_ns: self.clock.now_ns(),
            oldest_ns: self.oldest_ns(intake.signal)?,
            client: intake.client.clone(),
            service: intake.service.clone(),
        };
        let (signal, format, raw) = (intake.signal, intake.format, intake.body.clone());
        let bytes_max = self.body_bytes_max();
        let decoded = if intake.body.len() > INLINE_BYTES_MAX {
            let decoding = tokio::task::spawn_blocking(move || {
                let outcome = decode(&mut intake, &context, bytes_max);
                (outcome, context, intake.share)
            });
            decoding.await.map_err(|_| Failure::internal("decoding stopped unexpectedly"))?
        } else {
            let outcome = decode(&mut intake, &context, bytes_max);
            (outcome, context, intake.share)
        };
        let (outcome, context, share) = decoded;
        let accepted = match outcome {
            Ok(decoded) => self.store(signal, decoded, &context).await,
            Err(Undecoded::Refused(error)) => Err(self.refuse(signal, format, &error, &raw, &context).await),
            Err(Undecoded::NoRoom) => Err(no_room()),
        };
        drop(share);
        self.telemetry.observe(Measured::IngestRequest, started.elapsed());
        accepted
    }

    /// Keeps a body that was refused before it could be decoded, and gives the answer.
    pub(crate) async fn refuse_body(&self, intake: &Intake, error: &IngestError) -> Failure {
        let context =
            Context { now_ns: self.clock.now_ns(), oldest_ns: i64::MIN, client: intake.client.clone(), service: None };
        self.refuse(intake.signal, intake.format, error, &intake.body, &context).await
    }

    /// The same for a body of which only the start was read, or that is framed wrongly. What the
    /// client may send again is not kept.
    pub(crate) async fn refuse_unread(&self, intake: &Intake, failure: Failure) -> Failure {
        if !failure.code.retryable() {
            let error = IngestError::Transport { code: failure.code, detail: failure.detail.clone() };
            self.refuse_body(intake, &error).await;
        }
        failure
    }

    async fn store(&self, signal: Signal, decoded: Decoded, context: &Context) -> Result<Accepted, Failure> {
        let Decoded { batch, rejects, accepted, rejected, reject_message } = decoded;
        self.telemetry.add(received_counter(signal), accepted + rejected);
        let mut outcome = Accepted { accepted, rejected, message: reject_message };
        let mut batches: Vec<Batch> = rejects.into_iter().collect();
        if let Some(batch) = batch {
            let worked = self.pipelines.run(batch, context.run()).await?;
            if worked.rejected > 0 {
                outcome.accepted = outcome.accepted.saturating_sub(worked.rejected);
                outcome.rejected += worked.rejected;
                let message = format!("{} records were sent to rejects by the pipeline", worked.rejected);
                outcome.message = Some(outcome.message.map_or(message.clone(), |first| format!("{first}; {message}")));
            }
            batches.splice(0..0, worked.batches);
        }
        self.telemetry.add(rejected_counter(signal), outcome.rejected);
        if !batches.is_empty() {
            self.engine.append(&self.tenant, batches).await?;
        }
        Ok(outcome)
    }

    async fn refuse(
        &self,
        signal: Signal,
        format: Format,
        error: &IngestError,
        raw: &[u8],
        context: &Context,
    ) -> Failure {
        self.telemetry.add(Counter::RequestsRefused, 1);
        if error.code() == ErrorCode::TooLarge {
            self.telemetry.add(Counter::LimitHits, 1);
        }
        let reject = lincei_ingest::reject_body(signal, error, format.name(), raw, &context.borrow());
        if let Err(error) = self.engine.append(&self.tenant, vec![reject]).await {
            tracing::warn!(%error, "a refused body could not be kept in rejects");
        }
        Failure::of_ingest(error)
    }

    /// The oldest event time that is kept: older rows would be deleted at once.
    fn oldest_ns(&self, signal: Signal) -> Result<i64, Failure> {
        let table = table_of(signal);
        let slot = Table::ALL.iter().position(|t| *t == table).unwrap_or_default();
        let now = self.clock.now_ns();
        let (read_at, oldest) = self.retention.lock().get(slot).copied().unwrap_or((i64::MIN, i64::MIN));
        if now.saturating_sub(read_at) < RETENTION_TTL_NS && now >= read_at {
            return Ok(oldest);
        }
        let kept = self.catalog.retention(&self.tenant, table)?;
        let age = kept.max_age.map(|age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX));
        let oldest = age.map_or(i64::MIN, |age| now.saturating_sub(age));
        if let Some(entry) = self.retention.lock().get_mut(slot) {
            *entry = (now, oldest);
        }
        Ok(oldest)
    }
}

/// An [`IngestContext`] that owns its text, to cross threads.
struct Context {
    now_ns: i64,
    oldest_ns: i64,
    client: String,
    service: Option<String>,
}

impl Context {
    fn run(&self) -> RunContext {
        RunContext { now_ns: self.now_ns, newest_ns: self.borrow().newest_ns, client: self.client.clone() }
    }

    fn borrow(&self) -> IngestContext<'_> {
        IngestContext {
            now_ns: self.now_ns,
            oldest_ns: self.oldest_ns,
            newest_ns: self.now_ns.saturating_add(nanoseconds(limits::FUTURE_MAX)),
            client: &self.client,
            default_service: self.service.as_deref(),
        }
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// Why a body gave no rows.
enum Undecoded {
    /// It is wrong or too large.
    Refused(IngestError),
    /// Nothing is wrong with it, but too many bodies are under way.
    NoRoom,
}

impl From<IngestError> for Undecoded {
    fn from(error: IngestError) -> Self {
        Self::Refused(error)
    }
}

/// The answer while the memory for bodies under way is used up.
pub(crate) fn no_room() -> Failure {
    let mut failure = Failure::new(ErrorCode::Unavailable, "too many request bodies are under way: try again soon");
    failure.limit = Some("ingest_in_flight_bytes".into());
    failure
}

/// Unpacks and decodes. The share of the memory grows by the unpacked body, and by the rows as far as
/// they are larger.
fn decode(intake: &mut Intake, context: &Context, bytes_max: usize) -> Result<Decoded, Undecoded> {
    let context = context.borrow();
    let body = lincei_ingest::decompress(intake.encoding, &intake.body, bytes_max)?;
    // rows take about as much again
    if !intake.share.grow(2 * body.len()) {
        return Err(Undecoded::NoRoom);
    }
    let decoded = match intake.format {
        Format::OtlpProtobuf => decode_otlp(intake.signal, &body, &context),
        Format::OtlpJson => {
            let bytes = lincei_ingest::otlp::json_to_protobuf(intake.signal, &body)?;
            decode_otlp(intake.signal, &bytes, &context)
        }
        Format::Lines(format) => format.decode(&body, &context),
    };
    let decoded = decoded?;
    let rows = decoded.batch.iter().map(|batch| batch.records().get_array_memory_size()).sum::<usize>();
    if !intake.share.grow_to_fit(rows.saturating_sub(body.len())) {
        return Err(Undecoded::NoRoom);
    }
    Ok(decoded)
}

fn decode_otlp(signal: Signal, body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    match signal {
        Signal::Logs => lincei_ingest::otlp::decode_logs(body, context),
        Signal::Traces => lincei_ingest::otlp::decode_traces(body, context),
        Signal::Metrics => lincei_ingest::otlp::decode_metrics(body, context),
    }
}

const fn table_of(signal: Signal) -> Table {
    match signal {
        Signal::Logs => Table::Logs,
        Signal::Traces => Table::Spans,
        Signal::Metrics => Table::Metrics,
    }
}

const fn received_counter(signal: Signal) -> Counter {
    match signal {
        Signal::Logs => Counter::ReceivedLogs,
        Signal::Traces => Counter::ReceivedTraces,
        Signal::Metrics => Counter::ReceivedMetrics,
    }
}

const fn rejected_counter(signal: Signal) -> Counter {
    match signal {
        Signal::Logs => Counter::RejectedLogs,
        Signal::Traces => Counter::RejectedTraces,
        Signal::Metrics => Counter::RejectedMetrics,
    }
}
