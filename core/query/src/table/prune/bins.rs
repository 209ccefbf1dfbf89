//! What a condition on a binned time says about the time itself.
//!
//! `date_trunc` and `date_bin` round down: `bin(t) <= t < bin(t) + width`. So `bin(t) >= x` needs
//! `t >= x`, and `bin(t) <= x` needs `t < x + width`. DataFusion does not look through them.

use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, lit};
use datafusion::scalar::ScalarValue;

const SECOND_NS: i64 = 1_000_000_000;
const DAY_NS: i64 = 86_400 * SECOND_NS;

/// Conditions on `time` that follow from the filters; none that is not implied.
pub(super) fn implied(filters: &[Expr]) -> Vec<Expr> {
    filters.iter().flat_map(split_conjunction).flat_map(implied_by).collect()
}

fn implied_by(filter: &Expr) -> Vec<Expr> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (bin(left), bin(right), op.swap()) {
            (Some(bin), _, _) => bin.compared(*op, right),
            (None, Some(bin), Some(swapped)) => bin.compared(swapped, left),
            _ => Vec::new(),
        },
        Expr::Between(between) if !between.negated => bin(&between.expr).map_or_else(Vec::new, |bin| {
            let low = bin.compared(Operator::GtEq, &between.low);
            low.into_iter().chain(bin.compared(Operator::LtEq, &between.high)).collect()
        }),
        _ => Vec::new(),
    }
}

/// `date_trunc` or `date_bin` of a column.
struct Bin<'a> {
    time: &'a Expr,
    /// At least as wide as the widest bin.
    width_ns: i64,
}

impl Bin<'_> {
    fn compared(&self, op: Operator, value: &Expr) -> Vec<Expr> {
        let Expr::Literal(ScalarValue::TimestampNanosecond(Some(ns), zone), _) = value else { return Vec::new() };
        let at = |ns: i64| lit(ScalarValue::TimestampNanosecond(Some(ns), zone.clone()));
        let from = || self.time.clone().gt_eq(at(*ns));
        let until = || ns.checked_add(self.width_ns).map(|end| self.time.clone().lt(at(end)));
        match op {
            Operator::Gt | Operator::GtEq => vec![from()],
            Operator::Lt | Operator::LtEq => until().into_iter().collect(),
            Operator::Eq => std::iter::once(from()).chain(until()).collect(),
            _ => Vec::new(),
        }
    }
}

fn bin(expr: &Expr) -> Option<Bin<'_>> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr else { return None };
    let (Expr::Literal(step, _), time) = (args.first()?, args.get(1)?) else { return None };
    if !matches!(time, Expr::Column(_)) {
        return None;
    }
    let width_ns = match func.name() {
        "date_trunc" => unit_ns(step.try_as_str().flatten()?)?,
        "date_bin" => interval_ns(step)?,
        _ => return None,
    };
    Some(Bin { time, width_ns })
}

fn unit_ns(unit: &str) -> Option<i64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "nanosecond" => 1,
        "microsecond" => 1_000,
        "millisecond" => 1_000_000,
        "second" => SECOND_NS,
        "minute" => 60 * SECOND_NS,
        "hour" => 3600 * SECOND_NS,
        "day" => DAY_NS,
        "week" => 7 * DAY_NS,
        "month" => 31 * DAY_NS,
        "quarter" => 92 * DAY_NS,
        "year" => 366 * DAY_NS,
        _ => return None,
    })
}

fn interval_ns(interval: &ScalarValue) -> Option<i64> {
    let (months, days, ns) = match interval {
        ScalarValue::IntervalMonthDayNano(Some(v)) => (i64::from(v.months), i64::from(v.days), v.nanoseconds),
        ScalarValue::IntervalDayTime(Some(v)) => (0, i64::from(v.days), i64::from(v.milliseconds) * 1_000_000),
        ScalarValue::IntervalYearMonth(Some(months)) => (i64::from(*months), 0, 0),
        ScalarValue::DurationNanosecond(Some(ns)) => (0, 0, *ns),
        _ => return None,
    };
    let width = months.checked_mul(31)?.checked_add(days)?.checked_mul(DAY_NS)?.checked_add(ns)?;
    (width > 0).then_some(width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::functions::datetime::expr_fn::{date_bin, date_trunc};
    use datafusion::logical_expr::col;

    #[test]
    fn only_what_follows_is_implied() {
        let at = |ns: i64| lit(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())));
        let hour = 3600 * SECOND_NS;
        let trunc = || date_trunc(lit("hour"), col("time"));
        let ten_minutes = ScalarValue::new_interval_mdn(0, 0, 600 * SECOND_NS);
        let binned = date_bin(lit(ten_minutes), col("time"), at(0));
        let (from, until) = (col("time").gt_eq(at(7)), col("time").lt(at(7 + hour)));
        for (filter, want) in [
            (trunc().eq(at(7)), vec![from.clone(), until.clone()]),
            (trunc().gt(at(7)), vec![from.clone()]),
            (trunc().lt(at(7)), vec![until.clone()]),
            (at(7).lt_eq(trunc()), vec![from.clone()]),
            (trunc().between(at(7), at(7)), vec![from.clone(), until.clone()]),
            (binned.lt_eq(at(0)), vec![col("time").lt(at(600 * SECOND_NS))]),
            (trunc().not_eq(at(7)), vec![]),
            (trunc().not_between(at(7), at(8)), vec![]),
            (trunc().eq(at(7)).or(col("x").eq(lit(1))), vec![]),
            (trunc().eq(col("other")), vec![]),
            (date_trunc(lit("hour"), date_trunc(lit("day"), col("time"))).eq(at(7)), vec![]),
            (col("time").eq(at(7)), vec![]),
        ] {
            assert_eq!(implied(std::slice::from_ref(&filter)), want, "{filter}");
        }
    }
}
