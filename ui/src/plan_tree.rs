//! The plan of a statement as a tree, read from what `EXPLAIN FORMAT INDENT` and `EXPLAIN ANALYZE`
//! answer: a step per line, two spaces deeper than the step that it feeds.

use serde_json::Value;

const INDENT: usize = 2;

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    /// How many steps it is below the first.
    pub depth: usize,
    /// What it does: `AggregateExec`.
    pub name: String,
    /// With what.
    pub detail: String,
    /// What it took, by name; empty where it was not measured.
    pub metrics: Vec<(String, String)>,
}

impl PlanStep {
    /// A metric.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&str> {
        self.metrics.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A plan: logical, physical, or physical with metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// As the server names it: `logical_plan`, `physical_plan`, `Plan with Metrics`.
    pub name: String,
    /// Steps, each after the one that it feeds.
    pub steps: Vec<PlanStep>,
}

/// Reads an answer: rows of name and text. Rows of another shape are left out.
#[must_use]
pub fn plans(rows: &[Vec<Value>]) -> Vec<Plan> {
    let plan = |row: &Vec<Value>| {
        let (name, text) = (row.first()?.as_str()?, row.get(1)?.as_str()?);
        let steps = text.lines().filter(|line| !line.trim().is_empty()).map(step).collect();
        Some(Plan { name: name.to_owned(), steps })
    };
    rows.iter().filter_map(plan).collect()
}

fn step(line: &str) -> PlanStep {
    let text = line.trim_start_matches(' ');
    let depth = (line.len() - text.len()) / INDENT;
    let (text, metrics) = match text.rfind("metrics=[") {
        Some(at) => {
            let list = text.get(at..).unwrap_or_default().trim_start_matches("metrics=[").trim_end_matches(']');
            (text.get(..at).unwrap_or_default().trim_end_matches([' ', ',']), metrics(list))
        }
        None => (text, Vec::new()),
    };
    let (name, detail) = text.split_once(':').unwrap_or((text, ""));
    let (name, detail) = if name.contains(' ') && !name.ends_with("Join") { split_words(text) } else { (name, detail) };
    PlanStep { depth, name: name.trim().to_owned(), detail: detail.trim().to_owned(), metrics }
}

/// `Inner Join: a = b` has its name before the colon; a text whose colon comes later has it before
/// the first space.
fn split_words(text: &str) -> (&str, &str) {
    text.split_once(' ').map_or((text, ""), |(name, detail)| (name.trim_end_matches(':'), detail))
}

fn metrics(list: &str) -> Vec<(String, String)> {
    let pairs = list.split(", ").filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(name: &str, text: &str) -> Vec<PlanStep> {
        let mut plans = plans(&[vec![json!(name), json!(text)]]);
        assert_eq!(plans[0].name, name);
        plans.remove(0).steps
    }

    #[test]
    fn indentation_is_depth() {
        // as DataFusion prints `SELECT service, count(*) FROM logs GROUP BY 1`
        let steps = parsed(
            "logical_plan",
            "Projection: logs.service, count(Int64(1)) AS count(*)\n  Aggregate: groupBy=[[logs.service]], aggr=[[count(Int64(1))]]\n    TableScan: logs projection=[service]\n",
        );
        let shape: Vec<(usize, &str)> = steps.iter().map(|step| (step.depth, step.name.as_str())).collect();
        assert_eq!(shape, [(0, "Projection"), (1, "Aggregate"), (2, "TableScan")]);
        assert_eq!(steps[2].detail, "logs projection=[service]");
        assert!(steps[0].metrics.is_empty());
    }

    #[test]
    fn metrics_are_taken_from_the_end() {
        let steps = parsed(
            "Plan with Metrics",
            "CoalesceBatchesExec, metrics=[]\n  FilterExec: body@1 LIKE %a:b%, metrics=[output_rows=3, elapsed_compute=1.234ms, selectivity=2% (3/150)]",
        );
        assert_eq!((steps[0].name.as_str(), steps[0].metrics.len()), ("CoalesceBatchesExec", 0));
        assert_eq!((steps[1].name.as_str(), steps[1].detail.as_str()), ("FilterExec", "body@1 LIKE %a:b%"));
        assert_eq!(steps[1].metric("output_rows"), Some("3"));
        assert_eq!(steps[1].metric("elapsed_compute"), Some("1.234ms"));
        assert_eq!(steps[1].metric("selectivity"), Some("2% (3/150)"));
        assert_eq!(steps[1].metric("nothing"), None);
    }

    #[test]
    fn names_of_several_words_are_whole_for_joins_only() {
        let steps = parsed("logical_plan", "Inner Join: a.x = b.y\nDataSourceExec projection of a: b");
        assert_eq!((steps[0].name.as_str(), steps[0].detail.as_str()), ("Inner Join", "a.x = b.y"));
        assert_eq!((steps[1].name.as_str(), steps[1].detail.as_str()), ("DataSourceExec", "projection of a: b"));
    }

    #[test]
    fn rows_of_another_shape_are_left_out() {
        assert_eq!(plans(&[vec![json!(1), json!("x")], vec![json!("plan")], Vec::new()]), []);
    }
}
