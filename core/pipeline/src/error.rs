use lincei_model::ErrorCode;
use std::fmt;

/// In which way an operator failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// It said so itself.
    Refused,
    /// It broke off: a trap of a plugin.
    Trap,
    /// It took too long and was stopped.
    Deadline,
    /// It asked for more than it may have.
    Limit,
    /// What it gave back breaks the rules of the interface.
    Output,
    /// It failed so often that it is not asked for now.
    Open,
    /// A defect on our side.
    Internal,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Refused, Self::Trap, Self::Deadline, Self::Limit, Self::Output, Self::Open, Self::Internal];

    /// The name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Trap => "trap",
            Self::Deadline => "deadline",
            Self::Limit => "limit",
            Self::Output => "output",
            Self::Open => "open",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an operator did not work on a batch. The batch is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct OperatorError {
    /// In which way.
    pub kind: FailureKind,
    /// What was wrong, for the author of the operator.
    pub detail: String,
}

impl OperatorError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// Why there is no pipeline.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The configuration breaks a rule.
    #[error("{detail}")]
    Invalid {
        /// Which value, and the rule.
        detail: String,
    },
    /// Arrow refused; a defect here.
    #[error("columns do not fit together")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// Columns cannot be set; a defect here.
    #[error(transparent)]
    Work(#[from] crate::WorkError),
    /// Rows do not have their table's schema; a defect here.
    #[error(transparent)]
    Batch(#[from] lincei_model::BatchError),
}

impl PipelineError {
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into() }
    }

    /// The failure kind, for HTTP and gRPC.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid { .. } => ErrorCode::Invalid,
            Self::Arrow(_) | Self::Work(_) | Self::Batch(_) => ErrorCode::Internal,
        }
    }
}
