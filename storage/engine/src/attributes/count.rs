use super::keys::{Entries, KeyIds};
use super::survey::{RestKeys, Survey};
use arrow_array::{Array, MapArray, RecordBatch};
use lincei_model::{ATTRIBUTE_MAPS, FileAttributes, Table};

/// Counts what a file's columns and maps hold while its rows are written.
pub(crate) struct AttributeCount {
    attributes: FileAttributes,
    /// Columns of the table, which come before those of attributes.
    own: usize,
    maps: Vec<MapCount>,
}

/// Entries by key of one map.
struct MapCount {
    name: &'static str,
    index: usize,
    keys: KeyIds,
    survey: Survey,
}

impl AttributeCount {
    pub(crate) fn new(table: Table, attributes: &FileAttributes) -> Self {
        let schema = table.schema();
        let count = |name| {
            let index = schema.index_of(name).ok()?;
            Some(MapCount { name, index, keys: KeyIds::default(), survey: Survey::new() })
        };
        let mut attributes = attributes.clone();
        attributes.columns.iter_mut().for_each(|column| column.rows = 0);
        let maps = ATTRIBUTE_MAPS.into_iter().filter_map(count).collect();
        Self { attributes, own: schema.fields().len(), maps }
    }

    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        for (column, array) in self.attributes.columns.iter_mut().zip(batch.columns().iter().skip(self.own)) {
            column.rows += (array.len() - array.null_count()) as u64;
        }
        for map in &mut self.maps {
            let array = batch.columns().get(map.index).and_then(|column| column.as_any().downcast_ref::<MapArray>());
            let Some(entries) = array.and_then(Entries::of) else { continue };
            let ids = map.keys.of_entries(entries.keys, entries.offsets);
            map.survey.add(&ids, entries.offsets, entries.values, &map.keys);
        }
    }

    pub(crate) fn finish(self) -> FileAttributes {
        let mut rest = RestKeys::default();
        for map in &self.maps {
            map.survey.list_rest(map.name, &map.keys, &mut rest);
        }
        FileAttributes { rest: rest.list(), ..self.attributes }
    }
}
