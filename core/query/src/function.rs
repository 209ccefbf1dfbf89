//! SQL functions of our own, one file each, and the rules that belong to them.

pub(crate) mod attribute;
pub(crate) mod bounded;
mod log_pattern;
pub(crate) mod search;

use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;

/// All of them, to register.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![attribute::udf(), log_pattern::udf(), search::udf()]
}
