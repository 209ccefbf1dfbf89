//! Trace and span ids.

use crate::number_text::push_hex;

/// Bytes of a trace id.
pub(crate) const TRACE_ID_BYTES: usize = 16;
/// Bytes of a span id.
pub(crate) const SPAN_ID_BYTES: usize = 8;

/// An id as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id<'a> {
    /// Empty or all zero: none.
    None,
    /// Of the right length.
    Valid(&'a [u8]),
    /// Of a wrong length.
    Invalid(&'a [u8]),
}

impl<'a> Id<'a> {
    pub(crate) fn new(bytes: &'a [u8], len: usize) -> Self {
        if bytes.iter().all(|byte| *byte == 0) && (bytes.is_empty() || bytes.len() == len) {
            Self::None
        } else if bytes.len() == len {
            Self::Valid(bytes)
        } else {
            Self::Invalid(bytes)
        }
    }

    /// The column's text, written to `scratch`.
    pub(crate) fn text<'t>(&self, scratch: &'t mut String) -> Option<&'t str> {
        scratch.clear();
        match self {
            Self::Valid(bytes) => {
                push_hex(scratch, bytes);
                Some(scratch)
            }
            Self::None | Self::Invalid(_) => None,
        }
    }
}
