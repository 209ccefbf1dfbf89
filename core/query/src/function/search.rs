//! `search('text')`: true where a row matches a search text.
//!
//! The text is taken apart at planning and becomes predicates on the columns in scope, so it
//! prunes and pushes down like the same conditions written by hand. The language is described in
//! [`crate::search`].
//!
//! ```sql
//! SELECT time, body FROM logs WHERE search('service:api severity:>=WARN "connection reset"');
//! SELECT service, count(*) FROM spans WHERE search('status:error -http.route:/health') GROUP BY 1;
//! ```
//!
//! The argument must be a text literal; anything else is refused at planning.

mod rewrite;

pub(crate) use rewrite::{SearchFailure, rewrite};

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::{Arc, LazyLock};

/// The name in SQL.
pub(crate) const NAME: &str = "search";

static UDF: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
    Arc::new(ScalarUDF::new_from_impl(SearchFunction { signature: Signature::string(1, Volatility::Volatile) }))
});

/// The function, to register. Evaluating it fails: planning replaces every call.
pub(crate) fn udf() -> Arc<ScalarUDF> {
    Arc::clone(&UDF)
}

/// Volatile, so that no rule evaluates or moves a call before it is replaced.
#[derive(Debug, PartialEq, Eq, Hash)]
struct SearchFunction {
    signature: Signature,
}

impl ScalarUDFImpl for SearchFunction {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        exec_err!("search() cannot be used here")
    }
}
