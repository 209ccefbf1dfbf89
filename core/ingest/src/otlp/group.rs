//! Resource and scope: what many records of a request share.

use super::any_value::{Fragments, KeyValue};
use super::key_values::KeyValues;
use super::tally::Tally;
use super::wire::{Depth, Reader, WireError};
use crate::context::Refusal;
use crate::number_text::push_json_string;
use lincei_model::limits::{ATTRIBUTE_KEY_BYTES_MAX, RECORD_BYTES_MAX};
use std::borrow::Cow;

/// `service` of a resource without `service.name`; the name the specification gives it.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// An attribute as text, ready to be copied into rows.
pub(crate) type TextEntry<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Why no record that carries `attributes` can be stored.
pub(crate) fn check_keys(what: &str, attributes: &[KeyValue<'_>]) -> Result<(), Refusal> {
    match attributes.iter().map(|entry| entry.key.len()).find(|len| *len > ATTRIBUTE_KEY_BYTES_MAX) {
        Some(len) => Err(Refusal::too_large(format!(
            "{what} attribute key of {len} bytes exceeds {ATTRIBUTE_KEY_BYTES_MAX} bytes"
        ))),
        None => Ok(()),
    }
}

fn check_bytes(what: &str, bodies: &Fragments<'_>) -> Result<(), Refusal> {
    let bytes: usize = bodies.as_slice().iter().map(|body| body.len()).sum();
    if bytes > RECORD_BYTES_MAX {
        return Err(Refusal::too_large(format!("{what} of {bytes} bytes exceeds {RECORD_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Appends `attributes` as text, with `prefix` before each key.
fn text_entries<'a>(entries: &mut Vec<TextEntry<'a>>, prefix: &str, attributes: &[KeyValue<'a>]) {
    let mut scratch = String::new();
    for entry in attributes {
        let key = match prefix {
            "" => Cow::Borrowed(entry.key),
            prefix => Cow::Owned(format!("{prefix}{}", entry.key)),
        };
        let value = match &entry.value {
            super::any_value::AnyValue::Text(text) => Some(Cow::Borrowed(*text)),
            other => other.text(&mut scratch).map(|text| Cow::Owned(text.to_owned())),
        };
        entries.push((key, value));
    }
}

fn extra<'a>(entries: &mut Vec<TextEntry<'a>>, key: &'static str, value: impl Into<Cow<'a, str>>) {
    entries.push((Cow::Borrowed(key), Some(value.into())));
}

fn shared_bytes(entries: &[TextEntry<'_>]) -> usize {
    entries.iter().map(|(key, value)| Tally::shared_entry_bytes(key, value.as_ref().map_or(0, |text| text.len()))).sum()
}

/// `EntityRef`.
#[derive(Debug, Default)]
struct EntityRef<'a> {
    schema_url: &'a str,
    kind: &'a str,
    id_keys: Vec<&'a str>,
    description_keys: Vec<&'a str>,
}

impl<'a> EntityRef<'a> {
    fn read(body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<Self, WireError> {
        let mut entity = Self::default();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => entity.schema_url = reader.string(key)?,
                2 => entity.kind = reader.string(key)?,
                3 | 4 => {
                    tally.entry()?;
                    let list = if key.field == 3 { &mut entity.id_keys } else { &mut entity.description_keys };
                    list.push(reader.string(key)?);
                }
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(entity)
    }

    /// The OTLP/JSON form, without empty members.
    fn push_json(&self, out: &mut String) {
        let mut separator = '{';
        let mut member = |out: &mut String, name: &str| {
            out.push(std::mem::replace(&mut separator, ','));
            push_json_string(out, name);
            out.push(':');
        };
        for (name, text) in [("schemaUrl", self.schema_url), ("type", self.kind)] {
            if !text.is_empty() {
                member(out, name);
                push_json_string(out, text);
            }
        }
        for (name, list) in [("idKeys", &self.id_keys), ("descriptionKeys", &self.description_keys)] {
            if !list.is_empty() {
                member(out, name);
                push_json_list(out, list, |out, text| push_json_string(out, text));
            }
        }
        out.push_str(if separator == '{' { "{}" } else { "}" });
    }
}

fn push_json_list<T>(out: &mut String, list: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// `Resource` while it is read.
#[derive(Debug, Default)]
struct Resource<'a> {
    attributes: KeyValues<'a>,
    dropped_attributes_count: u32,
    entities: Vec<EntityRef<'a>>,
}

impl<'a> Resource<'a> {
    /// `keep` is whether the lists are wanted: they are checked all the same.
    fn merge(&mut self, body: &'a [u8], depth: Depth, keep: bool, tally: &mut Tally) -> Result<(), WireError> {
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => self.attributes.read(reader.message(key, depth)?, tally)?,
                2 => self.dropped_attributes_count = reader.uint32(key)?,
                3 => {
                    tally.bytes(size_of::<EntityRef<'_>>())?;
                    let (entity, inside) = reader.message(key, depth)?;
                    self.entities.push(EntityRef::read(entity, inside, tally)?);
                }
                _ => reader.skip(key, depth)?,
            }
            if !keep {
                self.attributes.clear();
                self.entities.clear();
            }
        }
        Ok(())
    }
}

/// `ResourceLogs`, `ResourceSpans` or `ResourceMetrics`, but for its scopes.
pub(crate) struct ResourceGroup<'a> {
    /// Column `service`.
    pub(crate) service: String,
    /// Column `resource`: first what the client sent, then what OTLP carries beside it.
    pub(crate) entries: Vec<TextEntry<'a>>,
    /// How many of `entries` the client sent as attributes.
    pub(crate) attributes: usize,
    /// What a copy of `entries` takes.
    pub(crate) shared_bytes: usize,
    /// Set when no record of this resource can be stored.
    pub(crate) refusal: Option<Refusal>,
    /// As received, for `rejects.raw`.
    pub(crate) bodies: Fragments<'a>,
    pub(crate) schema_url: &'a str,
}

impl<'a> ResourceGroup<'a> {
    /// Reads a `Resource…` message but for its scopes, whose bodies it only counts in.
    pub(crate) fn read(body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<Self, WireError> {
        let mut resource = Resource::default();
        let mut bodies = Fragments::One(&[]);
        let mut schema_url = "";
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => {
                    let (message, inside) = reader.message(key, depth)?;
                    bodies.push(message)?;
                    let keep = check_bytes("resource", &bodies).is_ok();
                    resource.merge(message, inside, keep, tally)?;
                }
                2 => {
                    reader.message(key, depth)?;
                }
                3 => schema_url = reader.string(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(Self::new(&resource, bodies, schema_url))
    }

    fn new(resource: &Resource<'a>, bodies: Fragments<'a>, schema_url: &'a str) -> Self {
        let mut group = Self {
            service: UNKNOWN_SERVICE.to_owned(),
            entries: Vec::new(),
            attributes: 0,
            shared_bytes: 0,
            refusal: None,
            bodies,
            schema_url,
        };
        let check = check_bytes("resource", &group.bodies).and_then(|()| check_keys("resource", &resource.attributes));
        if let Err(refusal) = check {
            group.refusal = Some(refusal);
            return group;
        }
        text_entries(&mut group.entries, "", &resource.attributes);
        group.attributes = group.entries.len();
        let named = group.entries.iter().find(|(key, _)| key == "service.name");
        if let Some((_, Some(name))) = named
            && !name.is_empty()
        {
            group.service = name.clone().into_owned();
        }
        if !schema_url.is_empty() {
            extra(&mut group.entries, "otel.resource.schema_url", schema_url);
        }
        if resource.dropped_attributes_count > 0 {
            let count = resource.dropped_attributes_count.to_string();
            extra(&mut group.entries, "otel.dropped_attributes_count", count);
        }
        if !resource.entities.is_empty() {
            let mut json = String::new();
            push_json_list(&mut json, &resource.entities, |out, entity| entity.push_json(out));
            extra(&mut group.entries, "otel.entity_refs", json);
        }
        group.shared_bytes = shared_bytes(&group.entries);
        group
    }
}

/// `InstrumentationScope` while it is read.
#[derive(Debug, Default)]
struct Scope<'a> {
    name: &'a str,
    version: &'a str,
    attributes: KeyValues<'a>,
    dropped_attributes_count: u32,
}

impl<'a> Scope<'a> {
    /// `keep` is whether the attributes are wanted: they are checked all the same.
    fn merge(&mut self, body: &'a [u8], depth: Depth, keep: bool, tally: &mut Tally) -> Result<(), WireError> {
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => self.name = reader.string(key)?,
                2 => self.version = reader.string(key)?,
                3 => self.attributes.read(reader.message(key, depth)?, tally)?,
                4 => self.dropped_attributes_count = reader.uint32(key)?,
                _ => reader.skip(key, depth)?,
            }
            if !keep {
                self.attributes.clear();
            }
        }
        Ok(())
    }
}

/// `ScopeLogs`, `ScopeSpans` or `ScopeMetrics`, but for its records.
pub(crate) struct ScopeGroup<'a> {
    /// Column `scope`; `None` when empty.
    pub(crate) name: Option<&'a str>,
    /// What every record of the scope gets as attributes, after its own.
    pub(crate) entries: Vec<TextEntry<'a>>,
    /// What a copy of `entries` takes.
    pub(crate) shared_bytes: usize,
    /// Records (of metrics: `Metric` messages) in the group.
    pub(crate) records: usize,
    /// Set when no record of this scope can be stored.
    pub(crate) refusal: Option<Refusal>,
    /// As received, for `rejects.raw`.
    pub(crate) bodies: Fragments<'a>,
    pub(crate) schema_url: &'a str,
}

impl<'a> ScopeGroup<'a> {
    /// Reads a `Scope…` message but for its records, which it only counts.
    pub(crate) fn read(body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<Self, WireError> {
        let mut scope = Scope::default();
        let mut bodies = Fragments::One(&[]);
        let mut schema_url = "";
        let mut records = 0;
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => {
                    let (message, inside) = reader.message(key, depth)?;
                    bodies.push(message)?;
                    let keep = check_bytes("scope", &bodies).is_ok();
                    scope.merge(message, inside, keep, tally)?;
                }
                2 => {
                    reader.message(key, depth)?;
                    records += 1;
                }
                3 => schema_url = reader.string(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(Self::new(&scope, bodies, schema_url, records))
    }

    fn new(scope: &Scope<'a>, bodies: Fragments<'a>, schema_url: &'a str, records: usize) -> Self {
        let mut group = Self {
            name: (!scope.name.is_empty()).then_some(scope.name),
            entries: Vec::new(),
            shared_bytes: scope.name.len(),
            records,
            refusal: None,
            bodies,
            schema_url,
        };
        let check = check_bytes("scope", &group.bodies).and_then(|()| check_keys("scope", &scope.attributes));
        if let Err(refusal) = check {
            group.refusal = Some(refusal);
            return group;
        }
        if !scope.version.is_empty() {
            extra(&mut group.entries, "otel.scope.version", scope.version);
        }
        if !schema_url.is_empty() {
            extra(&mut group.entries, "otel.scope.schema_url", schema_url);
        }
        if scope.dropped_attributes_count > 0 {
            let count = scope.dropped_attributes_count.to_string();
            extra(&mut group.entries, "otel.scope.dropped_attributes_count", count);
        }
        text_entries(&mut group.entries, "otel.scope.", &scope.attributes);
        group.shared_bytes += shared_bytes(&group.entries);
        group
    }
}
