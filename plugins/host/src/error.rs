use lincei_model::ErrorCode;
use lincei_pipeline::{FailureKind, OperatorError};
use std::path::PathBuf;

/// Why a plugin is not installed, or the host does not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// What was uploaded is no plugin.
    #[error("{detail}")]
    Invalid {
        /// What is wrong, and what to do.
        detail: String,
    },
    /// It is larger than a plugin may be.
    #[error("{detail}")]
    TooLarge {
        /// What is too large, and the bound.
        detail: String,
    },
    /// It cannot be compiled within the bounds of the compiler.
    #[error("the plugin cannot be compiled: {detail}")]
    Compile {
        /// What the compiler said, or which bound it broke.
        detail: String,
    },
    /// It failed when it was tried.
    #[error("the plugin failed when it was tried: {0}")]
    Trial(PluginFailure),
    /// The limits that were asked for.
    #[error(transparent)]
    Limits(#[from] crate::LimitError),
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The engine refused; a defect here.
    #[error("the engine failed: {detail}")]
    Engine {
        /// What it said.
        detail: String,
    },
}

impl HostError {
    /// The failure kind, for HTTP.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid { .. } | Self::Compile { .. } | Self::Trial(_) | Self::Limits(_) => ErrorCode::Invalid,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => ErrorCode::Unavailable,
            Self::Io { .. } | Self::Engine { .. } => ErrorCode::Internal,
        }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into() }
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    pub(crate) fn engine(error: &wasmtime::Error) -> Self {
        Self::Engine { detail: format!("{error:#}") }
    }
}

/// Why a call of a plugin gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct PluginFailure {
    /// In which way.
    pub kind: FailureKind,
    /// What happened, for the author.
    pub detail: String,
    /// Functions of the guest, innermost first, with their places where they are known.
    pub backtrace: Vec<String>,
}

impl PluginFailure {
    pub(crate) fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), backtrace: Vec::new() }
    }
}

impl From<PluginFailure> for OperatorError {
    fn from(failure: PluginFailure) -> Self {
        Self::new(failure.kind, failure.detail)
    }
}
