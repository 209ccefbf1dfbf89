//! `opentelemetry.proto.trace.v1` to rows of `spans`.

mod columns;
mod span;

use super::attributes::{AttributeWriter, names};
use super::group::{ResourceGroup, check_keys};
use super::ids::{Id, SPAN_ID_BYTES, TRACE_ID_BYTES};
use super::replay;
use super::tally::Tally;
use super::walk::{Owners, Sink, Stop, walk};
use super::wire::Depth;
use super::{ENCODING, check_record};
use crate::context::Refusal;
use crate::rejects::Rejects;
use crate::{Decoded, IngestContext, IngestError, Signal};
use columns::{SpanColumns, SpanRow};
use span::Span;

/// Column `kind`. The specification lets a receiver take an unspecified kind as internal.
const fn kind_name(kind: i32) -> &'static str {
    match kind {
        2 => "SERVER",
        3 => "CLIENT",
        4 => "PRODUCER",
        5 => "CONSUMER",
        _ => "INTERNAL",
    }
}

/// Column `status`.
const fn status_name(code: i32) -> &'static str {
    match code {
        1 => "OK",
        2 => "ERROR",
        _ => "UNSET",
    }
}

/// An id without which a span cannot be stored.
fn required_id<'a>(what: &str, bytes: &'a [u8], len: usize) -> Result<Id<'a>, Refusal> {
    match Id::new(bytes, len) {
        id @ Id::Valid(_) => Ok(id),
        Id::None if bytes.is_empty() => Err(Refusal::invalid(format!("{what} is missing"))),
        Id::None => Err(Refusal::invalid(format!("{what} is all zero"))),
        Id::Invalid(bytes) => Err(Refusal::invalid(format!("{what} has {} bytes, not {len}", bytes.len()))),
    }
}

/// What is left of a span once it was found storable.
struct Checked<'a> {
    time_ns: i64,
    duration_ns: i64,
    trace_id: Id<'a>,
    span_id: Id<'a>,
}

fn check<'a>(
    span: &Span<'a>,
    bytes: usize,
    owners: Owners<'_, '_>,
    context: &IngestContext<'_>,
) -> Result<Checked<'a>, Refusal> {
    check_record("span", bytes, owners)?;
    check_keys("span", &span.attributes)?;
    check_keys("span event", &span.event_attributes)?;
    check_keys("span link", &span.link_attributes)?;
    let trace_id = required_id("trace id", span.trace_id, TRACE_ID_BYTES)?;
    let span_id = required_id("span id", span.span_id, SPAN_ID_BYTES)?;
    if span.start_time_unix_nano == 0 {
        return Err(Refusal::invalid("start time of the span is missing"));
    }
    let time_ns = context.check_unix_nano(span.start_time_unix_nano)?;
    let Ok(end_ns) = i64::try_from(span.end_time_unix_nano) else {
        return Err(Refusal::invalid(format!(
            "end time of {} ns since 1970 is after 2262-04-11, the last day that can be stored",
            span.end_time_unix_nano
        )));
    };
    // both are at least 0: the difference cannot overflow
    let duration_ns = end_ns.saturating_sub(time_ns).max(0);
    Ok(Checked { time_ns, duration_ns, trace_id, span_id })
}

struct SpanSink<'a, 'c> {
    context: &'c IngestContext<'c>,
    columns: SpanColumns,
    rejects: Rejects<'c>,
    tally: Tally,
    span: Span<'a>,
    resource: u32,
    scope: u32,
    scratch: String,
    ids: [String; 3],
}

impl<'a> SpanSink<'a, '_> {
    fn push(&mut self, checked: &Checked<'_>, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        let span = &self.span;
        let parent = Id::new(span.parent_span_id, SPAN_ID_BYTES);
        let mut writer = AttributeWriter { column: &mut self.columns.attributes, scratch: &mut self.scratch };
        writer.client(&span.attributes, &mut self.tally)?;
        writer.text(names::TRACE_STATE, span.trace_state);
        writer.count(names::TRACE_FLAGS, span.flags);
        writer.count(names::DROPPED_ATTRIBUTES, span.dropped_attributes_count);
        writer.count(names::DROPPED_EVENTS, span.dropped_events_count);
        writer.count(names::DROPPED_LINKS, span.dropped_links_count);
        writer.invalid_id(names::PARENT_SPAN_ID_INVALID, parent);
        if span.end_time_unix_nano < span.start_time_unix_nano {
            writer.unsigned(names::END_BEFORE_START, span.end_time_unix_nano);
        }
        if !(0..=5).contains(&span.kind) {
            writer.signed(names::SPAN_KIND, i64::from(span.kind));
        }
        if !(0..=2).contains(&span.status.code) {
            writer.signed(names::STATUS_CODE, i64::from(span.status.code));
        }
        writer.shared(&owners.scope.entries);
        self.columns.push_events(span, checked.time_ns, &mut self.scratch, &mut self.tally)?;
        self.columns.push_links(span, &mut self.scratch, &mut self.tally)?;
        let [trace_id, span_id, parent_span_id] = &mut self.ids;
        self.columns.push(&SpanRow {
            time_ns: checked.time_ns,
            duration_ns: checked.duration_ns,
            trace_id: checked.trace_id.text(trace_id).unwrap_or_default(),
            span_id: checked.span_id.text(span_id).unwrap_or_default(),
            parent_span_id: parent.text(parent_span_id),
            name: span.name,
            kind: kind_name(span.kind),
            status: status_name(span.status.code),
            status_message: (!span.status.message.is_empty()).then_some(span.status.message),
            resource: self.resource,
            scope: self.scope,
        })?;
        Ok(())
    }
}

impl<'a> Sink<'a> for SpanSink<'a, '_> {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn resource(&mut self, group: &ResourceGroup<'a>) {
        self.resource = group.add_to(&mut self.columns.resources);
    }

    fn scope(&mut self, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        self.scope = self.columns.scopes.add(owners.scope.name);
        self.tally.records(owners.scope.records, owners.shared_bytes())?;
        Ok(())
    }

    fn record(&mut self, body: &'a [u8], depth: Depth, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        let keep = check_record("span", body.len(), owners).is_ok();
        self.span.read(body, depth, keep, &mut self.tally)?;
        match check(&self.span, body.len(), owners, self.context) {
            Ok(checked) => self.push(&checked, owners),
            Err(refusal) => {
                let raw = || replay::request(owners, body.len(), |out| out.push(body));
                self.rejects.push(&refusal, ENCODING, raw);
                Ok(())
            }
        }
    }
}

/// Decodes an `ExportTraceServiceRequest`. Rows are in the order of the request.
///
/// `time` is the start; a span that ended before it started has duration 0 and keeps its end as
/// attribute `otel.end_before_start`. The columns `parent_service` to `peer_type` are null.
/// Link ids are stored as hex of whatever was sent.
///
/// # Errors
/// As [`decode_logs`](super::decode_logs). A span without a start time or a valid trace and span id
/// is refused alone.
pub fn decode_traces(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut sink = SpanSink {
        context,
        columns: SpanColumns::new(),
        rejects: Rejects::new(context, Signal::Traces),
        tally: Tally::default(),
        span: Span::default(),
        resource: 0,
        scope: 0,
        scratch: String::new(),
        ids: Default::default(),
    };
    walk(body, &mut sink)?;
    let batch = sink.columns.finish()?;
    sink.rejects.into_decoded(Some(batch))
}
