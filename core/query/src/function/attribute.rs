//! `attribute(map, 'key')`, which is what `attributes['key']` and `resource['key']` mean.
//!
//! The value of the first entry with exactly that key, as text; NULL when there is none.
//!
//! ```sql
//! SELECT attributes['http.route'], count(*) FROM logs GROUP BY 1;
//! SELECT count(*) FROM logs WHERE attributes['http.response.status_code']::int >= 500;
//! SELECT body FROM logs WHERE resource['it''s'] = 'ü';
//! ```
//!
//! Casts of an access, written or implied by a comparison with a number, are `TRY_CAST`: a text
//! that is no number is NULL there instead of failing the query. This holds for casts directly on
//! the access, not on a column of a subquery that carries its value.

mod cast;
mod planner;
pub(crate) mod rebuild;

pub(crate) use cast::TryCastAttributes;
pub(crate) use planner::AttributeAccess;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, MapArray, StringViewArray, UInt32Array, UInt32Builder, new_null_array,
};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, Result, ScalarValue, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::physical_expr::expressions::{Column as PhysicalColumn, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use std::sync::{Arc, LazyLock};

const NAME: &str = "attribute";

static UDF: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Attribute::new())));

/// The function, to register.
pub(crate) fn udf() -> Arc<ScalarUDF> {
    Arc::clone(&UDF)
}

/// `map['key']`.
pub(crate) fn access(map: Expr, key: &str) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(udf(), vec![map, lit(key)]))
}

/// Map column and key of an access.
pub(crate) fn parts(expr: &Expr) -> Option<(&Column, &str)> {
    let Expr::ScalarFunction(function) = expr else { return None };
    match function.args.as_slice() {
        [Expr::Column(map), Expr::Literal(key, _)] if function.func.inner().is::<Attribute>() => {
            Some((map, key.try_as_str().flatten()?))
        }
        _ => None,
    }
}

/// Map column and key of an access in a physical plan.
pub(crate) fn physical_parts(expr: &dyn PhysicalExpr) -> Option<(&PhysicalColumn, &str)> {
    let function = ScalarFunctionExpr::try_downcast_func::<Attribute>(expr)?;
    let [map, key] = function.args() else { return None };
    Some((map.downcast_ref()?, key.downcast_ref::<Literal>()?.value().try_as_str().flatten()?))
}

/// Whether the expression is an access, an alias of one included.
fn is_access(expr: &Expr) -> bool {
    match expr {
        Expr::ScalarFunction(function) => function.func.inner().is::<Attribute>(),
        Expr::Alias(alias) => is_access(&alias.expr),
        _ => false,
    }
}

/// Whether a column holds attributes: a map of text to text.
fn is_text_map(data_type: &DataType) -> bool {
    let DataType::Map(entries, _) = data_type else { return false };
    let DataType::Struct(fields) = entries.data_type() else { return false };
    let text = |data_type: &DataType| matches!(data_type, DataType::Utf8View | DataType::Utf8 | DataType::LargeUtf8);
    fields.len() == 2 && fields.iter().all(|field| text(field.data_type()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Attribute {
    signature: Signature,
}

impl Attribute {
    fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Attribute {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        match args {
            [map, Expr::Literal(key, _)] => {
                Ok(format!("{}['{}']", map.schema_name(), key.to_string().replace('\'', "''")))
            }
            _ => plan_err!("attribute() takes a map and a key"),
        }
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [map, key]
                if is_text_map(map) && matches!(key, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8) =>
            {
                Ok(vec![map.clone(), DataType::Utf8])
            }
            _ => {
                plan_err!("attribute() takes a map of text to text, such as attributes or resource, and a key as text")
            }
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [map, ColumnarValue::Scalar(key)] = args.args.as_slice() else {
            return exec_err!("the key of an attribute must be a text literal");
        };
        let Some(key) = key.try_as_str().flatten() else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Utf8View(None)));
        };
        let map = map.to_array(args.number_rows)?;
        if map.data_type().is_null() {
            return Ok(ColumnarValue::Array(new_null_array(&DataType::Utf8View, map.len())));
        }
        let map = map.as_map_opt().ok_or_else(|| exec_datafusion_err!("attribute() of a {}", map.data_type()))?;
        Ok(ColumnarValue::Array(lookup(map, key)?))
    }
}

/// Per row the value of the first entry whose key is `key`. The result shares the map's text.
fn lookup(map: &MapArray, key: &str) -> Result<ArrayRef> {
    let found: UInt32Array = match map.keys().data_type() {
        DataType::Utf8View => {
            let keys = KeyViews::new(map.keys().as_string_view(), key);
            first_entries(map, |entry| keys.matches(entry))
        }
        DataType::Utf8 => {
            let keys = map.keys().as_string::<i32>();
            first_entries(map, |entry| keys.value(entry) == key)
        }
        other => return exec_err!("attribute keys of type {other}"),
    };
    let values = take(map.values(), &found, None)?;
    if values.data_type() == &DataType::Utf8View {
        return Ok(values);
    }
    Ok(datafusion::arrow::compute::cast(&values, &DataType::Utf8View)?)
}

fn first_entries(map: &MapArray, matches: impl Fn(usize) -> bool) -> UInt32Array {
    let mut found = UInt32Builder::with_capacity(map.len());
    for (row, window) in map.value_offsets().windows(2).enumerate() {
        let entry = match window {
            [start, end] if map.is_valid(row) => {
                let range = usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
                range.into_iter().find(|entry| matches(*entry)).and_then(|entry| u32::try_from(entry).ok())
            }
            _ => None,
        };
        found.append_option(entry);
    }
    found.finish()
}

/// Keys compared by their views: up to 12 bytes of text lie in the view itself, so most entries
/// are told apart by one 128-bit comparison.
struct KeyViews<'a> {
    keys: &'a StringViewArray,
    key: &'a str,
    wanted: u128,
    mask: u128,
    inline: bool,
}

/// Bytes of text that a view holds itself (Arrow columnar format, "Variable-size Binary View Layout").
const INLINE_BYTES: usize = 12;

impl<'a> KeyViews<'a> {
    fn new(keys: &'a StringViewArray, key: &'a str) -> Self {
        let inline = key.len() <= INLINE_BYTES;
        // of a longer text the view holds length and first four bytes, then where the text lies
        let mask = if inline { u128::MAX } else { u128::from(u64::MAX) };
        let probe = BinaryViewArray::from_iter_values([key.as_bytes()]);
        let wanted = probe.views().first().copied().unwrap_or_default() & mask;
        Self { keys, key, wanted, mask, inline }
    }

    fn matches(&self, entry: usize) -> bool {
        let Some(view) = self.keys.views().get(entry) else { return false };
        view & self.mask == self.wanted && (self.inline || self.keys.value(entry) == self.key)
    }
}

#[cfg(test)]
mod tests;
