//! Everything that can go wrong with a query, and where in its text.

mod classify;

pub(crate) use classify::{building, execution, file, is_file_failure, planning};

use datafusion::error::DataFusionError;
use lincei_model::ErrorCode;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A place in an SQL text; line and column count from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A bound that a query broke. The message of [`QueryError::Limit`] says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Length of the SQL text.
    SqlBytes,
    /// Parentheses and subqueries inside each other.
    SqlDepth,
    /// Operators in one expression, joins and set operations in one query.
    SqlOperators,
    /// Tables read by one statement, counted as often as they are read.
    SqlTables,
    /// Running time.
    Time,
    /// Memory of one query.
    QueryMemory,
    /// Memory of all queries together.
    Memory,
    /// Disk used for intermediate results.
    SpillBytes,
    /// Queries at once.
    Running,
    /// Queries that wait for their turn.
    Queued,
    /// Clients that follow new rows.
    Followers,
}

impl Limit {
    /// The stable name: the option of the server where it can be set.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SqlBytes => "sql_bytes_max",
            Self::SqlDepth => "sql_depth_max",
            Self::SqlOperators => "sql_operators_max",
            Self::SqlTables => "sql_tables_max",
            Self::Time => "query_seconds_max",
            Self::QueryMemory | Self::Memory => "query_memory",
            Self::SpillBytes => "spill_bytes_max",
            Self::Running => "queries_running_max",
            Self::Queued => "queued_max",
            Self::Followers => "followers_max",
        }
    }

    const fn code(self) -> ErrorCode {
        match self {
            Self::SqlBytes | Self::SqlDepth | Self::SqlOperators | Self::SqlTables | Self::QueryMemory => {
                ErrorCode::TooLarge
            }
            Self::Time => ErrorCode::Timeout,
            Self::Memory | Self::SpillBytes => ErrorCode::Unavailable,
            Self::Running | Self::Queued | Self::Followers => ErrorCode::RateLimited,
        }
    }
}

/// Why a query has no answer, or no more of it. Cheap to clone: the listing of ended queries and
/// the caller share it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueryError {
    /// The text is no statement that can be run.
    #[error("{message}")]
    Sql {
        /// What is wrong and what would be right.
        message: String,
        /// Where.
        location: Option<Location>,
        /// What the planner said.
        #[source]
        source: Option<Arc<DataFusionError>>,
    },
    /// A search text cannot be used.
    #[error("{message}")]
    Search {
        /// What is wrong and what would be right.
        message: String,
        /// Where in the search text.
        location: Location,
    },
    /// A parameter other than the search text cannot be used.
    #[error("{0}")]
    Parameter(String),
    /// The statement could change something.
    #[error(
        "{statement} is not allowed: queries are read-only, use SELECT, WITH, VALUES, EXPLAIN, SHOW TABLES, SHOW COLUMNS or DESCRIBE"
    )]
    Forbidden {
        /// Its first words.
        statement: String,
        /// Where.
        location: Option<Location>,
    },
    /// A bound was reached.
    #[error("{message}")]
    Limit {
        /// Which.
        limit: Limit,
        /// Which, how much, and what to do.
        message: String,
        /// Where, when it is about the text.
        location: Option<Location>,
    },
    /// The data make the statement fail: division by zero, a cast of text that is no number.
    #[error("{message}")]
    Data {
        /// What.
        message: String,
        /// What the executor said.
        #[source]
        source: Arc<DataFusionError>,
    },
    /// A stored file could not be read. It is checked at once and set aside when it is damaged, so
    /// the same query may succeed the next time.
    #[error("{message}")]
    File {
        /// The files found damaged and set aside, object paths; empty when none was (yet).
        paths: Vec<String>,
        /// What.
        message: String,
        /// What the reader said.
        #[source]
        source: Arc<DataFusionError>,
    },
    /// The id is not one.
    #[error("query id {0:?} is not 1 to 64 letters, digits, '-' and '_'")]
    Id(String),
    /// A running query has this id.
    #[error("a query with the id {0:?} is running")]
    DuplicateId(String),
    /// Someone cancelled it, or its client went away.
    #[error("query {id} was cancelled")]
    Cancelled {
        /// The query.
        id: String,
    },
    /// The service is going away.
    #[error("the query service is shutting down")]
    ShuttingDown,
    /// A defect on our side. Only this query is affected.
    #[error("{message}")]
    Internal {
        /// What.
        message: String,
        /// What the planner or executor said.
        #[source]
        source: Option<Arc<DataFusionError>>,
    },
    /// The service could not be started.
    #[error("query service: {message}")]
    Start {
        /// What failed.
        message: String,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
}

impl QueryError {
    /// The one mapping to the product's error codes.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Sql { .. } | Self::Search { .. } | Self::Parameter(_) | Self::Data { .. } | Self::Id(_) => {
                ErrorCode::Invalid
            }
            Self::Forbidden { .. } => ErrorCode::Forbidden,
            Self::Limit { limit, .. } => limit.code(),
            Self::DuplicateId(_) | Self::Cancelled { .. } => ErrorCode::Conflict,
            Self::File { .. } | Self::ShuttingDown => ErrorCode::Unavailable,
            Self::Internal { .. } | Self::Start { .. } => ErrorCode::Internal,
        }
    }

    /// Where in the SQL or search text, when it is about one and the place is known.
    #[must_use]
    pub const fn location(&self) -> Option<Location> {
        match self {
            Self::Sql { location, .. } | Self::Forbidden { location, .. } | Self::Limit { location, .. } => *location,
            Self::Search { location, .. } => Some(*location),
            _ => None,
        }
    }

    /// The bound that was reached.
    #[must_use]
    pub const fn limit(&self) -> Option<Limit> {
        match self {
            Self::Limit { limit, .. } => Some(*limit),
            _ => None,
        }
    }

    pub(crate) fn sql(message: impl Into<String>, location: Option<Location>) -> Self {
        Self::Sql { message: message.into(), location, source: None }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::Internal { message: message.into(), source: None }
    }

    pub(crate) fn text_limit(limit: Limit, message: &str, location: Option<Location>) -> Self {
        Self::Limit { limit, message: format!("{message} (limit {})", limit.name()), location }
    }

    pub(crate) fn time(limit: Duration) -> Self {
        let message = format!(
            "the query ran longer than {} s (limit {}): narrow the time range, or read fewer columns",
            limit.as_secs_f64(),
            Limit::Time.name()
        );
        Self::Limit { limit: Limit::Time, message, location: None }
    }
}
