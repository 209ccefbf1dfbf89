//! Which files of one hour of one table are merged. A pure function of the files and the time.
//!
//! Every row should be rewritten about once. So while an hour is open its files are left alone
//! unless they fill a whole file together or become many; once it is over they are merged into as
//! few as possible. Late rows make small files again, which are merged among themselves first:
//! a large file is only read again for at least a tenth of its size.

use crate::options::CompactionOptions;
use crate::parquet_file::Tier;
use ulid::Ulid;

/// Level of files with the strongest compression.
pub(crate) const COLD_LEVEL: u8 = 100;
/// A file is small, and may be merged, below this share of the greatest size.
const FULL_SHARE: (u64, u64) = (3, 4);
/// A merge reads at most this many rows of its largest file for each row of the others.
const RATIO_MAX: u64 = 10;

/// Rows from which on a file is not merged any more.
fn rows_full(rows_max: u64) -> u64 {
    (rows_max.saturating_mul(FULL_SHARE.0) / FULL_SHARE.1).max(1)
}

/// How a file of this level and size is packed. A flush that makes a whole file is packed as a merge
/// would: its rows are not written again before they are cold, so that they pay for the stronger
/// compression once, like all others.
pub(crate) fn tier(level: u8, rows: u64, rows_max: u64) -> Tier {
    match level {
        COLD_LEVEL.. => Tier::Cold,
        0 if rows < rows_full(rows_max) => Tier::Fresh,
        _ => Tier::Compacted,
    }
}

/// A file as far as the policy cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) id: Ulid,
    pub(crate) rows: u64,
    pub(crate) level: u8,
    pub(crate) created_ns: i64,
}

/// One merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) inputs: Vec<Ulid>,
    /// Level of the output.
    pub(crate) level: u8,
}

/// The next merge of an hour that ends at `hour_end_ns`, `None` when its files are as they should
/// be. Applying plans until there is none terminates: each leaves fewer files or raises a level.
pub(crate) fn plan(
    files: &[Candidate],
    hour_end_ns: i64,
    now_ns: i64,
    options: &CompactionOptions,
    rows_max: u64,
) -> Option<Plan> {
    let quiet_ns = i64::try_from(options.quiet.as_nanos()).unwrap_or(i64::MAX);
    let cold_ns = options.cold_after.map(|d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX));
    let age_ns = now_ns.saturating_sub(hour_end_ns);
    let is_closed = age_ns >= quiet_ns;
    let is_cold = cold_ns.is_some_and(|cold| age_ns >= cold);
    let rows_full = rows_full(rows_max);
    let limits = Limits { inputs_max: options.inputs_max.max(2), rows_max };

    let mut small: Vec<_> = files.iter().copied().filter(|f| f.rows < rows_full).collect();
    small.sort_unstable_by_key(|f| (f.level, f.id));
    let files_min = if is_closed { options.closed_files_min } else { options.open_files_min };
    let is_quiet = is_closed && small.iter().all(|f| now_ns.saturating_sub(f.created_ns) >= quiet_ns);
    let chosen = small
        .chunk_by(|a, b| a.level == b.level)
        .find_map(|peers| limits.fill(peers, rows_full).or_else(|| limits.many(peers, files_min.max(2))))
        .or_else(|| if is_quiet { limits.leftovers(&small) } else { None });
    if let Some(inputs) = chosen {
        let level = if is_cold { COLD_LEVEL } else { next_level(&inputs) };
        return Some(Plan { inputs: inputs.iter().map(|f| f.id).collect(), level });
    }
    let warm = files.iter().filter(|f| is_cold && f.level < COLD_LEVEL).min_by_key(|f| f.id)?;
    Some(Plan { inputs: vec![warm.id], level: COLD_LEVEL })
}

fn next_level(inputs: &[Candidate]) -> u8 {
    let highest = inputs.iter().map(|f| f.level).max().unwrap_or(0);
    if highest >= COLD_LEVEL { COLD_LEVEL } else { (highest + 1).min(COLD_LEVEL - 1) }
}

struct Limits {
    inputs_max: usize,
    rows_max: u64,
}

impl Limits {
    /// As many files as fit into one, in the given order, skipping what is too large.
    fn greedy(&self, files: &[Candidate]) -> (Vec<Candidate>, u64) {
        let mut rows = 0;
        let fits = |f: &&Candidate| {
            let fits = rows + f.rows <= self.rows_max;
            rows += if fits { f.rows } else { 0 };
            fits
        };
        let chosen: Vec<_> = files.iter().filter(fits).take(self.inputs_max).copied().collect();
        let rows = chosen.iter().map(|f| f.rows).sum();
        (chosen, rows)
    }

    /// Files that make a full one.
    fn fill(&self, peers: &[Candidate], rows_full: u64) -> Option<Vec<Candidate>> {
        let (chosen, rows) = self.greedy(peers);
        (chosen.len() >= 2 && rows >= rows_full).then_some(chosen)
    }

    /// Files of one level, once there are `files_min` without those that are too large for the rest.
    fn many(&self, peers: &[Candidate], files_min: usize) -> Option<Vec<Candidate>> {
        let mut by_rows = peers.to_vec();
        by_rows.sort_unstable_by_key(|f| f.rows);
        drop_too_large(&mut by_rows);
        let rows_max = by_rows.last().map_or(0, |f| f.rows);
        let rest: Vec<_> = peers.iter().copied().filter(|f| f.rows <= rows_max).collect();
        if rest.len() < files_min {
            return None;
        }
        let (chosen, _) = self.greedy(&rest);
        (chosen.len() >= 2).then_some(chosen)
    }

    /// Whatever is left, without files that are too large for the rest.
    fn leftovers(&self, small: &[Candidate]) -> Option<Vec<Candidate>> {
        let mut by_rows = small.to_vec();
        by_rows.sort_unstable_by_key(|f| (f.rows, f.id));
        let mut rows = 0_u64;
        let fits = |f: &Candidate| {
            rows += f.rows;
            rows <= self.rows_max
        };
        let mut chosen: Vec<_> = by_rows.into_iter().take(self.inputs_max).take_while(fits).collect();
        drop_too_large(&mut chosen);
        (chosen.len() >= 2).then_some(chosen)
    }
}

/// Drops the largest of files, smallest first, while it is not worth reading for the rest.
fn drop_too_large(by_rows: &mut Vec<Candidate>) {
    while let Some((largest, others)) = by_rows.split_last() {
        let others: u64 = others.iter().map(|f| f.rows).sum();
        if largest.rows <= others.saturating_mul(RATIO_MAX) {
            break;
        }
        by_rows.pop();
    }
}

#[cfg(test)]
mod tests;
