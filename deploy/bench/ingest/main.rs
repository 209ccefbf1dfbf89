//! Records per second and core of intake, stage by stage and end to end: `cargo xtask bench ingest`.
//!
//! Stages are timed in thread or process CPU time, best of several runs, over the same requests;
//! end to end is the CPU time of a server process that stores them over HTTP and writes them to
//! Parquet. Beside each figure stands the limit that a minimal program reached for that stage alone
//! on a two-core machine, and prost, the general decoder, is measured in the same run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reports to a terminal and stops at the first fault"
)]

mod general;
mod load;
mod requests;
mod storage;

use lincei_bench::{figures, timed};
use lincei_ingest::{ContentEncoding, IngestContext};
use prost::Message as _;
use std::time::Duration;

const PROST_TO_ARROW: &str = "decode: prost, then Arrow";
const WIRE_TO_ARROW: &str = "decode: wire to Arrow";

/// One line of the report.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) records: u64,
    pub(crate) cpu: Duration,
    /// Thousand records per second and core that a minimal program reached; none where not measured.
    pub(crate) limit: Option<f64>,
}

fn best(runs: usize, mut work: impl FnMut()) -> Duration {
    (0..runs).map(|_| timed(&mut work)).min().unwrap()
}

fn decoding(set: &requests::Set) -> Vec<Stage> {
    let context = IngestContext {
        now_ns: requests::NOW_NS,
        oldest_ns: i64::MIN,
        newest_ns: i64::MAX,
        client: "bench",
        default_service: None,
    };
    let unpack = |encoding, bodies: &[Vec<u8>]| {
        best(5, || {
            for body in bodies {
                std::hint::black_box(lincei_ingest::decompress(encoding, body, 64 << 20).unwrap());
            }
        })
    };
    let prost = best(5, || {
        for body in &set.plain {
            std::hint::black_box(requests::ExportLogsServiceRequest::decode(body.as_slice()).unwrap());
        }
    });
    let prost_to_arrow = best(5, || {
        for body in &set.plain {
            std::hint::black_box(general::decode(body));
        }
    });
    let walk = best(5, || {
        for body in &set.plain {
            std::hint::black_box(lincei_ingest::otlp::decode_logs(body, &context).unwrap());
        }
    });
    let stage = |name, cpu, limit| Stage { name, records: set.records, cpu, limit };
    vec![
        stage("unpack gzip", unpack(ContentEncoding::Gzip, &set.gzip), Some(1196.0)),
        stage("unpack zstd", unpack(ContentEncoding::Zstd, &set.zstd), Some(3160.0)),
        stage("decode: prost, structs only", prost, Some(968.0)),
        stage(PROST_TO_ARROW, prost_to_arrow, Some(857.0)),
        stage(WIRE_TO_ARROW, walk, Some(3115.0)),
    ]
}

impl Stage {
    #[expect(clippy::cast_precision_loss, reason = "shown with four digits")]
    fn ns_per_record(&self) -> f64 {
        self.cpu.as_nanos() as f64 / self.records as f64
    }
}

fn print(stages: &[Stage]) {
    println!("{:<44} {:>10} {:>12} {:>12} {:>8}", "stage", "ns/record", "k rec/s/core", "limit", "of limit");
    for stage in stages {
        let ns = stage.ns_per_record();
        let rate = 1e6 / ns;
        let (limit, share) = stage
            .limit
            .map_or((String::new(), String::new()), |l| (format!("{l:.0}"), format!("{:.0} %", 100.0 * rate / l)));
        println!("{:<44} {ns:>10.0} {rate:>12.0} {limit:>12} {share:>8}", stage.name);
    }
}

/// Keeps the figures for the page that `cargo xtask bench all` writes.
fn store(stages: &[Stage]) {
    let lines: Vec<String> = stages.iter().map(|s| format!(r#" "{}": {:.1}"#, s.name, s.ns_per_record())).collect();
    std::fs::write(figures(env!("CARGO_TARGET_TMPDIR"), "ingest"), format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
}

fn main() {
    // `cargo test --all-targets` runs benches without the flag that `cargo bench` gives
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let set = requests::make(300, 1000);
    println!("{} requests of 1000 log records, {} bytes a record\n", set.plain.len(), set.bytes_per_record());
    let mut stages = decoding(&set);
    let cpu = |name: &str| stages.iter().find(|s| s.name == name).unwrap().cpu.as_secs_f64();
    let against_prost = cpu(WIRE_TO_ARROW) / cpu(PROST_TO_ARROW);
    stages.extend(storage::stages(&set));
    stages.extend(load::end_to_end(&set));
    print(&stages);
    store(&stages);
    println!("\ndecode to Arrow takes {against_prost:.2} of the time that prost and Arrow builders take, same run");
}
