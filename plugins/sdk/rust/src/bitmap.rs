//! Bitmaps as the interface has them: bytes, least significant bit first.

/// A bit for each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    bytes: Vec<u8>,
    rows: usize,
}

impl Bitmap {
    /// No rows yet, with room for `rows`.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self { bytes: Vec::with_capacity(rows.div_ceil(8)), rows: 0 }
    }

    /// `rows` bits of one value.
    #[must_use]
    pub fn filled(rows: usize, value: bool) -> Self {
        Self { bytes: vec![if value { 0xff } else { 0 }; rows.div_ceil(8)], rows }
    }

    /// Rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row.
    pub fn push(&mut self, value: bool) {
        let bit = self.rows % 8;
        if bit == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            // what an earlier `truncate` left there is overwritten
            *last = (*last & !(1 << bit)) | (u8::from(value) << bit);
        }
        self.rows += 1;
    }

    /// Adds `count` rows of one value.
    pub fn push_many(&mut self, value: bool, mut count: usize) {
        while count > 0 && !self.rows.is_multiple_of(8) {
            self.push(value);
            count -= 1;
        }
        let end = self.rows + count;
        self.bytes.resize(end.div_ceil(8), if value { 0xff } else { 0 });
        self.rows = end;
    }

    /// Leaves the first `rows` only.
    pub fn truncate(&mut self, rows: usize) {
        if rows < self.rows {
            self.bytes.truncate(rows.div_ceil(8));
            self.rows = rows;
        }
    }

    /// Sets the bit of a row; beyond the last row nothing happens.
    pub fn set(&mut self, row: usize, value: bool) {
        if let Some(byte) = self.bytes.get_mut(row / 8) {
            *byte = (*byte & !(1 << (row % 8))) | (u8::from(value) << (row % 8));
        }
    }

    /// The bit of a row; false beyond the last.
    #[must_use]
    pub fn get(&self, row: usize) -> bool {
        row < self.rows && bit(&self.bytes, row)
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The bit of a row in bytes that came from the host; false beyond the last byte.
#[must_use]
#[inline]
pub fn bit(bytes: &[u8], row: usize) -> bool {
    bytes.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_least_significant_first() {
        let mut bitmap = Bitmap::with_capacity(9);
        for row in 0..9 {
            bitmap.push(row == 0 || row == 3 || row == 8);
        }
        assert_eq!(bitmap.clone().into_bytes(), [0b0000_1001, 0b1]);
        assert!(bitmap.get(8) && !bitmap.get(7) && !bitmap.get(9));
    }

    #[test]
    fn many_at_once_are_the_same_as_one_by_one() {
        for before in 0..9 {
            for count in 0..20 {
                let mut many = Bitmap::default();
                let mut single = Bitmap::default();
                many.push_many(false, before);
                many.push_many(true, count);
                many.push(false);
                (0..before).for_each(|_| single.push(false));
                (0..count).for_each(|_| single.push(true));
                single.push(false);
                let rows = before + count + 1;
                assert_eq!(many.len(), rows);
                assert!((0..rows).all(|row| many.get(row) == single.get(row)), "{before} {count}");
            }
        }
    }

    #[test]
    fn a_row_can_be_taken_back() {
        let mut bitmap = Bitmap::filled(3, true);
        bitmap.truncate(2);
        bitmap.push(false);
        assert!(bitmap.get(1) && !bitmap.get(2));
        assert_eq!(bitmap.len(), 3);
    }
}
