use lincei_catalog::DataFile;
use std::ops::Deref;

/// A Parquet object that the catalog lists. While any `Arc<LiveFile>` is alive the object stays in
/// the store, even after compaction or retention took it out of the catalog.
#[derive(Debug)]
pub struct LiveFile(DataFile);

impl LiveFile {
    pub(crate) const fn new(file: DataFile) -> Self {
        Self(file)
    }
}

impl Deref for LiveFile {
    type Target = DataFile;

    fn deref(&self) -> &DataFile {
        &self.0
    }
}
