//! Guests that were installed and do harm when they are called.

use crate::guests::{Guest, delta, giving, processing, text_column};
use crate::{Installed, call, host, install, limits, load};
use lincei_pipeline::FailureKind;
use std::time::{Duration, Instant};

/// The call fails in this way, saying this; the next call of a harmless plugin works.
fn check(name: &str, guest: &Guest, kind: FailureKind, says: &str) {
    let installed = install(&guest.component()).unwrap_or_else(|error| panic!("{name}: {error}"));
    check_call(name, &installed, kind, says);
}

/// The same with much time: what is met is another bound.
fn check_patiently(name: &str, guest: &Guest, kind: FailureKind, says: &str) {
    check_call(name, &install_patiently(guest), kind, says);
}

fn install_patiently(guest: &Guest) -> Installed {
    let patient = lincei_host::PluginLimits { call_cpu_ms: 5_000, ..limits() };
    load(&host().compiler.compile(&guest.component()).unwrap(), patient).unwrap()
}

fn check_call(name: &str, installed: &Installed, kind: FailureKind, says: &str) {
    let failure = call(installed).map(drop).unwrap_err();
    assert_eq!(failure.kind, kind, "{name}: {failure}");
    assert!(failure.detail.contains(says), "{name}: {failure}");
    let harmless = install(&Guest::default().component()).unwrap();
    call(&harmless).unwrap_or_else(|error| panic!("after {name}: {error}"));
    let totals = installed.plugin.totals();
    assert_eq!(totals.failures[kind as usize], 1, "{name}");
    assert_eq!(totals.last_failure.unwrap().1.detail, failure.detail, "{name}");
}

#[test]
fn a_harmless_guest_changes_nothing() {
    let installed = install(&Guest::default().component()).unwrap();
    let work = call(&installed).unwrap();
    assert_eq!(work.rows(), 3);
    assert!(work.kept().is_none());
    let totals = installed.plugin.totals();
    assert_eq!((totals.records_in, totals.records_out, totals.records_dropped), (3, 3, 0));
    assert_eq!(totals.traps(), 0);
}

#[test]
fn loops_are_stopped_at_their_deadline() {
    let start = Instant::now();
    check("loop", &processing("(loop $on (br $on)) (unreachable)"), FailureKind::Deadline, "20 ms of CPU time");
    // its limit, the harmless one's compilation, and much room for a busy machine
    assert!(start.elapsed() < Duration::from_secs(60));
    let spinning = "(loop $on (call $spin) (br $on)) (unreachable)";
    let guest = Guest { more: "(func $spin)".to_owned(), ..processing(spinning) };
    check("loop of calls", &guest, FailureKind::Deadline, "20 ms");
}

#[test]
fn memory_is_bounded_however_it_is_asked_for() {
    let grow = "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)";
    check_patiently("memory bomb", &processing(grow), FailureKind::Limit, "at most 67108864 are allowed");
    let table = Guest {
        more: "(table $t 1 funcref)".to_owned(),
        ..processing(
            "(loop $on (br_if $on (i32.ne (table.grow $t (ref.null func) (i32.const 2000000)) (i32.const -1)))) \
             (unreachable)",
        )
    };
    check_patiently("table growth", &table, FailureKind::Limit, "at most 67108864 are allowed");
}

#[test]
fn traps_say_what_happened_and_where() {
    let deep = Guest {
        more: "(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))".to_owned(),
        ..processing("(call $deep (i32.const 0))")
    };
    check("stack overflow", &deep, FailureKind::Trap, "the call stack is exhausted");
    check("unreachable", &processing("(unreachable)"), FailureKind::Trap, "unreachable");
    let divide = "(i32.div_u (i32.const 1) (i32.const 0))";
    check("division", &processing(divide), FailureKind::Trap, "divide by zero");
    check("outside memory", &processing("(i32.load (i32.const -4))"), FailureKind::Trap, "out of bounds memory access");
    let wrong = Guest {
        more: "(type $f (func (param i64))) (table $t 1 funcref) (elem (table $t) (i32.const 0) func $other) \
               (func $other)"
            .to_owned(),
        ..processing("(call_indirect $t (type $f) (i64.const 0) (i32.const 0)) (i32.const 1024)")
    };
    check("wrong type", &wrong, FailureKind::Trap, "indirect call type mismatch");
    let named = Guest { more: "(func $guilty (unreachable))".to_owned(), ..processing("(call $guilty) (unreachable)") };
    let installed = install(&named.component()).unwrap();
    call(&installed).map(drop).unwrap_err();
    let (_, failure) = installed.plugin.totals().last_failure.unwrap();
    assert!(failure.backtrace.first().unwrap().contains("guilty"), "{:?}", failure.backtrace);
}

#[test]
fn what_is_given_back_is_checked() {
    let cases: Vec<(&str, Vec<u8>, FailureKind, &str)> = vec![
        ("keep of 4 GiB", delta(Some((0, u32::MAX)), (0, 0), (0, 0), None), FailureKind::Trap, "out of bounds"),
        ("keep too short", delta(Some((0, 0)), (0, 0), (0, 0), None), FailureKind::Output, "keep has 0 bytes"),
        ("keep too long", delta(Some((0, 2)), (0, 0), (0, 0), None), FailureKind::Output, "keep has 2 bytes"),
        ("many columns", delta(None, (0, 1 << 28), (0, 0), None), FailureKind::Trap, ""),
        ("unknown column", delta(None, (4200, 1), (0, 0), None), FailureKind::Output, "there is no column 0"),
        ("route unknown", delta(None, (0, 0), (0, 0), Some((4300, 3))), FailureKind::Output, "route 5"),
        ("routes of other rows", delta(None, (0, 0), (0, 0), Some((0, 2))), FailureKind::Output, "2 rows"),
        ("unaligned", delta(None, (4201, 1), (0, 0), None), FailureKind::Trap, "aligned"),
    ];
    for (name, bytes, kind, says) in cases {
        let mut guest = giving(&bytes);
        guest.more += "(data (i32.const 4300) \"\\05\\00\\00\\00\\00\\00\")";
        check(name, &guest, kind, says);
    }
}

#[test]
fn texts_are_checked() {
    let text = |offsets: &[u32], bytes: &[u8], access: u8| {
        let mut back = delta(None, (4200, 1), (0, 0), None);
        back.resize(104, 0);
        back.extend(text_column(
            0,
            (4400, u32::try_from(offsets.len()).unwrap()),
            (4500, u32::try_from(bytes.len()).unwrap()),
        ));
        back.resize(304, 0);
        back.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        back.resize(404, 0);
        back.extend(bytes);
        Guest { columns: vec![("body", 0, access)], ..giving(&back) }
    };
    // what is right is taken
    let installed = install(&text(&[0, 1, 3, 6], b"xyyzzz", 1).component()).unwrap();
    call(&installed).unwrap();
    for (name, guest, says) in [
        ("read only", text(&[0, 1, 3, 6], b"xyyzzz", 0), "was declared for reading only"),
        ("too few offsets", text(&[0, 1, 6], b"xyyzzz", 1), "3 rows have 4"),
        ("backwards", text(&[0, 3, 1, 6], b"xyyzzz", 1), "offset 1 behind 3"),
        ("beyond the bytes", text(&[0, 1, 3, 9], b"xyyzzz", 1), "offsets up to 9 for 6"),
        ("not from 0", text(&[1, 1, 3, 6], b"xyyzzz", 1), "starting at 0"),
        ("no UTF-8", text(&[0, 1, 3, 6], b"x\xff\xfezzz", 1), "is not UTF-8"),
        ("inside a character", text(&[0, 1, 3, 6], "ääz!".as_bytes(), 1), "is not UTF-8"),
    ] {
        check(name, &guest, FailureKind::Output, says);
    }
}

#[test]
fn too_many_rows_cannot_be_added() {
    // emission: signal at 0, source (none) at 4, rows at 16, columns at 20
    let mut back = delta(None, (0, 0), (4200, 1), None);
    back.resize(104, 0);
    back.extend([0; 16]);
    back.extend(1_000_000u32.to_le_bytes());
    back.resize(300, 0);
    check("rows", &giving(&back), FailureKind::Limit, "at most 10000 are allowed");
}

const LOG: &str = r#"(import "lincei:plugin/log@1.0.0" "write" (func $log (param i32 i32 i32)))"#;
const STATE: &str = r#"(import "lincei:plugin/state@1.0.0" "set" (func $set (param i32 i32 i32 i32 i32)))"#;
const COUNT: &str = r#"(import "lincei:plugin/metrics@1.0.0" "count" (func $count (param i32 i32 i64)))"#;
const MATCHES: &str =
    r#"(import "lincei:plugin/kernels@1.0.0" "[method]batch.matches" (func $matches (param i32 i32 i32 i32 i32)))"#;
const MASK_OF: &str =
    r#"(import "lincei:plugin/kernels@1.0.0" "[method]batch.mask-of" (func $mask_of (param i32 i32 i32 i32)))"#;
const ROWS: &str =
    r#"(import "lincei:plugin/kernels@1.0.0" "[method]batch.rows" (func $rows_of (param i32) (result i32)))"#;

/// A guest that calls something again and again.
fn repeating(imports: &str, call: &str, times: u32) -> Guest {
    let body = format!(
        "(loop $on {call} (local.set $n (i32.add (local.get $n) (i32.const 1))) \
         (br_if $on (i32.lt_u (local.get $n) (i32.const {times})))) (i32.const 1024)"
    );
    Guest { imports: imports.to_owned(), ..processing(&body) }
}

#[test]
fn host_functions_are_called_so_often_and_no_more() {
    let flood = repeating(LOG, "(call $log (i32.const 0) (i32.const 3072) (i32.const 1))", 100_000_000);
    let installed = load(
        &host().compiler.compile(&flood.component()).unwrap(),
        lincei_host::PluginLimits { host_calls: 1_000, call_cpu_ms: 5_000, ..limits() },
    )
    .unwrap();
    check_call("flood", &installed, FailureKind::Limit, "more than 1000 calls of host functions");
    assert_eq!(installed.plugin.log().len(), 20, "lines of one second");
    assert_eq!(installed.plugin.totals().log_lines_dropped, 980);
}

#[test]
fn metrics_have_rules() {
    let guest = repeating(COUNT, "(call $count (i32.const 3076) (i32.const 5) (i64.const 1))", 1);
    check("name of a metric", &guest, FailureKind::Limit, "is not 1 to 64 of a-z");
}

#[test]
fn state_is_bounded_and_says_so_to_the_guest() {
    // 64 KiB under a key of 4 bytes that the loop counts up
    let call = "(i32.store (i32.const 3072) (i32.or (local.get $n) (i32.const 0x20202020))) \
                (call $set (i32.const 3072) (i32.const 4) (i32.const 0) (i32.const 65536) (i32.const 8))";
    let installed = install_patiently(&repeating(STATE, call, 64));
    call_ok(&installed);
    let (entries, bytes) = installed.plugin.state().size();
    assert!(bytes <= 1 << 20, "{bytes}");
    assert_eq!(entries, 15, "16 entries and their keys are more than 1 MiB");
}

fn call_ok(installed: &Installed) {
    call(installed).map(drop).unwrap();
}

#[test]
fn handles_are_lent_and_counted() {
    let keeps = Guest { keeps_batch: true, ..Guest::default() };
    check("handle kept", &keeps, FailureKind::Trap, "borrow");
    let bogus =
        Guest { imports: ROWS.to_owned(), ..processing("(drop (call $rows_of (i32.const 12345))) (i32.const 1024)") };
    check("handle made up", &bogus, FailureKind::Trap, "handle");
    let body = "(loop $on \
                (call $mask_of (local.get $batch) (i32.const 0) (i32.const 1) (i32.const 8)) \
                (local.set $n (i32.add (local.get $n) (i32.const 1))) \
                (br_if $on (i32.lt_u (local.get $n) (i32.const 100000)))) \
                (call $release (local.get $batch)) (i32.const 1024)";
    let hoards = Guest { imports: MASK_OF.to_owned(), keeps_batch: true, ..processing(body) };
    check_patiently("masks hoarded", &hoards, FailureKind::Limit, "too many masks");
}

#[test]
fn a_pattern_that_explodes_is_refused_to_the_guest() {
    // the outcome at 8: 1 for a failure, then its text
    let pattern = r"((((((((((a{100}){100}){100}){100})))))))";
    let body = format!(
        "(call $matches (local.get $batch) (i32.const 0) (i32.const 4096) (i32.const {}) (i32.const 8)) \
         (call $release (local.get $batch)) \
         (if (i32.ne (i32.load8_u (i32.const 8)) (i32.const 1)) (then (unreachable))) (i32.const 1024)",
        pattern.len()
    );
    let guest = Guest {
        imports: MATCHES.to_owned(),
        more: format!("(data (i32.const 4096) \"{pattern}\")"),
        keeps_batch: true,
        columns: vec![("body", 0, 0)],
        ..processing(&body)
    };
    // how long the host takes to refuse it is not what is tested
    call_ok(&install_patiently(&guest));
}

#[test]
fn what_a_guest_says_of_its_failure_is_kept_short_and_is_text() {
    // result: 1, then a text of 60,000 bytes
    let mut back = vec![1, 0, 0, 0];
    back.extend(5000u32.to_le_bytes());
    back.extend(60_000u32.to_le_bytes());
    let installed = install(&giving(&back).component()).unwrap();
    let failure = call(&installed).map(drop).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.detail.len() < 10_000, "{}", failure.detail.len());
    let mut guest = giving(&back);
    guest.more += "(data (i32.const 5000) \"\\ff\\fe\")";
    check("no UTF-8", &guest, FailureKind::Trap, "utf-8");
}

#[test]
fn a_call_after_a_trap_gets_a_new_instance() {
    // the first call traps, and would leave a mark
    let once = Guest {
        more: "(global $mark (mut i32) (i32.const 0))".to_owned(),
        ..processing(
            "(if (global.get $mark) (then (unreachable))) (global.set $mark (i32.const 1)) \
             (if (i32.eq (local.get $rows) (i32.const 3)) (then (unreachable))) (i32.const 1024)",
        )
    };
    let installed = install(&once.component()).unwrap();
    for _ in 0..2 {
        assert_eq!(call(&installed).map(drop).unwrap_err().kind, FailureKind::Trap);
    }
    assert_eq!(installed.plugin.totals().instances_made, 3, "describe, the first, and one after the first trap");
}

#[test]
fn one_that_keeps_failing_is_not_asked_for_a_while() {
    let installed = install(&processing("(unreachable)").component()).unwrap();
    for _ in 0..3 {
        assert_eq!(call(&installed).map(drop).unwrap_err().kind, FailureKind::Trap);
    }
    let failure = call(&installed).map(drop).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Open);
    assert!(failure.detail.contains("not asked for"), "{failure}");
    assert!(installed.operator.is_open());
    let totals = installed.plugin.totals();
    assert_eq!(totals.traps(), 3);
    assert_eq!(totals.last_failure.unwrap().1.kind, FailureKind::Trap, "the cause is kept");
}

#[test]
fn memory_that_was_used_up_is_given_back() {
    // grows by 8 MiB in each call; 80 % of 64 MiB are reached in the seventh
    let installed = install(&processing("(drop (memory.grow (i32.const 128))) (i32.const 1024)").component()).unwrap();
    for _ in 0..30 {
        call_ok(&installed);
    }
    let totals = installed.plugin.totals();
    assert!(totals.memory_bytes <= 64 << 20, "{}", totals.memory_bytes);
    assert!((4..=8).contains(&totals.instances_made), "{}", totals.instances_made);
}
