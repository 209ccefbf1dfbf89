//! Hiding what must not be stored.

use super::assign::rewrite;
use super::{KernelError, Target};
use crate::work::Work;
use arrow_buffer::BooleanBuffer;
use hmac::{Hmac, Mac as _};
use lincei_model::limits::RECORD_BYTES_MAX;
use regex::Regex;
use sha2::Sha256;
use std::fmt::Write as _;

/// Bytes of a digest that are kept: 128 bits.
const DIGEST_BYTES: usize = 16;

/// Replaces every match of an expression; `$1` and `$name` stand for groups. Gives the rows that had
/// one.
///
/// # Errors
/// When the column has no text, or a text would grow beyond what a record may have.
pub fn redact(
    work: &mut Work,
    column: &Target,
    pattern: &Regex,
    replacement: &str,
) -> Result<BooleanBuffer, KernelError> {
    let has_groups = replacement.contains('$');
    rewrite(work, column, |_, text, out| {
        let bytes_max = RECORD_BYTES_MAX.max(text.len());
        let mut end = 0;
        let mut has_match = false;
        let mut push = |start: usize, next: usize, out: &mut String, fill: &mut dyn FnMut(&mut String)| {
            out.push_str(text.get(end..start).unwrap_or_default());
            fill(out);
            (end, has_match) = (next, true);
            if out.len() <= bytes_max {
                return Ok(());
            }
            Err(KernelError::Argument(format!("a replacement makes a text longer than {bytes_max} bytes")))
        };
        if has_groups {
            for groups in pattern.captures_iter(text) {
                let (start, next) = groups.get(0).map_or((0, 0), |found| (found.start(), found.end()));
                push(start, next, out, &mut |out| groups.expand(replacement, out))?;
            }
        } else {
            for found in pattern.find_iter(text) {
                push(found.start(), found.end(), out, &mut |out| out.push_str(replacement))?;
            }
        }
        out.push_str(text.get(end..).unwrap_or_default());
        Ok(has_match)
    })
}

/// Replaces values by the first 32 hexadecimal digits of their HMAC-SHA-256 (RFC 2104, FIPS 180-4).
///
/// # Errors
/// When the column has no text, or the mask is of another batch.
pub fn hash(work: &mut Work, column: &Target, key: &str, rows: Option<&BooleanBuffer>) -> Result<(), KernelError> {
    if let Some(rows) = rows {
        work.check_rows("a mask", rows.len())?;
    }
    let start = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key.as_bytes())
        .map_err(|error| KernelError::Argument(format!("key: {error}")))?;
    rewrite(work, column, |row, text, out| {
        if !rows.is_none_or(|rows| rows.value(row)) {
            return Ok(false);
        }
        let mut mac = start.clone();
        mac.update(text.as_bytes());
        for byte in mac.finalize().into_bytes().iter().take(DIGEST_BYTES) {
            let _ = write!(out, "{byte:02x}");
        }
        Ok(true)
    })
    .map(drop)
}
