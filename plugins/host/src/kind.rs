use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which world a plugin lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginKind {
    /// Works on batches before they are stored.
    Operator,
    /// A scalar function for SQL.
    Function,
    /// Decides on events.
    Rule,
    /// Delivers messages.
    Notifier,
    /// Chooses the next step of an escalation.
    Escalation,
}

impl PluginKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Function, Self::Rule, Self::Notifier, Self::Escalation];

    /// The name of the world, and in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Function => "function",
            Self::Rule => "rule",
            Self::Notifier => "notifier",
            Self::Escalation => "escalation",
        }
    }

    /// The export that no other world has.
    pub(crate) const fn own_export(self) -> &'static str {
        match self {
            Self::Operator => "process",
            Self::Function => "call",
            Self::Rule => "decide",
            Self::Notifier => "send",
            Self::Escalation => "next",
        }
    }
}

impl fmt::Display for PluginKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PluginKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        found.ok_or_else(|| format!("kind {name:?} is none of operator, function, rule, notifier and escalation"))
    }
}
