//! Panels on a grid of 24 columns. A layout is always compact: no two panels overlap, and none could
//! move up. Places are in columns and rows from the upper left corner.

use crate::order;

/// Columns of the grid.
pub const COLUMNS: u32 = 24;
/// Least width of a panel, in columns.
const WIDTH_MIN: u32 = 2;
/// Least height of a panel, in rows.
const HEIGHT_MIN: u32 = 2;
/// Greatest height of a panel, in rows.
const HEIGHT_MAX: u32 = 60;
/// Greatest row of a panel's upper edge.
pub(super) const ROW_MAX: u32 = 10_000;

/// Where a panel is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// First column, from 0.
    pub x: u32,
    /// First row, from 0.
    pub y: u32,
    /// Columns.
    pub w: u32,
    /// Rows.
    pub h: u32,
}

impl Place {
    /// The nearest place that lies on the grid and is neither too small nor too high.
    #[must_use]
    pub fn clamped(self) -> Self {
        let (w, h) = (self.w.clamp(WIDTH_MIN, COLUMNS), self.h.clamp(HEIGHT_MIN, HEIGHT_MAX));
        Self { x: self.x.min(COLUMNS - w), y: self.y.min(ROW_MAX), w, h }
    }

    /// The row below it.
    #[must_use]
    pub fn bottom(self) -> u32 {
        self.y.saturating_add(self.h)
    }

    fn beside(self, other: Self) -> bool {
        self.x >= other.x + other.w || other.x >= self.x + self.w
    }

    /// Whether the two have a cell in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        !self.beside(other) && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// A way to move or to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Left; narrower.
    Left,
    /// Right; wider.
    Right,
    /// Up; lower.
    Up,
    /// Down; higher.
    Down,
}

/// Panels by id, with their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    places: Vec<(String, Place)>,
}

impl Layout {
    /// The panels where they are said to be; [`Layout::compact`] mends what overlaps.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = (String, Place)>) -> Self {
        Self { places: places.into_iter().map(|(id, place)| (id, place.clamped())).collect() }
    }

    /// Where a panel is.
    #[must_use]
    pub fn place(&self, id: &str) -> Option<Place> {
        self.places.iter().find(|(known, _)| known == id).map(|(_, place)| *place)
    }

    /// The row below the lowest panel.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.places.iter().map(|(_, place)| place.bottom()).max().unwrap_or(0)
    }

    /// Ids from top to bottom, and from left to right.
    #[must_use]
    pub fn reading_order(&self) -> Vec<&str> {
        self.in_order().into_iter().map(|(id, _)| id.as_str()).collect()
    }

    /// Every panel as far up as those above it let it.
    #[must_use]
    pub fn compact(&self) -> Self {
        self.settled(self.in_order().into_iter().cloned())
    }

    /// A panel at another place; those that are in its way go below it, and those that it has passed
    /// by half move up into what it left.
    #[must_use]
    pub fn moved(&self, id: &str, x: u32, y: u32) -> Self {
        let Some(before) = self.place(id) else { return self.clone() };
        let target = Place { x, y, ..before }.clamped();
        let down = target.y > before.y;
        let passed = |other: &Place| {
            let middle = 2 * other.y + other.h;
            if down { middle < 2 * target.bottom() } else { middle <= 2 * target.y }
        };
        let others = self.in_order().into_iter().filter(|(known, _)| known != id);
        let (above, below): (Vec<_>, Vec<_>) = others.cloned().partition(|(_, other)| passed(other));
        let moved = (id.to_owned(), target);
        self.settled(above.into_iter().chain([moved]).chain(below))
    }

    /// A panel with another size.
    #[must_use]
    pub fn resized(&self, id: &str, w: u32, h: u32) -> Self {
        let Some(before) = self.place(id) else { return self.clone() };
        let size = Place { w: w.min(COLUMNS - before.x), h, ..before }.clamped();
        let resized = |(known, place): &(String, Place)| (known.clone(), if known == id { size } else { *place });
        self.settled(self.in_order().into_iter().map(resized))
    }

    /// A panel one step further; upwards and downwards to the next place that is different.
    #[must_use]
    pub fn stepped(&self, id: &str, direction: Direction) -> Self {
        let Some(place) = self.place(id) else { return self.clone() };
        let reach = |distance: u32| match direction {
            Direction::Left => self.moved(id, place.x.saturating_sub(distance), place.y),
            Direction::Right => self.moved(id, place.x.saturating_add(distance), place.y),
            Direction::Up => self.moved(id, place.x, place.y.saturating_sub(distance)),
            Direction::Down => self.moved(id, place.x, place.y.saturating_add(distance)),
        };
        let far = match direction {
            Direction::Left | Direction::Right => 1,
            Direction::Up => place.y,
            Direction::Down => self.rows().saturating_sub(place.y),
        };
        (1..=far).map(reach).find(|layout| layout != self).unwrap_or_else(|| self.clone())
    }

    /// A panel one column or row wider or narrower, higher or lower.
    #[must_use]
    pub fn grown(&self, id: &str, direction: Direction) -> Self {
        let Some(Place { w, h, .. }) = self.place(id) else { return self.clone() };
        match direction {
            Direction::Left => self.resized(id, w.saturating_sub(1), h),
            Direction::Right => self.resized(id, w + 1, h),
            Direction::Up => self.resized(id, w, h.saturating_sub(1)),
            Direction::Down => self.resized(id, w, h + 1),
        }
    }

    fn in_order(&self) -> Vec<&(String, Place)> {
        let mut all: Vec<_> = self.places.iter().collect();
        order::by_key(&mut all, |(_, place)| (place.y, place.x));
        all
    }

    /// Puts the panels down one after the other, each right below those that are there already. The
    /// order of the places stays that of `self`.
    fn settled(&self, order: impl Iterator<Item = (String, Place)>) -> Self {
        let mut settled: Vec<(String, Place)> = Vec::with_capacity(self.places.len());
        for (id, place) in order {
            let above = settled.iter().filter(|(_, other)| !other.beside(place));
            let y = above.map(|(_, other)| other.bottom()).max().unwrap_or(0);
            settled.push((id, Place { y, ..place }));
        }
        let rank = |id: &str| self.places.iter().position(|(known, _)| known == id);
        order::by_key(&mut settled, |(id, _)| rank(id));
        Self { places: settled }
    }
}

/// Where a new panel goes: into the first gap that is large enough, else below the others.
#[must_use]
pub fn place_new(layout: &Layout, w: u32, h: u32) -> Place {
    let size = Place { x: 0, y: 0, w, h }.clamped();
    let free = |place: &Place| layout.places.iter().all(|(_, other)| !other.overlaps(*place));
    let columns = 0..=COLUMNS - size.w;
    let cells = (0..layout.rows()).flat_map(|y| columns.clone().map(move |x| Place { x, y, ..size }));
    let gap = cells.filter(|place| place.y == 0 || layout.places.iter().any(|(_, o)| o.bottom() == place.y));
    gap.into_iter().find(free).unwrap_or(Place { y: layout.rows(), ..size })
}

#[cfg(test)]
mod tests;
