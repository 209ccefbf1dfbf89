use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt8Type};
use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt8Array, new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use lincei_model::{Table, timestamp_type};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

const MINUTE_NS: i64 = 60_000_000_000;
/// Counts of one file. Above it the rows differ so much that counts save little.
const COUNTS_MAX: usize = 64 << 10;
/// Columns that rows are counted by beside the minute.
const KEYS: usize = 3;
/// Counts of a minute and service that are found by looking through them.
const RUN_MAX: usize = 64;

/// The columns that rows of a table are counted by, the one by which files are sorted first.
fn keys(table: Table) -> Option<[&'static str; KEYS]> {
    match table {
        Table::Logs => Some(["service", "severity", "severity_number"]),
        Table::Spans => Some(["service", "kind", "status"]),
        Table::Metrics | Table::Rejects => None,
    }
}

/// `time` (the start of a minute), the columns that rows are counted by as the table has them, and
/// `rows` (Int64, at least 1); `None` for a table whose rows are not counted.
#[must_use]
pub fn count_schema(table: Table) -> Option<SchemaRef> {
    static SCHEMAS: LazyLock<HashMap<Table, SchemaRef>> = LazyLock::new(|| {
        let schema = |table: Table| {
            let own = table.schema();
            let mut fields = vec![Field::new("time", timestamp_type(), false)];
            for key in keys(table)? {
                fields.push(own.field_with_name(key).ok()?.clone());
            }
            fields.push(Field::new("rows", DataType::Int64, false));
            Some((table, Arc::new(Schema::new(fields))))
        };
        Table::ALL.into_iter().filter_map(schema).collect()
    });
    SCHEMAS.get(&table).cloned()
}

/// A value of a key column, as a number.
type Id = u32;

/// Counts rows, quickly where neighbours are of one service and minute.
pub(super) struct Counts {
    schema: SchemaRef,
    columns: Vec<usize>,
    texts: HashMap<Box<str>, Id>,
    names: Vec<Box<str>>,
    counts: HashMap<(i64, [Id; KEYS]), i64>,
    run: (i64, Id),
    of_run: Vec<([Id; KEYS], i64)>,
    too_many: bool,
}

/// Stands for NULL.
const NULL: Id = Id::MAX;

impl Counts {
    pub(super) fn new(table: Table) -> Option<Self> {
        let own = table.schema();
        let columns = keys(table)?.into_iter().map(|key| own.index_of(key).ok()).collect::<Option<Vec<_>>>()?;
        Some(Self {
            schema: count_schema(table)?,
            columns,
            texts: HashMap::new(),
            names: Vec::new(),
            counts: HashMap::new(),
            run: (i64::MIN, NULL),
            of_run: Vec::new(),
            too_many: false,
        })
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) {
        if self.too_many {
            return;
        }
        let Some(times) = batch.column(0).as_primitive_opt::<TimestampNanosecondType>() else { return };
        let ids: Vec<Vec<Id>> = self.columns.clone().into_iter().map(|index| self.ids(batch.column(index))).collect();
        for (row, time) in times.values().iter().enumerate() {
            let minute = time.div_euclid(MINUTE_NS);
            let mut key = [NULL; KEYS];
            for (slot, ids) in key.iter_mut().zip(&ids) {
                *slot = ids.get(row).copied().unwrap_or(NULL);
            }
            if self.run != (minute, key[0]) || self.of_run.len() > RUN_MAX {
                self.end_run();
                self.run = (minute, key[0]);
            }
            match self.of_run.iter_mut().find(|(known, _)| *known == key) {
                Some((_, rows)) => *rows += 1,
                None => self.of_run.push((key, 1)),
            }
        }
        self.too_many |= self.counts.len() > COUNTS_MAX;
    }

    fn end_run(&mut self) {
        let minute = self.run.0;
        for (key, rows) in self.of_run.drain(..) {
            *self.counts.entry((minute, key)).or_default() += rows;
        }
    }

    fn ids(&mut self, column: &ArrayRef) -> Vec<Id> {
        if let Some(numbers) = column.as_primitive_opt::<UInt8Type>() {
            return numbers.values().iter().map(|number| Id::from(*number)).collect();
        }
        let Some(texts) = column.as_string_view_opt() else { return vec![NULL; column.len()] };
        let mut last: Option<(&str, Id)> = None;
        texts
            .iter()
            .map(|text| {
                let Some(text) = text else { return NULL };
                if let Some((seen, id)) = last
                    && seen == text
                {
                    return id;
                }
                let id = self.id(text);
                last = Some((text, id));
                id
            })
            .collect()
    }

    fn id(&mut self, text: &str) -> Id {
        if let Some(id) = self.texts.get(text) {
            return *id;
        }
        let id = Id::try_from(self.names.len()).unwrap_or(NULL);
        self.texts.insert(text.into(), id);
        self.names.push(text.into());
        id
    }

    /// The counts by minute and key, `None` when they are too many.
    pub(super) fn finish(mut self) -> Result<Option<RecordBatch>, ArrowError> {
        self.end_run();
        if self.too_many || self.counts.len() > COUNTS_MAX {
            return Ok(None);
        }
        let ranks = self.rank_names();
        let is_text: Vec<bool> =
            self.schema.fields().iter().skip(1).map(|f| f.data_type() == &DataType::Utf8View).collect();
        let mut counts: Vec<((i64, [Id; KEYS]), i64)> = std::mem::take(&mut self.counts).into_iter().collect();
        for ((_, key), _) in &mut counts {
            for (id, _) in key.iter_mut().zip(&is_text).filter(|(_, is_text)| **is_text) {
                *id = ranks.get(*id as usize).copied().unwrap_or(NULL);
            }
        }
        counts.sort_unstable();
        let times = counts.iter().map(|((minute, _), _)| minute.saturating_mul(MINUTE_NS));
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC"))];
        for (slot, field) in self.schema.fields().iter().skip(1).take(KEYS).enumerate() {
            let ids = counts.iter().map(|((_, key), _)| key.get(slot).copied().unwrap_or(NULL));
            columns.push(self.column(field.data_type(), ids));
        }
        columns.push(Arc::new(Int64Array::from_iter_values(counts.iter().map(|(_, rows)| *rows))));
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some)
    }

    /// Sorts the names, so that the order of counts does not depend on that of rows; gives the new
    /// place of each.
    fn rank_names(&mut self) -> Vec<Id> {
        let mut sorted: Vec<(Box<str>, usize)> = std::mem::take(&mut self.names).into_iter().zip(0..).collect();
        sorted.sort_unstable();
        let mut ranks = vec![NULL; sorted.len()];
        for (rank, (_, id)) in (0..).zip(&sorted) {
            if let Some(slot) = ranks.get_mut(*id) {
                *slot = rank;
            }
        }
        self.names = sorted.into_iter().map(|(name, _)| name).collect();
        ranks
    }

    fn column(&self, data_type: &DataType, ids: impl ExactSizeIterator<Item = Id>) -> ArrayRef {
        match data_type {
            DataType::UInt8 => Arc::new(UInt8Array::from_iter_values(ids.map(|id| u8::try_from(id).unwrap_or(0)))),
            DataType::Utf8View => {
                let text = |id: Id| (id != NULL).then(|| self.names.get(id as usize).map_or("", |name| name));
                Arc::new(ids.map(text).collect::<StringViewArray>())
            }
            other => new_null_array(other, ids.len()),
        }
    }
}
