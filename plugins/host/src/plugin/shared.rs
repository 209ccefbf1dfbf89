use crate::instance::shortened;
use crate::state::StateStore;
use crate::stats::{PluginTotals, Stats};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};

/// Lines of log that are kept.
const LOG_LINES_MAX: usize = 500;
/// Bytes of one of them.
const LOG_LINE_BYTES_MAX: usize = 4 << 10;
/// Metrics of one plugin.
const METRICS_MAX: usize = 64;
/// Characters of a metric's name.
const METRIC_NAME_CHARS_MAX: usize = 64;
const NS_PER_SECOND: i64 = 1_000_000_000;

/// Which plugin, for people and for paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PluginIdentity {
    /// The name under which it was installed.
    pub name: String,
}

/// How grave a line of log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Debug.
    Debug,
    /// Info.
    Info,
    /// Warn.
    Warn,
    /// Error.
    Error,
}

impl LogLevel {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// A line that a plugin wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// How grave.
    pub level: LogLevel,
    /// At most 4 KiB.
    pub message: String,
}

#[derive(Debug, Default)]
struct Log {
    lines: VecDeque<LogLine>,
    /// The second that is being counted, and the lines in it.
    second: i64,
    written: u32,
}

/// A plugin's own metrics, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PluginMetrics {
    /// Counters.
    pub counters: Vec<(String, u64)>,
    /// Gauges.
    pub gauges: Vec<(String, f64)>,
}

/// What all versions and instances of an installed plugin share: counts, log, own metrics, state.
#[derive(Debug)]
pub struct Plugin {
    identity: PluginIdentity,
    stats: Stats,
    state: StateStore,
    log: Mutex<Log>,
    counters: Mutex<BTreeMap<String, u64>>,
    gauges: Mutex<BTreeMap<String, f64>>,
}

fn check_metric(name: &str, is_known: bool, count: usize) -> Result<(), String> {
    if is_known {
        return Ok(());
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > METRIC_NAME_CHARS_MAX || !name.bytes().all(is_plain) {
        let shown: String = name.chars().take(METRIC_NAME_CHARS_MAX).collect();
        return Err(format!("metric name {shown:?} is not 1 to {METRIC_NAME_CHARS_MAX} of a-z, 0-9 and _"));
    }
    if count >= METRICS_MAX {
        return Err(format!("more than {METRICS_MAX} metrics"));
    }
    Ok(())
}

impl Plugin {
    /// A plugin that has done nothing yet, with the state it kept.
    #[must_use]
    pub fn new(name: &str, state: StateStore) -> Self {
        Self {
            identity: PluginIdentity { name: name.to_owned() },
            stats: Stats::default(),
            state,
            log: Mutex::default(),
            counters: Mutex::default(),
            gauges: Mutex::default(),
        }
    }

    /// Which plugin.
    #[must_use]
    pub const fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    /// What it did and cost since the server started.
    #[must_use]
    pub fn totals(&self) -> PluginTotals {
        self.stats.totals()
    }

    /// What it keeps.
    #[must_use]
    pub const fn state(&self) -> &StateStore {
        &self.state
    }

    /// The latest lines that it wrote, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<LogLine> {
        self.log.lock().lines.iter().cloned().collect()
    }

    /// Its own counters and gauges.
    #[must_use]
    pub fn metrics(&self) -> PluginMetrics {
        let counters = self.counters.lock().iter().map(|(name, value)| (name.clone(), *value)).collect();
        let gauges = self.gauges.lock().iter().map(|(name, value)| (name.clone(), *value)).collect();
        PluginMetrics { counters, gauges }
    }

    pub(crate) const fn stats(&self) -> &Stats {
        &self.stats
    }

    pub(crate) fn write_log(&self, time_ns: i64, level: LogLevel, message: &str, lines_per_second: u32) {
        let mut log = self.log.lock();
        let second = time_ns.div_euclid(NS_PER_SECOND);
        if log.second != second {
            (log.second, log.written) = (second, 0);
        }
        if log.written >= lines_per_second {
            drop(log);
            self.stats.dropped_log_line();
            return;
        }
        log.written += 1;
        if log.lines.len() >= LOG_LINES_MAX {
            log.lines.pop_front();
        }
        let end = (0..=LOG_LINE_BYTES_MAX).rev().find(|end| message.is_char_boundary(*end)).unwrap_or(0);
        let message = if message.len() > LOG_LINE_BYTES_MAX {
            message.get(..end).unwrap_or_default().to_owned()
        } else {
            message.to_owned()
        };
        log.lines.push_back(LogLine { time_ns, level, message: shortened(message) });
    }

    pub(crate) fn count(&self, name: &str, by: u64) -> Result<(), String> {
        let mut counters = self.counters.lock();
        check_metric(name, counters.contains_key(name), counters.len() + self.gauges.lock().len())?;
        let value = counters.entry(name.to_owned()).or_default();
        *value = value.saturating_add(by);
        Ok(())
    }

    pub(crate) fn gauge(&self, name: &str, value: f64) -> Result<(), String> {
        let counters = self.counters.lock();
        let mut gauges = self.gauges.lock();
        check_metric(name, gauges.contains_key(name), counters.len() + gauges.len())?;
        gauges.insert(name.to_owned(), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beyond_the_rate_are_counted_and_dropped() {
        let plugin = Plugin::new("p", StateStore::default());
        for line in 0..5 {
            plugin.write_log(NS_PER_SECOND, LogLevel::Info, &format!("line {line}"), 3);
        }
        plugin.write_log(2 * NS_PER_SECOND, LogLevel::Warn, &"ä".repeat(4_000), 3);
        let lines = plugin.log();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[2].message, "line 2");
        assert_eq!(lines[3].message.len(), 4096);
        assert_eq!(plugin.totals().log_lines_dropped, 2);
        for second in 0..1_000 {
            plugin.write_log((10 + second) * NS_PER_SECOND, LogLevel::Info, "x", 3);
        }
        assert_eq!(plugin.log().len(), LOG_LINES_MAX);
    }

    #[test]
    fn metrics_have_plain_names_and_are_few() {
        let plugin = Plugin::new("p", StateStore::default());
        plugin.count("seen", 2).unwrap();
        plugin.count("seen", u64::MAX).unwrap();
        plugin.gauge("depth", 1.5).unwrap();
        let expected =
            PluginMetrics { counters: vec![("seen".to_owned(), u64::MAX)], gauges: vec![("depth".to_owned(), 1.5)] };
        assert_eq!(plugin.metrics(), expected);
        for bad in ["", "Seen", "a b", "x{y=\"1\"}", &"a".repeat(65)] {
            assert!(plugin.count(bad, 1).is_err(), "{bad}");
            assert!(plugin.gauge(bad, 1.0).is_err(), "{bad}");
        }
        for number in 0..62 {
            plugin.count(&format!("c{number}"), 1).unwrap();
        }
        assert!(plugin.count("one_more", 1).is_err());
        assert!(plugin.gauge("one_more", 1.0).is_err());
    }
}
