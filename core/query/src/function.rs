//! SQL functions of our own, one file each, and the rules that belong to them.

pub(crate) mod approx_distinct;
pub(crate) mod approx_top_k;
pub(crate) mod attribute;
pub(crate) mod bounded;
pub(crate) mod count_distinct;
mod log_pattern;
pub(crate) mod quantiles;
pub(crate) mod search;
pub(crate) mod time_bin;
mod used_rows;
pub(crate) mod user;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use std::sync::Arc;

/// All of them, to register.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![attribute::udf(), log_pattern::udf(), search::udf()]
}

/// Aggregates of our own, to register.
pub(crate) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    let mut all = vec![approx_top_k::udaf()];
    all.extend(quantiles::udafs());
    all
}
