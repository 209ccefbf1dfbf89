use super::*;

fn all(format: Option<LogFormat>, text: &str) -> Vec<(LogFormat, Vec<u8>)> {
    let mut chunks = Chunks::new(text.as_bytes(), format);
    std::iter::from_fn(|| chunks.next().unwrap()).collect()
}

#[test]
fn nothing_is_lost_or_cut_within_a_line() {
    let text: String = (0..200_000).map(|i| format!("2026-01-01T00:00:00Z INFO line number {i}\n")).collect();
    for format in [LogFormat::Text, LogFormat::Syslog, LogFormat::Logfmt] {
        let chunks = all(Some(format), &text);
        assert!(chunks.len() > 1);
        assert!(chunks.iter().all(|(_, chunk)| chunk.ends_with(b"\n")));
        let joined: Vec<u8> = chunks.into_iter().flat_map(|(_, chunk)| chunk).collect();
        assert_eq!(joined, text.as_bytes());
    }
}

#[test]
fn a_stack_trace_stays_with_its_record() {
    let record = "2026-01-01T00:00:00Z ERROR failed\n".to_owned() + &"    at some.Frame(File.java:1)\n".repeat(40_000);
    let chunks = all(Some(LogFormat::Text), &record.repeat(8));
    assert!(chunks.len() > 1);
    for (_, chunk) in &chunks {
        assert!(chunk.starts_with(b"2026-01-01"), "{}", String::from_utf8_lossy(&chunk[..40]));
    }
}

#[test]
fn a_long_array_becomes_several() {
    let element = r#"{"message":"a \"quoted\" ], [ comma, \\","list":[1,2,{"b":","}]}"#;
    let array = format!(" [\n{}{{\"last\":true}}\n]\n", format!("{element} ,\n").repeat(300_000));
    let chunks = all(None, &array);
    assert!(chunks.len() > 2);
    let element: serde_json::Value = serde_json::from_str(element).unwrap();
    let mut seen = Vec::new();
    for (format, chunk) in chunks {
        assert_eq!(format, LogFormat::Json);
        assert!(chunk.len() < CHUNK_BYTES * 2);
        seen.extend(serde_json::from_slice::<Vec<serde_json::Value>>(&chunk).unwrap());
    }
    assert_eq!(seen.pop().unwrap(), serde_json::json!({"last": true}));
    assert_eq!(seen.len(), 300_000);
    assert!(seen.iter().all(|value| *value == element));
}

#[test]
fn a_format_is_detected() {
    assert!(all(None, "").is_empty());
    assert_eq!(all(None, "{\"message\":\"x\"}\n")[0].0, LogFormat::Json);
    assert_eq!(all(None, "[{\"message\":\"x\"}]")[0].1, b"[{\"message\":\"x\"}]");
}

#[test]
fn services_are_named_after_files() {
    for (path, want) in
        [("logs/checkout.log.gz", Some("checkout")), ("HDFS_2k.log", Some("HDFS_2k")), (".hidden", None)]
    {
        assert_eq!(file_service(Path::new(path)).as_deref(), want);
    }
}
