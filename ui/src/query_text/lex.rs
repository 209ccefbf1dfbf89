//! Taking a search text apart without ever failing. The syntax is that of the SQL function
//! `search('…')`: words, `"phrases"`, `field:value`, `field:a,b`, `field:>=5`, `field:[1 TO 5]`,
//! `-` and `NOT`, `AND`, `OR`, parentheses, `*`, and `\` before a character to take as it is.

/// What a stretch of the text is, for colouring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Spaces, parentheses, words searched for.
    Plain,
    /// A field's name with its colon, and the words AND, OR, NOT.
    Key,
    /// A field's value.
    Value,
    /// A value that is a number.
    Number,
    /// Something in quotes.
    Quoted,
    /// The minus that negates.
    Minus,
}

/// A stretch of the text of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// What it is.
    pub kind: SpanKind,
    /// The characters; all spans of a text together are the text.
    pub text: &'a str,
}

/// What a term asks of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Equal to any of these.
    Any(Vec<String>),
    /// Comparison sign and value.
    Compare(String, String),
    /// `*` alone.
    Present,
    /// Wildcards and ranges.
    Other,
}

/// What a piece of the outermost level is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// `field:…`
    Term {
        name: String,
        condition: Condition,
    },
    /// A word, a phrase or a group in parentheses.
    Opaque,
    And,
    Or,
}

/// A piece of the outermost level with its byte range, negation included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) negated: bool,
    pub(super) kind: PieceKind,
}

impl Piece {
    pub(super) fn names(&self, field: &str) -> bool {
        matches!(&self.kind, PieceKind::Term { name, .. } if name == field)
    }

    pub(super) fn positive_values(&self, field: &str) -> Option<&[String]> {
        self.values(field).filter(|_| !self.negated)
    }

    pub(super) fn negative_values(&self, field: &str) -> Option<&[String]> {
        self.values(field).filter(|_| self.negated)
    }

    fn values(&self, field: &str) -> Option<&[String]> {
        match &self.kind {
            PieceKind::Term { name, condition: Condition::Any(values) } if name == field => Some(values),
            _ => None,
        }
    }

    /// Whether it is exactly `field:value`, negated or not.
    pub(super) fn is_value(&self, field: &str, value: &str, negated: bool) -> bool {
        match &self.kind {
            PieceKind::Term { name, condition: Condition::Any(values) } => {
                name == field && self.negated == negated && values.as_slice() == [value]
            }
            _ => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Space,
    Open,
    Close,
    Minus,
    Not,
    And,
    Or,
    Text(String),
    Field { name: String, value_at: usize, condition: Condition },
}

/// A token and where it is written.
pub(super) struct Lexed {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts `text` into coloured stretches.
#[must_use]
pub fn spans(text: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut push = |kind, from: usize, to: usize| {
        if let Some(text) = text.get(from..to).filter(|text| !text.is_empty()) {
            spans.push(Span { kind, text });
        }
    };
    for Lexed { token, start, end } in lex(text) {
        match token {
            Token::Space | Token::Open | Token::Close => push(SpanKind::Plain, start, end),
            Token::Minus => push(SpanKind::Minus, start, end),
            Token::And | Token::Or | Token::Not => push(SpanKind::Key, start, end),
            Token::Text(_) => {
                let quoted = text.get(start..end).is_some_and(|written| written.starts_with('"'));
                push(if quoted { SpanKind::Quoted } else { SpanKind::Plain }, start, end);
            }
            Token::Field { value_at, .. } => {
                push(SpanKind::Key, start, value_at);
                let value = text.get(value_at..end).unwrap_or_default().trim_start_matches(['>', '<', '=']);
                let kind = match value.chars().next() {
                    Some('"') => SpanKind::Quoted,
                    Some(c) if c.is_ascii_digit() && value.parse::<f64>().is_ok() => SpanKind::Number,
                    _ => SpanKind::Value,
                };
                push(kind, value_at, end);
            }
        }
    }
    spans
}

/// The pieces of the outermost level, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut depth, mut group_at) = (0_usize, 0);
    let mut negation: Option<usize> = None;
    for Lexed { token, start, end } in lex(text) {
        let kind = match token {
            Token::Space => continue,
            Token::Open => {
                if depth == 0 {
                    group_at = start;
                }
                depth += 1;
                continue;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    continue;
                }
                PieceKind::Opaque
            }
            _ if depth > 0 => continue,
            Token::Minus | Token::Not => {
                negation.get_or_insert(start);
                continue;
            }
            Token::And => PieceKind::And,
            Token::Or => PieceKind::Or,
            Token::Text(_) => PieceKind::Opaque,
            Token::Field { name, condition, .. } => PieceKind::Term { name, condition },
        };
        let from = if kind == PieceKind::Opaque && text.get(start..end) == Some(")") { group_at } else { start };
        let negated = negation.take();
        pieces.push(Piece { start: negated.unwrap_or(from), end, negated: negated.is_some(), kind });
    }
    if depth > 0 {
        pieces.push(Piece { start: group_at, end: text.len(), negated: false, kind: PieceKind::Opaque });
    }
    pieces
}

/// The parts between `*` of words and phrases that are not negated, at any level.
pub(super) fn free_texts(text: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut negated = false;
    for Lexed { token, .. } in lex(text) {
        match token {
            Token::Space => {}
            Token::Minus | Token::Not => negated = true,
            Token::Text(value) if !negated => {
                texts.extend(value.split('*').filter(|part| !part.is_empty()).map(str::to_owned));
            }
            _ => negated = false,
        }
    }
    texts
}

/// All tokens; together they are the text.
pub(super) fn lex(text: &str) -> Vec<Lexed> {
    let mut cursor = Cursor { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(c) = cursor.peek() {
        let start = cursor.at;
        let token = match c {
            '(' | ')' => {
                cursor.bump();
                if c == '(' { Token::Open } else { Token::Close }
            }
            c if c.is_whitespace() => {
                cursor.take_while(char::is_whitespace);
                Token::Space
            }
            '-' if cursor.minus_negates(start) => {
                cursor.bump();
                Token::Minus
            }
            _ => cursor.keyword().unwrap_or_else(|| cursor.term()),
        };
        if cursor.at == start {
            cursor.bump();
        }
        tokens.push(Lexed { token, start, end: cursor.at });
    }
    tokens
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.bump();
        }
    }

    /// A minus negates what follows it directly, at the start of a term.
    fn minus_negates(&self, start: usize) -> bool {
        let before = self.text.get(..start).and_then(|text| text.chars().next_back());
        let after = self.rest().chars().nth(1);
        before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '-')) && after.is_some_and(|c| !c.is_whitespace())
    }

    fn keyword(&mut self) -> Option<Token> {
        for (word, token) in [("AND", Token::And), ("OR", Token::Or), ("NOT", Token::Not)] {
            let after = self.rest().strip_prefix(word).map(|rest| rest.chars().next());
            if after.is_some_and(|c| c.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ']'))) {
                self.at += word.len();
                return Some(token);
            }
        }
        None
    }

    fn term(&mut self) -> Token {
        let start = self.at;
        let name = if self.peek() == Some('"') { Some(self.phrase()) } else { self.name() };
        if let Some(name) = name {
            if self.peek() == Some(':') {
                self.bump();
                let value_at = self.at;
                let condition = self.condition();
                return Token::Field { name, value_at, condition };
            }
            if self.text.get(start..).is_some_and(|text| text.starts_with('"')) {
                return Token::Text(name);
            }
        }
        self.at = start;
        Token::Text(self.run(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"')).0)
    }

    /// A word that may name a field, when a colon follows that is not the one of `http://`.
    fn name(&mut self) -> Option<String> {
        let first = self.peek()?;
        let (name, wild) = self.run(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ':'));
        let named = (first.is_alphabetic() || matches!(first, '_' | '@')) && !wild;
        (named && self.rest().starts_with(':') && !self.rest().starts_with("://")).then_some(name)
    }

    /// Characters up to one that `stop` names, unescaped, and whether there was a `*`.
    fn run(&mut self, stop: impl Fn(char) -> bool) -> (String, bool) {
        let (mut value, mut wild) = (String::new(), false);
        while let Some(c) = self.peek().filter(|c| !stop(*c)) {
            self.bump();
            if c == '\\' {
                value.extend(self.peek());
                self.bump();
            } else {
                wild |= c == '*';
                value.push(c);
            }
        }
        (value, wild)
    }

    fn phrase(&mut self) -> String {
        self.bump();
        let (value, _) = self.run(|c| c == '"');
        self.bump();
        value
    }

    fn condition(&mut self) -> Condition {
        for op in [">=", "<=", ">", "<"] {
            if self.rest().starts_with(op) {
                self.at += op.len();
                let value = if self.peek() == Some('"') { self.phrase() } else { self.bare(false).0 };
                return Condition::Compare(op.to_owned(), value);
            }
        }
        if self.peek() == Some('[') {
            self.take_while(|c| c != ']');
            self.bump();
            return Condition::Other;
        }
        let (mut values, mut wildcards) = (Vec::new(), false);
        loop {
            let quoted = self.peek() == Some('"');
            let (value, wild) = if quoted { (self.phrase(), false) } else { self.bare(true) };
            wildcards |= wild;
            values.push(value);
            if self.peek() != Some(',') {
                break;
            }
            self.bump();
        }
        match values.as_slice() {
            [only] if wildcards && only.chars().all(|c| c == '*') => Condition::Present,
            _ if wildcards => Condition::Other,
            _ => Condition::Any(values),
        }
    }

    fn bare(&mut self, list: bool) -> (String, bool) {
        self.run(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"') || (list && c == ','))
    }
}
