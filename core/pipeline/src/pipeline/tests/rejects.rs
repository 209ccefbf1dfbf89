//! Rows of `rejects`: their columns, what is kept of a record, and bounds.

use crate::test_support::{NOW_NS, batch, bodies, context, operator, pipeline, step};
use crate::{
    FailureKind, FailurePolicy, OperatorError, Outcome, Pipeline, RouteTarget, Step, records_from_json, records_to_json,
};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use lincei_model::{Batch, Table, limits};
use serde_json::{Value, json};

fn rejecting(name: &str, detail: &'static str) -> Step {
    let failing = operator(move |_| Err(OperatorError::new(FailureKind::Refused, detail)));
    Step { on_failure: FailurePolicy::Reject, ..step(name, failing) }
}

/// Sends every row to rejects by its second route.
fn routing_away(name: &str) -> Step {
    let routing = operator(|work| {
        work.route(vec![2; work.rows()]).unwrap();
        Ok(())
    });
    Step { routes: vec![RouteTarget::Next, RouteTarget::Reject], ..step(name, routing) }
}

fn rejects(outcome: &Outcome) -> &Batch {
    outcome.batches.iter().find(|batch| batch.table() == Table::Rejects).unwrap()
}

fn raw(batch: &Batch, row: usize) -> Vec<u8> {
    batch.records().column_by_name("raw").unwrap().as_binary::<i32>().value(row).to_vec()
}

fn counts(batch: &Batch) -> Vec<u64> {
    batch.records().column_by_name("records").unwrap().as_primitive::<UInt64Type>().values().to_vec()
}

#[test]
fn a_refused_record_is_kept_with_the_reason() {
    let record = json!({"body": "ü \"x\"\n", "attributes": {"k": "v"}});
    let outcome = pipeline(vec![rejecting("parse", "bad line")])
        .run(crate::test_support::logs(std::slice::from_ref(&record)), &context())
        .unwrap();
    assert_eq!((outcome.batches.len(), outcome.dropped, outcome.rejected), (1, 0, 1));
    let batch = rejects(&outcome);
    let kept: Value = serde_json::from_slice(&raw(batch, 0)).unwrap();
    let as_sent = records_from_json(Table::Logs, &[record], NOW_NS).unwrap();
    assert_eq!(vec![kept.clone()], records_to_json(as_sent.records()).unwrap());
    let again = records_from_json(Table::Logs, &[kept], 0).unwrap();
    assert_eq!(again.records(), as_sent.records(), "it can be read again");
    let mut row = records_to_json(batch.records()).unwrap().remove(0);
    row.as_object_mut().unwrap().remove("raw");
    // date -u -d @1700000000
    let want = json!({"time": "2023-11-14T22:13:20Z", "signal": "logs", "client": "127.0.0.1 curl/8",
        "code": "internal", "reason": "operator scripted failed: bad line", "operator": "parse/scripted",
        "plugin_version": "1.2.0", "records": 1, "encoding": "json", "raw_bytes": raw(batch, 0).len()});
    assert_eq!(row, want);
}

#[test]
fn records_that_a_route_sends_are_the_senders_fault() {
    let away = routing_away("sort");
    let stats = std::sync::Arc::clone(&away.stats);
    let outcome = pipeline(vec![away]).run(bodies([Some("a"), Some("b")]), &context()).unwrap();
    let rows = records_to_json(rejects(&outcome).records()).unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["code"], "invalid");
        assert_eq!(row["reason"], "step \"sort\" sent the record to rejects by its route \"two\"");
    }
    let totals = stats.totals();
    assert_eq!((totals.records_in, totals.records_out, totals.records_rejected, totals.failures), (2, 0, 2, 0));
}

#[test]
fn signals_have_the_names_that_intake_gives_them() {
    for (table, signal) in [(Table::Logs, "logs"), (Table::Spans, "traces"), (Table::Metrics, "metrics")] {
        let pipeline = Pipeline::new(table, vec![rejecting("a", "no")]).unwrap();
        let outcome = pipeline.run(batch(table, &[json!({})]), &context()).unwrap();
        assert_eq!(records_to_json(rejects(&outcome).records()).unwrap()[0]["signal"], signal);
    }
}

#[test]
fn of_a_long_record_the_start_is_kept() {
    let long = "x".repeat(limits::REJECT_RAW_BYTES_MAX);
    let outcome = pipeline(vec![rejecting("a", "no")]).run(bodies([Some(long.as_str())]), &context()).unwrap();
    let batch = rejects(&outcome);
    let whole = batch.records().column_by_name("raw_bytes").unwrap().as_primitive::<UInt64Type>().value(0);
    assert_eq!(raw(batch, 0).len(), limits::REJECT_RAW_BYTES_MAX);
    assert!(whole > limits::REJECT_RAW_BYTES_MAX as u64);
}

#[test]
fn beyond_the_bound_records_are_counted_in_one_row_for_each_step() {
    let rows = limits::REJECTS_PER_REQUEST_MAX + 2345;
    let half = operator(|work| {
        work.route((0..work.rows()).map(|row| if row % 2 == 0 { 2 } else { 0 }).collect()).unwrap();
        Ok(())
    });
    let first = Step { routes: vec![RouteTarget::Next, RouteTarget::Reject], ..step("half", half) };
    let many = bodies((0..2 * rows).map(|_| Some("x")));
    let outcome = pipeline(vec![first, rejecting("rest", "no")]).run(many, &context()).unwrap();
    assert_eq!(outcome.rejected, 2 * rows as u64);
    let batch = rejects(&outcome);
    assert_eq!(counts(batch).iter().sum::<u64>(), 2 * rows as u64, "none is lost");
    assert_eq!(batch.rows(), limits::REJECTS_PER_REQUEST_MAX + 2);
    let last = records_to_json(batch.records()).unwrap().split_off(limits::REJECTS_PER_REQUEST_MAX);
    let column = |name: &str| last.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("records"), [json!(2345), json!(rows)]);
    assert_eq!(column("operator"), ["half/scripted", "rest/scripted"]);
    assert_eq!(column("encoding"), ["none", "none"]);
    assert_eq!(column("raw_bytes"), [0, 0]);
    let reason = "12345 more records are not kept; the first of them because: operator scripted failed: no";
    assert_eq!(column("reason")[1], reason);
}

#[test]
fn raw_bytes_of_one_batch_are_bounded() {
    let long = "x".repeat(limits::REJECT_RAW_BYTES_MAX);
    let outcome = pipeline(vec![rejecting("a", "no")]).run(bodies((0..200).map(|_| Some(long.as_str()))), &context());
    let outcome = outcome.unwrap();
    let batch = rejects(&outcome);
    let kept: usize = (0..batch.rows()).map(|row| raw(batch, row).len()).sum();
    assert!(kept < 2 * limits::BODY_BYTES_MAX, "{kept} bytes");
    assert_eq!(counts(batch).iter().sum::<u64>(), 200);
}

#[test]
fn a_long_reason_is_cut() {
    let long: &'static str = "é".repeat(1 << 20).leak();
    let outcome = pipeline(vec![rejecting("a", long)]).run(bodies([Some("x")]), &context()).unwrap();
    let row = &records_to_json(rejects(&outcome).records()).unwrap()[0];
    assert!(row["reason"].as_str().unwrap().len() <= 1 << 10);
}
