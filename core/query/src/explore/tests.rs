//! On the rows of [`crate::test_support`], whose documentation says what expected figures follow
//! from: log `i` is `i` minutes after the start, its service is `i % 3`, its severity `i % 4`.

mod patterns;
mod rows;
mod services;

use super::*;
use crate::test_support::{Fixture, LOGS, MINUTE_NS, Place, START_NS, minutes};

const PLACES: [Place; 3] = [Place::Memory, Place::Files, Place::Both];

fn logs(search: &str) -> Selection {
    Selection {
        tenant: TenantId::default(),
        table: Table::Logs,
        search: search.to_owned(),
        range: TimeRange::ALL,
        id: None,
        client: "test".into(),
        user: "test".into(),
    }
}

fn by(by: HistogramBy, selection: Selection) -> HistogramRequest {
    HistogramRequest { selection, steps: Steps::AtMost(6), offset_minutes: 0, by, series_max: 10 }
}

fn series(histogram: &Histogram) -> Vec<(&str, u64)> {
    histogram
        .series
        .iter()
        .map(|s| (s.name.as_deref().unwrap_or(if s.is_rest { "rest" } else { "-" }), s.total))
        .collect()
}

#[tokio::test]
async fn severities_are_counted_by_the_hour() {
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let selection = Selection { range: minutes(0, 360), ..logs("") };
        let histogram = fixture.service.histogram(by(HistogramBy::Severity, selection)).await.unwrap();
        assert_eq!((histogram.first_ns, histogram.step_ns), (START_NS, 60 * MINUTE_NS));
        assert_eq!(histogram.counts, [60; 6]);
        assert_eq!(histogram.total, 360);
        assert_eq!(series(&histogram), [("DEBUG", 90), ("INFO", 90), ("WARN", 90), ("ERROR", 90)]);
        assert!(histogram.series.iter().all(|series| series.counts == [15; 6]) && histogram.exact);
        assert_eq!(histogram.stats.rows_scanned, 360);
    }
}

#[tokio::test]
async fn only_rows_of_the_window_are_counted_and_empty_buckets_are_there() {
    let fixture = Fixture::new(Place::Both).await;
    // the first bucket begins before the window, the last hour and more have no rows
    let selection = Selection { range: minutes(-90, 90), ..logs("severity:error") };
    let request = HistogramRequest { steps: Steps::Exactly(60 * MINUTE_NS), ..by(HistogramBy::Nothing, selection) };
    let histogram = fixture.service.histogram(request).await.unwrap();
    assert_eq!(histogram.first_ns, START_NS - 120 * MINUTE_NS);
    // 3, 7, … 59 are 15 rows, 63, 67, … 87 are 7
    assert_eq!(histogram.counts, [0, 0, 15, 7]);
    assert_eq!(
        histogram.sql,
        "SELECT date_bin(INTERVAL '3600000000 microseconds', time, TIMESTAMP '2025-12-31T22:00:00+00:00') AS bucket, count(*) AS count FROM logs WHERE search('severity:error') GROUP BY 1 ORDER BY 1"
    );
}

#[tokio::test]
async fn a_window_without_ends_spans_the_table() {
    let fixture = Fixture::new(Place::Both).await;
    let histogram = fixture.service.histogram(by(HistogramBy::Nothing, logs(""))).await.unwrap();
    assert_eq!(histogram.total, LOGS as u64);
    let empty = Fixture::empty(crate::QueryOptions::default(), Vec::new()).await;
    let histogram = empty.service.histogram(by(HistogramBy::Severity, logs(""))).await.unwrap();
    assert_eq!((histogram.total, histogram.series.len()), (0, 0));
}

#[tokio::test]
async fn values_of_a_field_are_series() {
    let statuses = |i: usize| if i.is_multiple_of(7) { "n/a" } else { ["200", "200", "404", "500", "503"][i % 5] };
    let count = |status: &str| (0..LOGS).filter(|i| statuses(*i) == status).count() as u64;
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let field = HistogramBy::Field("http.response.status_code".into());
        let request = HistogramRequest { series_max: 1, ..by(field, Selection { range: minutes(0, 360), ..logs("") }) };
        let histogram = fixture.service.histogram(request).await.unwrap();
        assert_eq!(series(&histogram), [("200", count("200")), ("rest", 360 - count("200"))]);
        assert_eq!(histogram.counts, [60; 6]);
        assert!(histogram.exact);
        let of_hour = |hour: usize| (hour * 60..hour * 60 + 60).filter(|i| statuses(*i) == "200").count() as u64;
        assert_eq!(histogram.series[0].counts, (0..6).map(of_hour).collect::<Vec<_>>());
        // a column, in some rows NULL
        let field = HistogramBy::Field("trace_id".into());
        let request = HistogramRequest { series_max: 1, ..by(field, Selection { range: minutes(0, 10), ..logs("") }) };
        let histogram = fixture.service.histogram(request).await.unwrap();
        assert_eq!(series(&histogram), [(&*format!("{:032x}", 1), 5), ("rest", 4), ("-", 1)]);
    }
}

#[tokio::test]
async fn facets_of_several_fields_take_one_scan() {
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let fields = ["service", "user.id", "host.name", "nothing", "trace_id", "severity_number", "service"];
        let request = FacetsRequest {
            selection: logs(""),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            values_max: 2,
        };
        let result = fixture.service.facets(request).await.unwrap();
        let facet = |facet: &Facet| {
            let values: Vec<String> = facet.values.iter().map(|v| format!("{} {}", v.value, v.count)).collect();
            format!("{}: {} rows, {} values, {}", facet.field, facet.rows, facet.distinct, values.join(", "))
        };
        assert!(result.facets.iter().all(|facet| facet.exact));
        let trace = |n: usize| format!("{n:032x}");
        assert_eq!(
            result.facets.iter().map(facet).collect::<Vec<_>>(),
            [
                "service: 360 rows, 3 values, api 120, db 120".to_owned(),
                "user.id: 360 rows, 20 values, u0 18, u1 18".to_owned(),
                "host.name: 360 rows, 2 values, h0 180, h1 180".to_owned(),
                "nothing: 0 rows, 0 values, ".to_owned(),
                format!("trace_id: 324 rows, 72 values, {} 5, {} 5", trace(1), trace(3)),
                "severity_number: 360 rows, 4 values, 13 90, 17 90".to_owned(),
            ]
        );
        assert_eq!(result.stats.rows_scanned, 360);
    }
}

#[test]
fn frequent_values_survive_a_full_table() {
    use datafusion::arrow::array::{ArrayRef, StringViewArray};
    use tally::Tally as _;
    let mut counts = value_counts::ValueCounts::default();
    for part in 0..40 {
        let texts = (0..8_192).map(|i| if i % 8 == 0 { "often".to_owned() } else { format!("rare {part} {i}") });
        counts.add(&[Arc::new(StringViewArray::from_iter_values(texts)) as ArrayRef]).unwrap();
    }
    assert_eq!(counts.rows, 40 * 8_192);
    assert!(counts.error > 0 && !counts.is_exact());
    let error = counts.error;
    let (value, count) = counts.top(1).remove(0);
    assert_eq!(value, "often");
    assert!(count <= 40 * 1_024 && count + error >= 40 * 1_024, "{count} ± {error}");
}

#[tokio::test]
async fn names_and_values_are_completed() {
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let request = |prefix: &str| FieldsRequest { selection: logs(""), prefix: prefix.to_owned(), limit: 10 };
        let names = fixture.service.field_names(request("S")).await.unwrap();
        let got: Vec<&str> = names.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(got, ["severity_number", "severity", "service", "span_id", "scope"]);
        assert!(names.complete && names.sampled_rows == 360);
        let names = fixture.service.field_names(request("h")).await.unwrap();
        let got: Vec<(&str, FieldOrigin, Option<u64>)> =
            names.fields.iter().map(|field| (field.name.as_str(), field.origin, field.rows)).collect();
        assert_eq!(
            got,
            [
                ("host.name", FieldOrigin::Resource, Some(360)),
                ("http.response.status_code", FieldOrigin::Attribute, Some(360))
            ]
        );
        let values = fixture.service.field_values(request("U1"), "user.id").await.unwrap();
        let got: Vec<&str> = values.values.iter().map(|value| value.value.as_str()).take(3).collect();
        assert_eq!((got, values.values.len()), (vec!["u1", "u10", "u11"], 10));
        let narrowed = FieldsRequest { selection: logs("severity:debug"), ..request("") };
        let values = fixture.service.field_values(narrowed, "user.id").await.unwrap();
        let got: Vec<(&str, u64)> = values.values.iter().map(|v| (v.value.as_str(), v.count)).collect();
        assert_eq!(got, [("u0", 18), ("u12", 18), ("u16", 18), ("u4", 18), ("u8", 18)]);
    }
}

#[tokio::test]
async fn bodies_have_patterns() {
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let request = PatternsRequest { selection: logs(""), limit: 2, rows_max: 1_000 };
        let result = fixture.service.patterns(request).await.unwrap();
        assert_eq!((result.found, result.rows, result.uncounted, result.sampled), (4, 360, 0, false));
        let first = &result.patterns[0];
        assert_eq!((first.pattern.as_str(), first.count), ("request <num> took <num>ms", 336));
        assert_eq!((first.first_ns, first.last_ns), (START_NS + 3 * MINUTE_NS, START_NS + 359 * MINUTE_NS));
        assert_eq!(first.sample, "request 359 took 718ms");
        // rows with i % 50 below 3 have other patterns
        let of_level = |level: usize| (0..LOGS).filter(|i| i % 50 > 2 && i % 4 == level).count() as u64;
        let levels = ["DEBUG", "INFO", "WARN", "ERROR"];
        let want: Vec<_> = levels.iter().enumerate().map(|(i, l)| (Some((*l).to_owned()), of_level(i))).collect();
        assert_eq!(first.severities, want);
        assert_eq!(result.patterns.len(), 2);
        let sampled = PatternsRequest { selection: logs(""), limit: 2, rows_max: 100 };
        let sampled = fixture.service.patterns(sampled).await.unwrap();
        assert_eq!((sampled.rows, sampled.sampled), (100, true));
    }
}

#[tokio::test]
async fn queries_are_listed_and_named() {
    let fixture = Fixture::new(Place::Files).await;
    let selection = Selection { id: Some("bars".into()), ..logs("it's") };
    fixture.service.histogram(by(HistogramBy::Severity, selection)).await.unwrap();
    let listed = fixture.service.queries().into_iter().find(|query| query.id == "bars").unwrap();
    assert_eq!(listed.state, crate::QueryState::Done);
    assert!(listed.sql.contains("FROM logs WHERE search('it''s')"), "{}", listed.sql);
    // what the listing shows can be run
    for sql in [listed.sql] {
        fixture.rows(crate::test_support::request(sql)).await.unwrap();
    }
}

#[tokio::test]
async fn refusals_say_what_is_wrong_and_where() {
    let fixture = Fixture::new(Place::Memory).await;
    let service = &fixture.service;
    for (search, column, part) in [
        ("größe (", 8, "ended, expected a word"),
        ("a\nb (c", 3, "not closed"),
        ("severity:>=LOUD", 12, "expected TRACE, DEBUG"),
        ("time:>yesterday", 7, "expected a time"),
    ] {
        let error = service.histogram(by(HistogramBy::Severity, logs(search))).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        let line = if search.contains('\n') { 2 } else { 1 };
        assert_eq!(error.location(), Some(Location { line, column }), "{search}");
        assert_eq!(error.code(), lincei_model::ErrorCode::Invalid);
    }
    let facets = |fields: &[&str], values_max| FacetsRequest {
        selection: logs(""),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        values_max,
    };
    for (request, part) in [
        (facets(&[], 5), "0 fields asked for"),
        (facets(&["attributes"], 5), "holds several values"),
        (facets(&[""], 5), "is not 1 to"),
        (facets(&["service"], 0), "limit 0 is not"),
        (facets(&["service"], 1_001), "limit 1001 is not"),
        (facets(&(0..33).map(|_| "x").collect::<Vec<_>>(), 5), ""),
    ] {
        match service.facets(request).await {
            Err(error) => assert!(error.to_string().contains(part), "{error}"),
            Ok(result) => assert_eq!((part, result.facets.len()), ("", 1)),
        }
    }
    let spans = Selection { table: Table::Spans, ..logs("") };
    let error = service.histogram(by(HistogramBy::Severity, spans.clone())).await.unwrap_err();
    assert_eq!(error.to_string(), "table spans has no severity");
    let request = PatternsRequest { selection: spans, limit: 5, rows_max: 5 };
    assert_eq!(service.patterns(request).await.unwrap_err().to_string(), "table spans has no bodies");
    let named = Selection { id: Some("no spaces allowed".into()), ..logs("") };
    let error = service.histogram(by(HistogramBy::Nothing, named)).await.unwrap_err();
    assert!(error.to_string().contains("is not 1 to 64 letters"), "{error}");
}
