use super::*;
use crate::column::{Attributes, Bools, Ints, Text};

crate::columns! {
    CLASS: Text = read_write "attributes.class",
    LENGTH: Ints = write "attributes.length",
    OTHER: Ints = read "attributes.other",
    MAP: Attributes = read_write "attributes",
    FLAG: Bools = read_write "flag",
}

fn text(offsets: &[u32], bytes: &str) -> wit::Text {
    wit::Text { offsets: offsets.to_vec(), bytes: bytes.into() }
}

/// `class` is a, none, c; `attributes` is {}, {k: v}, {k: w}; `flag` is 1, 0, 1.
fn frame() -> Frame {
    let map =
        wit::Attributes { offsets: vec![0, 0, 1, 2], keys: text(&[0, 1, 2], "kk"), values: text(&[0, 1, 2], "vw") };
    Frame::new(wit::Frame {
        rows: 3,
        columns: vec![
            wit::Column { id: 0, valid: Some(vec![0b101]), values: wit::Values::Text(text(&[0, 1, 1, 2], "ac")) },
            wit::Column { id: 3, valid: None, values: wit::Values::Attributes(map) },
            wit::Column { id: 4, valid: None, values: wit::Values::Bools(vec![0b101]) },
        ],
    })
}

fn after(change: impl FnOnce(&mut Edit<'_>)) -> Result<Frame, String> {
    let frame = frame();
    let mut edit = Edit::new(&frame, COLUMNS);
    let mut out = Delta::new(3);
    change(&mut edit);
    edit.finish(&mut out)?;
    Ok(Frame::new(wit::Frame { rows: 3, columns: out.into_wit().set }))
}

fn values<K: Kind>(frame: &Frame, column: Column<K>) -> Vec<Option<K::Value<'_>>> {
    frame.records().map(|record| record.get(column)).collect()
}

#[test]
fn what_is_not_set_stays_where_it_is_read_too() {
    let frame = after(|edit| edit.at(1).set(CLASS, "béb")).unwrap();
    assert_eq!(values(&frame, CLASS), [Some("a"), Some("béb"), Some("c")]);
    let frame = after(|edit| edit.at(2).set(CLASS, "x")).unwrap();
    assert_eq!(values(&frame, CLASS), [Some("a"), None, Some("x")]);
    assert!(frame.column(MAP).is_none(), "nothing was set, so nothing is sent");
}

#[test]
fn what_is_not_set_goes_where_it_is_only_written() {
    let frame = after(|edit| edit.at(1).set(LENGTH, 5)).unwrap();
    assert_eq!(values(&frame, LENGTH), [None, Some(5), None]);
    // whatever else is in the batch
    assert_eq!(values(&after(|_| ()).unwrap(), LENGTH), [None, None, None]);
}

#[test]
fn the_last_change_of_a_record_counts() {
    let frame = after(|edit| {
        edit.at(0).set(CLASS, "x");
        edit.set(CLASS, "longer");
        edit.at(2).set(CLASS, "y");
        edit.clear(CLASS);
    })
    .unwrap();
    assert_eq!(values(&frame, CLASS), [Some("longer"), None, None]);
}

#[test]
fn maps_and_bits_are_copied_with_their_rows() {
    let frame = after(|edit| {
        edit.at(1).set(MAP, &[("a", "1"), ("b", "2")]);
        edit.set(FLAG, true);
    })
    .unwrap();
    let maps: Vec<Vec<_>> = values(&frame, MAP).into_iter().map(|entries| entries.unwrap().collect()).collect();
    assert_eq!(maps, [vec![], vec![("a", "1"), ("b", "2")], vec![("k", "w")]]);
    assert_eq!(values(&frame, FLAG), [Some(true); 3]);
}

#[test]
fn a_column_that_is_not_written_cannot_be_set() {
    assert_eq!(after(|edit| edit.set(OTHER, 1)).unwrap_err(), "column 2 is not declared as written");
    assert!(after(|edit| edit.set(Column::<Text>::new(1), "")).is_err(), "of another kind");
}
