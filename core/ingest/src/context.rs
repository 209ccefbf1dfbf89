use chrono::{DateTime, SecondsFormat};
use lincei_model::{Batch, ErrorCode};

/// What decoders need to know of the world: nothing here is read from a clock or a setting.
#[derive(Clone, Copy, Debug)]
pub struct IngestContext<'a> {
    /// Now, in nanoseconds since the Unix epoch. Records without any time get it.
    pub now_ns: i64,
    /// Records older than this are refused (retention of the table); nanoseconds, inclusive.
    pub oldest_ns: i64,
    /// Records newer than this are refused; nanoseconds, inclusive.
    pub newest_ns: i64,
    /// Who sent it: address and user agent, for `rejects.client`.
    pub client: &'a str,
    /// Service of log lines that name none; `None` for `unknown_service`. OTLP has a resource for it.
    pub default_service: Option<&'a str>,
}

/// What became of one body.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// The accepted rows, all of one table; `None` when there are none.
    pub batch: Option<Batch>,
    /// Rows of `rejects`, one per refused record as far as
    /// [`REJECTS_PER_REQUEST_MAX`](lincei_model::limits::REJECTS_PER_REQUEST_MAX) allows.
    pub rejects: Option<Batch>,
    /// Records in `batch`.
    pub accepted: u64,
    /// Records refused.
    pub rejected: u64,
    /// The first reasons, for OTLP's `partial_success.error_message`; `None` when nothing was refused.
    pub reject_message: Option<String>,
}

/// The kind of telemetry in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Log records.
    Logs,
    /// Spans.
    Traces,
    /// Metric data points.
    Metrics,
}

impl Signal {
    /// The name in paths and in `rejects.signal`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }
}

/// Why one record is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) reason: String,
}

impl Refusal {
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self { code: ErrorCode::Invalid, reason: reason.into() }
    }

    pub(crate) fn too_large(reason: impl Into<String>) -> Self {
        Self { code: ErrorCode::TooLarge, reason: reason.into() }
    }
}

impl IngestContext<'_> {
    /// `time_ns` if a record may have that event time.
    pub(crate) fn check_time(&self, time_ns: i64) -> Result<i64, Refusal> {
        if time_ns > self.newest_ns {
            let ahead = i128::from(time_ns) - i128::from(self.now_ns);
            let limit = i128::from(self.newest_ns) - i128::from(self.now_ns);
            return Err(Refusal::invalid(format!(
                "event time {} is {} in the future (limit {})",
                utc(time_ns),
                span(ahead),
                span(limit)
            )));
        }
        if time_ns < self.oldest_ns {
            let age = i128::from(self.now_ns) - i128::from(time_ns);
            let limit = i128::from(self.now_ns) - i128::from(self.oldest_ns);
            return Err(Refusal::invalid(format!(
                "event time {} is {} old, older than the retention of the table ({})",
                utc(time_ns),
                span(age),
                span(limit)
            )));
        }
        Ok(time_ns)
    }

    /// The same for a time as protobuf carries it.
    pub(crate) fn check_unix_nano(&self, time: u64) -> Result<i64, Refusal> {
        match i64::try_from(time) {
            Ok(time_ns) => self.check_time(time_ns),
            Err(_) => Err(Refusal::invalid(format!(
                "event time of {time} ns since 1970 is after 2262-04-11, the last day that can be stored"
            ))),
        }
    }
}

/// RFC 3339 in UTC with as many digits of the second as there are.
pub(crate) fn utc(time_ns: i64) -> String {
    DateTime::from_timestamp_nanos(time_ns).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A length of time in the unit a person would use, with at most one digit after the point.
fn span(nanoseconds: i128) -> String {
    const SECOND: i128 = 1_000_000_000;
    const UNITS: [(i128, &str); 4] = [
        (31_556_952 * SECOND, "years"),
        (86_400 * SECOND, "days"),
        (3_600 * SECOND, "hours"),
        (60 * SECOND, "minutes"),
    ];
    let (size, name) = UNITS
        .into_iter()
        .find(|(size, name)| nanoseconds.abs() >= if *name == "minutes" { *size } else { 2 * *size })
        .unwrap_or((SECOND, "seconds"));
    let tenths = (nanoseconds * 10 + size / 2) / size;
    if tenths % 10 == 0 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_times_outside_the_window_are_refused_with_both_sides() {
        const DAY: i64 = 86_400_000_000_000;
        // 2026-11-22T00:00:00Z, from `date -u -d 2026-11-22 +%s`
        let now_ns = 1_795_305_600_000_000_000;
        let context = IngestContext {
            now_ns,
            oldest_ns: now_ns - 30 * DAY,
            newest_ns: now_ns + 600_000_000_000,
            client: "test",
            default_service: None,
        };
        for good in [now_ns, context.oldest_ns, context.newest_ns] {
            assert_eq!(context.check_time(good), Ok(good));
        }
        let cases = [
            (now_ns + 1500 * DAY, "event time 2030-12-31T00:00:00Z is 4.1 years in the future (limit 10 minutes)"),
            (
                context.newest_ns + 1,
                "event time 2026-11-22T00:10:00.000000001Z is 10 minutes in the future (limit 10 minutes)",
            ),
            (
                now_ns - 45 * DAY,
                "event time 2026-10-08T00:00:00Z is 45 days old, older than the retention of the table (30 days)",
            ),
            (
                i64::MIN,
                "event time 1677-09-21T00:12:43.145224192Z is 349.2 years old, older than the retention of the table (30 days)",
            ),
        ];
        for (time, reason) in cases {
            assert_eq!(context.check_time(time).map_err(|r| r.reason), Err(reason.to_owned()));
        }
        let far = context.check_unix_nano(1 << 63).unwrap_err();
        assert_eq!(far.code, ErrorCode::Invalid);
        assert!(far.reason.contains("9223372036854775808"), "{}", far.reason);
    }
}
