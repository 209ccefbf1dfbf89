//! Fields of JSON texts, found in one pass without building a tree.

use super::parsed::{self, Found};
use super::{EXTRACTIONS_MAX, Extraction, KernelError, Target};
use crate::column::ColumnType;
use crate::work::Work;
use arrow_array::cast::AsArray;
use arrow_array::{Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Parts of one path.
const PATH_PARTS_MAX: usize = 8;

/// A set of paths, ready to be looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonFields {
    root: Node,
    fields: usize,
}

/// What to look for in one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    children: Vec<(Box<str>, Child)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Child {
    /// Fields that this value is.
    slots: Vec<usize>,
    /// Fields inside it.
    inner: Node,
}

impl JsonFields {
    /// Of paths as `a.b`: key `b` of the object under key `a`, or the key `a.b`.
    ///
    /// # Errors
    /// [`KernelError::Argument`] for an empty path, one of more than 8 parts, and more than 256 paths.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p str>) -> Result<Self, KernelError> {
        let mut all = Self::default();
        for path in paths {
            let parts: Vec<&str> = path.split('.').collect();
            if path.is_empty() || parts.len() > PATH_PARTS_MAX {
                let message = format!("JSON path {path:?} has not 1 to {PATH_PARTS_MAX} parts");
                return Err(KernelError::Argument(message));
            }
            all.root.insert(&parts, all.fields);
            all.fields += 1;
            if all.fields > EXTRACTIONS_MAX {
                return Err(KernelError::Argument(format!("more than {EXTRACTIONS_MAX} JSON paths")));
            }
        }
        Ok(all)
    }
}

impl Node {
    /// Every way to read the full stops: as steps into objects or as parts of keys.
    fn insert(&mut self, parts: &[&str], slot: usize) {
        for taken in 1..=parts.len() {
            let (key, rest) = parts.split_at(taken);
            let key = key.join(".");
            let at = self.children.iter().position(|(name, _)| **name == *key).unwrap_or_else(|| {
                self.children.push((key.into(), Child::default()));
                self.children.len() - 1
            });
            let Some((_, child)) = self.children.get_mut(at) else { continue };
            if rest.is_empty() {
                child.slots.push(slot);
            } else {
                child.inner.insert(rest, slot);
            }
        }
    }

    fn child(&self, key: &str) -> Option<&Child> {
        self.children.iter().find(|(name, _)| **name == *key).map(|(_, child)| child)
    }
}

/// Parses a text column as JSON objects and sets a column for each of `fields`, which are as many as
/// `paths` and in their order; a row without a field, or with `null` for it, keeps what it had. Strings give
/// their text, numbers are kept as they are written, arrays and objects are JSON without blanks. Of several
/// values for one path the last counts. Gives the rows that are objects.
///
/// # Errors
/// When the source has no text, a target cannot be set, or `fields` are not as many as `paths`.
pub fn json(
    work: &mut Work,
    source: &Target,
    paths: &JsonFields,
    fields: &[Extraction<'_>],
) -> Result<BooleanBuffer, KernelError> {
    if fields.len() != paths.fields {
        let (given, looked_for) = (fields.len(), paths.fields);
        return Err(KernelError::Argument(format!("{given} columns for {looked_for} JSON paths")));
    }
    let texts = work.read(&source.path, ColumnType::Text)?;
    let texts: &StringViewArray = texts.as_string_view();
    let mut columns = parsed::columns(work, fields)?;
    let mut row: Vec<Found<'_>> = vec![Found::Nothing; paths.fields];
    let mut objects = Vec::with_capacity(texts.len());
    for at in 0..texts.len() {
        row.fill(Found::Nothing);
        let is_object = texts.is_valid(at) && find(texts.value(at), &paths.root, &mut row);
        if !is_object {
            row.fill(Found::Nothing);
        }
        objects.push(is_object);
        for (column, found) in columns.iter_mut().zip(&row) {
            column.push(found);
        }
    }
    parsed::store(work, fields, columns)?;
    Ok(BooleanBuffer::from(objects))
}

/// Whether the text is one JSON object; what was looked for in it is in `row` then.
fn find<'t>(text: &'t str, root: &Node, row: &mut [Found<'t>]) -> bool {
    // most texts that are no JSON are seen here
    if !text.trim_ascii_start().starts_with('{') {
        return false;
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let found = Object { node: root, row }.deserialize(&mut parser);
    found.is_ok() && parser.end().is_ok()
}

struct Object<'n, 'r, 't> {
    node: &'n Node,
    row: &'r mut [Found<'t>],
}

impl<'t> DeserializeSeed<'t> for Object<'_, '_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for Object<'_, '_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(child) = map.next_key_seed(Key(self.node))? {
            match child {
                Some(child) => child.read(map.next_value::<&RawValue>()?.get(), self.row),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Reads a key and says what is looked for under it.
struct Key<'n>(&'n Node);

impl<'n, 't> DeserializeSeed<'t> for Key<'n> {
    type Value = Option<&'n Child>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for Key<'n> {
    type Value = Option<&'n Child>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.child(key))
    }
}

impl Child {
    /// Reads a value that is looked for, or in which something is. It is one JSON value without blanks
    /// around it.
    fn read<'t>(&self, value: &'t str, row: &mut [Found<'t>]) {
        let is_object = value.starts_with('{');
        if is_object && !self.inner.children.is_empty() {
            // an escape in a key that stands for no character ends the search
            let mut parser = serde_json::Deserializer::from_str(value);
            let _ = Object { node: &self.inner, row }.deserialize(&mut parser);
        }
        if self.slots.is_empty() {
            return;
        }
        let found = found(value);
        if found == Found::Nothing {
            return;
        }
        for slot in &self.slots {
            if let Some(place) = row.get_mut(*slot) {
                place.clone_from(&found);
            }
        }
    }
}

fn found(value: &str) -> Found<'_> {
    match value.as_bytes().first() {
        None | Some(b'n') => Found::Nothing,
        Some(b't') => Found::Bool(true),
        Some(b'f') => Found::Bool(false),
        Some(b'{' | b'[') => Found::Text(compact(value)),
        Some(b'"') => match value.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(text) if !text.contains('\\') => Found::Text(Cow::Borrowed(text)),
            // an escape that stands for no character makes the value missing
            _ => serde_json::from_str(value).map_or(Found::Nothing, |text| Found::Text(Cow::Owned(text))),
        },
        _ => Found::Number(value),
    }
}

/// JSON without the blanks between its tokens.
fn compact(json: &str) -> Cow<'_, str> {
    let (mut out, mut copied) = (String::new(), 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b' ' | b'\t' | b'\r' | b'\n' if !is_text => {
                out.push_str(json.get(copied..at).unwrap_or_default());
                copied = at + 1;
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}
