//! Searching bytes a word at a time.
//!
//! The host checks for time-outs at each turn of a loop, which costs a loop over single bytes a quarter of its
//! speed or more; these loops take 16 bytes a turn.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of `word` that is 0. Bytes above the first such byte may be marked wrongly.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[inline]
const fn repeat(byte: u8) -> u64 {
    ONES * byte as u64
}

#[inline]
fn words(bytes: &[u8], at: usize) -> Option<(u64, u64)> {
    let both: &[u8; 16] = bytes.get(at..)?.first_chunk()?;
    let word = u128::from_le_bytes(*both);
    Some((word as u64, (word >> 64) as u64))
}

/// Where the first byte at or after `from` is that `marks` marks in a word, and `is` says so of itself.
#[inline]
fn find(bytes: &[u8], from: usize, marks: impl Fn(u64) -> u64, is: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = from;
    while let Some((low, high)) = words(bytes, at) {
        let (low, high) = (marks(low), marks(high));
        if low | high != 0 {
            let first = if low == 0 { 8 + high.trailing_zeros() / 8 } else { low.trailing_zeros() / 8 };
            return Some(at + first as usize);
        }
        at += 16;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| is(*byte)).map(|place| at + place)
}

/// Where the first `byte` at or after `from` is.
#[must_use]
#[inline]
pub fn find_byte(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    let pattern = repeat(byte);
    find(bytes, from, |word| zeros(word ^ pattern), |b| b == byte)
}

/// Where the first of two bytes at or after `from` is.
#[must_use]
#[inline]
pub fn find_either(bytes: &[u8], from: usize, a: u8, b: u8) -> Option<usize> {
    let (pattern_a, pattern_b) = (repeat(a), repeat(b));
    find(bytes, from, |word| zeros(word ^ pattern_a) | zeros(word ^ pattern_b), |byte| byte == a || byte == b)
}

/// Where the first ASCII digit at or after `from` is.
#[must_use]
#[inline]
pub fn find_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let (zero, ten) = (repeat(b'0'), repeat(10));
    // digits without their high nibble are below 10, and no other byte becomes so
    let below = |word: u64| word.wrapping_sub(ten) & !word & HIGHS;
    find(bytes, from, |word| below(word ^ zero), |byte| byte.is_ascii_digit())
}

/// Where the first two bytes in a row are `a` and `b`, small ASCII letters, in either case.
#[must_use]
#[inline]
pub fn find_pair_ignore_case(bytes: &[u8], from: usize, a: u8, b: u8) -> Option<usize> {
    let small = repeat(0x20);
    let (first, second) = (repeat(a), repeat(b));
    let mut at = from;
    // words at two places: nine bytes are read for eight pairs
    while let Some((low, high)) = words(bytes, at) {
        let next = low >> 8 | high << 56;
        let pairs = zeros((low | small) ^ first) & zeros((next | small) ^ second);
        let place = at + (pairs.trailing_zeros() / 8) as usize;
        if pairs == 0 {
            at += 8;
        } else if is_pair(bytes, place, a, b) {
            return Some(place);
        } else {
            at = place + 1;
        }
    }
    (at..bytes.len()).find(|place| is_pair(bytes, *place, a, b))
}

fn is_pair(bytes: &[u8], at: usize, a: u8, b: u8) -> bool {
    matches!(bytes.get(at..at + 2), Some([x, y]) if x.to_ascii_lowercase() == a && y.to_ascii_lowercase() == b)
}

/// Where the first quote, brace or bracket at or after `from` is. (So are `Y`, `_`, `y` and DEL, which differ
/// from them in two bits that are not looked at; the caller goes on past them.)
#[must_use]
#[inline]
pub fn find_structure(bytes: &[u8], from: usize) -> Option<usize> {
    let (mask, bracket, quote) = (repeat(0x59), repeat(0x59), repeat(b'"'));
    find(
        bytes,
        from,
        |word| zeros((word & mask) ^ bracket) | zeros(word ^ quote),
        |byte| byte & 0x59 == 0x59 || byte == b'"',
    )
}

/// Where a number, `true`, `false` or `null` of JSON at `from` ends: the first comma, quote, closing bracket or
/// brace, or byte up to the space. (Or `Y`, `_`, `y`, DEL, which are in none of them.)
#[must_use]
#[inline]
pub fn find_scalar_end(bytes: &[u8], from: usize) -> Option<usize> {
    let (mask, comma, quote, above) = (repeat(0x59), repeat(b','), repeat(b'"'), repeat(0x21));
    let below = |word: u64| word.wrapping_sub(above) & !word & HIGHS;
    find(
        bytes,
        from,
        |word| zeros((word & mask) ^ mask) | zeros(word ^ comma) | zeros(word ^ quote) | below(word),
        |byte| byte & 0x59 == 0x59 || byte == b',' || byte == b'"' || byte <= b' ',
    )
}

/// Whether `bytes` starts with `prefix`.
#[must_use]
#[inline]
pub fn starts_with(bytes: &[u8], prefix: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..prefix.len()) else { return false };
    // two words that overlap in the middle are as good as one of any length between
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last), ..) if bytes.len() <= 16 => {
            prefix.first_chunk() == Some(first) && prefix.last_chunk() == Some(last)
        }
        (None, None, Some(first), Some(last)) => {
            prefix.first_chunk() == Some(first) && prefix.last_chunk() == Some(last)
        }
        _ => bytes == prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_at_every_place_and_length() {
        for length in 0..50 {
            for place in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[place] = b'"';
                for from in 0..=length {
                    let expected = (from <= place).then_some(place);
                    assert_eq!(find_byte(&bytes, from, b'"'), expected);
                    assert_eq!(find_either(&bytes, from, b'\\', b'"'), expected);
                    assert_eq!(find_structure(&bytes, from), expected);
                }
            }
            assert_eq!(find_byte(&vec![b'a'; length], 0, b'"'), None);
        }
    }

    #[test]
    fn of_several_the_first_is_found() {
        for high in [0x80u8, 0xff, 0x21, 0x23, 0] {
            let mut bytes = vec![high; 40];
            bytes[5] = b'"';
            bytes[6] = b'"' ^ 1;
            bytes[7] = b'\\';
            assert_eq!(find_either(&bytes, 0, b'\\', b'"'), Some(5), "{high}");
            assert_eq!(find_either(&bytes, 6, b'\\', b'"'), Some(7), "{high}");
            assert_eq!(find_byte(&bytes, 0, b'\\'), Some(7), "{high}");
        }
    }

    #[test]
    fn all_of_the_structure_is_found() {
        for byte in *b"\"{}[]" {
            let mut bytes = b"0123456789,.:tru efalsenu".to_vec();
            assert_eq!(find_structure(&bytes, 0), None);
            bytes[13] = byte;
            assert_eq!(find_structure(&bytes, 0), Some(13));
        }
    }

    #[test]
    fn digits_are_told_from_the_rest() {
        for byte in 0..=255u8 {
            for place in [3, 12, 33] {
                let mut bytes = vec![b':'; 40];
                bytes[place] = byte;
                assert_eq!(find_digit(&bytes, 0), byte.is_ascii_digit().then_some(place), "{byte}");
            }
        }
    }

    #[test]
    fn pairs_are_found_at_every_place() {
        for length in 2..40 {
            for place in 0..length - 1 {
                let mut bytes = vec![b'b'; length];
                assert_eq!(find_pair_ignore_case(&bytes, 0, b'b', b'e'), None);
                bytes[place + 1] = b'E';
                assert_eq!(find_pair_ignore_case(&bytes, 0, b'b', b'e'), Some(place), "{length}");
                bytes[place] = b'B' ^ 0x60; // is taken for a letter when only the bit of the case is set
                assert_eq!(find_pair_ignore_case(&bytes, 0, b'b', b'e'), None);
            }
        }
    }

    #[test]
    fn prefixes_are_told_from_the_rest() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..=40 {
            assert!(starts_with(&text, &text[..length]));
            for place in 0..length {
                let mut prefix = text[..length].to_vec();
                prefix[place] ^= 1;
                assert!(!starts_with(&text, &prefix), "{length} {place}");
            }
        }
        assert!(!starts_with(&text[..3], &text[..4]));
    }

    #[test]
    fn scalars_end_where_they_should() {
        for end in *b",]}\" \t\n\r" {
            for scalar in ["1", "-12.5e+10", "true", "false", "null", "123456789012345678901234567890"] {
                let text = [scalar.as_bytes(), &[end], b"xxxxxxxxxxxxxxxxxxxxxxx"].concat();
                assert_eq!(find_scalar_end(&text, 0), Some(scalar.len()), "{scalar}{}", char::from(end));
            }
        }
        assert_eq!(find_scalar_end(b"12345", 0), None);
    }
}
