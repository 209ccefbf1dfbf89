//! `count(DISTINCT x)` of texts, exact, without keeping the texts.
//!
//! A text is counted by a key of 16 bytes: a text of up to twelve bytes is its own key, a longer one
//! has 96 bits of its XXH3 hash, as in ClickHouse's `uniqExact`. Of a billion different longer texts
//! two share a key with a probability of one in 10^11. The hash has a seed of this process, so that
//! nobody can make texts that collide.
//!
//! [`CountDistinctTexts`] has DataFusion's `count(DISTINCT x)` answered by this function.

mod accumulator;
mod groups;
mod key;
mod keys;
mod rewrite;

pub(crate) use rewrite::CountDistinctTexts;

use accumulator::{CountOfAll, CountOfGroups, key_field};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility};
use std::sync::{Arc, LazyLock};

static FUNCTION: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
    let signature = Signature::exact(vec![DataType::Utf8View], Volatility::Immutable);
    Arc::new(AggregateUDF::new_from_impl(CountDistinct { signature }))
});

#[derive(Debug, PartialEq, Eq, Hash)]
struct CountDistinct {
    signature: Signature,
}

impl AggregateUDFImpl for CountDistinct {
    fn name(&self) -> &str {
        "count_distinct_texts"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn default_value(&self, _data_type: &DataType) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(Some(0)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "keys"), DataType::List(key_field()), false))])
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(CountOfAll::default()))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(CountOfGroups::default()))
    }
}
