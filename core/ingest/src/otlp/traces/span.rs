use crate::otlp::key_values::KeyValues;
use crate::otlp::tally::Tally;
use crate::otlp::wire::{Depth, Reader, WireError};
use std::ops::Range;

/// `Status`.
#[derive(Debug, Default)]
pub(super) struct Status<'a> {
    pub(super) message: &'a str,
    pub(super) code: i32,
}

impl<'a> Status<'a> {
    fn merge(&mut self, body: &'a [u8], depth: Depth) -> Result<(), WireError> {
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                2 => self.message = reader.string(key)?,
                3 => self.code = reader.int32(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(())
    }
}

/// `Span.Event`; its attributes are a range of [`Span::event_attributes`].
#[derive(Debug, Default)]
pub(super) struct Event<'a> {
    pub(super) time_unix_nano: u64,
    pub(super) name: &'a str,
    pub(super) attributes: Range<usize>,
    pub(super) dropped_attributes_count: u32,
}

/// `Span.Link`; its attributes are a range of [`Span::link_attributes`].
#[derive(Debug, Default)]
pub(super) struct Link<'a> {
    pub(super) trace_id: &'a [u8],
    pub(super) span_id: &'a [u8],
    pub(super) trace_state: &'a str,
    pub(super) attributes: Range<usize>,
    pub(super) dropped_attributes_count: u32,
    pub(super) flags: u32,
}

/// `Span`, borrowed from the request. Reused from span to span for its lists.
#[derive(Debug, Default)]
pub(super) struct Span<'a> {
    pub(super) trace_id: &'a [u8],
    pub(super) span_id: &'a [u8],
    pub(super) trace_state: &'a str,
    pub(super) parent_span_id: &'a [u8],
    pub(super) flags: u32,
    pub(super) name: &'a str,
    pub(super) kind: i32,
    pub(super) start_time_unix_nano: u64,
    pub(super) end_time_unix_nano: u64,
    pub(super) attributes: KeyValues<'a>,
    pub(super) dropped_attributes_count: u32,
    pub(super) events: Vec<Event<'a>>,
    pub(super) event_attributes: KeyValues<'a>,
    pub(super) dropped_events_count: u32,
    pub(super) links: Vec<Link<'a>>,
    pub(super) link_attributes: KeyValues<'a>,
    pub(super) dropped_links_count: u32,
    pub(super) status: Status<'a>,
}

impl<'a> Span<'a> {
    fn clear(&mut self) {
        let Self { mut attributes, mut events, mut event_attributes, mut links, mut link_attributes, .. } =
            std::mem::take(self);
        attributes.clear();
        events.clear();
        event_attributes.clear();
        links.clear();
        link_attributes.clear();
        *self = Self { attributes, events, event_attributes, links, link_attributes, ..Self::default() };
    }

    /// Reads a whole span in place of the one before. `keep` is whether its lists are wanted: they
    /// are checked all the same.
    pub(super) fn read(
        &mut self,
        body: &'a [u8],
        depth: Depth,
        keep: bool,
        tally: &mut Tally,
    ) -> Result<(), WireError> {
        self.clear();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => self.trace_id = reader.bytes(key)?,
                2 => self.span_id = reader.bytes(key)?,
                3 => self.trace_state = reader.string(key)?,
                4 => self.parent_span_id = reader.bytes(key)?,
                5 => self.name = reader.string(key)?,
                6 => self.kind = reader.int32(key)?,
                7 => self.start_time_unix_nano = reader.fixed64(key)?,
                8 => self.end_time_unix_nano = reader.fixed64(key)?,
                9 => {
                    self.attributes.read(reader.message(key, depth)?, tally)?;
                    if !keep {
                        self.attributes.clear();
                    }
                }
                10 => self.dropped_attributes_count = reader.uint32(key)?,
                11 => {
                    let (event, inside) = reader.message(key, depth)?;
                    self.read_event(event, inside, tally)?;
                    if !keep {
                        self.events.clear();
                        self.event_attributes.clear();
                    }
                }
                12 => self.dropped_events_count = reader.uint32(key)?,
                13 => {
                    let (link, inside) = reader.message(key, depth)?;
                    self.read_link(link, inside, tally)?;
                    if !keep {
                        self.links.clear();
                        self.link_attributes.clear();
                    }
                }
                14 => self.dropped_links_count = reader.uint32(key)?,
                15 => {
                    let (status, inside) = reader.message(key, depth)?;
                    self.status.merge(status, inside)?;
                }
                16 => self.flags = reader.fixed32(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(())
    }

    fn read_event(&mut self, body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<(), WireError> {
        tally.entry()?;
        let mut event = Event::default();
        let start = self.event_attributes.len();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => event.time_unix_nano = reader.fixed64(key)?,
                2 => event.name = reader.string(key)?,
                3 => self.event_attributes.read(reader.message(key, depth)?, tally)?,
                4 => event.dropped_attributes_count = reader.uint32(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        event.attributes = start..self.event_attributes.len();
        self.events.push(event);
        Ok(())
    }

    fn read_link(&mut self, body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<(), WireError> {
        tally.entry()?;
        let mut link = Link::default();
        let start = self.link_attributes.len();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => link.trace_id = reader.bytes(key)?,
                2 => link.span_id = reader.bytes(key)?,
                3 => link.trace_state = reader.string(key)?,
                4 => self.link_attributes.read(reader.message(key, depth)?, tally)?,
                5 => link.dropped_attributes_count = reader.uint32(key)?,
                6 => link.flags = reader.fixed32(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        link.attributes = start..self.link_attributes.len();
        self.links.push(link);
        Ok(())
    }
}
