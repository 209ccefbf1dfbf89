use super::ast::{Comparison, Condition, FieldTerm, Pattern, Search, Value};
use super::{DEPTH_MAX, SEARCH_BYTES_MAX, SearchError, TERMS_MAX};

/// Takes a search text apart. Depth and number of terms are bounded, so any text costs at most
/// time linear in its length.
///
/// # Errors
/// [`SearchError`] with the offset of what was not expected.
pub(crate) fn parse(text: &str) -> Result<Search, SearchError> {
    if text.len() > SEARCH_BYTES_MAX {
        let message = format!("{} bytes long, the limit is {SEARCH_BYTES_MAX}", text.len());
        return Err(SearchError::new(SEARCH_BYTES_MAX, message));
    }
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0, field: None };
    parser.skip_space();
    if parser.rest().is_empty() {
        return Ok(Search::Everything);
    }
    let search = parser.or()?;
    parser.skip_space();
    match parser.rest().chars().next() {
        None => Ok(search),
        Some(')') => Err(parser.error("found ')' without a '(' before it")),
        Some(found) => Err(parser.error(format!("found {found:?}, expected a word, a field or the end"))),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    /// Name and place of the field whose group of conditions is being read: `field:(a OR b)`.
    field: Option<(String, usize)>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    fn error(&self, message: impl Into<String>) -> SearchError {
        SearchError::new(self.at, message)
    }

    /// Whether the keyword stands here as a word of its own.
    fn at_keyword(&self, keyword: &str) -> bool {
        self.rest().strip_prefix(keyword).is_some_and(|after| {
            after.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ']'))
        })
    }

    fn eat_keyword(&mut self, keyword: &str) -> bool {
        self.at_keyword(keyword) && self.eat(keyword)
    }

    fn or(&mut self) -> Result<Search, SearchError> {
        let mut any = vec![self.and()?];
        loop {
            self.skip_space();
            if !self.eat_keyword("OR") {
                break;
            }
            any.push(self.and()?);
        }
        Ok(one_or(any, Search::Or))
    }

    fn and(&mut self) -> Result<Search, SearchError> {
        let mut all = vec![self.unary()?];
        loop {
            self.skip_space();
            if self.eat_keyword("AND") {
                all.push(self.unary()?);
                continue;
            }
            if self.rest().is_empty() || self.peek() == Some(')') || self.at_keyword("OR") {
                break;
            }
            all.push(self.unary()?);
        }
        Ok(one_or(all, Search::And))
    }

    fn unary(&mut self) -> Result<Search, SearchError> {
        self.skip_space();
        let negated = self.eat_keyword("NOT") || self.eat_minus();
        if !negated {
            return self.primary();
        }
        self.deeper()?;
        let inner = self.unary()?;
        self.depth -= 1;
        Ok(Search::Not(Box::new(inner)))
    }

    /// `-` negates what follows it directly; alone or before a space it is text.
    fn eat_minus(&mut self) -> bool {
        let negates =
            self.rest().strip_prefix('-').and_then(|after| after.chars().next()).is_some_and(|c| !c.is_whitespace());
        negates && self.eat("-")
    }

    fn deeper(&mut self) -> Result<(), SearchError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX}")));
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<Search, SearchError> {
        self.skip_space();
        let start = self.at;
        match self.peek() {
            None => return Err(self.error("ended, expected a word, a phrase or a field")),
            Some('(') => {
                self.bump();
                self.deeper()?;
                let inner = self.or()?;
                self.skip_space();
                if !self.eat(")") {
                    return Err(SearchError::new(start, "'(' is not closed, expected ')'"));
                }
                self.depth -= 1;
                return Ok(inner);
            }
            Some(')') => return Err(self.error("found ')', expected a word, a phrase or a field")),
            Some(_) => {}
        }
        for keyword in ["AND", "OR"] {
            if self.at_keyword(keyword) {
                return Err(self.error(format!("found {keyword}, expected a word, a phrase or a field")));
            }
        }
        if let Some((name, offset)) = self.field.clone() {
            let condition = self.condition(&name)?;
            return Ok(Search::Field(FieldTerm { name, offset, condition }));
        }
        if self.peek() == Some('"') {
            let phrase = self.phrase()?;
            if self.peek() != Some(':') {
                return Ok(Search::Text(phrase));
            }
            let name = phrase.parts.concat();
            return self.field(name, start);
        }
        let word = self.word(true)?;
        let is_url = self.rest().starts_with("://");
        match word.literal() {
            Some(name) if self.peek() == Some(':') && !is_url && is_field_name(name) => {
                let name = name.to_owned();
                self.field(name, start)
            }
            _ if self.peek() == Some(':') => {
                self.at = start;
                self.terms -= 1;
                Ok(Search::Text(self.word(false)?))
            }
            _ => Ok(Search::Text(word)),
        }
    }

    /// A run up to a space, a quote or a parenthesis, and up to `:` where that ends a name.
    fn word(&mut self, stop_at_colon: bool) -> Result<Pattern, SearchError> {
        self.count_term()?;
        let offset = self.at;
        let mut parts = vec![String::new()];
        while let Some(c) = self.peek() {
            match c {
                '(' | ')' | '"' => break,
                ':' if stop_at_colon => break,
                c if c.is_whitespace() => break,
                _ => {}
            }
            self.bump();
            match c {
                '*' => parts.push(String::new()),
                '\\' => {
                    let escaped = self.escaped()?;
                    push(&mut parts, escaped);
                }
                c => push(&mut parts, c),
            }
        }
        if self.at == offset {
            return Err(self.error(self.found("a word")));
        }
        Ok(Pattern { parts, offset })
    }

    fn found(&self, expected: &str) -> String {
        match self.peek() {
            Some(c) => format!("found {c:?}, expected {expected}"),
            None => format!("ended, expected {expected}"),
        }
    }

    fn escaped(&mut self) -> Result<char, SearchError> {
        self.bump().ok_or_else(|| self.error("ended after '\\', expected the character to take as it is"))
    }

    fn phrase(&mut self) -> Result<Pattern, SearchError> {
        self.count_term()?;
        let offset = self.at;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err(SearchError::new(offset, "'\"' is not closed, expected another '\"'")),
                Some('"') => return Ok(Pattern { parts: vec![text], offset }),
                Some('\\') => text.push(self.escaped()?),
                Some(c) => text.push(c),
            }
        }
    }

    fn count_term(&mut self) -> Result<(), SearchError> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(self.error(format!("more than {TERMS_MAX} words and values")));
        }
        Ok(())
    }

    fn field(&mut self, name: String, offset: usize) -> Result<Search, SearchError> {
        self.bump(); // the colon
        if self.peek() == Some('(') {
            self.field = Some((name, offset));
            let group = self.primary()?;
            self.field = None;
            return Ok(group);
        }
        let condition = self.condition(&name)?;
        Ok(Search::Field(FieldTerm { name, offset, condition }))
    }

    fn condition(&mut self, name: &str) -> Result<Condition, SearchError> {
        for (token, comparison) in [
            (">=", Comparison::GreaterOrEqual),
            ("<=", Comparison::LessOrEqual),
            (">", Comparison::Greater),
            ("<", Comparison::Less),
        ] {
            if self.eat(token) {
                return Ok(Condition::Compare(comparison, self.value(&format!("a value after '{name}:{token}'"))?));
            }
        }
        if self.peek() == Some('[') {
            return self.range();
        }
        let mut any = Vec::new();
        loop {
            any.push(self.list_item(name)?);
            if !self.eat(",") {
                break;
            }
        }
        match any.as_slice() {
            [only] if only.parts.len() > 1 && only.parts.iter().all(String::is_empty) => Ok(Condition::Present),
            _ => Ok(Condition::AnyOf(any)),
        }
    }

    fn list_item(&mut self, name: &str) -> Result<Pattern, SearchError> {
        if self.peek() == Some('"') {
            return self.phrase();
        }
        self.count_term()?;
        let offset = self.at;
        let mut parts = vec![String::new()];
        while let Some(c) = self.peek() {
            if c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',') {
                break;
            }
            self.bump();
            match c {
                '*' => parts.push(String::new()),
                '\\' => {
                    let escaped = self.escaped()?;
                    push(&mut parts, escaped);
                }
                c => push(&mut parts, c),
            }
        }
        if self.at == offset {
            return Err(self.error(self.found(&format!("a value after '{name}:' (quote it if it has spaces)"))));
        }
        Ok(Pattern { parts, offset })
    }

    /// One value without wildcards, up to a space, a bracket or a parenthesis.
    fn value(&mut self, expected: &str) -> Result<Value, SearchError> {
        if self.peek() == Some('"') {
            let phrase = self.phrase()?;
            return Ok(Value { text: phrase.parts.concat(), offset: phrase.offset });
        }
        self.count_term()?;
        let offset = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || matches!(c, '(' | ')' | '"' | ']') {
                break;
            }
            self.bump();
            text.push(if c == '\\' { self.escaped()? } else { c });
        }
        if text.is_empty() {
            return Err(self.error(self.found(expected)));
        }
        Ok(Value { text, offset })
    }

    fn range(&mut self) -> Result<Condition, SearchError> {
        let start = self.at;
        self.bump();
        self.skip_space();
        let low = self.range_end()?;
        self.skip_space();
        if !self.eat_keyword("TO") {
            return Err(self.error(self.found("TO, as in [1 TO 5]")));
        }
        self.skip_space();
        let high = self.range_end()?;
        self.skip_space();
        if !self.eat("]") {
            return Err(SearchError::new(start, "'[' is not closed, expected ']' after the second value"));
        }
        if low.is_none() && high.is_none() {
            return Ok(Condition::Present);
        }
        Ok(Condition::Range(low, high))
    }

    fn range_end(&mut self) -> Result<Option<Value>, SearchError> {
        let quoted = self.peek() == Some('"');
        let value = self.value("a value or * in [… TO …]")?;
        Ok((quoted || value.text != "*").then_some(value))
    }
}

fn push(parts: &mut [String], c: char) {
    if let Some(last) = parts.last_mut() {
        last.push(c);
    }
}

fn is_field_name(name: &str) -> bool {
    name.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '@'))
}

fn one_or(mut items: Vec<Search>, many: impl FnOnce(Vec<Search>) -> Search) -> Search {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        Some(last) => {
            items.push(last);
            many(items)
        }
        None => Search::Everything,
    }
}

#[cfg(test)]
mod tests;
