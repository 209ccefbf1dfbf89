use super::point::Point;
use crate::otlp::any_value::Fragments;
use crate::otlp::key_values::KeyValues;
use crate::otlp::replay::{field_len, push_head, push_varint};
use crate::otlp::tally::Tally;
use crate::otlp::walk::Stop;
use crate::otlp::wire::{Depth, Reader, WireError};
use crate::rejects::RawRecord;

/// The variants of `Metric.data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gauge,
    Sum,
    Histogram,
    ExponentialHistogram,
    Summary,
}

impl Kind {
    /// Column `kind`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Sum => "sum",
            Self::Histogram => "histogram",
            Self::ExponentialHistogram => "exponential_histogram",
            Self::Summary => "summary",
        }
    }

    /// Field number in `Metric`.
    const fn field(self) -> u8 {
        match self {
            Self::Gauge => 5,
            Self::Sum => 7,
            Self::Histogram => 9,
            Self::ExponentialHistogram => 10,
            Self::Summary => 11,
        }
    }

    const fn from_field(field: u32) -> Option<Self> {
        Some(match field {
            5 => Self::Gauge,
            7 => Self::Sum,
            9 => Self::Histogram,
            10 => Self::ExponentialHistogram,
            11 => Self::Summary,
            _ => return None,
        })
    }

    const fn has_temporality(self) -> bool {
        matches!(self, Self::Sum | Self::Histogram | Self::ExponentialHistogram)
    }
}

/// What `Metric.data` says of all its points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Series {
    pub(super) kind: Kind,
    pub(super) temporality: i32,
    pub(super) monotonic: bool,
    pub(super) points: usize,
}

/// `Metric.data`: bodies of the variant that came last.
#[derive(Debug)]
struct Data<'a> {
    kind: Kind,
    bodies: Fragments<'a>,
    depth: Depth,
}

/// The field of every variant that holds its points.
const POINTS: u32 = 1;

impl<'a> Data<'a> {
    fn series(&self) -> Result<Series, WireError> {
        let mut series = Series { kind: self.kind, temporality: 0, monotonic: false, points: 0 };
        for body in self.bodies.as_slice() {
            let mut reader = Reader::new(body);
            while let Some(key) = reader.key()? {
                match key.field {
                    POINTS => {
                        reader.message(key, self.depth)?;
                        series.points += 1;
                    }
                    2 if self.kind.has_temporality() => series.temporality = reader.int32(key)?,
                    3 if self.kind == Kind::Sum => series.monotonic = reader.bool(key)?,
                    _ => reader.skip(key, self.depth)?,
                }
            }
        }
        Ok(series)
    }

    /// Calls `each` with the body of every point. The other fields were read by [`Data::series`].
    fn for_each_point<E: From<WireError>>(
        &self,
        mut each: impl FnMut(&'a [u8], Depth) -> Result<(), E>,
    ) -> Result<(), E> {
        for body in self.bodies.as_slice() {
            let mut reader = Reader::new(body);
            while let Some(key) = reader.key()? {
                if key.field == POINTS {
                    let (point, inside) = reader.message(key, self.depth)?;
                    each(point, inside)?;
                } else {
                    reader.skip(key, self.depth)?;
                }
            }
        }
        Ok(())
    }

    /// Checks data that another variant replaces.
    fn check(&self, tally: &mut Tally) -> Result<(), WireError> {
        self.series()?;
        let mut point = Point::default();
        self.for_each_point(|body, depth| point.read(self.kind, body, depth, false, tally))
    }
}

/// `Metric`, borrowed from the request.
#[derive(Debug, Default)]
pub(super) struct Metric<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) unit: &'a str,
    pub(super) metadata: KeyValues<'a>,
    metadata_bodies: Vec<&'a [u8]>,
    data: Option<Data<'a>>,
}

impl<'a> Metric<'a> {
    /// Reads a metric but for its points.
    pub(super) fn read(body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<Self, WireError> {
        let mut metric = Self::default();
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match (key.field, Kind::from_field(key.field)) {
                (1, _) => metric.name = reader.string(key)?,
                (2, _) => metric.description = reader.string(key)?,
                (3, _) => metric.unit = reader.string(key)?,
                (12, _) => {
                    let message = reader.message(key, depth)?;
                    metric.metadata.read(message, tally)?;
                    metric.metadata_bodies.push(message.0);
                }
                (_, Some(kind)) => {
                    let (data, inside) = reader.message(key, depth)?;
                    metric.merge_data(kind, data, inside, tally)?;
                }
                (_, None) => reader.skip(key, depth)?,
            }
        }
        Ok(metric)
    }

    /// The last variant wins; one that follows itself is appended to.
    fn merge_data(&mut self, kind: Kind, body: &'a [u8], depth: Depth, tally: &mut Tally) -> Result<(), WireError> {
        match &mut self.data {
            Some(data) if data.kind == kind => return data.bodies.push(body),
            Some(data) => data.check(tally)?,
            None => {}
        }
        self.data = Some(Data { kind, bodies: Fragments::One(body), depth });
        Ok(())
    }

    /// What the metric says of its points; `None` when it has no data.
    pub(super) fn series(&self) -> Result<Option<Series>, WireError> {
        self.data.as_ref().map(Data::series).transpose()
    }

    /// Calls `each` with the body of every point.
    pub(super) fn for_each_point(&self, each: impl FnMut(&'a [u8], Depth) -> Result<(), Stop>) -> Result<(), Stop> {
        self.data.as_ref().map_or(Ok(()), |data| data.for_each_point(each))
    }

    /// Bytes of what all points share.
    pub(super) fn head_bytes(&self) -> usize {
        let metadata: usize = self.metadata_bodies.iter().map(|body| body.len()).sum();
        self.name.len() + self.description.len() + self.unit.len() + metadata
    }

    /// What copies of that take in each row.
    pub(super) fn shared_bytes(&self) -> usize {
        self.head_bytes() + self.metadata.iter().map(|entry| Tally::shared_entry_bytes(entry.key, 0)).sum::<usize>()
    }

    /// The fields of a metric with a single point, but for the point's bytes.
    fn data_len(data: &Series, point: &[u8]) -> usize {
        let mut fields = RawRecord::default();
        push_data_fields(data, &mut fields);
        field_len(point.len()) + fields.len()
    }

    /// Bytes of a `Metric` message with `point` alone.
    pub(super) fn single_point_len(&self, data: &Series, point: &[u8]) -> usize {
        let texts: usize = [self.name, self.description, self.unit].iter().map(|text| field_len(text.len())).sum();
        let metadata: usize = self.metadata_bodies.iter().map(|body| field_len(body.len())).sum();
        texts + metadata + field_len(Self::data_len(data, point))
    }

    /// Writes a `Metric` message with `point` alone.
    pub(super) fn push_single_point(&self, data: &Series, point: &[u8], out: &mut RawRecord) {
        let texts =
            [(1, self.name), (2, self.description), (3, self.unit)].map(|(field, text)| (field, text.as_bytes()));
        for (field, body) in texts.into_iter().chain(self.metadata_bodies.iter().map(|body| (12, *body))) {
            push_head(out, field, body.len());
            out.push(body);
        }
        push_head(out, data.kind.field(), Self::data_len(data, point));
        push_data_fields(data, out);
        push_head(out, 1, point.len());
        out.push(point);
    }
}

/// Writes the fields beside the points.
#[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "int32 is sign-extended to 64 bits")]
fn push_data_fields(data: &Series, out: &mut RawRecord) {
    if data.temporality != 0 {
        out.push(&[2 << 3]);
        push_varint(out, i64::from(data.temporality) as usize);
    }
    if data.monotonic {
        out.push(&[3 << 3, 1]);
    }
}
