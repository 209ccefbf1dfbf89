/// A column that a field may fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Time,
    Severity,
    Body,
    Service,
    TraceId,
    SpanId,
    EventName,
}

/// The longest name below.
const NAME_BYTES_MAX: usize = 20;

/// The column that a field of this name may fill, and how far down its list the name stands.
pub(super) fn role_of(key: &str) -> Option<(Role, u8)> {
    let mut lower = [0; NAME_BYTES_MAX];
    let lower = lower.get_mut(..key.len())?;
    lower.copy_from_slice(key.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"@timestamp" => (Role::Time, 0),
        b"timestamp" => (Role::Time, 1),
        b"time" => (Role::Time, 2),
        b"ts" => (Role::Time, 3),
        b"datetime" => (Role::Time, 4),
        b"eventtime" | b"event_time" => (Role::Time, 5),
        b"_time" => (Role::Time, 6),
        b"@t" => (Role::Time, 7),
        b"__realtime_timestamp" => (Role::Time, 8),
        b"asctime" => (Role::Time, 9),
        b"t" => (Role::Time, 10),
        b"date" => (Role::Time, 11),
        b"level" => (Role::Severity, 0),
        b"severity" => (Role::Severity, 1),
        b"log.level" => (Role::Severity, 2),
        b"loglevel" | b"log_level" => (Role::Severity, 3),
        b"lvl" => (Role::Severity, 4),
        b"severity_text" | b"severitytext" => (Role::Severity, 5),
        b"levelname" => (Role::Severity, 6),
        b"@l" => (Role::Severity, 7),
        b"priority" => (Role::Severity, 8),
        b"severity_number" | b"severitynumber" => (Role::Severity, 9),
        b"message" => (Role::Body, 0),
        b"msg" => (Role::Body, 1),
        b"body" => (Role::Body, 2),
        b"log" => (Role::Body, 3),
        b"text" => (Role::Body, 4),
        b"event" => (Role::Body, 5),
        b"@m" => (Role::Body, 6),
        b"@mt" => (Role::Body, 7),
        b"short_message" => (Role::Body, 8),
        b"service.name" => (Role::Service, 0),
        b"service" => (Role::Service, 1),
        b"service_name" | b"servicename" => (Role::Service, 2),
        b"app" => (Role::Service, 3),
        b"application" => (Role::Service, 4),
        b"syslog_identifier" => (Role::Service, 5),
        b"_systemd_unit" => (Role::Service, 6),
        b"trace_id" | b"traceid" => (Role::TraceId, 0),
        b"trace.id" => (Role::TraceId, 1),
        b"span_id" | b"spanid" => (Role::SpanId, 0),
        b"span.id" => (Role::SpanId, 1),
        b"event.name" => (Role::EventName, 0),
        b"event_name" => (Role::EventName, 1),
        _ => return None,
    })
}
