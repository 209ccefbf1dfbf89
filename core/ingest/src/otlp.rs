//! OTLP (opentelemetry-proto 1.x): a walk of the protobuf wire format straight into Arrow columns.
//!
//! What is stored is what was sent: columns as in `lincei-model`'s schema, everything else as
//! attributes (`otel.*`, `w3c.tracestate`; the names are listed in `otlp/attributes.rs`). Only default values (zero, empty) and fields
//! unknown to the protocol are not kept. Client attributes come first in each map, so that they
//! win over ours of the same name.
//!
//! Malformed bytes refuse the whole body, exactly where prost would; a record that is only wrong
//! in meaning (time out of range, span without id, …) is refused alone and kept in `rejects` as a
//! request of its own.

mod any_value;
mod attributes;
mod group;
mod ids;
mod json;
mod key_values;
mod logs;
mod metrics;
mod replay;
mod tally;
mod traces;
mod walk;
mod wire;

pub(crate) use json::json_error_detail;
pub use json::json_to_protobuf;
pub use logs::decode_logs;
pub use metrics::decode_metrics;
pub(crate) use tally::Tally;
pub use traces::decode_traces;

use crate::columns::ResourceColumn;
use crate::context::Refusal;
use group::ResourceGroup;
use lincei_model::limits::RECORD_BYTES_MAX;
use walk::Owners;

/// `rejects.encoding` of refused records.
const ENCODING: &str = "otlp-protobuf";

impl ResourceGroup<'_> {
    /// Adds the resource to its columns and returns its number there.
    fn add_to(&self, column: &mut ResourceColumn) -> u32 {
        for (key, value) in &self.entries {
            column.entry(key, value.as_deref());
        }
        column.end(&self.service)
    }
}

impl Owners<'_, '_> {
    /// What copies of resource and scope take in each row.
    const fn shared_bytes(&self) -> usize {
        self.resource.shared_bytes + self.scope.shared_bytes
    }
}

/// Whether a record of that size and those owners can be stored at all.
fn check_record(what: &str, bytes: usize, owners: Owners<'_, '_>) -> Result<(), Refusal> {
    if let Some(refusal) = owners.resource.refusal.as_ref().or(owners.scope.refusal.as_ref()) {
        return Err(refusal.clone());
    }
    if bytes > RECORD_BYTES_MAX {
        return Err(Refusal::too_large(format!("{what} of {bytes} bytes exceeds {RECORD_BYTES_MAX} bytes")));
    }
    Ok(())
}
