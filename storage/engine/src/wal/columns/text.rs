use super::write::push_bits;
use super::{FEW, MIXED, NULL, PLAIN, VALID, push_varint};
use arrow_array::{Array as _, StringViewArray};
use arrow_buffer::BooleanBuffer;

/// Values of which distinct ones are looked for.
const VALUES_MIN: usize = 8;
/// Distinct values in a column that is written by them.
const DISTINCT_MAX: usize = 255;
/// Bits of a hash; twice as many slots as distinct values.
const HASH_BITS: u32 = 9;

/// Appends a nullable column of the texts at `places`.
pub(super) fn push_texts(
    out: &mut Vec<u8>,
    array: &StringViewArray,
    places: impl ExactSizeIterator<Item = usize> + Clone,
) {
    let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else {
        out.push(VALID);
        push_values(out, array, places);
        return;
    };
    let len = places.len();
    let valid = places.clone().filter(|place| nulls.is_valid(*place));
    match valid.clone().count() {
        count if count == len => {
            out.push(VALID);
            push_values(out, array, places);
        }
        0 => out.push(NULL),
        _ => {
            out.push(MIXED);
            push_bits(out, &places.map(|place| nulls.is_valid(place)).collect::<BooleanBuffer>());
            push_values(out, array, valid);
        }
    }
}

/// Appends a text column of the values at `places`, none of which is null.
pub(super) fn push_values(out: &mut Vec<u8>, array: &StringViewArray, places: impl Iterator<Item = usize> + Clone) {
    match Distinct::of(array, places.clone()) {
        Some(distinct) => {
            out.push(FEW);
            push_varint(out, distinct.places.len() as u64);
            push_lengths_and_bytes(out, distinct.places.iter().map(|place| array.value(*place).as_bytes()));
            if distinct.places.len() > 1 {
                out.extend(&distinct.numbers);
            }
        }
        None => push_bytes(out, places.map(|place| array.value(place).as_bytes())),
    }
}

/// Appends a text column of all `values`.
pub(super) fn push_bytes<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]> + Clone) {
    out.push(PLAIN);
    push_lengths_and_bytes(out, values);
}

fn push_lengths_and_bytes<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]> + Clone) {
    values.clone().for_each(|value| push_varint(out, value.len() as u64));
    values.for_each(|value| out.extend_from_slice(value));
}

/// Values told apart by their views: equal short values have equal views, and so have long ones
/// that share their bytes.
struct Distinct {
    /// Where each is seen first.
    places: Vec<usize>,
    /// The number of each value.
    numbers: Vec<u8>,
}

impl Distinct {
    /// `None` when there are too many, or it would not pay.
    fn of(array: &StringViewArray, places: impl Iterator<Item = usize> + Clone) -> Option<Self> {
        places.clone().nth(VALUES_MIN)?;
        let mut distinct = Self { places: Vec::new(), numbers: Vec::new() };
        let mut views: Vec<u128> = Vec::new();
        let mut slots = [0_u16; 1 << HASH_BITS];
        let mut before = None;
        for (seen, place) in places.enumerate() {
            let view = *array.views().get(place)?;
            if let Some((same, number)) = before
                && same == view
            {
                distinct.numbers.push(number);
                continue;
            }
            let number = number_of(view, &mut views, &mut slots)?;
            if usize::from(number) == distinct.places.len() {
                distinct.places.push(place);
                if views.len() > VALUES_MIN + seen / 4 {
                    return None;
                }
            }
            distinct.numbers.push(number);
            before = Some((view, number));
        }
        Some(distinct)
    }
}

/// The number of `view` among `views`, to which it is added if it is new; `None` when there are
/// too many. A slot holds a number and one.
fn number_of(view: u128, views: &mut Vec<u128>, slots: &mut [u16; 1 << HASH_BITS]) -> Option<u8> {
    let folded = (view as u64) ^ ((view >> 64) as u64);
    let hash = folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - HASH_BITS);
    for step in 0..=DISTINCT_MAX {
        let slot = slots.get_mut((hash as usize + step) % (1 << HASH_BITS))?;
        match slot.checked_sub(1) {
            Some(number) if views.get(usize::from(number)) == Some(&view) => return u8::try_from(number).ok(),
            Some(_) => {}
            None if views.len() == DISTINCT_MAX => return None,
            None => {
                let number = u8::try_from(views.len()).ok()?;
                views.push(view);
                *slot = u16::from(number) + 1;
                return Some(number);
            }
        }
    }
    None
}
