//! OTLP/JSON to OTLP/protobuf (OTLP specification, "JSON Protobuf Encoding", over protobuf's own
//! JSON mapping), so that one walk reads both.
//!
//! Member names are lowerCamelCase or as in the `.proto` files; unknown ones are ignored, `null` is
//! the default. Trace and span ids are hex, other bytes base64; 64-bit integers are strings or
//! numbers, enums numbers or names, doubles numbers or `"NaN"`, `"Infinity"`, `"-Infinity"`. As in
//! protobuf, a member that repeats replaces the one before, or is merged into it when it is an
//! object. Objects nest at most 128 deep.

mod descriptors;
mod encoder;

use crate::{IngestError, Signal};
use descriptors::{Field, Kind, LOGS_REQUEST, METRICS_REQUEST, Message, TRACES_REQUEST};
use encoder::{Encoder, Step};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Rewrites the JSON form of a signal's export request as protobuf, in at most 4.5 times its size.
///
/// # Errors
/// [`IngestError::Json`] with the member's path, line and column.
pub fn json_to_protobuf(signal: Signal, body: &[u8]) -> Result<Vec<u8>, IngestError> {
    let message = match signal {
        Signal::Logs => &LOGS_REQUEST,
        Signal::Traces => &TRACES_REQUEST,
        Signal::Metrics => &METRICS_REQUEST,
    };
    let mut encoder = Encoder { out: Vec::with_capacity(body.len() / 2), path: Vec::new() };
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = BodySeed { message, encoder: &mut encoder }.deserialize(&mut json).and_then(|()| json.end());
    match read {
        Ok(()) => Ok(encoder.out),
        Err(error) => Err(json_error(&error, encoder.path())),
    }
}

fn json_error(error: &serde_json::Error, path: String) -> IngestError {
    IngestError::Json { path, line: error.line(), column: error.column(), detail: json_error_detail(error) }
}

/// An error of serde_json without its place.
pub(crate) fn json_error_detail(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// The body: an object.
struct BodySeed<'e> {
    message: &'static Message,
    encoder: &'e mut Encoder,
}

impl<'de> DeserializeSeed<'de> for BodySeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BodySeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        read_members(self.message, self.encoder, map)
    }
}

/// Writes the members of an object as fields of `message`.
fn read_members<'de, A: MapAccess<'de>>(
    message: &'static Message,
    encoder: &mut Encoder,
    mut map: A,
) -> Result<(), A::Error> {
    while let Some(field) = map.next_key_seed(NameSeed(message))? {
        let Some(field) = field else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        // stays on the path when the value is wrong: the error tells it
        encoder.path.push(Step::Member(field.name));
        if field.repeated {
            map.next_value_seed(ElementsSeed { field, encoder })?;
        } else {
            map.next_value_seed(ValueSeed { field, encoder })?;
        }
        encoder.path.pop();
    }
    Ok(())
}

/// A member's name, as the field it means.
struct NameSeed(&'static Message);

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Option<&'static Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Option<&'static Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.field(name))
    }
}

/// The value of a repeated field: an array.
struct ElementsSeed<'e> {
    field: &'static Field,
    encoder: &'e mut Encoder,
}

impl<'de> DeserializeSeed<'de> for ElementsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<(), A::Error> {
        read_elements(self.field, self.encoder, sequence)
    }
}

fn read_elements<'de, A: SeqAccess<'de>>(
    field: &'static Field,
    encoder: &mut Encoder,
    mut sequence: A,
) -> Result<(), A::Error> {
    for index in 0.. {
        encoder.path.push(Step::Element(index));
        if sequence.next_element_seed(ValueSeed { field, encoder })?.is_none() {
            encoder.path.pop();
            break;
        }
        encoder.path.pop();
    }
    Ok(())
}

/// One value of a field.
struct ValueSeed<'e> {
    field: &'static Field,
    encoder: &'e mut Encoder,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.kind.expected())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match self.field.kind {
            _ if !self.field.repeated => {}
            // an element cannot be left out: it stands for an empty message
            Kind::Message(_) => {
                let start = self.encoder.begin_message(self.field);
                self.encoder.end_message(start);
            }
            kind => return Err(E::custom(format!("expected {}, not null", kind.expected()))),
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.encoder.bool(self.field, value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.encoder.integer(self.field, i128::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.encoder.integer(self.field, i128::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.encoder.number(self.field, value)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.encoder.text(self.field, text)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Kind::Message(message) = self.field.kind else {
            return Err(A::Error::custom(format!("expected {}, not an object", self.field.kind.expected())));
        };
        let start = self.encoder.begin_message(self.field);
        read_members(message, self.encoder, map)?;
        self.encoder.end_message(start);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<(), A::Error> {
        let list = match self.field.kind {
            Kind::Message(message) if message.is_list => message.fields.first(),
            _ => None,
        };
        let Some(values) = list else {
            return Err(A::Error::custom(format!("expected {}, not an array", self.field.kind.expected())));
        };
        let start = self.encoder.begin_message(self.field);
        read_elements(values, self.encoder, sequence)?;
        self.encoder.end_message(start);
        Ok(())
    }
}
