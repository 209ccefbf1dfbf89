//! Protobuf fields by hand, valid or not.

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn key(field: u64, wire: u64) -> Vec<u8> {
    varint(field << 3 | wire)
}

/// A varint field.
pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    [key(field, 0), varint(value)].concat()
}

/// A fixed64 field.
pub(crate) fn fixed64(field: u64, value: u64) -> Vec<u8> {
    [key(field, 1), value.to_le_bytes().to_vec()].concat()
}

/// A length-delimited field.
pub(crate) fn bytes(field: u64, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    [key(field, 2), varint(body.len() as u64), body.to_vec()].concat()
}

/// A group.
pub(crate) fn group(field: u64, body: impl AsRef<[u8]>) -> Vec<u8> {
    [key(field, 3), body.as_ref().to_vec(), key(field, 4)].concat()
}

/// The end of a group.
pub(crate) fn end_group(field: u64) -> Vec<u8> {
    key(field, 4)
}

/// A request with one record, for any signal: the three have the same shape.
pub(crate) fn request(record: impl AsRef<[u8]>) -> Vec<u8> {
    bytes(1, bytes(2, bytes(2, record)))
}

/// A `KeyValue` with the given body of its value.
pub(crate) fn attribute(field: u64, name: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    bytes(field, [bytes(1, name), bytes(2, value)].concat())
}
