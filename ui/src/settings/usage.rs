//! What takes the room: by table, by day, by service, and of the disk.

use crate::calendar::{DAY_NS, parse_utc, rfc3339};
use lincei_api::{ServiceStorage, StorageInfo, TableStorage};

/// A stretch of a bar, by its share of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// What takes the room.
    pub taker: Taker,
    /// Bytes.
    pub bytes: u64,
    /// Share of the disk, 0 to 1.
    pub share: f64,
}

/// What takes room on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taker {
    /// Files of a table, and its place among them.
    Table(String, usize),
    /// The write-ahead log.
    Wal,
    /// Everything else on the disk.
    Other,
}

/// How the disk is filled, in the order of the tables; empty when its size is not known.
#[must_use]
pub fn disk(info: &StorageInfo) -> Vec<Stretch> {
    let Some(disk) = info.disk else { return Vec::new() };
    let stretch = |taker, bytes: u64| {
        let share = bytes as f64 / disk.total_bytes.max(1) as f64;
        Stretch { taker, bytes, share: share.min(1.0) }
    };
    let tables = info.tables.iter().enumerate();
    let mut all: Vec<Stretch> = tables
        .map(|(place, table)| stretch(Taker::Table(table.table.name.clone(), place), table.table.bytes))
        .collect();
    all.push(stretch(Taker::Wal, info.wal_bytes));
    let own: u64 = all.iter().map(|stretch| stretch.bytes).sum();
    let used = disk.total_bytes.saturating_sub(disk.free_bytes);
    all.push(stretch(Taker::Other, used.saturating_sub(own)));
    all.retain(|stretch| stretch.bytes > 0);
    all
}

/// One day of all tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// `2026-01-31`.
    pub day: String,
    /// Bytes by table, in the order of the tables.
    pub bytes: Vec<u64>,
    /// Rows of all of them.
    pub rows: u64,
    /// Bytes of all of them.
    pub total: u64,
}

/// The days that have files, and those between them, oldest first.
#[must_use]
pub fn days(tables: &[TableStorage]) -> Vec<Day> {
    let start = |day: &str| parse_utc(day);
    let known = || tables.iter().flat_map(|table| table.days.iter()).filter_map(|day| start(&day.day));
    let (Some(first), Some(last)) = (known().min(), known().max()) else { return Vec::new() };
    let count = (last - first) / DAY_NS + 1;
    (0..count)
        .map(|place| {
            let day: String = rfc3339(first + place * DAY_NS).chars().take(10).collect();
            let of =
                |table: &TableStorage| table.days.iter().find(|known| known.day == day).cloned().unwrap_or_default();
            let of_tables: Vec<_> = tables.iter().map(of).collect();
            Day {
                bytes: of_tables.iter().map(|day| day.bytes).collect(),
                rows: of_tables.iter().map(|day| day.rows).sum(),
                total: of_tables.iter().map(|day| day.bytes).sum(),
                day,
            }
        })
        .collect()
}

/// A service's part of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceShare {
    /// The service.
    pub service: ServiceStorage,
    /// Share of the table's bytes, 0 to 1.
    pub share: f64,
}

/// The services of a table, by rows.
#[must_use]
pub fn services(table: &TableStorage) -> Vec<ServiceShare> {
    let listed = table.services.iter().flatten();
    let total: u64 = listed.clone().map(|service| service.rows).sum();
    listed
        .map(|service| ServiceShare { share: service.rows as f64 / total.max(1) as f64, service: service.clone() })
        .collect()
}

/// How long there is room, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Not known yet.
    Unknown,
    /// There is none.
    Full,
    /// Seconds until there is none, in round hours or days.
    Seconds(u64),
    /// What comes in fits for good.
    Never,
}

/// Days beyond which a forecast says no more than that it is far away.
const FAR_DAYS: f64 = 3650.0;

impl Outlook {
    /// Whether somebody should do something about it: within two weeks there is no room.
    #[must_use]
    pub fn is_soon(self) -> bool {
        match self {
            Self::Full => true,
            Self::Seconds(seconds) => seconds < 14 * 86_400,
            Self::Unknown | Self::Never => false,
        }
    }
}

/// How long there is room.
#[must_use]
pub fn outlook(info: &StorageInfo) -> Outlook {
    match (info.days_until_full, info.growth_bytes_per_day, info.disk) {
        (Some(days), _, _) if days <= 0.0 => Outlook::Full,
        (Some(days), _, _) if days > FAR_DAYS => Outlook::Never,
        (Some(days), _, _) if days < 3.0 => Outlook::Seconds(((days * 24.0) as u64).max(1) * 3600),
        (Some(days), _, _) => Outlook::Seconds(days as u64 * 86_400),
        (None, Some(_), Some(_)) => Outlook::Never,
        (None, _, _) => Outlook::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lincei_api::{DayStorage, DiskSpace, TableStatus};

    fn table(name: &str, bytes: u64, days: &[(&str, u64)]) -> TableStorage {
        TableStorage {
            table: TableStatus { name: name.into(), bytes, ..TableStatus::default() },
            days: days
                .iter()
                .map(|(day, bytes)| DayStorage { day: (*day).into(), bytes: *bytes, files: 1, rows: 2 })
                .collect(),
            services: None,
        }
    }

    fn info() -> StorageInfo {
        StorageInfo {
            tables: vec![
                table("logs", 300, &[("2026-02-27", 100), ("2026-03-02", 200)]),
                table("spans", 100, &[("2026-03-02", 100)]),
                table("metrics", 0, &[]),
            ],
            wal_bytes: 50,
            disk: Some(DiskSpace { total_bytes: 1000, free_bytes: 400, reserve_bytes: 10 }),
            ..StorageInfo::default()
        }
    }

    #[test]
    fn the_disk_is_filled_by_tables_log_and_the_rest() {
        let takers: Vec<(Taker, u64)> = disk(&info()).into_iter().map(|s| (s.taker, s.bytes)).collect();
        let own = |name: &str, place| Taker::Table(name.into(), place);
        assert_eq!(takers, [(own("logs", 0), 300), (own("spans", 1), 100), (Taker::Wal, 50), (Taker::Other, 150)]);
        assert!((disk(&info()).iter().map(|s| s.share).sum::<f64>() - 0.6).abs() < 1e-9);
        assert!(disk(&StorageInfo { disk: None, ..info() }).is_empty());
    }

    #[test]
    fn days_without_files_are_there_too() {
        let days = days(&info().tables);
        let texts: Vec<(&str, u64)> = days.iter().map(|day| (day.day.as_str(), day.total)).collect();
        assert_eq!(texts, [("2026-02-27", 100), ("2026-02-28", 0), ("2026-03-01", 0), ("2026-03-02", 300)]);
        assert_eq!((days[3].bytes.as_slice(), days[3].rows), (&[200, 100, 0][..], 4));
        assert!(super::days(&[]).is_empty());
    }

    #[test]
    fn services_have_shares_of_the_rows() {
        let service = |name: &str, rows| ServiceStorage {
            service: Some(name.into()),
            rows,
            bytes_estimated: rows * 10,
            rest: false,
        };
        let logs = TableStorage { services: Some(vec![service("a", 30), service("b", 10)]), ..table("logs", 400, &[]) };
        let shares: Vec<f64> = services(&logs).into_iter().map(|s| s.share).collect();
        assert_eq!(shares, [0.75, 0.25]);
        assert!(services(&table("metrics", 1, &[])).is_empty());
    }

    #[test]
    fn the_outlook_is_told_in_round_numbers() {
        let at = |days, growth| outlook(&StorageInfo { days_until_full: days, growth_bytes_per_day: growth, ..info() });
        assert_eq!(at(Some(41.7), Some(1)), Outlook::Seconds(41 * 86_400));
        assert_eq!(at(Some(1.51), Some(1)), Outlook::Seconds(36 * 3600));
        assert_eq!(at(Some(0.01), Some(1)), Outlook::Seconds(3600));
        assert_eq!(at(Some(0.0), Some(1)), Outlook::Full);
        assert_eq!(
            (at(None, Some(1)), at(Some(9e9), Some(1)), at(None, None)),
            (Outlook::Never, Outlook::Never, Outlook::Unknown)
        );
    }
}
