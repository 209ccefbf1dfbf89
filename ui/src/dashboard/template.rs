//! Dashboards to begin with. Their titles are in the language of the reader; once made, a dashboard
//! keeps the titles it has.

use super::{Document, Panel, Place, Query, Values, Variable, View};
use crate::strings::dashboards::{TemplateTexts, text};

/// A dashboard to begin with.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Name.
    pub name: &'static str,
    /// What it shows.
    pub description: &'static str,
    /// The dashboard.
    pub document: Document,
}

/// All of them.
#[must_use]
pub fn templates() -> Vec<Template> {
    let t = &text().templates;
    vec![services(t), logs(t), programs(t), lincei(t)]
}

/// A panel of a template; its id is given by its place among them.
fn panel(title: &str, [x, y, w, h]: [u32; 4], query: Query, view: View, unit: &str) -> Panel {
    Panel {
        id: String::new(),
        title: title.to_owned(),
        at: Place { x, y, w, h },
        query,
        view,
        unit: unit.to_owned(),
        warn: None,
        bad: None,
    }
}

impl Panel {
    fn with_bounds(mut self, warn: f64, bad: f64) -> Self {
        (self.warn, self.bad) = (Some(warn), Some(bad));
        self
    }
}

fn document(description: &str, variables: Vec<Variable>, panels: impl IntoIterator<Item = Panel>) -> Document {
    let numbered = panels.into_iter().enumerate().map(|(at, panel)| Panel { id: format!("p{}", at + 1), ..panel });
    Document { description: description.to_owned(), variables, panels: numbered.collect() }
}

fn sql(statement: &str) -> Query {
    Query::Sql(statement.trim().to_owned())
}

fn counts(search: &str, by: &str) -> Query {
    Query::Counts { search: search.to_owned(), by: by.to_owned() }
}

fn service_variable(label: &str, table: &str) -> Variable {
    Variable {
        name: "service".to_owned(),
        label: label.to_owned(),
        multi: true,
        default: Vec::new(),
        values: Values::Field { table: table.to_owned(), field: "service".to_owned() },
    }
}

/// Requests that a service was asked for, from spans.
const ASKED: &str = "FROM spans\nWHERE kind IN ('SERVER', 'CONSUMER') [[AND service IN ($service)]]";

fn services(t: &TemplateTexts) -> Template {
    let over_time = |value: &str| {
        sql(&format!(
            "SELECT date_bin($interval, time) AS time, service,\n  {value}\n{ASKED}\nGROUP BY 1, 2\nORDER BY 1"
        ))
    };
    let total = |value: &str| {
        sql(&format!("SELECT date_bin($interval, time) AS time,\n  {value}\n{ASKED}\nGROUP BY 1\nORDER BY 1"))
    };
    let rate = "count(*) / $interval_s::double AS requests";
    let failing = "100.0 * count(*) FILTER (WHERE status = 'ERROR') / count(*) AS errors";
    let slow = "approx_percentile_cont(duration_ns, 0.95) / 1e6 AS p95";
    let operations = sql(&format!(
        "SELECT service, name AS operation, count(*) AS requests,\n  {failing},\n  approx_percentile_cont(duration_ns, 0.5) / 1e6 AS p50_ms,\n  {slow}_ms\n{ASKED}\nGROUP BY 1, 2\nORDER BY requests DESC\nLIMIT 50"
    ));
    let durations = sql(&format!(
        "SELECT date_bin($interval, time) AS time,\n  round(power(2, floor(log2(duration_ns / 1e6))), 3) AS ms,\n  count(*) AS requests\n{ASKED} AND duration_ns > 0\nGROUP BY 1, 2\nORDER BY 1"
    ));
    let panels = [
        panel(t.requests, [0, 0, 8, 4], total(rate), View::Value, "/s"),
        panel(t.errors, [8, 0, 8, 4], total(failing), View::Value, "%").with_bounds(1.0, 5.0),
        panel(t.p95, [16, 0, 8, 4], total(slow), View::Value, "ms"),
        panel(t.requests_by_service, [0, 4, 12, 8], over_time(rate), View::Line, "/s"),
        panel(t.errors_by_service, [12, 4, 12, 8], over_time(failing), View::Line, "%").with_bounds(1.0, 5.0),
        panel(t.p95_by_service, [0, 12, 12, 8], over_time(slow), View::Line, "ms"),
        panel(t.durations, [12, 12, 12, 8], durations, View::Heat, ""),
        panel(t.operations, [0, 20, 24, 10], operations, View::Table, ""),
    ];
    let variables = vec![service_variable(t.service, "spans")];
    Template { name: t.services, description: t.services_what, document: document(t.services_what, variables, panels) }
}

fn logs(t: &TemplateTexts) -> Template {
    let patterns = sql("SELECT log_pattern(body) AS pattern, count(*) AS lines, count(DISTINCT service) AS services
FROM logs
WHERE severity_number >= 13 [[AND service IN ($service)]]
GROUP BY 1
ORDER BY 2 DESC
LIMIT 30");
    let share = sql("SELECT service, 100.0 * count(*) FILTER (WHERE severity_number >= 17) / count(*) AS errors
FROM logs
[[WHERE service IN ($service)]]
GROUP BY 1
ORDER BY 2 DESC
LIMIT 20");
    let errors = Query::Lines { search: "severity:>=ERROR service:$service".to_owned() };
    let panels = [
        panel(t.lines_by_severity, [0, 0, 24, 7], counts("service:$service", "severity"), View::Columns, ""),
        panel(t.lines_by_service, [0, 7, 14, 9], counts("service:$service", "service"), View::Area, ""),
        panel(t.error_share, [14, 7, 10, 9], share, View::Bars, "%").with_bounds(1.0, 5.0),
        panel(t.patterns, [0, 16, 12, 11], patterns, View::Table, ""),
        panel(t.newest_errors, [12, 16, 12, 11], errors, View::Log, ""),
    ];
    let variables = vec![service_variable(t.service, "logs")];
    Template { name: t.logs, description: t.logs_what, document: document(t.logs_what, variables, panels) }
}

fn programs(t: &TemplateTexts) -> Template {
    let gauge = |metric: &str, value: &str| {
        sql(&format!(
            "SELECT date_bin($interval, time) AS time, service, {value}\nFROM metrics\nWHERE metric = '{metric}' [[AND service IN ($service)]]\nGROUP BY 1, 2\nORDER BY 1"
        ))
    };
    let served = sql("SELECT service, attributes['http.route'] AS route, max(count) - min(count) AS requests,
  1000 * (max(sum) - min(sum)) / nullif(max(count) - min(count), 0) AS mean_ms
FROM (
  SELECT service, attributes, series_id, count, sum FROM metrics
  WHERE metric = 'http.server.request.duration' [[AND service IN ($service)]]
)
GROUP BY service, attributes['http.route'], series_id
ORDER BY requests DESC
LIMIT 50");
    let newest = sql(
        "SELECT metric, max(unit) AS unit, max(kind) AS kind, count(*) AS points, count(DISTINCT service) AS services
FROM metrics
[[WHERE service IN ($service)]]
GROUP BY 1
ORDER BY 4 DESC",
    );
    let (cpu, memory) = ("100 * avg(value) AS cpu", "avg(value) AS bytes");
    let (used, lag) = ("max(value) AS connections", "max(value) AS messages");
    let panels = [
        panel(t.cpu, [0, 0, 12, 8], gauge("process.cpu.utilization", cpu), View::Line, "%").with_bounds(70.0, 90.0),
        panel(t.memory, [12, 0, 12, 8], gauge("process.memory.usage", memory), View::Line, "B"),
        panel(t.connections, [0, 8, 12, 8], gauge("db.client.connection.count", used), View::Line, ""),
        panel(t.lag, [12, 8, 12, 8], gauge("messaging.kafka.consumer.lag", lag), View::Line, ""),
        panel(t.served, [0, 16, 12, 9], served, View::Table, ""),
        panel(t.metrics, [12, 16, 12, 9], newest, View::Table, ""),
    ];
    let variables = vec![service_variable(t.service, "metrics")];
    Template { name: t.programs, description: t.programs_what, document: document(t.programs_what, variables, panels) }
}

fn lincei(t: &TemplateTexts) -> Template {
    let signal = |table: &str| {
        format!(
            "SELECT date_bin($interval, time) AS time, '{table}' AS signal, count(*) / $interval_s::double AS records FROM {table} GROUP BY 1"
        )
    };
    let stored = sql(&format!("{}\nORDER BY 1", ["logs", "spans", "metrics"].map(signal).join("\nUNION ALL\n")));
    let refused = sql("SELECT date_bin($interval, time) AS time, reason, sum(records) AS records
FROM rejects
GROUP BY 1, 2
ORDER BY 1");
    let slowest = sql("SELECT started, state, elapsed_ms, rows_scanned, bytes_scanned, sql
FROM lincei_queries
WHERE sql NOT LIKE '%-- tail'
ORDER BY elapsed_ms DESC
LIMIT 50");
    let of_files = |value: &str| {
        sql(&format!("SELECT \"table\", {value}\nFROM lincei_files\nWHERE state = 'live'\nGROUP BY 1\nORDER BY 2 DESC"))
    };
    let bytes = sql("SELECT sum(bytes) AS bytes FROM lincei_files WHERE state = 'live'");
    let rows = sql("SELECT sum(rows) AS rows FROM lincei_files WHERE state = 'live'");
    let queries =
        sql("SELECT approx_percentile_cont(elapsed_ms, 0.95) AS p95 FROM lincei_queries WHERE state = 'done'");
    let panels = [
        panel(t.stored_bytes, [0, 0, 8, 4], bytes, View::Value, "B"),
        panel(t.stored_rows, [8, 0, 8, 4], rows, View::Value, ""),
        panel(t.query_p95, [16, 0, 8, 4], queries, View::Value, "ms"),
        panel(t.intake, [0, 4, 16, 8], stored, View::Area, "/s"),
        panel(t.bytes_by_table, [16, 4, 8, 8], of_files("sum(bytes) AS bytes"), View::Bars, "B"),
        panel(t.refused, [0, 12, 16, 7], refused, View::Columns, ""),
        panel(t.files_by_table, [16, 12, 8, 7], of_files("count(*) AS files"), View::Bars, ""),
        panel(t.slowest, [0, 19, 24, 9], slowest, View::Table, ""),
    ];
    Template { name: t.lincei, description: t.lincei_what, document: document(t.lincei_what, Vec::new(), panels) }
}
