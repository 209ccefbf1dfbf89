//! Reading everything to find what is not as it was written.

use crate::blobs::{self, Blobs, blobs_dir};
use crate::data_dir::DataDirLock;
use crate::engine::{Inner, blocking};
use crate::error::EngineError;
use crate::options::EngineOptions;
use crate::parquet_file;
use crate::recovery::Known;
use crate::wal::{SegmentRef, list_segments, scan_segment};
use futures::TryStreamExt;
use lincei_catalog::{Catalog, DataFile};
use lincei_model::telemetry::Counter;
use object_store::ObjectStore;
use std::collections::HashSet;
use std::sync::Arc;

/// Objects, and blobs, without a catalog entry that are listed one by one.
const STRAY_MAX: usize = 100;

/// What a check read and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Live files read, whole.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Blobs in use, read whole.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// Log segments read.
    pub segments: u64,
    /// Intact frames in them.
    pub frames: u64,
    /// Everything that is wrong; empty when nothing is.
    pub findings: Vec<Finding>,
    /// What is known and set aside already, and objects the catalog does not know.
    pub notes: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Object path, file path or `catalog`.
    pub subject: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Finding {
    fn new(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { subject: subject.into(), detail: detail.into() }
    }
}

impl CheckReport {
    /// Whether everything is as it was written.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Checks the data directory of a running engine. Files keep their objects while it runs.
pub(crate) async fn check_engine(inner: &Arc<Inner>) -> Result<CheckReport, EngineError> {
    let mut report = CheckReport::default();
    for file in inner.state.files() {
        check_file(&inner.store, &file, &mut report).await;
    }
    // a segment that a flush removes meanwhile is no finding; the newest is read as far as it is
    // synced, and one that is only being made is left out
    let segments = list_segments(&inner.options.wal_dir())?;
    let (newest, synced_bytes) = inner.wal.status().newest_segment();
    for segment in segments.into_iter().filter(|s| s.number <= newest) {
        let length = (segment.number == newest).then_some(synced_bytes);
        check_segment(segment, length, &mut report).await?;
    }
    {
        let _kept = inner.blobs.keep().await;
        check_blobs(&inner.catalog, Some(&inner.blobs), &mut report).await?;
    }
    check_catalog(&inner.catalog, &inner.store, &mut report).await?;
    note_damaged_segments(&inner.options, &mut report);
    Ok(report)
}

/// Checks a data directory that no engine has open. Changes nothing in it but the lock file.
///
/// # Errors
/// [`EngineError::InUse`] while an engine runs on it, or when catalog or log cannot be read at all.
pub async fn check_offline(
    options: &EngineOptions,
    catalog: &Arc<Catalog>,
    store: &Arc<dyn ObjectStore>,
) -> Result<CheckReport, EngineError> {
    let _lock = DataDirLock::acquire(&options.data_dir)?;
    let mut report = CheckReport::default();
    let known = read_known(catalog).await?;
    for file in &known.files {
        check_file(store, file, &mut report).await;
    }
    let flushed_through = known.wal_flushed_through();
    for segment in list_segments(&options.wal_dir())?.into_iter().filter(|s| s.number > flushed_through) {
        check_segment(segment, None, &mut report).await?;
    }
    check_blobs(catalog, Blobs::existing(&blobs_dir(&options.data_dir))?.as_ref(), &mut report).await?;
    check_catalog(catalog, store, &mut report).await?;
    note_damaged_segments(options, &mut report);
    Ok(report)
}

/// Copies that a replay set aside.
fn note_damaged_segments(options: &EngineOptions, report: &mut CheckReport) {
    let copies = std::fs::read_dir(options.quarantine_dir()).into_iter().flatten().flatten();
    let note =
        |copy: std::fs::DirEntry| Finding::new(copy.path().display().to_string(), "damaged log segment, set aside");
    report.notes.extend(copies.map(note));
}

async fn read_known(catalog: &Arc<Catalog>) -> Result<Known, EngineError> {
    let catalog = Arc::clone(catalog);
    blocking("catalog call", move || Known::read(&catalog)).await?
}

async fn check_file(store: &Arc<dyn ObjectStore>, file: &DataFile, report: &mut CheckReport) {
    report.files += 1;
    report.file_bytes += file.bytes;
    if let Err(corruption) = parquet_file::verify(store, file).await {
        report.findings.push(Finding::new(&file.path, with_source(&corruption)));
    }
}

async fn check_blobs(
    catalog: &Arc<Catalog>,
    blobs: Option<&Blobs>,
    report: &mut CheckReport,
) -> Result<(), EngineError> {
    // those that are there first: one that is put and named in between is then known, or not seen
    let present = match blobs {
        Some(blobs) => blobs.list().await?,
        None => Vec::new(),
    };
    let in_use = blobs::names_in_use(catalog).await?;
    for sha256 in &in_use {
        let found = match blobs {
            Some(blobs) => blobs.get(sha256).await,
            None => Ok(None),
        };
        match found.and_then(|bytes| bytes.ok_or_else(|| blobs::missing(sha256))) {
            Ok(bytes) => {
                report.blobs += 1;
                report.blob_bytes += bytes.len() as u64;
            }
            Err(EngineError::Corrupt { path, detail }) => report.findings.push(Finding::new(path, detail)),
            Err(error) => {
                report.findings.push(Finding::new(blobs::shown(&blobs::object_path(sha256)), with_source(&error)));
            }
        }
    }
    let in_use: HashSet<&String> = in_use.iter().collect();
    let unused = present.iter().filter(|sha256| !in_use.contains(sha256)).take(STRAY_MAX);
    let note = |sha256: &String| Finding::new(blobs::shown(&blobs::object_path(sha256)), "blob is not in the catalog");
    report.notes.extend(unused.map(note));
    Ok(())
}

async fn check_segment(segment: SegmentRef, length: Option<u64>, report: &mut CheckReport) -> Result<(), EngineError> {
    let path = segment.path.display().to_string();
    let scanned = blocking("reading of the log", move || scan_segment(&segment, length)).await?;
    match scanned {
        Ok((frames, found)) => {
            report.segments += 1;
            report.frames += frames;
            let finding = |(at, detail): (u64, String)| Finding::new(path.clone(), format!("at byte {at}: {detail}"));
            report.findings.extend(found.into_iter().map(finding));
        }
        Err(EngineError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn check_catalog(
    catalog: &Arc<Catalog>,
    store: &Arc<dyn ObjectStore>,
    report: &mut CheckReport,
) -> Result<(), EngineError> {
    // objects first: one that is committed or deleted in between is then known, or not seen
    let objects: Vec<String> = store
        .list(None)
        .map_ok(|object| object.location.to_string())
        .try_collect()
        .await
        .map_err(EngineError::store("listed", ""))?;
    let shared = Arc::clone(catalog);
    let (problems, known, set_aside) = blocking("catalog call", move || {
        let set_aside = shared.quarantined()?;
        Ok::<_, EngineError>((shared.integrity()?, Known::read(&shared)?, set_aside))
    })
    .await??;
    report.findings.extend(problems.into_iter().map(|p| Finding::new("catalog", p)));
    report.notes.extend(set_aside.into_iter().map(|q| Finding::new(q.file.path, format!("set aside: {}", q.reason))));
    let paths: HashSet<&str> = known.paths();
    let stray = objects.into_iter().filter(|o| !paths.contains(o.as_str()));
    report.notes.extend(stray.take(STRAY_MAX).map(|o| Finding::new(o, "object is not in the catalog")));
    Ok(())
}

/// An error and what caused it: a finding is read by a person who has nothing else.
fn with_source(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// Verifies a file unless it is no longer live, and sets it aside when it is damaged.
pub(crate) async fn inspect(inner: &Inner, file: &DataFile) -> Result<bool, EngineError> {
    let _files_stay = inner.maintenance.lock().await;
    inner.must_own_directory()?;
    if !inner.state.files().iter().any(|f| f.id == file.id) {
        return Ok(false);
    }
    quarantine_if_damaged(inner, file).await
}

/// As [`inspect`], for a caller that holds `maintenance` and knows that the file is live.
pub(crate) async fn quarantine_if_damaged(inner: &Inner, file: &DataFile) -> Result<bool, EngineError> {
    let reason = match parquet_file::verify(&inner.store, file).await {
        Ok(()) => return Ok(false),
        // a store that does not answer says nothing about the file
        Err(corruption) if corruption.is_proven() => with_source(&corruption),
        Err(corruption) => return Err(EngineError::Unverified { path: file.path.clone(), source: corruption }),
    };
    tracing::error!(path = file.path, rows = file.rows, reason, "damaged file is set aside");
    let (id, now_ns) = (file.id, inner.clock.now_ns());
    let _until_published = inner.commit.lock().await;
    inner.catalog(move |c| c.quarantine(id, &reason, now_ns)).await?;
    inner.state.publish_files(&[id], Vec::new());
    inner.telemetry.add(Counter::QuarantinedFiles, 1);
    Ok(true)
}
