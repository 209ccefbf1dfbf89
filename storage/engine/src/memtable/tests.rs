use super::*;
use crate::test_support::{numbered, numbered_at, numbers};

fn push(generation: &mut Generation, batch: Batch, now_ns: i64) {
    let table = batch.table();
    generation.push(&TenantId::default(), table, MemBatch::new(batch).unwrap(), now_ns);
}

fn coalesce(generation: &mut Generation) {
    while let Some(crowd) = generation.next_crowd() {
        let merged = crowd.merge().unwrap();
        generation.replace(&crowd, merged);
    }
}

fn logs() -> Key {
    (TenantId::default(), Table::Logs)
}

fn all(generation: &Generation, range: TimeRange) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    generation.collect(&logs(), &range, &mut batches);
    batches
}

#[test]
fn many_appends_of_one_row_leave_few_batches() {
    // 16³ = 4096 rows are full; below that at most 15 batches of each of three sizes
    for (appends, batches_max) in [(1, 1), (15, 15), (16, 1), (300, 30), (10_000, 2 + 45)] {
        let mut generation = Generation::default();
        for n in 0..appends {
            push(&mut generation, compacted(n), 5);
            coalesce(&mut generation);
        }
        let batches = all(&generation, TimeRange::ALL);
        assert!(batches.len() <= batches_max, "{} batches after {appends} appends", batches.len());
        assert_eq!(numbers(&batches), (0..appends).collect::<Vec<_>>());
        assert_eq!(generation.rows() as u64, appends);
        let held: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        assert_eq!(generation.bytes(), held, "accounting after {appends} appends");
    }
}

fn compacted(n: u64) -> Batch {
    crate::buffers::compact(numbered([n])).unwrap()
}

#[test]
fn a_hundred_thousand_appends_of_one_row_leave_few_batches() {
    const APPENDS: usize = 100_000;
    let mut generation = Generation::default();
    let row = compacted(7);
    for _ in 0..APPENDS {
        push(&mut generation, row.clone(), 5);
        coalesce(&mut generation);
    }
    let batches = all(&generation, TimeRange::ALL);
    assert!(batches.len() <= APPENDS / 4096 + 45, "{} batches", batches.len());
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), APPENDS);
    let per_row = generation.bytes() / APPENDS;
    assert!(per_row < 600, "{per_row} bytes a row");
}

#[test]
fn a_whole_group_of_appends_is_merged_at_once() {
    let mut generation = Generation::default();
    for n in 0..1_000 {
        push(&mut generation, compacted(n), 5);
    }
    coalesce(&mut generation);
    let batches = all(&generation, TimeRange::ALL);
    assert!(batches.len() < 3 * FAN_IN, "{} batches", batches.len());
    assert_eq!(numbers(&batches), (0..1_000).collect::<Vec<_>>());
}

#[test]
fn large_records_are_not_copied_together() {
    let mut generation = Generation::default();
    let large = || {
        let batch = numbered(0..4_000);
        assert!(batch.records().get_array_memory_size() > FULL_BYTES / 4);
        batch
    };
    for _ in 0..40 {
        push(&mut generation, large(), 5);
    }
    coalesce(&mut generation);
    let largest = all(&generation, TimeRange::ALL).iter().map(RecordBatch::get_array_memory_size).max().unwrap();
    assert!(largest <= 2 * FAN_IN * FULL_BYTES, "{largest} bytes in one batch");
    assert_eq!(generation.rows(), 160_000);
}

#[test]
fn only_batches_that_can_match_are_given() {
    let mut generation = Generation::default();
    push(&mut generation, numbered_at(1_000_000, 0..10), 5); // 1_000_000 ..= 1_009_000
    push(&mut generation, numbered_at(5_000_000, 0..10), 9); // 5_000_000 ..= 5_009_000
    for (start, end, batches) in [
        (0, 1_000_000, 0),
        (0, 1_000_001, 1),
        (1_009_000, 1_009_001, 1),
        (1_009_001, 5_000_000, 0),
        (1_009_000, 5_000_001, 2),
        (5_009_001, i64::MAX, 0),
    ] {
        assert_eq!(all(&generation, TimeRange::new(start, end)).len(), batches, "{start}..{end}");
    }
    assert_eq!(generation.since_ns(), Some(5), "the first row's time of arrival");
    let mut none = Vec::new();
    generation.collect(&(TenantId::new("other").unwrap(), Table::Logs), &TimeRange::ALL, &mut none);
    generation.collect(&(TenantId::default(), Table::Spans), &TimeRange::ALL, &mut none);
    assert!(none.is_empty());
}

#[test]
fn a_crowd_that_cannot_be_merged_is_kept() {
    let mut generation = Generation::default();
    for n in 0..16 {
        push(&mut generation, compacted(n), 5);
    }
    let crowd = generation.next_crowd().unwrap();
    generation.give_up(&crowd);
    assert!(generation.next_crowd().is_none());
    assert_eq!(numbers(&all(&generation, TimeRange::ALL)), (0..16).collect::<Vec<_>>());
}
