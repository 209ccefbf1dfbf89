//! How often records are rewritten when all tables are flushed together, as they are: a table of few
//! rows gets as many files as one of many. Simulated with the engine's defaults, second by second.

use super::{HOUR, file};
use crate::compaction::policy::{Candidate, plan};
use crate::options::EngineOptions;
use lincei_model::Table;
use std::collections::BTreeMap;

const SECOND: i64 = 1_000_000_000;
const HOURS: i64 = 4;
/// Seconds between two looks at the files.
const INTERVAL_S: i64 = 15;

/// Rows a second, and bytes of a row in memory.
struct Stream {
    table: Table,
    rows: u64,
    row_bytes: u64,
}

fn mix(logs: u64, spans: u64, metrics: u64) -> [Stream; 3] {
    [(Table::Logs, logs, 650), (Table::Spans, spans, 700), (Table::Metrics, metrics, 400)]
        .map(|(table, rows, row_bytes)| Stream { table, rows, row_bytes })
}

#[derive(Default)]
struct Store {
    files: BTreeMap<(Table, i64), Vec<Candidate>>,
    next_id: u128,
    rewritten: u64,
    small_files_max: usize,
}

impl Store {
    fn add(&mut self, key: (Table, i64), rows: u64, now_ns: i64) {
        self.next_id += 1;
        self.files.entry(key).or_default().push(file(self.next_id, 0, rows, now_ns));
    }

    fn settle(&mut self, options: &EngineOptions, now_ns: i64) {
        for ((table, hour), files) in &mut self.files {
            let rows_max = options.file_rows_max(*table) as u64;
            while let Some(plan) = plan(files, (hour + 1) * HOUR, now_ns, &options.compaction, rows_max) {
                let rows = files.extract_if(.., |f| plan.inputs.contains(&f.id)).map(|f| f.rows).sum();
                self.rewritten += rows;
                self.next_id += 1;
                files.push(file(self.next_id, plan.level, rows, now_ns));
            }
            let small = files.iter().filter(|f| f.rows < rows_max / 4 * 3).count();
            self.small_files_max = self.small_files_max.max(small);
        }
    }
}

/// Rows that came, and what became of them two hours after the last.
fn run(streams: &[Stream]) -> (u64, Store) {
    let options = EngineOptions::default();
    let (mut store, mut total, mut since) = (Store::default(), 0, 0);
    let mut in_memory: BTreeMap<(Table, i64), u64> = BTreeMap::new();
    let bytes_a_second: u64 = streams.iter().map(|s| s.rows * s.row_bytes).sum();
    for second in 0..(HOURS + 2) * 3600 {
        let now_ns = second * SECOND;
        if second < HOURS * 3600 {
            for stream in streams {
                *in_memory.entry((stream.table, now_ns / HOUR)).or_default() += stream.rows;
                total += stream.rows;
            }
        }
        let age = second - since;
        let full = u64::try_from(age).unwrap() * bytes_a_second >= options.flush_bytes as u64;
        if full || age >= options.flush_interval.as_secs().cast_signed() {
            since = second;
            for (key, rows) in std::mem::take(&mut in_memory) {
                store.add(key, rows, now_ns);
            }
        }
        if second % INTERVAL_S == 0 {
            store.settle(&options, now_ns);
        }
    }
    (total, store)
}

/// `spec/perf.md`, goals: each record is rewritten at most 1.5 times on average. The rewrite of cold
/// hours, days later, comes on top.
#[test]
fn records_of_mixed_streams_are_rewritten_about_once() {
    for (logs, spans, metrics) in [
        (100, 20, 500),
        (2_000, 500, 3_000),
        (8_000, 2_000, 5_000),
        (20_000, 5_000, 10_000),
        (1_000, 200, 50_000),
        (50_000, 100, 500),
        (1_000, 20_000, 2_000),
    ] {
        let (total, store) = run(&mix(logs, spans, metrics));
        let kept: u64 = store.files.values().flatten().map(|f| f.rows).sum();
        assert_eq!(kept, total);
        let what = format!("{logs} logs, {spans} spans, {metrics} data points a second");
        assert!(store.rewritten * 2 <= total * 3, "{what}: {} rewritten of {total}", store.rewritten);
        assert!(store.small_files_max < 64, "{what}: {} small files in an hour", store.small_files_max);
    }
}

/// Rows of an hour long past, as an import brings them.
#[test]
fn records_that_come_late_together_are_rewritten_less_than_twice() {
    let options = EngineOptions::default();
    for (table, rows, flushes) in
        [(Table::Metrics, 300_000, 20), (Table::Metrics, 300_000, 100), (Table::Logs, 200_000, 30)]
    {
        let mut store = Store::default();
        for step in 0..flushes + 100 {
            let now_ns = 10 * HOUR + step * INTERVAL_S * SECOND;
            if step < flushes {
                store.add((table, 0), rows, now_ns);
            }
            store.settle(&options, now_ns);
        }
        let total = rows * flushes.cast_unsigned();
        assert!(store.rewritten < total * 2, "{table}: {} rewritten of {total}", store.rewritten);
    }
}
