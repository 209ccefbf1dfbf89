//! Columns: which a plugin uses, how values are read, how new ones are built.

use std::marker::PhantomData;

use crate::bindings::columns as wit;
use crate::bitmap::{Bitmap, bit};

pub use wit::{Access, ColumnType};

/// A column that a plugin uses, as [`columns!`](crate::columns) lists it.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// As `body` or `attributes.http.route`.
    pub path: &'static str,
    /// What it is read and written as.
    pub column_type: ColumnType,
    /// Whether it is read, written or both.
    pub access: Access,
}

#[cfg(feature = "operator")]
impl Use {
    pub(crate) fn to_wit(self) -> wit::ColumnUse {
        wit::ColumnUse { path: self.path.to_owned(), type_: self.column_type, access: self.access }
    }

    pub(crate) fn is_written(&self) -> bool {
        !matches!(self.access, Access::Read)
    }
}

/// The id of a column whose values are of a kind: [`Text`], [`Ints`], [`Floats`], [`Bools`] or
/// [`Attributes`].
#[derive(Debug)]
pub struct Column<K> {
    id: u32,
    kind: PhantomData<K>,
}

impl<K> Clone for Column<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Column<K> {}

impl<K> Column<K> {
    /// The column with an id: its place in the list of columns from 0, or what `use_column` gave.
    #[must_use]
    pub const fn new(id: u32) -> Self {
        Self { id, kind: PhantomData }
    }

    /// Its id.
    #[must_use]
    pub const fn id(self) -> u32 {
        self.id
    }
}

/// Lists the columns that an operator uses, and gives each a constant with its type.
///
/// ```
/// use lincei_sdk::column::{Ints, Text};
///
/// lincei_sdk::columns! {
///     BODY: Text = read "body",
///     LENGTH: Ints = write "attributes.body.length",
///     CLASS: Text = read_write "attributes.error.class",
/// }
/// assert_eq!((LENGTH.id(), COLUMNS.len()), (1, 3));
/// ```
#[macro_export]
macro_rules! columns {
    ($($name:ident : $kind:ty = $access:ident $path:literal),* $(,)?) => {
        /// The columns that are read and written.
        pub(crate) const COLUMNS: &[$crate::column::Use] = &[$($crate::column::Use {
            path: $path,
            column_type: <$kind as $crate::column::Kind>::TYPE,
            access: $crate::columns!(@access $access),
        }),*];
        $crate::columns!(@ids 0u32; $($name $kind, $path;)*);
    };
    (@access read) => { $crate::column::Access::Read };
    (@access write) => { $crate::column::Access::Write };
    (@access read_write) => { $crate::column::Access::ReadWrite };
    (@ids $id:expr;) => {};
    (@ids $id:expr; $name:ident $kind:ty, $path:literal; $($rest:tt)*) => {
        #[doc = concat!("`", $path, "`")]
        pub(crate) const $name: $crate::column::Column<$kind> = $crate::column::Column::new($id);
        $crate::columns!(@ids $id + 1u32; $($rest)*);
    };
}

/// A kind of columns.
pub trait Kind {
    /// One value.
    type Value<'a>;
    /// One value that is written.
    type New<'a>;
    /// The values of all rows.
    type Values<'a>: Copy;
    /// Its name in the interface.
    const TYPE: ColumnType;
    /// The values, if they are of this kind.
    fn values(values: &wit::Values) -> Option<Self::Values<'_>>;
    /// The value of a row that has one.
    fn at(values: Self::Values<'_>, row: usize) -> Option<Self::Value<'_>>;
    /// Adds a value behind the last row.
    fn push(buffer: &mut Buffer, value: Self::New<'_>);
}

/// Texts, as `&str`.
#[derive(Debug)]
pub enum Text {}
/// Whole numbers and points in time, as `i64`.
#[derive(Debug)]
pub enum Ints {}
/// Numbers, as `f64`.
#[derive(Debug)]
pub enum Floats {}
/// Truth values.
#[derive(Debug)]
pub enum Bools {}
/// Keys and values, as [`Entries`].
#[derive(Debug)]
pub enum Attributes {}

impl Kind for Text {
    type Value<'a> = &'a str;
    type New<'a> = &'a str;
    type Values<'a> = &'a wit::Text;
    const TYPE: ColumnType = ColumnType::Text;

    fn values(values: &wit::Values) -> Option<&wit::Text> {
        if let wit::Values::Text(text) = values { Some(text) } else { None }
    }

    #[inline]
    fn at(values: Self::Values<'_>, row: usize) -> Option<Self::Value<'_>> {
        text_at(values, row)
    }

    fn push(buffer: &mut Buffer, value: Self::New<'_>) {
        if let Buffer::Text(text) = buffer {
            push_text(text, value);
        }
    }
}

impl Kind for Ints {
    type Value<'a> = i64;
    type New<'a> = i64;
    type Values<'a> = &'a [i64];
    const TYPE: ColumnType = ColumnType::Ints;

    fn values(values: &wit::Values) -> Option<&[i64]> {
        if let wit::Values::Ints(ints) = values { Some(ints) } else { None }
    }

    #[inline]
    fn at(values: Self::Values<'_>, row: usize) -> Option<Self::Value<'_>> {
        values.get(row).copied()
    }

    fn push(buffer: &mut Buffer, value: Self::New<'_>) {
        if let Buffer::Ints(ints) = buffer {
            ints.push(value);
        }
    }
}

impl Kind for Floats {
    type Value<'a> = f64;
    type New<'a> = f64;
    type Values<'a> = &'a [f64];
    const TYPE: ColumnType = ColumnType::Floats;

    fn values(values: &wit::Values) -> Option<&[f64]> {
        if let wit::Values::Floats(floats) = values { Some(floats) } else { None }
    }

    #[inline]
    fn at(values: Self::Values<'_>, row: usize) -> Option<Self::Value<'_>> {
        values.get(row).copied()
    }

    fn push(buffer: &mut Buffer, value: Self::New<'_>) {
        if let Buffer::Floats(floats) = buffer {
            floats.push(value);
        }
    }
}

impl Kind for Bools {
    type Value<'a> = bool;
    type New<'a> = bool;
    type Values<'a> = &'a [u8];
    const TYPE: ColumnType = ColumnType::Bools;

    fn values(values: &wit::Values) -> Option<&[u8]> {
        if let wit::Values::Bools(bits) = values { Some(bits) } else { None }
    }

    #[inline]
    fn at(values: Self::Values<'_>, row: usize) -> Option<Self::Value<'_>> {
        Some(bit(values, row))
    }

    fn push(buffer: &mut Buffer, value: Self::New<'_>) {
        if let Buffer::Bools(bits) = buffer {
            bits.push(value);
        }
    }
}

impl Kind for Attributes {
    type Value<'a> = Entries<'a>;
    type New<'a> = &'a [(&'a str, &'a str)];
    type Values<'a> = &'a wit::Attributes;
    const TYPE: ColumnType = ColumnType::Attributes;

    fn values(values: &wit::Values) -> Option<&wit::Attributes> {
        if let wit::Values::Attributes(attributes) = values { Some(attributes) } else { None }
    }

    #[inline]
    fn at(values: Self::Values<'_>, row: usize) -> Option<Self::Value<'_>> {
        let from = *values.offsets.get(row)?;
        let until = *values.offsets.get(row + 1)?;
        Some(Entries { attributes: values, next: from as usize, until: until as usize })
    }

    fn push(buffer: &mut Buffer, entries: Self::New<'_>) {
        if let Buffer::Attributes(attributes) = buffer {
            for (key, value) in entries {
                push_text(&mut attributes.keys, key);
                push_text(&mut attributes.values, value);
            }
            attributes.offsets.push(entries_of(attributes));
        }
    }
}

/// The keys and values of one row, in their order.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    attributes: &'a wit::Attributes,
    next: usize,
    until: usize,
}

impl<'a> Entries<'a> {
    /// The value of a key: of several the first.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.clone().find(|(k, _)| *k == key).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.until {
            return None;
        }
        let entry = self.next;
        self.next += 1;
        Some((text_at(&self.attributes.keys, entry)?, text_at(&self.attributes.values, entry)?))
    }
}

#[inline]
fn text_at(text: &wit::Text, row: usize) -> Option<&str> {
    let from = *text.offsets.get(row)? as usize;
    let until = *text.offsets.get(row + 1)? as usize;
    let bytes = text.bytes.get(from..until)?;
    // SAFETY: the interface says that `bytes` is UTF-8 and that no offset lies inside a character; the host
    // writes it from columns that it checked. A second check would cost more than most operators do.
    Some(unsafe { std::str::from_utf8_unchecked(bytes) })
}

/// Lengths fit: the memory of a plugin ends before 4 GiB.
fn end_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn push_text(text: &mut wit::Text, value: &str) {
    text.bytes.extend_from_slice(value.as_bytes());
    text.offsets.push(end_of(&text.bytes));
}

fn entries_of(attributes: &wit::Attributes) -> u32 {
    u32::try_from(attributes.keys.offsets.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

/// The values of a column that is being built.
#[derive(Debug)]
pub enum Buffer {
    /// Of [`Text`].
    Text(wit::Text),
    /// Of [`Ints`].
    Ints(Vec<i64>),
    /// Of [`Floats`].
    Floats(Vec<f64>),
    /// Of [`Bools`].
    Bools(Bitmap),
    /// Of [`Attributes`].
    Attributes(wit::Attributes),
}

impl Buffer {
    /// An empty one with room for `rows`.
    #[must_use]
    pub fn new(column_type: ColumnType, rows: usize) -> Self {
        let offsets = || {
            let mut offsets = Vec::with_capacity(rows + 1);
            offsets.push(0);
            offsets
        };
        match column_type {
            ColumnType::Text => Self::Text(wit::Text { offsets: offsets(), bytes: Vec::new() }),
            ColumnType::Ints => Self::Ints(Vec::with_capacity(rows)),
            ColumnType::Floats => Self::Floats(Vec::with_capacity(rows)),
            ColumnType::Bools => Self::Bools(Bitmap::with_capacity(rows)),
            ColumnType::Attributes => Self::Attributes(wit::Attributes {
                offsets: offsets(),
                keys: wit::Text { offsets: vec![0], bytes: Vec::new() },
                values: wit::Text { offsets: vec![0], bytes: Vec::new() },
            }),
        }
    }

    /// Rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.offsets.len() - 1,
            Self::Ints(ints) => ints.len(),
            Self::Floats(floats) => floats.len(),
            Self::Bools(bits) => bits.len(),
            Self::Attributes(attributes) => attributes.offsets.len() - 1,
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds `count` rows of no meaning.
    pub(crate) fn push_blank(&mut self, count: usize) {
        let rows = self.len() + count;
        match self {
            Self::Text(text) => text.offsets.resize(rows + 1, end_of(&text.bytes)),
            Self::Ints(ints) => ints.resize(rows, 0),
            Self::Floats(floats) => floats.resize(rows, 0.0),
            Self::Bools(bits) => bits.push_many(false, count),
            Self::Attributes(attributes) => {
                let end = entries_of(attributes);
                attributes.offsets.resize(rows + 1, end);
            }
        }
    }

    /// Takes the rows from `rows` on away.
    pub(crate) fn truncate(&mut self, rows: usize) {
        match self {
            Self::Text(text) => truncate_text(text, rows),
            Self::Ints(ints) => ints.truncate(rows),
            Self::Floats(floats) => floats.truncate(rows),
            Self::Bools(bits) => bits.truncate(rows),
            Self::Attributes(attributes) => {
                attributes.offsets.truncate(rows + 1);
                let entries = attributes.offsets.last().map_or(0, |end| *end as usize);
                truncate_text(&mut attributes.keys, entries);
                truncate_text(&mut attributes.values, entries);
            }
        }
    }

    /// Adds rows of another column of the same kind.
    pub fn copy(&mut self, values: &wit::Values, rows: std::ops::Range<usize>) {
        let end = self.len() + rows.len();
        match (&mut *self, values) {
            (Self::Text(text), wit::Values::Text(from)) => copy_text(text, from, rows),
            (Self::Ints(ints), wit::Values::Ints(from)) => ints.extend_from_slice(from.get(rows).unwrap_or_default()),
            (Self::Floats(floats), wit::Values::Floats(from)) => {
                floats.extend_from_slice(from.get(rows).unwrap_or_default());
            }
            (Self::Bools(bits), wit::Values::Bools(from)) => rows.for_each(|row| bits.push(bit(from, row))),
            (Self::Attributes(attributes), wit::Values::Attributes(from)) => copy_attributes(attributes, from, rows),
            // of another kind: not what the column was declared as
            _ => {}
        }
        self.push_blank(end.saturating_sub(self.len()));
    }

    pub(crate) fn into_wit(self) -> wit::Values {
        match self {
            Self::Text(text) => wit::Values::Text(text),
            Self::Ints(ints) => wit::Values::Ints(ints),
            Self::Floats(floats) => wit::Values::Floats(floats),
            Self::Bools(bits) => wit::Values::Bools(bits.into_bytes()),
            Self::Attributes(attributes) => wit::Values::Attributes(attributes),
        }
    }
}

fn truncate_text(text: &mut wit::Text, rows: usize) {
    text.offsets.truncate(rows + 1);
    text.bytes.truncate(text.offsets.last().map_or(0, |end| *end as usize));
}

fn copy_text(into: &mut wit::Text, from: &wit::Text, rows: std::ops::Range<usize>) {
    let Some(offsets) = from.offsets.get(rows.start..=rows.end) else { return };
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return };
    let Some(bytes) = from.bytes.get(*first as usize..*last as usize) else { return };
    let base = end_of(&into.bytes);
    into.bytes.extend_from_slice(bytes);
    into.offsets.extend(offsets.iter().skip(1).map(|offset| offset - first + base));
}

fn copy_attributes(into: &mut wit::Attributes, from: &wit::Attributes, rows: std::ops::Range<usize>) {
    let Some(offsets) = from.offsets.get(rows.start..=rows.end) else { return };
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return };
    let base = entries_of(into);
    copy_text(&mut into.keys, &from.keys, *first as usize..*last as usize);
    copy_text(&mut into.values, &from.values, *first as usize..*last as usize);
    into.offsets.extend(offsets.iter().skip(1).map(|offset| offset - first + base));
}
