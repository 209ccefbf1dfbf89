//! Deletion of objects that the catalog no longer lists.

use crate::engine::{Inner, blocking};
use crate::error::EngineError;
use crate::live_file::LiveFile;
use crate::recovery::Known;
use lincei_catalog::{Catalog, CatalogError, FileCommit};
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::collections::HashSet;
use std::sync::{Arc, Weak};
use ulid::Ulid;

/// A file out of the catalog whose object is still there. Snapshots taken before may hold it; no
/// new one can.
pub(crate) struct Doomed {
    id: Ulid,
    path: String,
    readers: Weak<LiveFile>,
}

impl Inner {
    /// Commits a change of files that removes some, and publishes it. On return the catalog is
    /// durable, snapshots show the change, and the removed objects wait for their last reader.
    pub(crate) async fn replace_files(&self, change: FileCommit, points: [&'static str; 3]) -> Result<(), EngineError> {
        let [before_commit, after_commit, after_publish] = points;
        let guard = self.commit.lock().await;
        self.must_own_directory()?;
        self.faults.point(before_commit);
        let change = self.catalog(move |c| commit_or_find_applied(c, change)).await?;
        self.faults.point(after_commit);
        let removed = self.state.publish_files(&change.removed, change.added);
        drop(guard);
        self.faults.point(after_publish);
        let doomed = removed.iter().map(|f| Doomed { id: f.id, path: f.path.clone(), readers: Arc::downgrade(f) });
        self.doomed.lock().extend(doomed);
        Ok(())
    }
}

/// Commits. When the disk fails in the middle, nobody knows whether it happened, so the catalog is
/// asked: what it lists is what a restart would serve.
fn commit_or_find_applied(catalog: &Catalog, change: FileCommit) -> Result<FileCommit, CatalogError> {
    let Err(error) = catalog.commit(&change) else { return Ok(change) };
    let live: HashSet<Ulid> = catalog.files()?.into_iter().map(|f| f.id).collect();
    let is_applied =
        change.added.iter().all(|f| live.contains(&f.id)) && change.removed.iter().all(|id| !live.contains(id));
    if is_applied { Ok(change) } else { Err(error) }
}

/// Deletes the objects that nobody reads any more; returns how many.
pub(crate) async fn delete(inner: &Inner) -> Result<usize, EngineError> {
    inner.must_own_directory()?;
    let due: Vec<Doomed> = inner.doomed.lock().extract_if(.., |d| d.readers.strong_count() == 0).collect();
    let mut deleted = Vec::with_capacity(due.len());
    for doomed in due {
        match delete_object(&inner.store, &doomed.path).await {
            Ok(()) => deleted.push(doomed.id),
            Err(error) => {
                tracing::warn!(path = doomed.path, %error, "obsolete file could not be deleted");
                inner.doomed.lock().push(doomed);
            }
        }
    }
    let count = deleted.len();
    if count > 0 {
        inner.faults.point("obsolete.after_delete");
        inner.catalog(move |c| c.forget_obsolete(&deleted)).await?;
    }
    Ok(count)
}

/// Deletes objects whose commit never came or that were obsolete when the process ended. An object
/// that cannot be deleted now stays known and is tried again at the next start.
pub(crate) async fn clean_up(
    catalog: &Arc<Catalog>,
    store: &Arc<dyn ObjectStore>,
    known: &Known,
) -> Result<u64, EngineError> {
    let (mut intents, mut ids) = (Vec::new(), Vec::new());
    for path in &known.intents {
        if delete_or_warn(store, path).await {
            intents.push(path.clone());
        }
    }
    for file in &known.obsolete {
        if delete_or_warn(store, &file.path).await {
            ids.push(file.id);
        }
    }
    let count = (intents.len() + ids.len()) as u64;
    if count > 0 {
        let catalog = Arc::clone(catalog);
        let forget = move || catalog.clear_intents(&intents).and_then(|()| catalog.forget_obsolete(&ids));
        blocking("catalog call", forget).await??;
    }
    Ok(count)
}

/// Deletes objects of an attempt that failed, then forgets that they were intended.
pub(crate) async fn abandon(inner: &Inner, paths: Vec<String>) {
    let mut gone = Vec::with_capacity(paths.len());
    for path in paths {
        if delete_or_warn(&inner.store, &path).await {
            gone.push(path);
        }
    }
    if let Err(error) = inner.catalog(move |c| c.clear_intents(&gone)).await {
        tracing::warn!(%error, "intents of a failed write stay until the next start");
    }
}

async fn delete_or_warn(store: &Arc<dyn ObjectStore>, path: &str) -> bool {
    let deleted = delete_object(store, path).await;
    if let Err(error) = &deleted {
        tracing::warn!(path, %error, "left-over object could not be deleted");
    }
    deleted.is_ok()
}

/// Ok also when there is no such object: an interrupted deletion is repeated.
async fn delete_object(store: &Arc<dyn ObjectStore>, path: &str) -> Result<(), object_store::Error> {
    let location = object_store::path::Path::parse(path)?;
    match store.delete(&location).await {
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        other => other,
    }
}
