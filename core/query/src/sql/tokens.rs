use crate::error::{Location, QueryError};
use crate::function::search;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{self, Token, TokenWithSpan, Tokenizer};

/// Statements that could change data, settings or files, by their first word.
const REFUSED: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "ATTACH",
    "BEGIN",
    "CACHE",
    "CALL",
    "CLOSE",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DENY",
    "DETACH",
    "DISCARD",
    "DROP",
    "END",
    "EXECUTE",
    "EXPORT",
    "FETCH",
    "FLUSH",
    "GRANT",
    "IMPORT",
    "INSERT",
    "INSTALL",
    "KILL",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MERGE",
    "MSCK",
    "NOTIFY",
    "OPTIMIZE",
    "PRAGMA",
    "PREPARE",
    "PRINT",
    "RAISE",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "REPAIR",
    "REPLACE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SET",
    "START",
    "TRUNCATE",
    "UNCACHE",
    "UNLISTEN",
    "UNLOAD",
    "UNLOCK",
    "UPDATE",
    "UPSERT",
    "USE",
    "VACUUM",
];

/// Words that belong to the name of a statement when they follow its first.
const NAME_WORDS: &[&str] = &[
    "ALL",
    "ANALYZE",
    "CREATE",
    "DATABASE",
    "DELETE",
    "DROP",
    "EXTERNAL",
    "FROM",
    "FUNCTION",
    "INDEX",
    "INSERT",
    "INTO",
    "MATERIALIZED",
    "ROLE",
    "SCHEMA",
    "SEQUENCE",
    "TABLE",
    "TEMPORARY",
    "TRIGGER",
    "TYPE",
    "UPDATE",
    "USER",
    "VERBOSE",
    "VIEW",
];

/// The tokens of an SQL text with their places.
pub(crate) struct Tokens<'a> {
    sql: &'a str,
    all: Vec<TokenWithSpan>,
}

/// The argument of one `search('…')` call.
pub(crate) struct SearchLiteral<'t> {
    pub(crate) text: &'t str,
    start: tokenizer::Location,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(sql: &'a str) -> Result<Self, QueryError> {
        let all = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().map_err(|error| {
            QueryError::sql(format!("syntax error: {}", lower_first(&error.message)), location(error.location))
        })?;
        Ok(Self { sql, all })
    }

    /// All of them, for the parser.
    pub(crate) fn all(&self) -> Vec<TokenWithSpan> {
        self.all.clone()
    }

    /// Without white space and comments.
    pub(super) fn significant(&self) -> impl Iterator<Item = &TokenWithSpan> {
        self.all.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)))
    }

    /// The place of the first token.
    pub(super) fn first(&self) -> Option<Location> {
        self.significant().next().and_then(|token| location(token.span.start))
    }

    /// The place of the first token after a semicolon.
    pub(super) fn second_statement(&self) -> Option<Location> {
        let mut after = self.significant().skip_while(|t| t.token != Token::SemiColon);
        after.find(|t| t.token != Token::SemiColon).and_then(|token| location(token.span.start))
    }

    pub(super) fn starts_with_refused_keyword(&self) -> bool {
        match self.significant().find(|t| t.token != Token::SemiColon).map(|t| &t.token) {
            Some(Token::Word(word)) if word.quote_style.is_none() => {
                REFUSED.contains(&word.value.to_ascii_uppercase().as_str())
            }
            _ => false,
        }
    }

    /// The leading words that name the kind of statement, for messages: `DROP TABLE`.
    pub(super) fn statement_name(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for token in self.significant().filter(|t| t.token != Token::SemiColon) {
            match &token.token {
                Token::Word(word) if word.quote_style.is_none() => {
                    let upper = word.value.to_ascii_uppercase();
                    if !words.is_empty() && !NAME_WORDS.contains(&upper.as_str()) {
                        break;
                    }
                    words.push(upper);
                }
                _ => break,
            }
        }
        if words.is_empty() { "this statement".into() } else { words.join(" ") }
    }

    /// The place just after the last token.
    pub(crate) fn end(&self) -> Option<Location> {
        self.significant().last().and_then(|token| location(token.span.end))
    }

    /// The place of the first word of that name, whatever its case.
    pub(crate) fn word(&self, name: &str) -> Option<Location> {
        let found = self.significant().find(|token| match &token.token {
            Token::Word(word) => word.value.eq_ignore_ascii_case(name),
            Token::SingleQuotedString(text) => text == name,
            _ => false,
        })?;
        location(found.span.start)
    }

    /// The literals in `search('…')` calls, in the order of the text.
    pub(super) fn search_literals(&self) -> Vec<SearchLiteral<'_>> {
        let significant: Vec<&TokenWithSpan> = self.significant().collect();
        significant
            .windows(3)
            .filter_map(|window| match window {
                [name, open, argument] => match (&name.token, &open.token, &argument.token) {
                    (Token::Word(word), Token::LParen, Token::SingleQuotedString(text))
                        if word.value.eq_ignore_ascii_case(search::NAME) =>
                    {
                        Some(SearchLiteral { text, start: argument.span.start })
                    }
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// The place of byte `offset` of the first `search()` call with that text.
    pub(crate) fn in_search_literal(&self, text: &str, offset: usize) -> Option<Location> {
        let literals = self.search_literals();
        literals.iter().find(|literal| literal.text == text).and_then(|literal| self.inside(literal, offset))
    }

    /// The place of byte `offset` of the literal's text: in the source a quote inside is doubled.
    pub(super) fn inside(&self, literal: &SearchLiteral<'_>, offset: usize) -> Option<Location> {
        let mut at = location(literal.start)?;
        let mut source = self.from(at)?.chars().peekable();
        let mut advance = |c: char| {
            if c == '\n' {
                at = Location { line: at.line + 1, column: 1 };
            } else {
                at.column += 1;
            }
        };
        advance(source.next()?); // the opening quote
        for c in literal.text.get(..offset)?.chars() {
            advance(source.next()?);
            if c == '\'' {
                advance(source.next()?);
            }
        }
        Some(at)
    }

    fn from(&self, at: Location) -> Option<&'a str> {
        let (mut line, mut column) = (1, 1);
        for (byte, c) in self.sql.char_indices() {
            if (line, column) == (at.line, at.column) {
                return self.sql.get(byte..);
            }
            if c == '\n' {
                (line, column) = (line + 1, 1);
            } else {
                column += 1;
            }
        }
        None
    }
}

fn location(at: tokenizer::Location) -> Option<Location> {
    (at.line > 0).then_some(Location { line: at.line, column: at.column })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
