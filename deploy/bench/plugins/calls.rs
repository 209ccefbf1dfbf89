//! What is paid once: instances, loading, and stopping what does harm.

use crate::host::Host;
use crate::report::{Figures, Spread};
use crate::rows::{NOW_NS, batches, bodies};
use lincei_host::{OperatorPlugin, PluginLimits};
use lincei_model::Batch;
use lincei_pipeline::{Operator as _, Work};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Failures of one plugin before its breaker opens.
const FAILURES: usize = 8;
const ROUNDS: usize = 25;
/// CPU time of a call that never ends.
const CALL_CPU_MS: u32 = 10;
/// Loops, and variables, of a function that is hard to compile; a few more are refused at once.
const BOMB: usize = 3_400;
/// Of how many numbers of rows the guest `moody` knows what to do.
const MOODS: usize = 4;

/// Batches of one, two, three and four rows.
struct Moods(Vec<Batch>);

impl Moods {
    fn new() -> Self {
        let bodies = bodies(MOODS);
        Self((1..=MOODS).map(|rows| batches(&bodies, rows).swap_remove(0)).collect())
    }

    /// A call with so many rows, and how long it took.
    fn call(&self, operator: &OperatorPlugin, rows: usize) -> (Duration, bool) {
        let mut work = Work::new(self.0.get(rows - 1).unwrap(), NOW_NS);
        let start = Instant::now();
        let outcome = operator.process(&mut work);
        (start.elapsed(), outcome.is_ok())
    }
}

/// Calls around a failure.
struct Recovery {
    /// By an instance that was there.
    idle: Duration,
    failed: Duration,
    /// By a new instance.
    first: Duration,
}

impl Moods {
    /// A call that fails, with so many rows, between two that do not.
    fn recover(&self, operator: &OperatorPlugin, rows: usize) -> Recovery {
        self.call(operator, 1);
        let (idle, _) = self.call(operator, 1);
        let (failed, is_good) = self.call(operator, rows);
        assert!(!is_good, "a trap or an endless loop is no success");
        let (first, is_good) = self.call(operator, 1);
        assert!(is_good, "a new instance works");
        Recovery { idle, failed, first }
    }
}

/// A new instance, by what a call costs more that needs one: the call before it ended in a trap.
pub(crate) fn instances(host: &Host, figures: &mut Figures) {
    let compiled = host.compiler.compile(&host.c_guest("moody")).unwrap();
    let moods = Moods::new();
    let (mut new, mut recovery) = (Spread::default(), Spread::default());
    for _ in 0..ROUNDS {
        // its breaker would open
        let operator = host.operator(&compiled, PluginLimits::default(), "{}");
        for _ in 0..FAILURES {
            let Recovery { idle, failed, first } = moods.recover(&operator, 2);
            new.add(first.saturating_sub(idle));
            recovery.add((failed + first).saturating_sub(idle));
        }
    }
    figures.put("instance, compiled, p50 µs", new.microseconds(0.5));
    figures.put("instance, compiled, p99 µs", new.microseconds(0.99));
    figures.put("trap and new instance, p50 µs", recovery.microseconds(0.5));
}

/// The same of scripts: to be made anew they are stopped in a loop.
pub(crate) fn script_instances(host: &Host, figures: &mut Figures) {
    let moods = Moods::new();
    for (language, source) in [
        ("python", "def transform(rows):\n    while len(rows) == 3:\n        pass\n"),
        ("javascript", "function transform(rows) { while (rows.length === 3) {} }\n"),
    ] {
        let limits = PluginLimits { call_cpu_ms: CALL_CPU_MS, ..PluginLimits::of_scripts() };
        let config = serde_json::json!({"source": source, "config": {}}).to_string();
        let runtime = host.runtime(language);
        let mut new = Spread::default();
        for _ in 0..ROUNDS / 5 {
            let operator = host.operator(&runtime, limits.clone(), &config);
            for _ in 0..FAILURES {
                let Recovery { idle, first, .. } = moods.recover(&operator, 3);
                new.add(first.saturating_sub(idle));
            }
        }
        figures.put(&format!("instance and init, {language}, p50 ms"), new.microseconds(0.5) / 1e3);
    }
}

/// How much longer than it may an endless loop runs.
pub(crate) fn stopping(host: &Host, figures: &mut Figures) {
    let compiled = host.compiler.compile(&host.c_guest("moody")).unwrap();
    let moods = Moods::new();
    let limits = PluginLimits { call_cpu_ms: CALL_CPU_MS, ..PluginLimits::default() };
    let mut late = Spread::default();
    for _ in 0..ROUNDS {
        let operator = host.operator(&compiled, limits.clone(), "{}");
        for _ in 0..FAILURES {
            let (time, is_good) = moods.call(&operator, 3);
            assert!(!is_good, "an endless loop is stopped");
            late.add(time.saturating_sub(Duration::from_millis(CALL_CPU_MS.into())));
            moods.call(&operator, 1);
        }
    }
    figures.put("endless loop beyond its limit, p50 ms", late.microseconds(0.5) / 1e3);
    figures.put("endless loop beyond its limit, max ms", late.microseconds(1.0) / 1e3);
}

/// A plugin whose machine code is in the cache, as at a restart; and one that has to be compiled.
pub(crate) fn loading(host: &Host, figures: &mut Figures) {
    let component = Host::rust_example("parse-json");
    let mut cached = Spread::default();
    host.compiler.compile(&component).unwrap();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let compiled = host.compiler.compile(&component).unwrap();
        host.operator(&compiled, PluginLimits::default(), "{}");
        cached.add(start.elapsed());
    }
    figures.put("loading a cached plugin, p50 ms", cached.microseconds(0.5) / 1e3);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    figures.put("plugin in Rust, kB", component.len() as f64 / 1e3);
}

/// As many loops over as many variables in one function as the caps allow: whatever becomes of it, it becomes so
/// in time.
pub(crate) fn compile_bomb(host: &Host, figures: &mut Figures) {
    let mut body = format!("(local {})", "i64 ".repeat(BOMB));
    for number in 0..BOMB {
        let _ = write!(
            body,
            "(loop $l{number} (local.set {number} (i64.add (local.get {number}) (i64.const 1)))
             (br_if $l{number} (i64.lt_u (local.get {number}) (i64.const 9))))"
        );
    }
    let bomb = wat::parse_str(format!("(component (core module (func {body})))")).unwrap();
    let start = Instant::now();
    let outcome = host.compiler.compile(&bomb);
    figures.put("compile bomb until it is done with, s", start.elapsed().as_secs_f64());
    println!("compile bomb: {}", outcome.map_or_else(|error| error.to_string(), |_| "accepted".to_owned()));
}
