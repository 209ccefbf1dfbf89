//! `lincei check`, `backup` and `restore`.

use super::{DataArgs, ServerArgs, complain, say};
use crate::http::{BackupRequest, BackupResult, CheckResult, backup_result, check_result};
use crate::remote::Remote;
use crate::serve::{open_engine, open_store};
use anyhow::{Context as _, bail};
use lincei_engine::{EngineError, EngineOptions};
use lincei_model::{Clock, SystemClock, Telemetry};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// Directory to make; it must not exist, or be empty. The server writes it, when one runs.
    target: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// Directory that `lincei backup` made.
    backup: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

/// Verifies a data directory, through the server when one has it open.
pub(super) fn check(args: &CheckArgs) -> anyhow::Result<()> {
    if !args.data.data.exists() {
        bail!("data directory {} does not exist", args.data.data.display());
    }
    let result = match offline(&args.data.data, Job::Check) {
        Ok(Done::Checked(result)) => result,
        Ok(Done::Copied(_)) => bail!("the check gave no report"),
        Err(error) if in_use(&error) => Remote::new(&args.server)?.call("/api/v1/system/check", &())?,
        Err(error) => return Err(error),
    };
    say_check(&result)
}

fn say_check(result: &CheckResult) -> anyhow::Result<()> {
    say(&format!(
        "{} files, {} bytes, and {} frames of the write-ahead log verified",
        result.files, result.bytes, result.wal_frames
    ));
    for note in &result.notes {
        say(&format!("note: {note}"));
    }
    for finding in &result.findings {
        complain(finding);
    }
    match result.findings.len() {
        0 => {
            say("no fault found");
            Ok(())
        }
        n => bail!("{n} faults found"),
    }
}

/// Copies a data directory, through the server when one has it open.
pub(super) fn backup(args: &BackupArgs) -> anyhow::Result<()> {
    let target = std::path::absolute(&args.target)?;
    let result = match offline(&args.data.data, Job::Backup(target.clone())) {
        Ok(Done::Copied(result)) => result,
        Ok(Done::Checked(_)) => bail!("the backup gave no report"),
        Err(error) if in_use(&error) => {
            let request = BackupRequest { target: target.clone() };
            Remote::new(&args.server)?.call("/api/v1/system/backup", &request)?
        }
        Err(error) => return Err(error),
    };
    let BackupResult { files, rows, bytes } = result;
    say(&format!("{files} files with {rows} rows, {bytes} bytes, copied to {}", target.display()));
    Ok(())
}

/// Makes a data directory from a backup.
pub(super) fn restore(args: &RestoreArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(lincei_engine::restore(&args.backup, &args.data.data, None))?;
    say(&format!("{} files with {} rows restored to {}", report.files, report.rows, args.data.data.display()));
    Ok(())
}

enum Job {
    Check,
    Backup(PathBuf),
}

enum Done {
    Checked(CheckResult),
    Copied(BackupResult),
}

/// Does a job on a data directory that no server has open.
fn offline(data: &Path, job: Job) -> anyhow::Result<Done> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if let Job::Check = job {
            let catalog = Arc::new(lincei_engine::open_catalog(data)?);
            let report = lincei_engine::check_offline(&EngineOptions::new(data), &catalog, &open_store(data)?).await?;
            return Ok(Done::Checked(check_result(&report)));
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let options = EngineOptions::new(data);
        let (engine, _) = open_engine(data, options, &clock, &Arc::new(Telemetry::default())).await?;
        let Job::Backup(target) = job else { bail!("nothing to do") };
        let report = engine.backup(&target).await.with_context(|| format!("copying to {}", target.display()))?;
        engine.shutdown().await?;
        Ok(Done::Copied(backup_result(&report)))
    })
}

fn in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<EngineError>(), Some(EngineError::InUse { .. }))
}
