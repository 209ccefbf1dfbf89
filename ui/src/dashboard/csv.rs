//! Panels of rows as CSV.

use super::answer::{Sheet, cell_text, number};
use crate::chart::Csv;
use crate::log_row::LogRow;
use serde_json::{Map, Value};

/// A line per row, in an order of their places; values as they were answered.
#[must_use]
pub fn sheet_csv(sheet: &Sheet, order: &[usize]) -> String {
    let mut csv = Csv::new(sheet.columns.iter().map(|(name, _)| name.as_str()));
    for row in order.iter().filter_map(|place| sheet.rows.get(*place)) {
        for cell in row {
            let text = cell_text(cell);
            if number(cell).is_some() { csv.digits(&text) } else { csv.text(&text) }
        }
        csv.end_line();
    }
    csv.finish()
}

/// A line per log line, in their order: the columns that it has in SQL, maps as JSON.
#[must_use]
pub fn lines_csv(lines: &[LogRow]) -> String {
    let mut csv = Csv::new([
        "time",
        "severity",
        "service",
        "body",
        "event_name",
        "trace_id",
        "span_id",
        "attributes",
        "resource",
    ]);
    for line in lines {
        csv.time(line.time_ns);
        let texts = [
            line.severity.as_deref(),
            Some(line.service.as_str()),
            line.body.as_deref(),
            line.event_name.as_deref(),
            line.trace_id.as_deref(),
            line.span_id.as_deref(),
        ];
        texts.into_iter().for_each(|text| csv.text(text.unwrap_or_default()));
        csv.text(&json(&line.attributes));
        csv.text(&json(&line.resource));
        csv.end_line();
    }
    csv.finish()
}

/// Nothing for an empty map.
fn json(entries: &[(String, String)]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let map: Map<String, Value> = entries.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    Value::Object(map).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sheets_keep_their_precision_and_order() {
        let sheet = Sheet {
            columns: vec![("service".to_owned(), false), ("lines".to_owned(), true)],
            rows: vec![
                vec![json!("cart"), json!(9_007_199_254_740_993_u64)],
                vec![json!("=1+1"), json!("18446744073709551616")],
                vec![Value::Null, json!(-2.0)],
                vec![json!("a,b"), json!("-3 ms")],
            ],
            truncated: false,
        };
        assert_eq!(
            sheet_csv(&sheet, &[1, 0, 2, 3, 9]),
            "service,lines\r\n'=1+1,18446744073709551616\r\ncart,9007199254740993\r\n,-2\r\n\"a,b\",'-3 ms\r\n"
        );
        assert_eq!(sheet_csv(&Sheet::default(), &[0]), "\r\n");
    }

    #[test]
    fn log_lines_have_their_maps_as_json() {
        let line = LogRow {
            time_ns: 1_500_000_000,
            severity: Some("ERROR".to_owned()),
            service: "cart".to_owned(),
            body: Some("first\n\"second\"".to_owned()),
            attributes: vec![("k".to_owned(), "v".to_owned())],
            ..LogRow::default()
        };
        assert_eq!(
            lines_csv(&[line]),
            "time,severity,service,body,event_name,trace_id,span_id,attributes,resource\r\n\
             1970-01-01T00:00:01.500Z,ERROR,cart,\"first\n\"\"second\"\"\",,,,\"{\"\"k\"\":\"\"v\"\"}\",\r\n"
        );
    }
}
