//! Filters, calls, routes, added rows, failures and counts.

use crate::test_support::{
    NOW_NS, bodies, context, info, logs, operator, path, pipeline, scripted, step, texts, values,
};
use crate::{
    CALL_BYTES_MAX, CALL_ROWS, CALL_ROWS_MAX, ColumnType, Emission, FailureKind, FailurePolicy, Filter, Operator,
    OperatorError, OperatorInfo, Outcome, Refused, RouteTarget, Step, Work, records_to_json,
};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};
use arrow_buffer::BooleanBuffer;
use lincei_model::{Batch, Table};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Choose = fn(&str) -> bool;

/// Chooses rows by their body; `-` stands for none.
struct ByBody(Choose);

impl Filter for ByBody {
    fn select(&self, rows: &RecordBatch) -> Result<BooleanBuffer, OperatorError> {
        let bodies = rows.column_by_name("body").unwrap().as_string_view();
        Ok(bodies.iter().map(|body| self.0(body.unwrap_or("-"))).collect())
    }
}

/// A filter that breaks its promise, or fails.
struct Broken(Option<usize>);

impl Filter for Broken {
    fn select(&self, rows: &RecordBatch) -> Result<BooleanBuffer, OperatorError> {
        match self.0 {
            Some(fewer) => Ok(BooleanBuffer::new_set(rows.num_rows() - fewer)),
            None => Err(OperatorError::new(FailureKind::Internal, "no such function")),
        }
    }
}

fn filtered(step: Step, choose: Choose) -> Step {
    Step { filter: Some(Arc::new(ByBody(choose))), ..step }
}

/// Adds the name of the step to `attributes.seen`.
fn marking(name: &'static str) -> Arc<dyn Operator> {
    operator(move |work| {
        let seen = path(work.table(), "attributes.seen");
        let before = work.read(&seen, ColumnType::Text).unwrap();
        let after: ArrayRef = Arc::new(StringViewArray::from_iter(
            before.as_string_view().iter().map(|text| Some(format!("{}{name}", text.unwrap_or_default()))),
        ));
        work.write(&seen, &after).unwrap();
        Ok(())
    })
}

/// Sends each row by the digit that its body ends with.
fn routing() -> Arc<dyn Operator> {
    operator(|work| {
        let routes = texts(work, "body").into_iter().map(|body| {
            let digit = body.as_str().unwrap_or_default().chars().last().and_then(|c| c.to_digit(10));
            u16::try_from(digit.unwrap_or(0)).unwrap()
        });
        let routes = routes.collect();
        work.route(routes).unwrap();
        Ok(())
    })
}

fn failing() -> Arc<dyn Operator> {
    operator(|_| Err(OperatorError::new(FailureKind::Deadline, "too slow")))
}

/// Body and a member of `attributes` of the stored logs, sorted.
fn stored(outcome: &Outcome, key: &str) -> Vec<String> {
    let logs = outcome.batches.iter().filter(|batch| batch.table() == Table::Logs);
    let rows = logs.flat_map(|batch| records_to_json(batch.records()).unwrap());
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut rows: Vec<String> =
        rows.map(|row| format!("{}:{}", text(&row["body"]), text(&row["attributes"][key]))).collect();
    rows.sort();
    rows
}

fn run(steps: Vec<Step>, texts: &[&str]) -> Outcome {
    pipeline(steps).run(bodies(texts.iter().map(|text| Some(*text))), &context()).unwrap()
}

#[test]
fn a_step_is_about_the_rows_that_its_filter_chooses() {
    let steps = |choose: Choose| vec![filtered(step("a", marking("a")), choose), step("b", marking("b"))];
    for (choose, want) in [
        ((|_| true) as Choose, ["x:ab", "y:ab", "z:ab"]),
        (|_| false, ["x:b", "y:b", "z:b"]),
        (|body| body == "y", ["x:b", "y:ab", "z:b"]),
    ] {
        let steps = steps(choose);
        let stats = [Arc::clone(&steps[0].stats), Arc::clone(&steps[1].stats)];
        assert_eq!(stored(&run(steps, &["x", "y", "z"]), "seen"), want);
        let chosen = want.iter().filter(|row| row.contains('a')).count() as u64;
        assert_eq!((stats[0].totals().records_in, stats[0].totals().calls), (chosen, u64::from(chosen > 0)));
        assert_eq!((stats[1].totals().records_in, stats[1].totals().calls), (3, 1), "rows come together again");
    }
}

#[test]
fn a_filter_that_fails_or_loses_rows_is_a_failure_of_its_step() {
    for (filter, reason) in [
        (Broken(None), "no such function"),
        (Broken(Some(1)), "the filter chose among 1 rows, there are 2"),
        (Broken(Some(2)), "the filter chose among 0 rows, there are 2"),
    ] {
        let step = Step { filter: Some(Arc::new(filter)), ..step("a", marking("a")) };
        let stats = Arc::clone(&step.stats);
        let outcome = run(vec![step], &["x", "y"]);
        assert_eq!(stored(&outcome, "lincei.operator.failed"), ["x:a", "y:a"]);
        assert_eq!(stored(&outcome, "seen"), ["x:-", "y:-"]);
        let totals = stats.totals();
        assert_eq!((totals.failures, totals.records_in, totals.records_failed), (1, 2, 2));
        assert_eq!(totals.last_failure, Some((FailureKind::Internal, reason.to_owned())));
    }
}

/// Sizes of the calls that a batch makes.
fn calls(batch_hint: usize, batch: Batch) -> Vec<usize> {
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sizes);
    let counting = scripted(OperatorInfo { batch_hint, ..info("counting") }, move |work| {
        seen.lock().unwrap().push(work.rows());
        Ok(())
    });
    let rows = batch.rows();
    let outcome = pipeline(vec![step("a", counting)]).run(batch, &context()).unwrap();
    assert_eq!(outcome.batches.iter().map(Batch::rows).sum::<usize>(), rows);
    sizes.lock().unwrap().clone()
}

#[test]
fn calls_have_as_many_rows_as_the_operator_likes() {
    let rows = |n: usize| bodies((0..n).map(|_| Some("x")));
    assert_eq!(calls(0, rows(2500)), [CALL_ROWS, CALL_ROWS, 2500 - 2 * CALL_ROWS]);
    assert_eq!(calls(0, rows(CALL_ROWS)), [CALL_ROWS]);
    assert_eq!(calls(1000, rows(2500)), [1000, 1000, 500]);
    assert_eq!(calls(1, rows(3)), [1, 1, 1]);
    assert_eq!(calls(usize::MAX, rows(CALL_ROWS_MAX + 1)), [CALL_ROWS_MAX, 1]);
    assert_eq!(calls(0, rows(0)), Vec::<usize>::new());
}

#[test]
fn calls_have_few_rows_when_rows_are_large() {
    let mega = "x".repeat(1 << 20);
    // 16 rows of 1 MiB among small ones: never more than 8 MiB in a call
    let texts: Vec<&str> = (0..64).map(|row| if row < 16 { mega.as_str() } else { "small" }).collect();
    let batch = bodies(texts.iter().map(|text| Some(*text)));
    let sizes = calls(0, batch);
    assert_eq!(sizes.iter().sum::<usize>(), 64);
    let mut row = 0;
    for size in sizes {
        let bytes: usize = texts[row..row + size].iter().map(|text| text.len()).sum();
        assert!(size == 1 || bytes <= CALL_BYTES_MAX, "{size} rows, {bytes} bytes");
        row += size;
    }
    let huge = "x".repeat(CALL_BYTES_MAX + 1);
    assert_eq!(calls(0, bodies([Some(huge.as_str()), Some("y")])), [1, 1], "a row that is too large stands alone");
}

#[test]
fn few_rows_of_a_large_batch_are_not_taken_for_large() {
    let large = "x".repeat(64 << 10);
    let texts: Vec<&str> =
        (0..600).map(|row| if row % 2 == 0 { large.as_str() } else { "y, longer than a view" }).collect();
    let counting = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&counting);
    let last = operator(move |work| {
        seen.lock().unwrap().push(work.rows());
        Ok(())
    });
    let steps = vec![
        step("a", marking("a")),
        filtered(step("b", marking("b")), |body| body.starts_with('y')),
        filtered(step("c", last), |body| body.starts_with('y')),
    ];
    run(steps, &texts);
    // rows of 21 bytes hold buffers of 19 MiB; the first step had to cut those into three calls
    let calls = counting.lock().unwrap();
    assert!(calls.len() <= 3 && calls.iter().sum::<usize>() == 300, "{calls:?}");
}

#[test]
fn rows_lead_where_their_routes_do() {
    let routes = vec![RouteTarget::Next, RouteTarget::Step(2), RouteTarget::End, RouteTarget::Drop];
    let router = Step { routes, ..step("r", routing()) };
    let steps = vec![router, step("b", marking("b")), step("c", marking("c"))];
    let stats = Arc::clone(&steps[0].stats);
    let outcome = run(steps, &["x0", "x1", "x2", "x3", "x4", "x5", "y4"]);
    // route 5 has no target: on to the next step
    assert_eq!(stored(&outcome, "seen"), ["x0:bc", "x1:bc", "x2:c", "x3:-", "x5:bc"]);
    assert_eq!((outcome.dropped, outcome.rejected), (2, 0));
    let totals = stats.totals();
    assert_eq!((totals.records_in, totals.records_out, totals.records_dropped), (7, 5, 2));
}

#[test]
fn a_route_that_the_operator_does_not_have_is_a_failure() {
    let router = Step { on_failure: FailurePolicy::Pass, ..step("r", routing()) };
    let stats = Arc::clone(&router.stats);
    assert_eq!(stored(&run(vec![router], &["x1", "x6"]), "lincei.operator.failed"), ["x1:r", "x6:r"]);
    let want = (FailureKind::Output, "there is no route 6: it has 5".to_owned());
    assert_eq!(stats.totals().last_failure, Some(want));
}

/// Adds a copy of each row, and a point for each.
fn adding() -> Arc<dyn Operator> {
    operator(|work| {
        let rows = work.rows();
        let names = |text: &str| Arc::new(StringViewArray::from_iter_values(vec![text; rows])) as ArrayRef;
        let columns = vec![(path(Table::Logs, "severity"), names("copy"))];
        let source = Some((0..u32::try_from(rows).unwrap()).collect());
        work.emit(&Emission { table: Table::Logs, source, rows, columns }).unwrap();
        let columns = vec![(path(Table::Metrics, "metric"), names("lines"))];
        work.emit(&Emission { table: Table::Metrics, source: None, rows, columns }).unwrap();
        Ok(())
    })
}

#[test]
fn added_rows_pass_the_steps_behind_and_those_of_other_tables_are_stored() {
    let steps = vec![step("a", marking("a")), step("add", adding()), step("b", marking("b"))];
    let stats = Arc::clone(&steps[1].stats);
    let many: Vec<String> = (0..2000).map(|row| format!("{row:04}")).collect();
    let outcome = run(steps, &many.iter().map(String::as_str).collect::<Vec<_>>());
    let want: Vec<String> = many.iter().flat_map(|body| [format!("{body}:ab"), format!("{body}:ab")]).collect();
    assert_eq!(stored(&outcome, "seen"), want);
    let tables: Vec<_> = outcome.batches.iter().map(|batch| (batch.table(), batch.rows())).collect();
    assert_eq!(tables, [(Table::Logs, 4000), (Table::Metrics, 2000)], "one batch a table");
    let totals = stats.totals();
    assert_eq!((totals.calls, totals.records_in, totals.records_out, totals.records_added), (2, 2000, 6000, 4000));
}

fn with_time(time_ns: i64) -> Arc<dyn Operator> {
    operator(move |work| {
        let times: ArrayRef = Arc::new(Int64Array::from(vec![time_ns; work.rows()]));
        work.write(&path(Table::Logs, "time"), &times).unwrap();
        Ok(())
    })
}

#[test]
fn times_too_far_in_the_future_are_failures() {
    let newest = context().newest_ns;
    assert_eq!(stored(&run(vec![step("a", with_time(newest))], &["x"]), "lincei.operator.failed"), ["x:-"]);
    assert_eq!(stored(&run(vec![step("a", with_time(newest + 1))], &["x"]), "lincei.operator.failed"), ["x:a"]);
    for table in [Table::Logs, Table::Metrics] {
        let emitting = operator(move |work: &mut Work| {
            let times: ArrayRef = Arc::new(Int64Array::from(vec![context().newest_ns + 1]));
            let columns = vec![(path(table, "time"), times)];
            work.emit(&Emission { table, source: None, rows: 1, columns }).unwrap();
            Ok(())
        });
        let outcome = run(vec![step("a", emitting)], &["x"]);
        assert_eq!(stored(&outcome, "lincei.operator.failed"), ["x:a"], "nothing is added to {table}");
        assert_eq!(outcome.batches.len(), 1);
    }
}

#[test]
fn rows_cannot_be_added_to_rejects_and_not_without_bound() {
    let emitting = operator(|work| {
        work.emit(&Emission { table: Table::Rejects, source: None, rows: 1, columns: vec![] }).unwrap();
        Ok(())
    });
    let outcome = run(vec![step("a", emitting)], &["x"]);
    assert_eq!((stored(&outcome, "lincei.operator.failed"), outcome.rejected), (vec!["x:a".to_owned()], 0));
    let copying = operator(|work| {
        let source = Some(vec![0; 1000]);
        work.emit(&Emission { table: Table::Logs, source, rows: 1000, columns: vec![] }).unwrap();
        Ok(())
    });
    let mega = "x".repeat(1 << 20);
    let step = step("a", copying);
    let stats = Arc::clone(&step.stats);
    let outcome = run(vec![step], &[&mega]);
    assert_eq!(outcome.batches[0].rows(), 1);
    let (kind, detail) = stats.totals().last_failure.unwrap();
    assert_eq!(kind, FailureKind::Output);
    assert!(detail.contains("at most 67108864 are allowed"), "{detail}");
}

#[test]
fn pass_marks_rows_and_undoes_what_the_operator_did() {
    let half = operator(|work| {
        let gone: ArrayRef = Arc::new(StringViewArray::from_iter(vec![None::<&str>; work.rows()]));
        work.write(&path(Table::Logs, "body"), &gone).unwrap();
        work.keep(&BooleanBuffer::new_unset(work.rows())).unwrap();
        work.emit(&Emission { table: Table::Logs, source: None, rows: 3, columns: vec![] }).unwrap();
        Err(OperatorError::new(FailureKind::Trap, "unreachable"))
    });
    let failing = step("a", half);
    let stats = Arc::clone(&failing.stats);
    let outcome = run(vec![failing, step("b", marking("b"))], &["x", "y"]);
    assert_eq!(stored(&outcome, "lincei.operator.failed"), ["x:a", "y:a"]);
    assert_eq!(stored(&outcome, "seen"), ["x:b", "y:b"]);
    let totals = stats.totals();
    assert_eq!((totals.failures, totals.records_failed, totals.records_out), (1, 2, 0));
    assert_eq!(totals.last_failure, Some((FailureKind::Trap, "unreachable".to_owned())));
}

#[test]
fn hold_refuses_the_whole_batch() {
    let second_call = operator(|work| match texts(work, "body")[0].as_str() {
        Some("1024") => Err(OperatorError::new(FailureKind::Open, "asleep")),
        _ => Ok(()),
    });
    let held = Step { on_failure: FailurePolicy::Hold, ..step("h", second_call) };
    let many: Vec<String> = (0..2000).map(|row| row.to_string()).collect();
    let batch = bodies(many.iter().map(|text| Some(text.as_str())));
    let refused = pipeline(vec![held]).run(batch, &context()).unwrap_err();
    let want = "operator scripted of step \"h\" failed, and the step holds its records back: asleep";
    assert_eq!(refused.to_string(), want);
    let Refused::Held { step, operator, error } = refused else { panic!("{refused}") };
    assert_eq!((step.as_str(), operator.as_str(), error.kind), ("h", "scripted", FailureKind::Open));
}

#[test]
fn an_empty_batch_leaves_nothing_to_store() {
    let outcome = run(vec![step("a", failing())], &[]);
    assert_eq!((outcome.batches.len(), outcome.dropped, outcome.rejected), (0, 0, 0));
}

#[test]
fn many_filters_do_not_scatter_rows() {
    fn nth(digit: char) -> impl Fn(&str) -> bool {
        move |body| body.starts_with(digit)
    }
    let choose: [Choose; 4] = [|b| nth('0')(b), |b| nth('1')(b), |b| nth('2')(b), |b| nth('3')(b)];
    let mut steps: Vec<Step> =
        choose.iter().enumerate().map(|(at, choose)| filtered(step(&at.to_string(), marking("m")), *choose)).collect();
    steps.push(step("last", marking("l")));
    let stats = Arc::clone(&steps[4].stats);
    let texts: Vec<String> = (0..1000).map(|row| format!("{}", row % 10)).collect();
    let outcome = run(steps, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(stats.totals().calls, 1);
    assert_eq!(stored(&outcome, "seen").iter().filter(|row| row.ends_with(":ml")).count(), 400);
}

#[test]
fn points_and_spans_pass_too() {
    for table in [Table::Spans, Table::Metrics] {
        let batch = crate::test_support::batch(table, &vec![json!({}); 1500]);
        let steps = vec![step("a", marking("a")), step("b", failing())];
        let outcome = crate::Pipeline::new(table, steps).unwrap().run(batch, &context()).unwrap();
        let rows = records_to_json(outcome.batches[0].records()).unwrap();
        assert_eq!(rows.len(), 1500);
        assert!(rows.iter().all(|row| row["attributes"] == json!({"seen": "a", "lincei.operator.failed": "b"})));
    }
}

#[test]
fn the_time_of_added_rows_is_now() {
    let emitting = operator(|work| {
        work.emit(&Emission { table: Table::Logs, source: None, rows: 1, columns: vec![] }).unwrap();
        Ok(())
    });
    let outcome = pipeline(vec![step("a", emitting)]).run(logs(&[json!({"time": 5})]), &context()).unwrap();
    let times = Work::new(&outcome.batches[0], 0).read(&path(Table::Logs, "time"), ColumnType::Ints).unwrap();
    let mut times = values(&times);
    times.sort_by_key(|time| time.as_i64());
    assert_eq!(times, [json!(5), json!(NOW_NS)]);
}
