//! The protobuf wire format (protobuf.dev, "Encoding"), read as strictly as prost reads it.

use crate::IngestError;
use lincei_model::limits::NESTING_MAX;

/// How deep messages may still nest; [`Depth::TOP`] for the body itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth(usize);

impl Depth {
    pub(crate) const TOP: Self = Self(NESTING_MAX);

    fn enter(self, at: &[u8]) -> Result<Self, WireError> {
        match self.0.checked_sub(1) {
            Some(left) => Ok(Self(left)),
            None => Err(WireError::new(at, "messages nest deeper than 100")),
        }
    }
}

/// What is wrong, and where: the address of the first byte that was not read, from which
/// [`WireError::within`] finds the offset. Small, so that results stay in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WireError {
    address: usize,
    detail: Detail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Malformed(&'static str),
    TooManyFragments,
    TooManyEntries,
}

/// Pieces in which one array or map value may be sent. Any encoder sends one.
pub(crate) const FRAGMENTS_MAX: usize = 1 << 16;

impl WireError {
    #[cold]
    pub(crate) fn new(at: &[u8], detail: &'static str) -> Self {
        Self { address: at.as_ptr() as usize, detail: Detail::Malformed(detail) }
    }

    #[cold]
    pub(crate) const fn too_many_fragments() -> Self {
        Self { address: 0, detail: Detail::TooManyFragments }
    }

    /// The budget of [`super::Tally`] is spent.
    #[cold]
    pub(crate) const fn too_many_entries() -> Self {
        Self { address: 0, detail: Detail::TooManyEntries }
    }

    /// The error of the body that was being read.
    pub(crate) fn within(self, body: &[u8]) -> IngestError {
        match self.detail {
            Detail::Malformed(detail) => {
                let offset = self.address.saturating_sub(body.as_ptr() as usize).min(body.len());
                IngestError::Protobuf { offset, detail }
            }
            Detail::TooManyFragments => IngestError::TooManyFragments { limit: FRAGMENTS_MAX },
            Detail::TooManyEntries => IngestError::Expansion {
                what: "attributes, events and buckets",
                limit: lincei_model::limits::EXPANDED_BYTES_MAX,
            },
        }
    }
}

/// The wire type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Varint,
    Fixed64,
    Bytes,
    StartGroup,
    EndGroup,
    Fixed32,
}

/// A field's number and wire type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) field: u32,
    pub(crate) wire: Wire,
}

impl Key {
    /// Whether a repeated number is sent as one packed field.
    pub(crate) fn is_packed(self) -> bool {
        self.wire == Wire::Bytes
    }
}

/// Reads the fields of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn error<T>(&self, detail: &'static str) -> Result<T, WireError> {
        Err(WireError::new(self.rest, detail))
    }

    /// A varint of at most ten bytes and 64 bits.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, WireError> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0;
        for (index, &byte) in self.rest.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                if index == 9 && byte > 1 {
                    return self.error("varint does not fit in 64 bits");
                }
                self.rest = self.rest.get(index + 1..).unwrap_or_default();
                return Ok(value);
            }
        }
        self.error(if self.rest.len() < 10 { "varint is cut short" } else { "varint is longer than 10 bytes" })
    }

    /// The next field's key, `None` at the end of the message.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Option<Key>, WireError> {
        if self.rest.is_empty() { Ok(None) } else { self.required_key().map(Some) }
    }

    #[inline]
    fn required_key(&mut self) -> Result<Key, WireError> {
        let Ok(key) = u32::try_from(self.varint()?) else {
            return self.error("field key does not fit in 32 bits");
        };
        let wire = match key & 7 {
            0 => Wire::Varint,
            1 => Wire::Fixed64,
            2 => Wire::Bytes,
            3 => Wire::StartGroup,
            4 => Wire::EndGroup,
            5 => Wire::Fixed32,
            _ => return self.error("wire type is 6 or 7"),
        };
        match key >> 3 {
            0 => self.error("field number is 0"),
            field => Ok(Key { field, wire }),
        }
    }

    #[inline]
    fn expect(&self, key: Key, wire: Wire) -> Result<(), WireError> {
        if key.wire == wire { Ok(()) } else { self.error("field has the wrong wire type") }
    }

    #[inline]
    fn take(&mut self, len: u64) -> Result<&'a [u8], WireError> {
        match usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len)) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => self.error("length exceeds the message"),
        }
    }

    /// A `bytes` field, or the body of a message that was checked before.
    #[inline]
    pub(crate) fn bytes(&mut self, key: Key) -> Result<&'a [u8], WireError> {
        self.expect(key, Wire::Bytes)?;
        let len = self.varint()?;
        self.take(len)
    }

    /// A `string` field: proto3 demands valid UTF-8.
    #[inline]
    pub(crate) fn string(&mut self, key: Key) -> Result<&'a str, WireError> {
        let bytes = self.bytes(key)?;
        simdutf8::basic::from_utf8(bytes).map_err(|_| WireError::new(bytes, "string is not valid UTF-8"))
    }

    /// A message field: its body, and how deep messages may nest inside.
    #[inline]
    pub(crate) fn message(&mut self, key: Key, depth: Depth) -> Result<(&'a [u8], Depth), WireError> {
        let inside = depth.enter(self.rest)?;
        Ok((self.bytes(key)?, inside))
    }

    /// A field of type `uint64`.
    pub(crate) fn uint64(&mut self, key: Key) -> Result<u64, WireError> {
        self.expect(key, Wire::Varint)?;
        self.varint()
    }

    /// A field of type `int64`.
    #[expect(clippy::cast_possible_wrap, reason = "two's complement is the encoding of int64")]
    pub(crate) fn int64(&mut self, key: Key) -> Result<i64, WireError> {
        Ok(self.uint64(key)? as i64)
    }

    /// A field of type `uint32`; higher bits are dropped, as protobuf prescribes.
    #[expect(clippy::cast_possible_truncation, reason = "protobuf truncates to 32 bits")]
    pub(crate) fn uint32(&mut self, key: Key) -> Result<u32, WireError> {
        Ok(self.uint64(key)? as u32)
    }

    /// A field of type `int32` or of an enum.
    #[expect(clippy::cast_possible_wrap, reason = "two's complement is the encoding of int32")]
    pub(crate) fn int32(&mut self, key: Key) -> Result<i32, WireError> {
        Ok(self.uint32(key)? as i32)
    }

    /// A field of type `sint32` (zigzag).
    #[expect(clippy::cast_possible_wrap, reason = "the zigzag encoding is defined on bits")]
    pub(crate) fn sint32(&mut self, key: Key) -> Result<i32, WireError> {
        let value = self.uint32(key)?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    /// A field of type `bool`: any number but 0 is true.
    pub(crate) fn bool(&mut self, key: Key) -> Result<bool, WireError> {
        Ok(self.uint64(key)? != 0)
    }

    fn little_endian<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        match self.rest.split_first_chunk() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => self.error("fixed-width number is cut short"),
        }
    }

    /// Eight bytes of a packed field.
    pub(crate) fn raw_fixed64(&mut self) -> Result<u64, WireError> {
        self.little_endian().map(u64::from_le_bytes)
    }

    /// A field of type `fixed64`.
    #[inline]
    pub(crate) fn fixed64(&mut self, key: Key) -> Result<u64, WireError> {
        self.expect(key, Wire::Fixed64)?;
        self.raw_fixed64()
    }

    /// A field of type `sfixed64`.
    #[expect(clippy::cast_possible_wrap, reason = "two's complement is the encoding of sfixed64")]
    pub(crate) fn sfixed64(&mut self, key: Key) -> Result<i64, WireError> {
        Ok(self.fixed64(key)? as i64)
    }

    /// A field of type `double`.
    pub(crate) fn double(&mut self, key: Key) -> Result<f64, WireError> {
        self.fixed64(key).map(f64::from_bits)
    }

    /// A field of type `fixed32`.
    pub(crate) fn fixed32(&mut self, key: Key) -> Result<u32, WireError> {
        self.expect(key, Wire::Fixed32)?;
        self.little_endian().map(u32::from_le_bytes)
    }

    /// Steps over a field that the message does not define.
    pub(crate) fn skip(&mut self, key: Key, depth: Depth) -> Result<(), WireError> {
        let inside = depth.enter(self.rest)?;
        match key.wire {
            Wire::Varint => self.varint().map(|_| ()),
            Wire::Fixed64 => self.take(8).map(|_| ()),
            Wire::Fixed32 => self.take(4).map(|_| ()),
            Wire::Bytes => {
                let len = self.varint()?;
                self.take(len).map(|_| ())
            }
            Wire::EndGroup => self.error("group ends that did not begin"),
            Wire::StartGroup => loop {
                let inner = self.required_key()?;
                if inner.wire != Wire::EndGroup {
                    self.skip(inner, inside)?;
                } else if inner.field == key.field {
                    return Ok(());
                } else {
                    return self.error("group ends with another field's number");
                }
            },
        }
    }
}
