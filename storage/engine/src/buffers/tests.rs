use super::*;
use crate::test_support::random::random;
use crate::test_support::{numbered, numbers};
use lincei_model::Table;

#[test]
fn rows_stay_the_same() {
    for table in Table::ALL {
        let whole = random(table, 500, 1);
        for (start, length) in [(0, 500), (0, 1), (499, 1), (100, 250), (250, 0)] {
            let slice = whole.records().slice(start, length);
            let compacted = compact_records(slice.clone()).unwrap();
            assert_eq!(compacted, slice, "{table} {start}+{length}");
        }
    }
}

/// A one-row batch as a decoder builds it holds the builders' first blocks: 8 KiB of text for each
/// column (arrow's `GenericByteViewBuilder`) and room for 1024 values for each primitive.
#[test]
fn one_row_does_not_hold_what_its_builders_guessed() {
    let batch = numbered([7]);
    let held = batch.records().get_array_memory_size();
    assert!(held > 40_000, "the test's own premise: {held}");
    let batch = compact(batch).unwrap();
    let compacted = batch.records().get_array_memory_size();
    assert!(compacted < 10_000, "{compacted} bytes for one row");
    assert_eq!(numbers(&[batch.into_records()]), [7]);
}

#[test]
fn a_slice_does_not_hold_the_text_around_it() {
    let whole = numbered(0..10_000);
    let all = whole.records().get_array_memory_size();
    let slice = Batch::new(Table::Logs, whole.records().slice(5_000, 10)).unwrap();
    drop(whole);
    let views = |batch: &Batch| -> usize {
        let body = batch.records().column_by_name("body").unwrap();
        let attributes = batch.records().column_by_name("attributes").unwrap();
        body.as_string_view().data_buffers().iter().map(Buffer::capacity).sum::<usize>()
            + attributes.as_map().values().as_string_view().data_buffers().iter().map(Buffer::capacity).sum::<usize>()
    };
    assert!(views(&slice) > all / 20);
    assert!(views(&compact(slice).unwrap()) < 1_000);
}
