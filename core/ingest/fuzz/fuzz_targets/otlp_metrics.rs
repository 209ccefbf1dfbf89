//! See `lincei_ingest_fuzz::otlp_metrics`.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| lincei_ingest_fuzz::otlp_metrics(body));
