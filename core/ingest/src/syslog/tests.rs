use super::*;
use chrono::DateTime;
use std::fmt::Write as _;

/// 2026-11-22T12:00:00Z.
const NOW_NS: i64 = 1_795_348_800_000_000_000;

const CONTEXT: IngestContext<'static> = IngestContext {
    now_ns: NOW_NS,
    oldest_ns: i64::MIN,
    newest_ns: NOW_NS + 600_000_000_000,
    client: "test",
    default_service: None,
};

/// `time level service body`, then attributes and resource.
fn read(line: &[u8]) -> String {
    let entry = match message(line, NOW_NS, None) {
        Ok(entry) => entry,
        Err(refusal) => return format!("refused: {}", refusal.reason),
    };
    let time = entry.time_ns.map(|time_ns| DateTime::from_timestamp_nanos(time_ns).to_rfc3339());
    let mut out = format!(
        "{} {} {} {:?}",
        time.as_deref().unwrap_or("-"),
        entry.severity_number,
        entry.service.as_deref().unwrap_or("-"),
        entry.body.as_deref().unwrap_or("")
    );
    for (key, value) in entry.attributes.iter().chain(&entry.resource) {
        let _ = write!(out, " {key}={}", value.as_deref().unwrap_or("null"));
    }
    out
}

fn check(cases: &[(&str, &str)]) {
    for (line, want) in cases {
        assert_eq!(read(line.as_bytes()), *want, "{line:?}");
    }
}

#[test]
fn rfc_5424_messages_are_read() {
    // the first four are the examples of RFC 5424 6.5
    check(&[
        (
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}'su root' failed for lonvick on /dev/pts/8",
            "2003-10-11T22:14:15.003+00:00 18 su \"'su root' failed for lonvick on /dev/pts/8\" syslog.facility=4 syslog.msgid=ID47 host.name=mymachine.example.com",
        ),
        (
            "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
            "2003-08-24T12:14:15.000003+00:00 10 myproc \"%% It's time to make the do-nuts.\" syslog.facility=20 process.pid=8710 host.name=192.0.2.1",
        ),
        (
            "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"] \u{feff}An application event log entry...",
            "2003-10-11T22:14:15.003+00:00 10 evntslog \"An application event log entry...\" syslog.facility=20 syslog.msgid=ID47 syslog.sd.exampleSDID@32473.iut=3 syslog.sd.exampleSDID@32473.eventSource=Application syslog.sd.exampleSDID@32473.eventID=1011 host.name=mymachine.example.com",
        ),
        (
            "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\"][examplePriority@32473 class=\"high\"]",
            "2003-10-11T22:14:15.003+00:00 10 evntslog \"\" syslog.facility=20 syslog.msgid=ID47 syslog.sd.exampleSDID@32473.iut=3 syslog.sd.examplePriority@32473.class=high host.name=mymachine.example.com",
        ),
        ("<0>1 - - - - - -", "- 21 - \"\" syslog.facility=0"),
        (
            "<15>1 2026-11-22T10:11:12Z h a p1 - [x y=\"a\\\"b\\\\c\\]d\\n\"][e] m",
            "2026-11-22T10:11:12+00:00 5 a \"m\" syslog.facility=1 syslog.procid=p1 syslog.sd.x.y=a\"b\\c]d\\n syslog.sd.e=null host.name=h",
        ),
        // structured data that does not end stays in the message
        (
            "<15>1 2026-11-22T10:11:12Z h a - - [x y=\"a] m",
            "2026-11-22T10:11:12+00:00 5 a \"[x y=\\\"a] m\" syslog.facility=1 host.name=h",
        ),
        ("<15>1 2026-11-22T10:11:12Z", "2026-11-22T10:11:12+00:00 5 - \"\" syslog.facility=1"),
    ]);
}

#[test]
fn rfc_3164_messages_are_read() {
    check(&[
        // RFC 3164 5.4, example 1
        (
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            "2026-10-11T22:14:15+00:00 18 su \"'su root' failed for lonvick on /dev/pts/8\" syslog.facility=4 host.name=mymachine",
        ),
        (
            "Nov 22 10:11:12 web1 sshd[4321]: bye",
            "2026-11-22T10:11:12+00:00 0 sshd \"bye\" process.pid=4321 host.name=web1",
        ),
        (
            "Nov  2 10:11:12 web1 kernel: [    0.1] x",
            "2026-11-02T10:11:12+00:00 0 kernel \"[    0.1] x\" host.name=web1",
        ),
        (
            "Dec 24 10:11:12 web1 su(pam_unix)[9]: opened",
            "2025-12-24T10:11:12+00:00 0 su(pam_unix) \"opened\" process.pid=9 host.name=web1",
        ),
        (
            "Nov 22 10:11:12 mac com.example.agent[1] (com.example.job[77]): exited",
            "2026-11-22T10:11:12+00:00 0 com.example.agent \"(com.example.job[77]): exited\" process.pid=1 host.name=mac",
        ),
        (
            "Nov 22 10:11:12 mac Some Program[14]: scripting",
            "2026-11-22T10:11:12+00:00 0 Some Program \"scripting\" process.pid=14 host.name=mac",
        ),
        (
            "Nov 22 10:11:12 web1 last message repeated 2 times",
            "2026-11-22T10:11:12+00:00 0 - \"last message repeated 2 times\" host.name=web1",
        ),
        ("Nov 22 10:11:12 cron[7]: no host", "2026-11-22T10:11:12+00:00 0 cron \"no host\" process.pid=7"),
        ("Nov 22 10:11:12 cron: no host", "2026-11-22T10:11:12+00:00 0 cron \"no host\""),
        (
            "2026-11-22T10:11:12.345678+01:00 web1 systemd[1]: Started.",
            "2026-11-22T09:11:12.345678+00:00 0 systemd \"Started.\" process.pid=1 host.name=web1",
        ),
        (
            "<14>Nov 22 2026 10:11:12: %ASA-6-1: Built",
            "2026-11-22T10:11:12+00:00 9 %ASA-6-1 \"Built\" syslog.facility=1",
        ),
        ("<13>no timestamp here", "- 10 - \"no timestamp here\" syslog.facility=1"),
    ]);
}

#[test]
fn what_is_no_syslog_is_plain_text() {
    check(&[
        ("just words", "- 0 - \"just words\""),
        ("<192>too much", "- 0 - \"<192>too much\""),
        ("<x>1 - - - - - -", "- 0 - \"<x>1 - - - - - -\""),
        ("<1234>1 -", "- 0 - \"<1234>1 -\""),
        ("2026-11-22T10:11:12Z ERROR app: x", "2026-11-22T10:11:12+00:00 17 - \"2026-11-22T10:11:12Z ERROR app: x\""),
        ("", "- 0 - \"\""),
    ]);
    let bytes = read(b"Nov 22 10:11:12 h app: caf\xe9");
    assert_eq!(
        bytes,
        "2026-11-22T10:11:12+00:00 0 app \"caf\u{fffd}\" log.record.original_base64=Y2Fm6Q== host.name=h"
    );
}

#[test]
fn a_time_that_cannot_be_read_is_refused() {
    check(&[
        ("<34>1 yesterday h a - - - m", "refused: time \"yesterday\" of the syslog header cannot be read"),
        ("<34>1  h a - - - m", "refused: time \"\" of the syslog header cannot be read"),
    ]);
}

#[test]
fn indented_lines_go_on_the_message_before() {
    let body = b"Nov 22 10:11:12 h app: one\n\tmore\n  and more\nNov 22 10:11:13 h app: two\nnot syslog\n";
    let decoded = decode(body, &CONTEXT).unwrap();
    assert_eq!((decoded.accepted, decoded.rejected), (3, 0));
    let batch = decoded.batch.unwrap();
    let column = |name: &str| batch.records().column_by_name(name).unwrap().clone();
    let bodies = column("body");
    let bodies: Vec<_> = arrow_array::cast::AsArray::as_string_view(&bodies).iter().flatten().collect();
    assert_eq!(bodies, ["one\n\tmore\n  and more", "two", "not syslog"]);
    // a line without a time has that of the line before
    let times = column("time");
    let times = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::TimestampNanosecondType>(&times);
    assert_eq!(times.value(2), times.value(1));
}
