use super::*;
use lincei_model::ErrorCode;

#[test]
fn statements_that_change_something_are_refused_by_name() {
    for (sql, name) in [
        ("CREATE TABLE t (a INT)", "CREATE TABLE"),
        ("create external table t stored as parquet location '/etc/passwd'", "CREATE EXTERNAL TABLE"),
        ("CREATE VIEW v AS SELECT 1", "CREATE VIEW"),
        ("CREATE FUNCTION f() RETURNS INT RETURN 1", "CREATE FUNCTION"),
        ("CREATE DATABASE d", "CREATE DATABASE"),
        ("DROP TABLE logs", "DROP TABLE"),
        ("ALTER TABLE logs ADD COLUMN a INT", "ALTER TABLE"),
        ("INSERT INTO logs VALUES (1)", "INSERT INTO"),
        ("UPDATE logs SET body = ''", "UPDATE"),
        ("DELETE FROM logs", "DELETE FROM"),
        ("TRUNCATE TABLE logs", "TRUNCATE TABLE"),
        ("MERGE INTO logs USING spans ON true WHEN MATCHED THEN DELETE", "MERGE INTO"),
        ("COPY logs TO '/tmp/x.parquet'", "COPY"),
        ("COPY (SELECT 1) TO '/tmp/x'", "COPY"),
        ("SET datafusion.execution.batch_size = 1", "SET"),
        ("RESET datafusion.execution.batch_size", "RESET"),
        ("PREPARE p AS SELECT 1", "PREPARE"),
        ("EXECUTE p", "EXECUTE"),
        ("DEALLOCATE p", "DEALLOCATE"),
        ("BEGIN", "BEGIN"),
        ("COMMIT", "COMMIT"),
        ("VACUUM", "VACUUM"),
        ("GRANT ALL ON logs TO x", "GRANT ALL"),
        ("ATTACH DATABASE 'x' AS y", "ATTACH DATABASE"),
        ("PRAGMA x", "PRAGMA"),
        ("USE other", "USE"),
        ("KILL 1", "KILL"),
        ("/* c */ -- d\n drop table logs", "DROP TABLE"),
        ("WITH x AS (SELECT 1) INSERT INTO logs SELECT * FROM x", "WITH"),
        ("EXPLAIN DELETE FROM logs", "EXPLAIN DELETE FROM"),
        ("EXPLAIN ANALYZE INSERT INTO logs VALUES (1)", "EXPLAIN ANALYZE INSERT INTO"),
        ("SHOW datafusion.execution.batch_size", "SHOW"),
        ("SHOW ALL", "SHOW ALL"),
        ("SHOW CREATE TABLE logs", "SHOW CREATE TABLE"),
    ] {
        match parse(sql).map(|_| ()) {
            Err(QueryError::Forbidden { statement, location }) => {
                assert_eq!(statement, name, "{sql}");
                assert!(location.is_some(), "{sql}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn statements_that_read_are_taken() {
    for sql in [
        "SELECT 1",
        "SELECT 1;",
        ";;SELECT 1;;",
        "(SELECT 1)",
        "VALUES (1), (2)",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "WITH RECURSIVE n AS (SELECT 1 a UNION ALL SELECT a+1 FROM n WHERE a < 5) SELECT * FROM n",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "EXPLAIN VERBOSE SELECT 1",
        "SHOW TABLES",
        "SHOW COLUMNS FROM logs",
        "SHOW FUNCTIONS",
        "DESCRIBE logs",
        "DESC logs",
        "SELECT * FROM information_schema.tables",
        "SELECT search('a''b \"c d\"') FROM logs",
    ] {
        assert!(parse(sql).is_ok(), "{sql}: {:?}", parse(sql).err());
    }
}

#[test]
fn errors_point_at_the_place() {
    for (sql, line, column, part) in [
        ("SELEC 1", 1, 1, "SELEC"),
        ("SELECT * FROM", 1, 14, "found: EOF"),
        ("SELECT *\nFROM logs WHERE\n  AND a", 3, 7, "a"),
        ("SELECT 'abc", 1, 8, "nterminated string literal"),
        ("SELECT (1", 1, 10, "expected: )"),
        ("SELECT 1; SELECT 2", 1, 11, "2 statements"),
        ("SELECT 1;\nDROP TABLE logs", 2, 1, "2 statements"),
        ("SELECT 1 2", 1, 10, "2"),
        ("SELECT search('service:')", 1, 24, "a value after 'service:'"),
        ("SELECT 1,\n  search('a ''b'' (c')", 2, 19, "not closed"),
        ("SELECT search('ü\n (')", 2, 3, "ended"),
    ] {
        let error = parse(sql).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{sql}: {error}");
        assert!(error.to_string().contains(part), "{sql}: {error}");
        assert_eq!(error.location(), Some(crate::Location { line, column }), "{sql}: {error}");
    }
    for sql in ["", "  ", ";", "-- only a comment", "/* x"] {
        assert_eq!(parse(sql).map(|_| ()).unwrap_err().code(), ErrorCode::Invalid, "{sql:?}");
    }
}

#[test]
fn hostile_texts_are_refused_before_they_cost() {
    let doubling: String = (1..40).map(|i| format!(", c{i} AS (SELECT * FROM c{0} a, c{0} b)", i - 1)).collect();
    let doubling = format!("WITH c0 AS (SELECT 1) {doubling} SELECT * FROM c39");
    let nested = format!("SELECT * FROM (WITH c0 AS (SELECT * FROM logs) {} SELECT * FROM c3)", {
        let five = "c0 a, c0 b, c0 c, c0 d, c0 e";
        format!(
            ", c1 AS (SELECT * FROM {five}), c2 AS (SELECT * FROM {}), c3 AS (SELECT * FROM {})",
            five.replace("c0", "c1"),
            five.replace("c0", "c2")
        )
    });
    for (sql, limit) in [
        (format!("SELECT '{}'", "x".repeat(SQL_BYTES_MAX)), Limit::SqlBytes),
        (format!("SELECT {}1{}", "(".repeat(200), ")".repeat(200)), Limit::SqlDepth),
        (format!("SELECT {}1{}", "abs(".repeat(900), ")".repeat(900)), Limit::SqlDepth),
        (format!("SELECT {}", "(SELECT ".repeat(100)), Limit::SqlDepth),
        (format!("SELECT 1{}", "+1".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT {}true", "NOT ".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT {}1", "- ".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT a{}", "[1]".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT '1'{}", "::int".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT 1 WHERE true{}", " OR true".repeat(2000)), Limit::SqlOperators),
        (format!("SELECT * FROM logs{}", ", logs".repeat(200)), Limit::SqlTables),
        (doubling, Limit::SqlTables),
        (nested, Limit::SqlTables),
    ] {
        let error = parse(&sql).map(|_| ()).unwrap_err();
        let start: String = sql.chars().take(40).collect();
        assert_eq!(error.limit(), Some(limit), "{start}: {error}");
        assert_eq!(error.code(), ErrorCode::TooLarge);
        assert!(error.to_string().contains(limit.name()), "{error}");
    }
}

#[test]
fn long_lists_are_no_deep_expressions() {
    let numbers: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    assert!(parse(&format!("SELECT * FROM logs WHERE severity_number IN ({})", numbers.join(","))).is_ok());
    let columns: Vec<String> = (0..2_000).map(|i| format!("a + {i} AS c{i}")).collect();
    assert!(parse(&format!("SELECT {} FROM t", columns.join(", "))).is_ok());
}
