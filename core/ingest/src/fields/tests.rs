use super::*;
use std::fmt::Write as _;

/// 2026-11-22T12:00:00Z.
const NOW_NS: i64 = 1_795_348_800_000_000_000;

const fn t(value: &'static str) -> FieldValue<'static> {
    FieldValue::Text(Cow::Borrowed(value))
}

const fn n(value: &'static str) -> FieldValue<'static> {
    FieldValue::Number(Cow::Borrowed(value))
}

const fn j(value: &'static str) -> FieldValue<'static> {
    FieldValue::Json(Cow::Borrowed(value))
}

/// What `fields` become, one `column=value` after another.
fn read(fields: &[(&'static str, FieldValue<'static>)]) -> String {
    let fields = fields.iter().map(|(key, value)| Field { key: Cow::Borrowed(*key), value: value.clone() }).collect();
    let entry = match classify(fields, NOW_NS) {
        Ok(entry) => entry,
        Err(refusal) => return format!("refused: {}", refusal.reason),
    };
    let mut out = String::new();
    let mut show = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(out, "{}{name}={value}", if out.is_empty() { "" } else { " " });
        }
    };
    let offset = entry.time_ns.map(|time_ns| ((time_ns - NOW_NS) / 1_000_000).to_string());
    show("time_ms", offset.as_deref());
    let level = (entry.severity_number > 0).then(|| entry.severity_number.to_string());
    show("level", level.as_deref());
    show("level_text", entry.severity_text.as_deref());
    show("body", entry.body.as_deref());
    show("service", entry.service.as_deref());
    show("event", entry.event_name.as_deref());
    show("trace", entry.trace_id.as_deref());
    show("span", entry.span_id.as_deref());
    for (key, value) in &entry.attributes {
        show(&format!("a[{key}]"), Some(value.as_deref().unwrap_or("null")));
    }
    for (key, value) in &entry.resource {
        show(&format!("r[{key}]"), Some(value.as_deref().unwrap_or("null")));
    }
    out
}

type Case<'t> = (&'t [(&'static str, FieldValue<'static>)], &'static str);

fn check(cases: &[Case<'_>]) {
    for (fields, want) in cases {
        assert_eq!(read(fields), *want, "{fields:?}");
    }
}

#[test]
fn loggers_records_are_understood() {
    check(&[
        // pino, bunyan
        (
            &[("level", n("30")), ("time", n("1795348799000")), ("pid", n("7")), ("msg", t("up"))],
            "time_ms=-1000 level=9 body=up a[pid]=7",
        ),
        // zap
        (
            &[("level", t("warn")), ("ts", n("1795348799.5")), ("logger", t("db")), ("msg", t("slow"))],
            "time_ms=-500 level=13 level_text=warn body=slow a[logger]=db",
        ),
        // Elastic common schema, flattened
        (
            &[
                ("@timestamp", t("2026-11-22T11:59:59.000Z")),
                ("log.level", t("ERROR")),
                ("message", t("no")),
                ("service.name", t("cart")),
                ("trace.id", t("0AF7651916CD43DD8448EB211C80319C")),
                ("span.id", t("b7ad6b7169203331")),
            ],
            "time_ms=-1000 level=17 level_text=ERROR body=no service=cart trace=0af7651916cd43dd8448eb211c80319c span=b7ad6b7169203331",
        ),
        // systemd's journal
        (
            &[
                ("__REALTIME_TIMESTAMP", t("1795348799000000")),
                ("PRIORITY", t("3")),
                ("MESSAGE", t("failed")),
                ("SYSLOG_IDENTIFIER", t("sshd")),
                ("_SYSTEMD_UNIT", t("ssh.service")),
            ],
            "time_ms=-1000 level=17 body=failed service=sshd a[_SYSTEMD_UNIT]=ssh.service",
        ),
        (&[("MESSAGE", j("[104,105]"))], "body=hi"),
        (&[("MESSAGE", j("[104,255]"))], "body=h\u{fffd} a[MESSAGE]=[104,255]"),
        (&[("message", j("[104,105]"))], "a[message]=[104,105]"),
        // Serilog
        (
            &[("Timestamp", t("2026-11-22T12:00:00Z")), ("Level", t("Information")), ("@mt", t("hi {x}"))],
            "time_ms=0 level=9 level_text=Information body=hi {x}",
        ),
        // a container engine
        (
            &[("log", t("started\n")), ("stream", t("stdout")), ("time", t("2026-11-22T12:00:00Z"))],
            "time_ms=0 body=started a[stream]=stdout",
        ),
        // a web server that writes date and time apart
        (&[("date", t("2026-11-22")), ("time", t("11:59:59"))], "time_ms=-1000"),
        (
            &[("severity_number", n("22")), ("resource.host.name", t("h")), ("resource", t("x"))],
            "level=22 a[resource]=x r[host.name]=h",
        ),
    ]);
}

#[test]
fn of_several_names_the_first_of_the_list_counts_and_nothing_is_lost() {
    check(&[
        (&[("msg", t("b")), ("message", t("a"))], "body=a a[msg]=b"),
        (&[("message", t("a")), ("message", t("b"))], "body=a a[message]=b"),
        (&[("event", t("e")), ("body", j("{\"a\":1}"))], "body={\"a\":1} a[event]=e"),
        (&[("message", FieldValue::Null), ("msg", t("b"))], "body=b a[message]=null"),
        (&[("time", t("soon")), ("ts", n("1795348800"))], "time_ms=0 a[time]=soon"),
        (&[("level", t("blue")), ("severity", t("info"))], "level=9 level_text=info a[level]=blue"),
        (&[("app", t("x")), ("service", n("5"))], "service=x a[service]=5"),
        (&[("message", FieldValue::Bool(true))], "body=true"),
        (&[("message", n("1.10"))], "body=1.10"),
    ]);
}

#[test]
fn what_does_not_fit_stays_an_attribute() {
    check(&[
        (&[("level", n("99"))], "a[level]=99"),
        (&[("severity_number", n("25"))], "a[severity_number]=25"),
        (&[("PRIORITY", n("8"))], "a[PRIORITY]=8"),
        (&[("trace_id", t("00000000000000000000000000000000"))], "a[trace_id]=00000000000000000000000000000000"),
        (&[("trace_id", t("abc"))], "a[trace_id]=abc"),
        (&[("span_id", t("zzzzzzzzzzzzzzzz"))], "a[span_id]=zzzzzzzzzzzzzzzz"),
        (&[("t", n("21.5"))], "a[t]=21.5"),
        (&[("date", t("tomorrow"))], "a[date]=tomorrow"),
        (&[("time", t(" "))], "a[time]= "),
        (&[("time", FieldValue::Null)], "a[time]=null"),
        (&[("levels", t("info")), ("", t("x"))], "a[levels]=info a[]=x"),
        (&[("a very long name of a field", t("x"))], "a[a very long name of a field]=x"),
    ]);
}

#[test]
fn a_time_that_cannot_be_read_refuses_the_record() {
    check(&[
        (&[("time", t("yesterday"))], "refused: time \"yesterday\" of field \"time\" cannot be read"),
        (&[("ts", n("5"))], "refused: time \"5\" of field \"ts\" cannot be read"),
        (&[("@timestamp", j("[1]"))], "refused: time \"[1]\" of field \"@timestamp\" cannot be read"),
        (&[("Timestamp", FieldValue::Bool(true))], "refused: time \"true\" of field \"Timestamp\" cannot be read"),
    ]);
}
