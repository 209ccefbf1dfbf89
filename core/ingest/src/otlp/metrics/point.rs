use super::metric::Kind;
use crate::otlp::key_values::KeyValues;
use crate::otlp::tally::Tally;
use crate::otlp::wire::{Depth, Key, Reader, WireError};
use std::ops::Range;

/// The `value` of a number point or an exemplar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Value {
    #[default]
    None,
    Double(f64),
    Int(i64),
}

/// `Exemplar`; its attributes are a range of [`Point::exemplar_attributes`].
#[derive(Debug, Default)]
pub(super) struct Exemplar<'a> {
    pub(super) time_unix_nano: u64,
    pub(super) value: Value,
    pub(super) span_id: &'a [u8],
    pub(super) trace_id: &'a [u8],
    pub(super) attributes: Range<usize>,
}

/// `ExponentialHistogramDataPoint.Buckets`.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    /// Whether the message was sent.
    pub(super) present: bool,
    pub(super) offset: i32,
    pub(super) counts: Vec<u64>,
}

impl Buckets {
    fn merge(&mut self, body: &[u8], depth: Depth, tally: &mut Tally) -> Result<(), WireError> {
        self.present = true;
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => self.offset = reader.sint32(key)?,
                2 => read_uint64s(&mut reader, key, &mut self.counts, tally)?,
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.present = false;
        self.offset = 0;
        self.counts.clear();
    }
}

/// A data point of any kind, borrowed from the request. Reused from point to point for its lists.
#[derive(Debug, Default)]
pub(super) struct Point<'a> {
    pub(super) attributes: KeyValues<'a>,
    pub(super) start_time_unix_nano: u64,
    pub(super) time_unix_nano: u64,
    pub(super) flags: u32,
    pub(super) value: Value,
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) bucket_counts: Vec<u64>,
    pub(super) explicit_bounds: Vec<f64>,
    pub(super) scale: i32,
    pub(super) zero_count: u64,
    pub(super) zero_threshold: f64,
    pub(super) positive: Buckets,
    pub(super) negative: Buckets,
    pub(super) quantiles: Vec<(f64, f64)>,
    pub(super) exemplars: Vec<Exemplar<'a>>,
    pub(super) exemplar_attributes: KeyValues<'a>,
}

/// Appends the numbers of a `repeated fixed64`, packed or not.
fn read_fixed64s<T>(
    reader: &mut Reader<'_>,
    key: Key,
    list: &mut Vec<T>,
    convert: impl Fn(u64) -> T,
    tally: &mut Tally,
) -> Result<(), WireError> {
    if !key.is_packed() {
        tally.bytes(size_of::<T>())?;
        list.push(convert(reader.fixed64(key)?));
        return Ok(());
    }
    let bytes = reader.bytes(key)?;
    tally.bytes(bytes.len())?;
    let mut packed = Reader::new(bytes);
    while !packed.is_empty() {
        list.push(convert(packed.raw_fixed64()?));
    }
    Ok(())
}

/// Appends the numbers of a `repeated uint64`, packed or not.
fn read_uint64s(reader: &mut Reader<'_>, key: Key, list: &mut Vec<u64>, tally: &mut Tally) -> Result<(), WireError> {
    if !key.is_packed() {
        tally.bytes(size_of::<u64>())?;
        list.push(reader.uint64(key)?);
        return Ok(());
    }
    let mut packed = Reader::new(reader.bytes(key)?);
    while !packed.is_empty() {
        tally.bytes(size_of::<u64>())?;
        list.push(packed.varint()?);
    }
    Ok(())
}

impl<'a> Point<'a> {
    fn clear(&mut self) {
        let mut old = std::mem::take(self);
        old.attributes.clear();
        old.clear_lists();
        old.positive.clear();
        old.negative.clear();
        *self = Self {
            attributes: old.attributes,
            bucket_counts: old.bucket_counts,
            explicit_bounds: old.explicit_bounds,
            positive: old.positive,
            negative: old.negative,
            quantiles: old.quantiles,
            exemplars: old.exemplars,
            exemplar_attributes: old.exemplar_attributes,
            ..Self::default()
        };
    }

    fn clear_lists(&mut self) {
        self.attributes.clear();
        self.bucket_counts.clear();
        self.explicit_bounds.clear();
        self.positive.counts.clear();
        self.negative.counts.clear();
        self.quantiles.clear();
        self.exemplars.clear();
        self.exemplar_attributes.clear();
    }

    /// Reads a whole point in place of the one before. `keep` is whether its lists are wanted: they
    /// are checked all the same.
    pub(super) fn read(
        &mut self,
        kind: Kind,
        body: &'a [u8],
        depth: Depth,
        keep: bool,
        tally: &mut Tally,
    ) -> Result<(), WireError> {
        self.clear();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match kind {
                Kind::Gauge | Kind::Sum => self.read_number(&mut reader, key, depth, tally)?,
                Kind::Histogram => self.read_histogram(&mut reader, key, depth, tally)?,
                Kind::ExponentialHistogram => self.read_exponential(&mut reader, key, depth, tally)?,
                Kind::Summary => self.read_summary(&mut reader, key, depth, tally)?,
            }
            if !keep {
                self.clear_lists();
            }
        }
        Ok(())
    }

    /// The fields that all kinds have under the same numbers.
    fn read_common(&mut self, reader: &mut Reader<'a>, key: Key, depth: Depth) -> Result<(), WireError> {
        match key.field {
            2 => self.start_time_unix_nano = reader.fixed64(key)?,
            3 => self.time_unix_nano = reader.fixed64(key)?,
            _ => reader.skip(key, depth)?,
        }
        Ok(())
    }

    fn read_number(
        &mut self,
        reader: &mut Reader<'a>,
        key: Key,
        depth: Depth,
        tally: &mut Tally,
    ) -> Result<(), WireError> {
        match key.field {
            4 => self.value = Value::Double(reader.double(key)?),
            5 => self.read_exemplar(reader.message(key, depth)?, tally)?,
            6 => self.value = Value::Int(reader.sfixed64(key)?),
            7 => self.attributes.read(reader.message(key, depth)?, tally)?,
            8 => self.flags = reader.uint32(key)?,
            _ => self.read_common(reader, key, depth)?,
        }
        Ok(())
    }

    fn read_histogram(
        &mut self,
        reader: &mut Reader<'a>,
        key: Key,
        depth: Depth,
        tally: &mut Tally,
    ) -> Result<(), WireError> {
        match key.field {
            4 => self.count = reader.fixed64(key)?,
            5 => self.sum = Some(reader.double(key)?),
            6 => read_fixed64s(reader, key, &mut self.bucket_counts, |bits| bits, tally)?,
            7 => read_fixed64s(reader, key, &mut self.explicit_bounds, f64::from_bits, tally)?,
            8 => self.read_exemplar(reader.message(key, depth)?, tally)?,
            9 => self.attributes.read(reader.message(key, depth)?, tally)?,
            10 => self.flags = reader.uint32(key)?,
            11 => self.min = Some(reader.double(key)?),
            12 => self.max = Some(reader.double(key)?),
            _ => self.read_common(reader, key, depth)?,
        }
        Ok(())
    }

    fn read_exponential(
        &mut self,
        reader: &mut Reader<'a>,
        key: Key,
        depth: Depth,
        tally: &mut Tally,
    ) -> Result<(), WireError> {
        match key.field {
            1 => self.attributes.read(reader.message(key, depth)?, tally)?,
            4 => self.count = reader.fixed64(key)?,
            5 => self.sum = Some(reader.double(key)?),
            6 => self.scale = reader.sint32(key)?,
            7 => self.zero_count = reader.fixed64(key)?,
            8 | 9 => {
                let (body, inside) = reader.message(key, depth)?;
                let buckets = if key.field == 8 { &mut self.positive } else { &mut self.negative };
                buckets.merge(body, inside, tally)?;
            }
            10 => self.flags = reader.uint32(key)?,
            11 => self.read_exemplar(reader.message(key, depth)?, tally)?,
            12 => self.min = Some(reader.double(key)?),
            13 => self.max = Some(reader.double(key)?),
            14 => self.zero_threshold = reader.double(key)?,
            _ => self.read_common(reader, key, depth)?,
        }
        Ok(())
    }

    fn read_summary(
        &mut self,
        reader: &mut Reader<'a>,
        key: Key,
        depth: Depth,
        tally: &mut Tally,
    ) -> Result<(), WireError> {
        match key.field {
            4 => self.count = reader.fixed64(key)?,
            5 => self.sum = Some(reader.double(key)?),
            6 => {
                let (body, inside) = reader.message(key, depth)?;
                self.read_quantile(body, inside, tally)?;
            }
            7 => self.attributes.read(reader.message(key, depth)?, tally)?,
            8 => self.flags = reader.uint32(key)?,
            _ => self.read_common(reader, key, depth)?,
        }
        Ok(())
    }

    fn read_quantile(&mut self, body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<(), WireError> {
        tally.entry()?;
        let (mut quantile, mut value) = (0.0, 0.0);
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => quantile = reader.double(key)?,
                2 => value = reader.double(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        self.quantiles.push((quantile, value));
        Ok(())
    }

    fn read_exemplar(&mut self, message: (&'a [u8], Depth), tally: &mut Tally) -> Result<(), WireError> {
        tally.entry()?;
        let (body, depth) = message;
        let mut exemplar = Exemplar::default();
        let start = self.exemplar_attributes.len();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                2 => exemplar.time_unix_nano = reader.fixed64(key)?,
                3 => exemplar.value = Value::Double(reader.double(key)?),
                4 => exemplar.span_id = reader.bytes(key)?,
                5 => exemplar.trace_id = reader.bytes(key)?,
                6 => exemplar.value = Value::Int(reader.sfixed64(key)?),
                7 => self.exemplar_attributes.read(reader.message(key, depth)?, tally)?,
                _ => reader.skip(key, depth)?,
            }
        }
        exemplar.attributes = start..self.exemplar_attributes.len();
        self.exemplars.push(exemplar);
        Ok(())
    }
}
