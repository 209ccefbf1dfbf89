//! Numbers as text, in the form that reads back exactly and is a JSON number at the same time.

use std::fmt::Write as _;

/// Room for any `i64` or `u64` in decimal.
const DECIMAL_BYTES: usize = 20;

/// Appends `value` in decimal.
pub(crate) fn push_i64(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    push_u64(out, value.unsigned_abs());
}

/// Appends `value` in decimal; several times faster than the formatting machinery, on a path that
/// every integer attribute takes.
pub(crate) fn push_u64(out: &mut String, mut value: u64) {
    let mut digits = [0u8; DECIMAL_BYTES];
    let mut start = DECIMAL_BYTES;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
        start -= 1;
        if value == 0 {
            break;
        }
    }
    out.push_str(digits.get(start..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default());
}

/// Appends lower-case hex.
pub(crate) fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const CHUNK: usize = 16;
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    let mut text = [0u8; 2 * CHUNK];
    for chunk in bytes.chunks(CHUNK) {
        for (pair, byte) in text.chunks_exact_mut(2).zip(chunk) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        out.push_str(text.get(..2 * chunk.len()).and_then(|hex| std::str::from_utf8(hex).ok()).unwrap_or_default());
    }
}

/// Appends `text` as a JSON string, escaped only where RFC 8259 section 7 demands it.
pub(crate) fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = tail.chars();
        match characters.next() {
            Some('\u{8}') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(escaped @ ('"' | '\\')) => out.extend(['\\', escaped]),
            Some(control) => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_ecmascript_does() {
        // from `String(x)` in a JavaScript engine, but for -0 and for the `+` of exponents
        let cases = [
            (637.704, "637.704"),
            (5.0, "5"),
            (-0.0, "-0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1e21"),
            (1e20, "100000000000000000000"),
            (1e-6, "0.000001"),
            (f64::MAX, "1.7976931348623157e308"),
            (5e-324, "5e-324"),
            (1e-7, "1e-7"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, want) in cases {
            let mut out = String::new();
            lincei_model::text_of_f64(&mut out, value);
            assert_eq!(out, want);
        }
    }

    #[test]
    fn integers_reach_their_ends() {
        for value in [0, 1, -1, 9, 10, 1_234_567_890, i64::MAX, i64::MIN] {
            let mut out = String::from(">");
            push_i64(&mut out, value);
            assert_eq!(out, format!(">{value}"));
        }
        let mut out = String::new();
        push_u64(&mut out, u64::MAX);
        assert_eq!(out, "18446744073709551615");
    }

    #[test]
    fn strings_are_escaped_like_another_json_writer_does() {
        let mut every = (0..0x80u8).map(char::from).collect::<String>();
        every.push_str("é€😀\u{2028}");
        for text in ["", "plain", "\"", "a\\b", &every] {
            let mut out = String::new();
            push_json_string(&mut out, text);
            assert_eq!(out, serde_json::to_string(text).unwrap());
        }
    }

    #[test]
    fn hex_is_lower_case() {
        let mut out = String::new();
        push_hex(&mut out, &[0x00, 0x0f, 0xAB, 0xff]);
        assert_eq!(out, "000fabff");
        push_hex(&mut out, &[0x12; 17]);
        assert_eq!(out, format!("000fabff{}", "12".repeat(17)));
    }
}
