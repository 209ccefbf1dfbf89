//! The text of a statement: whether a link can hold it, what begins it, its plan, and statements to
//! start with.

/// Bytes of a statement that a link holds; longer links are cut by chats and mail.
pub const LINK_BYTES_MAX: usize = 4096;

/// Statements to start with, by a stable name. They run on the tables of any server, and the demo has
/// rows for each.
pub const EXAMPLES: [(&str, &str); 6] = [
    (
        "errors",
        "SELECT date_bin(INTERVAL '1 minute', time) AS minute, service, count(*) AS errors\nFROM logs\nWHERE search('severity:>=ERROR')\nGROUP BY minute, service\nORDER BY minute",
    ),
    (
        "patterns",
        "SELECT log_pattern(body) AS pattern, count(*) AS lines, max(time) AS last_seen\nFROM logs\nGROUP BY pattern\nORDER BY lines DESC\nLIMIT 50",
    ),
    (
        "latency",
        "SELECT service, count(*) AS requests,\n  round(approx_percentile_cont(duration_ns, 0.5) / 1e6, 1) AS p50_ms,\n  round(approx_percentile_cont(duration_ns, 0.95) / 1e6, 1) AS p95_ms,\n  round(avg(CASE WHEN status = 'ERROR' THEN 100 ELSE 0 END), 2) AS error_percent\nFROM spans\nWHERE kind = 'SERVER'\nGROUP BY service\nORDER BY p95_ms DESC",
    ),
    (
        "slowest",
        "SELECT time, service, name, duration_ns / 1e6 AS ms, status, trace_id\nFROM spans\nWHERE kind = 'SERVER'\nORDER BY duration_ns DESC\nLIMIT 100",
    ),
    (
        "metrics",
        "SELECT metric, kind, unit, count(*) AS points, count(DISTINCT series_id) AS series\nFROM metrics\nGROUP BY metric, kind, unit\nORDER BY points DESC",
    ),
    (
        "storage",
        "SELECT \"table\", count(*) AS files, sum(rows) AS rows, sum(bytes) AS bytes\nFROM lincei_files\nGROUP BY \"table\"\nORDER BY bytes DESC",
    ),
];

/// Whether a link can hold a statement.
#[must_use]
pub fn fits_link(sql: &str) -> bool {
    sql.len() <= LINK_BYTES_MAX
}

/// The statement that asks for the plan of `sql`; with what each step took when it is `measured`,
/// for which it runs.
#[must_use]
pub fn explain(sql: &str, measured: bool) -> String {
    format!("EXPLAIN {}\n{sql}", if measured { "ANALYZE" } else { "FORMAT INDENT" })
}

/// Whether a statement has a plan: whether it is a query, and not about plans or tables itself.
#[must_use]
pub fn has_plan(sql: &str) -> bool {
    matches!(first_word(sql).as_str(), "SELECT" | "WITH" | "VALUES" | "(" | "TABLE")
}

/// The first word, in capitals, after comments and space.
fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start();
    loop {
        let after = if rest.starts_with("--") {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map_or("", |(_, after)| after)
        } else {
            break;
        };
        rest = after.trim_start();
    }
    if rest.starts_with('(') {
        return "(".to_owned();
    }
    rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_uppercase()
}

/// The first line of a statement that says something, for lists.
#[must_use]
pub fn summary(sql: &str, chars_max: usize) -> String {
    let words: Vec<&str> = sql.split_whitespace().take(chars_max).collect();
    let line = words.join(" ");
    let mut cut: String = line.chars().take(chars_max).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_have_a_plan() {
        for (sql, plan) in [
            ("SELECT 1", true),
            ("  -- all\n/* of\nthem */ with x as (select 1) select * from x", true),
            ("(SELECT 1)", true),
            ("EXPLAIN SELECT 1", false),
            ("SHOW TABLES", false),
            ("DESCRIBE logs", false),
            ("", false),
            ("-- only a comment", false),
        ] {
            assert_eq!(has_plan(sql), plan, "{sql}");
        }
        assert_eq!(explain("SELECT 1", false), "EXPLAIN FORMAT INDENT\nSELECT 1");
        assert_eq!(explain("SELECT 1", true), "EXPLAIN ANALYZE\nSELECT 1");
    }

    #[test]
    fn only_short_statements_fit_a_link() {
        assert!(fits_link(&"x".repeat(4096)));
        assert!(!fits_link(&"ä".repeat(2049)));
        for (name, sql) in EXAMPLES {
            assert!(fits_link(sql) && has_plan(sql), "{name}");
        }
    }

    #[test]
    fn summaries_are_one_line() {
        assert_eq!(summary("SELECT 1,\n   2", 40), "SELECT 1, 2");
        assert_eq!(summary("SELECT 1,\n   2", 8), "SELECT 1…");
    }
}
