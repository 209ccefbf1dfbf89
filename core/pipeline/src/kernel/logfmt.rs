//! `key=value` pairs.

use super::parsed::{self, Found};
use super::{EXTRACTIONS_MAX, Extraction, KernelError, Target};
use crate::column::ColumnType;
use crate::work::Work;
use arrow_array::cast::AsArray;
use arrow_array::{Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use std::borrow::Cow;

/// Sets columns from `key=value` pairs; values may stand in double quotes, with the escapes of JSON.
/// Of pairs with one key the last counts. Gives the rows that have one of the keys.
///
/// # Errors
/// When the source has no text, or a target cannot be set.
pub fn logfmt(work: &mut Work, source: &Target, fields: &[Extraction<'_>]) -> Result<BooleanBuffer, KernelError> {
    if fields.len() > EXTRACTIONS_MAX {
        return Err(KernelError::Argument(format!("more than {EXTRACTIONS_MAX} keys")));
    }
    let texts = work.read(&source.path, ColumnType::Text)?;
    let texts: &StringViewArray = texts.as_string_view();
    let mut columns = parsed::columns(work, fields)?;
    let mut row: Vec<Found<'_>> = vec![Found::Nothing; fields.len()];
    let mut matched = Vec::with_capacity(texts.len());
    for at in 0..texts.len() {
        row.fill(Found::Nothing);
        let mut rest = if texts.is_valid(at) { texts.value(at) } else { "" };
        let mut has_key = false;
        while let Some((key, value, after)) = next_pair(rest) {
            rest = after;
            for (_, found) in fields.iter().zip(&mut row).filter(|(field, _)| field.path == key) {
                *found = Found::Text(value.clone());
                has_key = true;
            }
        }
        matched.push(has_key);
        for (column, found) in columns.iter_mut().zip(&row) {
            column.push(found);
        }
    }
    parsed::store(work, fields, columns)?;
    Ok(BooleanBuffer::from(matched))
}

/// The next pair and what follows it. Words without `=` are passed over.
fn next_pair(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace())?;
        let (key, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=').filter(|_| !key.is_empty()) else {
            rest = after.strip_prefix('=').unwrap_or(after);
            continue;
        };
        return Some(match after.strip_prefix('"').and_then(quoted) {
            Some((value, after)) => (key, value, after),
            None => {
                let (value, after) = after.split_at(after.find(char::is_whitespace).unwrap_or(after.len()));
                (key, Cow::Borrowed(value), after)
            }
        });
    }
}

/// A value up to its closing quote, and what follows; `None` when there is no such quote.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut is_escaped = false;
    let mut has_escapes = false;
    let end = text.find(|c| {
        let closes = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        has_escapes |= is_escaped;
        closes
    })?;
    let (value, after) = text.split_at(end);
    let after = after.strip_prefix('"').unwrap_or(after);
    if !has_escapes {
        return Some((Cow::Borrowed(value), after));
    }
    Some((Cow::Owned(unescape(value)), after))
}

/// Escapes as Go's `strconv.Quote` and intake know them; others stay as they are.
fn unescape(quoted: &str) -> String {
    let mut plain = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut chars = after.chars();
        let escape = chars.next();
        rest = chars.as_str();
        match escape {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('b') => plain.push('\u{8}'),
            Some('f') => plain.push('\u{c}'),
            Some(c @ ('"' | '\\' | '/' | '\'')) => plain.push(c),
            Some('u') => match code_point(rest) {
                Some((c, after)) => {
                    plain.push(c);
                    rest = after;
                }
                None => plain.push_str("\\u"),
            },
            other => plain.extend(std::iter::once('\\').chain(other)),
        }
    }
    plain.push_str(rest);
    plain
}

/// Four hexadecimal digits, or twice four for a surrogate pair, and what follows.
fn code_point(text: &str) -> Option<(char, &str)> {
    let digits = |text: &str| text.get(..4).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = |text: &str| u32::from_str_radix(text.get(..4).filter(|_| digits(text))?, 16).ok();
    let (first, after) = (number(text)?, text.get(4..)?);
    if let Some(c) = char::from_u32(first) {
        return Some((c, after));
    }
    let low = after.strip_prefix("\\u").filter(|_| first < 0xdc00)?;
    let second = number(low)?.checked_sub(0xdc00).filter(|second| *second < 0x400)?;
    Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)?, low.get(4..)?))
}
