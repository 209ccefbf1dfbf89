//! Regular expressions and Grok.

mod without_lookaround;

use super::parsed::{self, Found};
use super::{EXTRACTIONS_MAX, Extraction, KernelError, Target};
use crate::column::ColumnType;
use crate::work::Work;
use arrow_array::cast::AsArray;
use arrow_array::{Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of one pattern as text.
const PATTERN_BYTES_MAX: usize = 16 << 10;
/// Bytes of one compiled pattern, and of its cache of states.
const COMPILED_BYTES_MAX: usize = 2 << 20;
/// Characters of what the Grok crate says of a pattern.
const ERROR_CHARS_MAX: usize = 200;
/// Patterns that are kept compiled.
const PATTERNS_MAX: usize = 64;
/// Grok patterns that are kept compiled: the crate lets each have 10 MB.
const GROKS_MAX: usize = 8;

/// Compiled patterns, kept by whoever uses them again.
#[derive(Default)]
pub struct Patterns {
    regexes: HashMap<String, Arc<Regex>>,
    groks: HashMap<String, Arc<grok::Pattern>>,
}

impl Patterns {
    /// The compiled expression.
    ///
    /// # Errors
    /// [`KernelError::Argument`] when it is not one, or too large.
    pub fn regex(&mut self, pattern: &str) -> Result<Arc<Regex>, KernelError> {
        if let Some(compiled) = self.regexes.get(pattern) {
            return Ok(Arc::clone(compiled));
        }
        check_length(pattern)?;
        let compiled = RegexBuilder::new(pattern)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| KernelError::Argument(format!("pattern {pattern:?}: {error}")))?;
        Ok(keep(&mut self.regexes, PATTERNS_MAX, pattern, compiled))
    }

    fn grok(&mut self, pattern: &str) -> Result<Arc<grok::Pattern>, KernelError> {
        if let Some(compiled) = self.groks.get(pattern) {
            return Ok(Arc::clone(compiled));
        }
        check_length(pattern)?;
        let compiled = without_lookaround::GROK
            // groups for fields that were named, not for each pattern within a pattern
            .compile(pattern, true)
            .map_err(|error| KernelError::Argument(format!("grok pattern {pattern:?}: {}", cause(&error))))?;
        Ok(keep(&mut self.groks, GROKS_MAX, pattern, compiled))
    }
}

fn check_length(pattern: &str) -> Result<(), KernelError> {
    if pattern.len() <= PATTERN_BYTES_MAX {
        return Ok(());
    }
    let bytes = pattern.len();
    Err(KernelError::Argument(format!("a pattern has {bytes} bytes, at most {PATTERN_BYTES_MAX} are allowed")))
}

/// What is wrong, without the expression of thousands of bytes that was made of the pattern.
fn cause(error: &grok::Error) -> String {
    let message = error.to_string();
    match message.lines().find(|line| line.starts_with("error:")) {
        Some(line) => line.to_owned(),
        None => message.chars().take(ERROR_CHARS_MAX).collect(),
    }
}

/// Keeps a compiled pattern; one that makes new patterns in every call has none kept.
fn keep<T>(kept: &mut HashMap<String, Arc<T>>, at_most: usize, pattern: &str, compiled: T) -> Arc<T> {
    let compiled = Arc::new(compiled);
    if kept.len() >= at_most {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), Arc::clone(&compiled));
    compiled
}

/// Rows in whose text the expression matches somewhere.
///
/// # Errors
/// When the column has no text.
pub fn matches(work: &mut Work, column: &Target, pattern: &Regex) -> Result<BooleanBuffer, KernelError> {
    let values = work.read(&column.path, ColumnType::Text)?;
    let values: &StringViewArray = values.as_string_view();
    Ok(BooleanBuffer::collect_bool(values.len(), |row| values.is_valid(row) && pattern.is_match(values.value(row))))
}

/// Sets columns from named groups. Gives the rows that match.
///
/// # Errors
/// [`KernelError::Argument`] when the expression has no group of a name; when the source has no text, or
/// a target cannot be set.
pub fn regex(
    work: &mut Work,
    source: &Target,
    pattern: &Regex,
    groups: &[Extraction<'_>],
) -> Result<BooleanBuffer, KernelError> {
    if groups.len() > EXTRACTIONS_MAX {
        return Err(KernelError::Argument(format!("more than {EXTRACTIONS_MAX} groups")));
    }
    let numbers = groups.iter().map(|group| {
        let number = pattern.capture_names().position(|name| name == Some(group.path));
        number.ok_or_else(|| KernelError::Argument(format!("the pattern has no group named {:?}", group.path)))
    });
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let mut places = pattern.capture_locations();
    extract(work, source, groups, |text, row| {
        if pattern.captures_read(&mut places, text).is_none() {
            return false;
        }
        for (number, found) in numbers.iter().zip(row) {
            if let Some(part) = places.get(*number).and_then(|(start, end)| text.get(start..end)) {
                *found = Found::Text(Cow::Borrowed(part));
            }
        }
        true
    })
}

/// Sets columns from the fields of a Grok pattern, as `%{IP:client} %{WORD:verb}`. Gives the rows that
/// match.
///
/// # Errors
/// [`KernelError::Argument`] when the pattern is none or has no field of a name; when the source has no
/// text, or a target cannot be set.
pub fn grok(
    work: &mut Work,
    source: &Target,
    pattern: &str,
    patterns: &mut Patterns,
    fields: &[Extraction<'_>],
) -> Result<BooleanBuffer, KernelError> {
    if fields.len() > EXTRACTIONS_MAX {
        return Err(KernelError::Argument(format!("more than {EXTRACTIONS_MAX} fields")));
    }
    let compiled = patterns.grok(pattern)?;
    if let Some(field) = fields.iter().find(|field| !compiled.capture_names().any(|name| name == field.path)) {
        return Err(KernelError::Argument(format!("the grok pattern has no field named {:?}", field.path)));
    }
    extract(work, source, fields, |text, row| {
        let Some(matched) = compiled.match_against(text) else { return false };
        for (field, found) in fields.iter().zip(row) {
            if let Some(part) = matched.get(field.path) {
                // the crate's answer does not outlive the match
                *found = Found::Text(Cow::Owned(part.to_owned()));
            }
        }
        true
    })
}

fn extract(
    work: &mut Work,
    source: &Target,
    fields: &[Extraction<'_>],
    mut find: impl for<'t> FnMut(&'t str, &mut [Found<'t>]) -> bool,
) -> Result<BooleanBuffer, KernelError> {
    let texts = work.read(&source.path, ColumnType::Text)?;
    let texts: &StringViewArray = texts.as_string_view();
    let mut columns = parsed::columns(work, fields)?;
    let mut row: Vec<Found<'_>> = vec![Found::Nothing; fields.len()];
    let mut matched = Vec::with_capacity(texts.len());
    for at in 0..texts.len() {
        row.fill(Found::Nothing);
        matched.push(texts.is_valid(at) && find(texts.value(at), &mut row));
        for (column, found) in columns.iter_mut().zip(&row) {
            column.push(found);
        }
    }
    parsed::store(work, fields, columns)?;
    Ok(BooleanBuffer::from(matched))
}
