//! The audit log as it is read: who and what there is to choose from, and what a change changed.

use crate::order;
use lincei_api::AuditEntry;
use serde_json::Value;

/// Which entries are shown; empty is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
}

impl Filter {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actor.is_empty() && self.action.is_empty()
    }

    /// Whether an entry is shown.
    #[must_use]
    pub fn takes(&self, entry: &AuditEntry) -> bool {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        fits(&self.actor, &entry.actor) && fits(&self.action, &entry.action)
    }
}

/// The different values of a field, and of `chosen`, which may not be among the entries yet; in order.
#[must_use]
pub fn choices(entries: &[AuditEntry], field: impl Fn(&AuditEntry) -> &str, chosen: &str) -> Vec<String> {
    let mut all: Vec<String> = entries.iter().map(|entry| field(entry).to_owned()).collect();
    all.push(chosen.to_owned());
    all.retain(|value| !value.is_empty());
    order::plain(&mut all);
    all.dedup();
    all
}

/// One field of what was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Name; empty for a value that is no object.
    pub field: String,
    /// As it was; none where there was nothing.
    pub before: Option<String>,
    /// As it is; none where nothing is.
    pub after: Option<String>,
}

/// The fields in which two states differ, in their order; all of them where there is only one state.
#[must_use]
pub fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let (old, new) = (fields(before), fields(after));
    let mut names: Vec<&String> = old.iter().map(|(name, _)| name).collect();
    names.extend(new.iter().map(|(name, _)| name).filter(|name| !old.iter().any(|(known, _)| known == *name)));
    let value =
        |of: &[(String, String)], name: &str| of.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    names
        .into_iter()
        .map(|name| Change { field: name.clone(), before: value(&old, name), after: value(&new, name) })
        .filter(|change| change.before != change.after)
        .collect()
}

fn fields(state: Option<&Value>) -> Vec<(String, String)> {
    match state {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(members)) => {
            members.iter().filter(|(_, value)| !value.is_null()).map(|(name, v)| (name.clone(), text(v))).collect()
        }
        Some(other) => vec![(String::new(), text(other))],
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(actor: &str, action: &str) -> AuditEntry {
        AuditEntry {
            id: 1,
            time: String::new(),
            actor: actor.into(),
            origin: String::new(),
            action: action.into(),
            target: String::new(),
            before: None,
            after: None,
        }
    }

    fn change(field: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change { field: field.into(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    #[test]
    fn entries_are_filtered_by_both() {
        let entries = [entry("mira", "key.create"), entry("mira", "key.revoke"), entry("local", "key.create")];
        let shown = |actor: &str, action: &str| {
            let filter = Filter { actor: actor.into(), action: action.into() };
            entries.iter().filter(|entry| filter.takes(entry)).count()
        };
        assert_eq!((shown("", ""), shown("mira", ""), shown("mira", "key.create"), shown("ada", "")), (3, 2, 1, 0));
        assert_eq!(choices(&entries, |entry| &entry.actor, "ada"), ["ada", "local", "mira"]);
        assert_eq!(choices(&entries, |entry| &entry.action, ""), ["key.create", "key.revoke"]);
        assert!(Filter::default().is_empty());
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let before = json!({ "max_age_seconds": 604_800, "max_bytes": null, "kept": true });
        let after = json!({ "max_age_seconds": 86_400, "max_bytes": 5, "kept": true });
        assert_eq!(
            changes(Some(&before), Some(&after)),
            [change("max_age_seconds", Some("604800"), Some("86400")), change("max_bytes", None, Some("5"))]
        );
        assert_eq!(changes(None, Some(&json!({ "name": "x" }))), [change("name", None, Some("x"))]);
        assert_eq!(changes(Some(&json!("a")), Some(&json!([1]))), [change("", Some("a"), Some("[1]"))]);
        assert!(changes(None, None).is_empty() && changes(Some(&before), Some(&before)).is_empty());
    }
}
