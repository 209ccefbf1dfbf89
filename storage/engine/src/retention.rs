//! Removing whole files that are too old or too many. Files hold one hour of rows, so a row leaves
//! at most an hour after its time.

use crate::engine::Inner;
use crate::error::EngineError;
use crate::live_file::LiveFile;
use crate::memtable::Key;
use lincei_catalog::{FileCommit, Retention};
use lincei_model::telemetry::Counter;
use std::collections::BTreeMap;
use std::sync::Arc;
use ulid::Ulid;

/// Removes from the catalog what retention does not allow; returns how many files.
pub(crate) async fn enforce(inner: &Inner) -> Result<usize, EngineError> {
    let _files_stay = inner.maintenance.lock().await;
    inner.must_own_directory()?;
    let now_ns = inner.clock.now_ns();
    let mut tables: BTreeMap<Key, Vec<Arc<LiveFile>>> = BTreeMap::new();
    for file in inner.state.files() {
        tables.entry((file.tenant.clone(), file.table)).or_default().push(file);
    }
    let mut removed = Vec::new();
    for (key, files) in tables {
        let (tenant, table) = key.clone();
        let retention = inner.catalog(move |c| c.retention(&tenant, table)).await?;
        let expired = expired(&files, &retention, now_ns);
        if !expired.is_empty() {
            tracing::info!(tenant = %key.0, table = %key.1, files = expired.len(), "retention removes files");
        }
        removed.extend(expired);
    }
    let count = removed.len();
    if count > 0 {
        let change = FileCommit { removed, now_ns, ..FileCommit::default() };
        let points = ["retention.before_commit", "retention.after_commit", "retention.after_publish"];
        inner.replace_files(change, points).await?;
        inner.telemetry.add(Counter::RetainedFilesDeleted, count as u64);
    }
    Ok(count)
}

/// Files of one table that have to go: all rows too old, or the oldest beyond the allowed bytes.
fn expired(files: &[Arc<LiveFile>], retention: &Retention, now_ns: i64) -> Vec<Ulid> {
    let oldest_ns =
        retention.max_age.map(|age| now_ns.saturating_sub(i64::try_from(age.as_nanos()).unwrap_or(i64::MAX)));
    let mut newest_first: Vec<_> = files.iter().collect();
    newest_first.sort_unstable_by_key(|f| std::cmp::Reverse((f.max_time_ns, f.id)));
    let mut bytes = 0_u64;
    let mut is_over = false;
    let must_go = |file: &&&Arc<LiveFile>| {
        bytes = bytes.saturating_add(file.bytes);
        // once over, everything older goes as well, or gaps in time would appear
        is_over |= retention.max_bytes.is_some_and(|max| bytes > max);
        is_over || oldest_ns.is_some_and(|oldest| file.max_time_ns < oldest)
    };
    newest_first.iter().filter(must_go).map(|f| f.id).collect()
}

#[cfg(test)]
mod tests;
