use serde::{Deserialize, Serialize};
use std::fmt;

/// The closed set of failure kinds. Each crate maps its errors here once; the server maps this
/// once to HTTP and once to gRPC. The wire names are stable: clients match on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request itself is wrong; sending it again cannot help.
    Invalid,
    /// No credentials, or wrong ones.
    Unauthenticated,
    /// Known caller, not allowed.
    Forbidden,
    /// The named thing does not exist.
    NotFound,
    /// The state does not allow it now.
    Conflict,
    /// A size limit was broken.
    TooLarge,
    /// Too many requests; try again later.
    RateLimited,
    /// A time limit was reached.
    Timeout,
    /// Out of service for now (disk full, shutting down, overloaded); try again later.
    Unavailable,
    /// A defect on our side.
    Internal,
}

impl ErrorCode {
    /// All codes, in declaration order.
    pub const ALL: [Self; 10] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::TooLarge,
        Self::RateLimited,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The stable wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request may succeed later. Exporters resend on these and drop on the rest
    /// (OTLP specification, "Failures").
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Timeout | Self::Unavailable)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
