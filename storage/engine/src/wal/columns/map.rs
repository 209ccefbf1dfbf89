use super::text::{push_texts, push_values};
use super::{EACH, FREE, RUNS, SHAPED, push_varint};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, MapArray, StringViewArray};
use std::ops::Range;

/// Lists of keys that are told apart.
const SHAPES_MAX: usize = 64;

/// Appends the rows of a map from text to text. Keys that share their bytes count as equal, others
/// need not.
pub(super) fn push(out: &mut Vec<u8>, array: &MapArray) {
    let entries = Entries { keys: array.keys().as_string_view(), values: array.values().as_string_view() };
    let offsets = array.value_offsets();
    let rows = offsets.iter().zip(offsets.iter().skip(1)).map(|(start, end)| *start as usize..*end as usize);
    let rows = push_runs(out, &entries, rows);
    match Shapes::of(&entries, &rows) {
        Some(shapes) => {
            out.push(SHAPED);
            shapes.push(out, &entries);
        }
        None => {
            out.push(FREE);
            rows.iter().for_each(|row| push_varint(out, row.len() as u64));
            let places: Vec<usize> = rows.into_iter().flatten().collect();
            push_values(out, entries.keys, places.iter().copied());
            push_texts(out, entries.values, places.iter().copied());
        }
    }
}

struct Entries<'a> {
    keys: &'a StringViewArray,
    values: &'a StringViewArray,
}

impl Entries<'_> {
    fn have_equal_keys(&self, a: &Range<usize>, b: &Range<usize>) -> bool {
        self.keys.views().get(a.clone()) == self.keys.views().get(b.clone())
    }

    fn are_equal(&self, a: &Range<usize>, b: &Range<usize>) -> bool {
        let nulls = self.values.nulls();
        self.values.views().get(a.clone()) == self.values.views().get(b.clone())
            && self.have_equal_keys(a, b)
            // null and the empty text may have the same view
            && nulls.is_none_or(|n| a.clone().zip(b.clone()).all(|(a, b)| n.is_valid(a) == n.is_valid(b)))
    }
}

/// Writes which rows are equal to the row before, and returns the others.
fn push_runs(
    out: &mut Vec<u8>,
    entries: &Entries<'_>,
    rows: impl ExactSizeIterator<Item = Range<usize>>,
) -> Vec<Range<usize>> {
    let mut firsts: Vec<Range<usize>> = Vec::with_capacity(rows.len());
    let mut runs: Vec<u64> = Vec::new();
    let mut has_runs = false;
    for row in rows {
        match (firsts.last(), runs.last_mut()) {
            (Some(before), Some(run)) if entries.are_equal(before, &row) => {
                *run += 1;
                has_runs = true;
            }
            _ => {
                firsts.push(row);
                runs.push(1);
            }
        }
    }
    if has_runs {
        out.push(RUNS);
        push_varint(out, runs.len() as u64);
        runs.into_iter().for_each(|run| push_varint(out, run));
    } else {
        out.push(EACH);
    }
    firsts
}

/// Rows by their lists of keys.
struct Shapes {
    /// A row of each shape.
    first: Vec<Range<usize>>,
    /// The first entry of each row of each shape.
    starts: Vec<Vec<usize>>,
    /// The shape of each row.
    numbers: Vec<u8>,
}

impl Shapes {
    /// `None` when there are too many.
    fn of(entries: &Entries<'_>, rows: &[Range<usize>]) -> Option<Self> {
        let mut shapes = Self { first: Vec::new(), starts: Vec::new(), numbers: Vec::with_capacity(rows.len()) };
        let mut before = 0;
        for row in rows {
            let is_shape = |first: &Range<usize>| entries.have_equal_keys(first, row);
            let number = if shapes.first.get(before).is_some_and(is_shape) {
                before
            } else if let Some(number) = shapes.first.iter().position(is_shape) {
                number
            } else if shapes.first.len() < SHAPES_MAX {
                shapes.first.push(row.clone());
                shapes.starts.push(Vec::new());
                shapes.first.len() - 1
            } else {
                return None;
            };
            shapes.starts.get_mut(number)?.push(row.start);
            shapes.numbers.push(u8::try_from(number).ok()?);
            before = number;
        }
        Some(shapes)
    }

    fn push(&self, out: &mut Vec<u8>, entries: &Entries<'_>) {
        push_varint(out, self.first.len() as u64);
        self.first.iter().for_each(|row| push_varint(out, row.len() as u64));
        push_values(out, entries.keys, self.first.iter().cloned().flatten());
        if self.first.len() > 1 {
            out.extend(&self.numbers);
        }
        for (row, starts) in self.first.iter().zip(&self.starts) {
            for position in 0..row.len() {
                push_texts(out, entries.values, starts.iter().map(|start| start + position));
            }
        }
    }
}
