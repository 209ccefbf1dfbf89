use super::rows::{HOUR_START, random, random_in};
use super::*;
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{TimestampNanosecondArray, UInt32Array};
use arrow_select::take::take_record_batch;
use std::cmp::Reverse;

/// The tables' orders written out by hand, as values that Rust compares.
fn order_of(table: Table, batch: &RecordBatch, row: usize) -> (String, u64, Reverse<i64>) {
    let text = |name: &str| batch.column_by_name(name).unwrap().as_string_view().value(row).to_owned();
    let time = batch.column(0).as_primitive::<TimestampNanosecondType>().value(row);
    match table {
        Table::Logs | Table::Spans => (text("service"), 0, Reverse(time)),
        Table::Metrics => {
            let series = batch.column_by_name("series_id").unwrap().as_primitive::<UInt64Type>().value(row);
            // no overflow: times of these tests are not i64::MIN
            (text("metric"), series, Reverse(-time))
        }
        Table::Rejects => (String::new(), 0, Reverse(time)),
    }
}

/// A stable sort by the hand-written order.
fn expected(table: Table, batch: &RecordBatch) -> RecordBatch {
    let mut rows: Vec<u32> = (0..batch.num_rows() as u32).collect();
    rows.sort_by_key(|row| order_of(table, batch, *row as usize));
    take_record_batch(batch, &UInt32Array::from(rows)).unwrap()
}

#[test]
fn rows_are_sorted_and_equal_rows_keep_their_order() {
    for table in Table::ALL {
        let batches = vec![random(table, 3000, 1), random(table, 0, 2), random(table, 1, 3), random(table, 7000, 4)];
        let all = concat(table, &batches);
        let hours = sort_by_hour(table, batches).unwrap().hours;
        let [(hour, sorted)] = &hours[..] else { panic!("{} hours", hours.len()) };
        assert_eq!(*hour, Hour::of(HOUR_START));
        assert_eq!(sorted.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [8192, 1809], "{table}");
        assert_eq!(concat(table, sorted), expected(table, &all), "{table}");
    }
}

#[test]
fn hours_are_apart_and_in_order() {
    let hour = 3_600_000_000_000;
    for table in Table::ALL {
        // around the epoch: the hours before it are negative
        let batch = random_in(table, 500, 5, -2 * hour..2 * hour, 2);
        let hours = sort_by_hour(table, vec![batch.clone()]).unwrap().hours;
        let numbers: Vec<Hour> = hours.iter().map(|(hour, _)| *hour).collect();
        assert_eq!(numbers, [-2 * hour, -hour, 0, hour].map(Hour::of), "{table}");
        for (hour, sorted) in &hours {
            let times = batch.column(0).as_primitive::<TimestampNanosecondType>().values();
            let of_hour = |(_, time): &(u32, &i64)| hour.range().contains(**time);
            let rows: Vec<u32> = (0..).zip(times).filter(of_hour).map(|(row, _)| row).collect();
            let of_hour = take_record_batch(&batch, &UInt32Array::from(rows)).unwrap();
            assert_eq!(concat(table, sorted), expected(table, &of_hour), "{table} {hour}");
        }
    }
}

#[test]
fn the_ends_of_time_are_sorted_like_any_other() {
    for table in Table::ALL {
        let batch = random(table, 4, 6);
        let mut columns = batch.columns().to_vec();
        let times = TimestampNanosecondArray::from_iter_values([0, i64::MAX, i64::MIN, -1]).with_timezone("UTC");
        columns[0] = Arc::new(times);
        let batch = RecordBatch::try_new(table.schema(), columns).unwrap();
        let hours = sort_by_hour(table, vec![batch]).unwrap().hours;
        let times: Vec<i64> = hours
            .iter()
            .flat_map(|(_, rows)| rows)
            .flat_map(|rows| rows.column(0).as_primitive::<TimestampNanosecondType>().values().to_vec())
            .collect();
        assert_eq!(times, [i64::MIN, -1, 0, i64::MAX], "{table}");
    }
}

#[test]
fn no_rows_give_no_hours() {
    for table in Table::ALL {
        assert!(sort_by_hour(table, vec![]).unwrap().hours.is_empty());
        assert!(sort_by_hour(table, vec![random(table, 0, 0), random(table, 0, 0)]).unwrap().hours.is_empty());
    }
}

#[test]
fn rows_of_another_table_are_refused() {
    let error = sort_by_hour(Table::Logs, vec![random(Table::Logs, 1, 0), random(Table::Spans, 1, 0)]).unwrap_err();
    assert!(matches!(error, EngineError::Rows { table: Table::Logs, .. }), "{error}");
}
