use crate::IngestError;
use crate::otlp::wire::WireError;
use lincei_model::limits::{EXPANDED_BYTES_MAX, RECORDS_MAX};

/// Bytes that one map entry, span event, span link, exemplar or quantile takes in a batch beside
/// its text: two string views, a key number and offsets.
const ENTRY_BYTES: usize = 40;

/// Counts what one request will take in memory, so that it is refused before it is built.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    records: usize,
    /// Copies of resource and scope attributes.
    shared_bytes: usize,
    /// Entries that records carry themselves; two bytes on the wire can make one.
    own_bytes: usize,
}

impl Tally {
    /// Counts `count` records that will each carry `shared_bytes` of resource and scope.
    pub(crate) fn records(&mut self, count: usize, shared_bytes: usize) -> Result<(), IngestError> {
        self.records = self.records.saturating_add(count);
        if self.records > RECORDS_MAX {
            return Err(IngestError::TooManyRecords { limit: RECORDS_MAX });
        }
        self.shared_bytes = self.shared_bytes.saturating_add(count.saturating_mul(shared_bytes));
        if self.shared_bytes > EXPANDED_BYTES_MAX {
            return Err(IngestError::Expansion { what: "resource and scope attributes", limit: EXPANDED_BYTES_MAX });
        }
        Ok(())
    }

    /// Counts one entry.
    #[inline]
    pub(crate) fn entry(&mut self) -> Result<(), WireError> {
        self.bytes(ENTRY_BYTES)
    }

    /// Counts `count` bytes of values that are larger in memory than on the wire.
    #[inline]
    pub(crate) fn bytes(&mut self, count: usize) -> Result<(), WireError> {
        self.own_bytes = self.own_bytes.saturating_add(count);
        if self.own_bytes > EXPANDED_BYTES_MAX { Err(WireError::too_many_entries()) } else { Ok(()) }
    }

    /// What copying one entry of a resource or scope into a row takes.
    pub(crate) const fn shared_entry_bytes(key: &str, text_bytes: usize) -> usize {
        ENTRY_BYTES + key.len() + text_bytes
    }
}
