//! One pass over an object.

use std::borrow::Cow;

use super::{Value, string};
use crate::swar;

/// Paths at most; a bit each says which are still looked for.
const PATHS_MAX: usize = 32;

/// Finds the fields; `None` where the text breaks before all are found.
pub(super) fn object<'a>(text: &'a str, paths: &[&str], found: &mut [Option<Value<'a>>]) -> Option<()> {
    let wanted = if paths.len() >= PATHS_MAX { u32::MAX } else { (1 << paths.len()) - 1 };
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0, paths, found, open: wanted };
    scan.space();
    if scan.members(wanted, [0; PATHS_MAX])? {
        return Some(());
    }
    scan.space();
    // something behind the object: it is no JSON
    (scan.at == scan.bytes.len()).then_some(())
}

struct Scan<'a, 'p> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    paths: &'p [&'p str],
    found: &'p mut [Option<Value<'a>>],
    /// Paths that are not found yet.
    open: u32,
}

impl<'a> Scan<'a, '_> {
    /// Reads an object. Of the paths in `here` the parts before `starts` led to it. Tells whether all paths
    /// are found, in which case it stopped on its way.
    fn members(&mut self, here: u32, starts: [u16; PATHS_MAX]) -> Option<bool> {
        self.take(b'{')?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Some(false);
        }
        loop {
            let key = self.key()?;
            self.space();
            self.take(b':')?;
            self.space();
            if self.member(key, here & self.open, &starts)? {
                return Some(true);
            }
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(false);
                }
                _ => return None,
            }
            self.space();
        }
    }

    /// Reads the value of a key.
    fn member(&mut self, key: Key<'a>, here: u32, starts: &[u16; PATHS_MAX]) -> Option<bool> {
        let (exact, within) = self.matching(key, here, starts);
        if exact == 0 && within == 0 {
            self.skip()?;
            return Some(false);
        }
        let start = self.at;
        if within != 0 && self.peek() == Some(b'{') {
            let length = u16::try_from(key.text().len()).ok()?;
            let mut deeper = *starts;
            for (path, start) in deeper.iter_mut().enumerate() {
                if within >> path & 1 == 1 {
                    *start += length + 1;
                }
            }
            if exact != 0 {
                // the object itself is wanted, too: its end must be known
                self.skip()?;
                self.found_at(exact, self.value_of(start)?);
                self.at = start;
            }
            return if self.open == 0 { Some(true) } else { self.members(within, deeper) };
        }
        self.skip()?;
        if exact != 0 {
            self.found_at(exact, self.value_of(start)?);
        }
        Some(self.open == 0)
    }

    /// Paths that end with this key, and paths that lead through it.
    fn matching(&self, key: Key<'a>, here: u32, starts: &[u16; PATHS_MAX]) -> (u32, u32) {
        let (mut exact, mut within) = (0, 0);
        let mut left = here;
        while left != 0 {
            let path = left.trailing_zeros() as usize;
            left &= left - 1;
            let (Some(whole), Some(start)) = (self.paths.get(path), starts.get(path)) else { continue };
            let Some(rest) = whole.get(usize::from(*start)..) else { continue };
            match key.rest_of(rest) {
                Some("") => exact |= 1 << path,
                Some(more) if more.starts_with('.') => within |= 1 << path,
                _ => {}
            }
        }
        (exact, within)
    }

    fn found_at(&mut self, paths: u32, value: Value<'a>) {
        for (path, slot) in self.found.iter_mut().enumerate() {
            if paths >> path & 1 == 1 {
                *slot = Some(value);
            }
        }
        self.open &= !paths;
    }

    /// The value between `start` and here.
    fn value_of(&self, start: usize) -> Option<Value<'a>> {
        let text = self.text.get(start..self.at)?;
        Some(match text.as_bytes().first()? {
            b'"' => Value::String(text.get(1..text.len() - 1)?),
            b'{' => Value::Object(text),
            b'[' => Value::Array(text),
            b't' if text == "true" => Value::Bool(true),
            b'f' if text == "false" => Value::Bool(false),
            b'n' if text == "null" => Value::Null,
            b'-' | b'0'..=b'9' => Value::Number(text),
            _ => return None,
        })
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn key(&mut self) -> Option<Key<'a>> {
        self.take(b'"')?;
        let start = self.at;
        let escaped = self.end_string()?;
        Some(Key { raw: self.text.get(start..self.at - 1)?, escaped })
    }

    /// From behind the first quote to behind the last. Tells whether there are escapes.
    #[inline]
    fn end_string(&mut self) -> Option<bool> {
        let mut escaped = false;
        loop {
            let place = swar::find_either(self.bytes, self.at, b'"', b'\\')?;
            if self.bytes.get(place) == Some(&b'"') {
                self.at = place + 1;
                return Some(escaped);
            }
            escaped = true;
            self.at = place + 2;
        }
    }

    /// Goes behind a value.
    fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.end_string().map(|_| ())
            }
            b'{' | b'[' => self.skip_nested(),
            _ => {
                let start = self.at;
                self.at = swar::find_scalar_end(self.bytes, self.at).unwrap_or(self.bytes.len());
                (self.at > start).then_some(())
            }
        }
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            let place = swar::find_structure(self.bytes, self.at)?;
            self.at = place + 1;
            match self.bytes.get(place)? {
                b'"' => _ = self.end_string()?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(());
                    }
                }
                _ => {}
            }
        }
    }
}

/// A key as it is written.
#[derive(Clone, Copy)]
struct Key<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Key<'a> {
    fn text(&self) -> Cow<'a, str> {
        if self.escaped { string::unescape(self.raw) } else { Cow::Borrowed(self.raw) }
    }

    /// What follows the key in a path that starts with it.
    #[inline]
    fn rest_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.escaped {
            return path.strip_prefix(&*self.text());
        }
        if swar::starts_with(path.as_bytes(), self.raw.as_bytes()) { path.get(self.raw.len()..) } else { None }
    }
}

/// The values of an array, up to where it breaks.
#[derive(Debug)]
pub struct Items<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Items<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let mut scan =
            Scan { text: self.text, bytes: self.text.as_bytes(), at: self.at, paths: &[], found: &mut [], open: 0 };
        // the bracket before the first, the comma before the others
        scan.take(if self.at == 0 { b'[' } else { b',' })?;
        scan.space();
        let start = scan.at;
        scan.skip()?;
        let value = scan.value_of(start)?;
        scan.space();
        self.at = scan.at;
        Some(value)
    }
}
