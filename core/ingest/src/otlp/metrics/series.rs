//! `series_id`: XXH3-64 (seed 0) over these bytes. Stored, so it never changes.
//!
//! ```text
//! list(resource attributes) text(scope name) text(metric) text(kind) text(unit) list(point attributes)
//!
//! list(entries) = u32 number of entries, then text(key) text(value) for each
//! text(t)       = u32 length in bytes, then the bytes; a null value is the length 0xffffffff alone
//! ```
//!
//! Integers are little-endian. Entries are what the client sent, values as the text that columns
//! hold, sorted by the bytes of their keys; of equal keys only the first one sent. A missing scope
//! name or unit is empty. `service.name` is one of the resource attributes.

use crate::otlp::any_value::KeyValue;
use crate::otlp::group::TextEntry;
use xxhash_rust::xxh3::xxh3_64;

/// Length that stands for a null value.
const NULL: u32 = u32::MAX;

/// Computes series ids; what points share is written once.
#[derive(Default)]
pub(super) struct SeriesIds {
    bytes: Vec<u8>,
    resource_end: usize,
    metric_end: usize,
    order: Vec<usize>,
    scratch: String,
}

fn push_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&u32::try_from(number).unwrap_or(NULL).to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn push_optional(bytes: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push_text(bytes, text),
        None => bytes.extend_from_slice(&NULL.to_le_bytes()),
    }
}

/// Indices of entries in the order of their keys, only the first of equal keys.
fn sort_by_key<'k>(order: &mut Vec<usize>, len: usize, key: impl Fn(usize) -> &'k str) {
    order.clear();
    order.extend(0..len);
    order.sort_by(|a, b| key(*a).as_bytes().cmp(key(*b).as_bytes()));
    order.dedup_by(|later, first| key(*later) == key(*first));
}

impl SeriesIds {
    /// Metrics of this resource follow.
    pub(super) fn resource(&mut self, attributes: &[TextEntry<'_>]) {
        let key = |index: usize| attributes.get(index).map_or("", |(key, _)| key);
        sort_by_key(&mut self.order, attributes.len(), key);
        self.bytes.clear();
        push_number(&mut self.bytes, self.order.len());
        for (name, value) in self.order.iter().filter_map(|index| attributes.get(*index)) {
            push_text(&mut self.bytes, name);
            push_optional(&mut self.bytes, value.as_deref());
        }
        self.resource_end = self.bytes.len();
    }

    /// Points of this metric follow.
    pub(super) fn metric(&mut self, scope: &str, metric: &str, kind: &str, unit: &str) {
        self.bytes.truncate(self.resource_end);
        for text in [scope, metric, kind, unit] {
            push_text(&mut self.bytes, text);
        }
        self.metric_end = self.bytes.len();
    }

    /// The series of a point with these attributes.
    pub(super) fn id(&mut self, attributes: &[KeyValue<'_>]) -> u64 {
        let key = |index: usize| attributes.get(index).map_or("", |entry| entry.key);
        sort_by_key(&mut self.order, attributes.len(), key);
        self.bytes.truncate(self.metric_end);
        push_number(&mut self.bytes, self.order.len());
        for entry in self.order.iter().filter_map(|index| attributes.get(*index)) {
            push_text(&mut self.bytes, entry.key);
            push_optional(&mut self.bytes, entry.value.text(&mut self.scratch));
        }
        xxh3_64(&self.bytes)
    }
}
