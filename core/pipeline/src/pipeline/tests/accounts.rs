//! Random pipelines over random rows: no row is lost and none stands twice.

use crate::test_support::{batch, context, info, path, scripted, step};
use crate::{
    ColumnType, Emission, FailureKind, FailurePolicy, Filter, OperatorError, OperatorInfo, Pipeline, Refused,
    RouteTarget, Step, Work,
};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, RecordBatch, StringViewArray};
use arrow_buffer::BooleanBuffer;
use lincei_model::{Batch, Table};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// xorshift64* (Vigna 2016).
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What happened to rows by their id in the body, as the operators saw it.
#[derive(Default)]
struct Ledger {
    dropped: Mutex<Vec<String>>,
    rejected: Mutex<Vec<String>>,
    added: Mutex<Vec<String>>,
    points: AtomicU64,
}

struct RandomFilter(Mutex<Random>);

impl Filter for RandomFilter {
    fn select(&self, rows: &RecordBatch) -> Result<BooleanBuffer, OperatorError> {
        let mut random = self.0.lock().unwrap();
        match random.below(10) {
            0 => Ok(BooleanBuffer::new_set(rows.num_rows())),
            1 => Ok(BooleanBuffer::new_unset(rows.num_rows())),
            2 => Err(OperatorError::new(FailureKind::Internal, "filter")),
            3 => Ok(BooleanBuffer::new_set(rows.num_rows() - 1)),
            n => Ok((0..rows.num_rows()).map(|_| random.one_in(n)).collect()),
        }
    }
}

fn ids(work: &mut Work) -> Vec<String> {
    let bodies = work.read(&path(Table::Logs, "body"), ColumnType::Text).unwrap();
    bodies.as_string_view().iter().map(|id| id.unwrap().to_owned()).collect()
}

/// Drops, routes, sets and adds at random; what it says it did goes into the ledger if the call succeeds.
fn act(random: &mut Random, work: &mut Work, targets: &[RouteTarget], ledger: &Ledger) -> Result<(), OperatorError> {
    let ids = ids(work);
    let rows = ids.len();
    let mut kept = vec![true; rows];
    if random.one_in(2) {
        kept = (0..rows).map(|_| !random.one_in(4)).collect();
        work.keep(&BooleanBuffer::from(kept.clone())).unwrap();
    }
    let mut routes = vec![0u16; rows];
    if random.one_in(2) {
        routes = (0..rows).map(|_| u16::try_from(random.below(6)).unwrap()).collect();
        work.route(routes.clone()).unwrap();
    }
    if random.one_in(2) {
        let set: ArrayRef = Arc::new(StringViewArray::from_iter(
            (0..rows).map(|row| (!random.one_in(3)).then(|| format!("value of row {row}"))),
        ));
        work.write(&path(Table::Logs, &format!("attributes.k{}", random.below(5))), &set).unwrap();
    }
    let mut added = Vec::new();
    if random.one_in(3) {
        added = (0..random.below(20)).map(|_| format!("added-{}", random.next())).collect();
        let columns =
            vec![(path(Table::Logs, "body"), Arc::new(StringViewArray::from_iter_values(&added)) as ArrayRef)];
        let source =
            random.one_in(2).then(|| added.iter().map(|_| u32::try_from(random.below(rows)).unwrap()).collect());
        work.emit(&Emission { table: Table::Logs, source, rows: added.len(), columns }).unwrap();
    }
    let points = if random.one_in(4) { random.below(5) } else { 0 };
    work.emit(&Emission { table: Table::Metrics, source: None, rows: points, columns: vec![] }).unwrap();
    if random.one_in(6) {
        return Err(OperatorError::new(FailureKind::Refused, "at random"));
    }
    ledger.added.lock().unwrap().extend(added);
    ledger.points.fetch_add(points as u64, Ordering::Relaxed);
    for ((id, kept), route) in ids.into_iter().zip(kept).zip(routes) {
        let target = usize::from(route).checked_sub(1).and_then(|place| targets.get(place));
        match target {
            _ if !kept => ledger.dropped.lock().unwrap().push(id),
            Some(RouteTarget::Drop) => ledger.dropped.lock().unwrap().push(id),
            Some(RouteTarget::Reject) => ledger.rejected.lock().unwrap().push(id),
            _ => {}
        }
    }
    Ok(())
}

fn random_step(random: &mut Random, at: usize, steps: usize, ledger: &Arc<Ledger>) -> Step {
    let mut targets = vec![RouteTarget::Next, RouteTarget::End, RouteTarget::Drop, RouteTarget::Reject];
    if at + 1 < steps {
        targets.push(RouteTarget::Step(at + 1 + random.below(steps - at - 1)));
    }
    for place in 0..targets.len() {
        let other = random.below(targets.len());
        targets.swap(place, other);
    }
    targets.truncate(random.below(6));
    let hint = [0, 1, 7, 100, 100_000][random.below(5)];
    let (own, given, ledger) = (Mutex::new(Random(random.next() | 1)), targets.clone(), Arc::clone(ledger));
    let operator = scripted(OperatorInfo { batch_hint: hint, ..info("random") }, move |work| {
        act(&mut own.lock().unwrap(), work, &given, &ledger)
    });
    let filter = RandomFilter(Mutex::new(Random(random.next() | 1)));
    // a batch that is held back shows little: rarely
    let policies = if random.one_in(20) { 4 } else { 3 };
    Step {
        filter: random.one_in(2).then(|| Arc::new(filter) as Arc<dyn Filter>),
        on_failure: [FailurePolicy::Pass, FailurePolicy::Pass, FailurePolicy::Reject, FailurePolicy::Hold]
            [random.below(policies)],
        routes: targets,
        ..step(&format!("s{at}"), operator)
    }
}

fn ids_of(batches: &[Batch], table: Table, column: &str, id: fn(&Value) -> String) -> Vec<String> {
    let rows = batches.iter().filter(|batch| batch.table() == table).flat_map(|batch| match column {
        "raw" => {
            let raw = batch.records().column_by_name("raw").unwrap().as_binary::<i32>();
            raw.iter().map(|raw| serde_json::from_slice(raw.unwrap()).unwrap()).collect::<Vec<Value>>()
        }
        _ => crate::records_to_json(batch.records()).unwrap(),
    });
    rows.map(|row| id(&row)).collect()
}

fn body(row: &Value) -> String {
    row["body"].as_str().unwrap().to_owned()
}

/// How often each id stands in these lists.
fn tally(lists: &[&[String]]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for id in lists.iter().copied().flatten() {
        *tally.entry(id.clone()).or_default() += 1;
    }
    tally
}

/// Whether the pipeline of this seed stored something.
fn check(seed: u64) -> bool {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let ledger = Arc::new(Ledger::default());
    let steps = 1 + random.below(6);
    let steps: Vec<Step> = (0..steps).map(|at| random_step(&mut random, at, steps, &ledger)).collect();
    let stats: Vec<_> = steps.iter().map(|step| Arc::clone(&step.stats)).collect();
    let rows = if random.one_in(20) { 1500 } else { random.below(200) };
    let records: Vec<Value> = (0..rows)
        .map(|row| json!({"body": format!("row-{row}-longer than a view"), "attributes": {"k1": "x", "k2": row}}))
        .collect();
    let sent: Vec<String> = records.iter().map(body).collect();
    let whole = batch(Table::Logs, &records).into_records();
    let start = random.below(rows / 2 + 1);
    let slice = Batch::new(Table::Logs, whole.slice(start, rows - start)).unwrap();
    let outcome = match Pipeline::new(Table::Logs, steps).unwrap().run(slice, &context()) {
        Ok(outcome) => outcome,
        Err(Refused::Held { .. }) => return false,
        Err(error) => panic!("seed {seed}: {error}"),
    };
    let stored = ids_of(&outcome.batches, Table::Logs, "body", body);
    let rejected = ids_of(&outcome.batches, Table::Rejects, "raw", body);
    let (dropped, added) = (ledger.dropped.lock().unwrap(), ledger.added.lock().unwrap());
    assert_eq!(tally(&[&sent[start..], &added]), tally(&[&stored, &rejected, &dropped]), "seed {seed}");
    assert_eq!(outcome.dropped, dropped.len() as u64, "seed {seed}");
    assert_eq!(outcome.rejected, rejected.len() as u64, "seed {seed}");
    let points: usize = outcome.batches.iter().filter(|batch| batch.table() == Table::Metrics).map(Batch::rows).sum();
    assert_eq!(points as u64, ledger.points.load(Ordering::Relaxed), "seed {seed}");
    let routed: u64 = stats.iter().map(|stats| stats.totals().records_rejected).sum();
    assert_eq!(routed, ledger.rejected.lock().unwrap().len() as u64, "seed {seed}");
    for totals in stats.iter().map(|stats| stats.totals()) {
        let came = totals.records_in + totals.records_added;
        let went = totals.records_out + totals.records_dropped + totals.records_rejected + totals.records_failed;
        assert_eq!(came, went, "seed {seed}: {totals:?}");
    }
    for batch in outcome.batches.iter().filter(|batch| batch.table() == Table::Rejects) {
        let counts = batch.records().column_by_name("records").unwrap().as_primitive::<UInt64Type>();
        assert_eq!(counts.values().iter().sum::<u64>(), outcome.rejected, "seed {seed}");
    }
    !stored.is_empty()
}

#[test]
fn every_row_is_stored_dropped_or_rejected_exactly_once() {
    let stored = (1..=100).filter(|seed| check(*seed)).count();
    assert!(stored > 50, "only {stored} of 100 pipelines stored something: the test shows little");
}
