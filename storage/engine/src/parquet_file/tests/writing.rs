use super::rows::{HOUR_START, random, random_in};
use super::*;
use arrow_array::builder::{BinaryBuilder, StringViewBuilder};
use object_store::local::LocalFileSystem;

#[tokio::test]
async fn what_is_written_is_read_back() {
    for table in Table::ALL {
        for rows in [1, 8191, 8192, 8193] {
            let store = memory();
            let batches = sorted(table, random(table, rows, rows as u64));
            let file = write_batches(&store, table, Tier::Compacted, "a/b=c.parquet", batches.clone()).await.unwrap();
            let back = read_all(&store, &file).await.unwrap();
            assert!(back.iter().all(|b| b.num_rows() <= 8192 && b.schema() == table.schema()));
            assert_eq!(concat(table, &back), concat(table, &batches), "{table} {rows}");

            let bytes = object(&store, &file.path).await;
            assert_eq!((file.rows, file.bytes), (rows as u64, bytes.len() as u64));
            assert_eq!(file.crc32, crc32fast::hash(&bytes));
            let times = lincei_model::Batch::new(table, concat(table, &back)).unwrap().time_bounds();
            assert_eq!(times, Some((file.min_time_ns, file.max_time_ns)));
        }
    }
}

/// How rows are cut into batches must not show in the file.
#[tokio::test]
async fn equal_rows_give_equal_bytes() {
    for table in Table::ALL {
        let store = memory();
        let whole = concat(table, &sorted(table, random(table, 9000, 3)));
        let pieces: Vec<_> = (0..9).map(|i| whole.slice(i * 1000, 1000)).collect();
        let a = write_batches(&store, table, Tier::Fresh, "a", vec![whole]).await.unwrap();
        let b = write_batches(&store, table, Tier::Fresh, "b", pieces).await.unwrap();
        assert_eq!(object(&store, "a").await, object(&store, "b").await, "{table}");
        assert_eq!(a.crc32, b.crc32);
    }
}

/// Rows of 1 MiB: pages and batches get smaller, and all is read back.
#[tokio::test]
async fn large_rows_are_read_back_in_small_batches() {
    let store = memory();
    let table = Table::Logs;
    let batch = random(table, 40, 1);
    let mut bodies = StringViewBuilder::new();
    (0..40).for_each(|i| bodies.append_value(format!("{i}").repeat(1 << 19)));
    let mut columns = batch.columns().to_vec();
    columns[table.schema().index_of("body").unwrap()] = Arc::new(bodies.finish());
    let batches = sorted(table, RecordBatch::try_new(table.schema(), columns).unwrap());
    let file = write_batches(&store, table, Tier::Fresh, "f", batches.clone()).await.unwrap();
    let back = read_all(&store, &file).await.unwrap();
    assert!(back.iter().all(|b| b.num_rows() <= 20), "16 MiB are 16 to 32 such rows");
    assert_eq!(concat(table, &back), concat(table, &batches));
    verify(&store, &file).await.unwrap();
}

#[tokio::test]
async fn rows_that_break_a_rule_leave_nothing_behind() {
    let table = Table::Logs;
    let hour = 3_600_000_000_000;
    let good = concat(table, &sorted(table, random(table, 100, 1)));
    let two_hours = random_in(table, 100, 1, HOUR_START - hour..HOUR_START + hour, 1);
    // sorted, and across the hour
    let [(_, early), (_, late)] = &sort_by_hour(table, vec![two_hours]).unwrap().hours[..] else { panic!() };
    let services = |rows: &RecordBatch, name: &str| {
        let mut columns = rows.columns().to_vec();
        let values = vec![name; rows.num_rows()];
        columns[table.schema().index_of("service").unwrap()] = Arc::new(arrow_array::StringViewArray::from(values));
        let rows = RecordBatch::try_new(table.schema(), columns).unwrap();
        concat(table, &sorted(table, rows))
    };
    let cases = [
        ("no rows", vec![]),
        ("only empty batches", vec![good.slice(0, 0)]),
        ("another table's rows", vec![random(Table::Spans, 1, 1)]),
        ("unsorted", vec![random(table, 100, 1)]),
        ("unsorted across batches", vec![good.slice(50, 50), good.slice(0, 50)]),
        ("two hours", vec![services(&late[0], "a"), services(&early[0], "b")]),
    ];
    for (case, batches) in cases {
        let store = memory();
        let error = write_batches(&store, table, Tier::Fresh, "f", batches).await.unwrap_err();
        assert!(matches!(error, EngineError::Rows { table: Table::Logs, .. }), "{case}: {error}");
        let objects: Vec<_> = store.list(None).try_collect().await.unwrap();
        assert!(objects.is_empty(), "{case}");
    }
}

/// More than one part is on its way when the rows fail.
#[tokio::test]
async fn a_failed_stream_aborts_the_upload() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let table = Table::Rejects;
    let batch = random_in(table, 131_072, 1, HOUR_START..HOUR_START + 1, 0);
    let mut raw = BinaryBuilder::new();
    let mut rng = fastrand::Rng::with_seed(1);
    (0..131_072).for_each(|_| raw.append_value(std::array::from_fn::<u8, 100, _>(|_| rng.u8(..))));
    let mut columns = batch.columns().to_vec();
    columns[table.schema().index_of("raw").unwrap()] = Arc::new(raw.finish());
    let batch = RecordBatch::try_new(table.schema(), columns).unwrap();

    let mut uploading = 0;
    let failure = || EngineError::Rows { table, detail: "test".to_owned() };
    let batches = stream::iter([Ok(batch), Err(failure())]).inspect(|item| {
        if item.is_err() {
            uploading = files();
        }
    });
    let error = write(&store, table, Tier::Fresh, "f", &FileAttributes::default(), batches).await.unwrap_err();
    assert!(matches!(&error, EngineError::Rows { detail, .. } if detail == "test"), "{error}");
    assert_eq!(uploading, 1, "a part should have been sent");
    assert_eq!(files(), 0);
}

#[tokio::test]
async fn a_path_that_the_store_refuses_is_an_error() {
    let rows = sorted(Table::Logs, random(Table::Logs, 1, 1));
    for bad in ["a//b", "", "/", "../a"] {
        let error = write_batches(&memory(), Table::Logs, Tier::Fresh, bad, rows.clone()).await.unwrap_err();
        assert!(matches!(&error, EngineError::Store { path, .. } if path == bad), "{error}");
    }
}
