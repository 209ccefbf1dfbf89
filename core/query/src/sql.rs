//! From text to one read-only statement, with hostile texts stopped before they cost anything.

mod guard;
mod tokens;

pub(crate) use tokens::Tokens;

use crate::error::{self, Limit, QueryError};
use crate::search;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{SetExpr, Statement as SqlStatement};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use lincei_model::limits::SQL_BYTES_MAX;

/// Parentheses and subqueries inside each other.
pub(crate) const DEPTH_MAX: usize = 50;

/// One statement that only reads, and its tokens for the places of later errors.
pub(crate) struct Parsed<'a> {
    pub(crate) statement: Statement,
    pub(crate) tokens: Tokens<'a>,
}

/// Parses and checks an SQL text.
///
/// # Errors
/// Syntax errors and unknown words with their place; [`QueryError::Forbidden`] for statements
/// that change something; [`QueryError::Limit`] for texts that are too long, deep or complex.
pub(crate) fn parse(sql: &str) -> Result<Parsed<'_>, QueryError> {
    if sql.len() > SQL_BYTES_MAX {
        let message = format!("the statement is {} bytes long, more than {SQL_BYTES_MAX}", sql.len());
        return Err(QueryError::text_limit(Limit::SqlBytes, &message, None));
    }
    let tokens = Tokens::new(sql)?;
    guard::operators(&tokens)?;
    if tokens.starts_with_refused_keyword() {
        return Err(forbidden(&tokens));
    }
    let dialect = GenericDialect {};
    let mut statements = DFParserBuilder::new(tokens.all())
        .with_dialect(&dialect)
        .with_recursion_limit(DEPTH_MAX)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|e| error::planning(e, &tokens))?;
    let count = statements.len();
    let statement = match (statements.pop_front(), count) {
        (Some(statement), 1) => statement,
        (Some(_), _) => {
            return Err(QueryError::sql(
                format!("found {count} statements, send one at a time"),
                tokens.second_statement(),
            ));
        }
        (None, _) => return Err(QueryError::sql("the statement is empty", None)),
    };
    if !reads(&statement) {
        return Err(forbidden(&tokens));
    }
    guard::tables(&statement)?;
    for literal in tokens.search_literals() {
        if let Err(error) = search::parse(literal.text) {
            return Err(QueryError::sql(error.to_string(), tokens.inside(&literal, error.offset)));
        }
    }
    Ok(Parsed { statement, tokens })
}

pub(crate) fn forbidden(tokens: &Tokens<'_>) -> QueryError {
    QueryError::Forbidden { statement: tokens.statement_name(), location: tokens.first() }
}

fn reads(statement: &Statement) -> bool {
    match statement {
        Statement::Statement(statement) => sql_reads(statement),
        Statement::Explain(explain) => reads(&explain.statement),
        Statement::CreateExternalTable(_) | Statement::CopyTo(_) | Statement::Reset(_) => false,
    }
}

fn sql_reads(statement: &SqlStatement) -> bool {
    match statement {
        SqlStatement::Query(query) => {
            !matches!(*query.body, SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_))
        }
        SqlStatement::Explain { statement, .. } => sql_reads(statement),
        SqlStatement::ExplainTable { .. }
        | SqlStatement::ShowTables { .. }
        | SqlStatement::ShowColumns { .. }
        | SqlStatement::ShowFunctions { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
