//! Which rows an aggregate counts.

use datafusion::arrow::array::{Array, BooleanArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::prep_null_mask_filter;

/// Rows that are neither NULL nor filtered out; `None` for all.
pub(super) fn used(nulls: Option<&NullBuffer>, filter: Option<&BooleanArray>) -> Option<NullBuffer> {
    let filter = filter.map(|filter| match filter.null_count() {
        0 => NullBuffer::new(filter.values().clone()),
        _ => NullBuffer::new(prep_null_mask_filter(filter).values().clone()),
    });
    NullBuffer::union(nulls, filter.as_ref())
}
