//! Metrics of plugins in the Prometheus text format: what each did and cost, and its own.

use super::Plugins;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One metric of each plugin.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    value: fn(&lincei_host::PluginTotals) -> f64,
}

#[expect(clippy::cast_precision_loss, reason = "shown as numbers")]
const FAMILIES: [Family; 7] = [
    Family { name: "lincei_plugin_calls_total", kind: "counter", help: "Calls of plugins.", value: |t| t.calls as f64 },
    Family {
        name: "lincei_plugin_records_in_total",
        kind: "counter",
        help: "Records given to plugins.",
        value: |t| t.records_in as f64,
    },
    Family {
        name: "lincei_plugin_records_out_total",
        kind: "counter",
        help: "Records that plugins let through or added.",
        value: |t| t.records_out as f64,
    },
    Family {
        name: "lincei_plugin_records_dropped_total",
        kind: "counter",
        help: "Records that plugins dropped.",
        value: |t| t.records_dropped as f64,
    },
    Family {
        name: "lincei_plugin_cpu_seconds_total",
        kind: "counter",
        help: "CPU time of calls of plugins.",
        value: |t| t.cpu.as_secs_f64(),
    },
    Family {
        name: "lincei_plugin_traps_total",
        kind: "counter",
        help: "Calls of plugins that broke off or broke a limit.",
        value: |t| t.traps() as f64,
    },
    Family {
        name: "lincei_plugin_memory_bytes",
        kind: "gauge",
        help: "The most memory that an instance of a plugin had.",
        value: |t| t.memory_bytes as f64,
    },
];

/// Before the names of plugins' own metrics.
const OWN_PREFIX: &str = "lincei_plugin_own_";

impl Plugins {
    /// All of them; nothing when none is installed.
    pub(crate) fn render_metrics(&self) -> String {
        let mut out = String::new();
        let all = self.all();
        let totals: Vec<_> = all.iter().map(|installed| (&installed.row.name, installed.plugin.totals())).collect();
        for family in FAMILIES.iter().filter(|_| !totals.is_empty()) {
            let Family { name, kind, help, value } = family;
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (plugin, totals) in &totals {
                let _ = writeln!(out, "{name}{{plugin=\"{plugin}\"}} {}", value(totals));
            }
        }
        let mut own: BTreeMap<(String, &str), Vec<(&str, f64)>> = BTreeMap::new();
        for installed in &all {
            let lincei_host::PluginMetrics { counters, gauges } = installed.plugin.metrics();
            let name = installed.row.name.as_str();
            for (metric, value) in counters {
                #[expect(clippy::cast_precision_loss, reason = "shown as a number")]
                own.entry((format!("{OWN_PREFIX}{metric}_total"), "counter")).or_default().push((name, value as f64));
            }
            for (metric, value) in gauges {
                own.entry((format!("{OWN_PREFIX}{metric}"), "gauge")).or_default().push((name, value));
            }
        }
        for ((metric, kind), values) in own {
            let _ = writeln!(out, "# TYPE {metric} {kind}");
            for (plugin, value) in values {
                let _ = writeln!(out, "{metric}{{plugin=\"{plugin}\"}} {value}");
            }
        }
        out
    }
}
