use super::promote::{arrow, as_map, extract};
use super::rebuild::{attribute_text, narrow};
use super::survey::{COLUMN_ROWS_MIN, COLUMN_SHARE, COLUMNS_MAX, can_name_a_column};
use super::wide_schema;
use crate::EngineError;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, DataType};
use lincei_model::{
    ATTRIBUTE_MAPS, AttributeColumn, AttributePlace, AttributeType, DOUBLE_INTEGER_MAX, FileAttributes, Table,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A key that a smaller share of the rows has goes back into the map: one in five hundred. Less
/// than what it takes to get a column, so that a key does not come and go from merge to merge.
const KEPT_SHARE: u64 = 500;

/// One file that goes into a merge.
pub(crate) struct Source<'a> {
    pub(crate) attributes: &'a FileAttributes,
    /// Least and greatest value of integer columns, by name.
    pub(crate) int_ranges: &'a BTreeMap<String, (i64, i64)>,
}

/// What the sources have for one key.
#[derive(Default)]
struct Found {
    /// Rows and entries.
    rows: u64,
    kinds: Vec<AttributeType>,
    /// Some integer may be none that a double holds.
    beyond_doubles: bool,
    has_column: bool,
}

/// The columns of a file with the rows of all sources, `rows` of them.
pub(crate) fn target(sources: &[Source<'_>], rows: u64) -> FileAttributes {
    let mut found: BTreeMap<(&str, &str), Found> = BTreeMap::new();
    for source in sources {
        let columns = source.attributes.columns.iter().map(|column| (true, column));
        let rest = source.attributes.rest.iter().flatten().map(|column| (false, column));
        for (has_column, column) in columns.chain(rest) {
            let key = found.entry((&column.map, &column.key)).or_default();
            key.rows += column.rows;
            key.kinds.push(column.kind);
            key.beyond_doubles |=
                column.kind == AttributeType::Int && !(has_column && is_exact(column, source.int_ranges));
            key.has_column |= has_column;
        }
    }
    // nothing is known about maps that have no list
    if sources.iter().any(|source| source.attributes.rest.is_none()) {
        found.values_mut().for_each(|found| found.kinds.push(AttributeType::Text));
    }
    let wanted = |key: &str, found: &Found| {
        let share = if found.has_column { rows / KEPT_SHARE } else { COLUMN_ROWS_MIN.max(rows / COLUMN_SHARE) };
        found.rows >= share && can_name_a_column(key)
    };
    let mut columns = Vec::new();
    for map in ATTRIBUTE_MAPS {
        let mut of_map: Vec<_> = found.iter().filter(|((m, key), found)| *m == map && wanted(key, found)).collect();
        of_map.sort_by_key(|(_, found)| std::cmp::Reverse(found.rows));
        let mut caseless = HashSet::new();
        of_map.retain(|((_, key), _)| caseless.insert(key.to_ascii_lowercase()));
        of_map.truncate(COLUMNS_MAX);
        of_map.sort_by_key(|(name, _)| **name);
        columns.extend(of_map.into_iter().map(|((map, key), found)| AttributeColumn {
            map: (*map).to_owned(),
            key: (*key).to_owned(),
            kind: common(found),
            rows: found.rows,
        }));
    }
    FileAttributes { columns, rest: None }
}

fn is_exact(column: &AttributeColumn, ranges: &BTreeMap<String, (i64, i64)>) -> bool {
    let exact = |(min, max): &(i64, i64)| *min >= -DOUBLE_INTEGER_MAX && *max <= DOUBLE_INTEGER_MAX;
    ranges.get(&column.name()).is_some_and(exact)
}

fn common(found: &Found) -> AttributeType {
    let number = |kind: &AttributeType| matches!(kind, AttributeType::Int | AttributeType::Double);
    match found.kinds.as_slice() {
        [first, rest @ ..] if rest.iter().all(|kind| kind == first) => *first,
        kinds if kinds.iter().all(number) && !found.beyond_doubles => AttributeType::Double,
        _ => AttributeType::Text,
    }
}

/// Rows of a file with the columns `from`, as rows with the columns `to`, which [`target`] gave.
///
/// # Errors
/// When the batch does not have the columns that `from` names.
pub(crate) fn reshape(
    table: Table,
    batch: &RecordBatch,
    from: &FileAttributes,
    to: &FileAttributes,
) -> Result<RecordBatch, EngineError> {
    if from.columns == to.columns {
        return Ok(batch.clone());
    }
    let stays = |column: &AttributeColumn| to.columns.iter().any(|c| c.map == column.map && c.key == column.key);
    let known = |column: &AttributeColumn| from.place(&column.map, &column.key) != AttributePlace::Map;
    if from.columns.iter().all(stays) && to.columns.iter().all(known) {
        return convert(table, batch, from, to);
    }
    let mut columns = narrow(table, batch, from)?.columns().to_vec();
    let mut promoted = Vec::with_capacity(to.columns.len());
    let schema = table.schema();
    for map in ATTRIBUTE_MAPS {
        let Ok(index) = schema.index_of(map) else { continue };
        let wanted: Vec<AttributeColumn> = to.of_map(map).cloned().collect();
        let Some(slot) = columns.get_mut(index) else { continue };
        let (rest, arrays) = extract(table, as_map(table, slot)?, &wanted)?;
        *slot = Arc::new(rest);
        promoted.extend(arrays);
    }
    columns.extend(promoted);
    RecordBatch::try_new(wide_schema(table, to), columns).map_err(arrow("rearranged", table))
}

/// [`reshape`] where no map changes.
fn convert(
    table: Table,
    batch: &RecordBatch,
    from: &FileAttributes,
    to: &FileAttributes,
) -> Result<RecordBatch, EngineError> {
    let own = table.schema().fields().len();
    let mut columns: Vec<ArrayRef> = batch.columns().iter().take(own).cloned().collect();
    for column in &to.columns {
        let at = from.columns.iter().position(|c| c.map == column.map && c.key == column.key);
        let array = match at.and_then(|at| batch.columns().get(own + at)) {
            Some(array) => cast(array, column.kind).map_err(arrow("rearranged", table))?,
            None => new_null_array(&column.kind.data_type(), batch.num_rows()),
        };
        columns.push(array);
    }
    RecordBatch::try_new(wide_schema(table, to), columns).map_err(arrow("rearranged", table))
}

fn cast(array: &ArrayRef, kind: AttributeType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == &kind.data_type() {
        return Ok(Arc::clone(array));
    }
    if kind == AttributeType::Double && array.data_type() == &DataType::Int64 {
        #[expect(clippy::cast_precision_loss, reason = "only chosen where every integer is a double")]
        let doubles: Float64Array = array.as_primitive::<Int64Type>().unary(|value| value as f64);
        return Ok(Arc::new(doubles));
    }
    attribute_text(array)
}
