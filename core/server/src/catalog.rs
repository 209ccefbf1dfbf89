//! Calls of the catalog from async code.

use crate::problem::Failure;
use lincei_catalog::{Catalog, CatalogError};
use std::sync::Arc;

/// Works on the catalog without holding up other requests: saving waits for the disk.
pub(crate) async fn on_catalog<T: Send + 'static>(
    catalog: &Arc<Catalog>,
    work: impl FnOnce(&Catalog) -> Result<T, CatalogError> + Send + 'static,
) -> Result<T, Failure> {
    let catalog = Arc::clone(catalog);
    let working = tokio::task::spawn_blocking(move || work(&catalog));
    Ok(working.await.map_err(|_| Failure::internal("the catalog stopped unexpectedly"))??)
}
