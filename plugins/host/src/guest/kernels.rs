//! The host's vectorised operators on the batch of the running call.

use super::{BatchHandle, Guest, MaskHandle};
use crate::flat;
use crate::v1::{columns, kernels as wit};
use arrow_buffer::BooleanBuffer;
use lincei_model::Table;
use lincei_pipeline::kernel::{self, Comparison, Constant, Extraction, JsonFields, KernelError, Target};
use lincei_pipeline::{ColumnType, Work};
use wasmtime::component::Resource;

type Mask = Resource<MaskHandle>;
type Batch = Resource<BatchHandle>;
/// A kernel's own failure goes to the guest, the outer one ends its call.
type Outcome<T> = wasmtime::Result<Result<T, String>>;

/// Masks of one combination.
const ONE_OF_MAX: usize = 10_000;

pub(crate) const fn column_type(given: columns::ColumnType) -> ColumnType {
    match given {
        columns::ColumnType::Text => ColumnType::Text,
        columns::ColumnType::Ints => ColumnType::Ints,
        columns::ColumnType::Floats => ColumnType::Floats,
        columns::ColumnType::Bools => ColumnType::Bools,
        columns::ColumnType::Attributes => ColumnType::Attributes,
    }
}

fn constant(value: wit::Value) -> Constant {
    match value {
        wit::Value::Text(text) => Constant::Text(text),
        wit::Value::Int(value) => Constant::Int(value),
        wit::Value::Float(value) => Constant::Float(value),
        wit::Value::Truth(value) => Constant::Bool(value),
    }
}

const fn comparison(given: wit::Comparison) -> Comparison {
    match given {
        wit::Comparison::Eq => Comparison::Eq,
        wit::Comparison::Ne => Comparison::Ne,
        wit::Comparison::Lt => Comparison::Lt,
        wit::Comparison::Le => Comparison::Le,
        wit::Comparison::Gt => Comparison::Gt,
        wit::Comparison::Ge => Comparison::Ge,
    }
}

/// The rows of the call and what kernels need beside them.
struct Rows<'g> {
    work: &'g mut Work,
    columns: &'g mut super::Columns,
    patterns: &'g mut kernel::Patterns,
    table: Table,
}

impl Rows<'_> {
    fn readable(&mut self, id: u32) -> Result<Target, String> {
        self.columns.readable(id, self.table)
    }

    fn writable(&mut self, id: u32) -> Result<Target, String> {
        self.columns.writable(id, self.table)
    }

    /// Reads and sets.
    fn changeable(&mut self, id: u32) -> Result<Target, String> {
        self.columns.readable(id, self.table)?;
        self.columns.writable(id, self.table)
    }

    fn targets(&mut self, given: &[wit::Extraction]) -> Result<Vec<Target>, String> {
        given.iter().map(|extraction| self.writable(extraction.into)).collect()
    }
}

fn extractions<'e>(given: &'e [wit::Extraction], targets: &'e [Target]) -> Vec<Extraction<'e>> {
    given.iter().zip(targets).map(|(given, into)| Extraction { path: &given.path, into }).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn said(error: KernelError) -> String {
    error.to_string()
}

impl Guest {
    /// Runs a kernel on the rows of the call.
    fn rows<T>(&mut self, run: impl FnOnce(Rows<'_>) -> Result<T, String>) -> Outcome<T> {
        self.enter()?;
        let Some(work) = self.work.as_mut() else { return Ok(Err("there is no batch now".to_owned())) };
        let table = work.table();
        let outcome = run(Rows { work, columns: &mut self.columns, patterns: &mut self.patterns, table });
        self.look_at_clock()?;
        Ok(outcome)
    }

    /// Runs a kernel that gives a mask.
    fn select(&mut self, run: impl FnOnce(Rows<'_>) -> Result<BooleanBuffer, String>) -> Outcome<Mask> {
        Ok(match self.rows(run)? {
            Ok(bits) => Ok(self.handles.push(MaskHandle(bits))?),
            Err(message) => Err(message),
        })
    }

    fn selected(&self, mask: &Mask) -> wasmtime::Result<BooleanBuffer> {
        Ok(self.handles.get(mask)?.0.clone())
    }

    fn optional(&self, mask: Option<&Mask>) -> wasmtime::Result<Option<BooleanBuffer>> {
        mask.map(|mask| self.selected(mask)).transpose()
    }

    fn combine(
        &mut self,
        a: &Mask,
        b: &Mask,
        with: fn(&BooleanBuffer, &BooleanBuffer) -> BooleanBuffer,
    ) -> wasmtime::Result<Mask> {
        self.enter()?;
        let (a, b) = (self.selected(a)?, self.selected(b)?);
        if a.len() != b.len() {
            return Err(super::Stop::limit("masks of different batches cannot be combined".to_owned()));
        }
        Ok(self.handles.push(MaskHandle(with(&a, &b)))?)
    }
}

impl wit::Host for Guest {}

impl wit::HostMask for Guest {
    fn and(&mut self, this: Mask, other: Mask) -> wasmtime::Result<Mask> {
        self.combine(&this, &other, |a, b| a & b)
    }

    fn or(&mut self, this: Mask, other: Mask) -> wasmtime::Result<Mask> {
        self.combine(&this, &other, |a, b| a | b)
    }

    fn not(&mut self, this: Mask) -> wasmtime::Result<Mask> {
        self.enter()?;
        let bits = !&self.selected(&this)?;
        Ok(self.handles.push(MaskHandle(bits))?)
    }

    fn count(&mut self, this: Mask) -> wasmtime::Result<u32> {
        self.enter()?;
        Ok(u32::try_from(self.selected(&this)?.count_set_bits()).unwrap_or(u32::MAX))
    }

    fn bits(&mut self, this: Mask) -> wasmtime::Result<Vec<u8>> {
        self.enter()?;
        Ok(flat::flat_bits(&Guest::selected(self, &this)?))
    }

    fn drop(&mut self, this: Mask) -> wasmtime::Result<()> {
        self.handles.delete(this)?;
        Ok(())
    }
}

impl wit::HostBatch for Guest {
    fn rows(&mut self, _: Batch) -> wasmtime::Result<u32> {
        self.enter()?;
        Ok(self.work.as_ref().map_or(0, |work| u32::try_from(work.rows()).unwrap_or(u32::MAX)))
    }

    fn signal(&mut self, _: Batch) -> wasmtime::Result<columns::Signal> {
        self.enter()?;
        Ok(match self.work.as_ref().map(Work::table) {
            Some(Table::Spans) => columns::Signal::Spans,
            Some(Table::Metrics) => columns::Signal::Metrics,
            _ => columns::Signal::Logs,
        })
    }

    fn use_column(&mut self, _: Batch, path: String, given: columns::ColumnType) -> Outcome<u32> {
        self.rows(|rows| rows.columns.used(&path, column_type(given), rows.table))
    }

    fn read(&mut self, _: Batch, column: u32) -> Outcome<columns::Column> {
        self.rows(|mut rows| {
            let target = rows.readable(column)?;
            let values = rows.work.read(&target.path, target.column_type).map_err(|error| error.to_string())?;
            Ok(flat::flatten(column, &values))
        })
    }

    fn write(&mut self, _: Batch, column: columns::Column) -> Outcome<()> {
        self.rows(|mut rows| {
            let target = rows.writable(column.id)?;
            let what = rows.columns.name(column.id);
            let values = flat::unflatten(column, rows.work.rows(), target.column_type, &what)?;
            rows.work.write(&target.path, &values).map_err(|error| error.to_string())
        })
    }

    fn mask_of(&mut self, _: Batch, bits: Vec<u8>) -> Outcome<Mask> {
        self.select(|rows| flat::bits(bits, rows.work.rows(), "the mask"))
    }

    fn compare(&mut self, _: Batch, column: u32, given: wit::Comparison, operand: wit::Value) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.readable(column)?;
            kernel::compare(rows.work, &target, comparison(given), &constant(operand)).map_err(said)
        })
    }

    fn one_of(&mut self, _: Batch, column: u32, values: Vec<String>) -> Outcome<Mask> {
        self.select(|mut rows| {
            if values.len() > ONE_OF_MAX {
                return Err(format!("{} values, at most {ONE_OF_MAX} are allowed", values.len()));
            }
            let target = rows.readable(column)?;
            kernel::one_of(rows.work, &target, &values).map_err(said)
        })
    }

    fn contains(&mut self, _: Batch, column: u32, text: String, ignore_case: bool) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.readable(column)?;
            kernel::contains(rows.work, &target, &text, ignore_case).map_err(said)
        })
    }

    fn starts_with(&mut self, _: Batch, column: u32, text: String) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.readable(column)?;
            kernel::starts_with(rows.work, &target, &text).map_err(said)
        })
    }

    fn ends_with(&mut self, _: Batch, column: u32, text: String) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.readable(column)?;
            kernel::ends_with(rows.work, &target, &text).map_err(said)
        })
    }

    fn matches(&mut self, _: Batch, column: u32, pattern: String) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.readable(column)?;
            let pattern = rows.patterns.regex(&pattern).map_err(said)?;
            kernel::matches(rows.work, &target, &pattern).map_err(said)
        })
    }

    fn present(&mut self, _: Batch, column: u32) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.readable(column)?;
            kernel::present(rows.work, &target).map_err(said)
        })
    }

    fn sample(&mut self, _: Batch, by: Option<u32>, ratio: f64) -> Outcome<Mask> {
        self.select(|mut rows| {
            let by = by.map(|by| rows.readable(by)).transpose()?;
            kernel::sample(rows.work, by.as_ref(), ratio).map_err(said)
        })
    }

    fn keep(&mut self, _: Batch, mask: Mask) -> Outcome<()> {
        let bits = Guest::selected(self, &mask)?;
        self.rows(|rows| rows.work.keep(&bits).map_err(|error| error.to_string()))
    }

    fn discard(&mut self, _: Batch, mask: Mask) -> Outcome<()> {
        let bits = Guest::selected(self, &mask)?;
        self.rows(|rows| rows.work.keep(&!&bits).map_err(|error| error.to_string()))
    }

    fn put(&mut self, _: Batch, column: u32, value: wit::Value, mask: Option<Mask>) -> Outcome<()> {
        let mask = self.optional(mask.as_ref())?;
        self.rows(|mut rows| {
            let target = rows.writable(column)?;
            kernel::put(rows.work, &target, &constant(value), mask.as_ref()).map_err(said)
        })
    }

    fn copy(&mut self, _: Batch, source: u32, into: u32, mask: Option<Mask>) -> Outcome<()> {
        let mask = self.optional(mask.as_ref())?;
        self.rows(|mut rows| {
            let (source, into) = (rows.readable(source)?, rows.writable(into)?);
            kernel::copy(rows.work, &source, &into, mask.as_ref()).map_err(said)
        })
    }

    fn clear(&mut self, _: Batch, column: u32, mask: Option<Mask>) -> Outcome<()> {
        let mask = self.optional(mask.as_ref())?;
        self.rows(|mut rows| {
            let target = rows.writable(column)?;
            kernel::clear(rows.work, &target, mask.as_ref()).map_err(said)
        })
    }

    fn json(&mut self, _: Batch, source: u32, fields: Vec<wit::Extraction>) -> Outcome<Mask> {
        self.select(|mut rows| {
            let (source, targets) = (rows.readable(source)?, rows.targets(&fields)?);
            let paths = JsonFields::new(fields.iter().map(|field| field.path.as_str())).map_err(said)?;
            kernel::json(rows.work, &source, &paths, &extractions(&fields, &targets)).map_err(said)
        })
    }

    fn regex(&mut self, _: Batch, source: u32, pattern: String, groups: Vec<wit::Extraction>) -> Outcome<Mask> {
        self.select(|mut rows| {
            let (source, targets) = (rows.readable(source)?, rows.targets(&groups)?);
            let pattern = rows.patterns.regex(&pattern).map_err(said)?;
            kernel::regex(rows.work, &source, &pattern, &extractions(&groups, &targets)).map_err(said)
        })
    }

    fn grok(&mut self, _: Batch, source: u32, pattern: String, fields: Vec<wit::Extraction>) -> Outcome<Mask> {
        self.select(|mut rows| {
            let (source, targets) = (rows.readable(source)?, rows.targets(&fields)?);
            let fields = extractions(&fields, &targets);
            kernel::grok(rows.work, &source, &pattern, rows.patterns, &fields).map_err(said)
        })
    }

    fn logfmt(&mut self, _: Batch, source: u32, keys: Vec<wit::Extraction>) -> Outcome<Mask> {
        self.select(|mut rows| {
            let (source, targets) = (rows.readable(source)?, rows.targets(&keys)?);
            kernel::logfmt(rows.work, &source, &extractions(&keys, &targets)).map_err(said)
        })
    }

    fn redact(&mut self, _: Batch, column: u32, pattern: String, replacement: String) -> Outcome<Mask> {
        self.select(|mut rows| {
            let target = rows.changeable(column)?;
            let pattern = rows.patterns.regex(&pattern).map_err(said)?;
            kernel::redact(rows.work, &target, &pattern, &replacement).map_err(said)
        })
    }

    fn hash(&mut self, _: Batch, column: u32, key: String, mask: Option<Mask>) -> Outcome<()> {
        let mask = self.optional(mask.as_ref())?;
        self.rows(|mut rows| {
            let target = rows.changeable(column)?;
            kernel::hash(rows.work, &target, &key, mask.as_ref()).map_err(said)
        })
    }

    fn truncate(&mut self, _: Batch, column: u32, bytes_max: u32) -> Outcome<()> {
        self.rows(|mut rows| {
            let target = rows.changeable(column)?;
            let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            kernel::truncate(rows.work, &target, bytes_max).map_err(said)
        })
    }

    fn lowercase(&mut self, _: Batch, column: u32) -> Outcome<()> {
        self.rows(|mut rows| {
            let target = rows.changeable(column)?;
            kernel::lowercase(rows.work, &target).map_err(said)
        })
    }

    fn drop(&mut self, rep: Batch) -> wasmtime::Result<()> {
        self.handles.delete(rep)?;
        Ok(())
    }
}
