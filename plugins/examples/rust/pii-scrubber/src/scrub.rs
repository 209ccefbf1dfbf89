//! Finds what is to be masked in a text.

use std::ops::Range;

use lincei_sdk::swar;

/// What is masked.
pub(crate) struct Scrubber {
    pub(crate) emails: bool,
    pub(crate) cards: bool,
    pub(crate) tokens: bool,
}

impl Scrubber {
    /// The text with everything masked; `None` if there is nothing to mask.
    pub(crate) fn scrub(&self, text: &str) -> Option<String> {
        let mut found = Vec::new();
        // of what begins at one place the first counts
        if self.tokens {
            tokens(text.as_bytes(), &mut found);
        }
        if self.emails {
            emails(text.as_bytes(), &mut found);
        }
        if self.cards {
            cards(text.as_bytes(), &mut found);
        }
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|(range, _)| range.start);
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for (range, mask) in found {
            // what overlaps something masked goes with it
            if range.start >= end {
                masked.push_str(text.get(end..range.start)?);
                masked.push_str(mask);
            }
            end = end.max(range.end);
        }
        masked.push_str(text.get(end..)?);
        Some(masked)
    }
}

type Found = Vec<(Range<usize>, &'static str)>;

/// Addresses of the usual form: letters, digits and `._%+-`, `@`, labels of letters, digits and hyphens of
/// which the last has two letters at least.
fn emails(text: &[u8], found: &mut Found) {
    let mut from = 0;
    while let Some(at) = swar::find_byte(text, from, b'@') {
        from = at + 1;
        let local = text[..at].iter().rev().take_while(|byte| is_local(**byte)).count();
        let domain =
            text[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)).count();
        // a full stop or a hyphen behind it belongs to the sentence
        let trimmed = text[from..from + domain].iter().rev().skip_while(|byte| b".-".contains(byte)).count();
        let name = &text[from..from + trimmed];
        let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        let is_domain = last.len() < name.len() && last.len() >= 2 && last.iter().all(u8::is_ascii_alphabetic);
        if local > 0 && is_domain {
            found.push((at - local..from + trimmed, "[email]"));
            from += trimmed;
        }
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte)
}

/// Numbers of 12 to 19 digits with a right check digit that begin as those of payment cards do, also in groups of
/// three digits or more with a space or a hyphen between them.
fn cards(text: &[u8], found: &mut Found) {
    let mut from = 0;
    while let Some(start) = swar::find_digit(text, from) {
        let (end, digits) = run(text, start);
        from = end;
        let before = start.checked_sub(1).and_then(|place| text.get(place));
        let after = (text.get(end), text.get(end + 1));
        // a part of a name, of an identifier or of a number with a point
        let is_part = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte))
            || matches!(after, (Some(byte), _) if byte.is_ascii_alphanumeric() || *byte == b'_')
            || matches!(after, (Some(b'.'), Some(byte)) if byte.is_ascii_digit());
        if (12..=19).contains(&digits) && !is_part && is_card(&text[start..end]) {
            found.push((start..end, "[card]"));
        }
    }
}

/// Where a number that starts here ends, and how many digits it has: 0 if a group is too short.
fn run(text: &[u8], start: usize) -> (usize, usize) {
    let (mut end, mut digits, mut group, mut short) = (start, 0, 0, false);
    loop {
        match text.get(end) {
            Some(byte) if byte.is_ascii_digit() => {
                digits += 1;
                group += 1;
            }
            Some(b' ' | b'-') if text.get(end + 1).is_some_and(u8::is_ascii_digit) => {
                short |= group < 3;
                group = 0;
            }
            _ => break,
        }
        end += 1;
    }
    (end, if short || group < 3 && group < digits { 0 } else { digits })
}

/// First digits by ISO/IEC 7812 (3 to 6, and Mastercard's 2221 to 2720), check digit by its annex B.
fn is_card(number: &[u8]) -> bool {
    let (mut sum, mut place, mut prefix) = (0u32, 0, 0u32);
    for digit in number.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0')) {
        sum += if place % 2 == 0 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } };
        place += 1;
    }
    for digit in number.iter().filter(|byte| byte.is_ascii_digit()).take(4) {
        prefix = prefix * 10 + u32::from(digit - b'0');
    }
    sum % 10 == 0 && matches!(prefix, 2221..=2720 | 3000..=6999)
}

/// What follows `Bearer` and is a token (RFC 6750, section 2.1), and not a word.
fn tokens(text: &[u8], found: &mut Found) {
    const SCHEME: &[u8] = b"bearer ";
    let mut from = 0;
    while let Some(start) = swar::find_pair_ignore_case(text, from, b'b', b'e') {
        from = start + 2;
        let Some(scheme) = text.get(start..start + SCHEME.len()) else { break };
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            continue;
        }
        let token = start + SCHEME.len();
        let rest = text.get(token..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte)).count();
        let has_digit = rest[..length].iter().any(u8::is_ascii_digit);
        if length >= 20 || length >= 8 && has_digit {
            found.push((token..token + length, "[token]"));
        }
        from = token + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str) -> String {
        Scrubber { emails: true, cards: true, tokens: true }.scrub(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn addresses_are_masked() {
        assert_eq!(scrubbed("to ada.l+x@mail.example.org."), "to [email].");
        assert_eq!(scrubbed("<a@b.de>,c@d.co.uk"), "<[email]>,[email]");
        for text in ["@", "a@", "@b.de", "a@b", "a@b.c", "x @ y.de", "a@b.1x", "root@localhost:22"] {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn numbers_of_cards_are_masked() {
        for number in ["4111111111111111", "4111 1111 1111 1111", "5500-0055-5555-5559", "3782 822463 10005"] {
            assert_eq!(scrubbed(number), "[card]");
            assert_eq!(scrubbed(&format!("é{number}.")), "é[card].");
        }
        // wrong check digit, a time in ms, an identifier, a fraction, a date, too long, a UUID's part
        for text in [
            "4111111111111112",
            "1772366400005",
            "a4111111111111111",
            "4111111111111111x",
            "0.4111111111111111",
            "4111111111111111.5",
            "4111-11-11-11-11-1111",
            "41111111111111111111",
            "d716-446655440000",
            "41 11",
            "5",
        ] {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn tokens_are_masked() {
        assert_eq!(scrubbed("Authorization: Bearer abc123.def-456, ok"), "Authorization: Bearer [token], ok");
        assert_eq!(scrubbed("bearer AAAAAAAAAAAAAAAAAAAA="), "bearer [token]");
        for text in ["bearer certificates", "bearer of news", "Bearer ", "Bearer", "be", "b", "bearer a1"] {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn what_overlaps_is_masked_once() {
        assert_eq!(scrubbed("Bearer 4111111111111111 a@b.de"), "Bearer [token] [email]");
        assert_eq!(scrubbed("Bearer abc.12345678@b.de"), "Bearer [token]");
        let long = "é".repeat(100);
        assert_eq!(scrubbed(&format!("{long}a@b.de{long}")), format!("{long}[email]{long}"));
    }
}
