//! The one budget of memory (`--memory`), and how it is divided.
//!
//! | part | share | most | what it bounds |
//! |---|---|---|---|
//! | `process` | 1/32 + 32 MiB | – | code, stacks, connections, catalog, what the allocator keeps |
//! | `bodies` | 1/8 | 1 GiB | request bodies under way: as sent, unpacked, decoded |
//! | `wal_queue` | 1/32 | 64 MiB | encoded rows that wait for the log's sync |
//! | `memtable` | 3/16 | – | rows not yet in Parquet, those being flushed, and the flush's copy |
//! | `metadata_cache` | 1/16 | 256 MiB | Parquet footers and page indexes |
//! | `term_cache` | 1/32 | 64 MiB | indexes of terms, summaries and patterns of files |
//! | `compaction` | 1/8 | 1 GiB | the merge that runs |
//! | `queries` | the rest | – | scans, operators' state, answers under way; `query_memory` overrides it |
//!
//! What nobody counts beforehand comes on top, and is measured: the files that a flush and a merge write,
//! some 40 MiB each and one at a time where memory is small, rows on their way between operators, and
//! what the allocator keeps. Up to three eighths of [`OVERHEAD`] nothing happens; what is more is taken
//! from queries that hold much; and above five eighths of it the largest query is ended, which leaves the
//! rest for what comes until it is gone.

use anyhow::bail;
use lincei_model::limits;
use lincei_model::telemetry::{Gauge, Telemetry};
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;
/// Below this no part is of use.
const LEAST: u64 = 128 * MIB;
/// What the process needs before it holds any data.
const PROCESS_BYTES: u64 = 32 * MIB;
/// What the process may have beside its budget, whatever the budget is.
pub(crate) const OVERHEAD: u64 = 128 * MIB;
/// Below this a flush and a merge do not write files at once: what they take is too much beside the rest.
const ONE_WRITER_BELOW: u64 = 1024 * MIB;
/// Memory of queries that one running query needs: two scans with unpacked pages of wide rows, which
/// are not counted otherwise, and an answer under way.
const RUNNING_BYTES: u64 = 16 * MIB;

/// Bytes of each part; together at most the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryParts {
    pub(crate) total: u64,
    pub(crate) process: u64,
    pub(crate) bodies: u64,
    pub(crate) wal_queue: u64,
    pub(crate) memtable: u64,
    pub(crate) metadata_cache: u64,
    pub(crate) term_cache: u64,
    pub(crate) compaction: u64,
    pub(crate) queries: u64,
}

impl MemoryParts {
    /// Divides `total` bytes; `queries` where it was chosen.
    ///
    /// # Errors
    /// When there is too little, or the chosen part leaves too little for the others: the message
    /// says which.
    pub(crate) fn divide(total: u64, queries: Option<u64>) -> anyhow::Result<Self> {
        if total < LEAST {
            bail!("memory is {total} bytes: at least {LEAST} are needed");
        }
        let mut parts = Self {
            total,
            process: total / 32 + PROCESS_BYTES,
            bodies: (total / 8).min(1024 * MIB),
            wal_queue: (total / 32).min(64 * MIB),
            memtable: total / 16 * 3,
            metadata_cache: (total / 16).min(256 * MIB),
            term_cache: (total / 32).min(64 * MIB),
            compaction: (total / 8).min(1024 * MIB),
            queries: 0,
        };
        let others = parts.all().iter().map(|(_, bytes)| bytes).sum::<u64>();
        let left = total.saturating_sub(others);
        parts.queries = queries.unwrap_or(left);
        if parts.queries > left {
            bail!(
                "query_memory is {} bytes, and the other parts of memory come to {others}: together more than memory, {total} bytes; at most {left} are left for queries",
                parts.queries
            );
        }
        Ok(parts)
    }

    /// Rows in memory, those being flushed included. A flush starts at half of it, and copies that.
    pub(crate) const fn memtable_rows(&self) -> u64 {
        self.memtable / 3 * 2
    }

    /// The longest body, as sent and unpacked: three of it (sent, unpacked, decoded) must fit.
    pub(crate) fn body_max(&self) -> u64 {
        (self.bodies / 3).min(limits::BODY_BYTES_MAX as u64)
    }

    /// Queries that run at once unless the number was chosen: each needs some memory to get on.
    pub(crate) fn queries_running(&self) -> usize {
        let fit = usize::try_from(self.queries / RUNNING_BYTES).unwrap_or(usize::MAX);
        fit.clamp(2, limits::QUERIES_RUNNING_MAX)
    }

    /// Files that a flush and a merge may write at once.
    pub(crate) const fn file_writers(&self) -> usize {
        if self.total < ONE_WRITER_BELOW { 1 } else { 2 }
    }

    /// Sets the gauges that show the parts.
    pub(crate) fn publish(&self, telemetry: &Telemetry) {
        for (gauge, bytes) in self.all() {
            telemetry.set(gauge, i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }

    /// What queries are to do without when the process has so many bytes.
    pub(crate) fn excess(&self, anonymous: u64) -> usize {
        let allowed = self.total.saturating_add(OVERHEAD / 8 * 3);
        usize::try_from(anonymous.saturating_sub(allowed)).unwrap_or(usize::MAX)
    }

    /// Whether the process has so many bytes that a query must go.
    pub(crate) const fn is_over(&self, anonymous: u64) -> bool {
        anonymous > self.total.saturating_add(OVERHEAD / 8 * 5)
    }

    const fn all(&self) -> [(Gauge, u64); 8] {
        [
            (Gauge::MemoryProcess, self.process),
            (Gauge::MemoryBodies, self.bodies),
            (Gauge::MemoryWalQueue, self.wal_queue),
            (Gauge::MemoryMemtable, self.memtable),
            (Gauge::MemoryMetadataCache, self.metadata_cache),
            (Gauge::MemoryTermCache, self.term_cache),
            (Gauge::MemoryCompaction, self.compaction),
            (Gauge::MemoryQueries, self.queries),
        ]
    }
}

/// Memory that this process may use: the machine's, or the least limit of its control groups.
pub(crate) fn usable_bytes() -> u64 {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let machine = read(Path::new("/proc/meminfo")).and_then(|text| total_of(&text)).unwrap_or(2 << 30);
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let limits = limit_files(&groups).into_iter().filter_map(|path| read(&path)?.trim().parse::<u64>().ok());
    limits.chain([machine]).min().unwrap_or(machine)
}

/// Physical memory of this process now, 0 where it is not known.
pub(crate) fn resident_bytes() -> u64 {
    status_bytes("VmRSS:")
}

/// Physical memory of this process that is not a mapped file, which the system can take back at any
/// time; 0 where it is not known.
pub(crate) fn anonymous_bytes() -> u64 {
    status_bytes("RssAnon:")
}

fn status_bytes(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_suffix("kB"));
    kib.and_then(|kib| kib.trim().parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}

/// Physical memory from `/proc/meminfo`.
fn total_of(meminfo: &str) -> Option<u64> {
    let kib = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB"))?;
    kib.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Files that may hold a limit, of the groups in `/proc/self/cgroup` and all above them: a container
/// sees its own group as the root, and a limit above holds for all below (cgroups(7)).
fn limit_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(number), Some(controllers), Some(group)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let (roots, file): (&[&str], _) = match (number, controllers) {
            ("0", "") => (&["/sys/fs/cgroup", "/sys/fs/cgroup/unified"], "memory.max"),
            (_, names) if names.split(',').any(|name| name == "memory") => {
                (&["/sys/fs/cgroup/memory"], "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let group = Path::new(group.trim_start_matches('/'));
        for root in roots {
            files.extend(group.ancestors().map(|above| Path::new(root).join(above).join(file)));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(parts: &MemoryParts) -> u64 {
        parts.all().iter().map(|(_, bytes)| bytes).sum()
    }

    #[test]
    fn parts_never_exceed_the_budget() {
        for total in [128 * MIB, 256 * MIB, 1000 * MIB + 7, 12 << 30, 1 << 40] {
            let parts = MemoryParts::divide(total, None).unwrap();
            assert!(sum(&parts) <= total, "{parts:?}");
            assert!(parts.queries >= 16 * MIB, "{parts:?}");
            assert!(parts.memtable_rows() / 2 + parts.memtable_rows() <= parts.memtable);
        }
    }

    #[test]
    fn large_machines_give_most_to_queries() {
        // 12 GiB by the table: 416 + 1024 + 64 + 2304 + 256 + 64 + 1024 MiB are not for queries
        let parts = MemoryParts::divide(12 << 30, None).unwrap();
        assert_eq!(parts.queries, (12 * 1024 - 5152) * MIB);
        assert_eq!(parts.body_max(), 64 * MIB);
        assert_eq!(parts.queries_running(), 16);
        assert_eq!(MemoryParts::divide(256 * MIB, None).unwrap().body_max(), 32 * MIB / 3);
    }

    #[test]
    fn queries_give_way_before_one_is_ended() {
        let parts = MemoryParts::divide(256 * MIB, None).unwrap();
        // 256 and three eighths of 128, and five eighths of it
        assert_eq!((parts.excess(304 * MIB), parts.is_over(304 * MIB)), (0, false));
        assert_eq!((parts.excess(336 * MIB), parts.is_over(336 * MIB)), (32 << 20, false));
        assert!(parts.is_over(336 * MIB + 1));
    }

    #[test]
    fn a_part_that_does_not_fit_is_named() {
        assert_eq!(MemoryParts::divide(256 * MIB, Some(64 * MIB)).unwrap().queries, 64 * MIB);
        let error = MemoryParts::divide(256 * MIB, Some(128 * MIB)).unwrap_err().to_string();
        assert!(error.contains("query_memory is 134217728") && error.contains("left for queries"), "{error}");
        let error = MemoryParts::divide(64 * MIB, None).unwrap_err().to_string();
        assert!(error.contains("at least 134217728"), "{error}");
    }

    #[test]
    fn limits_of_all_groups_above_count() {
        let files = limit_files("4:memory:/a/b\n3:cpuset:/a\n0::/c\n");
        let text: Vec<_> = files.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let v1 = ["/a/b", "/a", ""].map(|group| format!("/sys/fs/cgroup/memory{group}/memory.limit_in_bytes"));
        assert_eq!(text.get(..3), Some(v1.as_slice()));
        assert!(text.contains(&"/sys/fs/cgroup/c/memory.max".to_owned()), "{text:?}");
        assert!(text.contains(&"/sys/fs/cgroup/memory.max".to_owned()), "{text:?}");
        assert_eq!(total_of("MemFree: 1 kB\nMemTotal:       2048 kB\n"), Some(2 << 20));
    }
}
