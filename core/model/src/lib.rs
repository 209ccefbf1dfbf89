//! What every crate agrees on: table schemas as Arrow, batches, ids, time ranges, error codes,
//! limits and the names of Lincei's own metrics. No I/O and no async.

mod attribute;
mod batch;
mod error;
mod ids;
pub mod limits;
pub mod pattern;
mod schema;
mod table;
pub mod telemetry;
mod time;

pub use attribute::{
    ATTRIBUTE_MAPS, AttributeColumn, AttributePlace, AttributeType, DOUBLE_INTEGER_MAX, FileAttributes,
    attribute_column_name, attribute_of_column, text_of_f64,
};
pub use batch::{Batch, BatchError, time_bounds};
pub use error::ErrorCode;
pub use ids::{IdError, TenantId};
pub use schema::{attribute_map_type, string_map_entry_fields, timestamp_type};
pub use table::{SortColumn, Table};
pub use telemetry::Telemetry;
pub use time::{Clock, FixedClock, SystemClock, TimeRange};
