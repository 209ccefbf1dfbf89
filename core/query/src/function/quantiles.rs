//! `quantiles(x, [q, …])` and `quantiles_exact(x, [q, …])`: several quantiles of one column.
//!
//! ```sql
//! SELECT service, quantiles(duration_ns, [0.5, 0.95, 0.99]) FROM spans GROUP BY 1;
//! SELECT quantiles_exact(value, [0.5])[1] FROM metrics;
//! ```
//!
//! A list of doubles, in the order of the second argument, which is a literal; NULL when there are
//! no numbers. NULLs are left out, -0 is 0, NaN is above +∞ as in `ORDER BY`. The quantile `q` of
//! `n` numbers lies at the place `q * (n - 1)` of their order, counted from 0; between two of them
//! it is interpolated, as by `percentile_cont`.
//!
//! `quantiles_exact` keeps all numbers. `quantiles` keeps up to 512 of a group, and of larger ones
//! a histogram, see [`sketch`]: each of the two numbers that a quantile lies between is then known
//! with an error of at most 0.78 % of itself, and the smallest and the largest are exact. Of the
//! same numbers the answer is always the same, whatever their order.
//!
//! [`ShareQuantiles`] has `approx_percentile_cont`, `approx_median` and `percentile_cont` answered
//! by these two.

mod accumulator;
mod group;
mod select;
mod share;
mod sketch;

pub(crate) use share::ShareQuantiles;

use accumulator::{QuantilesGroups, QuantilesOfAll, item_field, key_field};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Schema};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, GroupsAccumulator, Signature, Volatility,
};
use group::Kind;
use select::Quantiles;
use std::sync::{Arc, LazyLock};

/// Quantiles that one call may ask for.
const LIST_MAX: usize = 1000;

static SKETCH: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| function(Kind::Sketch));
static EXACT: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| function(Kind::Exact));

fn function(kind: Kind) -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::new_from_impl(QuantilesFunction { kind, signature }))
}

/// The functions, to register.
pub(crate) fn udafs() -> [Arc<AggregateUDF>; 2] {
    [Arc::clone(&SKETCH), Arc::clone(&EXACT)]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct QuantilesFunction {
    kind: Kind,
    signature: Signature,
}

impl QuantilesFunction {
    fn quantiles(&self, args: &AccumulatorArgs<'_>) -> Result<Quantiles> {
        if args.is_distinct {
            return plan_err!("{}() does not know DISTINCT", self.name());
        }
        let Some(list) = args.exprs.get(1) else { return plan_err!("{}() takes a list of quantiles", self.name()) };
        let literal = list.evaluate(&RecordBatch::new_empty(Arc::new(Schema::empty())));
        match literal {
            Ok(ColumnarValue::Scalar(list)) => self.list(&list),
            _ => plan_err!("the quantiles of {}() must be literals", self.name()),
        }
    }

    fn list(&self, list: &ScalarValue) -> Result<Quantiles> {
        let name = self.name();
        let ScalarValue::List(list) = list else { return plan_err!("{name}() takes a list of quantiles, got {list}") };
        let items = list.is_valid(0).then(|| list.value(0));
        let Some(items) = items.as_ref().and_then(|items| items.as_primitive_opt::<Float64Type>()) else {
            return plan_err!("{name}() takes a list of quantiles, got NULL");
        };
        if items.is_empty() || items.len() > LIST_MAX {
            return plan_err!("{name}() takes 1 to {LIST_MAX} quantiles, got {}", items.len());
        }
        if items.null_count() > 0 {
            return plan_err!("a quantile of {name}() must be from 0 to 1, got NULL");
        }
        if let Some(wrong) = items.values().iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return plan_err!("a quantile of {name}() must be from 0 to 1, got {wrong}");
        }
        Ok(Quantiles::new(items.values().to_vec()))
    }
}

impl AggregateUDFImpl for QuantilesFunction {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Sketch => "quantiles",
            Kind::Exact => "quantiles_exact",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [numbers, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..)]
                if numbers.is_numeric() || numbers.is_null() =>
            {
                Ok(vec![DataType::Float64, DataType::List(item_field())])
            }
            _ => plan_err!("{}() takes numbers and a list of quantiles, such as [0.5, 0.99]", self.name()),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(item_field()))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![
            Arc::new(Field::new(format_state_name(args.name, "keys"), DataType::List(key_field()), true)),
            Arc::new(Field::new(format_state_name(args.name, "histogram"), DataType::Binary, true)),
        ])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(QuantilesOfAll::new(self.quantiles(&args)?, self.kind)))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(QuantilesGroups::new(self.quantiles(&args)?, self.kind)))
    }
}

#[cfg(test)]
mod tests;
