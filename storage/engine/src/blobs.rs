//! Blobs: bytes under the name of their SHA-256, for what is uploaded once and read whole.
//!
//! | object, below `blobs/` of the data directory | holds |
//! |---|---|
//! | `<first two digits>/<sha256>` | the bytes whose SHA-256 it is, as 64 lower-case hexadecimal digits |
//!
//! A blob is put before the catalog names it and deleted after the catalog has ceased to. A power loss
//! in between may leave one that nothing names, or a part of one: nothing reads it, and putting the
//! same bytes again makes it whole. Nothing is read without comparing it with its name.

use crate::data_dir::{make_dir, sync_dir, sync_files};
use crate::engine::{Engine, blocking};
use crate::error::EngineError;
use bytes::Bytes;
use futures::TryStreamExt;
use lincei_catalog::Catalog;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// Bytes of one blob. Blobs are read and written whole, in memory.
pub const BLOB_BYTES_MAX: usize = 256 << 20;

/// Blobs of one store. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Where the objects lie as files, `None` for a store whose uploads are durable themselves.
    root: Option<PathBuf>,
    /// Written by those who delete.
    keeping: Arc<RwLock<()>>,
}

/// No blob is deleted through the same [`Blobs`] while this lives.
#[derive(Debug)]
#[must_use]
pub struct KeptBlobs {
    _guard: OwnedRwLockReadGuard<()>,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Blobs {
    /// In a store whose uploads are durable when they return.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, root: None, keeping: Arc::default() }
    }

    /// In a directory of the local disk, which is made (mode 0700) when it is not there.
    ///
    /// # Errors
    /// [`EngineError::Io`] or [`EngineError::Store`] when it cannot be made or opened.
    pub fn local(dir: &Path) -> Result<Self, EngineError> {
        make_dir(dir)?;
        if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_dir(parent)?;
        }
        Self::open(dir)
    }

    /// As [`Self::local`], but makes nothing: `None` when the directory is not there.
    pub(crate) fn existing(dir: &Path) -> Result<Option<Self>, EngineError> {
        if dir.is_dir() { Self::open(dir).map(Some) } else { Ok(None) }
    }

    fn open(dir: &Path) -> Result<Self, EngineError> {
        let store = LocalFileSystem::new_with_prefix(dir);
        let store = store.map_err(EngineError::store("opened", &dir.display().to_string()))?;
        Ok(Self { root: Some(dir.to_owned()), ..Self::new(Arc::new(store)) })
    }

    /// Stores bytes and returns their SHA-256, 64 lower-case hexadecimal digits. Durable on return.
    /// Idempotent: what is there already and whole is left as it is. Whoever puts a blob that it will
    /// name in the catalog holds [`Self::keep`] until it has, so that nobody deletes it in between.
    ///
    /// # Errors
    /// [`EngineError::BlobTooLarge`] above [`BLOB_BYTES_MAX`]; [`EngineError::Store`] and
    /// [`EngineError::Io`] when the store fails, and nothing that was there is lost then.
    pub async fn put(&self, bytes: Bytes) -> Result<String, EngineError> {
        if bytes.len() > BLOB_BYTES_MAX {
            return Err(EngineError::BlobTooLarge { bytes: bytes.len(), limit_bytes: BLOB_BYTES_MAX });
        }
        let sha256 = digest(&bytes).await?;
        let path = object_path(&sha256);
        match self.get(&sha256).await {
            // whoever wrote it may not have synced it
            Ok(Some(_)) => self.sync(path).await?,
            Ok(None) | Err(EngineError::Corrupt { .. }) => self.write(path, bytes).await?,
            Err(error) => return Err(error),
        }
        Ok(sha256)
    }

    /// Writes an object that is not there whole. After a failed sync it goes: what it holds can be read
    /// from memory and may not be on the disk, so the next attempt must not take it for whole.
    async fn write(&self, path: String, bytes: Bytes) -> Result<(), EngineError> {
        let location = object_store::path::Path::from(path.as_str());
        self.store.put(&location, bytes.into()).await.map_err(EngineError::store("written", &shown(&path)))?;
        let synced = self.sync(path).await;
        if synced.is_err()
            && let Err(error) = self.store.delete(&location).await
        {
            tracing::warn!(%location, %error, "blob that could not be synced could not be removed");
        }
        synced
    }

    async fn sync(&self, path: String) -> Result<(), EngineError> {
        match self.root.clone() {
            Some(root) => blocking("sync of a blob", move || sync_files(&root, &[path])).await?,
            None => Ok(()),
        }
    }

    /// The bytes of a blob, compared with their SHA-256; `None` when there is no such blob.
    ///
    /// # Errors
    /// [`EngineError::Corrupt`] for a blob that is not what was put, [`EngineError::Store`] when the
    /// store fails.
    pub async fn get(&self, sha256: &str) -> Result<Option<Bytes>, EngineError> {
        if !is_sha256(sha256) {
            return Ok(None);
        }
        let path = object_path(sha256);
        let damaged = |detail| EngineError::Corrupt { path: shown(&path), detail };
        let found = match self.store.get(&path.as_str().into()).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(EngineError::store("read", &shown(&path))(error)),
        };
        let size = found.meta.size;
        if size > BLOB_BYTES_MAX as u64 {
            return Err(damaged(format!("{size} bytes, blobs have at most {BLOB_BYTES_MAX}")));
        }
        let bytes = found.bytes().await.map_err(EngineError::store("read", &shown(&path)))?;
        let read = digest(&bytes).await?;
        if read != sha256 {
            return Err(damaged(format!("SHA-256 of its {} bytes is {read}", bytes.len())));
        }
        Ok(Some(bytes))
    }

    /// Deletes a blob, if there is one. Waits until nobody holds [`Self::keep`].
    ///
    /// # Errors
    /// [`EngineError::Store`] when the store fails.
    pub async fn delete(&self, sha256: &str) -> Result<(), EngineError> {
        let _nobody_keeps = self.keeping.write().await;
        self.delete_now(sha256).await
    }

    async fn delete_now(&self, sha256: &str) -> Result<(), EngineError> {
        if !is_sha256(sha256) {
            return Ok(());
        }
        let path = object_path(sha256);
        match self.store.delete(&path.as_str().into()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(EngineError::store("deleted", &shown(&path))(error)),
        }
    }

    /// Deletes every blob that the catalog does not name, and returns how many there were. Waits until
    /// nobody holds [`Self::keep`].
    ///
    /// # Errors
    /// [`EngineError::Catalog`], and [`EngineError::Store`] when the store fails; some may be deleted
    /// then.
    pub async fn delete_unused(&self, catalog: &Arc<Catalog>) -> Result<u64, EngineError> {
        let _nobody_keeps = self.keeping.write().await;
        let (present, in_use) = (self.list().await?, names_in_use(catalog).await?);
        let in_use: HashSet<String> = in_use.into_iter().collect();
        let mut deleted = 0;
        for sha256 in present.iter().filter(|sha256| !in_use.contains(*sha256)) {
            self.delete_now(sha256).await?;
            deleted += 1;
        }
        Ok(deleted)
    }

    /// SHA-256 of every blob that is there, in order, damaged ones included.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the store fails.
    pub async fn list(&self) -> Result<Vec<String>, EngineError> {
        let objects: Vec<_> =
            self.store.list(None).try_collect().await.map_err(EngineError::store("listed", "blobs"))?;
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let names = objects.iter().filter_map(|object| {
            let path = object.location.as_ref();
            name(path).filter(|name| is_sha256(name) && object_path(name) == path)
        });
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Waits until nobody deletes, and lets nobody until what is returned is dropped. Do not call it
    /// while holding one: those who wait to delete go first.
    pub async fn keep(&self) -> KeptBlobs {
        KeptBlobs { _guard: Arc::clone(&self.keeping).read_owned().await }
    }

    /// Puts the blobs that a catalog names into those of another directory; returns how many there were
    /// and their bytes.
    pub(crate) async fn copy(from: Option<&Self>, names: &[String], target: &Path) -> Result<(u64, u64), EngineError> {
        let mut bytes_copied = 0;
        if names.is_empty() {
            return Ok((0, 0));
        }
        let target = Self::local(target)?;
        for sha256 in names {
            let found = match from {
                Some(blobs) => blobs.get(sha256).await?,
                None => None,
            };
            let bytes = found.ok_or_else(|| missing(sha256))?;
            bytes_copied += bytes.len() as u64;
            target.put(bytes).await?;
        }
        Ok((names.len() as u64, bytes_copied))
    }
}

impl Engine {
    /// Where blobs are put and read: `<data_dir>/blobs`, also when the Parquet files are elsewhere.
    #[must_use]
    pub fn blobs(&self) -> Blobs {
        self.inner.blobs.clone()
    }
}

/// Where the blobs of a data directory, or of a backup, lie.
pub(crate) fn blobs_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("blobs")
}

/// Every blob that a catalog names.
pub(crate) async fn names_in_use(catalog: &Arc<Catalog>) -> Result<Vec<String>, EngineError> {
    let catalog = Arc::clone(catalog);
    Ok(blocking("catalog call", move || catalog.plugin_blobs()).await??)
}

/// For a blob that the catalog names and that is not there.
pub(crate) fn missing(sha256: &str) -> EngineError {
    let detail = "it is missing, and the catalog names it".to_owned();
    EngineError::Corrupt { path: shown(&object_path(sha256)), detail }
}

fn is_sha256(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Where a blob lies in its store.
pub(crate) fn object_path(sha256: &str) -> String {
    let folder: String = sha256.chars().take(2).collect();
    format!("{folder}/{sha256}")
}

/// An object as people find it in the data directory.
pub(crate) fn shown(path: &str) -> String {
    format!("blobs/{path}")
}

/// SHA-256 as 64 lower-case hexadecimal digits.
async fn digest(bytes: &Bytes) -> Result<String, EngineError> {
    let bytes = bytes.clone();
    blocking("digest of a blob", move || format!("{:x}", Sha256::digest(&bytes))).await
}

#[cfg(test)]
mod tests;
