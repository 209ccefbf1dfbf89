use super::reader::{OpenFile, for_each_chunk};
use crate::EngineError;
use lincei_catalog::DataFile;
use object_store::ObjectStore;
use parquet::errors::ParquetError;
use std::sync::Arc;

/// What is wrong with a stored file.
#[derive(Debug, thiserror::Error)]
pub enum Corruption {
    /// There is no object at the file's path.
    #[error("the object is missing")]
    Missing,
    /// The object is shorter or longer than what was written.
    #[error("the object has {found} bytes, not {expected}")]
    Length {
        /// Bytes written.
        expected: u64,
        /// Bytes there.
        found: u64,
    },
    /// The object has the right length and other bytes than were written.
    #[error("the object's crc-32 is {found:08x}, not {expected:08x}")]
    Checksum {
        /// Of the bytes written.
        expected: u32,
        /// Of the bytes there.
        found: u32,
    },
    /// The end of the object is not a Parquet footer.
    #[error("the footer is unreadable")]
    Footer {
        /// What the Parquet library said.
        source: ParquetError,
    },
    /// The footer describes another table, other columns or a newer layout.
    #[error("the footer does not describe the table: {detail}")]
    Schema {
        /// The first difference.
        detail: String,
    },
    /// The footer has another number of rows than were written.
    #[error("the footer counts {found} rows, not {expected}")]
    Rows {
        /// Rows written.
        expected: u64,
        /// Rows that the footer counts.
        found: u64,
    },
    /// The store failed, so that nothing is known about the object.
    #[error("the object store failed")]
    Unreadable {
        /// What the store said.
        source: object_store::Error,
    },
}

impl Corruption {
    /// Whether the object itself is wrong. Otherwise nothing is known: the store failed, and the
    /// same check may pass later.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }

    /// A failed read of a footer.
    pub(super) fn footer(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<object_store::Error>() {
                Ok(source) => Self::of_store(*source),
                Err(inner) => Self::Footer { source: ParquetError::External(inner) },
            },
            source => Self::Footer { source },
        }
    }

    fn of_store(source: object_store::Error) -> Self {
        match source {
            object_store::Error::NotFound { .. } => Self::Missing,
            source => Self::Unreadable { source },
        }
    }

    pub(super) fn into_error(self, path: &str) -> EngineError {
        let path = path.to_owned();
        match self {
            Self::Unreadable { source } => EngineError::Store { path, action: "read", source },
            Self::Footer { ref source } => EngineError::Corrupt { path, detail: format!("{self}: {source}") },
            other => EngineError::Corrupt { path, detail: other.to_string() },
        }
    }
}

/// Reads the whole object and holds it against what the catalog recorded when it was written:
/// length and CRC-32 first, then that the footer is readable and describes the table and the
/// number of rows. Memory: one chunk of the store's, then the footer.
///
/// # Errors
/// The first difference; [`Corruption::is_proven`] tells damage from a store that failed.
pub(crate) async fn verify(store: &Arc<dyn ObjectStore>, file: &DataFile) -> Result<(), Corruption> {
    let mut crc = crc32fast::Hasher::new();
    let mut found = 0;
    let read = for_each_chunk(store, &file.path, |chunk| {
        crc.update(chunk);
        found += chunk.len() as u64;
    });
    read.await.map_err(Corruption::of_store)?;
    if found != file.bytes {
        return Err(Corruption::Length { expected: file.bytes, found });
    }
    let crc = crc.finalize();
    if crc != file.crc32 {
        return Err(Corruption::Checksum { expected: file.crc32, found: crc });
    }
    OpenFile::open(store, file).await.map(drop)
}
