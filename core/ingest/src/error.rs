use crate::ContentEncoding;
use arrow_schema::ArrowError;
use lincei_model::{BatchError, ErrorCode};

/// Why a whole body is refused. A record that is refused alone is no error: it becomes a row of
/// [`Decoded::rejects`](crate::Decoded).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The bytes are not a protobuf message of the expected type.
    #[error("malformed protobuf at byte {offset}: {detail}")]
    Protobuf {
        /// Where in the body, from 0.
        offset: usize,
        /// What is wrong there.
        detail: &'static str,
    },
    /// The text is not JSON, or not the JSON form of the expected message.
    #[error("malformed json at {path}, line {line} column {column}: {detail}")]
    Json {
        /// Path of the member, as in `resourceLogs[0].scopeLogs[2].scope`; `$` for the whole body.
        path: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        detail: String,
    },
    /// The compressed stream is damaged or cut short.
    #[error("body is not valid {encoding}")]
    Compression {
        /// The encoding that was announced.
        encoding: ContentEncoding,
        /// What the decompressor said.
        source: std::io::Error,
    },
    /// The `Content-Encoding` is not one we read.
    #[error("unknown content encoding {0:?} (known: identity, gzip, zstd)")]
    UnknownEncoding(String),
    /// The decompressed body is too large.
    #[error("body is larger than {limit} bytes after decompression")]
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The request holds too many records.
    #[error("request has more than {limit} records")]
    TooManyRecords {
        /// The limit.
        limit: usize,
    },
    /// The rows would be far larger than the body they came from.
    #[error("{what} of the request come to more than {limit} bytes once written per record")]
    Expansion {
        /// What grew.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// One attribute value was sent in an absurd number of pieces.
    #[error("a value is split over more than {limit} fields")]
    TooManyFragments {
        /// The limit.
        limit: usize,
    },
    /// The body did not arrive whole, or not in the frame its protocol wants; the caller knows why.
    #[error("{detail}")]
    Transport {
        /// The caller's code.
        code: ErrorCode,
        /// The caller's words.
        detail: String,
    },
    /// Arrow refused rows that we built: a defect on our side.
    #[error("rows could not be built")]
    Arrow(#[from] ArrowError),
    /// Rows that we built lack the table's schema: a defect on our side.
    #[error("rows could not be built")]
    Batch(#[from] BatchError),
}

impl IngestError {
    /// The code that clients are answered with.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Protobuf { .. } | Self::Json { .. } | Self::Compression { .. } | Self::UnknownEncoding(_) => {
                ErrorCode::Invalid
            }
            Self::BodyTooLarge { .. }
            | Self::TooManyRecords { .. }
            | Self::Expansion { .. }
            | Self::TooManyFragments { .. } => ErrorCode::TooLarge,
            Self::Transport { code, .. } => *code,
            Self::Arrow(_) | Self::Batch(_) => ErrorCode::Internal,
        }
    }

    /// The reason as `rejects` keeps it: the message and, unlike `Display`, its causes.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut reason = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            reason.push_str(": ");
            reason.push_str(&error.to_string());
            cause = error.source();
        }
        reason
    }
}
