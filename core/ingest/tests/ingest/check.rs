//! Both ways side by side: what prost refuses, the decoder refuses; what prost accepts becomes the
//! rows that the reference makes of it; what the decoder refuses of it can be sent again.

use super::cells::{Cell, rows};
use super::reference::{self, Expected};
use super::{reference_metrics, reference_traces};
use lincei_ingest::{Decoded, IngestContext, IngestError, otlp};
use lincei_model::{ErrorCode, limits};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

const HOUR_NS: i64 = 3_600_000_000_000;

/// 2026-11-22T00:00:00Z.
pub(crate) const NOW_NS: i64 = 1_795_305_600_000_000_000;

/// A window of 30 days back and 10 minutes on.
pub(crate) const CONTEXT: IngestContext<'static> = IngestContext {
    now_ns: NOW_NS,
    oldest_ns: NOW_NS - 30 * 24 * HOUR_NS,
    newest_ns: NOW_NS + HOUR_NS / 6,
    client: "differential",
    default_service: None,
};

/// What both made of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Malformed.
    Refused,
    /// Beyond a limit of ours that the reference does not know.
    Limited,
    /// Rows and refused records.
    Read { stored: u64, rejected: u64 },
}

type Decode = fn(&[u8], &IngestContext<'_>) -> Result<Decoded, IngestError>;

/// `body` as a log request, by both. Panics where they differ.
pub(crate) fn check_logs(body: &[u8]) -> Outcome {
    let expected = ExportLogsServiceRequest::decode(body).map(|r| reference::logs(&r.resource_logs, &CONTEXT));
    let single = |raw: &[u8]| {
        let request = ExportLogsServiceRequest::decode(raw).ok()?;
        Some(reference::logs(&request.resource_logs, &CONTEXT))
    };
    check(body, expected.ok(), otlp::decode_logs, single)
}

/// `body` as a trace request, by both. Panics where they differ.
pub(crate) fn check_traces(body: &[u8]) -> Outcome {
    let expected = ExportTraceServiceRequest::decode(body);
    let expected = expected.map(|request| reference_traces::traces(&request.resource_spans, &CONTEXT));
    let single = |raw: &[u8]| {
        let request = ExportTraceServiceRequest::decode(raw).ok()?;
        Some(reference_traces::traces(&request.resource_spans, &CONTEXT))
    };
    check(body, expected.ok(), otlp::decode_traces, single)
}

/// `body` as a metric request, by both. Panics where they differ.
pub(crate) fn check_metrics(body: &[u8]) -> Outcome {
    let expected = ExportMetricsServiceRequest::decode(body);
    let expected = expected.map(|request| reference_metrics::metrics(&request.resource_metrics, &CONTEXT));
    let single = |raw: &[u8]| {
        let request = ExportMetricsServiceRequest::decode(raw).ok()?;
        Some(reference_metrics::metrics(&request.resource_metrics, &CONTEXT))
    };
    check(body, expected.ok(), otlp::decode_metrics, single)
}

fn check(
    body: &[u8],
    expected: Option<Expected>,
    decode: Decode,
    single: impl Fn(&[u8]) -> Option<Expected>,
) -> Outcome {
    let decoded = match (decode(body, &CONTEXT), &expected) {
        // a limit of ours, not a fault of the body
        (Err(error), _) if error.code() == ErrorCode::TooLarge => return Outcome::Limited,
        (Err(error), None) => {
            assert!(matches!(error, IngestError::Protobuf { offset, .. } if offset <= body.len()), "{error:?}");
            return Outcome::Refused;
        }
        (decoded, _) => decoded,
    };
    assert_eq!(decoded.is_ok(), expected.is_some(), "decoder: {decoded:?}, prost: {expected:?}");
    let (Ok(decoded), Some(expected)) = (decoded, expected) else { return Outcome::Refused };
    // a key too long or a record too large: the reference does not know our limits
    let too_long = |rows: &[super::cells::Row]| {
        rows.iter().flat_map(|row| row.get("code")).any(|code| *code == Cell::text("too_large"))
    };
    let rejects = decoded.rejects.as_ref().map(|batch| rows(batch.records())).unwrap_or_default();
    if too_long(&rejects) {
        return Outcome::Limited;
    }
    let stored = decoded.batch.as_ref().map(|batch| rows(batch.records())).unwrap_or_default();
    assert_eq!(stored.len(), expected.rows.len());
    for (stored, expected) in stored.iter().zip(&expected.rows) {
        assert_eq!(stored, expected);
    }
    assert_eq!((decoded.accepted, decoded.rejected), (stored.len() as u64, expected.rejected));
    assert_eq!(decoded.reject_message.is_some(), expected.rejected > 0);
    if expected.rejected <= limits::REJECTS_PER_REQUEST_MAX as u64 {
        assert_eq!(rejects.len() as u64, expected.rejected);
    }
    for reject in &rejects {
        let (Some(Cell::Bytes(raw)), Some(Cell::Unsigned(bytes))) = (reject.get("raw"), reject.get("raw_bytes")) else {
            continue;
        };
        if raw.len() as u64 == *bytes {
            let again = single(raw);
            assert_eq!(again, Some(Expected { rows: Vec::new(), rejected: 1 }), "{reject:?}");
        }
    }
    Outcome::Read { stored: decoded.accepted, rejected: decoded.rejected }
}
