//! `/api/v1/system/*`: flush, check and backup of the running server.

use super::App;
use crate::problem::Failure;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// What a check found; empty findings mean that all is well.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct CheckResult {
    /// Parquet files verified.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Frames of the write-ahead log verified.
    pub(crate) wal_frames: u64,
    /// What is wrong, one sentence each.
    pub(crate) findings: Vec<String>,
    /// Oddities that cost no rows, such as files set aside earlier.
    pub(crate) notes: Vec<String>,
}

/// Where to copy to, on the server's disk.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupRequest {
    /// Absolute path of a directory that does not exist yet, or is empty.
    #[schema(value_type = String)]
    pub(crate) target: PathBuf,
}

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct BackupResult {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
}

/// Writes all rows in memory to Parquet, now.
#[utoipa::path(post, path = "/api/v1/system/flush", tag = "system", summary = "Write all rows in memory to Parquet", responses((status = 204)))]
pub(crate) async fn flush(State(app): State<Arc<App>>) -> Result<http::StatusCode, Failure> {
    app.engine.flush().await?;
    Ok(http::StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/system/check", tag = "system", summary = "Verify every file, the write-ahead log and the catalog", responses((status = 200, body = CheckResult)))]
pub(crate) async fn check(State(app): State<Arc<App>>) -> Result<Json<CheckResult>, Failure> {
    Ok(Json(check_result(&app.engine.check().await?)))
}

pub(crate) fn check_result(report: &lincei_engine::CheckReport) -> CheckResult {
    let text = |found: &lincei_engine::Finding| format!("{}: {}", found.subject, found.detail);
    CheckResult {
        files: report.files,
        bytes: report.file_bytes,
        wal_frames: report.frames,
        findings: report.findings.iter().map(text).collect(),
        notes: report.notes.iter().map(text).collect(),
    }
}

#[utoipa::path(post, path = "/api/v1/system/backup", tag = "system", summary = "Copy everything to a directory of the server", request_body = BackupRequest, responses((status = 200, body = BackupResult), (status = 409, body = lincei_api::Problem)))]
pub(crate) async fn backup(
    State(app): State<Arc<App>>,
    Json(request): Json<BackupRequest>,
) -> Result<Json<BackupResult>, Failure> {
    if !request.target.is_absolute() {
        return Err(Failure::invalid(format!("target {} is not an absolute path", request.target.display())));
    }
    Ok(Json(backup_result(&app.engine.backup(&request.target).await?)))
}

pub(crate) fn backup_result(report: &lincei_engine::BackupReport) -> BackupResult {
    BackupResult { files: report.files, bytes: report.bytes, rows: report.rows }
}
