use super::*;
use datafusion::arrow::array::{MapBuilder, MapFieldNames, StringBuilder, StringViewBuilder};

type Entries<'a> = &'a [(&'a str, Option<&'a str>)];

const LONG_A: &str = "http.response.status_code";
const LONG_B: &str = "http.response.status_text";
const EDGE: &str = "twelve_bytes";

const ROWS: &[Option<Entries<'static>>] = &[
    Some(&[("k", Some("1")), ("k", Some("2"))]),
    Some(&[]),
    None,
    Some(&[("kk", Some("x")), (LONG_B, Some("b")), (LONG_A, Some("a value longer than twelve bytes"))]),
    Some(&[("", Some("empty key")), ("k", None), (EDGE, Some("e"))]),
    Some(&[("it's \"ü\".\0", Some("ü")), ("k\0", Some("nul")), ("twelve_bytez", Some("z"))]),
];

fn names() -> MapFieldNames {
    MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() }
}

fn view_map() -> MapArray {
    let mut builder = MapBuilder::new(Some(names()), StringViewBuilder::new(), StringViewBuilder::new());
    for row in ROWS {
        for (key, value) in row.unwrap_or_default() {
            builder.keys().append_value(key);
            builder.values().append_option(*value);
        }
        builder.append(row.is_some()).unwrap();
    }
    builder.finish()
}

fn utf8_map() -> MapArray {
    let mut builder = MapBuilder::new(Some(names()), StringBuilder::new(), StringBuilder::new());
    for row in ROWS {
        for (key, value) in row.unwrap_or_default() {
            builder.keys().append_value(key);
            builder.values().append_option(*value);
        }
        builder.append(row.is_some()).unwrap();
    }
    builder.finish()
}

#[test]
fn the_first_entry_of_the_key_counts() {
    for key in ["k", "", LONG_A, LONG_B, EDGE, "twelve_bytez", "it's \"ü\".\0", "k\0", "kk", "missing", "http"] {
        let want: Vec<Option<&str>> = ROWS
            .iter()
            .map(|row| row.and_then(|entries| entries.iter().find(|(k, _)| *k == key)).and_then(|(_, value)| *value))
            .collect();
        for map in [view_map(), utf8_map()] {
            let found = lookup(&map, key).unwrap();
            assert_eq!(found.as_string_view().iter().collect::<Vec<_>>(), want, "{key:?}");
            // a slice starts at an entry other than 0
            let found = lookup(&map.slice(3, 2), key).unwrap();
            assert_eq!(found.as_string_view().iter().collect::<Vec<_>>(), want[3..5], "{key:?} sliced");
        }
    }
}
