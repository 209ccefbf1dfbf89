//! What a run of bytes is, by its shape. All positions are those of ASCII bytes, so texts can be
//! cut there.

fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

fn run(bytes: &[u8], from: usize, mut is: impl FnMut(u8) -> bool) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|byte| is(**byte)).count()
}

const WIDTH: usize = size_of::<u64>();

/// The same byte in every place.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WIDTH])
}

/// The highest bit of each byte that lies within; all these are ASCII.
const fn within(bytes: u64, least: u8, greatest: u8) -> u64 {
    let low = bytes & all(0x7f);
    (low + all(0x80 - least)) & !(low + all(0x7f - greatest)) & !bytes & all(0x80)
}

/// Where from `at` on a value can begin: at a quote, what begins a path or a sign, or the word with or
/// before the first digit, `:` or `-`. All before is text without values.
pub(super) fn skip(bytes: &[u8], at: usize) -> usize {
    let mut next = at;
    let found = loop {
        let rest = bytes.get(next..).unwrap_or_default();
        let chunk = match rest.first_chunk() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None if rest.is_empty() => return bytes.len(),
            None => rest.iter().rev().fold(0, |chunk, byte| chunk << 8 | u64::from(*byte)),
        };
        // `-./0123456789:`, `"#$%&'`, and the grave accent
        let marks = within(chunk, b'-', b':') | within(chunk, b'"', b'\'') | within(chunk, b'`', b'`');
        if marks != 0 {
            break next + marks.trailing_zeros() as usize / 8;
        }
        next += WIDTH;
    };
    let before = bytes.get(at..found).unwrap_or_default();
    if before.last() == Some(&b'+') {
        return found - 1;
    }
    found - before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// The quote that closes the one at `at`; a backslash takes the next byte as it is.
pub(super) fn closing_quote(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = byte(bytes, at);
    let mut next = at + 1;
    while next < bytes.len() {
        match byte(bytes, next) {
            b'\\' => next += 2,
            // an apostrophe inside a word does not close
            found if found == quote => {
                if quote != b'\'' || !byte(bytes, next + 1).is_ascii_alphanumeric() {
                    return Some(next);
                }
                next += 1;
            }
            _ => next += 1,
        }
    }
    None
}

/// Where a path or URL ends: at what separates words, or punctuation at the end of a sentence.
pub(super) fn path_end(bytes: &[u8], from: usize) -> usize {
    let mut end =
        from + run(bytes, from, |byte| CLASSES.get(usize::from(byte)).is_none_or(|class| class & ENDS_PATH == 0));
    while end > from + 1 && matches!(byte(bytes, end - 1), b'.' | b':' | b'!' | b'?') {
        end -= 1;
    }
    end
}

/// A letter that is a hexadecimal digit.
const HEX_LETTER: u8 = 1;
/// A decimal digit.
pub(super) const DIGIT: u8 = 2;
/// Another letter.
const LETTER: u8 = 4;
const ALPHANUMERIC: u8 = HEX_LETTER | DIGIT | LETTER;
/// Separates words and paths.
const ENDS_PATH: u8 = 8;
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0_u8;
    while let Some((class, after)) = rest.split_first_mut() {
        *class = match byte {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX_LETTER,
            b'g'..=b'z' | b'G'..=b'Z' => LETTER,
            b',' | b';' | b'"' | b'\'' | b'`' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'|' => {
                ENDS_PATH
            }
            byte if byte.is_ascii_whitespace() => ENDS_PATH,
            _ => 0,
        };
        rest = after;
        byte = byte.wrapping_add(1);
    }
    classes
};

/// Where a word of letters and digits ends, and which kinds of them it has; `_` separates.
pub(super) fn word(bytes: &[u8], from: usize) -> (usize, u8) {
    let mut seen = 0;
    let length = run(bytes, from, |byte| {
        let class = CLASSES.get(usize::from(byte)).copied().unwrap_or(0) & ALPHANUMERIC;
        seen |= class;
        class != 0
    });
    (from + length, seen)
}

/// What [`special`] and [`mixed`] say of the most frequent values, where nothing that could join them
/// to other words follows: numbers, with a unit, and hexadecimal digits. `None` of all else.
pub(super) fn alone(bytes: &[u8], at: usize, end: usize, kinds: u8) -> Option<(usize, &'static str)> {
    if matches!(byte(bytes, end), b'-' | b':' | b'.' | b',' | b'/') {
        return None;
    }
    if kinds == DIGIT {
        return Some((end, "<num>"));
    }
    if end - at >= 8 {
        return (kinds == DIGIT | HEX_LETTER).then_some((end, "<hex>"));
    }
    let digits = at + run(bytes, at, |byte| byte.is_ascii_digit());
    let unit = run(bytes, digits, |byte| byte.is_ascii_alphabetic());
    let is_unit = digits > at && digits + unit == end && unit <= 3 && !matches!(byte(bytes, at + 1), b'x' | b'X');
    is_unit.then_some((digits, "<num>"))
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    from + run(bytes, from, |byte| byte.is_ascii_alphanumeric())
}

/// Digits, and digits that a single `.`, `,`, `:`, `-` or `/` joins to them.
pub(super) fn number_end(bytes: &[u8], from: usize) -> usize {
    let mut end = from + run(bytes, from, |byte| byte.is_ascii_digit());
    while matches!(byte(bytes, end), b'.' | b',' | b':' | b'-' | b'/') && byte(bytes, end + 1).is_ascii_digit() {
        let next = end + 1 + run(bytes, end + 1, |byte| byte.is_ascii_digit());
        // `1-node` and `1:a` are not one number
        if byte(bytes, next).is_ascii_alphabetic() && byte(bytes, end) != b'.' {
            break;
        }
        end = next;
    }
    end
}

/// Values that reach over what separates words: end and form.
pub(super) fn special(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let first = byte(bytes, at);
    let end = word_end(bytes, at);
    if first.is_ascii_alphabetic() && byte(bytes, end) == b':' {
        if bytes.get(end..).is_some_and(|rest| rest.starts_with(b"://")) {
            return Some((path_end(bytes, at), "<url>"));
        }
        if end == at + 1 && byte(bytes, end + 1) == b'\\' {
            return Some((path_end(bytes, at), "<path>"));
        }
    }
    if !first.is_ascii_hexdigit() {
        return None;
    }
    if first == b'0' && matches!(byte(bytes, at + 1), b'x' | b'X') {
        let digits = run(bytes, at + 2, |byte| byte.is_ascii_hexdigit());
        return (digits > 0 && at + 2 + digits == end).then_some((end, "<hex>"));
    }
    uuid(bytes, at)
        .or_else(|| time(bytes, at))
        .or_else(|| ipv4(bytes, at))
        .or_else(|| colons(bytes, at))
        .or_else(|| number(bytes, at))
}

fn uuid(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut next = at;
    for (i, group) in GROUPS.into_iter().enumerate() {
        if i > 0 {
            if byte(bytes, next) != b'-' {
                return None;
            }
            next += 1;
        }
        if run(bytes, next, |byte| byte.is_ascii_hexdigit()) != group {
            return None;
        }
        next += group;
    }
    (!byte(bytes, next).is_ascii_alphanumeric()).then_some((next, "<uuid>"))
}

/// `2026-01-31T10:00:00.5Z`, `…+01:00`.
fn time(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";
    let fits = SHAPE.iter().enumerate().all(|(i, wanted)| match wanted {
        b'0' => byte(bytes, at + i).is_ascii_digit(),
        wanted => byte(bytes, at + i) == *wanted,
    });
    if !fits {
        return None;
    }
    let mut end = at + SHAPE.len();
    if matches!(byte(bytes, end), b'.' | b',') {
        end += 1 + run(bytes, end + 1, |byte| byte.is_ascii_digit());
    }
    match byte(bytes, end) {
        b'Z' => end += 1,
        b'+' | b'-' => end += 1 + run(bytes, end + 1, |byte| byte.is_ascii_digit() || byte == b':'),
        _ => {}
    }
    Some((end, "<time>"))
}

fn ipv4(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let mut next = at;
    for i in 0..4 {
        if i > 0 {
            if byte(bytes, next) != b'.' {
                return None;
            }
            next += 1;
        }
        let digits = run(bytes, next, |byte| byte.is_ascii_digit());
        if !(1..=3).contains(&digits) {
            return None;
        }
        next += digits;
    }
    let more = byte(bytes, next) == b'.' && byte(bytes, next + 1).is_ascii_digit();
    (!more && !byte(bytes, next).is_ascii_alphanumeric()).then_some((next, "<ip>"))
}

/// Hexadecimal groups between colons: a hardware address, or IPv6. Times are neither: they have
/// fewer groups, and no letters.
fn colons(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let (mut next, mut groups, mut pairs, mut letters, mut empty) = (at, 0, 0, false, false);
    loop {
        let digits = run(bytes, next, |byte| byte.is_ascii_hexdigit());
        if digits > 4 {
            return None;
        }
        letters |= bytes.get(next..next + digits).is_some_and(|group| group.iter().any(u8::is_ascii_alphabetic));
        pairs += usize::from(digits == 2);
        empty |= digits == 0 && groups > 0;
        groups += 1;
        next += digits;
        let joins =
            byte(bytes, next) == b':' && (byte(bytes, next + 1).is_ascii_hexdigit() || byte(bytes, next + 1) == b':');
        if !joins || groups > 8 {
            break;
        }
        next += 1;
    }
    if byte(bytes, next).is_ascii_alphanumeric() {
        return None;
    }
    match (groups, pairs) {
        (6, 6) => Some((next, "<mac>")),
        (8, _) => Some((next, "<ip>")),
        (3..8, _) if empty => Some((next, "<ip>")),
        (4..8, _) if letters => Some((next, "<ip>")),
        _ => None,
    }
}

/// A number that ends where the word ends, or is followed by a unit of at most three letters.
fn number(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    if !byte(bytes, at).is_ascii_digit() {
        return None;
    }
    let end = number_end(bytes, at);
    let unit = run(bytes, end, |byte| byte.is_ascii_alphabetic());
    let ends = !byte(bytes, end + unit).is_ascii_digit();
    (unit == 0 || (unit <= 3 && ends && !is_hex(bytes, at))).then_some((end, "<num>"))
}

fn is_hex(bytes: &[u8], at: usize) -> bool {
    let end = word_end(bytes, at);
    bytes.get(at..end).and_then(mixed) == Some("<hex>")
}

/// A word of letters and digits that is a value as a whole.
pub(super) fn mixed(word: &[u8]) -> Option<&'static str> {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    if word.len() >= 8 && digits < word.len() && word.iter().all(u8::is_ascii_hexdigit) {
        return Some("<hex>");
    }
    let changes = word.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()));
    (word.len() >= 10 && changes.count() >= 4).then_some("<id>")
}
