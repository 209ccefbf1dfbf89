//! Plugins of the world `function` as scalar functions.

use crate::compile::Compiled;
use crate::error::{HostError, PluginFailure};
use crate::guest::{Guest, kernel_column_type};
use crate::instance::{Instance, timed};
use crate::plugin::{Core, Description, Parts, Plugin, implement_world, said};
use crate::v1::columns::Frame;
use crate::v1::function as wit;
use crate::v1::function::lincei::plugin::functions::{Info, Volatility};
use crate::{PluginEngine, PluginKind, PluginLimits, flat};
use arrow_array::{Array, ArrayRef, new_empty_array};
use arrow_schema::DataType;
use lincei_model::Clock;
use lincei_pipeline::{ColumnType, FailureKind};
use lincei_query::{FunctionSignature, FunctionVolatility, UserFunction};
use std::sync::Arc;

/// Arguments of a function.
const ARGUMENTS_MAX: usize = 16;
/// Rows of one call.
const CALL_ROWS: usize = 2_048;
/// Characters of a function's name.
const NAME_CHARS_MAX: usize = 64;

implement_world!(wit::Function, wit::FunctionPre<Guest>, Info, |_: &wit::Function, _, _| Ok(Ok(())));

/// One version of a function.
pub struct FunctionPlugin {
    core: Core<wit::Function>,
    description: Description,
    signature: FunctionSignature,
    returns: ColumnType,
}

fn data_type(column_type: ColumnType) -> Result<DataType, HostError> {
    match column_type {
        ColumnType::Text => Ok(DataType::Utf8View),
        ColumnType::Ints => Ok(DataType::Int64),
        ColumnType::Floats => Ok(DataType::Float64),
        ColumnType::Bools => Ok(DataType::Boolean),
        ColumnType::Attributes => Err(HostError::invalid("a function has neither arguments nor results that are maps")),
    }
}

fn check_name(name: &str) -> Result<(), HostError> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if starts_well && name.len() <= NAME_CHARS_MAX && name.bytes().all(is_plain) {
        return Ok(());
    }
    let shown: String = name.chars().take(NAME_CHARS_MAX).collect();
    let detail = format!("function name {shown:?} is not 1 to {NAME_CHARS_MAX} of a-z, 0-9 and _, a letter first");
    Err(HostError::invalid(detail))
}

impl FunctionPlugin {
    /// Prepares a compiled plugin and asks it what it is.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is no function or its description breaks a rule;
    /// [`HostError::Trial`] when it fails.
    pub fn load(
        engine: &Arc<PluginEngine>,
        compiled: &Compiled,
        plugin: &Arc<Plugin>,
        limits: PluginLimits,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, HostError> {
        let parts = Parts::new(engine, plugin, limits, "", clock)?;
        let (core, info) = Core::<wit::Function>::load(parts, compiled)?;
        check_name(&info.name)?;
        if info.arguments.len() > ARGUMENTS_MAX {
            return Err(HostError::invalid(format!("the function has more than {ARGUMENTS_MAX} arguments")));
        }
        let arguments: Vec<ColumnType> = info.arguments.iter().map(|given| kernel_column_type(*given)).collect();
        let returns = kernel_column_type(info.returns);
        let signature = FunctionSignature {
            name: info.name.clone(),
            arguments: arguments.iter().map(|argument| data_type(*argument)).collect::<Result<_, _>>()?,
            returns: data_type(returns)?,
            volatility: match info.volatility {
                Volatility::Immutable => FunctionVolatility::Immutable,
                Volatility::Stable => FunctionVolatility::Stable,
                Volatility::Volatile => FunctionVolatility::Volatile,
            },
        };
        let text = crate::instance::shortened(info.description);
        let version = info.version.chars().take(NAME_CHARS_MAX).collect();
        let mut description = Description::plain(PluginKind::Function, info.name, version, text);
        description.signature = arguments.iter().chain([&returns]).map(|part| part.name().to_owned()).collect();
        let this = Self { core, description, signature, returns };
        // no rows: whatever fails then fails always
        let arguments: Vec<ArrayRef> = this.signature.arguments.iter().map(new_empty_array).collect();
        this.invoke(&arguments, 0).map_err(HostError::Trial)?;
        Ok(this)
    }

    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Calls the function for rows of arguments that have the types of its description.
    ///
    /// # Errors
    /// Whatever the guest could not do.
    pub fn invoke(&self, arguments: &[ArrayRef], rows: usize) -> Result<ArrayRef, PluginFailure> {
        let call = |instance: &mut Instance<wit::Function>| self.run(instance, arguments, rows);
        let outcome = self.core.ask(call);
        let stats = self.core.parts().plugin.stats();
        stats.records(rows, if outcome.is_ok() { rows } else { 0 }, 0);
        outcome
    }

    fn run(
        &self,
        instance: &mut Instance<wit::Function>,
        arguments: &[ArrayRef],
        rows: usize,
    ) -> Result<ArrayRef, PluginFailure> {
        let parts = self.core.parts();
        let cpu_max = self.core.call_cpu_max();
        let columns = (0u32..).zip(arguments).map(|(id, argument)| flat::flatten(id, argument)).collect();
        let frame = Frame { rows: u32::try_from(rows).unwrap_or(u32::MAX), columns };
        let Instance { store, world } = instance;
        let outcome = timed(&parts.engine, store, cpu_max, |store| world.call_call(store, &frame))?;
        let column = said(outcome)?;
        flat::unflatten(column, rows, self.returns, "the result")
            .map_err(|detail| PluginFailure::new(FailureKind::Output, detail))
    }
}

impl UserFunction for FunctionPlugin {
    fn signature(&self) -> &FunctionSignature {
        &self.signature
    }

    fn call(&self, arguments: &[ArrayRef], rows: usize) -> Result<ArrayRef, String> {
        let name = &self.signature.name;
        let failed = |failure: PluginFailure| format!("function {name} failed: {failure}");
        if rows <= CALL_ROWS {
            return self.invoke(arguments, rows).map_err(failed);
        }
        let mut results = Vec::with_capacity(rows.div_ceil(CALL_ROWS));
        for start in (0..rows).step_by(CALL_ROWS) {
            let length = CALL_ROWS.min(rows - start);
            let slices: Vec<ArrayRef> = arguments.iter().map(|argument| argument.slice(start, length)).collect();
            results.push(self.invoke(&slices, length).map_err(failed)?);
        }
        let parts: Vec<&dyn Array> = results.iter().map(AsRef::as_ref).collect();
        arrow_select::concat::concat(&parts).map_err(|error| error.to_string())
    }
}
