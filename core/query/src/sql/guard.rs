use super::Tokens;
use crate::error::{Limit, QueryError};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{ObjectName, Query, Statement as SqlStatement, Visit, Visitor};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Operators that may depend on each other. Chains such as `a AND b AND c` become trees as deep as
/// they are long: not everything that walks plans checks how much stack is left, and planning takes
/// time quadratic in the depth.
pub(super) const OPERATORS_MAX: usize = 1000;
/// What an operator that computes counts: working out types makes it dearer to plan than a
/// comparison or a logical one.
const COMPUTING_WEIGHT: usize = 4;
/// Tables that one statement may read.
pub(super) const TABLES_MAX: u64 = 100;

/// Refuses texts whose expressions or joins could be nested too deeply. A comma starts anew at the
/// level of the parenthesis around it, so long lists are fine.
pub(super) fn operators(tokens: &Tokens<'_>) -> Result<(), QueryError> {
    let mut outer: Vec<usize> = Vec::new();
    let mut depth = 0;
    for token in tokens.significant() {
        match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                outer.push(depth);
                depth += 1;
            }
            Token::RParen | Token::RBracket | Token::RBrace => depth = outer.pop().unwrap_or(0) + 1,
            Token::Comma => depth = outer.last().map_or(0, |outer| outer + 1),
            other => depth += weight(other),
        }
        if depth > OPERATORS_MAX {
            let message = format!(
                "more than {OPERATORS_MAX} operators in one expression (those that compute count {COMPUTING_WEIGHT}), \
                 use IN (…) for many values of one column"
            );
            let start = token.span.start;
            let location = crate::error::Location { line: start.line, column: start.column };
            return Err(QueryError::text_limit(Limit::SqlOperators, &message, Some(location)));
        }
    }
    Ok(())
}

fn weight(token: &Token) -> usize {
    match token {
        Token::Word(word) => usize::from(word.quote_style.is_none() && KEYWORDS.contains(&word.keyword)),
        Token::DoubleEq
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::Spaceship
        | Token::DoubleColon => 1,
        Token::EOF
        | Token::Number(..)
        | Token::Char(_)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::DollarQuotedString(_)
        | Token::Placeholder(_)
        | Token::Period
        | Token::SemiColon
        | Token::Whitespace(_) => 0,
        _ => COMPUTING_WEIGHT,
    }
}

/// Words that make expressions or plans deeper.
const KEYWORDS: [Keyword; 21] = [
    Keyword::AND,
    Keyword::OR,
    Keyword::XOR,
    Keyword::NOT,
    Keyword::IS,
    Keyword::IN,
    Keyword::LIKE,
    Keyword::ILIKE,
    Keyword::RLIKE,
    Keyword::SIMILAR,
    Keyword::BETWEEN,
    Keyword::DIV,
    Keyword::COLLATE,
    Keyword::AT,
    Keyword::OVERLAPS,
    Keyword::UNION,
    Keyword::INTERSECT,
    Keyword::EXCEPT,
    Keyword::MINUS,
    Keyword::JOIN,
    Keyword::EXPLAIN,
];

/// Refuses statements that read too many tables. A common table expression counts as often as it
/// is named, because planning copies it: a dozen of them that each name the one before twice would
/// otherwise be thousands of scans.
pub(super) fn tables(statement: &Statement) -> Result<(), QueryError> {
    let Some(statement) = sql_statement(statement) else { return Ok(()) };
    let mut weigher = Weigher::default();
    weigher.frames.push(0);
    let _ = statement.visit(&mut weigher);
    let weight = weigher.frames.iter().fold(0_u64, |sum, w| sum.saturating_add(*w));
    if weight > TABLES_MAX {
        let message = format!("the statement reads tables {weight} times, more than {TABLES_MAX}");
        return Err(QueryError::text_limit(Limit::SqlTables, &message, None));
    }
    Ok(())
}

fn sql_statement(statement: &Statement) -> Option<&SqlStatement> {
    match statement {
        Statement::Statement(statement) => Some(statement),
        Statement::Explain(explain) => sql_statement(&explain.statement),
        _ => None,
    }
}

#[derive(Default)]
struct Weigher {
    /// Tables read by the queries around the current place, innermost last.
    frames: Vec<u64>,
    /// Names of the expressions whose queries are yet to come, by the address of the query.
    named: HashMap<*const Query, Vec<String>>,
    /// Greatest weight of a common table expression of that name.
    weights: HashMap<String, u64>,
}

impl Visitor for Weigher {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = cte.alias.name.value.to_lowercase();
            self.named.entry(std::ptr::from_ref(&*cte.query)).or_default().push(name);
        }
        self.frames.push(0);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let weight = self.frames.pop().unwrap_or(0);
        match self.named.get(&std::ptr::from_ref(query)) {
            Some(names) => {
                for name in names {
                    let known = self.weights.entry(name.clone()).or_insert(1);
                    *known = weight.max(*known);
                }
            }
            None => self.add(weight),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let weight = self.weights.get(&relation.to_string().to_lowercase()).copied().unwrap_or(1);
        self.add(weight);
        ControlFlow::Continue(())
    }
}

impl Weigher {
    fn add(&mut self, weight: u64) {
        if let Some(frame) = self.frames.last_mut() {
            *frame = frame.saturating_add(weight);
        }
    }
}
