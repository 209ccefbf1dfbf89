//! The lines fetched so far of a result that may be much larger, and how to fetch the others.
//!
//! Lines are numbered from the newest, 0, and fetched in pages of [`PAGE_ROWS`]. A page is asked
//! for from an *anchor*: a point in time with the number of the newest line before it. The start
//! of the window is one; each page fetched gives one for the next page; the histogram gives one
//! for every bucket. The statement then skips only the lines between anchor and page, so line
//! 700,000 of a million costs no more than the lines of one bucket.

use crate::log_row::LogRow;
use crate::time_range::Window;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines asked for at once.
pub const PAGE_ROWS: usize = 500;
/// Pages kept; those farthest from the last one asked for are dropped.
const PAGES_MAX: usize = 40;

/// The newest line before `before_ns` has number `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Number of the line.
    pub index: usize,
    /// Lines from it on are older than this.
    pub before_ns: i64,
}

/// A page to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Number of the page.
    pub page: usize,
    /// Where from.
    pub anchor: Anchor,
    /// Lines to skip after the anchor.
    pub offset: usize,
}

#[derive(Clone, Debug)]
struct Page {
    rows: Vec<Arc<LogRow>>,
    anchor: Anchor,
}

/// The lines of one view.
#[derive(Clone, Debug)]
pub struct Pager {
    window: Window,
    total: Option<usize>,
    pages: BTreeMap<usize, Page>,
    buckets: Vec<Anchor>,
}

impl Pager {
    /// Nothing fetched yet.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, total: None, pages: BTreeMap::new(), buckets: Vec::new() }
    }

    /// The window that is paged through.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Lines of the result once counted.
    #[must_use]
    pub fn total(&self) -> Option<usize> {
        self.total
    }

    /// Takes the count and the anchors of the histogram: (end of bucket, newer lines), newest
    /// bucket first.
    pub fn counted(&mut self, total: u64, places: &[(i64, u64)]) {
        self.total = Some(usize::try_from(total).unwrap_or(usize::MAX));
        self.buckets = places
            .iter()
            .map(|(end_ns, newer)| Anchor {
                index: usize::try_from(*newer).unwrap_or(usize::MAX),
                before_ns: (*end_ns).min(self.window.to_ns),
            })
            .collect();
    }

    /// Lines of the list: the count, or what is known while it is not there.
    #[must_use]
    pub fn len(&self) -> usize {
        let loaded = self.pages.iter().next_back().map_or(0, |(page, p)| {
            let end = page * PAGE_ROWS + p.rows.len();
            if self.total.is_none() && p.rows.len() == PAGE_ROWS { end + PAGE_ROWS } else { end }
        });
        self.total.unwrap_or(0).max(loaded)
    }

    /// Whether the list has no lines as far as is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Line number `index` if it was fetched.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&Arc<LogRow>> {
        self.pages.get(&(index / PAGE_ROWS))?.rows.get(index % PAGE_ROWS)
    }

    /// Number of the first line fetched that `matches`.
    #[must_use]
    pub fn position(&self, matches: impl Fn(&LogRow) -> bool) -> Option<usize> {
        self.pages
            .iter()
            .find_map(|(page, p)| p.rows.iter().position(|row| matches(row)).map(|at| page * PAGE_ROWS + at))
    }

    /// Pages of lines `first` to `end` that were not fetched.
    #[must_use]
    pub fn missing(&self, first: usize, end: usize) -> Vec<usize> {
        if first >= end {
            return Vec::new();
        }
        (first / PAGE_ROWS..=(end - 1) / PAGE_ROWS).filter(|page| !self.pages.contains_key(page)).collect()
    }

    /// How to ask for `page`: from the nearest anchor before it.
    #[must_use]
    pub fn plan(&self, page: usize) -> Fetch {
        let first = page * PAGE_ROWS;
        let start = Anchor { index: 0, before_ns: self.window.to_ns };
        let previous = page.checked_sub(1).and_then(|before| self.end_of(before));
        let bucket = self.buckets.iter().filter(|anchor| anchor.index <= first).max_by_key(|anchor| anchor.index);
        let anchor = [Some(start), bucket.copied(), previous]
            .into_iter()
            .flatten()
            .max_by_key(|anchor| anchor.index)
            .unwrap_or(start);
        Fetch { page, anchor, offset: first.saturating_sub(anchor.index) }
    }

    /// The anchor after a full page: the first of its lines that share the time of the last one.
    /// Where all of them do, the next page goes on from the page's own anchor.
    fn end_of(&self, page: usize) -> Option<Anchor> {
        let fetched = self.pages.get(&page).filter(|p| p.rows.len() == PAGE_ROWS)?;
        let last_ns = fetched.rows.last()?.time_ns;
        match fetched.rows.iter().position(|row| row.time_ns == last_ns)? {
            0 => Some(fetched.anchor),
            at => Some(Anchor { index: page * PAGE_ROWS + at, before_ns: last_ns.saturating_add(1) }),
        }
    }

    /// Takes the lines of a page. A page shorter than the count promised ends the list there:
    /// lines were deleted meanwhile.
    pub fn fetched(&mut self, fetch: Fetch, rows: Vec<LogRow>) {
        let end = fetch.page * PAGE_ROWS + rows.len();
        if rows.len() < PAGE_ROWS && self.total.is_some_and(|total| total > end) {
            self.total = Some(end);
        }
        let page = Page { rows: rows.into_iter().map(Arc::new).collect(), anchor: fetch.anchor };
        self.pages.insert(fetch.page, page);
        while self.pages.len() > PAGES_MAX {
            let farthest = self.pages.keys().copied().max_by_key(|page| page.abs_diff(fetch.page));
            let Some(farthest) = farthest else { break };
            self.pages.remove(&farthest);
        }
    }
}

#[cfg(test)]
mod tests;
