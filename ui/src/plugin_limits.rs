//! What a plugin may use, as fields of a form.

use lincei_api::PluginLimits;

const MIB: u64 = 1 << 20;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, written in MiB.
    MiB,
    /// Milliseconds.
    Ms,
    /// Things.
    Count,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Of all memories and tables of one instance.
    Memory,
    /// CPU time of one call.
    CallCpu,
    /// CPU time of making an instance.
    InitCpu,
    /// What one call may give back.
    Output,
    /// Rows that one call may add.
    OutputRows,
    /// Calls of host functions within one call.
    HostCalls,
    /// Lines of log in a second.
    LogLines,
    /// Bytes of its state.
    State,
    /// Entries of its state.
    StateEntries,
    /// Instances that work at once.
    Concurrency,
}

impl Limit {
    /// All, in the order of the form.
    pub const ALL: [Self; 10] = [
        Self::Memory,
        Self::CallCpu,
        Self::InitCpu,
        Self::Concurrency,
        Self::Output,
        Self::OutputRows,
        Self::HostCalls,
        Self::LogLines,
        Self::State,
        Self::StateEntries,
    ];

    /// Unit, least and greatest value, as the API has them.
    #[must_use]
    pub const fn range(self) -> (Unit, u64, u64) {
        match self {
            Self::Memory => (Unit::MiB, MIB, 1024 * MIB),
            Self::CallCpu | Self::InitCpu => (Unit::Ms, 1, 10_000),
            Self::Output => (Unit::MiB, MIB / 16, 128 * MIB),
            Self::OutputRows | Self::StateEntries => (Unit::Count, 0, 100_000),
            Self::HostCalls => (Unit::Count, 100, 10_000_000),
            Self::LogLines => (Unit::Count, 0, 1000),
            Self::State => (Unit::MiB, 0, 16 * MIB),
            Self::Concurrency => (Unit::Count, 0, 64),
        }
    }

    /// Its value.
    #[must_use]
    pub fn of(self, limits: &PluginLimits) -> u64 {
        match self {
            Self::Memory => limits.memory_bytes,
            Self::CallCpu => limits.call_cpu_ms.into(),
            Self::InitCpu => limits.init_cpu_ms.into(),
            Self::Output => limits.output_bytes,
            Self::OutputRows => limits.output_rows.into(),
            Self::HostCalls => limits.host_calls.into(),
            Self::LogLines => limits.log_lines_per_second.into(),
            Self::State => limits.state_bytes,
            Self::StateEntries => limits.state_entries.into(),
            Self::Concurrency => limits.concurrency.into(),
        }
    }

    /// Sets it.
    pub fn set(self, limits: &mut PluginLimits, value: u64) {
        let small = u32::try_from(value).unwrap_or(u32::MAX);
        match self {
            Self::Memory => limits.memory_bytes = value,
            Self::CallCpu => limits.call_cpu_ms = small,
            Self::InitCpu => limits.init_cpu_ms = small,
            Self::Output => limits.output_bytes = value,
            Self::OutputRows => limits.output_rows = small,
            Self::HostCalls => limits.host_calls = small,
            Self::LogLines => limits.log_lines_per_second = small,
            Self::State => limits.state_bytes = value,
            Self::StateEntries => limits.state_entries = small,
            Self::Concurrency => limits.concurrency = small,
        }
    }

    /// A value as it stands in its field, without the unit.
    #[must_use]
    pub fn written(self, value: u64) -> String {
        match self.range().0 {
            Unit::MiB if !value.is_multiple_of(MIB) => format!("{}", value as f64 / MIB as f64),
            Unit::MiB => (value / MIB).to_string(),
            Unit::Ms | Unit::Count => value.to_string(),
        }
    }

    /// The value of what was typed; none when it is no number or out of range.
    #[must_use]
    pub fn read(self, typed: &str) -> Option<u64> {
        let (unit, least, greatest) = self.range();
        let value = match unit {
            Unit::MiB => {
                let bytes = typed.trim().parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)?;
                (bytes * MIB as f64).round() as u64
            }
            Unit::Ms | Unit::Count => typed.trim().parse().ok()?,
        };
        (least..=greatest).contains(&value).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_read_as_it_is_written() {
        let mut limits: PluginLimits = serde_json::from_value(serde_json::json!({
            "memory_bytes": 0, "call_cpu_ms": 0, "init_cpu_ms": 0, "output_bytes": 0, "output_rows": 0,
            "host_calls": 0, "log_lines_per_second": 0, "state_bytes": 0, "state_entries": 0, "concurrency": 0,
        }))
        .unwrap();
        for limit in Limit::ALL {
            let (_, least, greatest) = limit.range();
            for value in [least, greatest] {
                assert_eq!(limit.read(&limit.written(value)), Some(value), "{limit:?}");
                limit.set(&mut limits, value);
                assert_eq!(limit.of(&limits), value, "{limit:?}");
            }
            assert_eq!(limit.read(&limit.written(greatest + MIB)), None, "{limit:?}");
        }
    }

    #[test]
    fn bytes_are_written_in_mebibytes() {
        assert_eq!(Limit::Memory.written(64 << 20), "64");
        assert_eq!(Limit::Output.written(64 << 10), "0.0625");
        assert_eq!(Limit::Memory.read(" 1.5 "), Some(3 << 19));
        for typed in ["", "-1", "x", "NaN", "inf", "0.5", "1e9"] {
            assert_eq!(Limit::Memory.read(typed), None, "{typed}");
        }
        for typed in ["0", "1.5", "10001", "-3"] {
            assert_eq!(Limit::CallCpu.read(typed), None, "{typed}");
        }
    }
}
