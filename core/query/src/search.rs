//! The search language of the log page and of the SQL function `search('…')`.
//!
//! | text | meaning |
//! |---|---|
//! | `timeout` | the text column (see below) contains it, whatever the case |
//! | `"connection reset"` | contains these words in this order, spaces included |
//! | `conn*reset` | contains `conn`, then `reset` somewhere after it |
//! | `service:api` | the column equals |
//! | `service:api,web` | equals any of |
//! | `host.name:"db 1"` | no such column: attribute or resource attribute `host.name` equals |
//! | `url.path:/api/*` | `*` stands for any text |
//! | `severity:>=WARN` | severities are ordered; case does not matter |
//! | `http.response.status_code:>=500` | numbers compare as numbers; attributes that are none do not match |
//! | `duration_ns:>100ms` | durations may carry a unit: ns, us, ms, s, m, h |
//! | `duration_ns:[1ms TO 5ms]` | both ends included; `*` leaves an end open |
//! | `user.id:*` | present |
//! | `level:(warn OR error)` | the conditions in parentheses are all about the field |
//! | `attributes.service:x` | the attribute, although a column has its name; `resource.` likewise |
//! | `a b`, `a AND b` | both |
//! | `a OR b` | either; binds weaker than AND |
//! | `-a`, `NOT a` | not; rows that lack the field match |
//! | `(a OR b) c` | grouping |
//! | `\:` `\*` `\"` `\ ` | the character itself |
//!
//! The text column is the first that the table has of `body`, `name`, `metric`, `reason`. Text in
//! `body` is compared by containing, `kind`, `status` and `temporality` whatever the case, ids of
//! traces and spans in lower case, everything else exactly.

mod ast;
mod columns;
mod lower;
mod parse;
mod value;

pub(crate) use ast::Search;
pub(crate) use lower::lower;
pub(crate) use parse::parse;

/// Bytes of one search text.
pub(crate) const SEARCH_BYTES_MAX: usize = 16 << 10;
/// Parentheses and negations inside each other.
const DEPTH_MAX: usize = 32;
/// Words, phrases and values in one search text.
const TERMS_MAX: usize = 256;

/// Why a search text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("search text: {message}")]
pub(crate) struct SearchError {
    /// Byte offset in the search text.
    pub(crate) offset: usize,
    /// What was found and what was expected.
    pub(crate) message: String,
}

impl SearchError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}
