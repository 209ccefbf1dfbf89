//! `lincei query`.

use super::ServerArgs;
use crate::remote::Remote;
use clap::ValueEnum;
use lincei_api::{ARROW_STREAM, CSV, NDJSON, PARQUET, SqlRequest, TimeInput};
use std::io::{ErrorKind, Read as _, Write as _};

#[derive(Debug, clap::Args)]
pub(super) struct QueryArgs {
    /// The statement; `-` reads it from standard input.
    sql: String,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Only rows at or after this time: RFC 3339, Unix time, or relative (`now-1h`).
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Only rows before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// Rows at most.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Aligned columns, for reading.
    Table,
    /// One JSON document with columns, rows and statistics.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
    /// Arrow IPC stream.
    Arrow,
    /// Parquet file.
    Parquet,
}

impl Format {
    const fn media(self) -> &'static str {
        match self {
            Self::Table | Self::Json => "application/json",
            Self::Ndjson => NDJSON,
            Self::Csv => CSV,
            Self::Arrow => ARROW_STREAM,
            Self::Parquet => PARQUET,
        }
    }
}

pub(super) fn run(args: &QueryArgs) -> anyhow::Result<()> {
    let mut sql = args.sql.clone();
    if sql == "-" {
        sql.clear();
        std::io::stdin().read_to_string(&mut sql)?;
    }
    let request = SqlRequest {
        sql,
        from: args.from.clone().map(TimeInput::Text),
        to: args.to.clone().map(TimeInput::Text),
        limit: args.limit,
        query_id: None,
    };
    let remote = Remote::new(&args.server)?;
    let headers = [("content-type", "application/json"), ("accept", args.format.media())];
    let mut answer = remote.post("/api/v1/sql", &headers, &serde_json::to_vec(&request)?)?;
    let mut out = std::io::stdout().lock();
    let written = if args.format == Format::Table {
        out.write_all(table::render(&serde_json::from_reader(answer)?).as_bytes())
    } else {
        std::io::copy(&mut answer, &mut out).and_then(|_| out.flush())
    };
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

mod table {
    //! Aligned columns.

    use lincei_api::SqlResponse;
    use serde_json::Value;
    use std::fmt::Write as _;

    /// Characters of one cell.
    const CELL_MAX: usize = 120;

    pub(super) fn render(answer: &SqlResponse) -> String {
        let head: Vec<String> = answer.columns.iter().map(|c| c.name.clone()).collect();
        let body: Vec<Vec<String>> = answer.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let width = |i: usize| {
            let cells = body.iter().filter_map(|row| row.get(i)).chain(head.get(i));
            cells.map(|c| c.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let mut out = String::new();
        line(&mut out, &head, &widths);
        let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
        line(&mut out, &rule, &widths);
        for row in &body {
            line(&mut out, row, &widths);
        }
        let stats = &answer.stats;
        let cut = if stats.truncated { " (cut by the limit)" } else { "" };
        let unit = if stats.rows == 1 { "row" } else { "rows" };
        let _ = writeln!(
            out,
            "\n{} {unit}{cut}, {} scanned, {} files read, {} left out, {:.1} ms",
            stats.rows, stats.rows_scanned, stats.files_scanned, stats.files_pruned, stats.elapsed_ms
        );
        out
    }

    fn line(out: &mut String, cells: &[String], widths: &[usize]) {
        for (i, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let gap = if i == 0 { "" } else { "  " };
            let _ = write!(out, "{gap}{cell:width$}");
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }

    fn cell(value: &Value) -> String {
        let text = match value {
            Value::Null => String::new(),
            Value::String(s) => s.clone(),
            other => other.to_string(),
        };
        let text = text.replace('\n', "\u{23ce}").replace('\t', " ");
        if text.chars().count() <= CELL_MAX {
            return text;
        }
        text.chars().take(CELL_MAX - 1).chain(['\u{2026}']).collect()
    }
}
