//! The OTLP decoders against prost, over random requests and random damage to them.

use crate::check::{Outcome, check_logs, check_metrics, check_traces};
use crate::generate;
use fastrand::Rng;
use prost::Message;

const REQUESTS: u64 = 300;
const MUTATIONS: usize = 8;

fn run<M: Message>(seed: u64, generate: fn(&mut Rng) -> M, check: fn(&[u8]) -> Outcome) {
    let mut other = Vec::new();
    let (mut rows, mut records_refused, mut bodies_refused, mut damaged_read) = (0, 0, 0, 0);
    for number in 0..REQUESTS {
        let mut rng = Rng::with_seed(seed + number);
        let body = generate(&mut rng).encode_to_vec();
        let Outcome::Read { stored, rejected } = check(&body) else { panic!("request {number} was refused") };
        rows += stored;
        records_refused += rejected;
        for _ in 0..MUTATIONS {
            let mut damaged = body.clone();
            generate::mutate(&mut rng, &mut damaged, &other);
            match check(&damaged) {
                Outcome::Refused => bodies_refused += 1,
                Outcome::Limited => {}
                Outcome::Read { stored, rejected } => damaged_read += stored + rejected,
            }
        }
        other = body;
    }
    // all kinds of outcome happened, often
    assert!(rows > REQUESTS, "{rows} rows");
    assert!(records_refused > REQUESTS, "{records_refused} records refused");
    assert!(bodies_refused > REQUESTS, "{bodies_refused} bodies refused");
    assert!(damaged_read > REQUESTS, "{damaged_read} records of damaged bodies read");
}

#[test]
fn logs_are_read_as_prost_reads_them() {
    run(1_000_000, generate::logs, check_logs);
}

#[test]
fn traces_are_read_as_prost_reads_them() {
    run(2_000_000, generate::traces, check_traces);
}

#[test]
fn metrics_are_read_as_prost_reads_them() {
    run(3_000_000, generate::metrics, check_metrics);
}
