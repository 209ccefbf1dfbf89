use crate::{limits, schema};
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A stored table. The SQL name, the path segment and the catalog's key are all [`Table::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Log records.
    Logs,
    /// Spans.
    Spans,
    /// Metric data points.
    Metrics,
    /// Everything refused or dropped.
    Rejects,
}

/// One column of a table's order inside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortColumn {
    /// Column name.
    pub name: &'static str,
    /// Greatest first.
    pub descending: bool,
}

const fn ascending(name: &'static str) -> SortColumn {
    SortColumn { name, descending: false }
}

const fn descending(name: &'static str) -> SortColumn {
    SortColumn { name, descending: true }
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 4] = [Self::Logs, Self::Spans, Self::Metrics, Self::Rejects];

    /// The SQL name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Spans => "spans",
            Self::Metrics => "metrics",
            Self::Rejects => "rejects",
        }
    }

    /// The columns; column 0 is always `time`.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Logs => schema::LOGS.clone(),
            Self::Spans => schema::SPANS.clone(),
            Self::Metrics => schema::METRICS.clone(),
            Self::Rejects => schema::REJECTS.clone(),
        }
    }

    /// The order of rows in a Parquet file. Time descends within a service so that a newest-first
    /// top-k prunes; a metric's points ascend within their series so that deltas stay small.
    #[must_use]
    pub const fn sort_order(self) -> &'static [SortColumn] {
        const BY_SERVICE: &[SortColumn] = &[ascending("service"), descending("time")];
        const BY_SERIES: &[SortColumn] = &[ascending("metric"), ascending("series_id"), ascending("time")];
        const BY_TIME: &[SortColumn] = &[descending("time")];
        match self {
            Self::Logs | Self::Spans => BY_SERVICE,
            Self::Metrics => BY_SERIES,
            Self::Rejects => BY_TIME,
        }
    }

    /// How many times as many rows its files, row groups and pages hold as [`crate::limits`] says of
    /// tables in general.
    #[must_use]
    pub const fn rows_factor(self) -> usize {
        match self {
            Self::Metrics => limits::METRIC_ROWS_FACTOR,
            Self::Logs | Self::Spans | Self::Rejects => 1,
        }
    }

    /// Rows of one Parquet row group.
    #[must_use]
    pub const fn row_group_rows(self) -> usize {
        limits::ROW_GROUP_ROWS * self.rows_factor()
    }

    /// Rows of one Parquet page.
    #[must_use]
    pub const fn page_rows(self) -> usize {
        limits::PAGE_ROWS * self.rows_factor()
    }

    /// A number for persisted frames; never reused.
    #[must_use]
    pub const fn wire_id(self) -> u16 {
        match self {
            Self::Logs => 1,
            Self::Spans => 2,
            Self::Metrics => 3,
            Self::Rejects => 4,
        }
    }

    /// The inverse of [`Table::wire_id`].
    #[must_use]
    pub fn from_wire_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.wire_id() == id)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Table {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|t| t.name() == name).ok_or_else(|| format!("no table named {name:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_the_first_column_of_every_table() {
        for table in Table::ALL {
            let schema = table.schema();
            assert_eq!(schema.field(0).name(), "time", "{table}");
            assert_eq!(schema.field(0).data_type(), &crate::timestamp_type(), "{table}");
            for column in table.sort_order() {
                assert!(schema.index_of(column.name).is_ok(), "{table}.{}", column.name);
            }
            assert_eq!(table.name().parse(), Ok(table));
            assert_eq!(Table::from_wire_id(table.wire_id()), Some(table));
        }
    }
}
