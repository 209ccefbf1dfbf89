//! JSON values to protobuf fields.

use super::descriptors::{Field, IntKind, Kind};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::de::Error;
use std::fmt::Write as _;

/// Protobuf's JSON mapping lets a reader expect either alphabet, padded or not.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Bytes of the length before a message. The length is known only afterwards, so it is written as
/// a varint of fixed width: every decoder reads one with padding.
const LENGTH_BYTES: usize = 5;

/// How much of a bad value an error repeats.
const QUOTED_CHARACTERS: usize = 40;

/// One step down from the body.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Member(&'static str),
    Element(usize),
}

/// The protobuf written so far, and the place in the JSON that is being read.
#[derive(Default)]
pub(super) struct Encoder {
    pub(super) out: Vec<u8>,
    pub(super) path: Vec<Step>,
}

/// A value as an error shows it.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

impl Encoder {
    /// `resourceLogs[0].scopeLogs[3]`; `$` for the body itself.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            let _ = match step {
                Step::Member(name) if path.is_empty() => write!(path, "{name}"),
                Step::Member(name) => write!(path, ".{name}"),
                Step::Element(index) => write!(path, "[{index}]"),
            };
        }
        if path.is_empty() { "$".to_owned() } else { path }
    }

    fn key(&mut self, field: &Field, wire: u8) {
        self.varint(u64::from(field.number) << 3 | u64::from(wire));
    }

    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    /// Begins a message; give the result to [`Encoder::end_message`].
    pub(super) fn begin_message(&mut self, field: &Field) -> usize {
        self.key(field, 2);
        self.out.extend([0; LENGTH_BYTES]);
        self.out.len()
    }

    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
    pub(super) fn end_message(&mut self, start: usize) {
        let len = self.out.len() - start;
        let Some(slots) = self.out.get_mut(start - LENGTH_BYTES..start) else { return };
        for (index, slot) in slots.iter_mut().enumerate() {
            let more = if index + 1 < LENGTH_BYTES { 0x80 } else { 0 };
            *slot = (len >> (7 * index)) as u8 & 0x7f | more;
        }
    }

    fn bytes(&mut self, field: &Field, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn bool<E: Error>(&mut self, field: &Field, value: bool) -> Result<(), E> {
        match field.kind {
            Kind::Bool => {
                self.key(field, 0);
                self.varint(u64::from(value));
                Ok(())
            }
            kind => Err(E::custom(format!("expected {}, not {value}", kind.expected()))),
        }
    }

    pub(super) fn text<E: Error>(&mut self, field: &Field, text: &str) -> Result<(), E> {
        let wrong = || E::custom(format!("expected {}, not the string {}", field.kind.expected(), quoted(text)));
        match field.kind {
            Kind::Text => self.bytes(field, text.as_bytes()),
            Kind::Hex => self.bytes(field, &from_hex(text).ok_or_else(wrong)?),
            Kind::Base64 => {
                let engine = if text.contains(['-', '_']) { BASE64_URL } else { BASE64 };
                self.bytes(field, &engine.decode(text).map_err(|_| wrong())?);
            }
            Kind::Double => self.double(field, text.parse().map_err(|_| wrong())?),
            Kind::Enum(names) => match names.iter().find(|(name, _)| *name == text) {
                Some((_, number)) => self.signed_varint(field, i64::from(*number)),
                None => return self.integer(field, text.parse().map_err(|_| wrong())?),
            },
            Kind::Int(_) => match text.parse::<i128>() {
                Ok(value) => return self.integer(field, value),
                Err(_) => return self.number(field, text.parse().map_err(|_| wrong())?),
            },
            Kind::Bool | Kind::Message(_) => return Err(wrong()),
        }
        Ok(())
    }

    /// A number with a fraction or an exponent.
    pub(super) fn number<E: Error>(&mut self, field: &Field, value: f64) -> Result<(), E> {
        match field.kind {
            Kind::Double => {
                self.double(field, value);
                Ok(())
            }
            // 1e3 and 5.0 are integers to protobuf's JSON mapping
            Kind::Int(_) | Kind::Enum(_) if value.fract() == 0.0 && value.abs() < 1e20 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "an integer below 1e20")]
                self.integer(field, value as i128)
            }
            kind => Err(E::custom(format!("expected {}, not {value}", kind.expected()))),
        }
    }

    /// A whole number.
    pub(super) fn integer<E: Error>(&mut self, field: &Field, value: i128) -> Result<(), E> {
        let range = || E::custom(format!("{value} is out of range for {}", field.kind.expected()));
        match field.kind {
            #[expect(clippy::cast_precision_loss, reason = "the member is a double")]
            Kind::Double => self.double(field, value as f64),
            Kind::Enum(_) | Kind::Int(IntKind::Int32) => {
                self.signed_varint(field, i64::from(i32::try_from(value).map_err(|_| range())?));
            }
            Kind::Int(IntKind::Int64) => self.signed_varint(field, i64::try_from(value).map_err(|_| range())?),
            Kind::Int(IntKind::Uint32) => {
                self.unsigned_varint(field, u64::from(u32::try_from(value).map_err(|_| range())?));
            }
            Kind::Int(IntKind::Uint64) => self.unsigned_varint(field, u64::try_from(value).map_err(|_| range())?),
            Kind::Int(IntKind::Sint32) => {
                let value = i32::try_from(value).map_err(|_| range())?;
                self.unsigned_varint(field, u64::from((value.cast_unsigned() << 1) ^ (value >> 31).cast_unsigned()));
            }
            Kind::Int(IntKind::Fixed32) => {
                self.key(field, 5);
                self.out.extend(u32::try_from(value).map_err(|_| range())?.to_le_bytes());
            }
            Kind::Int(IntKind::Fixed64) => {
                self.key(field, 1);
                self.out.extend(u64::try_from(value).map_err(|_| range())?.to_le_bytes());
            }
            Kind::Int(IntKind::Sfixed64) => {
                self.key(field, 1);
                self.out.extend(i64::try_from(value).map_err(|_| range())?.to_le_bytes());
            }
            kind => return Err(E::custom(format!("expected {}, not {value}", kind.expected()))),
        }
        Ok(())
    }

    fn unsigned_varint(&mut self, field: &Field, value: u64) {
        self.key(field, 0);
        self.varint(value);
    }

    fn signed_varint(&mut self, field: &Field, value: i64) {
        self.unsigned_varint(field, value.cast_unsigned());
    }

    fn double(&mut self, field: &Field, value: f64) {
        self.key(field, 1);
        self.out.extend(value.to_le_bytes());
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

impl Kind {
    /// What a member of this type may be.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Base64 => "a base64 string",
            Self::Hex => "a string of hex digits",
            Self::Bool => "true or false",
            Self::Double => "a number",
            Self::Enum(_) => "a number or name of the enum",
            Self::Message(_) => "an object",
            Self::Int(IntKind::Int32 | IntKind::Sint32) => "a 32-bit integer",
            Self::Int(IntKind::Uint32 | IntKind::Fixed32) => "an unsigned 32-bit integer",
            Self::Int(IntKind::Int64 | IntKind::Sfixed64) => "a 64-bit integer",
            Self::Int(IntKind::Uint64 | IntKind::Fixed64) => "an unsigned 64-bit integer",
        }
    }
}
