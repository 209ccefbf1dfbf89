//! A refused record as a request of its own: sent again after a fix, it arrives as it would have.

use super::walk::Owners;
use crate::rejects::RawRecord;

/// Bytes of a varint.
fn varint_len(value: usize) -> usize {
    let bits = usize::BITS - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Writes a varint.
#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
pub(crate) fn push_varint(out: &mut RawRecord, mut value: usize) {
    while value >= 0x80 {
        out.push(&[(value as u8) | 0x80]);
        value >>= 7;
    }
    out.push(&[value as u8]);
}

/// Bytes of a length-delimited field with a number below 16.
pub(crate) fn field_len(len: usize) -> usize {
    1 + varint_len(len) + len
}

/// Writes the head of a length-delimited field with a number below 16.
pub(crate) fn push_head(out: &mut RawRecord, field: u8, len: usize) {
    out.push(&[field << 3 | 2]);
    push_varint(out, len);
}

fn push_field(out: &mut RawRecord, field: u8, body: &[u8]) {
    push_head(out, field, body.len());
    out.push(body);
}

fn optional_len(text: &str) -> usize {
    if text.is_empty() { 0 } else { field_len(text.len()) }
}

/// The request that holds one record of `owners`: `record` of `record_len` bytes is written by
/// `push_record`. No more is copied than `rejects` keeps.
pub(crate) fn request(
    owners: Owners<'_, '_>,
    record_len: usize,
    push_record: impl FnOnce(&mut RawRecord),
) -> RawRecord {
    let bodies_len =
        |bodies: &[&[u8]]| bodies.iter().filter(|b| !b.is_empty()).map(|b| field_len(b.len())).sum::<usize>();
    let push_bodies = |out: &mut RawRecord, bodies: &[&[u8]]| {
        bodies.iter().filter(|b| !b.is_empty()).for_each(|body| push_field(out, 1, body));
    };
    let (resource, scope) = (owners.resource, owners.scope);
    let scope_len = bodies_len(scope.bodies.as_slice()) + field_len(record_len) + optional_len(scope.schema_url);
    let resource_len =
        bodies_len(resource.bodies.as_slice()) + field_len(scope_len) + optional_len(resource.schema_url);

    let mut out = RawRecord::default();
    push_head(&mut out, 1, resource_len);
    push_bodies(&mut out, resource.bodies.as_slice());
    push_head(&mut out, 2, scope_len);
    push_bodies(&mut out, scope.bodies.as_slice());
    push_head(&mut out, 2, record_len);
    push_record(&mut out);
    if !scope.schema_url.is_empty() {
        push_field(&mut out, 3, scope.schema_url.as_bytes());
    }
    if !resource.schema_url.is_empty() {
        push_field(&mut out, 3, resource.schema_url.as_bytes());
    }
    out
}
