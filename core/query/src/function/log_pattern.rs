//! `log_pattern(text)`: the text with its values replaced by their forms.
//!
//! ```sql
//! SELECT log_pattern('user 5 from 10.0.0.1 took 12.5ms');  -- user <num> from <ip> took <num>ms
//! SELECT log_pattern(body), count(*) FROM logs GROUP BY 1 ORDER BY 2 DESC LIMIT 20;
//! ```
//!
//! One pass over the bytes of the first line; the forms are listed in [`lincei_model::pattern`].
//! NULL stays NULL.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use lincei_model::pattern::mask;
use std::sync::Arc;

/// The function, to register.
pub(crate) fn udf() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(LogPattern { signature: Signature::string(1, Volatility::Immutable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LogPattern {
    signature: Signature,
}

impl ScalarUDFImpl for LogPattern {
    fn name(&self) -> &str {
        "log_pattern"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(texts)] => Ok(ColumnarValue::Array(patterns(texts)?)),
            [ColumnarValue::Scalar(text)] => {
                let array = patterns(&text.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?))
            }
            _ => exec_err!("log_pattern() takes one text"),
        }
    }
}

fn patterns(texts: &ArrayRef) -> Result<ArrayRef> {
    let texts = cast(texts, &DataType::Utf8View)?;
    // patterns repeat, so each is stored once
    let mut out = StringViewBuilder::with_capacity(texts.len()).with_deduplicate_strings();
    let mut pattern = String::new();
    for text in texts.as_string_view() {
        match text {
            None => out.append_null(),
            Some(text) => {
                pattern.clear();
                mask(text, &mut pattern);
                out.append_value(&pattern);
            }
        }
    }
    Ok(Arc::new(out.finish()))
}
