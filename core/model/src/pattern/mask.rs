//! Values in a text, each replaced by its form, in one pass over the bytes.
//!
//! | form | for | example |
//! |---|---|---|
//! | `<num>` | numbers, with sign, fraction, and what joins digits: dates, times, versions | `-1.5`, `10:30`, `1,000` |
//! | `<time>` | date and time in one word (RFC 3339) | `2026-01-31T10:00:00Z` |
//! | `<hex>` | `0x…`, and eight or more hexadecimal digits of both kinds | `0x1f`, `9f86d081` |
//! | `<uuid>` | RFC 9562, section 4 | `123e4567-e89b-12d3-a456-426614174000` |
//! | `<ip>` | IPv4 and IPv6 addresses | `10.0.0.1`, `fe80::1` |
//! | `<mac>` | six pairs of hexadecimal digits | `00:1b:44:11:3a:b7` |
//! | `<str>` | text between quotes, which stay; names before a colon stay as they are | `"a b"` |
//! | `<path>` | file paths and paths of URLs | `/var/log/x`, `C:\x` |
//! | `<url>` | with a scheme | `https://example.org/` |
//! | `<id>` | ten or more letters and digits that alternate | `a1b22c333d4` |
//!
//! In other words with digits, only these become `<num>`: `node12` is `node<num>`. Only the first
//! line counts, and of it the first 1,024 bytes.

use super::BODY_BYTES_MAX;
use super::shape;
use memchr::memchr;

/// Appends the body's pattern to `out`.
pub fn mask(body: &str, out: &mut String) {
    let line = match memchr(b'\n', body.as_bytes()) {
        None => body,
        Some(_) => body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default(),
    };
    let line = line.trim_end();
    let line = line.get(..line.floor_char_boundary(BODY_BYTES_MAX)).unwrap_or(line);
    Masking { text: line, bytes: line.as_bytes(), kept: 0, out }.run();
}

struct Masking<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Up to here the text is in `out`.
    kept: usize,
    out: &'a mut String,
}

impl Masking<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        let mut at = shape::skip(self.bytes, 0);
        while at < self.bytes.len() {
            let next = match self.byte(at) {
                quote @ (b'"' | b'\'' | b'`') => self.quoted(at, quote),
                b'/' => self.path(at),
                b'-' | b'+' if self.byte(at + 1).is_ascii_digit() && !self.after_word(at) => self.word(at + 1, at),
                byte if byte.is_ascii_alphanumeric() => self.word(at, at),
                _ => at + 1,
            };
            at = shape::skip(self.bytes, next);
        }
        self.keep(self.bytes.len());
    }

    /// Whether a letter or digit stands directly before.
    fn after_word(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| self.byte(before).is_ascii_alphanumeric())
    }

    fn keep(&mut self, to: usize) {
        self.out.push_str(self.text.get(self.kept..to).unwrap_or_default());
        self.kept = to;
    }

    /// Replaces what lies between by its form.
    fn put(&mut self, from: usize, to: usize, form: &str) -> usize {
        self.keep(from);
        self.out.push_str(form);
        self.kept = to;
        to
    }

    /// An apostrophe inside a word is none; what is quoted before a colon is a name, as in JSON.
    fn quoted(&mut self, at: usize, quote: u8) -> usize {
        if quote == b'\'' && self.after_word(at) {
            return at + 1;
        }
        let Some(end) = shape::closing_quote(self.bytes, at) else { return at + 1 };
        if quote == b'"' && self.byte(end + 1) == b':' {
            return end + 1;
        }
        if end == at + 1 {
            return end + 1;
        }
        self.put(at + 1, end, "<str>") + 1
    }

    fn path(&mut self, at: usize) -> usize {
        let before = at.checked_sub(1).map_or(b' ', |before| self.byte(before));
        let starts = matches!(before, b' ' | b'\t' | b'=' | b':' | b'(' | b'[' | b'<' | b'{' | b',' | b'>' | b'|');
        let names = self.byte(at + 1);
        if !starts || !(names.is_ascii_alphanumeric() || matches!(names, b'_' | b'.' | b'~' | b'%')) {
            return at + 1;
        }
        self.put(at, shape::path_end(self.bytes, at), "<path>")
    }

    /// A word that begins at `at`; a sign before it begins at `from`.
    fn word(&mut self, at: usize, from: usize) -> usize {
        let (end, kinds) = shape::word(self.bytes, at);
        // most words: no value has their shape
        if kinds & shape::DIGIT == 0 && self.byte(end) != b':' && !(self.byte(end) == b'-' && end == at + 8) {
            return end;
        }
        let found = shape::alone(self.bytes, at, end, kinds).or_else(|| shape::special(self.bytes, at));
        if let Some((end, form)) = found {
            return self.put(if form == "<num>" { from } else { at }, end, form);
        }
        let word = self.bytes.get(at..end).unwrap_or_default();
        if let Some(form) = shape::mixed(word) {
            return self.put(at, end, form);
        }
        // digits in other words, one run after the other
        let mut next = at;
        while next < end {
            if self.byte(next).is_ascii_digit() {
                let to = shape::number_end(self.bytes, next);
                self.put(if next == at { from } else { next }, to, "<num>");
                next = to;
            } else {
                next += 1;
            }
        }
        next.max(end)
    }
}
