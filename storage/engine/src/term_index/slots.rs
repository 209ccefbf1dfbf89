use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes of a run.
pub(super) const RUN: usize = 4;
/// Bits of a run's slot: 256 Ki slots, of which the runs of some thousand log lines set a tenth.
pub(super) const RUN_BITS: u8 = 18;

/// Lower case of ASCII letters, other bytes as they are.
const fn lower(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}

fn slot_of_run(run: u32) -> u32 {
    // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4): the high bits of a product
    // with 2^32 / golden ratio
    run.wrapping_mul(0x9e37_79b1) >> (32 - u32::from(RUN_BITS))
}

/// Calls `set` with the slot of every run of a text; `lowered` is room for its bytes.
pub(super) fn runs(text: &str, lowered: &mut Vec<u8>, mut set: impl FnMut(u32)) {
    let folded = fold(text);
    lowered.clear();
    lowered.extend_from_slice(folded.as_bytes());
    lowered.make_ascii_lowercase();
    for run in lowered.array_windows::<RUN>() {
        set(slot_of_run(u32::from_be_bytes(*run)));
    }
}

/// The slots of a part of a text that must all be in a page that has it. With `any_case`, runs with
/// letters beyond ASCII are left out: their other case is of other bytes.
pub(super) fn runs_of_part(part: &str, any_case: bool) -> Vec<u32> {
    let folded = fold(part);
    let bytes = folded.as_bytes();
    let usable = |run: &&[u8]| !any_case || run.is_ascii();
    let slot = |run: &[u8]| slot_of_run(run.iter().fold(0, |run, byte| (run << 8) | u32::from(lower(*byte))));
    let mut slots: Vec<u32> = bytes.windows(RUN).filter(usable).map(slot).collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// The two letters beyond ASCII that are the other case of one in ASCII (Unicode
/// CaseFolding.txt, status C): the Kelvin sign and the long s.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(['\u{212a}', '\u{17f}']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\u{212a}', "k").replace('\u{17f}', "s"))
}

/// Hash of a whole value, of which a slot is the highest bits.
pub(super) fn hash_of_value(value: &str) -> u32 {
    u32::try_from(xxh3_64(value.as_bytes()) >> 32).unwrap_or_default()
}

pub(super) const fn slot_of_hash(hash: u32, bits: u8) -> u32 {
    hash >> (32 - bits as u32)
}
