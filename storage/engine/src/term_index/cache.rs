use super::directory::Directory;
use bytes::Bytes;
use moka::sync::Cache;
use std::sync::Arc;
use ulid::Ulid;

/// Directories and chunks that were read last, bounded in bytes together.
pub(super) struct TermCache(Cache<Key, Entry>);

/// A file, and of its index the directory or a chunk of a column.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Directory(Ulid),
    Chunk(Ulid, usize, usize),
}

#[derive(Clone)]
enum Entry {
    Directory(Arc<Directory>),
    Chunk(Bytes),
}

impl TermCache {
    pub(super) fn new(bytes_max: u64) -> Self {
        let weight = |_: &Key, entry: &Entry| {
            let bytes = match entry {
                Entry::Directory(directory) => directory.size(),
                Entry::Chunk(bytes) => bytes.len(),
            };
            u32::try_from(bytes + size_of::<Key>()).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(bytes_max).weigher(weight).build())
    }

    pub(super) fn directory(&self, file: Ulid) -> Option<Arc<Directory>> {
        match self.0.get(&Key::Directory(file))? {
            Entry::Directory(directory) => Some(directory),
            Entry::Chunk(_) => None,
        }
    }

    pub(super) fn keep_directory(&self, file: Ulid, directory: &Arc<Directory>) {
        self.0.insert(Key::Directory(file), Entry::Directory(Arc::clone(directory)));
    }

    pub(super) fn chunk(&self, file: Ulid, column: usize, chunk: usize) -> Option<Bytes> {
        match self.0.get(&Key::Chunk(file, column, chunk))? {
            Entry::Chunk(bytes) => Some(bytes),
            Entry::Directory(_) => None,
        }
    }

    /// The bytes may be a part of a larger buffer, which would be kept whole.
    pub(super) fn keep_chunk(&self, file: Ulid, column: usize, chunk: usize, bytes: &Bytes) {
        self.0.insert(Key::Chunk(file, column, chunk), Entry::Chunk(Bytes::copy_from_slice(bytes)));
    }
}
