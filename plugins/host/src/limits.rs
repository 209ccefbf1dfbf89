//! What a plugin may use.

use serde::{Deserialize, Serialize};
use wasmtime::ResourceLimiter;

/// Bounds of one plugin. Each field says its unit; what is left out when it is read has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PluginLimits {
    /// Bytes of all linear memories and tables of one instance together (default 64 MiB; 1 MiB to 1 GiB).
    pub memory_bytes: u64,
    /// CPU time of one call in milliseconds (default 100; 1 to 10,000).
    pub call_cpu_ms: u32,
    /// CPU time of making an instance, `init` and `restore` included, in milliseconds (default 1,000;
    /// 1 to 10,000).
    pub init_cpu_ms: u32,
    /// Bytes that one call may give back or pass to the host in one host call (default 16 MiB; 64 KiB to
    /// 128 MiB).
    pub output_bytes: u64,
    /// Rows that one call may add (default 10,000; 0 to 100,000).
    pub output_rows: u32,
    /// Calls of host functions within one call (default 100,000; 100 to 10,000,000).
    pub host_calls: u32,
    /// Lines of log in a second; more are counted and dropped (default 20; 0 to 1,000).
    pub log_lines_per_second: u32,
    /// Bytes of keys and values of `state` (default 1 MiB; 0 to 16 MiB).
    pub state_bytes: u64,
    /// Entries of `state` (default 10,000; 0 to 100,000).
    pub state_entries: u32,
    /// Instances that work at once (default 0: as many as there are threads for plugins; at most 64).
    pub concurrency: u32,
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            call_cpu_ms: 100,
            init_cpu_ms: 1_000,
            output_bytes: 16 << 20,
            output_rows: 10_000,
            host_calls: 100_000,
            log_lines_per_second: 20,
            state_bytes: 1 << 20,
            state_entries: 10_000,
            concurrency: 0,
        }
    }
}

/// A limit that is out of range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, it must be {least} to {greatest}")]
pub struct LimitError {
    /// Which.
    pub name: &'static str,
    /// What was asked for.
    pub value: u64,
    /// The least that may be.
    pub least: u64,
    /// The greatest that may be.
    pub greatest: u64,
}

impl PluginLimits {
    /// Limits of a script: an interpreter is larger and slower than compiled code.
    #[must_use]
    pub fn of_scripts() -> Self {
        Self { memory_bytes: 256 << 20, call_cpu_ms: 500, init_cpu_ms: 3_000, ..Self::default() }
    }

    /// # Errors
    /// [`LimitError`] for the first that is out of range.
    pub fn check(&self) -> Result<(), LimitError> {
        let within = |name, value: u64, least, greatest| {
            if (least..=greatest).contains(&value) { Ok(()) } else { Err(LimitError { name, value, least, greatest }) }
        };
        within("memory_bytes", self.memory_bytes, 1 << 20, 1 << 30)?;
        within("call_cpu_ms", self.call_cpu_ms.into(), 1, 10_000)?;
        within("init_cpu_ms", self.init_cpu_ms.into(), 1, 10_000)?;
        within("output_bytes", self.output_bytes, 64 << 10, 128 << 20)?;
        within("output_rows", self.output_rows.into(), 0, 100_000)?;
        within("host_calls", self.host_calls.into(), 100, 10_000_000)?;
        within("log_lines_per_second", self.log_lines_per_second.into(), 0, 1_000)?;
        within("state_bytes", self.state_bytes, 0, 16 << 20)?;
        within("state_entries", self.state_entries.into(), 0, 100_000)?;
        within("concurrency", self.concurrency.into(), 0, 64)
    }
}

/// Instances that a store may have: a component consists of several.
const INSTANCES_MAX: usize = 256;
/// Memories and tables of a store, each.
const PARTS_MAX: usize = 64;
/// What an element of a table takes.
const TABLE_ELEMENT_BYTES: usize = std::mem::size_of::<usize>();

/// Sums up the memory of one store: all linear memories and all tables.
#[derive(Debug)]
pub(crate) struct Meter {
    bytes_max: usize,
    bytes: usize,
    refused: Option<usize>,
}

impl Meter {
    pub(crate) fn new(limits: &PluginLimits) -> Self {
        Self { bytes_max: usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX), bytes: 0, refused: None }
    }

    /// Bytes in use. Memory never shrinks.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The sum that was asked for and refused since this was last asked.
    pub(crate) const fn take_refused(&mut self) -> Option<usize> {
        self.refused.take()
    }

    /// Whether so much is used that an instance is better made anew: memory is never given back.
    pub(crate) const fn is_high(&self) -> bool {
        self.bytes > self.bytes_max / 5 * 4
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let sum = self.bytes.saturating_add(desired.saturating_sub(current));
        if sum > self.bytes_max {
            self.refused = Some(sum);
            return false;
        }
        self.bytes = sum;
        true
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // what cannot succeed is not counted
        Ok(maximum.is_none_or(|maximum| desired <= maximum) && self.grow(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let bytes = |elements: usize| elements.saturating_mul(TABLE_ELEMENT_BYTES);
        Ok(maximum.is_none_or(|maximum| desired <= maximum) && self.grow(bytes(current), bytes(desired)))
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        PARTS_MAX
    }

    fn memories(&self) -> usize {
        PARTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_and_tables_are_one_sum() {
        let limits = PluginLimits { memory_bytes: 1 << 20, ..PluginLimits::default() };
        let mut meter = Meter::new(&limits);
        assert!(meter.memory_growing(0, 512 << 10, None).unwrap());
        assert!(meter.memory_growing(0, 256 << 10, None).unwrap());
        assert!(!meter.is_high());
        // 32 Ki elements of 8 bytes are the last 256 KiB
        assert!(meter.table_growing(0, 32 << 10, None).unwrap());
        assert!(meter.is_high());
        assert_eq!(meter.bytes(), 1 << 20);
        assert!(!meter.memory_growing(512 << 10, 576 << 10, None).unwrap());
        assert_eq!(meter.take_refused(), Some((1 << 20) + (64 << 10)));
        assert_eq!(meter.take_refused(), None);
    }

    #[test]
    fn a_growth_beyond_the_module_s_own_maximum_is_not_counted() {
        let mut meter = Meter::new(&PluginLimits::default());
        assert!(!meter.memory_growing(0, 2 << 20, Some(1 << 20)).unwrap());
        assert_eq!((meter.bytes(), meter.take_refused()), (0, None));
    }

    #[test]
    fn limits_name_what_is_out_of_range() {
        PluginLimits::default().check().unwrap();
        PluginLimits::of_scripts().check().unwrap();
        for (limits, message) in [
            (
                PluginLimits { memory_bytes: 1, ..PluginLimits::default() },
                "memory_bytes is 1, it must be 1048576 to 1073741824",
            ),
            (PluginLimits { call_cpu_ms: 0, ..PluginLimits::default() }, "call_cpu_ms is 0, it must be 1 to 10000"),
            (PluginLimits { concurrency: 65, ..PluginLimits::default() }, "concurrency is 65, it must be 0 to 64"),
        ] {
            assert_eq!(limits.check().unwrap_err().to_string(), message);
        }
        assert!(serde_json::from_str::<PluginLimits>(r#"{"memory": 3}"#).is_err());
    }
}
