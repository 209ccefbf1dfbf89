//! What the fuzz targets check. The OTLP targets run the differential check of `lincei-ingest`'s
//! own tests; the others check what must hold for any bytes.
//!
//! No nightly toolchain is needed: the stable compiler instruments for libFuzzer when asked to.
//!
//! ```sh
//! RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!   -Cdebug-assertions=on --cfg fuzzing" \
//!   cargo build --release -p lincei-ingest-fuzz --target x86_64-unknown-linux-gnu --target-dir target/fuzz
//! target/fuzz/x86_64-unknown-linux-gnu/release/otlp_logs -max_total_time=60 -max_len=4096 corpus core/ingest/fuzz/seeds/otlp_logs
//! ```
//!
//! New inputs go to the first directory; the seeds are only read. `--target` keeps the flags away
//! from build scripts and procedural macros.

#[path = "../../tests/ingest/cells.rs"]
mod cells;
#[path = "../../tests/ingest/check.rs"]
mod check;
#[path = "../../tests/ingest/reference.rs"]
mod reference;
#[path = "../../tests/ingest/reference_metrics.rs"]
mod reference_metrics;
#[path = "../../tests/ingest/reference_traces.rs"]
mod reference_traces;

use cells::{Cell, Row, rows};
use check::CONTEXT;
use lincei_ingest::{ContentEncoding, Decoded, IngestError, LogFormat, Signal, decompress, detect, otlp};
use lincei_model::ErrorCode;

/// `body` as a log request, by the decoder and by prost.
pub fn otlp_logs(body: &[u8]) {
    check::check_logs(body);
}

/// `body` as a trace request, by the decoder and by prost.
pub fn otlp_traces(body: &[u8]) {
    check::check_traces(body);
}

/// `body` as a metric request, by the decoder and by prost.
pub fn otlp_metrics(body: &[u8]) {
    check::check_metrics(body);
}

/// `body` as the JSON form of each signal: what is written is protobuf that prost reads too.
pub fn otlp_json(body: &[u8]) {
    let checks = [check::check_logs, check::check_traces, check::check_metrics];
    for (signal, check) in [Signal::Logs, Signal::Traces, Signal::Metrics].into_iter().zip(checks) {
        match otlp::json_to_protobuf(signal, body) {
            Ok(protobuf) => {
                assert!(protobuf.len() <= 5 * body.len(), "{} bytes of {}", protobuf.len(), body.len());
                let outcome = check(&protobuf);
                // only nesting beyond prost's own limit can make it refuse
                assert!(outcome != check::Outcome::Refused || body.len() > 400, "written protobuf is malformed");
            }
            Err(error) => assert!(matches!(error, IngestError::Json { .. }), "{error:?}"),
        }
    }
}

/// `body` as text of a format: every byte that is not blank is kept, in a row or in `rejects`.
pub fn log_text(format: LogFormat, body: &[u8]) {
    let _ = detect(body, CONTEXT.now_ns);
    match format.decode(body, &CONTEXT) {
        Ok(decoded) => check_kept(format, body, &decoded),
        Err(error) => assert_eq!(error.code(), ErrorCode::TooLarge, "{error:?}"),
    }
}

fn check_kept(format: LogFormat, body: &[u8], decoded: &Decoded) {
    let stored = decoded.batch.as_ref().map(|batch| rows(batch.records())).unwrap_or_default();
    let refused = decoded.rejects.as_ref().map(|batch| rows(batch.records())).unwrap_or_default();
    assert_eq!(decoded.accepted, stored.len() as u64);
    let refused_records: u64 =
        refused.iter().map(|row| if let Some(Cell::Unsigned(n)) = row.get("records") { *n } else { 0 }).sum();
    assert_eq!(decoded.rejected, refused_records);
    for row in &stored {
        let time = if let Some(Cell::Int(time)) = row.get("time") { *time } else { i64::MIN };
        assert!((CONTEXT.oldest_ns..=CONTEXT.newest_ns).contains(&time), "{time}");
    }
    let is_blank = body.trim_ascii().is_empty();
    if !is_blank && format != LogFormat::Json {
        assert!(decoded.accepted + decoded.rejected > 0, "nothing came of the body");
    }
    if format == LogFormat::Text && std::str::from_utf8(body).is_ok() {
        // plain text keeps its lines as they are
        let visible = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        let in_rows: usize = stored.iter().map(|row| visible(text(row, "body"))).sum();
        let in_rejects: usize = refused.iter().map(|row| visible(raw(row))).sum();
        assert_eq!(in_rows + in_rejects, visible(body));
    }
}

fn text<'r>(row: &'r Row, column: &str) -> &'r [u8] {
    if let Some(Cell::Text(text)) = row.get(column) { text.as_bytes() } else { b"" }
}

fn raw(row: &Row) -> &[u8] {
    if let Some(Cell::Bytes(raw)) = row.get("raw") { raw } else { b"" }
}

/// `body` as a compressed stream: output is bounded, and errors are of the two kinds.
pub fn decompression(body: &[u8]) {
    const BYTES_MAX: usize = 1 << 16;
    for encoding in [ContentEncoding::Identity, ContentEncoding::Gzip, ContentEncoding::Zstd] {
        match decompress(encoding, body, BYTES_MAX) {
            Ok(output) => assert!(output.len() <= BYTES_MAX),
            Err(error) => assert!(matches!(error.code(), ErrorCode::Invalid | ErrorCode::TooLarge), "{error:?}"),
        }
    }
}
