//! `approx_distinct(x)` of doubles, too, which DataFusion's does not know.
//!
//! ```sql
//! SELECT approx_distinct(value), approx_distinct(attributes['user.id']) FROM metrics;
//! ```
//!
//! A double is counted by its bits; 0 and -0 are one value, and so are all NaN. Everything else is
//! left to DataFusion: HyperLogLog with 2^14 registers, a list of hashes instead while a group has
//! few values, and states that merge.

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator, Signature,
};
use std::sync::Arc;

const NAME: &str = "approx_distinct";

/// The functions, with this one wrapped.
pub(crate) fn of_doubles(functions: Vec<Arc<AggregateUDF>>) -> Vec<Arc<AggregateUDF>> {
    let wrap = |function: Arc<AggregateUDF>| match function.name() {
        NAME => Arc::new(AggregateUDF::new_from_impl(ApproxDistinct { inner: function })),
        _ => function,
    };
    functions.into_iter().map(wrap).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ApproxDistinct {
    inner: Arc<AggregateUDF>,
}

fn is_float(fields: &[FieldRef]) -> bool {
    fields.first().is_some_and(|field| field.data_type().is_floating())
}

/// How the doubles are given to DataFusion.
fn bit_fields() -> [FieldRef; 1] {
    [Arc::new(Field::new("bits", DataType::Int64, true))]
}

impl AggregateUDFImpl for ApproxDistinct {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.inner.default_value(data_type)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        match is_float(args.input_fields) {
            true => self.inner.state_fields(StateFieldsArgs { input_fields: &bit_fields(), ..args }),
            false => self.inner.state_fields(args),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match is_float(args.expr_fields) {
            true => {
                let inner = self.inner.accumulator(AccumulatorArgs { expr_fields: &bit_fields(), ..args })?;
                Ok(Box::new(OfBits(inner)))
            }
            false => self.inner.accumulator(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        match is_float(args.expr_fields) {
            true => self.inner.groups_accumulator_supported(AccumulatorArgs { expr_fields: &bit_fields(), ..args }),
            false => self.inner.groups_accumulator_supported(args),
        }
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        match is_float(args.expr_fields) {
            true => {
                let args = AccumulatorArgs { expr_fields: &bit_fields(), ..args };
                Ok(Box::new(OfBits(self.inner.create_groups_accumulator(args)?)))
            }
            false => self.inner.create_groups_accumulator(args),
        }
    }
}

/// Gives the bits of doubles to an accumulator of integers.
struct OfBits<A>(A);

impl<A> std::fmt::Debug for OfBits<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfBits").finish_non_exhaustive()
    }
}

fn bits(values: &[ArrayRef]) -> Result<[ArrayRef; 1]> {
    let doubles = values.first().map(|values| cast(values, &DataType::Float64)).transpose()?;
    let doubles = doubles.as_ref().and_then(|doubles| doubles.as_primitive_opt::<Float64Type>());
    let doubles = doubles.ok_or_else(|| exec_datafusion_err!("{NAME}() of something else than doubles"))?;
    let bits: Int64Array = doubles.unary(|double| {
        let one = if double.is_nan() { f64::NAN } else { double + 0.0 };
        one.to_bits().cast_signed()
    });
    Ok([Arc::new(bits)])
}

impl Accumulator for OfBits<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(&bits(values)?)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.evaluate()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }
}

impl GroupsAccumulator for OfBits<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.0.update_batch(&bits(values)?, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.0.evaluate(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.0.state(emit_to)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.0.merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.0.convert_to_state(&bits(values)?, opt_filter)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
