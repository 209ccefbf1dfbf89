use super::*;
use lincei_model::{Table, TenantId};

fn file(id: u128, table: Table, min: i64, max: i64) -> DataFile {
    DataFile {
        id: Ulid(id),
        tenant: TenantId::default(),
        table,
        path: id.to_string(),
        rows: 1,
        bytes: 10,
        min_time_ns: min,
        max_time_ns: max,
        level: 0,
        crc32: 0,
        created_ns: 0,
        columns: Vec::new(),
        attributes: lincei_model::FileAttributes::default(),
        terms: None,
        summary: None,
        patterns: None,
    }
}

fn select(files: &Files, start: i64, end: i64) -> (Vec<u128>, usize) {
    let key = (TenantId::default(), Table::Logs);
    let (hits, pruned) = files.select(&key, &TimeRange::new(start, end));
    (hits.iter().map(|f| f.id.0).collect(), pruned)
}

#[test]
fn finds_what_overlaps_and_counts_the_rest() {
    let files = Files::new(vec![
        file(3, Table::Logs, 50, 60),
        file(1, Table::Logs, 0, 100),
        file(2, Table::Logs, 20, 20),
        file(4, Table::Spans, 0, 100),
    ]);
    for (start, end, ids, pruned) in [
        (i64::MIN, i64::MAX, vec![1, 2, 3], 0),
        (20, 21, vec![1, 2], 1),
        (21, 50, vec![1], 2),
        (60, 61, vec![1, 3], 1),
        (61, 101, vec![1], 2),
        (101, 500, vec![], 3),
        (-5, 0, vec![], 3),
        (-5, 1, vec![1], 2),
    ] {
        assert_eq!(select(&files, start, end), (ids, pruned), "{start}..{end}");
    }
    assert_eq!((files.count(), files.bytes()), (4, 40));
}

/// Against a scan of all files, at random.
#[test]
fn agrees_with_a_scan() {
    let mut rng = fastrand::Rng::with_seed(5);
    for _ in 0..200 {
        let all: Vec<_> = (0..rng.u128(0..30))
            .map(|id| {
                let min = rng.i64(0..100);
                file(id, Table::Logs, min, min + rng.i64(0..20))
            })
            .collect();
        let mut files = Files::new(all.clone());
        let gone: Vec<_> = all.iter().filter(|_| rng.bool()).map(|f| f.id).collect();
        assert_eq!(files.remove(&gone).len(), gone.len());
        let start = rng.i64(-10..130);
        let end = start + rng.i64(1..60);
        let mut scan: Vec<_> = all.iter().filter(|f| !gone.contains(&f.id)).collect();
        let live = scan.len();
        scan.retain(|f| f.min_time_ns < end && f.max_time_ns >= start);
        let mut scan: Vec<_> = scan.into_iter().map(|f| f.id.0).collect();
        let (mut found, pruned) = select(&files, start, end);
        scan.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, scan, "{start}..{end}");
        assert_eq!(pruned + found.len(), live);
    }
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    let mut files = Files::new(vec![file(1, Table::Logs, 0, 1)]);
    assert!(files.remove(&[Ulid(9)]).is_empty());
    assert!(files.remove(&[]).is_empty());
    assert_eq!(files.remove(&[Ulid(1)]).len(), 1);
    assert_eq!((files.count(), files.bytes()), (0, 0));
    assert_eq!(files.keys().count(), 0);
}
