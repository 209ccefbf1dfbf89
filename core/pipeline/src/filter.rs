use crate::OperatorError;
use arrow_array::RecordBatch;
use arrow_buffer::BooleanBuffer;

/// Chooses the rows that a step is about.
pub trait Filter: Send + Sync {
    /// One bit a row.
    ///
    /// # Errors
    /// When the condition cannot be evaluated.
    fn select(&self, rows: &RecordBatch) -> Result<BooleanBuffer, OperatorError>;
}
