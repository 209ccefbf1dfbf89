use super::*;
use crate::test_support::{Fixture, MINUTE_NS, Place, START_NS, first_value, logs, minutes, request};
use crate::{Location, QueryError};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use futures::{StreamExt, TryStreamExt, future};
use lincei_model::ErrorCode;
use lincei_model::telemetry::Gauge;
use std::time::Duration;

/// More rows than anybody can read.
const ENDLESS: &str = "SELECT value FROM generate_series(1, 1000000000000)";

fn small() -> QueryOptions {
    QueryOptions { target_partitions: 2, ..QueryOptions::default() }
}

fn with_id(sql: &str, id: &str) -> QueryRequest {
    QueryRequest { id: Some(id.to_owned()), ..request(sql) }
}

/// Waits, without sleeping, for what other threads are about to do.
async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), wait).await.is_ok(), "{what} did not come true");
}

#[tokio::test]
async fn predicates_on_time_prune_files() {
    // hours 0 to 5, a file each
    let fixture = Fixture::new(Place::Files).await;
    for (condition, rows, scanned, pruned) in [
        ("true", 360, 6, 0),
        ("time >= '2026-01-01T05:00:00Z'", 60, 1, 5),
        ("time < '2026-01-01T01:00:00Z'", 60, 1, 5),
        ("time >= '2026-01-01T01:30:00Z' AND time < '2026-01-01T02:30:00Z'", 60, 2, 4),
        ("time BETWEEN '2026-01-01T01:00:00Z' AND '2026-01-01T01:01:00Z'", 2, 1, 5),
        ("time > now() - INTERVAL '90 minutes'", 89, 2, 4),
        ("time = '2026-01-01T03:07:00Z'", 1, 1, 5),
        ("time > '2027-01-01'", 0, 0, 6),
        ("time < '2026-01-01T01:00:00Z' OR time >= '2026-01-01T05:00:00Z'", 120, 2, 4),
        ("date_trunc('hour', time) = '2026-01-01T03:00:00Z'", 60, 1, 5),
        ("date_bin(INTERVAL '1 hour', time) >= '2026-01-01T05:00:00Z'", 60, 1, 5),
        ("date_bin(INTERVAL '30 minutes', time) < '2026-01-01T00:30:00Z'", 30, 1, 5),
        ("search('time:>=2026-01-01T05:00:00Z')", 60, 1, 5),
        ("service = 'api' AND time >= '2026-01-01T05:00:00Z'", 20, 1, 5),
        ("service = 'zebra'", 0, 0, 6),
        ("service IN ('zebra', 'zoo')", 0, 0, 6),
        ("severity_number > 17", 0, 0, 6),
        ("search('severity:fatal')", 0, 0, 6),
        ("attributes['user.id'] = 'nobody'", 0, 6, 0),
    ] {
        let (found, stats) = fixture.count(request(format!("SELECT body FROM logs WHERE {condition}"))).await;
        assert_eq!(found, rows, "{condition}");
        assert_eq!((stats.files_scanned, stats.files_pruned), (scanned, pruned), "{condition}");
        assert_eq!(stats.rows_total, scanned * 60, "{condition}");
        assert!(stats.rows_scanned <= stats.rows_total && stats.rows_scanned >= rows, "{condition}: {stats:?}");
    }
}

#[tokio::test]
async fn the_requested_window_restricts_every_stored_table() {
    for place in [Place::Memory, Place::Files, Place::Both] {
        let fixture = Fixture::new(place).await;
        for (sql, want) in [
            ("SELECT count(*) FROM logs", "30"),
            ("SELECT count(*) FROM spans", "30"),
            ("SELECT count(*) FROM logs WHERE service = 'api'", "10"),
            ("SELECT count(*) FROM (SELECT * FROM logs UNION ALL SELECT * FROM logs)", "60"),
            ("SELECT count(*) FROM logs l JOIN spans s ON l.time = s.time", "30"),
            ("SELECT count(*) FROM logs WHERE time NOT IN (SELECT time FROM spans)", "0"),
            ("WITH x AS (SELECT * FROM logs) SELECT count(*) FROM x a, x b WHERE a.time = b.time", "30"),
            ("SELECT (SELECT count(*) FROM logs) + (SELECT count(*) FROM spans)", "60"),
            ("SELECT min(time) FROM logs", "2026-01-01T00:15:00Z"),
            ("SELECT count(*) > 0 FROM lincei_queries", "true"),
        ] {
            let request = QueryRequest { range: Some(minutes(15, 45)), ..request(sql) };
            let (batches, _) = fixture.rows(request).await.unwrap();
            assert_eq!(first_value(&batches), want, "{place:?} {sql}");
        }
        let empty = QueryRequest { range: Some(minutes(45, 15)), ..request("SELECT * FROM logs") };
        assert_eq!(fixture.count(empty).await.0, 0);
    }
    let fixture = Fixture::new(Place::Files).await;
    let request = QueryRequest { range: Some(minutes(60, 120)), ..request("SELECT body FROM logs") };
    let (rows, stats) = fixture.count(request).await;
    assert_eq!((rows, stats.files_scanned, stats.files_pruned), (60, 1, 5));
}

#[tokio::test]
async fn counts_without_conditions_read_nothing() {
    let fixture = Fixture::new(Place::Both).await;
    for (sql, want) in [("SELECT count(*) FROM logs", "360"), ("SELECT count(1) FROM logs", "360")] {
        let (batches, stats) = fixture.rows(request(sql)).await.unwrap();
        assert_eq!(first_value(&batches), want);
        assert_eq!((stats.files_scanned, stats.bytes_scanned, stats.rows_scanned), (0, 0, 0), "{sql}");
    }
    let fixture = Fixture::new(Place::Files).await;
    let (batches, stats) = fixture.rows(request("SELECT max(time) FROM logs")).await.unwrap();
    assert_eq!((first_value(&batches).as_str(), stats.bytes_scanned), ("2026-01-01T05:59:00Z", 0));
}

#[tokio::test]
async fn plans_push_predicates_into_files_but_not_a_search_in_bodies_alone() {
    let fixture = Fixture::new(Place::Both).await;
    let plan = async |sql: &str| {
        let (batches, _) = fixture.rows(request(format!("EXPLAIN FORMAT INDENT {sql}"))).await.unwrap();
        datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string()
    };
    let physical = |plan: &str| plan.split("physical_plan").nth(1).unwrap().to_owned();
    let narrow = physical(&plan("SELECT body FROM logs WHERE service = 'api'").await);
    let (memory, parquet) =
        (narrow.find("partition_sizes").or(narrow.find("DataSourceExec: partitions")), narrow.find("file_groups"));
    assert!(narrow.contains("UnionExec") && memory.is_some() && parquet.is_some(), "{narrow}");
    assert_eq!(narrow.matches("FilterExec").count(), 1, "only the memory side filters afterwards\n{narrow}");
    let wide = physical(&plan("SELECT body FROM logs WHERE body LIKE '%disk%'").await);
    assert!(wide.contains("FilterExec") && wide.contains("predicate="), "{wide}");
    let (batches, _) =
        fixture.rows(request("EXPLAIN ANALYZE SELECT service, count(*) FROM logs GROUP BY 1")).await.unwrap();
    let analyzed = datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string();
    assert!(analyzed.contains("output_rows=3"), "{analyzed}");
}

#[tokio::test]
async fn rows_beyond_the_bound_are_cut_and_said_so() {
    let fixture = Fixture::with(Place::Both, QueryOptions { rows_max: 100, ..small() }, Vec::new()).await;
    for (sql, asked, rows, truncated) in [
        ("SELECT body FROM logs", None, 100, true),
        ("SELECT body FROM logs", Some(7), 7, true),
        ("SELECT body FROM logs", Some(1000), 100, true),
        ("SELECT body FROM logs", Some(0), 0, true),
        ("SELECT body FROM logs LIMIT 100", None, 100, false),
        ("SELECT body FROM logs LIMIT 7", Some(7), 7, false),
        ("SELECT body FROM logs ORDER BY time", Some(5), 5, true),
        ("SELECT count(*) FROM logs", Some(1), 1, false),
        ("SHOW TABLES", Some(2), 2, true),
        ("EXPLAIN SELECT 1", Some(1), 1, true),
    ] {
        let (found, stats) = fixture.count(QueryRequest { rows_max: asked, ..request(sql) }).await;
        assert_eq!((found, stats.rows, stats.truncated), (rows, rows, truncated), "{sql} {asked:?}");
    }
    let unbounded = Fixture::empty(QueryOptions { rows_max: 50_000, ..small() }, Vec::new()).await;
    let (found, stats) = unbounded.count(request(ENDLESS)).await;
    assert_eq!((found, stats.truncated), (50_000, true));
}

#[tokio::test]
async fn running_time_is_bounded() {
    let fixture = Fixture::empty(QueryOptions { time_max: Duration::from_millis(50), ..small() }, Vec::new()).await;
    for sql in [
        "SELECT count(*) FROM generate_series(1, 1000000000000) a",
        "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n) SELECT sum(a) FROM n",
        // many rows of few, and many pairs of which none is kept
        "SELECT sum(a.value + b.value) FROM generate_series(1, 100000) a CROSS JOIN generate_series(1, 1000000) b",
        "SELECT count(*) FROM generate_series(1, 100000) a JOIN generate_series(1, 1000000) b ON a.value * b.value < 0",
    ] {
        let error = fixture.rows(request(sql)).await.unwrap_err();
        assert_eq!((error.limit(), error.code()), (Some(Limit::Time), ErrorCode::Timeout), "{sql}: {error}");
        assert!(error.to_string().contains("0.05 s (limit query_seconds_max)"), "{error}");
    }
    // a reader that does not read is bounded too
    let mut query = fixture.service.start(request(ENDLESS)).await.unwrap();
    fixture.service.idle().await;
    let mut last = None;
    while let Some(batch) = query.next().await {
        last = Some(batch);
    }
    assert_eq!(last.unwrap().unwrap_err().limit(), Some(Limit::Time));
}

#[tokio::test]
async fn memory_is_bounded_and_sorts_go_on_with_the_disk() {
    let options = QueryOptions { query_memory_bytes: 16 << 20, ..small() };
    let spill = tempfile::TempDir::new().unwrap();
    let options = QueryOptions { spill_dir: Some(spill.path().join("spill")), ..options };
    let fixture = Fixture::empty(options.clone(), Vec::new()).await;
    let join =
        "SELECT count(*) FROM generate_series(1, 3000000) a JOIN generate_series(1, 3000000) b ON a.value = b.value";
    let error = fixture.rows(request(join)).await.unwrap_err();
    assert_eq!((error.limit(), error.code()), (Some(Limit::QueryMemory), ErrorCode::TooLarge), "{error}");
    assert!(error.to_string().contains("16 MiB of memory (limit query_memory)"), "{error}");
    // 500,000 rows of about 100 bytes
    let sort =
        "SELECT value, repeat('x', 80) || value AS text FROM generate_series(1, 500000) ORDER BY value % 100003, value";
    let (rows, stats) = fixture.count(request(sort)).await;
    assert_eq!(rows, 500_000);
    assert!(stats.memory_bytes > 0 && stats.memory_bytes <= 16 << 20, "{stats:?}");
    fixture.service.idle().await;
    eventually("no memory is reserved", || fixture.service.status().memory_bytes == 0).await;
    eventually("no disk is used", || fixture.service.status().spilled_bytes == 0).await;

    let fixture = Fixture::empty(QueryOptions { spill_bytes_max: 1 << 20, ..options }, Vec::new()).await;
    let error = fixture.rows(request(sort)).await.unwrap_err();
    assert_eq!((error.limit(), error.code()), (Some(Limit::SpillBytes), ErrorCode::Unavailable), "{error}");
}

#[tokio::test]
async fn remains_of_a_crash_are_removed_from_the_spill_directory() {
    let dir = tempfile::TempDir::new().unwrap();
    std::fs::create_dir_all(dir.path().join("datafusion-Xy12/deep")).unwrap();
    std::fs::write(dir.path().join("keep.txt"), "x").unwrap();
    let _fixture = Fixture::empty(QueryOptions { spill_dir: Some(dir.path().to_owned()), ..small() }, Vec::new()).await;
    assert!(!dir.path().join("datafusion-Xy12").exists());
    assert!(dir.path().join("keep.txt").exists());
}

#[tokio::test]
async fn queries_wait_for_their_turn_and_the_queue_is_bounded() {
    let options = QueryOptions { running_max: 1, queued_max: 1, queue_wait: Duration::from_secs(60), ..small() };
    let fixture = Fixture::empty(options.clone(), Vec::new()).await;
    let service = &fixture.service;
    let running = service.start(with_id(ENDLESS, "running")).await.unwrap();
    let waiting = tokio::spawn({
        let service = service.clone();
        async move { service.start(with_id("SELECT 1", "waiting")).await.map(|query| query.id().to_owned()) }
    });
    eventually("one waits", || service.status().queued == 1).await;
    let states: Vec<_> = service.queries().into_iter().map(|info| (info.id, info.state)).collect();
    assert_eq!(states, [("waiting".to_owned(), QueryState::Queued), ("running".to_owned(), QueryState::Running)]);
    let error = service.start(request("SELECT 1")).await.unwrap_err();
    assert_eq!((error.limit(), error.code()), (Some(Limit::Queued), ErrorCode::RateLimited), "{error}");
    assert!(error.to_string().contains("queued_max"), "{error}");
    assert_eq!(service.start(request("SELEC 1")).await.unwrap_err().code(), ErrorCode::Invalid, "errors need no turn");
    assert_eq!(fixture.telemetry.gauge(Gauge::QueriesRunning), 1);
    drop(running);
    assert_eq!(waiting.await.unwrap().unwrap(), "waiting");

    let fixture = Fixture::empty(QueryOptions { queue_wait: Duration::from_millis(20), ..options }, Vec::new()).await;
    let _running = fixture.service.start(request(ENDLESS)).await.unwrap();
    let error = fixture.service.start(request("SELECT 1")).await.unwrap_err();
    assert_eq!((error.limit(), error.code()), (Some(Limit::Running), ErrorCode::RateLimited), "{error}");
    assert!(error.to_string().contains("1 queries run (limit queries_running_max)"), "{error}");
}

#[tokio::test]
async fn a_waiting_query_can_be_cancelled() {
    let fixture = Fixture::empty(QueryOptions { running_max: 1, ..small() }, Vec::new()).await;
    let service = &fixture.service;
    let _running = service.start(request(ENDLESS)).await.unwrap();
    let waiting = service.start(with_id("SELECT 1", "w"));
    let cancel = async {
        eventually("it waits", || service.status().queued == 1).await;
        service.cancel("w")
    };
    let (waited, cancelled) = future::join(waiting, cancel).await;
    assert!(cancelled);
    assert!(matches!(waited, Err(QueryError::Cancelled { id }) if id == "w"));
}

#[tokio::test]
async fn fifty_queries_at_once_are_all_answered() {
    let fixture =
        Fixture::with(Place::Both, QueryOptions { running_max: 4, queued_max: 64, ..small() }, Vec::new()).await;
    let queries =
        (0..50).map(|i| fixture.rows(request(format!("SELECT count(*) + {i} FROM logs WHERE service = 'api'"))));
    for (i, answer) in future::join_all(queries).await.into_iter().enumerate() {
        assert_eq!(first_value(&answer.unwrap().0), (120 + i).to_string());
    }
    fixture.service.idle().await;
    let status = fixture.service.status();
    assert_eq!((status.queries, status.queued), (0, 0));
    assert_eq!(fixture.telemetry.gauge(Gauge::QueriesRunning), 0);
    assert_eq!(fixture.telemetry.counter(Counter::Queries), 50);
}

#[tokio::test]
async fn dropping_the_answer_stops_the_work() {
    let fixture = Fixture::empty(small(), Vec::new()).await;
    // the join holds memory and goes on for hours
    let sql = "SELECT a.value FROM generate_series(1, 100000) a JOIN generate_series(1, 1000000000000) b ON a.value = b.value % 100000";
    let mut query = fixture.service.start(with_id(sql, "gone")).await.unwrap();
    query.try_next().await.unwrap().unwrap();
    assert!(fixture.service.status().memory_bytes > 0);
    drop(query);
    fixture.service.idle().await;
    eventually("no memory is reserved", || fixture.service.status().memory_bytes == 0).await;
    let info = fixture.service.queries().into_iter().next().unwrap();
    assert_eq!((info.id.as_str(), info.state), ("gone", QueryState::Cancelled));
    assert!(info.stats.rows > 0);
    assert_eq!(fixture.telemetry.counter(Counter::QueriesCancelled), 1);
}

#[tokio::test]
async fn cancelling_by_id_tells_the_reader() {
    let fixture = Fixture::empty(small(), Vec::new()).await;
    let mut query = fixture.service.start(with_id(ENDLESS, "abc-1_Z")).await.unwrap();
    assert_eq!(query.id(), "abc-1_Z");
    assert!(!fixture.service.cancel("abc"));
    assert!(fixture.service.cancel("abc-1_Z"));
    let error = loop {
        match query.try_next().await {
            Ok(batch) => assert!(batch.is_some(), "the answer must not look whole"),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, QueryError::Cancelled { id } if id == "abc-1_Z"), "{error}");
    assert!(query.next().await.is_none());
    fixture.service.idle().await;
    assert!(!fixture.service.cancel("abc-1_Z"), "ended queries cannot be cancelled");
}

#[tokio::test]
async fn ids_are_checked() {
    let fixture = Fixture::empty(small(), Vec::new()).await;
    for id in ["", "a b", "ü", "a/b", &"a".repeat(65), "a\n"] {
        let error = fixture.service.start(with_id("SELECT 1", id)).await.unwrap_err();
        assert!(matches!(error, QueryError::Id(_)) && error.code() == ErrorCode::Invalid, "{id:?}: {error}");
    }
    let _first = fixture.service.start(with_id(ENDLESS, "one")).await.unwrap();
    let error = fixture.service.start(with_id("SELECT 1", "one")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
    let made_up = fixture.service.start(request("SELECT 1")).await.unwrap();
    assert_eq!(made_up.id().len(), 26);
}

#[tokio::test]
async fn ended_queries_are_listed_newest_first_and_forgotten() {
    let fixture = Fixture::new(Place::Files).await;
    let request_of_ada = QueryRequest { user: "ada".into(), ..with_id("SELECT body FROM logs", "done") };
    fixture.rows(request_of_ada).await.unwrap();
    fixture.rows(with_id("SELECT 1 / 0", "failed")).await.unwrap_err();
    fixture.service.idle().await;
    let infos = fixture.service.queries();
    let states: Vec<_> = infos.iter().map(|info| (info.id.as_str(), info.state)).collect();
    assert_eq!(states, [("failed", QueryState::Failed), ("done", QueryState::Done)]);
    assert!(infos[0].error.as_ref().unwrap().contains("ivide by zero"));
    assert_eq!((infos[1].stats.rows, infos[1].stats.rows_scanned, infos[1].stats.files_scanned), (360, 360, 6));
    assert!(infos[1].stats.bytes_scanned > 0);
    assert_eq!((infos[1].started_ns, infos[1].client.as_str()), (START_NS + 360 * MINUTE_NS, "test"));
    assert_eq!((infos[1].user.as_str(), infos[0].user.as_str()), ("ada", "test"));
    for _ in 0..110 {
        fixture.rows(request("SELECT 1")).await.unwrap();
    }
    fixture.service.idle().await;
    assert_eq!(fixture.service.queries().len(), 100);
}

#[tokio::test]
async fn tenants_see_their_own_rows_and_queries() {
    let fixture = Fixture::new(Place::Both).await;
    let other = |sql: &str| QueryRequest { tenant: TenantId::new("other").unwrap(), ..request(sql) };
    fixture.engine.append(&TenantId::new("other").unwrap(), vec![logs(0..7)]).await.unwrap();
    for (sql, want) in [
        ("SELECT count(*) FROM logs", "7"),
        ("SELECT count(*) FROM spans", "0"),
        ("SELECT count(*) FROM lincei_files", "0"),
        ("SELECT count(*) FROM lincei_queries WHERE state = 'running'", "1"),
    ] {
        let _mine = fixture.service.start(request(ENDLESS)).await.unwrap();
        assert_eq!(first_value(&fixture.rows(other(sql)).await.unwrap().0), want, "{sql}");
    }
}

#[tokio::test]
async fn errors_point_at_the_place() {
    let fixture = Fixture::empty(small(), Vec::new()).await;
    for (sql, line, column, part) in [
        ("SELECT bdy FROM logs", 1, 8, "did you mean body?"),
        ("SELECT time,\n       servce\nFROM logs", 2, 8, "did you mean service?"),
        ("SELECT * FROM logs WHERE logs.bdy = 'x'", 1, 26, "unknown column logs.bdy"),
        ("SELECT * FROM logs l WHERE l.tiem > now()", 1, 28, "did you mean time?"),
        ("SELECT qqqqqqqq FROM logs", 1, 8, "columns here are time, observed_time"),
        ("SELECT * FROM\n  loggs", 2, 3, "unknown table loggs, did you mean logs?"),
        ("SELECT * FROM logs JOIN spanz ON true", 1, 25, "did you mean spans?"),
        ("SELECT counnt(*) FROM logs", 1, 8, "did you mean 'count'"),
        ("SELECT time FROM logs, spans", 1, 8, "ambiguous"),
        ("SELECT * FROM logs WHERE search('service:')", 1, 42, "expected a value"),
        ("SELECT * FROM logs\nWHERE search('a severity_number:>x')", 2, 34, "expected a number"),
        ("SELECT * FROM logs WHERE search('it''s time:>x')", 1, 46, "a time such as"),
        ("SELECT * FROM logs WHERE search(body)", 1, 26, "one text literal"),
        ("SELECT * FROM logs WHERE", 1, 25, "syntax error"),
    ] {
        let error = fixture.service.start(request(sql)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{sql}: {error}");
        assert!(error.to_string().contains(part), "{sql}: {error}");
        assert_eq!(error.location(), Some(Location { line, column }), "{sql}: {error}");
    }
}

#[tokio::test]
async fn expressions_as_deep_as_the_guard_allows_do_not_overflow_the_stack() {
    let fixture = Fixture::new(Place::Both).await;
    let deep = |start: &str, step: &str, steps: usize| format!("{start}{}", step.repeat(steps));
    for sql in [
        deep("SELECT count(*) FROM logs WHERE severity_number", " + severity_number", 100) + " > 0",
        deep("SELECT count(*) FROM logs WHERE body = 'x'", " OR body <> 'y'", 490),
        deep("SELECT count(*) FROM logs WHERE true", " AND service <> 'y'", 490),
        deep("SELECT count(*) FROM logs WHERE ", "NOT ", 45) + "false",
        deep("SELECT count(*) FROM (SELECT 1", " UNION ALL SELECT 1", 300) + ")",
        deep("SELECT count(*) FROM (SELECT time FROM logs", " UNION ALL SELECT time FROM logs", 90) + ")",
        format!("SELECT {}1{}", "abs(".repeat(20), ")".repeat(20)),
        format!("SELECT count(*) FROM logs WHERE severity_number IN ({})", deep("1", ", 17", 20_000)),
    ] {
        let start: String = sql.chars().take(60).collect();
        fixture.rows(request(sql)).await.unwrap_or_else(|error| panic!("{start}: {error}"));
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Panics(Signature);

impl ScalarUDFImpl for Panics {
    fn name(&self) -> &str {
        "panics"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _arg_types: &[DataType]) -> datafusion::common::Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> datafusion::common::Result<ColumnarValue> {
        panic!("a defect in a function");
    }
}

#[tokio::test]
async fn a_panic_ends_its_query_only() {
    let function = Arc::new(ScalarUDF::new_from_impl(Panics(Signature::any(1, Volatility::Volatile))));
    let fixture = Fixture::with(Place::Both, small(), vec![function]).await;
    let mut other = fixture.service.start(request(ENDLESS)).await.unwrap();
    for sql in ["SELECT panics(severity_number) FROM logs", "SELECT service, sum(panics(1)) FROM logs GROUP BY 1"] {
        let error = fixture.rows(request(sql)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal, "{error}");
        assert!(error.to_string().contains("a defect in a function"), "{error}");
    }
    assert!(other.try_next().await.unwrap().is_some());
    assert_eq!(first_value(&fixture.rows(request("SELECT count(*) FROM logs")).await.unwrap().0), "360");
}

#[tokio::test]
async fn a_damaged_file_is_named_set_aside_and_left_out() {
    let fixture = Fixture::new(Place::Files).await;
    let (batches, _) = fixture
        .rows(request("SELECT path FROM lincei_files WHERE \"table\" = 'logs' ORDER BY min_time LIMIT 1"))
        .await
        .unwrap();
    let path = first_value(&batches);
    let on_disk = fixture.dir.path().join("parquet").join(&path);
    let mut bytes = std::fs::read(&on_disk).unwrap();
    // everything but magic, footer and page index
    let end = bytes.len() / 2;
    bytes[4..end].fill(0x5a);
    std::fs::write(&on_disk, bytes).unwrap();

    let sql = "SELECT body, attributes, service FROM logs";
    let error = fixture.rows(request(sql)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable, "{error}");
    assert!(error.code().retryable());
    let QueryError::File { paths, message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(paths, std::slice::from_ref(&path));
    assert!(message.contains(&path) && message.contains("run the query again"), "{message}");

    assert_eq!(fixture.count(request(sql)).await.0, 300);
    let state = format!("SELECT state FROM lincei_files WHERE path = '{path}'");
    assert_eq!(first_value(&fixture.rows(request(state)).await.unwrap().0), "quarantined");
}

#[tokio::test]
async fn a_shut_down_service_refuses_and_cancels() {
    let fixture = Fixture::empty(small(), Vec::new()).await;
    let mut query = fixture.service.start(request(ENDLESS)).await.unwrap();
    fixture.service.shutdown().await;
    let mut last = None;
    while let Some(batch) = query.next().await {
        last = Some(batch);
    }
    assert_eq!(last.unwrap().unwrap_err().code(), ErrorCode::Conflict);
    let error = fixture.service.start(request("SELECT 1")).await.unwrap_err();
    assert!(matches!(error, QueryError::ShuttingDown), "{error}");
}
