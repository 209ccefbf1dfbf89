//! Strings with and without escapes.

use std::borrow::Cow;

use crate::swar;

/// The text of what is between quotes. An escape that is none becomes U+FFFD.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    let bytes = raw.as_bytes();
    let Some(mut escape) = swar::find_byte(bytes, 0, b'\\') else { return Cow::Borrowed(raw) };
    let mut text = String::with_capacity(raw.len());
    let mut from = 0;
    loop {
        text.push_str(raw.get(from..escape).unwrap_or_default());
        let (character, length) = escaped(bytes.get(escape + 1..).unwrap_or_default());
        text.push(character);
        from = escape + 1 + length;
        match swar::find_byte(bytes, from, b'\\') {
            Some(next) => escape = next,
            None => break,
        }
    }
    text.push_str(raw.get(from..).unwrap_or_default());
    Cow::Owned(text)
}

/// The character behind a backslash, and how many bytes it takes there.
fn escaped(bytes: &[u8]) -> (char, usize) {
    let character = match bytes.first() {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode(bytes),
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        // nothing is taken, so that no character is cut
        _ => return (char::REPLACEMENT_CHARACTER, 0),
    };
    (character, 1)
}

/// The same behind `\`, for `uXXXX` and for a pair of them (RFC 8259, section 7).
fn unicode(bytes: &[u8]) -> (char, usize) {
    let Some(first) = unit(bytes) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if let Some(character) = char::from_u32(first) {
        return (character, 5);
    }
    let second = bytes.get(5..).and_then(|rest| rest.strip_prefix(b"\\")).and_then(unit);
    match second {
        Some(second @ 0xdc00..=0xdfff) if first < 0xdc00 => {
            let character = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            (char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        _ => (char::REPLACEMENT_CHARACTER, 5),
    }
}

fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(1..5).filter(|_| bytes.first() == Some(&b'u'))?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// Writes a text as a JSON string, with its quotes.
pub fn quote(into: &mut String, text: &str) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            control @ '\0'..='\u{1f}' => {
                into.push_str("\\u00");
                into.extend(
                    [u32::from(control) >> 4, u32::from(control) & 15].map(|d| char::from_digit(d, 16).unwrap_or('0')),
                );
            }
            other => into.push(other),
        }
    }
    into.push('"');
}
