mod streams;

use super::*;
use std::time::Duration;

const HOUR: i64 = 3_600_000_000_000;
const MINUTE: i64 = 60_000_000_000;
const ROWS_MAX: u64 = 1_000;

fn options() -> CompactionOptions {
    CompactionOptions {
        open_files_min: 16,
        closed_files_min: 4,
        inputs_max: 32,
        memory_bytes: 1 << 30,
        quiet: Duration::from_secs(600),
        cold_after: Some(Duration::from_secs(72 * 3600)),
    }
}

fn file(id: u128, level: u8, rows: u64, created_ns: i64) -> Candidate {
    Candidate { id: Ulid(id), rows, level, created_ns }
}

/// Files of one level, all created at the hour's start.
fn files(level: u8, rows: &[u64]) -> Vec<Candidate> {
    rows.iter().enumerate().map(|(i, rows)| file(i as u128 + 1, level, *rows, 0)).collect()
}

/// The hour is 0..HOUR.
fn planned(files: &[Candidate], now_ns: i64) -> Option<(Vec<u128>, u8)> {
    plan(files, HOUR, now_ns, &options(), ROWS_MAX).map(|p| (p.inputs.iter().map(|id| id.0).collect(), p.level))
}

#[test]
fn an_open_hour_is_left_alone_until_it_pays() {
    let open = HOUR / 2;
    assert_eq!(planned(&[], open), None);
    assert_eq!(planned(&files(0, &[1]), open), None);
    assert_eq!(planned(&files(0, &[10; 15]), open), None);
    assert_eq!(planned(&files(0, &[10; 16]), open), Some(((1..=16).collect(), 1)));
    // together a full file: 750 of 1000 rows
    assert_eq!(planned(&files(0, &[250, 250, 249]), open), None);
    assert_eq!(planned(&files(0, &[250, 250, 250]), open), Some((vec![1, 2, 3], 1)));
    // 400 + 400 + 400 is too much for one, 400 + 400 is enough
    assert_eq!(planned(&files(0, &[400, 400, 400]), open), Some((vec![1, 2], 1)));
    // what is full stays
    assert_eq!(planned(&files(0, &[750, 1_000, 800]), open), None);
    // levels are not mixed while the hour is open
    let mixed: Vec<_> = (0..16).map(|i| file(i, (i % 2) as u8, 10, 0)).collect();
    assert_eq!(planned(&mixed, open), None);
}

#[test]
fn an_hour_that_is_over_is_merged() {
    let over = HOUR + 10 * MINUTE;
    assert_eq!(planned(&files(0, &[10; 4]), over - 1), None);
    assert_eq!(planned(&files(0, &[10; 4]), over), Some(((1..=4).collect(), 1)));
    // two small files, long after the last came
    assert_eq!(planned(&files(0, &[10, 20]), over), Some((vec![1, 2], 1)));
    // the last came just now
    let late = [file(1, 0, 10, 0), file(2, 0, 20, over - MINUTE)];
    assert_eq!(planned(&late, over), None);
    assert_eq!(planned(&late, over + 9 * MINUTE), Some((vec![1, 2], 1)));
    // one file is not merged with itself
    assert_eq!(planned(&files(0, &[10]), over), None);
    // a file of a few rows does not keep the others apart
    assert_eq!(planned(&files(0, &[1, 200, 210]), over), Some(((1..=3).collect(), 1)));
}

#[test]
fn a_large_file_is_not_rewritten_for_a_few_late_rows() {
    let later = 5 * HOUR;
    assert_eq!(planned(&[file(1, 1, 700, 0), file(2, 0, 69, 0)], later), None);
    assert_eq!(planned(&[file(1, 1, 700, 0), file(2, 0, 70, 0)], later), Some((vec![2, 1], 2)));
    // the small ones first; then they are large enough together, but the sum is not over the limit
    let three = [file(1, 1, 700, 0), file(2, 0, 1, 0), file(3, 0, 2, 0)];
    assert_eq!(planned(&three, later), Some((vec![2, 3], 1)));
}

#[test]
fn cold_hours_are_rewritten_once() {
    let cold = HOUR + 72 * HOUR;
    let full = [file(1, 1, 1_000, 0), file(2, 1, 990, 0)];
    assert_eq!(planned(&full, cold - 1), None);
    assert_eq!(planned(&full, cold), Some((vec![1], COLD_LEVEL)));
    let half = [file(3, COLD_LEVEL, 1_000, 0), file(2, 1, 990, 0)];
    assert_eq!(planned(&half, cold), Some((vec![2], COLD_LEVEL)));
    assert_eq!(planned(&[file(3, COLD_LEVEL, 1_000, 0), file(4, COLD_LEVEL, 990, 0)], cold), None);
    // small ones are merged and made cold in one step
    assert_eq!(planned(&files(0, &[10; 4]), cold), Some(((1..=4).collect(), COLD_LEVEL)));
    assert_eq!(planned(&files(COLD_LEVEL, &[10; 4]), cold), Some(((1..=4).collect(), COLD_LEVEL)));
    let never = CompactionOptions { cold_after: None, ..options() };
    assert_eq!(plan(&full, HOUR, i64::MAX, &never, ROWS_MAX), None);
}

#[test]
fn limits_of_a_merge_are_kept() {
    let few = CompactionOptions { inputs_max: 5, ..options() };
    let plan = plan(&files(0, &[1; 100]), HOUR, 9 * HOUR, &few, ROWS_MAX).unwrap();
    assert_eq!(plan.inputs.len(), 5);
    assert_eq!(planned(&files(0, &[700; 20]), 9 * HOUR), None, "no two fit into one file");
    // levels end
    assert_eq!(planned(&files(COLD_LEVEL - 1, &[1; 16]), HOUR / 2), Some(((1..=16).collect(), COLD_LEVEL - 1)));
    // times at the ends of their type
    for (end, now) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MAX, i64::MAX), (0, i64::MIN)] {
        let _ = super::plan(&files(0, &[1; 40]), end, now, &options(), ROWS_MAX);
    }
    let _ = super::plan(&files(0, &[0; 40]), 0, 0, &options(), 0);
}

/// Runs plans until there are none; returns the rows rewritten.
fn settle(files: &mut Vec<Candidate>, now_ns: i64, next_id: &mut u128) -> u64 {
    let mut rewritten = 0;
    for step in 0.. {
        assert!(step < 10_000, "plans never end");
        let Some(plan) = plan(files, HOUR, now_ns, &options(), ROWS_MAX) else { break };
        let inputs: Vec<_> = files.extract_if(.., |f| plan.inputs.contains(&f.id)).collect();
        assert_eq!(inputs.len(), plan.inputs.len(), "an input twice or unknown");
        let rows: u64 = inputs.iter().map(|f| f.rows).sum();
        assert!(inputs.len() == 1 || rows <= ROWS_MAX, "{rows} rows do not fit into one file");
        rewritten += rows;
        *next_id += 1;
        files.push(file(*next_id, plan.level, rows, now_ns));
    }
    rewritten
}

/// `spec/perf.md`, goals: each record is rewritten at most 1.5 times. The rewrite of cold hours,
/// days later, comes on top.
#[test]
fn rows_are_rewritten_about_once() {
    // (rows of a flush, flushes in the hour, halves of rewrites allowed): a trickle, flushes every five
    // minutes, floods; and flushes every 30 s, which would leave 120 files lying about until the hour ends
    for (rows, flushes, halves) in
        [(1, 12, 3), (60, 12, 3), (83, 12, 3), (200, 40, 3), (210, 300, 3), (450, 50, 3), (740, 30, 3), (10, 120, 4)]
    {
        let (mut files, mut next_id, mut rewritten) = (Vec::new(), 0, 0);
        for i in 0..flushes {
            let now = HOUR / flushes * i;
            next_id += 1;
            files.push(file(next_id, 0, rows, now));
            rewritten += settle(&mut files, now, &mut next_id);
        }
        for now in [HOUR + 10 * MINUTE, HOUR + 30 * MINUTE] {
            rewritten += settle(&mut files, now, &mut next_id);
        }
        let total = rows * u64::try_from(flushes).unwrap();
        assert!(rewritten * 2 <= total * halves, "{flushes} flushes of {rows} rows: {rewritten} rewritten of {total}");
        let ideal = total.div_ceil(ROWS_MAX);
        assert!(files.len() as u64 <= ideal * 4 / 3 + 2, "{flushes} flushes of {rows} rows: {} files", files.len());
        assert_eq!(files.iter().map(|f| f.rows).sum::<u64>(), total);
    }
}

/// Rows that trickle in for a day after their hour cost their own weight a few times, not the
/// weight of the whole hour each time.
#[test]
fn late_rows_do_not_rewrite_the_hour_again_and_again() {
    let mut files = vec![file(1, 1, 700, 0)];
    let (mut next_id, mut rewritten, mut late) = (1, 0, 0);
    for i in 0..288 {
        let now = 2 * HOUR + i * 5 * MINUTE;
        next_id += 1;
        late += 1;
        files.push(file(next_id, 0, 1, now));
        rewritten += settle(&mut files, now, &mut next_id);
    }
    assert!(rewritten < 700 + 8 * late, "{rewritten} rows rewritten for {late} late ones");
    assert!(files.len() < 12, "{} files", files.len());
}

/// Whole files are 750 of 1000 rows and more.
#[test]
fn whole_files_are_packed_as_merged_ones() {
    let tiers = [(0, 1, Tier::Fresh), (0, 749, Tier::Fresh), (0, 750, Tier::Compacted), (0, 1000, Tier::Compacted)];
    for (level, rows, expected) in tiers {
        assert_eq!(tier(level, rows, ROWS_MAX), expected, "{level} {rows}");
    }
    assert_eq!(tier(1, 1, ROWS_MAX), Tier::Compacted);
    assert_eq!(tier(COLD_LEVEL - 1, 1, ROWS_MAX), Tier::Compacted);
    assert_eq!(tier(COLD_LEVEL, 1, ROWS_MAX), Tier::Cold);
    assert_eq!(tier(COLD_LEVEL, 1000, ROWS_MAX), Tier::Cold);
}
