//! Nanoseconds of CPU per record: rows of the table in, filtered rows out, as in a step of a pipeline.

use crate::host::Host;
use crate::native;
use crate::report::Figures;
use crate::rows::{NOW_NS, batches, bodies};
use lincei_bench::timed;
use lincei_host::PluginLimits;
use lincei_model::Batch;
use lincei_pipeline::{Operator, Work};
use std::time::Duration;

const ROWS: usize = 16_384;
/// Batches of one row are so slow that fewer do.
const ROWS_ONE_BY_ONE: usize = 2_048;
const PASSES: usize = 15;
const PASSES_OF_SCRIPTS: usize = 4;
/// Rows of a call that are measured.
pub(crate) const SIZES: [usize; 4] = [1, 64, 1024, 8192];

struct Contestant<'o> {
    name: String,
    operator: &'o dyn Operator,
    best: Duration,
}

/// All of them in turns; the best pass counts. Records that come out must be as many for all.
fn measure(operators: &[(&str, &dyn Operator)], batches: &[Batch], passes: usize) -> Vec<(String, f64)> {
    let mut contestants: Vec<Contestant<'_>> = operators
        .iter()
        .map(|(name, operator)| Contestant { name: (*name).to_owned(), operator: *operator, best: Duration::MAX })
        .collect();
    let mut left = None;
    for _ in 0..passes {
        for contestant in &mut contestants {
            let mut rows = 0;
            let time = timed(|| rows = batches.iter().map(|batch| run(contestant.operator, batch)).sum());
            contestant.best = contestant.best.min(time);
            assert_eq!(*left.get_or_insert(rows), rows, "{} keeps other rows than the others", contestant.name);
        }
    }
    let records: usize = batches.iter().map(Batch::rows).sum();
    contestants.into_iter().map(|c| (c.name, nanoseconds(c.best) / count(records))).collect()
}

fn run(operator: &dyn Operator, batch: &Batch) -> usize {
    let mut work = Work::new(batch, NOW_NS);
    operator.process(&mut work).unwrap();
    work.into_batch().unwrap().rows()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(records: usize) -> f64 {
    records as f64
}

/// Row by row, without Arrow.
fn native_rows(bodies: &[String]) -> f64 {
    let best = (0..PASSES)
        .map(|_| {
            let mut records: Vec<Vec<native::Record>> = bodies.chunks_exact(1024).map(native::records).collect();
            let time = timed(|| records.iter_mut().for_each(native::parse_records));
            std::hint::black_box(records);
            time
        })
        .min();
    nanoseconds(best.unwrap()) / count(bodies.len())
}

pub(crate) fn parsing(host: &Host, figures: &mut Figures) {
    let bodies = bodies(ROWS);
    let bytes: usize = bodies.iter().map(String::len).sum();
    println!("bodies of {} bytes", bytes / bodies.len());
    let rust = |example: &str, config: &str| {
        let compiled = host.compiler.compile(&Host::rust_example(example)).unwrap();
        host.operator(&compiled, PluginLimits::default(), config)
    };
    let (serde, scanner) = (rust("parse-json", "{}"), rust("parse-json", r#"{"scanner":true}"#));
    let kernels = rust("json-kernels", "{}");
    let (python, javascript) = (host.runtime("python"), host.runtime("javascript"));
    let python_kernels = host.script(&python, "kernels.py");
    let native = native::ParseJson::new();
    for size in SIZES {
        let rows = if size == 1 { ROWS_ONE_BY_ONE } else { ROWS };
        let batches = batches(bodies.get(..rows).unwrap(), size);
        let operators: [(&str, &dyn Operator); 5] = [
            ("native columns", &native),
            ("Rust, serde_json", &serde),
            ("Rust, the kit's scanner", &scanner),
            ("Rust, host kernels", &kernels),
            ("Python, host kernels", &python_kernels),
        ];
        for (name, ns) in measure(&operators, &batches, PASSES) {
            figures.put(&format!("parse, {name}, {size}"), ns);
        }
    }
    figures.put("parse, native rows, 1024", native_rows(&bodies));
    let batches = batches(&bodies, 1024);
    let (python, javascript) = (host.script(&python, "parse.py"), host.script(&javascript, "parse.js"));
    let operators: [(&str, &dyn Operator); 2] =
        [("Python, record by record", &python), ("JavaScript, record by record", &javascript)];
    for (name, ns) in measure(&operators, &batches, PASSES_OF_SCRIPTS) {
        figures.put(&format!("parse, {name}, 1024"), ns);
    }
}

/// The price of the border alone: one column of integers in, a bitmap out; and a call that does nothing.
pub(crate) fn border(host: &Host, figures: &mut Figures) {
    let bodies = bodies(ROWS);
    let operator = |name: &str| {
        let compiled = host.compiler.compile(&host.c_guest(name)).unwrap();
        host.operator(&compiled, PluginLimits::default(), "{}")
    };
    let (light, nothing) = (operator("light"), operator("moody"));
    let (native_light, native_nothing) = (native::Light::new(), native::Nothing);
    for size in SIZES {
        let rows = if size == 1 { ROWS_ONE_BY_ONE } else { ROWS };
        let batches = batches(bodies.get(..rows).unwrap(), size);
        let dropping: [(&str, &dyn Operator); 2] = [("native", &native_light), ("plugin", &light)];
        for (name, ns) in measure(&dropping, &batches, 2 * PASSES) {
            figures.put(&format!("drop, {name}, {size}"), ns);
        }
        let idle: [(&str, &dyn Operator); 2] = [("native", &native_nothing), ("plugin", &nothing)];
        for (name, ns) in measure(&idle, &batches, 2 * PASSES) {
            figures.put(&format!("nothing, {name}, {size}"), ns);
        }
    }
}
