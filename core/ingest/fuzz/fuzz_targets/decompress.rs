//! See `lincei_ingest_fuzz::decompression`.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| lincei_ingest_fuzz::decompression(body));
