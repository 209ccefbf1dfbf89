use super::rows::{HOUR_START, random, random_in};
use super::verifying::{KEYS, columns_of, foreign};
use super::*;

const HOUR: i64 = 3_600_000_000_000;

fn paths() -> impl FnMut(Hour) -> String + Send {
    let mut next = 0;
    move |hour| {
        next += 1;
        format!("out/{hour}/{next}.parquet")
    }
}

async fn objects(store: &Arc<dyn ObjectStore>) -> Vec<String> {
    let list: Vec<_> = store.list(None).try_collect().await.unwrap();
    list.into_iter().map(|o| o.location.to_string()).collect()
}

/// Merged files hold what sorting all rows at once gives, with the inputs one after the other.
#[tokio::test]
async fn a_merge_is_the_sort_of_everything() {
    for table in Table::ALL {
        let store = memory();
        let sizes = [9000, 1, 8193, 3];
        let mut inputs = Vec::new();
        let mut all = Vec::new();
        for (i, rows) in sizes.into_iter().enumerate() {
            let times = HOUR_START..HOUR_START + 1 + i as i64 * HOUR / 4;
            let batch = random_in(table, rows, i as u64, times, 2);
            inputs.push(write_sorted(&store, table, &format!("in/{i}"), batch.clone()).await);
            all.push(batch);
        }
        let inputs: Vec<&DataFile> = inputs.iter().collect();
        let [(hour, expected)] = &sort_by_hour(table, all).unwrap().hours[..] else { panic!() };
        let merged = merge(&store, table, Tier::Compacted, &inputs, 1 << 20, paths()).await.unwrap();
        let [(path, written)] = &merged[..] else { panic!("{merged:?}") };
        assert_eq!(path, &format!("out/{hour}/1.parquet"));
        let file = data_file(table, path, written);
        verify(&store, &file).await.unwrap();
        assert_eq!(concat(table, &read_all(&store, &file).await.unwrap()), concat(table, expected), "{table}");
        // as if it had been written at once
        let at_once = write_batches(&store, table, Tier::Compacted, "once", expected.clone()).await.unwrap();
        assert_eq!(at_once.crc32, written.crc32, "{table}");
    }
}

/// Inputs of different times give runs of thousands of rows, which are not copied together.
#[tokio::test]
async fn long_runs_make_the_file_that_one_sort_makes() {
    let (table, store) = (Table::Rejects, memory());
    let (mut inputs, mut all) = (Vec::new(), Vec::new());
    for (i, rows) in [(0, 9000), (2, 20_000), (1, 3000), (3, 700)] {
        let start = HOUR_START + i * HOUR / 8;
        let batch = random_in(table, rows, i as u64, start..start + HOUR / 8 - 1, 0);
        inputs.push(write_sorted(&store, table, &format!("in/{i}"), batch.clone()).await);
        all.push(batch);
    }
    let inputs: Vec<&DataFile> = inputs.iter().collect();
    let [(_, expected)] = &sort_by_hour(table, all).unwrap().hours[..] else { panic!() };
    for memory_bytes in [1 << 30, 1 << 20] {
        let limits = MergeLimits { rows_max: 1 << 20, memory_bytes };
        let merged = merge(&store, table, Tier::Compacted, &inputs, limits, paths()).await.unwrap();
        let [(path, written)] = &merged[..] else { panic!("{merged:?}") };
        let file = data_file(table, path, written);
        assert_eq!(concat(table, &read_all(&store, &file).await.unwrap()), concat(table, expected));
        let at_once = write_batches(&store, table, Tier::Compacted, "once", expected.clone()).await.unwrap();
        assert_eq!(at_once.crc32, written.crc32);
    }
}

#[tokio::test]
async fn outputs_are_cut_at_the_row_limit() {
    let table = Table::Spans;
    let store = memory();
    let batches = [random(table, 700, 1), random(table, 800, 2)];
    let a = write_sorted(&store, table, "a", batches[0].clone()).await;
    let b = write_sorted(&store, table, "b", batches[1].clone()).await;
    for (rows_max, sizes) in [(1500, &[1500][..]), (1499, &[1499, 1]), (500, &[500, 500, 500]), (1_000_000, &[1500])] {
        let merged = merge(&store, table, Tier::Fresh, &[&a, &b], rows_max, paths()).await.unwrap();
        assert_eq!(merged.iter().map(|(_, w)| w.rows).collect::<Vec<_>>(), sizes);
        let mut rows = Vec::new();
        for (path, written) in &merged {
            rows.extend(read_all(&store, &data_file(table, path, written)).await.unwrap());
        }
        let expected = &sort_by_hour(table, batches.to_vec()).unwrap().hours[0].1;
        assert_eq!(concat(table, &rows), concat(table, expected));
    }
    // a limit of none is a limit of one
    let merged = merge(&store, table, Tier::Fresh, &[&a, &b], 0, paths()).await.unwrap();
    assert_eq!(merged.len(), 1500);
}

#[tokio::test]
async fn hours_are_never_merged_into_one_file() {
    let table = Table::Metrics;
    let store = memory();
    let mut inputs = Vec::new();
    for (i, hour) in [1, -1, 0, 1, -1].into_iter().enumerate() {
        let start = HOUR_START + hour * HOUR;
        let batch = random_in(table, 50 + i, i as u64, start..start + HOUR, 1);
        inputs.push(write_sorted(&store, table, &format!("in/{i}"), batch).await);
    }
    let inputs: Vec<&DataFile> = inputs.iter().collect();
    let merged = merge(&store, table, Tier::Fresh, &inputs, 1 << 20, paths()).await.unwrap();
    let hours: Vec<_> = merged.iter().map(|(_, w)| (Hour::of(w.min_time_ns), w.rows)).collect();
    let at = |hour: i64| Hour::of(HOUR_START + hour * HOUR);
    assert_eq!(hours, [(at(-1), 51 + 54), (at(0), 52), (at(1), 50 + 53)]);
    for (path, written) in &merged {
        assert!(path.starts_with(&format!("out/{}/", Hour::of(written.max_time_ns))), "{path}");
    }
}

#[tokio::test]
async fn nothing_to_merge_gives_nothing() {
    let merged = merge(&memory(), Table::Logs, Tier::Fresh, &[], 10, paths()).await.unwrap();
    assert!(merged.is_empty());
}

/// Damage in any input fails the merge, names the input and leaves no output, also when outputs
/// of earlier hours could have been written.
#[tokio::test]
async fn a_damaged_input_is_never_merged() {
    let table = Table::Logs;
    let store = memory();
    let a = write_sorted(&store, table, "a", random(table, 300, 1)).await;
    let later = random_in(table, 300, 2, HOUR_START + HOUR..HOUR_START + 2 * HOUR, 1);
    let b = write_sorted(&store, table, "b", later).await;
    let good = object(&store, "b").await;
    let mut flipped = good.to_vec();
    flipped[good.len() / 2] ^= 1;
    let truncated = good[..good.len() - 1].to_vec();
    for bad in [flipped, truncated, Vec::new()] {
        replace(&store, "b", bad).await;
        let error = merge(&store, table, Tier::Fresh, &[&a, &b], 100, paths()).await.unwrap_err();
        assert!(matches!(&error, EngineError::Corrupt { path, .. } if path == "b"), "{error}");
        assert_eq!(objects(&store).await, ["a", "b"]);
    }
    store.delete(&Path::from("b")).await.unwrap();
    let error = merge(&store, table, Tier::Fresh, &[&a, &b], 100, paths()).await.unwrap_err();
    assert!(matches!(&error, EngineError::Corrupt { detail, .. } if detail.contains("missing")), "{error}");
}

#[tokio::test]
async fn inputs_that_do_not_belong_together_are_refused() {
    let store = memory();
    let logs = write_sorted(&store, Table::Logs, "logs", random(Table::Logs, 10, 1)).await;
    let spans = write_sorted(&store, Table::Spans, "spans", random(Table::Spans, 10, 1)).await;
    let error = merge(&store, Table::Logs, Tier::Fresh, &[&logs, &spans], 100, paths()).await.unwrap_err();
    assert!(matches!(&error, EngineError::Rows { .. }), "{error}");
    // the catalog believes that the file spans two hours
    let wide = DataFile { max_time_ns: logs.max_time_ns + HOUR, ..logs };
    let error = merge(&store, Table::Logs, Tier::Fresh, &[&wide], 100, paths()).await.unwrap_err();
    assert!(matches!(&error, EngineError::Rows { .. }), "{error}");
    assert_eq!(objects(&store).await, ["logs", "spans"]);
}

/// An output fails half way through: those before it are deleted.
#[tokio::test]
async fn outputs_are_deleted_when_a_later_one_fails() {
    let table = Table::Logs;
    let store = memory();
    let a = write_sorted(&store, table, "a", random(table, 300, 1)).await;
    let mut calls = 0;
    let paths = |_| {
        calls += 1;
        if calls == 3 { "no//path".to_owned() } else { format!("out/{calls}") }
    };
    let error = merge(&store, table, Tier::Fresh, &[&a], 100, paths).await.unwrap_err();
    assert!(matches!(&error, EngineError::Store { path, .. } if path == "no//path"), "{error}");
    assert_eq!((calls, objects(&store).await), (3, vec!["a".to_owned()]));
}

/// Another writer's file, with our keys and not sorted: its rows must not become a file that
/// claims to be.
#[tokio::test]
async fn an_unsorted_input_is_never_merged() {
    let table = Table::Logs;
    let store = memory();
    let (file, _) = foreign(&store, columns_of(&random(table, 50, 1)), &KEYS).await;
    verify(&store, &file).await.unwrap();
    let error = merge(&store, table, Tier::Fresh, &[&file], 100, paths()).await.unwrap_err();
    assert!(matches!(&error, EngineError::Rows { detail, .. } if detail.contains("order")), "{error}");
    assert_eq!(objects(&store).await, ["f"]);
}

/// Rows of 1 MiB: batches that wait to be copied are copied early, and the rows stay the same.
#[tokio::test]
async fn large_rows_are_merged() {
    let table = Table::Logs;
    let store = memory();
    let large = |seed: u64| {
        let batch = random(table, 60, seed);
        let bodies = (0..60).map(|i| format!("{seed}{}", i % 10).repeat(1 << 19));
        let mut columns = batch.columns().to_vec();
        let body = table.schema().index_of("body").unwrap();
        columns[body] = Arc::new(arrow_array::StringViewArray::from_iter_values(bodies));
        RecordBatch::try_new(table.schema(), columns).unwrap()
    };
    let a = write_sorted(&store, table, "a", large(1)).await;
    let b = write_sorted(&store, table, "b", large(2)).await;
    let merged = merge(&store, table, Tier::Compacted, &[&a, &b], 1000, paths()).await.unwrap();
    let [(path, written)] = &merged[..] else { panic!("{merged:?}") };
    let expected = sort_by_hour(table, vec![large(1), large(2)]).unwrap().hours.remove(0).1;
    let back = read_all(&store, &data_file(table, path, written)).await.unwrap();
    assert_eq!(written.rows, 120);
    assert_eq!(concat(table, &back), concat(table, &expected));
}
