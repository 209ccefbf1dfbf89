use super::*;
use crate::calendar::{MINUTE_NS, parse_utc};
use crate::chart::Health;
use lincei_api::{Column, SqlResponse};
use serde_json::{Value, json};

/// Ten buckets of a minute.
fn window() -> Window {
    let to_ns = parse_utc("2026-11-22T03:10:00Z").unwrap();
    Window { from_ns: to_ns - 10 * MINUTE_NS, to_ns }
}

fn buckets() -> Buckets {
    Buckets { first_ns: window().from_ns, step_ns: MINUTE_NS, count: 10, shift_ns: 0 }
}

fn answer(columns: &[&str], rows: Value) -> SqlResponse {
    let columns = columns.iter().map(|name| Column { name: (*name).into(), data_type: "Utf8".into() }).collect();
    SqlResponse { columns, rows: serde_json::from_value(rows).unwrap(), ..SqlResponse::default() }
}

fn requests(requests: u64, failures: u64, p95_ms: f64) -> Requests {
    Requests { requests, failures, p95_ms: Some(p95_ms) }
}

#[test]
fn a_few_errors_alarm_nobody() {
    let before = requests(3000, 1, 40.0);
    for (now, health) in [
        (requests(3, 2, 40.0), Health::Ok),
        (requests(9, 9, 40.0), Health::Ok),
        (requests(3000, 9, 40.0), Health::Ok),
        (requests(3000, 14, 40.0), Health::Ok), // 0.47 %
        (requests(3000, 15, 40.0), Health::Warn),
        (requests(3000, 60, 40.0), Health::Bad),
        (requests(0, 0, 40.0), Health::Unknown),
    ] {
        assert_eq!(error_health(&now, &before), health, "{now:?}");
    }
}

#[test]
fn what_is_usual_is_less_trouble() {
    let now = requests(1000, 60, 40.0);
    assert_eq!(error_health(&now, &requests(1000, 50, 40.0)), Health::Warn, "6 % after 5 %");
    assert_eq!(error_health(&now, &requests(1000, 10, 40.0)), Health::Bad, "6 % after 1 %");
    assert_eq!(error_health(&now, &requests(10, 0, 40.0)), Health::Warn, "too little before to compare");
    assert_eq!(error_health(&requests(1000, 200, 40.0), &requests(1000, 200, 40.0)), Health::Bad, "20 % is never well");
    assert_eq!(error_health(&requests(1000, 30, 40.0), &requests(1000, 20, 40.0)), Health::Ok, "3 % after 2 %");
}

#[test]
fn longer_is_measured_in_times_and_in_milliseconds() {
    let before = requests(1000, 0, 10.0);
    let now = |p95_ms: f64| requests(1000, 0, p95_ms);
    assert_eq!(duration_health(&now(29.0), &before), Health::Ok, "19 ms more");
    assert_eq!(duration_health(&now(31.0), &before), Health::Warn);
    assert_eq!(duration_health(&now(259.0), &before), Health::Warn, "26 times, but 249 ms");
    assert_eq!(duration_health(&now(260.0), &before), Health::Bad);
    assert_eq!(duration_health(&now(900.0), &requests(1000, 0, 700.0)), Health::Ok, "1.3 times");
    assert_eq!(duration_health(&requests(49, 0, 900.0), &before), Health::Ok, "too few");
    assert_eq!(duration_health(&Requests::default(), &before), Health::Unknown);
}

#[test]
fn error_lines_have_a_floor_too() {
    let before = Lines { lines: 1000, errors: 0 };
    let now = |errors| Lines { lines: 1000, errors };
    assert_eq!(line_health(&now(19), &before), Health::Ok);
    assert_eq!(line_health(&now(20), &before), Health::Warn);
    assert_eq!(line_health(&now(50), &before), Health::Bad);
    assert_eq!(line_health(&now(50), &Lines::default()), Health::Ok, "a new service");
    assert_eq!(line_health(&now(80), &Lines { lines: 1000, errors: 30 }), Health::Ok);
}

/// Rows of the statement: payment fails from 03:04 to 03:07, storefront is well.
fn measured() -> Measured {
    let mut rows = vec![json!([null, null, 3000, 2000, 40, 5e7])];
    rows.push(json!(["payment", null, 1000, 1000, 40, 4e7]));
    rows.push(json!(["storefront", null, 1000, 1000, 0, 5e7]));
    rows.push(json!(["batch", null, 1000, 0, 0, null]));
    for minute in 0..10 {
        let bucket = format!("2026-11-22T03:{minute:02}:00Z");
        let failures = if (4..7).contains(&minute) { 13 } else { 0 };
        rows.push(json!(["payment", bucket, 100, 100, failures, 4e7]));
        rows.push(json!(["storefront", bucket, 100, 100, 0, 5e7]));
        rows.push(json!([null, bucket, 300, 200, failures, 5e7]));
    }
    let columns = ["service", "bucket", "spans", "requests", "failures", "p95_ns"];
    Measured::read(&answer(&columns, Value::Array(rows)), window(), buckets()).unwrap()
}

fn before() -> Before {
    let rows = json!([
        ["spans", null, 2100, 2, 5e7],
        ["spans", "payment", 1000, 1, 4e7],
        ["spans", "storefront", 1000, 1, 5e7],
        ["spans", "search", 100, 0, 5e7],
        ["logs", "payment", 500, 1, null],
        ["logs", "cron", 500, 0, null],
    ]);
    Before::read(&answer(&["signal", "service", "requests", "failures", "p95_ns"], rows)).unwrap()
}

fn intake() -> Intake {
    let mut rows = vec![json!(["rejects", "", "2026-11-22T03:02:00Z", 7, 0])];
    for minute in 0..10 {
        let bucket = format!("2026-11-22T03:{minute:02}:00Z");
        rows.push(json!(["logs", "payment", bucket, 50, if (4..7).contains(&minute) { 10 } else { 0 }]));
        rows.push(json!(["logs", "cron", bucket, 5, if minute > 7 { 12 } else { 0 }]));
        rows.push(json!(["metrics", "", bucket, 30, 0]));
    }
    Intake::read(&answer(&["signal", "service", "bucket", "records", "errors"], Value::Array(rows)), &buckets())
        .unwrap()
}

fn overview() -> Overview {
    Overview::of(&measured(), &before(), &intake())
}

#[test]
fn answers_are_put_beside_each_other() {
    let overview = overview();
    let names: Vec<_> = overview.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["payment", "search", "storefront", "cron"], "trouble, no data, well, only lines");
    assert_eq!(overview.all.now.total, requests(2000, 40, 50.0));
    assert_eq!(overview.spans, [300; 10]);
    assert_eq!(overview.metrics, [30; 10]);
    assert_eq!(overview.rejected.iter().sum::<u64>(), 7);
    assert_eq!(overview.count(Health::Bad), 1);
    let payment = overview.services.first().unwrap();
    assert_eq!(payment.requests.now.buckets.get(4).unwrap().failures, 13);
    assert_eq!(payment.lines.now.total, Lines { lines: 500, errors: 30 });
}

#[test]
fn a_missing_column_is_named() {
    let error = Before::read(&answer(&["signal"], json!([]))).unwrap_err();
    assert_eq!(error.to_string(), "no column service");
}

#[test]
fn what_is_over_comes_after_what_goes_on() {
    let overview = overview();
    let found = findings(&overview);
    let told: Vec<_> = found.iter().map(|finding| (finding.service.as_str(), finding.goes_on())).collect();
    assert_eq!(told, [("search", true), ("cron", true), ("payment", false)]);
    let clock = |text: &str| parse_utc(&format!("2026-11-22T{text}:00Z"));
    let payment = found.last().unwrap();
    assert_eq!((payment.since_ns, payment.until_ns), (clock("03:04"), clock("03:07")));
    assert_eq!(payment.search, "service:payment severity:>=ERROR");
    assert_eq!(payment.window, Window { from_ns: clock("03:03").unwrap(), to_ns: clock("03:08").unwrap() });
    // 39 of the 300 requests from 03:04 to 03:07, against 1 of 1,000.
    let [Trouble::Failing { share, failures: 39, times: Times::Of(times) }] = payment.troubles.as_slice() else {
        panic!("{payment:?}")
    };
    assert!((share - 0.13).abs() < 1e-9 && (times - 130.0).abs() < 1e-9);
    let cron = found.get(1).unwrap();
    assert_eq!((cron.since_ns, cron.until_ns), (clock("03:08"), None));
    assert_eq!(cron.troubles, [Trouble::Loud { errors: 24, times: Times::New }]);
    assert_eq!(found.first().unwrap().troubles, [Trouble::Silent { before: 100 }]);
}

#[test]
fn the_shape_tells_how_a_service_is_now() {
    let (overview, _) = overview().with_findings();
    let healths: Vec<_> =
        overview.services.iter().map(|service| (service.name.as_str(), service.health.overall)).collect();
    let expected =
        [("search", Health::Warn), ("payment", Health::Ok), ("storefront", Health::Ok), ("cron", Health::Warn)];
    assert_eq!(healths, expected, "payment fails no more");
    let payment = overview.services.get(1).unwrap();
    assert_eq!(payment.health.errors, Health::Bad, "its figures keep their colour");
}

#[test]
fn a_service_that_is_asked_nothing_any_more_is_told() {
    let mut measured = measured();
    let storefront = measured.services.get_mut("storefront").unwrap();
    for bucket in storefront.buckets.iter_mut().skip(4) {
        *bucket = Requests::default();
    }
    let found = findings(&Overview::of(&measured, &before(), &intake()));
    let silent = found.iter().find(|finding| finding.service == "storefront").unwrap();
    assert_eq!(silent.troubles, [Trouble::Silent { before: 1000 }]);
    assert_eq!(silent.since_ns, parse_utc("2026-11-22T03:04:00Z"));
}

#[test]
fn a_service_is_one_finding() {
    let mut measured = measured();
    let payment = measured.services.get_mut("payment").unwrap();
    payment.total.p95_ms = Some(400.0);
    for bucket in payment.buckets.iter_mut().skip(3) {
        bucket.p95_ms = Some(900.0);
    }
    let found = findings(&Overview::of(&measured, &before(), &intake()));
    let payment = found.iter().find(|finding| finding.service == "payment").unwrap();
    // It fails no more, but is slow still.
    assert!(matches!(payment.troubles.as_slice(), [Trouble::Slow { p95_ms: 900.0, .. }]), "{payment:?}");
    assert_eq!((payment.since_ns, payment.until_ns), (parse_utc("2026-11-22T03:03:00Z"), None));
}

#[test]
fn a_name_with_spaces_stays_one_term() {
    let mut measured = measured();
    let payment = measured.services.remove("payment").unwrap();
    measured.services.insert("my pay: 1".into(), payment);
    let mut before = before();
    before.services.insert("my pay: 1".into(), requests(1000, 1, 40.0));
    let found = findings(&Overview::of(&measured, &before, &intake()));
    assert!(found.iter().any(|finding| finding.search == "service:\"my pay: 1\""), "{found:?}");
}

#[test]
fn the_chart_tells_the_worst_apart() {
    let overview = overview();
    let stack = failure_stack(&overview, 5);
    assert_eq!(stack.len(), 1);
    let (name, values) = stack.first().unwrap();
    assert_eq!(name.as_deref(), Some("payment"));
    assert_eq!(values.get(4), Some(&13.0));
    assert_eq!(failure_stack(&overview, 0).first().map(|(name, _)| name.clone()), Some(None));
}

#[test]
fn rates_know_how_much_of_a_bucket_was_seen() {
    let window = Window { from_ns: window().from_ns + 45_000_000_000, to_ns: window().to_ns - 30_000_000_000 };
    let rates = per_second(&buckets(), window, &[60; 10]);
    assert_eq!(rates.first(), Some(&None), "a quarter of a minute");
    assert_eq!(rates.get(1), Some(&Some(1.0)));
    assert_eq!(rates.last(), Some(&Some(2.0)), "half a minute");
}

fn releases(rows: Value) -> Releases {
    let to_ns = parse_utc("2026-11-22T06:00:00Z").unwrap();
    let window = Window { from_ns: to_ns - LOOKBACK_NS, to_ns };
    let columns = ["service", "version", "bucket", "first", "last", "requests", "failures"];
    Releases::read(&answer(&columns, rows), window).unwrap()
}

fn bin(service: &str, version: &str, first: &str, last: &str, failures: u64) -> Value {
    let bucket = format!("2026-11-22T{}0:00Z", &first[..4]);
    let at = |clock: &str| format!("2026-11-22T{clock}:00Z");
    json!([service, version, bucket, at(first), at(last), 1000, failures])
}

#[test]
fn a_release_is_a_version_beside_another() {
    let releases = releases(json!([
        bin("payment", "1", "00:00", "00:09", 1),
        bin("payment", "1", "02:20", "02:29", 1),
        bin("payment", "1", "02:30", "02:31", 1),
        bin("payment", "2", "02:31", "02:39", 60),
        bin("payment", "2", "05:50", "05:59", 60),
        bin("search", "7", "00:00", "00:09", 0),
        bin("search", "7", "05:50", "05:59", 0),
        bin("cart", "3", "04:00", "05:59", 0),
    ]));
    let versions: Vec<_> = releases.changes.iter().map(|change| change.version.as_str()).collect();
    assert_eq!(versions, ["2"], "the first version of a service is no change, nor is a pause");
    let change = releases.changes.first().unwrap();
    assert_eq!(change.since_ns, parse_utc("2026-11-22T02:31:00Z"), "nothing else served meanwhile");
    assert_eq!(releases.current.get("payment").map(|release| release.version.as_str()), Some("2"));
    assert_eq!(releases.current.get("search").and_then(|release| release.since_ns), None, "there since before");
    assert!(releases.current.get("search").is_some_and(|release| release.is_old));
    let cart = releases.current.get("cart").unwrap();
    assert_eq!((cart.since_ns, cart.is_old), (None, false), "when it began to send is no release");
}

#[test]
fn a_version_that_comes_back_is_a_release_anew() {
    let releases = releases(json!([
        bin("payment", "1", "00:00", "00:09", 1),
        bin("payment", "2", "01:00", "01:09", 1),
        bin("payment", "1", "01:10", "01:19", 1),
        bin("payment", "1", "01:50", "01:59", 1),
        bin("payment", "2", "02:00", "02:09", 1),
    ]));
    let change = releases.changes.first().unwrap();
    assert_eq!((change.version.as_str(), change.since_ns), ("2", parse_utc("2026-11-22T02:00:00Z")));
}

#[test]
fn errors_after_a_release_are_put_beside_it() {
    let rows = |failures: u64| {
        json!([
            bin("payment", "1", "00:00", "00:09", 1),
            bin("payment", "1", "02:20", "02:29", 2),
            bin("payment", "1", "02:30", "02:31", 2),
            bin("payment", "2", "02:31", "02:39", failures),
            bin("payment", "2", "02:40", "02:49", failures),
        ])
    };
    let effect = |failures: u64| releases(rows(failures)).changes.first().map(|change| change.effect);
    assert_eq!(effect(60), Some(Effect::Errors(30.0)), "6 % after 0.2 %");
    assert_eq!(effect(2), Some(Effect::None));
}

#[test]
fn a_version_taken_away_is_told() {
    let releases = releases(json!([
        bin("payment", "1", "00:00", "00:09", 1),
        bin("payment", "2", "02:31", "02:39", 60),
        bin("payment", "1", "02:40", "02:49", 1),
    ]));
    let gone = releases.changes.iter().find(|change| change.version == "2").unwrap();
    assert!(gone.gone);
    assert_eq!(releases.current.get("payment").map(|release| release.version.as_str()), Some("1"));
}

#[test]
fn statements_bind_nothing_but_the_length_of_a_bucket() {
    let sql = statement::requests(&buckets());
    assert!(sql.contains("date_bin(INTERVAL '60 seconds', time)"), "{sql}");
    assert_eq!(window_before(window()).to_ns, window().from_ns);
    assert_eq!(window_before(window()).length_ns(), window().length_ns());
}
