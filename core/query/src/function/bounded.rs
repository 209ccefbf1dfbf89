//! DataFusion's functions whose result can be far larger than their arguments, with a bound.
//!
//! The memory of values made by expressions is not accounted by the executor, so `repeat('x',
//! 2000000000)` or `replace(body, 'e', …)` could take all of the machine's. The functions wrapped
//! here estimate the most bytes that they may make and refuse too many before they allocate any.
//! Functions that make lists as long as an argument says are left out: `generate_series` and
//! `range` in `FROM` stream and are there.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use std::sync::Arc;

/// Functions that are left out, with their aliases.
const LEFT_OUT: [&str; 4] = ["array_repeat", "array_resize", "generate_series", "range"];

/// How much a function may make.
struct Bound {
    /// The most bytes that one row's result can have, by the lengths and values of its arguments.
    estimate: fn(&Row<'_>) -> u64,
    /// Estimated bytes of one value. A constant is copied to every row, so it is small.
    value_max: u64,
    /// Estimated bytes of all values of one call.
    batch_max: u64,
}

const REPEAT: Bound =
    Bound { estimate: |row| row.length(0).saturating_mul(row.number(1)), value_max: 64 << 10, batch_max: 64 << 20 };
/// A character has at most four bytes.
const PAD: Bound = Bound { estimate: |row| row.number(1).saturating_mul(4), value_max: 64 << 10, batch_max: 64 << 20 };
/// The estimate is for text that consists of nothing but what is replaced, which is rare, so the
/// bounds are far above what comes out.
const REPLACE: Bound = Bound {
    estimate: |row| (row.length(0) / row.length(1).max(1)).saturating_mul(row.length(2)),
    value_max: 64 << 20,
    batch_max: 1 << 30,
};
/// An empty match is found before every character and at the end.
const REGEXP_REPLACE: Bound = Bound {
    estimate: |row| row.length(0).saturating_add(1).saturating_mul(row.length(2)),
    value_max: 64 << 20,
    batch_max: 1 << 30,
};

fn bound(name: &str) -> Option<&'static Bound> {
    match name {
        "repeat" => Some(&REPEAT),
        "lpad" | "rpad" => Some(&PAD),
        "replace" => Some(&REPLACE),
        "regexp_replace" => Some(&REGEXP_REPLACE),
        _ => None,
    }
}

/// DataFusion's scalar functions with bounds.
pub(crate) fn bounded(functions: Vec<Arc<ScalarUDF>>) -> Vec<Arc<ScalarUDF>> {
    let wrap = |function: Arc<ScalarUDF>| match bound(function.name()) {
        Some(_) => Arc::new(ScalarUDF::new_from_impl(Bounded { inner: function })),
        None => function,
    };
    functions.into_iter().filter(|function| !LEFT_OUT.contains(&function.name())).map(wrap).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Bounded {
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
        self.inner.inner().return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.inner().return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.inner().coerce_types(arg_types)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.inner().documentation()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows =
            if args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_))) { 1 } else { args.number_rows };
        let arguments = args.args.iter().map(Argument::new).collect::<Result<Vec<_>>>()?;
        if let Some(Bound { estimate, value_max, batch_max }) = bound(self.name()) {
            let mut total = 0_u64;
            for row in 0..rows {
                let bytes = estimate(&Row { arguments: &arguments, row });
                total = total.saturating_add(bytes);
                if bytes > *value_max || total > *batch_max {
                    return exec_err!(
                        "{}() would make a text of up to {bytes} bytes, at most {value_max} are allowed, \
                         and {batch_max} in {rows} rows",
                        self.name()
                    );
                }
            }
        }
        self.inner.inner().invoke_with_args(args)
    }
}

/// Lengths of text, or values of numbers, one for all rows or one a row.
enum Argument {
    Text(ArrayRef, bool),
    Number(ArrayRef, bool),
    Other,
}

impl Argument {
    fn new(value: &ColumnarValue) -> Result<Self> {
        let (array, constant) = match value {
            ColumnarValue::Array(array) => (Arc::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array()?, true),
        };
        Ok(match array.data_type() {
            DataType::Utf8View => Self::Text(array, constant),
            DataType::Utf8 | DataType::LargeUtf8 => Self::Text(cast(&array, &DataType::Utf8View)?, constant),
            other if other.is_integer() => Self::Number(cast(&array, &DataType::Int64)?, constant),
            _ => Self::Other,
        })
    }
}

struct Row<'a> {
    arguments: &'a [Argument],
    row: usize,
}

impl Row<'_> {
    /// Bytes of a text argument, 0 for NULL.
    fn length(&self, argument: usize) -> u64 {
        let Some(Argument::Text(array, constant)) = self.arguments.get(argument) else { return 0 };
        let row = if *constant { 0 } else { self.row };
        if array.is_null(row) { 0 } else { array.as_string_view().value(row).len() as u64 }
    }

    /// A number argument, 0 for NULL and below.
    fn number(&self, argument: usize) -> u64 {
        let Some(Argument::Number(array, constant)) = self.arguments.get(argument) else { return 0 };
        let row = if *constant { 0 } else { self.row };
        if array.is_null(row) { 0 } else { u64::try_from(array.as_primitive::<Int64Type>().value(row)).unwrap_or(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::execution::SessionStateDefaults;

    #[test]
    fn the_functions_are_the_ones_meant() {
        let all = SessionStateDefaults::default_scalar_functions();
        let (count, kept) = (all.len(), bounded(all));
        assert_eq!(kept.len(), count - LEFT_OUT.len());
        let wrapped: Vec<&str> = kept.iter().filter(|f| f.inner().is::<Bounded>()).map(|f| f.name()).collect();
        let mut sorted = wrapped.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["lpad", "regexp_replace", "repeat", "replace", "rpad"]);
    }
}
