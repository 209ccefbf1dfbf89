//! `opentelemetry.proto.common.v1`: `AnyValue`, `KeyValue`, and how they read as text.
//!
//! | variant | text |
//! |---|---|
//! | `string_value` | as it is |
//! | `bool_value` | `true`, `false` |
//! | `int_value` | decimal |
//! | `double_value` | shortest decimal that reads back exactly; `NaN`, `Infinity`, `-Infinity` |
//! | `bytes_value` | base64 (RFC 4648 section 4, padded) |
//! | `array_value`, `kvlist_value` | compact JSON; inside, bytes are base64 strings, integers JSON numbers whatever their size, `NaN` and the infinities strings, empty values `null` |
//! | none | null |
//! | `string_value_strindex` | null: it belongs to profiles, and the specification says to treat it as absent elsewhere |

use super::wire::{Depth, FRAGMENTS_MAX, Reader, WireError};
use crate::number_text::{push_i64, push_json_string};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lincei_model::text_of_f64;

/// The bodies of one singular message field. Protobuf merges a repeated one into the first, which
/// for a message that only holds a list is the same as reading the bodies one after another.
#[derive(Clone, Debug)]
pub(crate) enum Fragments<'a> {
    One(&'a [u8]),
    Many(Vec<&'a [u8]>),
}

impl<'a> Fragments<'a> {
    pub(crate) fn as_slice(&self) -> &[&'a [u8]] {
        match self {
            Self::One(body) => std::slice::from_ref(body),
            Self::Many(bodies) => bodies,
        }
    }

    pub(crate) fn push(&mut self, body: &'a [u8]) -> Result<(), WireError> {
        if body.is_empty() {
            return Ok(());
        }
        match self {
            Self::One(first) => *self = Self::Many(vec![first, body]),
            Self::Many(bodies) if bodies.len() < FRAGMENTS_MAX => bodies.push(body),
            Self::Many(_) => return Err(WireError::too_many_fragments()),
        }
        Ok(())
    }
}

/// An attribute value or a body, borrowed from the request.
#[derive(Clone, Debug, Default)]
pub(crate) enum AnyValue<'a> {
    #[default]
    Empty,
    Text(&'a str),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(&'a [u8]),
    /// Bodies of `ArrayValue`, checked.
    Array(Fragments<'a>),
    /// Bodies of `KeyValueList`, checked.
    Map(Fragments<'a>),
    /// `string_value_strindex`, whose number means nothing outside profiles.
    StringIndex,
}

/// The field of both list messages that holds their values.
const LIST_VALUES: u32 = 1;

impl<'a> AnyValue<'a> {
    /// Reads fields into this value as prost merges them: the last variant wins, and a list that
    /// follows itself is appended to.
    pub(crate) fn merge(&mut self, body: &'a [u8], depth: Depth) -> Result<(), WireError> {
        self.merge_fields::<true>(body, depth)
    }

    /// `CHECK` is false only for what was checked before, as part of the value around it.
    fn merge_fields<const CHECK: bool>(&mut self, body: &'a [u8], depth: Depth) -> Result<(), WireError> {
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            *self = match key.field {
                1 => Self::Text(reader.string(key)?),
                2 => Self::Bool(reader.bool(key)?),
                3 => Self::Int(reader.int64(key)?),
                4 => Self::Double(reader.double(key)?),
                5 => {
                    let (list, inside) = reader.message(key, depth)?;
                    if CHECK {
                        check_array(list, inside)?;
                    }
                    match std::mem::take(self) {
                        Self::Array(mut lists) => {
                            lists.push(list)?;
                            Self::Array(lists)
                        }
                        _ => Self::Array(Fragments::One(list)),
                    }
                }
                6 => {
                    let (list, inside) = reader.message(key, depth)?;
                    if CHECK {
                        check_map(list, inside)?;
                    }
                    match std::mem::take(self) {
                        Self::Map(mut lists) => {
                            lists.push(list)?;
                            Self::Map(lists)
                        }
                        _ => Self::Map(Fragments::One(list)),
                    }
                }
                7 => Self::Bytes(reader.bytes(key)?),
                8 => {
                    reader.int32(key)?;
                    Self::StringIndex
                }
                _ => {
                    reader.skip(key, depth)?;
                    continue;
                }
            };
        }
        Ok(())
    }

    /// The value as text, written to `scratch` unless it is text already; `None` when it is empty.
    pub(crate) fn text<'t>(&self, scratch: &'t mut String) -> Option<&'t str>
    where
        'a: 't,
    {
        scratch.clear();
        match self {
            Self::Empty | Self::StringIndex => return None,
            Self::Text(text) => return Some(text),
            Self::Bool(true) => return Some("true"),
            Self::Bool(false) => return Some("false"),
            Self::Int(value) => push_i64(scratch, *value),
            Self::Double(value) => text_of_f64(scratch, *value),
            Self::Bytes(bytes) => STANDARD.encode_string(bytes, scratch),
            Self::Array(_) | Self::Map(_) => self.push_json(scratch),
        }
        Some(scratch)
    }

    /// Appends the value as it reads inside an array or a map.
    fn push_json(&self, out: &mut String) {
        match self {
            Self::Empty | Self::StringIndex => out.push_str("null"),
            Self::Text(text) => push_json_string(out, text),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => push_i64(out, *value),
            Self::Double(value) if value.is_finite() => text_of_f64(out, *value),
            Self::Double(value) => {
                out.push('"');
                text_of_f64(out, *value);
                out.push('"');
            }
            Self::Bytes(bytes) => {
                out.push('"');
                STANDARD.encode_string(bytes, out);
                out.push('"');
            }
            Self::Array(lists) => {
                out.push('[');
                push_elements(out, lists, |out, body| {
                    let mut value = AnyValue::default();
                    // checked when the value was read: cannot fail
                    let _ = value.merge_fields::<false>(body, Depth::TOP);
                    value.push_json(out);
                });
                out.push(']');
            }
            Self::Map(lists) => {
                out.push('{');
                push_elements(out, lists, |out, body| {
                    let mut entry = KeyValue::default();
                    let _ = entry.merge_fields::<false>(body, Depth::TOP);
                    push_json_string(out, entry.key);
                    out.push(':');
                    entry.value.push_json(out);
                });
                out.push('}');
            }
        }
    }
}

/// Writes the elements of a checked list, separated by commas.
fn push_elements<'a>(out: &mut String, lists: &Fragments<'a>, mut write: impl FnMut(&mut String, &'a [u8])) {
    let mut first = true;
    for list in lists.as_slice() {
        let mut reader = Reader::new(list);
        while let Ok(Some(key)) = reader.key() {
            if key.field == LIST_VALUES {
                let Ok(body) = reader.bytes(key) else { return };
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                write(out, body);
            } else if reader.skip(key, Depth::TOP).is_err() {
                return;
            }
        }
    }
}

fn check_array(list: &[u8], depth: Depth) -> Result<(), WireError> {
    check_list(list, depth, |body, inside| AnyValue::default().merge(body, inside))
}

fn check_map(list: &[u8], depth: Depth) -> Result<(), WireError> {
    check_list(list, depth, |body, inside| KeyValue::default().merge(body, inside))
}

fn check_list<'a>(
    list: &'a [u8],
    depth: Depth,
    check: impl Fn(&'a [u8], Depth) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let mut reader = Reader::new(list);
    while let Some(key) = reader.key()? {
        if key.field == LIST_VALUES {
            let (body, inside) = reader.message(key, depth)?;
            check(body, inside)?;
        } else {
            reader.skip(key, depth)?;
        }
    }
    Ok(())
}

/// An attribute, borrowed from the request and checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyValue<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: AnyValue<'a>,
}

impl<'a> KeyValue<'a> {
    /// Reads fields into this entry as prost merges them.
    pub(crate) fn merge(&mut self, body: &'a [u8], depth: Depth) -> Result<(), WireError> {
        self.merge_fields::<true>(body, depth)
    }

    fn merge_fields<const CHECK: bool>(&mut self, body: &'a [u8], depth: Depth) -> Result<(), WireError> {
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => self.key = reader.string(key)?,
                2 => {
                    let (value, inside) = reader.message(key, depth)?;
                    self.value.merge_fields::<CHECK>(value, inside)?;
                }
                // key_strindex: profiles only
                3 => {
                    reader.int32(key)?;
                }
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(())
    }
}
