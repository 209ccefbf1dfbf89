//! The rows as flat Parquet files, one an hour, for engines that read them.

use crate::rows::{self, LOGGERS, METHODS, ROWS_PER_HOUR, Row, Rows, SERVICES, SEVERITIES};
use arrow_array::builder::{Float64Builder, Int32Builder, StringBuilder, TimestampNanosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

const ROWS_PER_BATCH: u64 = 50_000;
const TEXTS: [&str; 14] = [
    "severity",
    "service",
    "host",
    "environment",
    "version",
    "body",
    "trace_id",
    "span_id",
    "url_path",
    "http_method",
    "user_id",
    "client_address",
    "thread",
    "logger",
];

pub(crate) fn write(count: u64, start_ns: i64, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let mut rows = Rows::new(start_ns);
    let paths = rows.paths.clone();
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()));
    let properties = properties.build();
    for hour in 0..count.div_ceil(ROWS_PER_HOUR) {
        let end = count.min((hour + 1) * ROWS_PER_HOUR);
        let file = File::create(folder.join(format!("hour-{hour:03}.parquet"))).unwrap();
        let schema = Columns::default().finish().schema();
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties.clone())).unwrap();
        let mut at = hour * ROWS_PER_HOUR;
        while at < end {
            let size = ROWS_PER_BATCH.min(end - at);
            let mut columns = Columns::default();
            rows.by_ref().take(usize::try_from(size).unwrap()).for_each(|row| columns.push(&row, &paths));
            writer.write(&columns.finish()).unwrap();
            at += size;
        }
        writer.close().unwrap();
    }
    println!("{{}}");
}

#[derive(Default)]
struct Columns {
    time: TimestampNanosecondBuilder,
    severity_number: Int32Builder,
    http_status: Int32Builder,
    latency_ms: Float64Builder,
    texts: [StringBuilder; TEXTS.len()],
}

impl Columns {
    /// Rows without a trace get empty text, as in the peers' own schemas.
    fn push(&mut self, row: &Row, paths: &[String]) {
        let (severity, severity_number) = SEVERITIES[row.severity];
        self.time.append_value(row.time_ns);
        self.severity_number.append_value(severity_number);
        self.http_status.append_value(row.status.into());
        self.latency_ms.append_value(row.latency_ms);
        let (trace, span) = row.trace.map_or_else(
            || (String::new(), String::new()),
            |(trace, span)| (format!("{trace:032x}"), format!("{span:016x}")),
        );
        let texts: [&str; TEXTS.len()] = [
            severity,
            SERVICES[row.service as usize],
            &rows::host_name(row.host),
            rows::environment(row.host),
            &rows::version(row.service),
            &row.body,
            &trace,
            &span,
            &paths[row.path as usize],
            METHODS[row.method],
            &rows::user_id(row.user),
            &rows::client_address(row.client),
            &rows::thread_name(row.thread),
            LOGGERS[row.logger],
        ];
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.append_value(text));
    }

    fn finish(mut self) -> RecordBatch {
        let time: ArrayRef = Arc::new(self.time.finish().with_timezone("UTC"));
        let mut columns = vec![
            ("time", time),
            ("severity_number", Arc::new(self.severity_number.finish()) as ArrayRef),
            ("http_status", Arc::new(self.http_status.finish())),
            ("latency_ms", Arc::new(self.latency_ms.finish())),
        ];
        let texts = TEXTS.into_iter().zip(self.texts.iter_mut());
        columns.extend(texts.map(|(name, column)| (name, Arc::new(column.finish()) as ArrayRef)));
        RecordBatch::try_from_iter(columns).unwrap()
    }
}
