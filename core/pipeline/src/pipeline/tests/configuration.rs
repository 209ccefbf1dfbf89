//! Which lists of steps are pipelines.

use crate::test_support::{context, info, logs, operator, scripted, step};
use crate::{
    Access, ColumnType, ColumnUse, FailurePolicy, OperatorInfo, Pipeline, RouteTarget, STEPS_MAX, Step, records_to_json,
};
use lincei_model::{ErrorCode, Table};
use serde_json::json;

fn idle(name: &str) -> Step {
    step(name, operator(|_| Ok(())))
}

fn with_info(info: OperatorInfo) -> Step {
    step("a", scripted(info, |_| Ok(())))
}

fn routed(name: &str, routes: &[RouteTarget]) -> Step {
    Step { routes: routes.to_vec(), ..idle(name) }
}

fn using(path: &str, column_type: ColumnType) -> Step {
    let column = ColumnUse { path: path.to_owned(), column_type, access: Access::READ };
    with_info(OperatorInfo { columns: vec![column], ..info("o") })
}

#[test]
fn wrong_steps_are_refused_with_the_reason() {
    let many = (0..=STEPS_MAX).map(|at| idle(&at.to_string())).collect();
    let all = vec![RouteTarget::End; 6];
    for (table, steps, reason) in [
        (Table::Logs, many, "65 steps, at most 64 are allowed"),
        (Table::Rejects, vec![], "there is no pipeline for rejects"),
        (Table::Logs, vec![idle("a"), idle("b"), idle("a")], "step \"a\": its name stands twice"),
        (
            Table::Logs,
            vec![with_info(OperatorInfo { tables: vec![Table::Spans, Table::Metrics], ..info("o") })],
            "step \"a\": o works on spans, metrics, not on logs",
        ),
        (Table::Logs, vec![using("nonsense", ColumnType::Text)], "has no column \"nonsense\""),
        (Table::Logs, vec![using("attributes", ColumnType::Text)], "cannot be used as text"),
        (Table::Logs, vec![using("body", ColumnType::Attributes)], "cannot be used as attributes"),
        (Table::Spans, vec![using("events", ColumnType::Text)], "cannot be used by operators"),
        (Table::Metrics, vec![using("body", ColumnType::Text)], "table metrics has no column \"body\""),
        (Table::Logs, vec![routed("a", &[RouteTarget::Step(0)]), idle("b")], "leads to no step behind it"),
        (Table::Logs, vec![routed("a", &[RouteTarget::Step(2)]), idle("b")], "leads to no step behind it"),
        (Table::Logs, vec![idle("a"), routed("b", &[RouteTarget::Step(0)])], "leads to no step behind it"),
        (Table::Logs, vec![idle("a"), routed("b", &[RouteTarget::Step(1)])], "leads to no step behind it"),
        (Table::Logs, vec![routed("a", &all)], "6 routes are given targets, scripted has 5"),
    ] {
        let Err(error) = Pipeline::new(table, steps) else { panic!("not refused: {reason}") };
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(error.code(), ErrorCode::Invalid);
    }
}

#[test]
fn right_steps_are_a_pipeline() {
    for (table, steps) in [
        (Table::Logs, vec![]),
        (Table::Logs, (0..STEPS_MAX).map(|at| idle(&at.to_string())).collect()),
        (Table::Logs, vec![using("*", ColumnType::Text)]),
        (Table::Logs, vec![using("attributes.k", ColumnType::Ints)]),
        (Table::Logs, vec![routed("a", &[RouteTarget::Step(1), RouteTarget::End]), idle("b")]),
    ] {
        let (have, pipeline) = (steps.len(), Pipeline::new(table, steps).unwrap());
        assert_eq!((pipeline.table(), pipeline.steps().len(), pipeline.is_foreign()), (table, have, false));
    }
}

#[test]
fn a_batch_of_another_table_or_without_steps_passes_as_it_is() {
    let failing = step("a", operator(|_| Err(crate::OperatorError::new(crate::FailureKind::Trap, "no"))));
    let spans = Pipeline::new(Table::Spans, vec![failing]).unwrap();
    for pipeline in [spans, Pipeline::new(Table::Logs, vec![]).unwrap()] {
        let outcome = pipeline.run(logs(&[json!({"body": "x"})]), &context()).unwrap();
        assert_eq!(records_to_json(outcome.batches[0].records()).unwrap()[0]["body"], "x");
        assert_eq!((outcome.batches.len(), outcome.dropped, outcome.rejected), (1, 0, 0));
    }
}

#[test]
fn policies_have_stable_names() {
    for (policy, name) in FailurePolicy::ALL.into_iter().zip(["pass", "hold", "reject"]) {
        assert_eq!((policy.as_str(), policy.to_string().as_str()), (name, name));
        assert_eq!(serde_json::to_value(policy).unwrap(), name);
    }
}
