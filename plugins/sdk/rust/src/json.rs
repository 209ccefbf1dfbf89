//! Finds fields of JSON objects without building a tree.
//!
//! It reads each byte at most once, jumps through strings 16 bytes at a time, and allocates nothing unless a
//! string has escapes. It does not check what it jumps over: of broken JSON it may give the fields before the
//! place where it breaks.

use std::borrow::Cow;

mod scan;
mod string;
#[cfg(test)]
mod tests;

pub use scan::Items;
pub use string::quote;

/// A value in its place in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    /// What is between the quotes, with its escapes.
    String(&'a str),
    /// With its brackets.
    Array(&'a str),
    /// With its braces.
    Object(&'a str),
}

impl<'a> Value<'a> {
    /// The text of a string, without escapes.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::String(raw) => Some(string::unescape(raw)),
            _ => None,
        }
    }

    /// A number that is whole and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// A number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// A truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The values of an array; of anything else none.
    #[must_use]
    pub fn items(&self) -> Items<'a> {
        Items::new(match self {
            Self::Array(text) => text,
            _ => "",
        })
    }
}

/// The field at a path: a key, or keys with full stops between them for objects within. A key that has a full
/// stop itself is found, too. Of keys that come twice the first counts.
#[must_use]
pub fn get<'a>(text: &'a str, path: &str) -> Option<Value<'a>> {
    fields(text, &[path])?[0]
}

/// The fields at some paths, at most 32, found in one pass which ends as soon as all are found. `None` if the
/// text is no JSON object, or breaks before all are found.
#[must_use]
pub fn fields<'a, const N: usize>(text: &'a str, paths: &[&str; N]) -> Option<[Option<Value<'a>>; N]> {
    const { assert!(N <= 32, "at most 32 paths") };
    let mut found = [None; N];
    scan::object(text, paths, &mut found)?;
    Some(found)
}

/// The text of a string field, of anything else the empty text: for configurations.
#[must_use]
pub fn text<'a>(json: &'a str, path: &str) -> Cow<'a, str> {
    get(json, path).and_then(|value| value.as_str()).unwrap_or_default()
}
