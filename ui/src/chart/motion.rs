//! What keys do to the crosshair of a chart and to the cursor of a map.

use std::ops::Range;

/// So many places at once with Shift.
const FAR: isize = 10;

/// A move along a row of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// So many places on; back where it is negative.
    By(isize),
    /// To the first place.
    First,
    /// To the last place.
    Last,
}

impl Motion {
    /// What a key asks for, by the `key` of its event (UI Events specification) without Ctrl, Alt or
    /// Meta.
    #[must_use]
    pub fn of_key(key: &str, shift: bool) -> Option<Self> {
        let by = if shift { FAR } else { 1 };
        match key {
            "ArrowLeft" => Some(Self::By(-by)),
            "ArrowRight" => Some(Self::By(by)),
            "Home" => Some(Self::First),
            "End" => Some(Self::Last),
            _ => None,
        }
    }

    /// Where it leads from a place, never beyond `places`; from nowhere it enters at the end that it
    /// comes from. `None` where there are no places.
    #[must_use]
    pub fn target(self, at: Option<usize>, places: Range<usize>) -> Option<usize> {
        let last = places.end.checked_sub(1).filter(|last| *last >= places.start)?;
        Some(match (self, at) {
            (Self::First, _) => places.start,
            (Self::Last, _) => last,
            (Self::By(by), None) => {
                if by < 0 {
                    last
                } else {
                    places.start
                }
            }
            (Self::By(by), Some(at)) => at.saturating_add_signed(by).clamp(places.start, last),
        })
    }
}

/// Where a key leads among the cells of a map, each a column and a row, the lowest row first: left
/// and right through the columns, up and down through the rows. `None` for another key.
#[must_use]
pub fn move_cell(
    key: &str,
    shift: bool,
    at: Option<(usize, usize)>,
    (columns, rows): (usize, usize),
) -> Option<(usize, usize)> {
    let (column, row) = at.unzip();
    let upright = match key {
        "ArrowUp" => Motion::of_key("ArrowRight", shift),
        "ArrowDown" => Motion::of_key("ArrowLeft", shift),
        _ => None,
    };
    match upright {
        Some(motion) => Some((column.unwrap_or(0), motion.target(row, 0..rows)?)),
        None => Some((Motion::of_key(key, shift)?.target(column, 0..columns)?, row.unwrap_or(0))),
    }
}
