//! An installed plugin: what all its versions and instances share, and the pool of instances of one
//! version.

mod pool;
mod shared;

pub(crate) use pool::{Core, Introduction, Parts, World, implement_world, introduces, said};
pub use shared::{LogLevel, LogLine, Plugin, PluginIdentity, PluginMetrics};

use crate::kind::PluginKind;
use lincei_pipeline::OperatorInfo;
use serde::{Deserialize, Serialize};

/// What a plugin says of itself, as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Its world.
    pub kind: PluginKind,
    /// Its own name.
    pub name: String,
    /// The author's version.
    pub version: String,
    /// One line for people.
    pub description: String,
    /// Signals that an operator works on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// Columns that an operator uses: path, type, `read`, `write` or `read-write`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<(String, String, String)>,
    /// Routes of an operator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<String>,
    /// An operator remembers something from call to call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remembers: bool,
    /// Arguments of a function, and its result behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature: Vec<String>,
}

impl Description {
    pub(crate) fn of_operator(info: &OperatorInfo, description: String, remembers: bool) -> Self {
        let access = |access: lincei_pipeline::Access| match (access.read, access.write) {
            (true, true) => "read-write",
            (false, true) => "write",
            _ => "read",
        };
        let column = |column: &lincei_pipeline::ColumnUse| {
            (column.path.clone(), column.column_type.name().to_owned(), access(column.access).to_owned())
        };
        Self {
            kind: PluginKind::Operator,
            name: info.name.clone(),
            version: info.version.clone().unwrap_or_default(),
            description,
            signals: info.tables.iter().map(|table| table.name().to_owned()).collect(),
            columns: info.columns.iter().map(column).collect(),
            routes: info.routes.clone(),
            remembers,
            signature: Vec::new(),
        }
    }

    pub(crate) fn plain(kind: PluginKind, name: String, version: String, description: String) -> Self {
        Self {
            kind,
            name,
            version,
            description,
            signals: Vec::new(),
            columns: Vec::new(),
            routes: Vec::new(),
            remembers: false,
            signature: Vec::new(),
        }
    }
}
