//! See `lincei_ingest_fuzz::log_text`.
#![no_main]

use lincei_ingest::LogFormat;

libfuzzer_sys::fuzz_target!(|body: &[u8]| lincei_ingest_fuzz::log_text(LogFormat::Json, body));
