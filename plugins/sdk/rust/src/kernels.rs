//! The host's own operators on columns, in the style of expressions.
//!
//! ```ignore
//! let failed = batch.column(STATUS).ge(500) & batch.column(BODY).contains("timeout");
//! batch.keep(failed)?;
//! ```
//!
//! Each comparison is one call of the host for the whole batch. What went wrong stays with the mask until it is
//! used.

use crate::bindings::columns as wit_columns;
use crate::bindings::operator::lincei::plugin::kernels as wit;
use crate::bitmap::Bitmap;
use crate::builder::Builder;
use crate::column::{Column, Kind};
use crate::frame::Frame;

pub use wit::{Comparison, Extraction, Value};

/// The rows that a call is about, as the host holds them.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a>(&'a wit::Batch);

impl<'a> Batch<'a> {
    pub(crate) fn new(batch: &'a wit::Batch) -> Self {
        Self(batch)
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.rows() as usize
    }

    /// A column to compare or to change.
    #[must_use]
    pub fn column<K: Kind>(&self, column: Column<K>) -> Operand<'a> {
        Operand { batch: self.0, id: column.id() }
    }

    /// A column that the plugin does not list, for one that lists `*`.
    ///
    /// # Errors
    ///
    /// When there is no such column.
    pub fn use_column<K: Kind>(&self, path: &str) -> Result<Column<K>, String> {
        Ok(Column::new(self.0.use_column(path, K::TYPE)?))
    }

    /// A frame of the column alone, as it is now.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read<K: Kind>(&self, column: Column<K>) -> Result<Frame, String> {
        let read = self.0.read(column.id())?;
        Ok(Frame::new(wit_columns::Frame { rows: self.0.rows(), columns: vec![read] }))
    }

    /// Sets a column at once.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write<K: Kind>(&self, builder: Builder<K>) -> Result<(), String> {
        let rows = self.rows();
        self.0.write(&builder.finish(rows))
    }

    /// A mask of a bitmap of the plugin's own.
    #[must_use]
    pub fn mask(&self, bitmap: Bitmap) -> Mask {
        Mask(self.0.mask_of(&bitmap.into_bytes()))
    }

    /// `ratio` of the rows, 0 to 1, each for itself.
    #[must_use]
    pub fn sample(&self, ratio: f64) -> Mask {
        Mask(self.0.sample(None, ratio))
    }

    /// Marks all but these rows as dropped.
    ///
    /// # Errors
    ///
    /// What was wrong with the mask.
    pub fn keep(&self, rows: Mask) -> Result<(), String> {
        self.0.keep(&rows.0?)
    }

    /// Marks these rows as dropped.
    ///
    /// # Errors
    ///
    /// What was wrong with the mask.
    pub fn discard(&self, rows: Mask) -> Result<(), String> {
        self.0.discard(&rows.0?)
    }
}

/// A truth value for each row, or why there is none.
#[derive(Debug)]
pub struct Mask(Result<wit::Mask, String>);

impl Mask {
    /// Rows that are set.
    ///
    /// # Errors
    ///
    /// What was wrong when the mask was made.
    pub fn count(&self) -> Result<u32, String> {
        Ok(self.0.as_ref()?.count())
    }

    /// As a bitmap in bytes.
    ///
    /// # Errors
    ///
    /// What was wrong when the mask was made.
    pub fn bits(&self) -> Result<Vec<u8>, String> {
        Ok(self.0.as_ref()?.bits())
    }

    fn borrow(&self) -> Result<&wit::Mask, String> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

impl std::ops::BitAnd for Mask {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0.and_then(|mask| Ok(mask.and(&other.0?))))
    }
}

impl std::ops::BitOr for Mask {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0.and_then(|mask| Ok(mask.or(&other.0?))))
    }
}

impl std::ops::Not for Mask {
    type Output = Self;
    fn not(self) -> Self {
        Self(self.0.map(|mask| mask.not()))
    }
}

/// What a column can be compared with and set to: `&str`, whole numbers, `f64`, `bool`.
pub trait Constant {
    /// As the interface has it.
    fn value(self) -> Value;
}

impl Constant for &str {
    fn value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Constant for i64 {
    fn value(self) -> Value {
        Value::Int(self)
    }
}

impl Constant for i32 {
    fn value(self) -> Value {
        Value::Int(i64::from(self))
    }
}

impl Constant for f64 {
    fn value(self) -> Value {
        Value::Float(self)
    }
}

impl Constant for bool {
    fn value(self) -> Value {
        Value::Truth(self)
    }
}

/// A column of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    batch: &'a wit::Batch,
    id: u32,
}

macro_rules! comparisons {
    ($($name:ident $comparison:ident $doc:literal),*) => {$(
        #[doc = $doc]
        #[must_use]
        pub fn $name(&self, operand: impl Constant) -> Mask {
            Mask(self.batch.compare(self.id, Comparison::$comparison, &operand.value()))
        }
    )*};
}

macro_rules! searches {
    ($($name:ident($text:ident) $doc:literal),*) => {$(
        #[doc = $doc]
        #[must_use]
        pub fn $name(&self, $text: &str) -> Mask {
            Mask(self.batch.$name(self.id, $text))
        }
    )*};
}

impl Operand<'_> {
    comparisons! {
        eq Eq "Rows with this value.", ne Ne "Rows with another value.", lt Lt "Rows below.",
        le Le "Rows below or the same.", gt Gt "Rows above.", ge Ge "Rows above or the same."
    }

    searches! {
        starts_with(text) "Rows whose text starts so.", ends_with(text) "Rows whose text ends so.",
        matches(pattern) "Rows where a regular expression is found anywhere."
    }

    /// Rows that have the text anywhere.
    #[must_use]
    pub fn contains(&self, text: &str) -> Mask {
        Mask(self.batch.contains(self.id, text, false))
    }

    /// Rows that have the text anywhere, in small letters or large.
    #[must_use]
    pub fn contains_ignore_case(&self, text: &str) -> Mask {
        Mask(self.batch.contains(self.id, text, true))
    }

    /// Rows with one of these texts.
    #[must_use]
    pub fn one_of(&self, values: &[&str]) -> Mask {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        Mask(self.batch.one_of(self.id, &values))
    }

    /// Rows that have a value.
    #[must_use]
    pub fn present(&self) -> Mask {
        Mask(self.batch.present(self.id))
    }

    /// `ratio` of the values, 0 to 1: rows with one text are all in or all out.
    #[must_use]
    pub fn sample(&self, ratio: f64) -> Mask {
        Mask(self.batch.sample(Some(self.id), ratio))
    }
}

/// Changes. Each fails with what was wrong with an argument, and then changes nothing.
#[expect(clippy::missing_errors_doc, reason = "said above for all")]
impl Operand<'_> {
    /// Sets a constant in all rows.
    pub fn put(&self, value: impl Constant) -> Result<(), String> {
        self.batch.put(self.id, &value.value(), None)
    }

    /// Sets a constant in these rows.
    pub fn put_where(&self, value: impl Constant, rows: &Mask) -> Result<(), String> {
        self.batch.put(self.id, &value.value(), Some(rows.borrow()?))
    }

    /// Copies the column to another.
    pub fn copy_to<K: Kind>(&self, into: Column<K>) -> Result<(), String> {
        self.batch.copy(self.id, into.id(), None)
    }

    /// Takes the values away.
    pub fn clear(&self) -> Result<(), String> {
        self.batch.clear(self.id, None)
    }

    /// Takes the values of these rows away.
    pub fn clear_where(&self, rows: &Mask) -> Result<(), String> {
        self.batch.clear(self.id, Some(rows.borrow()?))
    }

    /// Cuts texts between characters.
    pub fn truncate(&self, bytes_max: u32) -> Result<(), String> {
        self.batch.truncate(self.id, bytes_max)
    }

    /// ASCII letters to small ones.
    pub fn lowercase(&self) -> Result<(), String> {
        self.batch.lowercase(self.id)
    }

    /// Replaces values by the first 32 hexadecimal digits of their HMAC-SHA-256.
    pub fn hash(&self, key: &str) -> Result<(), String> {
        self.batch.hash(self.id, key, None)
    }
}

/// Takes texts apart. Each gives the rows where it could.
impl Operand<'_> {
    /// Sets columns from the fields of a JSON object.
    #[must_use]
    pub fn json(&self, fields: &[Extraction]) -> Mask {
        Mask(self.batch.json(self.id, fields))
    }

    /// Sets columns from the named groups of a regular expression.
    #[must_use]
    pub fn regex(&self, pattern: &str, groups: &[Extraction]) -> Mask {
        Mask(self.batch.regex(self.id, pattern, groups))
    }

    /// Sets columns from the fields of a Grok pattern.
    #[must_use]
    pub fn grok(&self, pattern: &str, fields: &[Extraction]) -> Mask {
        Mask(self.batch.grok(self.id, pattern, fields))
    }

    /// Sets columns from `key=value` pairs.
    #[must_use]
    pub fn logfmt(&self, keys: &[Extraction]) -> Mask {
        Mask(self.batch.logfmt(self.id, keys))
    }

    /// Replaces every match of a regular expression.
    #[must_use]
    pub fn redact(&self, pattern: &str, replacement: &str) -> Mask {
        Mask(self.batch.redact(self.id, pattern, replacement))
    }
}

/// What is found at `path` goes into a column.
#[must_use]
pub fn extraction<K: Kind>(path: &str, into: Column<K>) -> Extraction {
    Extraction { path: path.to_owned(), into: into.id() }
}
