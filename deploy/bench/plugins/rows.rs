//! The rows that are measured: bodies are JSON of about 250 bytes, a fifth of them of level debug.

use lincei_model::{Batch, Table};
use lincei_pipeline::records_from_json;
use serde_json::json;

/// 2023-11-14T22:13:20Z.
pub(crate) const NOW_NS: i64 = 1_700_000_000_000_000_000;
const SEED: u64 = 5;
const PATHS: [&str; 6] =
    ["/cart", "/cart/items", "/checkout", "/products/42/reviews", "/login", "/api/v2/recommendations"];

/// Bodies from a seed.
pub(crate) fn bodies(count: usize) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(SEED);
    (0..count)
        .map(|row| {
            let level = if random.u8(..5) == 0 { "debug" } else { "info" };
            let status = if random.u8(..20) == 0 { 503 } else { 200 };
            format!(
                r#"{{"ts":"2026-03-01T12:00:{:02}.{:03}Z","level":"{level}","msg":"request served","user_id":"user-{:06}","status":{status},"duration_ms":{:.3},"method":"GET","path":"{}","trace_id":"{:016x}{:016x}","region":"eu-central-1","attempt":{}}}"#,
                row % 60,
                row % 1000,
                random.u32(..1_000_000),
                random.f64() * 250.0,
                PATHS.get(random.usize(..PATHS.len())).unwrap(),
                random.u64(..),
                random.u64(..),
                random.u8(1..4),
            )
        })
        .collect()
}

/// All rows in batches of one size; what is left over is left out.
pub(crate) fn batches(bodies: &[String], rows: usize) -> Vec<Batch> {
    bodies
        .chunks_exact(rows)
        .map(|bodies| {
            let records: Vec<serde_json::Value> = bodies
                .iter()
                .enumerate()
                .map(|(row, body)| {
                    json!({
                        "service": "shop",
                        "severity_number": if row % 5 == 0 { 5 } else { 9 },
                        "body": body,
                        "attributes": {"host.name": "node-7", "k8s.pod.name": "shop-5d8c7b9f4-x2x7p"},
                    })
                })
                .collect();
            records_from_json(Table::Logs, &records, NOW_NS).unwrap()
        })
        .collect()
}
