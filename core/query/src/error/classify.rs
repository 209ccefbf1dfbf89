use super::{Limit, Location, QueryError};
use crate::function::search::SearchFailure;
use crate::memory::QueryPool;
use crate::sql::Tokens;
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Diagnostic, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;
use std::error::Error;
use std::sync::Arc;

/// What a failure to parse or plan means to the one who wrote the text.
pub(crate) fn planning(error: DataFusionError, tokens: &Tokens<'_>) -> QueryError {
    if let Some(failure) = find::<SearchFailure>(&error) {
        let location = match &failure.text {
            Some(text) => tokens.in_search_literal(text, failure.error.offset),
            None => tokens.word(crate::function::search::NAME),
        };
        return QueryError::sql(failure.to_string(), location);
    }
    let root = error.find_root();
    let diagnostic = error.diagnostic();
    let location = diagnostic.and_then(place);
    match root {
        DataFusionError::SQL(parser, _) => {
            let (message, location) = split_location(&parser.to_string());
            let message = message.trim_start_matches("sql parser error: ");
            if message.contains("recursion limit exceeded") {
                return too_deep(location);
            }
            let location = location.or_else(|| message.ends_with("found: EOF").then(|| tokens.end()).flatten());
            QueryError::sql(format!("syntax error: {}", decapitalised(message)), location)
        }
        DataFusionError::SchemaError(schema, _) => {
            let (message, name) = schema_message(schema);
            let location = location.or_else(|| tokens.word(&name));
            QueryError::Sql { message, location, source: Some(Arc::new(error)) }
        }
        DataFusionError::Plan(_) | DataFusionError::NotImplemented(_) => {
            let text = root.strip_backtrace();
            let text = text
                .trim_start_matches("Error during planning: ")
                .trim_start_matches("This feature is not implemented: ");
            let location = location.or_else(|| quoted(text).find_map(|name| tokens.word(name)));
            let mut message = decapitalised(&text.replace(".\nDid you mean", ", did you mean").replace('\n', " "));
            if let Some(table) = text.strip_prefix("table '").and_then(|rest| rest.split_once("' not found")) {
                message = unknown_table(table.0);
            }
            QueryError::Sql { message, location, source: Some(Arc::new(error)) }
        }
        DataFusionError::ResourcesExhausted(_) => QueryError::Internal {
            message: format!("planning needs more than it may: {}", root.strip_backtrace()),
            source: Some(Arc::new(error)),
        },
        DataFusionError::Internal(_) | DataFusionError::ExecutionJoin(_) | DataFusionError::External(_) => {
            internal(error)
        }
        // constant folding evaluates at planning: 1/0, casts of literals
        _ => QueryError::Data { message: data_message(root), source: Arc::new(error) },
    }
}

/// Whether a stored file could not be read.
pub(crate) fn is_file_failure(error: &DataFusionError) -> bool {
    // a scan that gets no memory fails as a read does
    if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) {
        return false;
    }
    find::<ParquetError>(error).is_some()
        || find::<object_store::Error>(error).is_some()
        || matches!(find::<ArrowError>(error), Some(ArrowError::ParquetError(_)))
}

/// A file could not be read; `damaged` names those that were found so and set aside.
pub(crate) fn file(error: DataFusionError, damaged: Vec<String>) -> QueryError {
    let cause = error.find_root().strip_backtrace().replace('\n', " ");
    let message = if damaged.is_empty() {
        format!("a data file could not be read and is being checked, run the query again: {cause}")
    } else {
        format!("data file {} is damaged and was set aside, run the query again: {cause}", damaged.join(", "))
    };
    QueryError::File { paths: damaged, message, source: Arc::new(error) }
}

/// What a failure to plan means where there is no text that could be wrong.
pub(crate) fn building(error: DataFusionError) -> QueryError {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) | DataFusionError::Internal(_) | DataFusionError::External(_) => {
            internal(error)
        }
        root => {
            let text = root.strip_backtrace();
            let text = text.trim_start_matches("Error during planning: ").replace('\n', " ");
            QueryError::Sql { message: decapitalised(&text), location: None, source: Some(Arc::new(error)) }
        }
    }
}

/// What a failure while running means.
pub(crate) fn execution(error: DataFusionError, pool: &QueryPool) -> QueryError {
    let root = error.find_root();
    tracing::debug!(%error, "query failed");
    match root {
        DataFusionError::ResourcesExhausted(message) if message.contains("disk") || message.contains("temp") => {
            spill_limit()
        }
        DataFusionError::ArrowError(arrow, _) if arrow.to_string().contains(SPILL_REFUSAL) => spill_limit(),
        DataFusionError::ResourcesExhausted(_) => pool.refused().unwrap_or_else(|| pool.limit()),
        DataFusionError::ArrowError(arrow, _) if !matches!(**arrow, ArrowError::IoError(..)) => {
            QueryError::Data { message: data_message(root), source: Arc::new(error) }
        }
        DataFusionError::Execution(_) | DataFusionError::Plan(_) | DataFusionError::NotImplemented(_) => {
            QueryError::Data { message: data_message(root), source: Arc::new(error) }
        }
        _ => internal(error),
    }
}

pub(super) fn too_deep(location: Option<Location>) -> QueryError {
    let message = format!("the statement is nested deeper than {}", crate::sql::DEPTH_MAX);
    QueryError::text_limit(Limit::SqlDepth, &message, location)
}

/// What a writer of runs says when they exceed their bound; it comes as an error of input and output.
const SPILL_REFUSAL: &str = "disk space during the spilling process has exceeded";

fn spill_limit() -> QueryError {
    let message = format!(
        "intermediate results need more disk than queries may use (limit {}): narrow the time range, or group by less",
        Limit::SpillBytes.name()
    );
    QueryError::Limit { limit: Limit::SpillBytes, message, location: None }
}

fn internal(error: DataFusionError) -> QueryError {
    QueryError::Internal {
        message: format!("the query failed inside: {}", error.strip_backtrace().replace('\n', " ")),
        source: Some(Arc::new(error)),
    }
}

fn data_message(root: &DataFusionError) -> String {
    let text = match root {
        DataFusionError::ArrowError(arrow, _) => arrow.to_string(),
        other => other.strip_backtrace(),
    };
    let text = text.trim_start_matches("Execution error: ").trim_start_matches("Optimizer rule ");
    let hint = if text.contains("Cannot cast") { ", TRY_CAST yields NULL instead" } else { "" };
    format!("{}{hint}", decapitalised(&text.replace('\n', " ")))
}

fn schema_message(error: &SchemaError) -> (String, String) {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let wanted = field.name();
            let mut near: Vec<(usize, &str)> = valid_fields
                .iter()
                .map(|valid| {
                    (datafusion::common::utils::datafusion_strsim::levenshtein(wanted, valid.name()), valid.name())
                })
                .filter(|(distance, valid)| distance * 2 <= wanted.len().max(valid.len()))
                .collect();
            near.sort_unstable();
            near.dedup();
            let names: Vec<&str> = near.iter().map(|(_, name)| *name).take(3).collect();
            let hint = if names.is_empty() {
                let all: Vec<&str> = valid_fields.iter().map(|f| f.name()).take(40).collect();
                if all.is_empty() { String::new() } else { format!(", columns here are {}", all.join(", ")) }
            } else {
                format!(", did you mean {}?", names.join(" or "))
            };
            (format!("unknown column {}{hint}", field.flat_name()), wanted.to_owned())
        }
        SchemaError::AmbiguousReference { field } => (
            format!("column {} is ambiguous, put the table's name before it", field.flat_name()),
            field.name().to_owned(),
        ),
        SchemaError::DuplicateUnqualifiedField { name } | SchemaError::DuplicateQualifiedField { name, .. } => {
            (format!("two result columns are named {name}, give one an alias"), name.clone())
        }
    }
}

fn unknown_table(qualified: &str) -> String {
    let name = qualified.rsplit('.').next().unwrap_or(qualified);
    let known: Vec<&str> =
        lincei_model::Table::ALL.iter().map(|t| t.name()).chain(crate::system::NAMES.iter().copied()).collect();
    let near = known
        .iter()
        .map(|known| (datafusion::common::utils::datafusion_strsim::levenshtein(name, known), *known))
        .filter(|(distance, known)| distance * 2 <= name.len().max(known.len()))
        .min();
    match near {
        Some((_, near)) => format!("unknown table {name}, did you mean {near}?"),
        None => format!("unknown table {name}, tables are {}", known.join(", ")),
    }
}

fn place(diagnostic: &Diagnostic) -> Option<Location> {
    let start = diagnostic.span?.start;
    (start.line > 0).then_some(Location { line: start.line, column: start.column })
}

/// Takes ` at Line: 3, Column: 14` off the end (sqlparser's spelling).
fn split_location(message: &str) -> (String, Option<Location>) {
    let parsed = message.rsplit_once(" at Line: ").and_then(|(before, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
        Some((before.to_owned(), Location { line: line.parse().ok()?, column: digits.parse().ok()? }))
    });
    match parsed {
        Some((message, location)) => (message, Some(location)),
        None => (message.to_owned(), None),
    }
}

/// The texts between quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('\'').skip(1).step_by(2)
}

/// Messages are lower-case, words that are names keep their case.
fn decapitalised(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// The first error of that type in the chain, those inside Arrow's and DataFusion's included.
fn find<E: Error + 'static>(error: &DataFusionError) -> Option<&E> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
