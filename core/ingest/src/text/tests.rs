use super::*;
use chrono::DateTime;

/// 2026-11-22T12:00:00Z.
const NOW_NS: i64 = 1_795_348_800_000_000_000;

const CONTEXT: IngestContext<'static> = IngestContext {
    now_ns: NOW_NS,
    oldest_ns: i64::MIN,
    newest_ns: NOW_NS + 600_000_000_000,
    client: "test",
    default_service: None,
};

/// `time level word` of a line.
fn read(line: &str) -> String {
    let entry = plain(line.as_bytes(), NOW_NS, None);
    assert_eq!(entry.body.as_deref(), Some(line));
    let time = entry.time_ns.map(|time_ns| DateTime::from_timestamp_nanos(time_ns).format("%FT%T%.f").to_string());
    let level = crate::severity::name(entry.severity_number).unwrap_or("-");
    format!("{} {level} {}", time.as_deref().unwrap_or("-"), entry.severity_text.as_deref().unwrap_or("-"))
}

fn check(cases: &[(&str, &str)]) {
    for (line, want) in cases {
        assert_eq!(read(line), *want, "{line:?}");
    }
}

#[test]
fn time_and_level_of_common_logs_are_found() {
    check(&[
        // log4j, logback and their like
        ("2026-11-22 10:11:12,345 INFO [main] a.b.C: ready", "2026-11-22T10:11:12.345 INFO INFO"),
        ("2026-11-22 10:11:12,345 - WARN  [worker:7] - slow", "2026-11-22T10:11:12.345 WARN WARN"),
        ("26/11/22 10:11:12 ERROR exec.Task: lost", "2026-11-22T10:11:12 ERROR ERROR"),
        ("261122 101112 148 INFO x.Y$Z: got it", "2026-11-22T10:11:12 INFO INFO"),
        ("[2026-11-22 10:11:12.345] [FATAL] out", "2026-11-22T10:11:12.345 FATAL FATAL"),
        // a file name with a date in front, a process id behind
        (
            "app.log.1.2026-11-21_13:53:08 2026-11-22 10:11:12.345 257 INFO svc [-] ok",
            "2026-11-22T10:11:12.345 INFO INFO",
        ),
        // Apache's error log, nginx, access logs
        ("[Sun Nov 22 10:11:12 2026] [error] mod_x failed", "2026-11-22T10:11:12 ERROR error"),
        ("[Sun Nov 22 10:11:12.123456 2026] [core:notice] [pid 1] up", "2026-11-22T10:11:12.123456 INFO notice"),
        ("2026/11/22 10:11:12 [warn] 7#7: *1 buffered", "2026-11-22T10:11:12 WARN warn"),
        ("10.0.0.1 - - [22/Nov/2026:10:11:12 +0100] \"GET / HTTP/1.1\" 200 5", "2026-11-22T09:11:12 - -"),
        // logcat, klog
        ("11-21 10:11:12.345  1702  2395 D Window: x", "2026-11-21T10:11:12.345 DEBUG -"),
        ("11-21 10:11:12.345  1702  2395 V Window: INFO", "2026-11-21T10:11:12.345 TRACE -"),
        ("E1121 10:11:12.345678   1 main.go:7] bad", "2026-11-21T10:11:12.345678 ERROR -"),
        // a supercomputer's event log
        (
            "- 1132000000 2005.11.14 R1-M0 2005-11-14-12.26.40.123456 R1-M0 RAS KERNEL FATAL machine check",
            "2005-11-14T20:26:40 FATAL FATAL",
        ),
        ("134 node-2 unix.hw state 1077804742 1 on", "2004-02-26T14:12:22 - -"),
        // a telephone's step counter, a proxy client, a servicing log
        ("20261121-0:1:2:34|Step|300|on 1", "2026-11-21T00:01:02.034 - -"),
        ("[11.21 10:11:12] browser.exe - host:80 close", "2026-11-21T10:11:12 - -"),
        ("2026-11-22 10:11:12, Info                  CBS    Loaded", "2026-11-22T10:11:12 INFO Info"),
        // others
        ("level=debug started", "- DEBUG debug"),
        ("ERROR 2026-11-22T10:11:12Z down", "2026-11-22T10:11:12 ERROR ERROR"),
        ("2026-11-22T10:11:12Z stderr F panic: nil map", "2026-11-22T10:11:12 FATAL panic"),
        ("time=\"2026-11-22T10:11:12Z\" level=warning msg=x", "2026-11-22T10:11:12 WARN warning"),
    ]);
}

#[test]
fn words_of_a_sentence_are_no_level() {
    check(&[
        ("there was no error in the fatal warning", "- - -"),
        ("2026-11-22 10:11:12 finished without error", "2026-11-22T10:11:12 - -"),
        ("2026-11-22 10:11:12 information on file", "2026-11-22T10:11:12 INFO information"),
        ("errors=0 INFORM", "- - -"),
        ("a b c d e f g h i j k l ERROR", "- - -"),
        ("12345 6789", "- - -"),
        ("9999999999 is too far ahead", "- - -"),
        ("call 1795348800x", "- - -"),
    ]);
}

fn bodies(body: &[u8]) -> Vec<String> {
    let decoded = decode(body, &CONTEXT).unwrap();
    assert_eq!(decoded.rejected, 0);
    let Some(batch) = decoded.batch else { return Vec::new() };
    let column = batch.records().column_by_name("body").unwrap().clone();
    arrow_array::cast::AsArray::as_string_view(&column).iter().flatten().map(str::to_owned).collect()
}

#[test]
fn stack_traces_join_their_record() {
    let trace = "2026-11-22 10:11:12 ERROR x\n\tat a.B(C.java:1)\n\n  more\nat d\nCaused by: y\n... 7 more";
    let body = format!("{trace}\n2026-11-22 10:11:13 INFO z\n  2026-11-22 10:11:14 indented\r\nlast\r\n");
    assert_eq!(
        bodies(body.as_bytes()),
        [trace, "2026-11-22 10:11:13 INFO z", "  2026-11-22 10:11:14 indented", "last"]
    );
    assert_eq!(bodies(b""), [""; 0]);
    assert_eq!(bodies(b"  only\n  indented"), ["  only\n  indented"]);
}

#[test]
fn traces_of_java_and_python_are_whole() {
    let java =
        "2026-11-22 10:11:12,123 ERROR [main] Foo - boom\njava.lang.IllegalStateException: x\n\tat a.B(C.java:1)";
    let python =
        "2026-11-22 10:11:13 ERROR boom\nTraceback (most recent call last):\n  File \"a.py\", line 1\nValueError: x";
    assert_eq!(bodies(format!("{java}\n{python}\nlast").as_bytes()), [java, python, "last"]);
    for line in ["Error: disk", "ERROR: disk", "SomeError happened", "com.example.Foo: x", "1Error: x", "Errors: 3"] {
        assert_eq!(bodies(format!("first\n{line}").as_bytes()), ["first", line]);
    }
    assert_eq!(bodies(b"first\na.b.C$DError"), ["first\na.b.C$DError"]);
}

#[test]
fn a_record_does_not_grow_beyond_the_limit() {
    let mut body = b"2026-11-22 10:11:12 start".to_vec();
    while body.len() < RECORD_BYTES_MAX * 2 {
        body.extend_from_slice(format!("\n {}", "x".repeat(1 << 20)).as_bytes());
    }
    let parts = bodies(&body);
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part.len() <= RECORD_BYTES_MAX));
    assert_eq!(parts.join("\n").as_bytes(), body);
}

#[test]
fn bytes_that_are_not_utf8_are_kept() {
    let decoded = decode(b"caf\xe9 ERROR x", &CONTEXT).unwrap();
    let batch = decoded.batch.unwrap();
    let attributes = batch.records().column_by_name("attributes").unwrap().clone();
    let entries = arrow_array::cast::AsArray::as_map(&attributes).value(0);
    let value = arrow_array::cast::AsArray::as_string_view(entries.column(1)).value(0);
    // base64 of the line, from `printf 'caf\xe9 ERROR x' | base64`
    assert_eq!(value, "Y2Fm6SBFUlJPUiB4");
}

#[test]
fn lines_outside_the_window_are_refused() {
    let context = IngestContext { oldest_ns: NOW_NS - 1, ..CONTEXT };
    let decoded = decode(b"2020-01-01 00:00:00 old\n2031-01-01 00:00:00 new\nnow", &context).unwrap();
    // the last line has the time of the one before, and with it shares its fate
    assert_eq!((decoded.accepted, decoded.rejected), (0, 3));
}
