//! Aggregates without groups that keep a table of their own: one value per scan, one pass over the
//! rows, memory bounded by each tally itself.
//!
//! The state between partial and final aggregation, and the result, is JSON in a binary value. It
//! exists once per partition and query, so its cost is that of the table it spells.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Expr, Signature, Volatility};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What counts rows.
pub(super) trait Tally: Serialize + DeserializeOwned + fmt::Debug + Send + Sync + 'static {
    /// Takes rows; one array per argument.
    ///
    /// # Errors
    /// When an argument is not of the type that the tally is for.
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()>;

    /// Takes what another has counted.
    fn merge(&mut self, other: Self);

    /// Bytes held.
    fn bytes(&self) -> usize;
}

/// The aggregate over `arguments` whose accumulators `make` makes. `name` must tell tallies of one
/// plan apart.
pub(super) fn call<T: Tally>(name: &str, make: impl Fn() -> T + Send + Sync + 'static, arguments: Vec<Expr>) -> Expr {
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    let make = Arc::new(move || Box::new(Counting(make())) as Box<dyn Accumulator>);
    AggregateUDF::from(Function { name: name.to_owned(), make, signature }).call(arguments).alias(name)
}

/// What a tally has counted, from the result of its aggregate.
///
/// # Errors
/// When the bytes are not such a result.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|e| exec_datafusion_err!("state of a tally: {e}"))
}

struct Function {
    name: String,
    make: Arc<dyn Fn() -> Box<dyn Accumulator> + Send + Sync>,
    signature: Signature,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.make, &other.make)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tally").field(&self.name).finish()
    }
}

impl AggregateUDFImpl for Function {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok((self.make)())
    }

    fn state_fields(&self, _args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{} state", self.name), DataType::Binary, true))])
    }
}

#[derive(Debug)]
struct Counting<T>(T);

impl<T: Tally> Counting<T> {
    fn encode(&self) -> Result<ScalarValue> {
        let bytes = serde_json::to_vec(&self.0).map_err(|e| exec_datafusion_err!("state of a tally: {e}"))?;
        Ok(ScalarValue::Binary(Some(bytes)))
    }
}

impl<T: Tally> Accumulator for Counting<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.add(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.encode()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.bytes()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.encode()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let states = states.first().and_then(|states| states.as_binary_opt::<i32>());
        let states = states.ok_or_else(|| exec_datafusion_err!("state of a tally is not binary"))?;
        for bytes in states.iter().flatten() {
            self.0.merge(decode(bytes)?);
        }
        Ok(())
    }
}

/// The column as views of text.
///
/// # Errors
/// When it is no text.
pub(super) fn text(columns: &[ArrayRef], at: usize) -> Result<ArrayRef> {
    let column = columns.get(at).ok_or_else(|| exec_datafusion_err!("a tally lacks argument {at}"))?;
    match column.data_type() {
        DataType::Utf8View => Ok(Arc::clone(column)),
        _ => Ok(datafusion::arrow::compute::cast(column, &DataType::Utf8View)?),
    }
}

/// A table spelled as a list of pairs.
pub(super) mod pairs {
    use datafusion::common::HashMap;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::hash::Hash;

    pub(in crate::explore) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        table: &HashMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(table)
    }

    pub(in crate::explore) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<HashMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Eq + Hash,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::<(K, V)>::deserialize(deserializer).map(|pairs| pairs.into_iter().collect())
    }
}
