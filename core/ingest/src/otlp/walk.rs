//! The shape that the three requests share: resources, in them scopes, in them records.
//!
//! ```text
//! Export…ServiceRequest   1: repeated Resource…
//! Resource…               1: resource   2: repeated Scope…   3: schema_url
//! Scope…                  1: scope      2: repeated record   3: schema_url
//! ```
//!
//! Protobuf allows fields in any order, so the shared parts of a message are read before its
//! records, in a pass that steps over the records.

use super::group::{ResourceGroup, ScopeGroup};
use super::tally::Tally;
use super::wire::{Depth, Reader, WireError};
use crate::IngestError;
use arrow_schema::ArrowError;

/// Why a walk stops.
pub(crate) enum Stop {
    /// Malformed, at an address inside the body.
    Wire(WireError),
    /// Anything else.
    Other(IngestError),
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl From<IngestError> for Stop {
    fn from(error: IngestError) -> Self {
        Self::Other(error)
    }
}

impl From<ArrowError> for Stop {
    fn from(error: ArrowError) -> Self {
        Self::Other(error.into())
    }
}

impl Stop {
    fn within(self, body: &[u8]) -> IngestError {
        match self {
            Self::Wire(error) => error.within(body),
            Self::Other(error) => error,
        }
    }
}

/// The resource and scope of a record.
#[derive(Clone, Copy)]
pub(crate) struct Owners<'g, 'a> {
    pub(crate) resource: &'g ResourceGroup<'a>,
    pub(crate) scope: &'g ScopeGroup<'a>,
}

/// Builds rows out of one signal's records.
pub(crate) trait Sink<'a> {
    /// The request's counts.
    fn tally(&mut self) -> &mut Tally;

    /// Records of this resource follow.
    fn resource(&mut self, group: &ResourceGroup<'a>);

    /// Records of this scope follow.
    fn scope(&mut self, owners: Owners<'_, 'a>) -> Result<(), Stop>;

    /// One `LogRecord`, `Span` or `Metric`.
    fn record(&mut self, body: &'a [u8], depth: Depth, owners: Owners<'_, 'a>) -> Result<(), Stop>;
}

/// The field of `Resource…` and `Scope…` that repeats.
const CHILDREN: u32 = 2;

/// Reads a request.
pub(crate) fn walk<'a>(body: &'a [u8], sink: &mut impl Sink<'a>) -> Result<(), IngestError> {
    walk_request(body, sink).map_err(|stop| stop.within(body))
}

fn walk_request<'a>(body: &'a [u8], sink: &mut impl Sink<'a>) -> Result<(), Stop> {
    let depth = Depth::TOP;
    let mut reader = Reader::new(body);
    while let Some(key) = reader.key()? {
        if key.field == 1 {
            let (message, inside) = reader.message(key, depth)?;
            walk_resource(message, inside, sink)?;
        } else {
            reader.skip(key, depth)?;
        }
    }
    Ok(())
}

fn walk_resource<'a>(body: &'a [u8], depth: Depth, sink: &mut impl Sink<'a>) -> Result<(), Stop> {
    let resource = ResourceGroup::read(body, depth, sink.tally())?;
    sink.resource(&resource);
    let mut reader = Reader::new(body);
    while let Some(key) = reader.key()? {
        if key.field == CHILDREN {
            let (message, inside) = reader.message(key, depth)?;
            walk_scope(message, inside, &resource, sink)?;
        } else {
            reader.skip(key, depth)?;
        }
    }
    Ok(())
}

fn walk_scope<'a>(
    body: &'a [u8],
    depth: Depth,
    resource: &ResourceGroup<'a>,
    sink: &mut impl Sink<'a>,
) -> Result<(), Stop> {
    let scope = ScopeGroup::read(body, depth, sink.tally())?;
    let owners = Owners { resource, scope: &scope };
    sink.scope(owners)?;
    let mut reader = Reader::new(body);
    while let Some(key) = reader.key()? {
        if key.field == CHILDREN {
            let (message, inside) = reader.message(key, depth)?;
            sink.record(message, inside, owners)?;
        } else {
            reader.skip(key, depth)?;
        }
    }
    Ok(())
}
