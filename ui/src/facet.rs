//! Which fields are worth a facet without being asked for, and how facets are asked for.

use crate::log_row::LogRow;
use crate::query_text::{SERVICE, without_field};
use lincei_api::FieldInfo;
use std::collections::{BTreeMap, BTreeSet};

/// Facets shown by themselves, beside severity and service.
const AUTOMATIC_MAX: usize = 4;
/// A key that fewer lines have (one of so many) says little about the others.
const SHARE: u64 = 20;
/// Different values in the lines of one page that no list can show.
const DISTINCT_MAX: usize = 60;

/// Keys of attributes and resource that many lines have and that take few values, the most frequent
/// first, behind `host.name`. `names` are known of `sampled` lines, `rows` are lines to look at.
#[must_use]
pub fn automatic<'a>(names: &[FieldInfo], sampled: u64, rows: impl Iterator<Item = &'a LogRow>) -> Vec<String> {
    let rows: Vec<&LogRow> = rows.collect();
    let mut seen: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for row in &rows {
        for (key, value) in row.attributes.iter().chain(&row.resource) {
            let (lines, values) = seen.entry(key).or_default();
            *lines += 1;
            if values.len() <= DISTINCT_MAX {
                values.insert(value);
            }
        }
    }
    let tells_apart = |key: &str| match seen.get(key) {
        Some((lines, values)) => values.len() <= DISTINCT_MAX && values.len() > 1 && values.len() * 3 <= *lines,
        None => false,
    };
    let keys = names.iter().filter(|info| info.origin != "column");
    let frequent: Vec<&FieldInfo> = keys.filter(|info| info.rows.unwrap_or(0) * SHARE >= sampled).collect();
    let host = frequent.iter().filter(|info| info.name == HOST).map(|info| info.name.clone());
    let others = frequent.iter().filter(|info| info.name != HOST && tells_apart(&info.name));
    let mut chosen: Vec<String> = Vec::new();
    for name in host.chain(others.map(|info| info.name.clone())) {
        let is_told = chosen.contains(&name)
            || std::iter::once(SERVICE)
                .chain(chosen.iter().map(String::as_str))
                .any(|other| are_alike(&rows, &name, other));
        if !is_told && chosen.len() < AUTOMATIC_MAX {
            chosen.push(name);
        }
    }
    chosen
}

/// Whether two fields say the same in every line that has the first: one of them is enough.
fn are_alike(rows: &[&LogRow], name: &str, other: &str) -> bool {
    let mut pairs = rows.iter().filter_map(|row| Some((row.field(name)?, row.field(other)))).peekable();
    pairs.peek().is_some() && pairs.all(|(value, same)| Some(value) == same)
}

const HOST: &str = "host.name";

/// The requests that count `fields`: (search text, fields). What a search says about a field does not
/// count for the field's own facet, which would show nothing but what is chosen; such a field has a
/// request of its own, all others share one scan.
#[must_use]
pub fn requests(query: &str, fields: &[String]) -> Vec<(String, Vec<String>)> {
    let plain = without_field(query, "");
    let mut shared = Vec::new();
    let mut requests = Vec::new();
    for field in fields {
        let free = without_field(query, field);
        if free == plain { shared.push(field.clone()) } else { requests.push((free, vec![field.clone()])) }
    }
    if !shared.is_empty() {
        requests.insert(0, (query.to_owned(), shared));
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str, origin: &str, rows: u64) -> FieldInfo {
        FieldInfo { name: name.into(), origin: origin.into(), data_type: "Utf8View".into(), rows: Some(rows) }
    }

    fn rows(count: usize) -> Vec<LogRow> {
        let row = |n: usize| LogRow {
            attributes: vec![
                ("order.id".into(), n.to_string()),
                ("error.type".into(), ["a", "b"][n % 2].into()),
                ("region".into(), "eu".into()),
            ],
            service: (n % 3).to_string(),
            resource: vec![
                ("host.name".into(), "h1".into()),
                ("pod".into(), (n % 5).to_string()),
                ("instance".into(), (n % 5).to_string()),
                ("service.name".into(), (n % 3).to_string()),
            ],
            ..LogRow::default()
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn keys_that_tell_lines_apart_become_facets() {
        let names = [
            info("service", "column", 0),
            info("order.id", "attribute", 1000),
            info("region", "attribute", 1000),
            info("pod", "resource", 900),
            info("instance", "resource", 900),
            info("service.name", "resource", 900),
            info("host.name", "resource", 800),
            info("error.type", "attribute", 300),
            info("error.type", "resource", 300),
            info("rare", "attribute", 40),
        ];
        assert_eq!(automatic(&names, 1000, rows(100).iter()), ["host.name", "pod", "error.type"]);
        assert_eq!(automatic(&names, 1000, rows(0).iter()), ["host.name"]);
        assert!(automatic(&names, 100_000, rows(100).iter()).is_empty(), "all of them are rare");
    }

    #[test]
    fn a_field_of_the_search_is_counted_without_its_own_terms() {
        let fields = ["service", "host.name", "error.type"].map(String::from);
        assert_eq!(
            requests("x service:a -error.type:b", &fields),
            [
                ("x service:a -error.type:b".to_owned(), vec!["host.name".to_owned()]),
                ("x -error.type:b".to_owned(), vec!["service".to_owned()]),
                ("x service:a".to_owned(), vec!["error.type".to_owned()]),
            ]
        );
        assert_eq!(requests("x  y", &fields), [("x  y".to_owned(), fields.to_vec())]);
        assert!(requests("x", &[]).is_empty());
    }
}
