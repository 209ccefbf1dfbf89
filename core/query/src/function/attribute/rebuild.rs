//! The functions that put attributes together again in a scan: not for use in SQL.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use lincei_model::attribute_map_type;
use std::sync::{Arc, LazyLock};

/// The whole map, from what the file's map holds and the columns of these keys.
pub(crate) fn whole_map(keys: Vec<String>) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(WholeMap { keys, signature: Signature::variadic_any(Volatility::Immutable) }))
}

/// A typed column's values as they were sent.
pub(crate) fn text() -> Arc<ScalarUDF> {
    static UDF: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        Arc::new(ScalarUDF::new_from_impl(Text { signature: Signature::any(1, Volatility::Immutable) }))
    });
    Arc::clone(&UDF)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct WholeMap {
    keys: Vec<String>,
    signature: Signature,
}

impl ScalarUDFImpl for WholeMap {
    fn name(&self) -> &str {
        "whole_map"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(attribute_map_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let Some((rest, columns)) = arrays.split_first() else { return exec_err!("whole_map() needs a map") };
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        Ok(ColumnarValue::Array(lincei_engine::rebuild_map(rest, &keys, columns)?))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Text {
    signature: Signature,
}

impl ScalarUDFImpl for Text {
    fn name(&self) -> &str {
        "attribute_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [column] => {
                let column = column.to_array(args.number_rows)?;
                Ok(ColumnarValue::Array(lincei_engine::attribute_text(&column)?))
            }
            _ => exec_err!("attribute_text() takes one column"),
        }
    }
}
