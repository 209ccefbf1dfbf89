use super::cache::TermCache;
use super::chunk::{self, Pages};
use super::directory::{Column, Directory};
use super::slots::{hash_of_value, runs_of_part, slot_of_hash};
use super::{CHUNK_SLOTS, Kind};
use crate::live_file::LiveFile;
use bytes::Bytes;
use lincei_model::limits::PAGE_ROWS;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Runs of one term that are looked up: more hardly leave out any further page.
const SLOTS_MAX: usize = 24;

/// Something that a row must have in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// The column's text contains this.
    Part {
        /// The column's name in the file.
        column: String,
        /// The part.
        text: String,
        /// Whatever the case of its letters.
        any_case: bool,
    },
    /// The column's text is this.
    Whole {
        /// The column's name in the file.
        column: String,
        /// The value.
        text: String,
    },
}

/// Some of a file's pages: 8 Ki rows each, fewer at the end of a row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSet {
    /// Rows of each row group.
    groups: Arc<[u32]>,
    /// Whether a page is in, by its number in the file.
    pages: Vec<bool>,
}

impl PageSet {
    pub(super) fn of(groups: &[u32], pages: Vec<u32>) -> Self {
        let count = groups.iter().map(|rows| (*rows as usize).div_ceil(PAGE_ROWS)).sum();
        let mut set = vec![false; count];
        for page in pages {
            if let Some(slot) = set.get_mut(page as usize) {
                *slot = true;
            }
        }
        Self { groups: groups.into(), pages: set }
    }

    /// Pages that are in both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.pages.iter_mut().zip(&other.pages).for_each(|(a, b)| *a &= b);
        self
    }

    /// Pages that are in one of them.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.pages.iter_mut().zip(&other.pages).for_each(|(a, b)| *a |= b);
        self
    }

    /// Pages that are in, and pages that there are.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        (self.pages.iter().filter(|page| **page).count(), self.pages.len())
    }

    /// For each row group its rows, and the rows of the pages that are in, as ranges that do not
    /// touch.
    #[must_use]
    pub fn row_groups(&self) -> Vec<(usize, Vec<Range<usize>>)> {
        let mut pages = self.pages.iter();
        let ranges = |rows: usize| {
            let mut ranges: Vec<Range<usize>> = Vec::new();
            for start in (0..rows).step_by(PAGE_ROWS) {
                let end = rows.min(start + PAGE_ROWS);
                match (pages.next(), ranges.last_mut()) {
                    (Some(true), Some(last)) if last.end == start => last.end = end,
                    (Some(true), _) => ranges.push(start..end),
                    _ => {}
                }
            }
            (rows, ranges)
        };
        self.groups.iter().map(|rows| *rows as usize).map(ranges).collect()
    }
}

/// Reads the indexes of files, and keeps what was read last.
pub(crate) struct TermIndexes {
    store: Arc<dyn ObjectStore>,
    cache: TermCache,
}

impl TermIndexes {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, cache_bytes_max: u64) -> Self {
        Self { store, cache: TermCache::new(cache_bytes_max) }
    }

    /// The pages in which some row can have the term; `None` when the index does not say.
    pub(crate) async fn pages(&self, file: &LiveFile, term: &Term) -> Option<PageSet> {
        let directory = self.directory(file).await?;
        let (name, kind) = match term {
            Term::Part { column, .. } => (column, Kind::Parts),
            Term::Whole { column, .. } => (column, Kind::Whole),
        };
        let (number, column) = directory.columns.iter().enumerate().find(|(_, c)| c.name == *name && c.kind == kind)?;
        let mut slots = match term {
            Term::Part { text, any_case, .. } => runs_of_part(text, *any_case),
            Term::Whole { text, .. } => vec![slot_of_hash(hash_of_value(text), column.bits)],
        };
        // far apart, so that neighbours of one word do not crowd out the rest
        let step = slots.len().div_ceil(SLOTS_MAX).max(1);
        slots = slots.into_iter().step_by(step).collect();
        let chunks = self.chunks(file, number, column, &slots).await?;
        let pages = directory.groups.iter().map(|rows| rows.div_ceil(u32::try_from(PAGE_ROWS).unwrap_or(u32::MAX)));
        let pages = pages.sum();
        let mut found: Option<PageSet> = None;
        for slot in slots {
            let chunk = chunks.get(&(slot as usize / CHUNK_SLOTS))?;
            let within = u16::try_from(slot as usize % CHUNK_SLOTS).ok()?;
            match chunk::pages_of(chunk, within, pages) {
                Some(Pages::Common) => {}
                Some(Pages::Listed(listed)) => {
                    let set = PageSet::of(&directory.groups, listed);
                    found = Some(match found {
                        Some(found) => found.and(&set),
                        None => set,
                    });
                }
                None => return damaged(file),
            }
        }
        found
    }

    async fn directory(&self, file: &LiveFile) -> Option<Arc<Directory>> {
        let place = file.terms?;
        if let Some(known) = self.cache.directory(file.id) {
            return Some(known);
        }
        let path = Path::parse(&file.path).ok()?;
        let range = place.directory..place.directory.checked_add(place.directory_bytes)?;
        let bytes = match self.store.get_range(&path, range).await {
            Ok(bytes) => bytes,
            Err(error) => return unread(file, &error),
        };
        let Some(directory) = Directory::decode(&bytes) else { return damaged(file) };
        let directory = Arc::new(directory);
        self.cache.keep_directory(file.id, &directory);
        Some(directory)
    }

    /// The chunks that the slots lie in, by their numbers.
    async fn chunks(
        &self,
        file: &LiveFile,
        number: usize,
        column: &Column,
        slots: &[u32],
    ) -> Option<BTreeMap<usize, Bytes>> {
        let place = file.terms?;
        let mut wanted: Vec<usize> = slots.iter().map(|slot| *slot as usize / CHUNK_SLOTS).collect();
        wanted.dedup();
        let mut chunks = BTreeMap::new();
        let (mut missing, mut ranges) = (Vec::new(), Vec::new());
        for chunk in wanted {
            if let Some(bytes) = self.cache.chunk(file.id, number, chunk) {
                chunks.insert(chunk, bytes);
                continue;
            }
            let (start, end) = (column.starts.get(chunk)?, column.starts.get(chunk + 1)?);
            missing.push(chunk);
            ranges.push(place.start.checked_add(u64::from(*start))?..place.start.checked_add(u64::from(*end))?);
        }
        if missing.is_empty() {
            return Some(chunks);
        }
        let path = Path::parse(&file.path).ok()?;
        let read = match self.store.get_ranges(&path, &ranges).await {
            Ok(read) => read,
            Err(error) => return unread(file, &error),
        };
        for (chunk, bytes) in missing.into_iter().zip(read) {
            self.cache.keep_chunk(file.id, number, chunk, &bytes);
            chunks.insert(chunk, bytes);
        }
        Some(chunks)
    }
}

/// Without an index, every page is read.
fn damaged<T>(file: &LiveFile) -> Option<T> {
    tracing::warn!(path = file.path, "the index of terms is damaged and is not used");
    None
}

fn unread<T>(file: &LiveFile, error: &object_store::Error) -> Option<T> {
    tracing::warn!(path = file.path, %error, "the index of terms could not be read and is not used");
    None
}
