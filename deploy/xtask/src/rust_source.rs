//! Just enough of Rust's grammar to measure a file without compiling it: where comments and
//! literals are, which lines are tests, how long functions are.

/// A source file with everything taken out that is not code: comments are blanks, the contents of
/// string and character literals are underscores. Lines and columns stay where they were.
pub(crate) struct Code {
    chars: Vec<char>,
    lines: Vec<String>,
    /// Where the lines end in `chars`.
    line_ends: Vec<usize>,
}

/// One function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Line of the `fn` keyword, counted from 1.
    pub(crate) line: usize,
    /// Lines of the body that hold code: neither blank nor only a comment.
    pub(crate) code_lines: usize,
}

impl Code {
    pub(crate) fn parse(text: &str) -> Self {
        let chars = mask(&text.chars().collect::<Vec<char>>());
        let lines = chars.iter().collect::<String>().split('\n').map(str::to_owned).collect();
        let line_ends = chars.iter().enumerate().filter(|(_, c)| **c == '\n').map(|(at, _)| at).collect();
        Self { chars, lines, line_ends }
    }

    /// Lines of code, literals and comments taken out; the first is line 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    /// For every line, whether it belongs to an item under `#[cfg(test)]`.
    pub(crate) fn test_lines(&self) -> Vec<bool> {
        let whole_file = self.find("#![cfg(test)]", 0).is_some();
        let mut tests = vec![whole_file; self.lines.len()];
        let mut from = 0;
        while let Some(start) = self.find("#[cfg(test)]", from) {
            let end = self.item_end(start).unwrap_or(self.chars.len());
            let range = self.line_of(start)..=self.line_of(end);
            tests.iter_mut().enumerate().filter(|(index, _)| range.contains(index)).for_each(|(_, test)| *test = true);
            from = end.max(start + 1);
        }
        tests
    }

    /// Every function that has a body, nested ones too, in the order of the file.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(start) = self.find("fn ", from) {
            from = start + 1;
            let name: String = self.word_from(start + 3);
            if name.is_empty() || !self.word_boundary(start) {
                continue;
            }
            let Some(open) = self.body_start(start) else { continue };
            let Some(close) = self.closing_brace(open) else { continue };
            let body = self.line_of(open) + 1..self.line_of(close);
            let code_lines = self
                .lines
                .iter()
                .enumerate()
                .filter(|(index, line)| body.contains(index) && !line.trim().is_empty())
                .count();
            found.push(Function { name, line: self.line_of(start) + 1, code_lines });
        }
        found
    }

    fn find(&self, needle: &str, from: usize) -> Option<usize> {
        let needle: Vec<char> = needle.chars().collect();
        let rest = self.chars.get(from..)?;
        rest.windows(needle.len()).position(|window| window == needle.as_slice()).map(|at| at + from)
    }

    /// Index (from 0) of the line that holds a character.
    fn line_of(&self, at: usize) -> usize {
        self.line_ends.partition_point(|end| *end < at)
    }

    fn word_from(&self, at: usize) -> String {
        self.chars.iter().skip(at).skip_while(|c| c.is_whitespace()).take_while(|c| is_word(**c)).collect()
    }

    fn word_boundary(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|before| self.chars.get(before)).is_none_or(|c| !is_word(*c))
    }

    /// The brace that opens the body of the item at `start`; `None` when a semicolon ends it first.
    fn body_start(&self, start: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for (at, c) in self.chars.iter().enumerate().skip(start) {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '{' if depth == 0 => return Some(at),
                ';' if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    fn closing_brace(&self, open: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for (at, c) in self.chars.iter().enumerate().skip(open) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// End of the item whose attribute starts at `start`: its closing brace or semicolon.
    fn item_end(&self, start: usize) -> Option<usize> {
        match self.body_start(start) {
            Some(open) => self.closing_brace(open),
            None => self.chars.iter().enumerate().skip(start).find(|(_, c)| **c == ';').map(|(at, _)| at),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn mask(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let next = text.get(at + 1).copied();
        let end = match (c, next) {
            ('/', Some('/')) => line_end(text, at),
            ('/', Some('*')) => block_comment_end(text, at),
            ('"', _) => string_end(text, at),
            ('\'', _) => char_end(text, at).unwrap_or(at + 1),
            ('r' | 'b' | 'c', _) if !out.last().is_some_and(|before| is_word(*before)) => {
                raw_string_end(text, at).unwrap_or(at + 1)
            }
            _ => at + 1,
        };
        let comment = c == '/' && end > at + 1;
        let literal = end > at + 1 && !comment;
        for (index, &inside) in text.iter().enumerate().take(end).skip(at) {
            out.push(match inside {
                '\n' => '\n',
                _ if comment => ' ',
                c if c.is_whitespace() => c,
                _ if literal && index != at && index + 1 != end => '_',
                c => c,
            });
        }
        at = end;
    }
    out
}

fn line_end(text: &[char], from: usize) -> usize {
    text.iter().enumerate().skip(from).find(|(_, c)| **c == '\n').map_or(text.len(), |(at, _)| at)
}

fn block_comment_end(text: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at < text.len() {
        match (text.get(at), text.get(at + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                at += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn string_end(text: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(c) = text.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// End of the character literal at `from`, or `None` when the quote starts a lifetime.
fn char_end(text: &[char], from: usize) -> Option<usize> {
    if text.get(from + 1) == Some(&'\\') {
        let close = text.iter().enumerate().skip(from + 3).find(|(_, c)| **c == '\'')?.0;
        return Some(close + 1);
    }
    (text.get(from + 2) == Some(&'\'')).then_some(from + 3)
}

/// End of a raw string (`r"…"`, `br#"…"#`, …) that starts at `from`.
fn raw_string_end(text: &[char], from: usize) -> Option<usize> {
    let prefix = if text.get(from) == Some(&'r') { 1 } else { 2 };
    if text.get(from + prefix - 1) != Some(&'r') {
        return None;
    }
    let hashes = text.iter().skip(from + prefix).take_while(|c| **c == '#').count();
    let open = from + prefix + hashes;
    if text.get(open) != Some(&'"') {
        return None;
    }
    let mut at = open + 1;
    while at < text.len() {
        let closes = text.get(at) == Some(&'"')
            && text.iter().skip(at + 1).take(hashes).filter(|c| **c == '#').count() == hashes;
        if closes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Code::parse(text).chars.iter().collect()
    }

    #[test]
    fn comments_and_literals_are_taken_out() {
        for (text, expected) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x \" y", 1)"#, r#"f("_ __ _", 1)"#),
            (r###"f(r#"a"b"#)"###, r###"f(r______#)"###),
            (r#"f(br"\")"#, r#"f(b___")"#),
            ("fn f<'a>(x: &'a str) -> char { '{' }", "fn f<'a>(x: &'a str) -> char { '_' }"),
            (r"['\'', '\\', '\u{7d}']", r"['__', '__', '______']"),
            ("let r#fn = 1; // \"", "let r#fn = 1;     "),
            ("\"// not a comment\"", "\"__ ___ _ _______\""),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn unfinished_text_ends_at_the_end() {
        for text in ["\"abc", "/* abc", "r#\"abc", "'\\", "b", "r", "'", "fn f() {", "#[cfg(test)]"] {
            assert_eq!(code(text).chars().count(), text.chars().count(), "{text}");
            Code::parse(text).test_lines();
            Code::parse(text).functions();
        }
    }

    #[test]
    fn function_length_counts_code_only() {
        let text = "fn a() {\n    one();\n\n    // why\n    two(\"}\");\n}\nfn b() {}\ntrait T { fn c(&self);\n fn d() where Self: Sized {\n  x\n }\n}\nlet fn_ptr: fn () = 1;";
        let found = Code::parse(text).functions();
        let expected = [("a", 1, 2), ("b", 7, 0), ("d", 9, 1)];
        let got: Vec<(&str, usize, usize)> = found.iter().map(|f| (f.name.as_str(), f.line, f.code_lines)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn test_items_are_found() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n// #[cfg(test)]\nfn e() {}";
        let tests = Code::parse(text).test_lines();
        let lines: Vec<usize> =
            tests.iter().enumerate().filter(|(_, test)| **test).map(|(index, _)| index + 1).collect();
        assert_eq!(lines, [2, 3, 4, 5, 7, 8]);
        assert!(Code::parse("#![cfg(test)]\nfn a() {}").test_lines().iter().all(|test| *test));
    }
}
