//! A condition means for a deletion what it means in a query, and nothing but a condition is taken.

use super::{CompiledDeletion, DeletionRequest, RowCondition};
use crate::test_support::{Fixture, LOGS, MINUTE_NS, Place, START_NS, first_value, minutes, request};
use crate::{QueryError, QueryOptions};
use lincei_model::{ErrorCode, Table, TenantId, TimeRange};
use std::sync::Arc;

async fn compile(fixture: &Fixture, condition: RowCondition, range: TimeRange) -> Result<CompiledDeletion, QueryError> {
    let request = DeletionRequest { tenant: TenantId::default(), table: Table::Logs, range, condition };
    fixture.service.compile_deletion(request).await
}

fn condition(text: &str) -> RowCondition {
    match text.strip_prefix("search: ") {
        Some(text) => RowCondition::Search(text.to_owned()),
        None => RowCondition::Where(text.to_owned()),
    }
}

async fn count(fixture: &Fixture, sql: &str) -> u64 {
    first_value(&fixture.rows(request(sql)).await.unwrap().0).parse().unwrap()
}

/// What is counted by a query is what a deletion would delete, wherever the rows are.
#[tokio::test]
async fn conditions_choose_the_rows_that_a_query_finds() {
    for place in [Place::Memory, Place::Files, Place::Both] {
        let fixture = Fixture::new(place).await;
        // user.id is `u` and the number modulo 20; the others are in `test_support::logs`
        for (text, expected) in [
            ("attributes['user.id'] = 'u3'", Some(18)),
            ("search: user.id:u3", Some(18)),
            ("search: user.id:u3 OR user.id:u4", Some(36)),
            ("service = 'api' AND severity_number >= 17", Some(30)),
            ("attributes['took_ms']::int < 20", Some(10)),
            ("attributes['cached'] = 'true' AND time < '2026-01-01T01:00:00Z'", Some(30)),
            ("attributes['it''s \"ü\"'] IS NOT NULL", Some(6)),
            ("resource['host.name'] = 'h1' -- a comment", Some(180)),
            ("search: \"connection \\\"reset\\\"\"", Some(8)),
            ("trace_id <> '00000000000000000000000000000000'", None),
            ("NOT (trace_id = '00000000000000000000000000000001')", None),
            ("search: -trace_id:00000000000000000000000000000001", None),
            ("attributes['http.response.status_code']::int >= 404", None),
            ("body LIKE '%disk%' OR body ILIKE '%disk%'", None),
            ("time > now() - interval '100 minutes'", None),
            ("attributes['dup'] LIKE 'second%'", Some(0)),
            ("attributes['nowhere'] = 'x'", Some(0)),
            ("attributes['nowhere'] <> 'x'", Some(0)),
            ("NULL", Some(0)),
            ("false", Some(0)),
            ("true", Some(360)),
        ] {
            let compiled = compile(&fixture, condition(text), TimeRange::ALL).await.unwrap();
            assert_eq!(compiled.is_unconditional, text == "true", "{text}");
            let measured = fixture.engine.measure_deletion(compiled.deletion, Arc::default()).await.unwrap();
            let sql = match condition(text) {
                RowCondition::Search(text) => format!("SELECT count(*) FROM logs WHERE search('{text}')"),
                _ => format!("SELECT count(*) FROM logs WHERE {text}"),
            };
            let found = count(&fixture, &sql).await;
            assert_eq!(measured.rows_deleted, found, "{place:?}: {text}");
            assert_eq!(found, expected.unwrap_or(found), "{place:?}: {text}");
        }
    }
}

#[tokio::test]
async fn files_are_left_out_by_time_ranges_and_terms() {
    let fixture = Fixture::new(Place::Files).await;
    // a file an hour, six hours
    for (text, range, files) in [
        ("attributes['user.id'] = 'u3'", TimeRange::ALL, 6),
        ("attributes['user.id'] = 'u3'", minutes(60, 180), 2),
        ("attributes['took_ms']::int < 20", TimeRange::ALL, 1),
        ("time >= '2026-01-01T05:00:00Z'", TimeRange::ALL, 1),
        ("severity_number > 20", TimeRange::ALL, 0),
        ("attributes['nowhere'] = 'x'", TimeRange::ALL, 0),
        ("service = 'zoo'", TimeRange::ALL, 0),
    ] {
        let compiled = compile(&fixture, condition(text), range).await.unwrap();
        let measured = fixture.engine.measure_deletion(compiled.deletion, Arc::default()).await.unwrap();
        assert_eq!((measured.files_of_table, measured.files_total), (6, files), "{text}");
    }
}

#[tokio::test]
async fn deleted_rows_are_gone_and_others_stay() {
    let fixture = Fixture::new(Place::Both).await;
    let files = |fixture: &Fixture| {
        let logs = fixture.engine.files().into_iter().filter(|f| f.table == Table::Logs);
        logs.map(|f| f.id).collect::<Vec<_>>()
    };
    fixture.engine.flush().await.unwrap();
    let before = files(&fixture);
    let compiled = compile(&fixture, condition("search: user.id:u3"), minutes(0, 120)).await.unwrap();
    let report = fixture.engine.delete_rows(compiled.deletion, Arc::default()).await.unwrap();
    assert_eq!((report.files_total, report.files_rewritten, report.rows_deleted), (2, 2, 6));
    let after = files(&fixture);
    assert_eq!(before.iter().filter(|id| after.contains(id)).count(), before.len() - 2, "others are not touched");
    assert_eq!(count(&fixture, "SELECT count(*) FROM logs").await, LOGS as u64 - 6);
    assert_eq!(count(&fixture, "SELECT count(*) FROM logs WHERE attributes['user.id'] = 'u3'").await, 12);
    let sql = "SELECT min(time)::bigint FROM logs WHERE search('user.id:u3')";
    assert_eq!(count(&fixture, sql).await, (START_NS + 123 * MINUTE_NS).unsigned_abs());
}

#[tokio::test]
async fn only_a_condition_on_one_row_is_taken() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    for (text, message) in [
        ("", "expected"),
        ("body =", "expected"),
        ("body", "boolean"),
        ("nope = 1", "unknown column nope"),
        ("trace_id IN (SELECT trace_id FROM spans)", "one condition"),
        ("EXISTS (SELECT 1 FROM spans)", "one condition"),
        ("true) UNION ALL SELECT 1 FROM logs WHERE (true", "one condition"),
        ("true) ORDER BY (1", "one condition"),
        ("true) LIMIT (1", "one condition"),
        ("true) GROUP BY (body", "one condition"),
        ("true); DELETE FROM logs WHERE (true", "statements"),
        ("true); SELECT (1", "statements"),
        ("random() < 0.5", "random"),
        ("uuid() = body", "random"),
        ("count(*) > 1", "aggregate"),
        ("search('severity:>=LOUD')", "LOUD"),
        ("search: severity:>=LOUD", "LOUD"),
        ("search: (", "expected"),
        ("/* open", "comment"),
    ] {
        let error = match compile(&fixture, condition(text), TimeRange::ALL).await {
            Ok(_) => panic!("{text:?} was taken"),
            Err(error) => error,
        };
        assert_eq!(error.code(), ErrorCode::Invalid, "{text}: {error}");
        assert!(error.to_string().to_lowercase().contains(&message.to_lowercase()), "{text}: {error}");
    }
    let error = compile(&fixture, condition("body = 'x'\n  AND nope = 1"), TimeRange::ALL).await.err().unwrap();
    let place = error.location().unwrap();
    assert_eq!((place.line, place.column), (2, 7), "places are those in the condition");
    let long = vec!["body = 'x'"; 2000].join(" OR ");
    let error = compile(&fixture, condition(&long), TimeRange::ALL).await.err().unwrap();
    assert_eq!(error.limit(), Some(crate::Limit::SqlOperators), "{error}");
}

/// As deep as the guards allow.
#[tokio::test]
async fn a_deep_condition_is_evaluated() {
    let fixture = Fixture::new(Place::Files).await;
    let deep = (0..330).map(|i| format!("body LIKE '%{i} took%'")).collect::<Vec<_>>().join(" OR ");
    let compiled = compile(&fixture, condition(&deep), TimeRange::ALL).await.unwrap();
    let measured = fixture.engine.measure_deletion(compiled.deletion, Arc::default()).await.unwrap();
    assert!(measured.rows_deleted > 100);
}

#[tokio::test]
async fn a_condition_that_fails_on_the_data_deletes_nothing() {
    let fixture = Fixture::new(Place::Files).await;
    let compiled = compile(&fixture, condition("1 / (severity_number - 13) > 0"), TimeRange::ALL).await.unwrap();
    let failed = fixture.engine.delete_rows(compiled.deletion, Arc::default()).await.unwrap_err();
    assert_eq!(failed.code(), ErrorCode::Invalid, "{failed}");
    assert_eq!(count(&fixture, "SELECT count(*) FROM logs").await, LOGS as u64);
}
