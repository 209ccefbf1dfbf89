//! Which rows of a long list are drawn, and where. Browsers bound the height of an element (about
//! 17 million pixels in the strictest), so a list that would be taller is drawn in a shorter one:
//! a wheel or a key still moves it by whole pixels, the scroll bar by its share of the list.

/// Height above which a list is squeezed.
pub const HEIGHT_MAX: f64 = 8_000_000.0;
/// Rows drawn beyond either edge.
const OVERSCAN: usize = 12;

/// A list of rows of one height, scrolled to some place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VirtualList {
    /// Rows.
    pub rows: usize,
    /// Height of a row.
    pub row_height: f64,
    /// Height of the part seen.
    pub view_height: f64,
    /// The browser's scroll offset.
    pub scroll_top: f64,
    /// The row at the upper edge, with the part of it that is out of view.
    top_row: f64,
}

/// Rows to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// First row.
    pub first: usize,
    /// The row after the last.
    pub end: usize,
    /// Distance of the first row from the top of the list's element.
    pub offset: f64,
}

impl VirtualList {
    /// A list without rows.
    #[must_use]
    pub fn new(row_height: f64) -> Self {
        Self { rows: 0, row_height, view_height: 0.0, scroll_top: 0.0, top_row: 0.0 }
    }

    /// Height of the element that holds the rows.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.natural_height().min(HEIGHT_MAX)
    }

    fn natural_height(&self) -> f64 {
        self.rows as f64 * self.row_height
    }

    fn squeezed(&self) -> bool {
        self.natural_height() > HEIGHT_MAX
    }

    fn top_row_max(&self) -> f64 {
        (self.rows as f64 - self.view_height / self.row_height).max(0.0)
    }

    fn scroll_max(&self) -> f64 {
        (self.height() - self.view_height).max(0.0)
    }

    /// The scroll offset that belongs to the row now at the upper edge. It differs from the
    /// browser's after small movements in a squeezed list, and is set once scrolling rests.
    #[must_use]
    pub fn rest_offset(&self) -> f64 {
        if !self.squeezed() {
            return self.scroll_top;
        }
        let top_max = self.top_row_max();
        if top_max <= 0.0 { 0.0 } else { self.top_row / top_max * self.scroll_max() }
    }

    /// The browser scrolled to `scroll_top`.
    pub fn scrolled(&mut self, scroll_top: f64) {
        let scroll_top = scroll_top.clamp(0.0, self.scroll_max());
        let moved = scroll_top - self.scroll_top;
        self.scroll_top = scroll_top;
        self.top_row = if !self.squeezed() {
            scroll_top / self.row_height
        } else if scroll_top <= 0.0 {
            0.0
        } else if scroll_top >= self.scroll_max() {
            self.top_row_max()
        } else if moved.abs() <= self.view_height {
            (self.top_row + moved / self.row_height).clamp(0.0, self.top_row_max())
        } else {
            scroll_top / self.scroll_max() * self.top_row_max()
        };
    }

    /// The page itself set the offset to [`Self::rest_offset`]: the rows stay.
    pub fn rested(&mut self, scroll_top: f64) {
        self.scroll_top = scroll_top;
    }

    /// The list has `rows` rows now, in a view of `view_height`; the upper row stays if it can.
    pub fn resize(&mut self, rows: usize, row_height: f64, view_height: f64) {
        self.rows = rows;
        self.row_height = row_height;
        self.view_height = view_height;
        self.top_row = self.top_row.clamp(0.0, self.top_row_max());
        self.scroll_top = if self.squeezed() { self.rest_offset() } else { self.top_row * row_height };
    }

    /// `rows` more are above the rows in view, which stay where they are. The list is resized as well.
    pub fn pushed_down(&mut self, rows: usize) {
        self.top_row += rows as f64;
        self.scroll_top = if self.squeezed() { self.rest_offset() } else { self.top_row * self.row_height };
    }

    /// Brings `row` into view, moving as little as needed. Returns the offset to scroll to when
    /// something moved.
    pub fn reveal(&mut self, row: usize) -> Option<f64> {
        let (row, seen) = (row as f64, self.view_height / self.row_height);
        let top = if row < self.top_row {
            row
        } else if row + 1.0 > self.top_row + seen {
            row + 1.0 - seen
        } else {
            return None;
        };
        self.top_row = top.clamp(0.0, self.top_row_max());
        self.scroll_top = if self.squeezed() { self.rest_offset() } else { self.top_row * self.row_height };
        Some(self.scroll_top)
    }

    /// Brings `row` to the middle of the view and returns the offset to scroll to.
    pub fn center(&mut self, row: usize) -> f64 {
        let seen = self.view_height / self.row_height;
        self.top_row = (row as f64 - (seen - 1.0) / 2.0).clamp(0.0, self.top_row_max());
        self.scroll_top = if self.squeezed() { self.rest_offset() } else { self.top_row * self.row_height };
        self.scroll_top
    }

    /// First row in view and the row after the last.
    #[must_use]
    pub fn seen(&self) -> (usize, usize) {
        let first = self.top_row.floor() as usize;
        let end = (self.top_row + self.view_height / self.row_height).ceil() as usize;
        (first.min(self.rows), end.min(self.rows))
    }

    /// Rows wholly in view, for paging by key.
    #[must_use]
    pub fn page(&self) -> usize {
        ((self.view_height / self.row_height).floor() as usize).max(1)
    }

    /// What to draw.
    #[must_use]
    pub fn drawn(&self) -> Drawn {
        let (seen_first, seen_end) = self.seen();
        let first = seen_first.saturating_sub(OVERSCAN);
        let end = (seen_end + OVERSCAN).min(self.rows);
        let offset = self.scroll_top - (self.top_row - first as f64) * self.row_height;
        Drawn { first, end, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: usize) -> VirtualList {
        let mut list = VirtualList::new(28.0);
        list.resize(rows, 28.0, 560.0);
        list
    }

    #[test]
    fn a_short_list_is_drawn_whole() {
        let list = list(5);
        assert_eq!(list.drawn(), Drawn { first: 0, end: 5, offset: 0.0 });
        assert_eq!(list.seen(), (0, 5));
        assert!((list.height() - 140.0).abs() < f64::EPSILON);
    }

    #[test]
    fn only_rows_near_the_view_are_drawn() {
        let mut list = list(9418);
        list.scrolled(28.0 * 1000.0 + 14.0);
        assert_eq!(list.seen(), (1000, 1021));
        let drawn = list.drawn();
        assert_eq!((drawn.first, drawn.end), (988, 1033));
        assert!((drawn.offset - 988.0 * 28.0).abs() < 1e-6);
    }

    #[test]
    fn a_million_rows_are_reached_from_end_to_end() {
        let mut list = list(1_000_000);
        assert!((list.height() - HEIGHT_MAX).abs() < f64::EPSILON);
        list.scrolled(HEIGHT_MAX);
        assert_eq!(list.seen(), (999_980, 1_000_000));
        list.scrolled(HEIGHT_MAX / 2.0);
        assert!((499_000..501_000).contains(&list.seen().0), "{:?}", list.seen());
        list.scrolled(0.0);
        assert_eq!(list.seen(), (0, 20));
    }

    #[test]
    fn a_wheel_notch_moves_a_squeezed_list_by_its_pixels() {
        let mut list = list(10_000_000);
        list.scrolled(4_000_000.0);
        let before = list.seen().0;
        list.scrolled(4_000_112.0);
        assert_eq!(list.seen().0, before + 4);
        let rest = list.rest_offset();
        assert!((rest - 4_000_112.0).abs() < 112.0);
        list.rested(rest);
        assert_eq!(list.seen().0, before + 4);
        let drawn = list.drawn();
        let seen_at = drawn.offset + (list.seen().0 - drawn.first) as f64 * 28.0;
        assert!((seen_at - rest).abs() < 28.0);
    }

    #[test]
    fn revealing_moves_as_little_as_needed() {
        let mut list = list(1000);
        assert_eq!(list.reveal(19), None);
        assert_eq!(list.reveal(20), Some(28.0));
        assert_eq!(list.reveal(0), Some(0.0));
        assert_eq!(list.reveal(999), Some(980.0 * 28.0));
        assert!((list.center(500) - 490.5 * 28.0).abs() < 1e-6);
        assert!((list.center(0)).abs() < f64::EPSILON);
    }

    #[test]
    fn rows_that_come_above_push_the_view_down() {
        for resized_first in [false, true] {
            let mut list = list(100);
            list.scrolled(280.0);
            if resized_first {
                list.resize(150, 28.0, 560.0);
            }
            list.pushed_down(50);
            list.resize(150, 28.0, 560.0);
            assert_eq!(list.seen(), (60, 80));
            assert!((list.scroll_top - 60.0 * 28.0).abs() < 1e-6);
        }
    }

    #[test]
    fn fewer_rows_never_leave_the_view_beyond_the_end() {
        let mut list = list(1000);
        list.scrolled(20_000.0);
        list.resize(10, 28.0, 560.0);
        assert_eq!(list.seen(), (0, 10));
        list.resize(0, 28.0, 560.0);
        assert_eq!(list.drawn(), Drawn { first: 0, end: 0, offset: 0.0 });
        assert_eq!(list.reveal(0), None);
    }
}
