use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::split_conjunction;

/// Columns whose values are wide, so that decoding them for a predicate costs most of the scan.
const WIDE: [&str; 2] = ["body", "raw"];

/// How a Parquet scan applies predicates. Pruning of row groups and pages goes on either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Decode the columns of predicates first and the others for matching rows only.
    pub(super) rows: bool,
    /// Apply predicates on narrow columns before those on wide ones.
    pub(super) reorder: bool,
}

/// Measured (perf.md, C3): filtering while decoding makes equality, numeric predicates and
/// newest-first top-k 3 to 12 times cheaper, but a search in bodies 1.5 times dearer when it is
/// the only predicate. A window of time, which nearly every query has, does not count as one:
/// row groups and pages outside are skipped without it.
pub(super) fn choose(filters: &[Expr]) -> Choice {
    let predicates: Vec<&Expr> = filters.iter().flat_map(split_conjunction).filter(|e| !only(e, &["time"])).collect();
    let wide = predicates.iter().filter(|e| only(e, &WIDE)).count();
    Choice { rows: wide == 0 || wide < predicates.len(), reorder: wide > 0 && wide < predicates.len() }
}

/// Whether every column that the predicate reads is one of these.
fn only(expr: &Expr, names: &[&str]) -> bool {
    let columns = expr.column_refs();
    !columns.is_empty() && columns.iter().all(|column| names.contains(&column.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{col, lit};

    #[test]
    fn a_search_in_bodies_alone_is_not_pushed_down() {
        let body = || col("body").like(lit("%x%"));
        let time = || col("time").gt(lit(1)).and(col("time").lt(lit(9)));
        let service = || col("service").eq(lit("a"));
        for (filters, rows, reorder) in [
            (vec![], true, false),
            (vec![time()], true, false),
            (vec![body()], false, false),
            (vec![time(), body()], false, false),
            (vec![time().and(body())], false, false),
            (vec![service()], true, false),
            (vec![body(), service()], true, true),
            (vec![body().and(service()), time()], true, true),
            (vec![body().or(service())], true, false),
            (vec![col("attributes").is_not_null(), body()], true, true),
        ] {
            assert_eq!(choose(&filters), Choice { rows, reorder }, "{filters:?}");
        }
    }
}
