//! Logs for the query benchmark: `cargo xtask bench queries`.
//!
//! The same seeded rows go to Lincei as OTLP requests over HTTP, and into Parquet files, one an hour,
//! for the programs that it is compared with. Everything that measures is Python (`run.py`), because
//! the other engines come as Python packages; called without one of the commands below, this program
//! becomes `run.py` and names itself in `LINCEI_BENCH_DATA`.
//!
//! | command | does |
//! |---|---|
//! | `facts ROWS` | nothing else: says what the rows hold |
//! | `parquet ROWS START_NS FOLDER` | writes `FOLDER/hour-NNN.parquet` |
//! | `send ROWS START_NS URL CONNECTIONS` | posts the rows to `URL/v1/logs` |
//! | `metrics SERIES SAMPLES START_NS URL` | posts metrics to `URL/v1/metrics` |
//! | `metrics-lines SERIES SAMPLES START_NS` | prints the same metrics as JSON lines, one a series |
//!
//! Each prints what it made as one line of JSON.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reports to a terminal and stops at the first fault"
)]

mod distribution;
mod files;
mod metrics;
mod otlp;
mod rows;
mod send;
mod templates;

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

fn main() {
    // `cargo bench` adds a flag of its own
    let all: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = all.iter().map(String::as_str).filter(|a| *a != "--bench").collect();
    let number = |text: &str| -> u64 { text.replace('_', "").parse().expect("a number") };
    let time = |text: &str| -> i64 { text.parse().expect("nanoseconds since 1970") };
    match args.as_slice() {
        ["facts", rows] => println!("{{{}}}", rows::facts(number(rows))),
        ["parquet", rows, start, folder] => files::write(number(rows), time(start), Path::new(folder)),
        ["send", rows, start, url, connections] => {
            send::logs(number(rows), time(start), url, usize::try_from(number(connections)).unwrap());
        }
        ["metrics", series, samples, start, url] => send::metrics(number(series), number(samples), time(start), url),
        ["metrics-lines", series, samples, start] => metrics::print_lines(number(series), number(samples), time(start)),
        // `cargo test --all-targets` runs benches without the flag
        _ if all.len() == args.len() => {}
        _ => {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/run.py");
            let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
            let mut driver = Command::new(python);
            driver.arg(script).args(&args).env("LINCEI_BENCH_DATA", std::env::current_exe().unwrap());
            let error = driver.exec();
            panic!("Python could not be started: {error}");
        }
    }
}
