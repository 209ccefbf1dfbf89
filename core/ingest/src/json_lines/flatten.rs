use crate::context::Refusal;
use crate::fields::{Field, FieldValue};
use crate::otlp::json_error_detail;
use lincei_model::limits::ATTRIBUTE_KEY_BYTES_MAX;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// How deep objects are flattened; what lies deeper is kept as JSON. Every level reads its text
/// again.
const FLATTEN_DEPTH_MAX: usize = 32;

/// Bytes that the paths of a record's fields may come to, beside the record's own size: below a
/// long name even the shortest field has a long path. Objects beyond it are kept as JSON.
const PATH_BYTES_SPARE: usize = 64 << 10;

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::invalid(format!("malformed json: {}", json_error_detail(error)))
}

/// The fields of an object, those of nested objects under the path of their names.
pub(super) fn flatten(object: &str) -> Result<Vec<Field<'_>>, Refusal> {
    let mut flattener = Flattener { fields: Vec::new(), path_bytes_left: object.len() + PATH_BYTES_SPARE, too_long: 0 };
    flattener.object("", object, FLATTEN_DEPTH_MAX).map_err(|error| malformed(&error))?;
    if flattener.too_long > 0 {
        let bytes = flattener.too_long;
        return Err(Refusal::too_large(format!(
            "attribute key of {bytes} bytes exceeds {ATTRIBUTE_KEY_BYTES_MAX} bytes"
        )));
    }
    Ok(flattener.fields)
}

struct Flattener<'a> {
    fields: Vec<Field<'a>>,
    path_bytes_left: usize,
    /// Length of a path beyond the limit.
    too_long: usize,
}

impl<'a> Flattener<'a> {
    fn object(&mut self, prefix: &str, object: &'a str, depth: usize) -> Result<(), serde_json::Error> {
        let seed = MembersSeed { flattener: self, prefix, depth };
        seed.deserialize(&mut serde_json::Deserializer::from_str(object))
    }

    fn member(
        &mut self,
        prefix: &str,
        name: Cow<'a, str>,
        value: &'a str,
        depth: usize,
    ) -> Result<(), serde_json::Error> {
        let key = if prefix.is_empty() { name } else { Cow::Owned(format!("{prefix}.{name}")) };
        self.path_bytes_left = self.path_bytes_left.saturating_sub(prefix.len());
        if key.len() > ATTRIBUTE_KEY_BYTES_MAX {
            self.too_long = key.len();
            return Ok(());
        }
        let is_object = value.starts_with('{') && !value.trim_matches(['{', '}', ' ', '\t', '\r', '\n']).is_empty();
        if is_object && depth > 0 {
            let before = self.fields.len();
            self.object(&key, value, depth - 1)?;
            if self.path_bytes_left > 0 || self.too_long > 0 {
                return Ok(());
            }
            self.fields.truncate(before);
        }
        self.fields.push(Field { key, value: field_value(value)? });
        Ok(())
    }
}

fn field_value(value: &str) -> Result<FieldValue<'_>, serde_json::Error> {
    Ok(match value.as_bytes().first() {
        Some(b'n') => FieldValue::Null,
        Some(b't') => FieldValue::Bool(true),
        Some(b'f') => FieldValue::Bool(false),
        Some(b'"') => FieldValue::Text(text_of(value)?),
        Some(b'[' | b'{') => FieldValue::Json(compact(value)),
        _ => FieldValue::Number(Cow::Borrowed(value)),
    })
}

struct MembersSeed<'f, 'a> {
    flattener: &'f mut Flattener<'a>,
    prefix: &'f str,
    depth: usize,
}

impl<'a> DeserializeSeed<'a> for MembersSeed<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for MembersSeed<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(NameSeed)? {
            let value = map.next_value::<&'a RawValue>()?.get();
            if self.flattener.path_bytes_left > 0 && self.flattener.too_long == 0 {
                self.flattener.member(self.prefix, name, value, self.depth).map_err(A::Error::custom)?;
            } else if self.prefix.is_empty() && self.flattener.too_long == 0 {
                let value = field_value(value).map_err(A::Error::custom)?;
                self.flattener.fields.push(Field { key: name, value });
            }
        }
        Ok(())
    }
}

/// A member's name, borrowed where it has no escapes.
struct NameSeed;

impl<'a> DeserializeSeed<'a> for NameSeed {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for NameSeed {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

fn text_of(quoted: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(text) if !text.contains('\\') => Ok(Cow::Borrowed(text)),
        _ => serde_json::from_str::<String>(quoted).map(Cow::Owned),
    }
}

/// The text of a JSON string.
pub(super) fn unquote(quoted: &str) -> Result<Cow<'_, str>, Refusal> {
    text_of(quoted).map_err(|error| malformed(&error))
}

/// JSON without the white space between its tokens.
pub(super) fn compact(json: &str) -> Cow<'_, str> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    if !json.contains(is_blank) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string || !is_blank(c) {
            out.push(c);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    Cow::Owned(out)
}
