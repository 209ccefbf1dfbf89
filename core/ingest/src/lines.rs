//! A body as lines.

use memchr::memchr;

/// One line without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: usize,
    /// Where in the body it begins.
    pub(crate) start: usize,
    pub(crate) text: &'a [u8],
}

/// The lines of `body` that are not blank. They end with `\n` or `\r\n`; the last needs no end.
pub(crate) fn lines(body: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    let mut number = 0;
    let all = std::iter::from_fn(move || {
        let rest = body.get(at..).filter(|rest| !rest.is_empty())?;
        let len = memchr(b'\n', rest).unwrap_or(rest.len());
        let text = rest.get(..len)?;
        let line = Line { number: number + 1, start: at, text: text.strip_suffix(b"\r").unwrap_or(text) };
        at += len + 1;
        number += 1;
        Some(line)
    });
    all.filter(|line| !line.text.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_counted_and_left_out() {
        let body = b"a\r\n\n  \nb\n\r\nc\rd";
        let found: Vec<_> = lines(body).map(|line| (line.number, line.start, line.text)).collect();
        assert_eq!(found, [(1, 0, &b"a"[..]), (4, 7, b"b"), (6, 11, b"c\rd")]);
        assert_eq!(lines(b"").count() + lines(b"\n\n").count(), 0);
    }
}
