//! Guests as WebAssembly text, by the canonical ABI of the component model, so that what they do wrong
//! is exactly what is written here.
//!
//! Memory: 0 to 1023 free, 1024 zeros that stand for "done, nothing changed", 2048 the description,
//! 3072 strings, 4096 what a guest gives back.

use lincei_host::{PluginKind, embed, to_component};

/// Parts of a guest; those that are left out do what a harmless guest does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    /// Further imports, as text.
    pub(crate) imports: String,
    /// Further definitions.
    pub(crate) more: String,
    /// Replaces the memory.
    pub(crate) memory: Option<String>,
    /// Body of `process(batch, rows, columns, count) -> result`. Parameters are `$batch`, `$rows`,
    /// `$columns`, `$count`.
    pub(crate) process: Option<String>,
    /// Body of `init(pointer, length) -> result`.
    pub(crate) init: Option<String>,
    /// Body of `describe() -> description`.
    pub(crate) describe: Option<String>,
    /// Body of `snapshot() -> list`.
    pub(crate) snapshot: Option<String>,
    /// 1 when the guest has a memory of its own.
    pub(crate) memory_kind: u8,
    /// What the guest uses: path, type (text 0, ints 1, floats 2, bools 3, attributes 4), access
    /// (read 0, write 1, read-write 2).
    pub(crate) columns: Vec<(&'static str, u8, u8)>,
    /// Drops the batch's handle before the body, as every guest must.
    pub(crate) keeps_batch: bool,
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

fn word(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap().to_le_bytes()
}

/// The description's record, its columns behind it, and their texts.
fn description(guest: &Guest) -> String {
    let texts = b"evil1.0.0a guest";
    let mut strings = texts.to_vec();
    let mut columns = Vec::new();
    for (path, column_type, access) in &guest.columns {
        columns.extend(word(3072 + strings.len()));
        columns.extend(word(path.len()));
        columns.extend([*column_type, *access, 0, 0]);
        strings.extend(path.as_bytes());
    }
    let signals = 3072 + strings.len();
    strings.push(0);
    let mut record = Vec::new();
    for (start, length) in [(3072, 4), (3076, 5), (3081, 7), (signals, 1), (2200, guest.columns.len())] {
        record.extend(word(start));
        record.extend(word(length));
    }
    record.extend(word(0));
    record.extend([guest.memory_kind, 0, 0, 0]);
    record.extend(word(0));
    record.extend(word(0));
    format!(
        "(data (i32.const 2048) \"{}\") (data (i32.const 2200) \"{}\") (data (i32.const 3072) \"{}\")",
        escaped(&record),
        escaped(&columns),
        escaped(&strings)
    )
}

impl Guest {
    /// The module as text.
    pub(crate) fn text(&self) -> String {
        let body = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.to_owned());
        let release = if self.keeps_batch { "" } else { "(call $release (local.get $batch))" };
        format!(
            r#"(module
  (import "lincei:plugin/kernels@1.0.0" "[resource-drop]batch" (func $release (param i32)))
  {imports}
  {memory}
  {data}
  {more}
  (global $top (mut i32) (i32.const 16384))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (block $enough (loop $more
      (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
      (unreachable)))
    (local.get $at))
  (func (export "describe") (result i32) {describe})
  (func (export "init") (param $pointer i32) (param $length i32) (result i32) {init})
  (func (export "process") (param $batch i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32) (local $n i32)
    {release} (global.set $top (i32.const 16384)) {process})
  (func (export "snapshot") (result i32) {snapshot})
  (func (export "restore") (param $pointer i32) (param $length i32) (result i32) (i32.const 1024)))"#,
            imports = self.imports,
            memory = body(&self.memory, r#"(memory (export "memory") 2)"#),
            data = description(self),
            more = self.more,
            describe = body(&self.describe, "(i32.const 2048)"),
            init = body(&self.init, "(i32.const 1024)"),
            process = body(&self.process, "(i32.const 1024)"),
            snapshot = body(&self.snapshot, "(i32.const 1024)"),
        )
    }

    /// The module as bytes, with its world written into it.
    pub(crate) fn module(&self) -> Vec<u8> {
        let module = wat::parse_str(self.text()).unwrap_or_else(|error| panic!("{error}\n{}", self.text()));
        embed(&module, PluginKind::Operator).unwrap()
    }

    /// The component.
    pub(crate) fn component(&self) -> Vec<u8> {
        to_component(&self.module()).unwrap().into_owned()
    }
}

/// What `process` gives back: bytes at 4096.
pub(crate) fn giving(bytes: &[u8]) -> Guest {
    let more = format!("(data (i32.const 4096) \"{}\")", escaped(bytes));
    Guest { more, process: Some("(i32.const 4096)".to_owned()), ..Guest::default() }
}

/// A guest whose `process` has this body.
pub(crate) fn processing(body: &str) -> Guest {
    Guest { process: Some(body.to_owned()), ..Guest::default() }
}

/// The bytes of `result<delta, string>` with these parts, `keep`, `set`, `emit` and `route` as start and
/// length of their lists.
pub(crate) fn delta(keep: Option<(u32, u32)>, set: (u32, u32), emit: (u32, u32), route: Option<(u32, u32)>) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    let option = |bytes: &mut Vec<u8>, list: Option<(u32, u32)>| {
        bytes.extend(u32::from(list.is_some()).to_le_bytes());
        let (start, length) = list.unwrap_or_default();
        bytes.extend(start.to_le_bytes());
        bytes.extend(length.to_le_bytes());
    };
    option(&mut bytes, keep);
    for (start, length) in [set, emit] {
        bytes.extend(start.to_le_bytes());
        bytes.extend(length.to_le_bytes());
    }
    option(&mut bytes, route);
    bytes
}

/// Bytes of one `column` of text: id, validity (none), offsets and bytes as lists.
///
/// Layout: id at 0, option at 4, variant at 16 (discriminant), payload at 24; 40 bytes behind the
/// largest payload, `attributes`, of 8 + 16 + 16.
pub(crate) fn text_column(id: u32, offsets: (u32, u32), bytes: (u32, u32)) -> Vec<u8> {
    let mut column = Vec::new();
    column.extend(id.to_le_bytes());
    column.extend([0; 12]);
    column.extend([0; 4]);
    for (start, length) in [offsets, bytes] {
        column.extend(start.to_le_bytes());
        column.extend(length.to_le_bytes());
    }
    column.resize(60, 0);
    column
}
