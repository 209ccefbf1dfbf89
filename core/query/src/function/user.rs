//! Functions that users bring: plugins, as SQL sees them.
//!
//! A statement sees the functions that are installed when it begins. A name that a function of our own
//! has stays ours.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How often a function has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionVolatility {
    /// The same arguments always give the same result.
    Immutable,
    /// They do within one query.
    Stable,
    /// They do not.
    Volatile,
}

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionSignature {
    /// The name in SQL, in small letters.
    pub name: String,
    /// Types of the arguments: `Utf8View`, `Int64`, `Float64`, `Boolean`.
    pub arguments: Vec<DataType>,
    /// Type of the result, one of these.
    pub returns: DataType,
    /// How often it has to be asked.
    pub volatility: FunctionVolatility,
}

/// A scalar function that somebody installed.
pub trait UserFunction: Send + Sync {
    /// What it takes and gives.
    fn signature(&self) -> &FunctionSignature;

    /// One result for each row. Blocks a thread that works on queries.
    ///
    /// # Errors
    /// What went wrong, for the person who wrote the query.
    fn call(&self, arguments: &[ArrayRef], rows: usize) -> std::result::Result<ArrayRef, String>;
}

/// The functions that are installed now.
#[derive(Clone, Default)]
pub struct UserFunctions {
    functions: Arc<RwLock<BTreeMap<String, Arc<dyn UserFunction>>>>,
}

impl UserFunctions {
    /// Installs a function in place of the one that has its name.
    pub fn install(&self, function: Arc<dyn UserFunction>) {
        let name = function.signature().name.clone();
        self.functions.write().insert(name, function);
    }

    /// Takes a function out.
    pub fn remove(&self, name: &str) {
        self.functions.write().remove(name);
    }

    /// For a session.
    pub(crate) fn all(&self) -> Vec<Arc<ScalarUDF>> {
        let functions = self.functions.read();
        functions.values().map(|function| Arc::new(ScalarUDF::from(Udf::new(Arc::clone(function))))).collect()
    }
}

impl fmt::Debug for UserFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.functions.read().keys()).finish()
    }
}

struct Udf {
    function: Arc<dyn UserFunction>,
    signature: Signature,
}

impl Udf {
    fn new(function: Arc<dyn UserFunction>) -> Self {
        let of = function.signature();
        let volatility = match of.volatility {
            FunctionVolatility::Immutable => Volatility::Immutable,
            FunctionVolatility::Stable => Volatility::Stable,
            FunctionVolatility::Volatile => Volatility::Volatile,
        };
        let types = match of.arguments.as_slice() {
            [] => TypeSignature::Nullary,
            arguments => TypeSignature::Exact(arguments.to_vec()),
        };
        let signature = Signature::new(types, volatility);
        Self { function, signature }
    }
}

impl fmt::Debug for Udf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Udf").field(self.function.signature()).finish()
    }
}

/// Two are the same when they are the same installed function: not only their names count.
impl PartialEq for Udf {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
    }
}

impl Eq for Udf {}

impl Hash for Udf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.signature().hash(state);
    }
}

impl ScalarUDFImpl for Udf {
    fn name(&self) -> &str {
        &self.function.signature().name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.signature().returns.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        // constants alone are worked out once
        let is_constant = args.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)))
            && self.signature.volatility != Volatility::Volatile;
        let length = if is_constant { 1 } else { rows };
        let arrays = args.args.iter().map(|argument| argument.to_array(length)).collect::<Result<Vec<_>>>()?;
        let result = self.function.call(&arrays, length).map_err(DataFusionError::Execution)?;
        if result.len() != length || result.data_type() != args.return_field.data_type() {
            return exec_err!("function {} gave {} values of type {}", self.name(), result.len(), result.data_type());
        }
        if is_constant {
            return Ok(ColumnarValue::Scalar(datafusion::scalar::ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}
