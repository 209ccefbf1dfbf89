use super::*;
use lincei_catalog::DataFile;
use lincei_model::{Table, TenantId};
use std::time::Duration;

fn file(id: u128, max_time_ns: i64, bytes: u64) -> Arc<LiveFile> {
    Arc::new(LiveFile::new(DataFile {
        id: Ulid(id),
        tenant: TenantId::default(),
        table: Table::Logs,
        path: String::new(),
        rows: 1,
        bytes,
        min_time_ns: 0,
        max_time_ns,
        level: 0,
        crc32: 0,
        created_ns: 0,
        columns: Vec::new(),
        attributes: lincei_model::FileAttributes::default(),
        terms: None,
        summary: None,
        patterns: None,
    }))
}

#[test]
fn the_oldest_go_first() {
    // ids by age, the newest is 1; ends at 400, 300, 200, 100; now is 1000
    let files = [file(3, 200, 30), file(1, 400, 10), file(4, 100, 40), file(2, 300, 20)];
    for (age, bytes, gone) in [
        (None, None, vec![]),
        (Some(900), None, vec![]),
        (Some(899), None, vec![4]),
        (Some(700), None, vec![3, 4]),
        (Some(0), None, vec![1, 2, 3, 4]),
        (None, Some(100), vec![]),
        (None, Some(99), vec![4]),
        (None, Some(59), vec![3, 4]),
        (None, Some(10), vec![2, 3, 4]),
        (None, Some(9), vec![1, 2, 3, 4]),
        (Some(899), Some(30), vec![3, 4]),
        (Some(0), Some(1_000), vec![1, 2, 3, 4]),
    ] {
        let retention = Retention { max_age: age.map(Duration::from_nanos), max_bytes: bytes };
        let mut ids: Vec<_> = expired(&files, &retention, 1_000).iter().map(|id| id.0).collect();
        ids.sort_unstable();
        assert_eq!(ids, gone, "age {age:?}, bytes {bytes:?}");
    }
}

/// A small old file must not survive behind a large newer one: tables would have holes in time.
#[test]
fn nothing_older_stays_once_the_bytes_are_over() {
    let files = [file(1, 300, 10), file(2, 200, 500), file(3, 100, 1)];
    let retention = Retention { max_age: None, max_bytes: Some(100) };
    assert_eq!(expired(&files, &retention, 1_000), [Ulid(2), Ulid(3)]);
}
