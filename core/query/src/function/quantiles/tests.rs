use super::accumulator::{QuantilesGroups, QuantilesOfAll};
use super::group::Kind;
use super::select::Quantiles;
use crate::test_support::{Fixture, Place, request};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int64Array, ListArray,
};
use datafusion::arrow::datatypes::{Float64Type, Int64Type};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use std::sync::Arc;

const GROUPS: usize = 7;

fn groups(kind: Kind) -> QuantilesGroups {
    QuantilesGroups::new(Quantiles::new(vec![0.5, 1.0]), kind)
}

/// Number `i` of 7000 is in group `i % 7`, so group `g` has `g`, `g + 7`, … `g + 6993`. The last
/// group has NULLs only, and of the one before every other number is filtered out: from 12 on.
fn numbers() -> (Float64Array, Vec<usize>, BooleanArray) {
    let group = |i: usize| i % GROUPS;
    let numbers = (0..7000).map(|i| (group(i) != 6).then_some(i as f64)).collect();
    let filter = (0..7000).map(|i| Some(group(i) != 5 || i / GROUPS % 2 == 1)).collect();
    (numbers, (0..7000).map(group).collect(), filter)
}

fn update(groups: &mut QuantilesGroups) {
    let (numbers, group, filter) = numbers();
    for start in (0..7000).step_by(1000) {
        let numbers: ArrayRef = Arc::new(numbers.slice(start, 1000));
        let (group, filter) = (&group[start..start + 1000], filter.slice(start, 1000));
        groups.update_batch(&[numbers], group, Some(&filter), GROUPS).unwrap();
    }
}

fn answers(lists: &dyn Array) -> Vec<Option<(f64, f64)>> {
    let answer =
        |list: ArrayRef| (list.as_primitive::<Float64Type>().value(0), list.as_primitive::<Float64Type>().value(1));
    lists.as_list::<i32>().iter().map(|list| list.map(answer)).collect()
}

/// Of `g + 7 * (0 … 999)` the median is in the middle of `g + 3493` and `g + 3500`; of the filtered
/// group, `12 + 14 * (0 … 499)`, of 3498 and 3512.
fn check(got: &[Option<(f64, f64)>], first: usize, error_max: f64) {
    for (g, got) in (first..).zip(got) {
        let want = match g {
            5 => Some((3505.0, 6998.0)),
            6 => None,
            g => Some((g as f64 + 3496.5, g as f64 + 6993.0)),
        };
        match (got, want) {
            (Some(got), Some(want)) => {
                assert!((got.0 - want.0).abs() <= want.0 * error_max, "group {g}: {got:?} for {want:?}");
                assert_eq!(got.1, want.1, "group {g}");
            }
            _ => assert_eq!((got, want), (&None, None), "group {g}"),
        }
    }
}

#[test]
fn groups_are_answered_from_numbers_and_from_states_all_at_once_or_not() {
    for (kind, error_max) in [(Kind::Exact, 0.0), (Kind::Sketch, 0.01)] {
        let mut all = groups(kind);
        update(&mut all);
        let full = all.size();
        let want = answers(&all.evaluate(EmitTo::All).unwrap());
        check(&want, 0, error_max);
        assert!(all.size() < full.min(1000), "{} of {full} bytes are left", all.size());

        let mut from = groups(kind);
        update(&mut from);
        let first = from.state(EmitTo::First(3)).unwrap();
        let rest = from.state(EmitTo::All).unwrap();
        assert_eq!((first[0].len(), rest[0].len()), (3, GROUPS - 3));
        let mut to = groups(kind);
        to.merge_batch(&rest, &[3, 4, 5, 6], GROUPS).unwrap();
        to.merge_batch(&first, &[0, 1, 2], GROUPS).unwrap();
        let mut got = answers(&to.evaluate(EmitTo::First(2)).unwrap());
        got.extend(answers(&to.evaluate(EmitTo::All).unwrap()));
        assert_eq!(got, want);
    }
}

/// As when there are nearly as many groups as rows, and grouping at first is left out.
#[test]
fn rows_become_states_of_their_own() {
    let (numbers, group, filter) = numbers();
    let numbers: ArrayRef = Arc::new(numbers);
    for (kind, error_max) in [(Kind::Exact, 0.0), (Kind::Sketch, 0.01)] {
        let states = groups(kind).convert_to_state(&[Arc::clone(&numbers)], Some(&filter)).unwrap();
        let mut to = groups(kind);
        to.merge_batch(&states, &group, GROUPS).unwrap();
        check(&answers(&to.evaluate(EmitTo::All).unwrap()), 0, error_max);
    }
}

#[test]
fn without_groups_an_answer_can_be_asked_for_at_any_time() {
    for (kind, error_max) in [(Kind::Exact, 0.0), (Kind::Sketch, 0.01)] {
        let (mut one, mut other) = (all(kind), all(kind));
        assert!(one.evaluate().unwrap().is_null());
        for (start, end) in [(0, 400), (400, 500), (500, 700), (700, 5000)] {
            let numbers: ArrayRef = Arc::new((start..end).map(|i| Some(f64::from(i))).collect::<Float64Array>());
            one.update_batch(&[numbers]).unwrap();
            let (median, max) = answers(&one.evaluate().unwrap().to_array().unwrap())[0].unwrap();
            let want = f64::from(end - 1) / 2.0;
            assert!((median - want).abs() <= want * error_max, "{median} for {want}");
            assert_eq!(max, f64::from(end - 1));
        }
        let state: Vec<ArrayRef> = one.state().unwrap().iter().map(|column| column.to_array().unwrap()).collect();
        other.merge_batch(&state).unwrap();
        assert_eq!(other.evaluate().unwrap(), one.evaluate().unwrap());
    }
}

fn all(kind: Kind) -> QuantilesOfAll {
    QuantilesOfAll::new(Quantiles::new(vec![0.5, 1.0]), kind)
}

#[test]
fn damaged_states_are_errors() {
    let keys: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])]));
    let damaged: ArrayRef = Arc::new(BinaryArray::from_iter_values([[1, 2, 3]]));
    let number: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    for state in [vec![keys.clone()], vec![keys.clone(), damaged], vec![keys, number.clone()]] {
        groups(Kind::Sketch).merge_batch(&state, &[0], 1).unwrap_err();
    }
    groups(Kind::Sketch).update_batch(&[number], &[0], None, 1).unwrap_err();
}

#[tokio::test]
async fn several_quantiles_of_a_column_share_one_aggregate() {
    let fixture = Fixture::new(Place::Memory).await;
    let aggregates = "approx_percentile_cont(value, 0.5), approx_percentile_cont(value, 0.9), approx_median(value), \
                      percentile_cont(value, 0.5), percentile_cont(value, 0.9), \
                      approx_percentile_cont(value, 0.9) FILTER (WHERE value > 1)";
    let (rows, _) = fixture.rows(request(format!("EXPLAIN SELECT {aggregates} FROM metrics"))).await.unwrap();
    let plan = datafusion::arrow::util::pretty::pretty_format_batches(&rows).unwrap().to_string();
    for (part, times) in [
        ("aggr=[[quantiles(metrics.value, List([0.5, 0.9])) AS __quantiles_0, ", 1),
        ("quantiles_exact(metrics.value, List([0.5, 0.9])) AS __quantiles_1, ", 1),
        ("quantiles(metrics.value, List([0.9])) FILTER (WHERE metrics.value > Float64(1)) AS __quantiles_2]]", 1),
        ("AS approx_percentile_cont(metrics.value,Float64(0.9)), ", 1),
    ] {
        assert_eq!(plan.matches(part).count(), times, "{part} in\n{plan}");
    }
}
