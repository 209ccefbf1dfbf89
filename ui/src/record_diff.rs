//! What became of records: side by side, line by line, what changed before what did not.

use crate::order;
use lincei_api::TrialResult;
use serde_json::Value;
use std::collections::BTreeMap;

/// Columns that tell most of a record, in the order in which they are shown.
const TELLING: [&str; 10] =
    ["body", "name", "metric", "value", "severity", "status", "duration_ns", "event_name", "service", "kind"];
/// Columns that are maps: their keys are lines of their own.
const MAPS: [&str; 2] = ["attributes", "resource"];

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is another one.
    Changed,
    /// There was none.
    Added,
    /// There is none any more.
    Removed,
    /// Nothing.
    Same,
}

/// A value, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// A column, or the key of a map as `attributes.http.route`.
    pub path: String,
    /// As text; none where there was none.
    pub before: Option<String>,
    /// As text; none where there is none.
    pub after: Option<String>,
    /// What became of it.
    pub change: Change,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Something in it is another.
    Changed,
    /// It went away.
    Dropped,
    /// It was not there before.
    Added,
    /// Nothing.
    Same,
}

/// A record, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDiff {
    /// What became of it.
    pub fate: Fate,
    /// RFC 3339; empty when the record has no time.
    pub time: String,
    /// Its service; may be empty.
    pub service: String,
    /// What changed first, then what tells most.
    pub lines: Vec<Line>,
}

impl RecordDiff {
    /// How many of the lines changed.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.lines.iter().filter(|line| line.change != Change::Same).count()
    }

    /// How many lines are shown before the rest is asked for: all that changed, and those that tell
    /// which record it is.
    #[must_use]
    pub fn shown_first(&self) -> usize {
        let context = if self.fate == Fate::Changed { 2 } else { 4 };
        (self.changes().min(self.lines.len()) + context).min(self.lines.len())
    }
}

/// How many records met which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tried on.
    pub records: usize,
    /// Changed.
    pub changed: usize,
    /// Dropped.
    pub dropped: usize,
    /// Added.
    pub added: usize,
}

/// Counts them.
#[must_use]
pub fn tally(diffs: &[RecordDiff]) -> Tally {
    let count = |fate: Fate| diffs.iter().filter(|diff| diff.fate == fate).count();
    let added = count(Fate::Added);
    Tally { records: diffs.len() - added, changed: count(Fate::Changed), dropped: count(Fate::Dropped), added }
}

/// One for each record, in the order of the sample, then those that were added.
#[must_use]
pub fn diffs(result: &TrialResult) -> Vec<RecordDiff> {
    let tried = result.before.iter().enumerate().map(|(place, before)| match result.after.get(place) {
        // What an answer leaves out, nothing happened to.
        None => diff(Some(before), Some(before)),
        Some(after) => diff(Some(before), after.as_ref()),
    });
    tried.chain(result.added.iter().map(|added| diff(None, Some(added)))).collect()
}

fn diff(before: Option<&Value>, after: Option<&Value>) -> RecordDiff {
    let told = after.or(before).unwrap_or(&Value::Null);
    let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (was, is) = (before.map(flat).unwrap_or_default(), after.map(flat).unwrap_or_default());
    let mut paths: Vec<&String> = was.keys().chain(is.keys().filter(|path| !was.contains_key(*path))).collect();
    order::plain(&mut paths);
    let mut lines: Vec<Line> = paths.into_iter().map(|path| line(path, was.get(path), is.get(path))).collect();
    let fate = match (before, after) {
        (None, _) => Fate::Added,
        (_, None) => Fate::Dropped,
        _ if lines.iter().any(|line| line.change != Change::Same) => Fate::Changed,
        _ => Fate::Same,
    };
    if matches!(fate, Fate::Added | Fate::Dropped) {
        // The record is what changed, not its values.
        lines.iter_mut().for_each(|line| line.change = Change::Same);
    }
    lines.retain(|line| line.path != "time" || line.change != Change::Same);
    order::by_key(&mut lines, |line| (line.change == Change::Same, rank(&line.path)));
    RecordDiff { fate, time: text("time"), service: text("service"), lines }
}

fn line(path: &str, before: Option<&String>, after: Option<&String>) -> Line {
    let change = match (before, after) {
        (Some(before), Some(after)) if before == after => Change::Same,
        (Some(_), Some(_)) => Change::Changed,
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
    };
    Line { path: path.to_owned(), before: before.cloned(), after: after.cloned(), change }
}

/// Telling columns first, then attributes, then other columns, then the resource.
fn rank(path: &str) -> usize {
    let telling = TELLING.iter().position(|name| *name == path);
    telling.unwrap_or(match path.split('.').next() {
        Some("attributes") => TELLING.len(),
        Some("resource") => TELLING.len() + 2,
        _ => TELLING.len() + 1,
    })
}

fn flat(record: &Value) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (name, value) in record.as_object().into_iter().flatten() {
        match value.as_object().filter(|_| MAPS.contains(&name.as_str())) {
            Some(map) => {
                values.extend(map.iter().filter_map(|(key, value)| Some((format!("{name}.{key}"), text_of(value)?))));
            }
            None => values.extend(text_of(value).map(|text| (name.clone(), text))),
        }
    }
    values
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn result(before: Vec<Value>, after: Vec<Option<Value>>, added: Vec<Value>) -> TrialResult {
        TrialResult { before, after, added, ..TrialResult::default() }
    }

    fn paths(diff: &RecordDiff) -> Vec<(&str, Change)> {
        diff.lines.iter().map(|line| (line.path.as_str(), line.change)).collect()
    }

    #[test]
    fn what_changed_comes_first() {
        let before = json!({"time": "2026-01-01T00:00:00Z", "service": "cart", "body": "a", "trace_id": null,
            "attributes": {"k": "1", "gone": "x"}, "resource": {"host": "h"}});
        let after = json!({"time": "2026-01-01T00:00:00Z", "service": "cart", "body": "a", "trace_id": null,
            "attributes": {"k": "2", "new": "y"}, "resource": {"host": "h"}});
        let all = diffs(&result(vec![before], vec![Some(after)], Vec::new()));
        let one = all.first().unwrap();
        assert_eq!((one.fate, one.service.as_str(), one.changes()), (Fate::Changed, "cart", 3));
        assert_eq!(
            paths(one),
            [
                ("attributes.gone", Change::Removed),
                ("attributes.k", Change::Changed),
                ("attributes.new", Change::Added),
                ("body", Change::Same),
                ("service", Change::Same),
                ("resource.host", Change::Same),
            ]
        );
        assert_eq!(one.shown_first(), 5);
    }

    #[test]
    fn dropped_and_added_records_are_told_apart() {
        let record = json!({"time": "t", "body": "a"});
        let all = diffs(&result(vec![record.clone(), record.clone()], vec![None, Some(record.clone())], vec![record]));
        assert_eq!(all.iter().map(|diff| diff.fate).collect::<Vec<_>>(), [Fate::Dropped, Fate::Same, Fate::Added]);
        assert_eq!(tally(&all), Tally { records: 2, changed: 0, dropped: 1, added: 1 });
        let dropped = all.first().unwrap();
        assert_eq!((dropped.changes(), dropped.lines.len()), (0, 1), "time is in the head of the record");
        assert_eq!(dropped.lines.first().unwrap().after, None);
    }

    #[test]
    fn an_answer_that_leaves_records_out_changed_nothing() {
        let all = diffs(&result(vec![json!({"body": "a"}), json!("odd")], Vec::new(), Vec::new()));
        assert!(all.iter().all(|diff| diff.fate == Fate::Same));
        assert_eq!(tally(&all), Tally { records: 2, ..Tally::default() });
    }

    #[test]
    fn a_changed_time_is_a_line() {
        let all = diffs(&result(
            vec![json!({"time": "a", "value": 1})],
            vec![Some(json!({"time": "b", "value": 1.5}))],
            vec![],
        ));
        let one = all.first().unwrap();
        assert_eq!(paths(one), [("value", Change::Changed), ("time", Change::Changed)]);
        assert_eq!(one.lines.first().unwrap().after.as_deref(), Some("1.5"));
    }
}
