use crate::severity;

/// A level found in a line.
pub(super) struct Level<'a> {
    pub(super) number: u8,
    /// As written; `None` for a letter.
    pub(super) text: Option<&'a [u8]>,
}

/// How many words, parted by white space, are looked at.
const WORDS_MAX: usize = 9;

/// Words that are a level in running text. `severity` knows more, which here would be guesses.
const WORDS: [&str; 19] = [
    "trace",
    "debug",
    "info",
    "information",
    "notice",
    "warn",
    "warning",
    "error",
    "err",
    "crit",
    "critical",
    "alert",
    "fatal",
    "panic",
    "emerg",
    "emergency",
    "severe",
    "verbose",
    "fine",
];

fn number_of(word: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(word).ok()?;
    WORDS.iter().find(|known| known.eq_ignore_ascii_case(text)).and_then(|known| severity::number_of(known))
}

/// The letter that begins a line of glog or klog, as in `I1122 10:11:12.345678`.
pub(super) fn klog_letter(line: &[u8]) -> Option<u8> {
    let (letter, rest) = line.split_first()?;
    let is_head = rest.get(..4).is_some_and(|date| date.iter().all(u8::is_ascii_digit)) && rest.get(4) == Some(&b' ');
    severity::from_letter(*letter).filter(|_| is_head && rest.get(7) == Some(&b':'))
}

/// The level of a line whose timestamp ends at `after`.
pub(super) fn find(line: &[u8], after: usize, has_time: bool) -> Option<Level<'_>> {
    if let Some(number) = klog_letter(line) {
        return Some(Level { number, text: None });
    }
    let rest = line.get(after..).unwrap_or_default();
    if has_time && let Some(number) = logcat(rest) {
        return Some(Level { number, text: None });
    }
    // before the timestamp there may be a level too: `ERROR 2026-11-22 10:11:12 …`
    let head = line.get(..after).unwrap_or_default();
    words(rest, has_time).or_else(|| words(head, false))
}

/// `  1702  2395 D WindowManager: …`: process, thread, letter.
fn logcat(rest: &[u8]) -> Option<u8> {
    let mut words = rest.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    let (process, thread, letter) = (words.next()?, words.next()?, words.next()?);
    match letter {
        [letter] if is_number(process) && is_number(thread) => severity::from_letter(*letter),
        _ => None,
    }
}

fn words(text: &[u8], after_time: bool) -> Option<Level<'_>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut at = 0;
    let mut spaced = 0;
    let mut is_first = true;
    loop {
        let gap = text.get(at..)?.iter().position(is_word)?;
        spaced += usize::from(at > 0 && text.get(at..at + gap)?.iter().any(u8::is_ascii_whitespace));
        if spaced >= WORDS_MAX {
            return None;
        }
        at += gap;
        let rest = text.get(at..)?;
        let len = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        let word = rest.get(..len)?;
        if let Some(number) = number_of(word) {
            let before = at.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
            let behind = text.get(at + len).copied().unwrap_or(b' ');
            if stands_out(word, before, behind, after_time && is_first) {
                return Some(Level { number, text: Some(word) });
            }
        }
        is_first = false;
        at += len;
    }
}

/// Whether a word is meant as a level and not as a part of a sentence.
fn stands_out(word: &[u8], before: u8, behind: u8, is_first: bool) -> bool {
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'|' | b',');
    let capitals = word.iter().all(u8::is_ascii_uppercase);
    let bracketed = matches!((before, behind), (b'[' | b':', b']') | (b'<', b'>') | (b'(', b')'));
    let labelled = before == b'=' || behind == b':' && (is_space(before) || before == b'[');
    let alone = is_space(before) && is_space(behind);
    bracketed || labelled || alone && (capitals || is_first) || capitals && matches!(behind, b']' | b'/' | b'>' | b'"')
}
