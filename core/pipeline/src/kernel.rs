//! Vectorised operations on a [`Work`](crate::Work): what built-in operators do, and what plugins ask
//! for by the interface `kernels`.
//!
//! A mask has one bit a row. A kernel that fails has changed nothing.

mod assign;
mod json;
mod logfmt;
mod parsed;
mod pattern;
mod protect;
mod select;

pub(crate) use assign::{check_text, constant};
pub use assign::{clear, copy, lowercase, put, truncate};
pub use json::{JsonFields, json};
pub use logfmt::logfmt;
pub use pattern::{Patterns, grok, matches, regex};
pub use protect::{hash, redact};
pub use select::{compare, contains, ends_with, one_of, present, sample, starts_with};

use crate::column::{ColumnPath, ColumnType};
use crate::work::WorkError;

/// Groups, keys or fields that one extraction may name.
pub const EXTRACTIONS_MAX: usize = 256;

/// A column as a plugin or a built-in operator uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub path: ColumnPath,
    /// As what.
    pub column_type: ColumnType,
}

/// Where in a source and into which column.
#[derive(Clone, Debug)]
pub struct Extraction<'a> {
    /// A path in JSON, the name of a group, a key.
    pub path: &'a str,
    /// The column.
    pub into: &'a Target,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// Text.
    Text(String),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A truth value.
    Bool(bool),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Comparison {
    fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
        }
    }
}

/// Why a kernel did nothing.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// A column, or a mask of another batch.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// An argument breaks a rule.
    #[error("{0}")]
    Argument(String),
}

#[cfg(test)]
mod tests;
