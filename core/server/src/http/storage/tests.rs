use super::*;
use lincei_model::{FileAttributes, TenantId};

/// 2026-03-01T12:00:00Z.
pub(super) const NOW: i64 = 1_772_366_400_000_000_000;

/// Ten rows.
pub(super) fn file(min_time_ns: i64, bytes: u64) -> DataFile {
    DataFile {
        id: ulid::Ulid::nil(),
        tenant: TenantId::default(),
        table: Table::Logs,
        path: "a.parquet".to_owned(),
        rows: 10,
        bytes,
        min_time_ns,
        max_time_ns: min_time_ns + 1,
        level: 0,
        crc32: 0,
        created_ns: NOW,
        columns: Vec::new(),
        attributes: FileAttributes::default(),
        terms: None,
        summary: None,
        patterns: None,
    }
}

#[test]
fn days_are_those_of_utc_and_sixty_at_most() {
    let noon = |days_ago: i64| NOW - days_ago * DAY_NS;
    let midnight = NOW - DAY_NS / 2;
    let files = [
        file(noon(0), 1),
        file(midnight, 2),
        file(midnight - 1, 4),
        file(noon(59), 8),
        file(noon(60), 16),
        file(noon(-1), 32),
        file(i64::MIN, 64),
    ];
    let found = days(&files.iter().collect::<Vec<_>>(), NOW);
    let found: Vec<_> = found.iter().map(|day| (day.day.as_str(), day.files, day.rows, day.bytes)).collect();
    assert_eq!(
        found,
        [("2026-01-01", 1, 10, 8), ("2026-02-28", 1, 10, 4), ("2026-03-01", 2, 20, 3), ("2026-03-02", 1, 10, 32)]
    );
}

#[test]
fn services_get_bytes_by_their_rows() {
    let table = TableStatus { rows: 1000, bytes: 5000, ..TableStatus::default() };
    let rows = |service: Option<&str>, rows| ServiceRows { service: service.map(str::to_owned), rows };
    // 100 of the rows are in memory yet: a row in files has 5000 / 900 bytes
    let found = shares(vec![rows(Some("api"), 900), rows(None, 100)], &table, 900);
    let found: Vec<_> = found.into_iter().map(|s| (s.service, s.rows, s.bytes_estimated, s.rest)).collect();
    assert_eq!(found, [(Some("api".to_owned()), 900, 5000, false), (None, 100, 555, false)]);
    // nothing is in files
    let fresh = TableStatus { rows: 7, ..TableStatus::default() };
    assert_eq!(shares(vec![rows(Some("api"), 7)], &fresh, 0)[0].bytes_estimated, 0);
    assert!(shares(Vec::new(), &TableStatus::default(), 0).is_empty());
}

#[test]
fn services_beyond_the_hundredth_are_one() {
    let largest =
        |count: usize| (0..count).map(|i| ServiceRows { service: Some(format!("s{i}")), rows: 10 }).collect::<Vec<_>>();
    let table = TableStatus { rows: 1500, bytes: 3000, ..TableStatus::default() };
    let found = shares(largest(100), &table, 1500);
    assert_eq!(found.len(), 101);
    let rest = ServiceStorage { service: None, rows: 500, bytes_estimated: 1000, rest: true };
    assert_eq!(found.last(), Some(&rest));
    // rows that came meanwhile
    assert_eq!(shares(largest(99), &table, 1500).len(), 99);
    let exact = TableStatus { rows: 1000, ..table };
    assert_eq!(shares(largest(100), &exact, 1000).len(), 100);
}
