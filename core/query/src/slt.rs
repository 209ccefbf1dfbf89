//! Runs `tests/slt/*.slt` on the same rows in memory, in files, and in both.
//!
//! A record is `query` or `query sorted` (answer lines are compared sorted), SQL, `----`, and one
//! line a row with values between ` | `; or `error <part of the message>` and SQL. Records are
//! separated by empty lines; lines that start with `#` are comments.

use crate::format::{Encoder, Format};
use crate::test_support::{Fixture, Place, request};

struct Record {
    line: usize,
    head: String,
    sql: String,
    want: Vec<String>,
}

fn records(text: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).peekable();
    while let Some((number, head)) = lines.next() {
        if head.trim().is_empty() {
            continue;
        }
        let mut record = Record { line: number + 1, head: head.to_owned(), sql: String::new(), want: Vec::new() };
        let mut answer = false;
        while let Some((_, line)) = lines.next_if(|(_, line)| !line.trim().is_empty()) {
            if line == "----" {
                answer = true;
            } else if answer {
                record.want.push(line.to_owned());
            } else {
                record.sql.push_str(line);
                record.sql.push('\n');
            }
        }
        records.push(record);
    }
    records
}

async fn answer(fixture: &Fixture, sql: &str) -> Result<Vec<String>, crate::QueryError> {
    let query = fixture.service.start(request(sql)).await?;
    let mut encoder = Encoder::new(Format::Json, &query.schema());
    drop(query);
    // it must not be in the listing that the next one may ask for
    fixture.service.idle().await;
    let mut json = encoder.start()?;
    let (batches, _) = fixture.rows(request(sql)).await?;
    for batch in &batches {
        json.extend(encoder.batch(batch)?);
    }
    json.extend(encoder.finish("{}")?);
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "NULL".to_owned(),
        other => other.to_string(),
    };
    let row = |row: &serde_json::Value| row.as_array().unwrap().iter().map(cell).collect::<Vec<_>>().join(" | ");
    Ok(json["rows"].as_array().unwrap().iter().map(row).collect())
}

async fn run(fixture: &Fixture, name: &str, text: &str, failures: &mut Vec<String>) -> usize {
    let records = records(text);
    for record in &records {
        let got = answer(fixture, &record.sql).await;
        let place = format!("{name}:{}", record.line);
        match (record.head.split_once(' '), got) {
            (Some(("error", part)), Err(error)) if error.to_string().contains(part) => {}
            (Some(("error", part)), got) => {
                failures.push(format!("{place}: wanted an error with {part:?}, got {got:?}"));
            }
            (_, Err(error)) => failures.push(format!("{place}: {error}\n{:?}\n{}", error, record.sql)),
            (head, Ok(mut got)) => {
                let mut want = record.want.clone();
                if head.is_some_and(|(_, how)| how == "sorted") {
                    got.sort();
                    want.sort();
                }
                if got != want {
                    failures.push(format!(
                        "{place}: {}\nwant\n{}\ngot\n{}",
                        record.sql,
                        want.join("\n"),
                        got.join("\n")
                    ));
                }
            }
        }
    }
    records.len()
}

async fn run_all(place: Place) {
    let fixture = Fixture::new(place).await;
    let mut count = 0;
    let mut failures = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/slt")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        count +=
            run(&fixture, &format!("{place:?} {name}"), &std::fs::read_to_string(&path).unwrap(), &mut failures).await;
    }
    assert!(failures.is_empty(), "{} of {count} failed\n{}", failures.len(), failures.join("\n\n"));
    assert!(count > 100, "only {count} records were found");
}

#[tokio::test]
async fn answers_are_right_in_memory() {
    run_all(Place::Memory).await;
}

#[tokio::test]
async fn answers_are_right_in_files() {
    run_all(Place::Files).await;
}

#[tokio::test]
async fn answers_are_right_in_both() {
    run_all(Place::Both).await;
}
