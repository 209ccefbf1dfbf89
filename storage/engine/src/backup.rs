//! Copies of a whole data directory.
//!
//! A backup is a directory with `catalog.db`, `parquet/` with exactly the objects that this catalog
//! lists, at the same paths, and `blobs/` with those that it names, if any. There is no log in it: the
//! backup flushes first.

use crate::blobs::{Blobs, blobs_dir};
use crate::data_dir::{DataDirLock, is_vacant, make_dir, sync_dir, sync_files};
use crate::engine::{Inner, blocking};
use crate::error::EngineError;
use crate::flush;
use crate::options::local_store_root;
use futures::TryStreamExt;
use lincei_catalog::{Catalog, DataFile};
use object_store::buffered::BufWriter;
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupReport {
    /// Parquet files, each compared with its checksum.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs, each compared with its SHA-256.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
}

impl BackupReport {
    fn add(&mut self, file: &DataFile) {
        self.files += 1;
        self.rows += file.rows;
        self.bytes += file.bytes;
    }
}

/// See [`crate::Engine::backup`].
pub(crate) async fn backup(inner: &Inner, target: &Path) -> Result<BackupReport, EngineError> {
    if !is_vacant(target)? {
        return Err(EngineError::NotEmpty(target.to_owned()));
    }
    make_dir(target)?;
    flush::flush_all(inner).await?;
    // catalog and pinned files agree because no commit happens between them; the catalog gets its
    // final name last, so that an interrupted backup has none
    let unfinished = target.join("catalog.db.partial");
    let kept = inner.blobs.keep().await;
    let pinned = {
        let _no_commit = inner.commit.lock().await;
        let pinned = inner.state.files();
        let copy = unfinished.clone();
        inner.catalog(move |c| c.backup_to(&copy)).await?;
        pinned
    };
    let root = local_store_root(target);
    let mut report = BackupReport::default();
    // the copy knows what it names; the catalog itself may have gone on
    let copy = unfinished.clone();
    let names = blocking("reading of the backup's catalog", move || Catalog::open(&copy)?.plugin_blobs()).await??;
    (report.blobs, report.blob_bytes) = Blobs::copy(Some(&inner.blobs), &names, &blobs_dir(target)).await?;
    drop(kept);
    for file in &pinned {
        copy_to_disk(&inner.store, file, &root).await?;
        report.add(file);
    }
    let (paths, target) = (pinned.iter().map(|f| f.path.clone()).collect::<Vec<_>>(), target.to_owned());
    blocking("sync of the backup", move || {
        sync_files(&root, &paths)?;
        finish(&unfinished, &target.join("catalog.db"))?;
        sync_dir(&target)
    })
    .await??;
    Ok(report)
}

/// Writes one object as a file below `root`, comparing length and checksum.
async fn copy_to_disk(store: &Arc<dyn ObjectStore>, file: &DataFile, root: &Path) -> Result<(), EngineError> {
    let path = root.join(&file.path);
    if let Some(dir) = path.parent() {
        make_dir(dir)?;
    }
    let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut output = open.map_err(EngineError::io("create", &path))?;
    let mut check = Check::default();
    let location = parse(&file.path)?;
    let mut input = store.get(&location).await.map_err(EngineError::store("read", &file.path))?.into_stream();
    while let Some(chunk) = input.try_next().await.map_err(EngineError::store("read", &file.path))? {
        check.add(&chunk);
        let written = blocking("writing of the backup", move || output.write_all(&chunk).map(|()| output)).await?;
        output = written.map_err(EngineError::io("write", &path))?;
    }
    check.must_be(file)
}

#[derive(Default)]
struct Check {
    crc32: crc32fast::Hasher,
    bytes: u64,
}

impl Check {
    fn add(&mut self, chunk: &[u8]) {
        self.crc32.update(chunk);
        self.bytes += chunk.len() as u64;
    }

    fn must_be(self, file: &DataFile) -> Result<(), EngineError> {
        let crc32 = self.crc32.finalize();
        let detail = if self.bytes != file.bytes {
            format!("{} bytes, written were {}", self.bytes, file.bytes)
        } else if crc32 != file.crc32 {
            format!("checksum {crc32:08x}, written was {:08x}", file.crc32)
        } else {
            return Ok(());
        };
        Err(EngineError::Corrupt { path: file.path.clone(), detail })
    }
}

/// Puts a backup into an empty data directory. Every object is compared with its checksum, and the
/// catalog is put in place last: a restore that was interrupted is not taken for a data directory.
/// Objects go to `store`, or to `<data_dir>/parquet` when it is `None`; blobs to `<data_dir>/blobs`.
///
/// # Errors
/// [`EngineError::NotEmpty`] when `data_dir` holds anything, [`EngineError::InUse`],
/// [`EngineError::CatalogMissing`] when `backup` is not a finished backup,
/// [`EngineError::Corrupt`] for a file that is not what was backed up.
pub async fn restore(
    backup: &Path,
    data_dir: &Path,
    store: Option<Arc<dyn ObjectStore>>,
) -> Result<BackupReport, EngineError> {
    let source = backup.join("catalog.db");
    if !source.is_file() {
        let found = if backup.is_dir() { "files" } else { "nothing" }.to_owned();
        let what = "is missing, so it is not a finished backup";
        return Err(EngineError::CatalogMissing { dir: backup.to_owned(), found, what });
    }
    if !is_vacant(data_dir)? {
        return Err(EngineError::NotEmpty(data_dir.to_owned()));
    }
    let _lock = DataDirLock::acquire(data_dir)?;
    let unfinished = data_dir.join("catalog.db.partial");
    let opened = unfinished.clone();
    let (files, names) = blocking("reading of the backup's catalog", move || {
        copy_file(&source, &opened)?;
        let catalog = Catalog::open(&opened)?;
        Ok::<_, EngineError>((catalog.files()?, catalog.plugin_blobs()?))
    })
    .await??;
    let target = match store {
        Some(store) => Target::Store(store),
        None => Target::Dir(local_store_root(data_dir)),
    };
    let mut report = BackupReport::default();
    for file in &files {
        target.put(&local_store_root(backup).join(&file.path), file).await?;
        report.add(file);
    }
    let blobs = Blobs::existing(&blobs_dir(backup))?;
    (report.blobs, report.blob_bytes) = Blobs::copy(blobs.as_ref(), &names, &blobs_dir(data_dir)).await?;
    let (paths, data_dir) = (files.iter().map(|f| f.path.clone()).collect::<Vec<_>>(), data_dir.to_owned());
    blocking("sync of the data directory", move || {
        if let Target::Dir(root) = &target {
            sync_files(root, &paths)?;
        }
        finish(&unfinished, &data_dir.join("catalog.db"))?;
        sync_dir(&data_dir)
    })
    .await??;
    Ok(report)
}

enum Target {
    Dir(PathBuf),
    Store(Arc<dyn ObjectStore>),
}

impl Target {
    async fn put(&self, source: &Path, file: &DataFile) -> Result<(), EngineError> {
        let dir = source.parent().unwrap_or(Path::new("."));
        match self {
            Self::Dir(root) => {
                let path = root.join(&file.path);
                let (source, file) = (source.to_owned(), file.clone());
                let check = blocking("restoring of a file", move || copy_file(&source, &path)).await??;
                check.must_be(&file)
            }
            Self::Store(store) => {
                let location = parse(&file.path)?;
                let input = tokio::fs::File::open(source).await.map_err(EngineError::io("open", source))?;
                let mut output = BufWriter::new(Arc::clone(store), location.clone());
                let copied = upload(input, &mut output).await;
                let check = copied.map_err(EngineError::io("upload from", dir))?;
                let checked = check.must_be(file);
                if checked.is_err() {
                    store.delete(&location).await.map_err(EngineError::store("deleted", &file.path))?;
                }
                checked
            }
        }
    }
}

async fn upload(mut input: tokio::fs::File, output: &mut BufWriter) -> std::io::Result<Check> {
    let mut check = Check::default();
    let mut chunk = bytes::BytesMut::with_capacity(CHUNK_BYTES);
    while tokio::io::AsyncReadExt::read_buf(&mut input, &mut chunk).await? > 0 {
        check.add(&chunk);
        output.write_all(&chunk).await?;
        chunk.clear();
    }
    output.shutdown().await?;
    Ok(check)
}

const CHUNK_BYTES: usize = 1 << 20;

/// Copies a file to a new one that only the owner can read.
fn copy_file(source: &Path, target: &Path) -> Result<Check, EngineError> {
    if let Some(dir) = target.parent() {
        make_dir(dir)?;
    }
    let mut input = File::open(source).map_err(EngineError::io("open", source))?;
    let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target);
    let mut output = open.map_err(EngineError::io("create", target))?;
    let mut check = Check::default();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = std::io::Read::read(&mut input, &mut chunk).map_err(EngineError::io("read", source))?;
        let bytes = chunk.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(check);
        }
        check.add(bytes);
        output.write_all(bytes).map_err(EngineError::io("write", target))?;
    }
}

/// Gives a complete catalog its name.
fn finish(unfinished: &Path, catalog: &Path) -> Result<(), EngineError> {
    File::open(unfinished).and_then(|f| f.sync_all()).map_err(EngineError::io("sync", unfinished))?;
    fs::rename(unfinished, catalog).map_err(EngineError::io("rename", unfinished))
}

fn parse(path: &str) -> Result<object_store::path::Path, EngineError> {
    object_store::path::Path::parse(path).map_err(|e| EngineError::store("named", path)(e.into()))
}
