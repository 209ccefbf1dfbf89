use datafusion::arrow::array::{Array, BooleanBufferBuilder, StringViewArray};
use datafusion::arrow::buffer::BooleanBuffer;
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// Bytes between the texts of two rows that are searched along with them.
const GAP_MAX: usize = 64;

/// The longest text that a view holds itself.
const INLINE_MAX: u32 = 12;

/// A literal text to look for, not empty.
#[derive(Clone, Debug)]
pub(super) enum Needle {
    Exact(Box<Finder<'static>>),
    AnyCase(Regex),
}

impl Needle {
    /// `None` when it is empty or has wildcards.
    pub(super) fn new(literal: &str, any_case: bool) -> Option<Self> {
        if literal.is_empty() || literal.contains(['%', '_', '\\']) {
            return None;
        }
        if any_case {
            let regex = RegexBuilder::new(&regex::escape(literal)).case_insensitive(true).build();
            return regex.ok().map(Self::AnyCase);
        }
        Some(Self::Exact(Box::new(Finder::new(literal.as_bytes()).into_owned())))
    }

    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        match self {
            Self::Exact(finder) => finder.find(text).map(|at| at..at + finder.needle().len()),
            Self::AnyCase(regex) => regex.find(text).map(|found| found.range()),
        }
    }

    /// Which rows contain the needle; of NULL it is not said.
    ///
    /// The bytes of rows that follow each other in a buffer are searched at once; what is found
    /// across two rows, or between them, does not count.
    pub(super) fn search(&self, texts: &StringViewArray) -> BooleanBuffer {
        let mut found = BooleanBufferBuilder::new(texts.len());
        found.append_n(texts.len(), false);
        let mut run = Run::default();
        for (row, view) in texts.views().iter().enumerate() {
            let Some((buffer, bytes)) = place(*view) else {
                if self.find(texts.value(row).as_bytes()).is_some() {
                    found.set_bit(row, true);
                }
                continue;
            };
            if !run.goes_on(buffer, &bytes) {
                self.search_run(&run, texts, &mut found);
                run.rows.clear();
                run.buffer = buffer;
            }
            run.rows.push((row, bytes));
        }
        self.search_run(&run, texts, &mut found);
        found.finish()
    }

    fn search_run(&self, run: &Run, texts: &StringViewArray, found: &mut BooleanBufferBuilder) {
        let (Some((_, first)), Some((_, last))) = (run.rows.first(), run.rows.last()) else { return };
        let Some(buffer) = texts.data_buffers().get(run.buffer) else { return };
        let mut rows = run.rows.iter().peekable();
        let mut from = first.start;
        while let Some(hit) = buffer.get(from..last.end).and_then(|text| self.find(text)) {
            let hit = from + hit.start..from + hit.end;
            while rows.next_if(|(_, bytes)| bytes.end <= hit.start).is_some() {}
            let Some((row, bytes)) = rows.peek() else { return };
            from = if hit.start < bytes.start {
                bytes.start
            } else if hit.end <= bytes.end {
                found.set_bit(*row, true);
                bytes.end
            } else {
                hit.start + 1
            };
        }
    }
}

/// Rows whose bytes follow each other in one buffer.
#[derive(Debug, Default)]
struct Run {
    buffer: usize,
    rows: Vec<(usize, Range<usize>)>,
}

impl Run {
    fn goes_on(&self, buffer: usize, bytes: &Range<usize>) -> bool {
        let Some((_, last)) = self.rows.last() else { return false };
        buffer == self.buffer && (last.end..=last.end + GAP_MAX).contains(&bytes.start)
    }
}

/// The buffer and the bytes in it, for a text that the view does not hold itself.
#[expect(clippy::cast_possible_truncation, reason = "parts of a view of 32 bits each")]
const fn place(view: u128) -> Option<(usize, Range<usize>)> {
    let length = view as u32;
    if length <= INLINE_MAX {
        return None;
    }
    let (buffer, start) = ((view >> 64) as u32, (view >> 96) as u32);
    Some((buffer as usize, start as usize..start as usize + length as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Scalar, StringArray, UInt32Array};
    use datafusion::arrow::compute::kernels::comparison::{contains, ilike};
    use datafusion::arrow::compute::{cast, concat, take};
    use datafusion::arrow::datatypes::DataType;
    use std::sync::Arc;

    /// Rows of all kinds: short, long, NULL, with the needle at either end, across two rows, twice.
    fn rows() -> Vec<Option<&'static str>> {
        vec![
            Some("needle at the start"),
            Some("and at the end: needle"),
            None,
            Some("short"),
            Some("needle"),
            Some("a Needle, and the NEEDLE"),
            Some("this row ends with nee"),
            Some("dle begins the next one"),
            Some(""),
            Some("needleneedleneedle"),
            Some("neneedle and more text"),
            Some("ſtraße mit ßſ im Text, needle"),
            Some("Kelvin: 5 \u{212A}, ASCII: 5 K"),
            Some("nothing to be seen here"),
        ]
    }

    /// As Parquet decodes them: in one buffer, in order; also not in order, and of several buffers.
    fn arrays() -> Vec<StringViewArray> {
        let whole = cast(&StringArray::from(rows()), &DataType::Utf8View).unwrap();
        let twice = concat(&[&whole, &whole.slice(3, 7)]).unwrap();
        let order = UInt32Array::from_iter_values((0..whole.len() as u32).map(|row| row * 5 % 14));
        let mixed = take(&whole, &order, None).unwrap();
        let built: ArrayRef = Arc::new(StringViewArray::from_iter(rows()));
        [whole, twice, mixed, built].iter().map(|array| array.as_string_view().clone()).collect()
    }

    #[test]
    fn finds_what_arrow_finds() {
        let literals = [
            "needle", "n", "e", " ", "nee", "dle", "5 k", "ß", "STRASSE", "straße", "Straße", "text", "absent", "le n",
        ];
        for texts in arrays() {
            for literal in literals {
                let found = |any_case| {
                    let found = Needle::new(literal, any_case).unwrap().search(&texts);
                    BooleanArray::new(found, texts.nulls().cloned())
                };
                let exact = contains(&texts, &Scalar::new(StringViewArray::from_iter_values([literal]))).unwrap();
                assert_eq!(found(false), exact, "{literal:?} in {texts:?}");
                let pattern = StringViewArray::from_iter_values([format!("%{literal}%")]);
                let any_case = ilike(&texts, &Scalar::new(pattern)).unwrap();
                assert_eq!(found(true), any_case, "{literal:?} in any case in {texts:?}");
            }
        }
    }

    #[test]
    fn wildcards_are_not_for_it() {
        for literal in ["", "a%b", "a_b", "a\\b"] {
            assert!(Needle::new(literal, false).is_none(), "{literal:?}");
        }
    }
}
