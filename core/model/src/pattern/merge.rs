//! Patterns that differ in a word that is a value.
//!
//! Drain (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", 2017) joins
//! patterns that agree in a share of their words, so `session opened for root` and `session closed
//! for root` become one. Here a place becomes a wildcard when many different words stand there and
//! all else agrees: many users are values, two verbs are not. Where values stand in several places
//! at once, so that no two patterns agree in all else, Drain's similarity decides, but only among
//! so many patterns that they cannot all be meant.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Stands for a word that differs.
pub const WILDCARD: &str = "<*>";
/// Different words at one place that make it a value, all else being equal.
const WORDS_MIN: usize = 4;
/// Patterns of one length and first word that cannot all be meant.
const CROWD_MIN: usize = 8;
/// Share of equal words, in percent, of two patterns that are one in a crowd.
const SIMILAR_PERCENT: usize = 50;
/// Patterns of a crowd that each further one is compared with.
const COMPARED_MAX: usize = 64;
/// Words of a pattern beyond which places are not looked at.
const WORDS_MAX: usize = 128;
/// Rounds of looking for places; each finds at least one or is the last.
const ROUNDS_MAX: usize = 4;

struct Entry<T> {
    words: Vec<Box<str>>,
    value: Option<T>,
}

/// Patterns with what is known of each, those that are one joined; `join` adds the second to the
/// first. The outcome does not depend on the order of patterns, its order does.
pub fn merge<T>(patterns: impl IntoIterator<Item = (String, T)>, mut join: impl FnMut(&mut T, T)) -> Vec<(String, T)> {
    let mut patterns: Vec<(String, T)> = patterns.into_iter().collect();
    patterns.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut entries: Vec<Entry<T>> = patterns.into_iter().map(Entry::new).collect();
    for _ in 0..ROUNDS_MAX {
        if !widen_places(&mut entries, &mut join) {
            break;
        }
    }
    join_crowds(&mut entries, &mut join);
    entries.retain(|entry| entry.value.is_some());
    join_equal(entries, &mut join)
}

impl<T> Entry<T> {
    fn new((pattern, value): (String, T)) -> Self {
        Self { words: pattern.split_whitespace().map(Box::from).collect(), value: Some(value) }
    }

    /// A sum over the words by place, so that one word can be taken out of it again.
    fn sum(&self) -> u64 {
        self.words.iter().enumerate().fold(0, |sum, (at, word)| sum.wrapping_add(mix(at, word)))
    }
}

fn mix(at: usize, word: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((at, word))
}

/// Whether all words but the one at `place` agree.
fn agree_but<T>(a: &Entry<T>, b: &Entry<T>, place: usize) -> bool {
    a.words.iter().zip(&b.words).enumerate().all(|(at, (a, b))| at == place || a == b)
}

/// Turns places with many words into wildcards; false when there was none.
fn widen_places<T>(entries: &mut Vec<Entry<T>>, join: &mut impl FnMut(&mut T, T)) -> bool {
    let mut alike: HashMap<(usize, usize, u64), Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let sum = entry.sum();
        // a single word is all there is of a pattern: never a value
        let places = if entry.words.len() > 1 { entry.words.len().min(WORDS_MAX) } else { 0 };
        for (place, word) in entry.words.iter().enumerate().take(places) {
            let key = (entry.words.len(), place, sum.wrapping_sub(mix(place, word)));
            alike.entry(key).or_default().push(index);
        }
    }
    let mut groups: Vec<((usize, usize, u64), Vec<usize>)> =
        alike.into_iter().filter(|(_, members)| members.len() > 1).collect();
    // the largest first, since a pattern that was joined is gone for the others
    groups.sort_unstable_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    let mut changed = false;
    for ((_, place, _), members) in groups {
        changed |= widen(entries, place, &members, join);
    }
    entries.retain(|entry| entry.value.is_some());
    changed
}

fn widen<T>(entries: &mut [Entry<T>], place: usize, members: &[usize], join: &mut impl FnMut(&mut T, T)) -> bool {
    let live: Vec<usize> =
        members.iter().copied().filter(|i| entries.get(*i).is_some_and(|e| e.value.is_some())).collect();
    let Some((first, rest)) = live.split_first() else { return false };
    let same: Vec<usize> = rest
        .iter()
        .copied()
        .filter(|i| matches!((entries.get(*first), entries.get(*i)), (Some(a), Some(b)) if agree_but(a, b, place)))
        .collect();
    let word = |index: &usize| entries.get(*index).and_then(|e| e.words.get(place)).map(|word| word.as_ref());
    let is_wide = same.iter().chain([first]).any(|index| word(index) == Some(WILDCARD));
    if same.is_empty() || (same.len() + 1 < WORDS_MIN && !is_wide) {
        return false;
    }
    let values: Vec<T> = same.iter().filter_map(|i| entries.get_mut(*i)?.value.take()).collect();
    let Some(target) = entries.get_mut(*first) else { return false };
    if let Some(word) = target.words.get_mut(place) {
        *word = WILDCARD.into();
    }
    for value in values {
        if let Some(sum) = &mut target.value {
            join(sum, value);
        }
    }
    true
}

/// Joins similar patterns where there are too many of one length and first word.
fn join_crowds<T>(entries: &mut [Entry<T>], join: &mut impl FnMut(&mut T, T)) {
    let mut crowds: HashMap<(usize, Box<str>), Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let first = entry.words.first().cloned().unwrap_or_default();
        crowds.entry((entry.words.len(), first)).or_default().push(index);
    }
    for (_, members) in crowds.into_iter().filter(|(key, members)| members.len() >= CROWD_MIN && key.0 > 2) {
        let mut kept: Vec<usize> = Vec::new();
        for index in members {
            let Some(entry) = entries.get(index) else { continue };
            let similar = kept
                .iter()
                .take(COMPARED_MAX)
                .copied()
                .find(|kept| entries.get(*kept).is_some_and(|kept| are_similar(&kept.words, &entry.words)));
            match similar {
                None => kept.push(index),
                Some(kept) => join_into(entries, kept, index, join),
            }
        }
    }
}

/// Words that are forms or wildcards in both say little: they count half.
fn are_similar(a: &[Box<str>], b: &[Box<str>]) -> bool {
    let weight = |word: &str| if word.contains('<') { 1 } else { 2 };
    let equal: usize = a.iter().zip(b).filter(|(a, b)| a == b).map(|(a, _)| weight(a)).sum();
    let all: usize = a.iter().zip(b).map(|(a, b)| if a == b { weight(a) } else { 2 }).sum();
    equal * 100 > all * SIMILAR_PERCENT
}

fn join_into<T>(entries: &mut [Entry<T>], kept: usize, index: usize, join: &mut impl FnMut(&mut T, T)) {
    let Some(entry) = entries.get_mut(index) else { return };
    let (words, value) = (std::mem::take(&mut entry.words), entry.value.take());
    let Some(target) = entries.get_mut(kept) else { return };
    for (word, other) in target.words.iter_mut().zip(words) {
        if *word != other {
            *word = WILDCARD.into();
        }
    }
    if let (Some(sum), Some(value)) = (&mut target.value, value) {
        join(sum, value);
    }
}

/// Patterns that became the same.
fn join_equal<T>(entries: Vec<Entry<T>>, join: &mut impl FnMut(&mut T, T)) -> Vec<(String, T)> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut joined: Vec<(String, T)> = Vec::with_capacity(entries.len());
    for Entry { words, value } in entries {
        let (pattern, Some(value)) = (words.join(" "), value) else { continue };
        match places.get(&pattern).and_then(|at| joined.get_mut(*at)) {
            Some((_, sum)) => join(sum, value),
            None => {
                places.insert(pattern.clone(), joined.len());
                joined.push((pattern, value));
            }
        }
    }
    joined
}
