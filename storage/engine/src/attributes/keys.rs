use arrow_array::{Array, MapArray, StringViewArray};
use std::collections::HashMap;

/// A number for each distinct key, the same in all batches.
#[derive(Default)]
pub(super) struct KeyIds {
    ids: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl KeyIds {
    /// The ids of all entries of a map column, in their order.
    ///
    /// Entries of one key mostly have the same view (text up to 12 bytes lies in it, and longer
    /// text is shared by all rows of a request), and keys mostly come in the order of the row
    /// before, so that one comparison of 16 bytes finds most ids.
    pub(super) fn of_entries(&mut self, keys: &StringViewArray, offsets: &[i32]) -> Vec<u32> {
        let mut ids = Vec::with_capacity(keys.len());
        let mut by_view: HashMap<u128, u32> = HashMap::new();
        let mut expected: Vec<(u128, u32)> = Vec::new();
        for row in offsets.windows(2) {
            let &[start, end] = row else { continue };
            let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
            let views = keys.views().get(start..end).unwrap_or(&[]);
            for (position, view) in views.iter().enumerate() {
                if let Some((seen, id)) = expected.get(position)
                    && seen == view
                {
                    ids.push(*id);
                    continue;
                }
                let id = *by_view.entry(*view).or_insert_with(|| self.of_name(keys.value(start + position)));
                match expected.get_mut(position) {
                    Some(slot) => *slot = (*view, id),
                    None => expected.push((*view, id)),
                }
                ids.push(id);
            }
        }
        ids
    }

    fn of_name(&mut self, name: &str) -> u32 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.ids.insert(name.into(), id);
        self.names.push(name.into());
        id
    }

    pub(super) fn name(&self, id: usize) -> &str {
        self.names.get(id).map_or("", |name| name)
    }

    pub(super) fn id(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// Keys and values of a map of text to text, and where its rows begin and end in them.
pub(super) struct Entries<'a> {
    pub(super) keys: &'a StringViewArray,
    pub(super) values: &'a StringViewArray,
    pub(super) offsets: &'a [i32],
}

impl<'a> Entries<'a> {
    /// `None` when the map is not of text views.
    pub(super) fn of(map: &'a MapArray) -> Option<Self> {
        let keys = map.keys().as_any().downcast_ref()?;
        let values = map.values().as_any().downcast_ref()?;
        Some(Self { keys, values, offsets: map.value_offsets() })
    }
}
