//! What the unit tests of several modules need.

use crate::password::Hasher;
use crate::{Actor, Catalog, DataFile, NewPluginVersion, PluginRuntime};
use lincei_model::{Table, TenantId};
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;
use ulid::Ulid;

/// 2026-01-01T00:00:00Z.
pub(crate) const T0: i64 = 1_767_225_600_000_000_000;
pub(crate) const SECOND: i64 = 1_000_000_000;

pub(crate) fn open(path: &Path) -> Catalog {
    let mut catalog = Catalog::open(path).unwrap();
    catalog.hasher = Hasher::cheap();
    catalog
}

/// An empty catalog, `catalog.db` in its own folder, whose passwords cost little.
pub(crate) fn catalog() -> (TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = open(&folder.path().join("catalog.db"));
    (folder, catalog)
}

pub(crate) fn actor() -> Actor {
    Actor::new("alice", "192.0.2.7:5000")
}

pub(crate) fn id(n: u128) -> Ulid {
    Ulid::from_parts(1_767_225_600_000, n)
}

pub(crate) fn file(n: u128) -> DataFile {
    DataFile {
        id: id(n),
        tenant: TenantId::default(),
        table: Table::Logs,
        path: format!("default/logs/dt=2026-01-01/hh=00/{}.parquet", id(n)),
        rows: 10,
        bytes: 1000,
        min_time_ns: T0,
        max_time_ns: T0 + 9,
        level: 0,
        crc32: 0xdead_beef,
        created_ns: T0 + 20,
        columns: Vec::new(),
        attributes: lincei_model::FileAttributes::default(),
        terms: None,
        summary: None,
        patterns: None,
    }
}

/// A component whose SHA-256 is `n` with zeros in front, and which is not to take over.
pub(crate) fn plugin_version(plugin: &str, kind: &str, n: u64) -> NewPluginVersion {
    NewPluginVersion {
        plugin: plugin.to_owned(),
        kind: kind.to_owned(),
        runtime: PluginRuntime::Wasm,
        sha256: format!("{n:064x}"),
        bytes: 1000,
        description: json!({ "version": n.to_string() }),
        limits: json!({ "call_cpu_ms": 100 }),
        activate: false,
    }
}
