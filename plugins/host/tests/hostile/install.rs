//! What is refused before it works.

use crate::guests::{Guest, processing};
use crate::{call, host, install, load};
use lincei_host::{HostError, PluginLimits, to_component};
use lincei_model::ErrorCode;
use std::fmt::Write as _;
use std::time::Instant;

fn check(name: &str, outcome: Result<crate::Installed, HostError>, code: ErrorCode, says: &str) {
    let error = outcome.map(drop).unwrap_err();
    assert_eq!(error.code(), code, "{name}: {error}");
    assert!(error.to_string().contains(says), "{name}: {error}");
}

#[test]
fn loops_before_the_first_call_are_stopped() {
    let endless = "(loop $on (br $on)) (unreachable)";
    for (name, guest) in [
        ("init", Guest { init: Some(endless.to_owned()), ..Guest::default() }),
        ("describe", Guest { describe: Some(endless.to_owned()), ..Guest::default() }),
        ("start", Guest { more: format!("(func $begin {endless}) (start $begin)"), ..Guest::default() }),
    ] {
        check(name, install(&guest.component()), ErrorCode::Invalid, "stopped after 50 ms of CPU time");
    }
}

#[test]
fn what_it_says_of_itself_keeps_the_rules() {
    let named = |name: &'static str| Guest { columns: vec![(name, 0, 0)], ..Guest::default() };
    for (name, guest, says) in [
        ("no such column", named("nonsense"), "has no column \"nonsense\""),
        ("a list", Guest { columns: vec![("body", 4, 0)], ..Guest::default() }, "cannot be used as attributes"),
        (
            "a name with a path",
            Guest { more: "(data (i32.const 3072) \"../x\")".to_owned(), ..Guest::default() },
            "is not 1 to 64 of a-z",
        ),
        (
            "a description outside memory",
            Guest { describe: Some("(i32.const 0x7ffffff0)".to_owned()), ..Guest::default() },
            "out of bounds",
        ),
    ] {
        check(name, install(&guest.component()), ErrorCode::Invalid, says);
    }
}

#[test]
fn memory_that_is_declared_counts_too() {
    let memory = |text: &str| Guest { memory: Some(text.to_owned()), ..Guest::default() };
    for (name, guest) in [
        ("4 GiB", memory("(memory (export \"memory\") 65536)")),
        ("one page too many", memory("(memory (export \"memory\") 1025)")),
        ("a table", Guest { more: "(table 9000000 funcref)".to_owned(), ..Guest::default() }),
    ] {
        check(name, install(&guest.component()), ErrorCode::Invalid, "at most 67108864 are allowed");
    }
}

#[test]
fn what_is_no_plugin_is_refused() {
    let component = Guest::default().component();
    let cut = &component[..component.len() / 2];
    let foreign = wat::parse_str("(component)").unwrap();
    let elf = [b"\x7fELF".as_slice(), &[0; 200]].concat();
    for (name, bytes, says) in [
        ("nothing", &[][..], "no WebAssembly module or component"),
        ("text", b"hello".as_slice(), "no WebAssembly module or component"),
        ("half of one", cut, "no WebAssembly module or component"),
        ("compiled code", elf.as_slice(), "no WebAssembly module or component"),
        ("another component", foreign.as_slice(), "exports nothing"),
    ] {
        check(name, install(bytes), ErrorCode::Invalid, says);
    }
    for (name, bytes, says) in [
        ("text", b"hello".as_slice(), "no WebAssembly"),
        ("a module without a world", &wat::parse_str("(module)").unwrap(), "does not say which world"),
    ] {
        let error = to_component(bytes).unwrap_err();
        assert!(error.to_string().contains(says), "{name}: {error}");
    }
    // lengths that lie
    let mut lies = component.clone();
    for byte in lies.iter_mut().skip(8).step_by(97) {
        *byte = 0xff;
    }
    assert!(install(&lies).is_err());
}

#[test]
fn nothing_is_imported_but_what_the_world_has() {
    let text = r#"(component
      (import "wasi:filesystem/preopens@0.2.0" (instance (export "get-directories" (func (result u32)))))
      (core module $m (func (export "d") (result i32) (i32.const 0)) (func (export "p") (result i32) (i32.const 0)))
      (core instance $i (instantiate $m))
      (func (export "describe") (result u32) (canon lift (core func $i "d")))
      (func (export "process") (result u32) (canon lift (core func $i "p"))))"#;
    check("files", install(&wat::parse_str(text).unwrap()), ErrorCode::Invalid, "wasi:filesystem/preopens");
}

#[test]
fn one_that_takes_the_compiler_long_is_refused_in_time() {
    let mut locals = String::new();
    let _ = write!(locals, "(local {})", "i64 ".repeat(5_001));
    let many = Guest { more: format!("(func $many {locals})"), ..Guest::default() };
    check("local variables", install(&many.component()), ErrorCode::TooLarge, "5001 local variables");
    let long = Guest { more: format!("(func $long {})", "(drop (i32.const 1))".repeat(200_000)), ..Guest::default() };
    check("a long function", install(&long.component()), ErrorCode::TooLarge, "at most 524288");
    let functions = Guest { more: "(func)".repeat(100_001), ..Guest::default() };
    check("functions", install(&functions.component()), ErrorCode::TooLarge, "functions, at most 100000");
}

/// 5,000 loops over 5,000 variables in 82 KB take the compiler 15 s and 1.5 GB: below the caps, the
/// process that compiles meets its own bounds.
#[test]
fn a_compile_bomb_harms_nobody() {
    let mut body = format!("(local {})", "i64 ".repeat(4_900));
    for number in 0..4_900 {
        let _ = write!(
            body,
            "(loop $l{number} (local.set {number} (i64.add (local.get {number}) (i64.const 1))) \
             (br_if $l{number} (i64.lt_u (local.get {number}) (i64.const 9))))"
        );
    }
    let bomb = Guest { more: format!("(func $bomb {body})"), ..Guest::default() };
    let start = Instant::now();
    let outcome = install(&bomb.component());
    // refused by a cap, by the bounds of the process, or compiled within them: always within the bounds
    if let Err(error) = &outcome {
        assert!(matches!(error.code(), ErrorCode::Invalid | ErrorCode::TooLarge), "{error}");
    }
    assert!(start.elapsed().as_secs() < 300);
    call(&install(&Guest::default().component()).unwrap()).map(drop).unwrap();
}

/// Types are read by recursion: whoever reads them here would take the server along.
#[test]
fn types_that_are_nested_deeply_harm_nobody() {
    // a type section with one type: a component type of one declaration, a type: a component type …
    let mut types = vec![1];
    types.extend([0x41, 1, 1].repeat(200_000));
    types.extend([0x41, 0]);
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    component.push(7);
    component.extend(leb128(types.len()));
    component.extend(&types);
    // a module that says that this is its world
    let name = b"component-type:x";
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.push(0);
    module.extend(leb128(1 + name.len() + component.len()));
    module.push(u8::try_from(name.len()).unwrap());
    module.extend(name);
    module.extend(&component);
    check("a component", install(&component), ErrorCode::Invalid, "nested too deeply");
    check("a module", install(&module), ErrorCode::Invalid, "nested too deeply");
    call(&install(&Guest::default().component()).unwrap()).map(drop).unwrap();
}

fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[test]
fn a_module_is_made_a_component_on_the_way() {
    let module = processing("(i32.const 1024) (nop)").module();
    call(&install(&module).unwrap()).map(drop).unwrap();
}

#[test]
fn what_was_compiled_once_is_taken_from_the_cache() {
    let guest = processing("(nop) (i32.const 1024)");
    let component = guest.component();
    let first = host().compiler.compile(&component).unwrap();
    let second = host().compiler.compile(&component).unwrap();
    assert_eq!(first.sha256(), second.sha256());
    assert_eq!(first.kind().as_str(), "operator");
    call(&load(&second, PluginLimits::default()).unwrap()).map(drop).unwrap();
}

#[test]
fn a_snapshot_that_is_too_large_is_not_carried_over() {
    // 32 MiB from the start of memory; the list is described at 8
    let guest = Guest {
        snapshot: Some(
            "(drop (memory.grow (i32.const 600))) (i32.store (i32.const 8) (i32.const 0)) \
             (i32.store (i32.const 12) (i32.const 33554432)) (i32.const 8)"
                .to_owned(),
        ),
        memory_kind: 1,
        ..Guest::default()
    };
    let installed = install(&guest.component()).unwrap();
    call(&installed).map(drop).unwrap();
    assert_eq!(installed.operator.snapshot(), None);
    call(&installed).map(drop).unwrap();
}
