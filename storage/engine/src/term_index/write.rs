use super::directory::{Column, Directory};
use super::slots::{RUN_BITS, hash_of_value, runs, slot_of_hash};
use super::{CHUNK_SLOTS, Kind, chunk};
use arrow_array::{Array, RecordBatch, StringViewArray};
use lincei_model::Table;
use std::collections::HashSet;
use zstd::bulk::Compressor;

/// Files of fewer pages have no index: they are read as fast.
const PAGES_MIN: usize = 4;
/// Columns of attributes that are indexed by whole values.
const ATTRIBUTES_MAX: usize = 8;
/// Slots for each value of the fullest page: one page in sixteen is let through in vain.
const SLOTS_PER_VALUE: usize = 16;
/// Slots of whole values, as bits.
const VALUE_BITS: std::ops::RangeInclusive<u8> = 10..=24;

/// Collects the terms of a file while its rows are written.
pub(crate) struct TermIndexWriter {
    columns: Vec<ColumnTerms>,
    groups: Vec<u32>,
    page_is_open: bool,
}

/// An index ready to be written at one place of a file.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// Where in `bytes` the directory begins.
    pub(crate) directory: usize,
}

struct ColumnTerms {
    name: String,
    index: usize,
    terms: Terms,
}

enum Terms {
    /// A bit for each slot, in words of 64, of the open page and of those before.
    Parts { open: Vec<u64>, pages: Vec<Vec<u64>> },
    /// Hashes, of the open page as they came, of those before sorted and distinct.
    Whole { open: Vec<u32>, pages: Vec<Vec<u32>> },
}

impl TermIndexWriter {
    /// For rows with the columns of `sample`; `ids` names the columns of attributes that hold ids.
    pub(crate) fn new(table: Table, sample: &RecordBatch, ids: &HashSet<String>) -> Self {
        let own: &[(&str, Kind)] = match table {
            Table::Logs => &[("body", Kind::Parts), ("trace_id", Kind::Whole)],
            Table::Spans => &[("trace_id", Kind::Whole)],
            Table::Metrics | Table::Rejects => &[],
        };
        let mut ids: Vec<&str> = if own.is_empty() { Vec::new() } else { ids.iter().map(String::as_str).collect() };
        ids.sort_unstable();
        ids.truncate(ATTRIBUTES_MAX);
        let wanted = own.iter().copied().chain(ids.into_iter().map(|name| (name, Kind::Whole)));
        let column = |(name, kind): (&str, Kind)| {
            let terms = match kind {
                Kind::Parts => Terms::Parts { open: empty_page(), pages: Vec::new() },
                Kind::Whole => Terms::Whole { open: Vec::new(), pages: Vec::new() },
            };
            Some(ColumnTerms { name: name.to_owned(), index: sample.schema_ref().index_of(name).ok()?, terms })
        };
        Self { columns: wanted.filter_map(column).collect(), groups: Vec::new(), page_is_open: false }
    }

    /// Rows of the open page.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        self.page_is_open = true;
        for column in &mut self.columns {
            let values = batch.columns().get(column.index).and_then(|c| c.as_any().downcast_ref::<StringViewArray>());
            if let Some(values) = values {
                column.terms.add(values);
            }
        }
    }

    pub(crate) fn end_page(&mut self) {
        if std::mem::take(&mut self.page_is_open) {
            self.columns.iter_mut().for_each(|column| column.terms.end_page());
        }
    }

    /// Ends a row group of so many rows, and its last page.
    pub(crate) fn end_group(&mut self, rows: usize) {
        self.end_page();
        self.groups.push(u32::try_from(rows).unwrap_or(u32::MAX));
    }

    /// `None` when the file is so small that it has no index.
    ///
    /// # Errors
    /// When a chunk cannot be packed.
    pub(crate) fn finish(self) -> std::io::Result<Option<Encoded>> {
        let mut bytes = Vec::new();
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut compressor = chunk::compressor()?;
        for ColumnTerms { name, terms, .. } in self.columns {
            if terms.pages() < PAGES_MIN {
                return Ok(None);
            }
            let (kind, bits) = terms.slots();
            let starts = terms.pack(bits, &mut compressor, &mut bytes)?;
            columns.push(Column { name, kind, bits, starts });
        }
        if columns.is_empty() {
            return Ok(None);
        }
        let directory = bytes.len();
        bytes.extend(Directory { groups: self.groups, columns }.encode());
        Ok(Some(Encoded { bytes, directory }))
    }
}

fn empty_page() -> Vec<u64> {
    vec![0; (1 << RUN_BITS) / 64]
}

impl Terms {
    fn add(&mut self, values: &StringViewArray) {
        match self {
            Self::Parts { open, .. } => {
                let mut lowered = Vec::new();
                for text in values.iter().flatten() {
                    runs(text, &mut lowered, |slot| {
                        // most are set already, and a load is cheaper than a store
                        if let Some(word) = open.get_mut(slot as usize / 64)
                            && *word & (1 << (slot % 64)) == 0
                        {
                            *word |= 1 << (slot % 64);
                        }
                    });
                }
            }
            Self::Whole { open, .. } => open.extend(values.iter().flatten().map(hash_of_value)),
        }
    }

    fn end_page(&mut self) {
        match self {
            Self::Parts { open, pages } => pages.push(std::mem::replace(open, empty_page())),
            Self::Whole { open, pages } => {
                let mut page = std::mem::take(open);
                page.sort_unstable();
                page.dedup();
                pages.push(page);
            }
        }
    }

    fn pages(&self) -> usize {
        match self {
            Self::Parts { pages, .. } => pages.len(),
            Self::Whole { pages, .. } => pages.len(),
        }
    }

    fn slots(&self) -> (Kind, u8) {
        match self {
            Self::Parts { .. } => (Kind::Parts, RUN_BITS),
            Self::Whole { pages, .. } => {
                let fullest = pages.iter().map(Vec::len).max().unwrap_or(0);
                let slots = (fullest * SLOTS_PER_VALUE).max(1).next_power_of_two();
                let bits = u8::try_from(slots.trailing_zeros()).unwrap_or(u8::MAX);
                (Kind::Whole, bits.clamp(*VALUE_BITS.start(), *VALUE_BITS.end()))
            }
        }
    }

    /// Appends all chunks to `out`; gives where each begins, and where the last one ends.
    fn pack(&self, bits: u8, compressor: &mut Compressor<'_>, out: &mut Vec<u8>) -> std::io::Result<Vec<u32>> {
        let mut starts = Vec::new();
        let pages = u32::try_from(self.pages()).unwrap_or(u32::MAX);
        let mut by_slot: Vec<Vec<u32>> = vec![Vec::new(); CHUNK_SLOTS];
        let mut cursors = vec![0_usize; self.pages()];
        for first in (0..1_u32 << bits).step_by(CHUNK_SLOTS) {
            by_slot.iter_mut().for_each(Vec::clear);
            let mut set = |slot: u32, page: u32| {
                if let Some(of_slot) = by_slot.get_mut(slot as usize)
                    && of_slot.last() != Some(&page)
                {
                    of_slot.push(page);
                }
            };
            match self {
                Self::Parts { pages, .. } => {
                    let words = first as usize / 64..(first as usize + CHUNK_SLOTS) / 64;
                    for (number, page) in (0..).zip(pages) {
                        set_bits(page.get(words.clone()).unwrap_or_default(), |slot| set(slot, number));
                    }
                }
                Self::Whole { pages, .. } => {
                    for ((number, page), cursor) in (0..).zip(pages).zip(&mut cursors) {
                        while let Some(hash) = page.get(*cursor)
                            && let slot = slot_of_hash(*hash, bits) - first
                            && (slot as usize) < CHUNK_SLOTS
                        {
                            set(slot, number);
                            *cursor += 1;
                        }
                    }
                }
            }
            starts.push(u32::try_from(out.len()).unwrap_or(u32::MAX));
            let pairs = (0_u16..).zip(&by_slot).flat_map(|(slot, pages)| pages.iter().map(move |page| (slot, *page)));
            out.extend(chunk::pack(&pairs.collect::<Vec<_>>(), pages, compressor)?);
        }
        starts.push(u32::try_from(out.len()).unwrap_or(u32::MAX));
        Ok(starts)
    }
}

fn set_bits(words: &[u64], mut set: impl FnMut(u32)) {
    for (at, word) in (0_u32..).zip(words) {
        let mut rest = *word;
        while rest != 0 {
            set(at * 64 + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
}
