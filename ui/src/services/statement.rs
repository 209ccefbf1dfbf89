//! The statements of the page: one pass over the spans of the window, one over those before it, one
//! over what else came in, and, seldom, one for the versions.

use crate::calendar::SECOND_NS;
use crate::histogram::Buckets;

/// Rows of an answer at most: 1,000 services in 48 buckets.
pub const ROWS_MAX: u64 = 50_000;
/// From this severity number on a line is an error (OpenTelemetry logs data model, "Severity Fields").
const ERROR_NUMBER: u8 = 17;

const REQUESTS: &str = "count(took) AS requests,
  count(took) FILTER (WHERE failed) AS failures,
  approx_percentile_cont(took, 0.95) AS p95_ns";
const TOOK: &str = "CASE WHEN kind IN ('SERVER', 'CONSUMER') THEN duration_ns END AS took,
    status = 'ERROR' AS failed";

fn bucket(buckets: &Buckets) -> String {
    format!("date_bin(INTERVAL '{} seconds', time) AS bucket", buckets.step_ns / SECOND_NS)
}

/// Spans, requests, failures and p95 of each service in each bucket, of each service, of each bucket
/// and of all: what a row is not about is null. Rows without a service have the empty one.
#[must_use]
pub fn requests(buckets: &Buckets) -> String {
    format!(
        "SELECT service, bucket, count(*) AS spans,
  {REQUESTS}
FROM (
  SELECT coalesce(service, '') AS service, {},
    {TOOK}
  FROM spans
)
GROUP BY GROUPING SETS ((service, bucket), (service), (bucket), ())",
        bucket(buckets)
    )
}

/// Requests, failures and p95 of each service and of all (service null), and lines and errors of each
/// service.
#[must_use]
pub fn before() -> String {
    format!(
        "SELECT 'spans' AS signal, service,
  {REQUESTS}
FROM (
  SELECT coalesce(service, '') AS service,
    {TOOK}
  FROM spans
)
GROUP BY GROUPING SETS ((service), ())
UNION ALL
SELECT 'logs', coalesce(service, ''), count(*), count(*) FILTER (WHERE severity_number >= {ERROR_NUMBER}), NULL
FROM logs
GROUP BY 2"
    )
}

/// Records of each signal in each bucket; of logs, by service and with those that are errors.
#[must_use]
pub fn intake(buckets: &Buckets) -> String {
    let bucket = bucket(buckets);
    format!(
        "SELECT 'logs' AS signal, coalesce(service, '') AS service, {bucket},
  count(*) AS records, count(*) FILTER (WHERE severity_number >= {ERROR_NUMBER}) AS errors
FROM logs
GROUP BY 2, 3
UNION ALL
SELECT 'metrics', '', {bucket}, count(*), 0
FROM metrics
GROUP BY 3
UNION ALL
SELECT 'rejects', '', {bucket}, sum(records)::bigint, 0
FROM rejects
GROUP BY 3"
    )
}

/// Requests and failures of each version of a service in bins of ten minutes, and when its first and
/// its last one began.
#[must_use]
pub fn releases() -> String {
    "SELECT service, version, date_bin(INTERVAL '10 minutes', time) AS bucket,
  min(time) AS first, max(time) AS last,
  count(*) AS requests, count(*) FILTER (WHERE status = 'ERROR') AS failures
FROM (
  SELECT coalesce(service, '') AS service, resource['service.version'] AS version, time, status
  FROM spans
  WHERE kind IN ('SERVER', 'CONSUMER')
)
WHERE version IS NOT NULL
GROUP BY 1, 2, 3"
        .to_owned()
}
