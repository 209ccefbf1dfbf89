use super::*;
use crate::test_support::{SECOND, T0, actor, catalog};
use crate::{KeyKind, Retention, Role};
use lincei_model::{ErrorCode, Table, TenantId};
use serde_json::json;

fn change(n: i64) -> AuditChange {
    AuditChange {
        action: "file.delete".into(),
        target: format!("file/{n}"),
        before: Some(json!({ "n": n })),
        after: None,
    }
}

#[test]
fn rows_come_newest_first_in_pages() {
    let (_folder, catalog) = catalog();
    assert!(catalog.audit(10, None).unwrap().is_empty());
    for n in 1..=5 {
        assert_eq!(catalog.record(&actor(), change(n), T0 + n).unwrap(), n);
    }
    let first = &catalog.audit(1, None).unwrap()[0];
    let expected = AuditEntry {
        id: 5,
        time_ns: T0 + 5,
        actor: "alice".into(),
        origin: "192.0.2.7:5000".into(),
        action: "file.delete".into(),
        target: "file/5".into(),
        before: Some(json!({ "n": 5 })),
        after: None,
    };
    assert_eq!(*first, expected);
    for (limit, before, ids) in [
        (2, None, vec![5, 4]),
        (2, Some(4), vec![3, 2]),
        (2, Some(2), vec![1]),
        (2, Some(1), vec![]),
        (0, None, vec![]),
        (usize::MAX, Some(i64::MAX), vec![5, 4, 3, 2, 1]),
        (5, Some(i64::MIN), vec![]),
    ] {
        let page: Vec<i64> = catalog.audit(limit, before).unwrap().iter().map(|entry| entry.id).collect();
        assert_eq!(page, ids, "{limit} before {before:?}");
    }
}

#[test]
fn a_page_is_bounded() {
    let (_folder, catalog) = catalog();
    catalog.write(|tx| (0..1001).try_for_each(|n| append(tx, &actor(), change(n), T0).map(|_| ()))).unwrap();
    assert_eq!(catalog.audit(usize::MAX, None).unwrap().len(), AUDIT_PAGE_ROWS_MAX);
}

#[test]
fn rows_cannot_be_changed_removed_or_replaced_with_sql() {
    let (folder, catalog) = catalog();
    catalog.record(&actor(), change(1), T0).unwrap();
    let before = catalog.audit(10, None).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("catalog.db")).unwrap();
    for statement in [
        "UPDATE audit SET actor = 'mallory'",
        "UPDATE audit SET id = 2 WHERE id = 1",
        "UPDATE OR IGNORE audit SET actor = 'mallory'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
        "REPLACE INTO audit VALUES (1, 0, 'mallory', '', '', '', NULL, NULL)",
        "INSERT OR REPLACE INTO audit VALUES (1, 0, 'mallory', '', '', '', NULL, NULL)",
        "INSERT INTO audit VALUES (1, 0, 'mallory', '', '', '', NULL, NULL)
         ON CONFLICT (id) DO UPDATE SET actor = 'mallory'",
    ] {
        let error = other.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
        assert_eq!(catalog.audit(10, None).unwrap(), before, "{statement}");
    }
}

type Call<'a> = Box<dyn Fn() -> Result<(), CatalogError> + 'a>;

/// Every call that a person makes, by the action that it logs.
fn calls(catalog: &Catalog) -> Vec<(&'static str, Call<'_>)> {
    let viewer = catalog.create_account(&actor(), "victor", "a long password", Role::Viewer, T0).unwrap().id;
    let key = catalog.create_key(&actor(), "old", KeyKind::Api, T0).unwrap().0.id;
    let retention = Retention { max_age: None, max_bytes: Some(5) };
    let tenant = TenantId::default();
    let now = T0 + SECOND;
    vec![
        (
            "account.create",
            Box::new(move || catalog.create_account(&actor(), "eve", "hunter2hunter2", Role::Admin, now).map(drop)),
        ),
        ("account.set_password", Box::new(move || catalog.set_password(&actor(), viewer, "hunter2hunter2", now))),
        ("account.delete", Box::new(move || catalog.delete_account(&actor(), viewer, now))),
        ("key.create", Box::new(move || catalog.create_key(&actor(), "new", KeyKind::Ingest, now).map(drop))),
        ("key.revoke", Box::new(move || catalog.revoke_key(&actor(), key, now).map(drop))),
        ("retention.set", Box::new(move || catalog.set_retention(&actor(), &tenant, Table::Logs, retention, now))),
        (
            "setting.set",
            Box::new(move || catalog.set_setting(&actor(), "smtp.password", &json!("hunter2hunter2"), now)),
        ),
    ]
}

/// All rows of all tables but the log, as text.
fn dump(catalog: &Catalog) -> String {
    catalog.on_writer(|connection| {
        let tables = sql::rows(
            connection,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('audit', 'sqlite_sequence') ORDER BY name",
            [],
            |row| Ok(row.get::<_, String>(0)?),
        );
        let mut text = String::new();
        for table in tables.unwrap() {
            let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    text += &format!("{table} {:?}\n", row.get::<_, rusqlite::types::Value>(column).unwrap());
                }
            }
        }
        text
    })
}

#[test]
fn each_change_by_a_person_leaves_one_row_without_secrets() {
    let (_folder, catalog) = catalog();
    for (action, call) in calls(&catalog) {
        let before = catalog.audit(1, None).unwrap()[0].id;
        call().unwrap();
        let page = catalog.audit(2, None).unwrap();
        assert_eq!((page[0].id, page[1].id), (before + 1, before), "{action}");
        assert_eq!(page[0].action, action);
        assert_eq!((page[0].actor.as_str(), page[0].origin.as_str()), ("alice", "192.0.2.7:5000"));
        assert_eq!(page[0].time_ns, T0 + SECOND);
    }
    let log = format!("{:?}", catalog.audit(100, None).unwrap());
    assert!(!log.contains("hunter2") && !log.contains("a long password") && !log.contains("argon2"), "{log}");
}

#[test]
fn a_change_whose_row_cannot_be_written_is_not_made() {
    let (_folder, catalog) = catalog();
    let calls = calls(&catalog);
    catalog.on_writer(|c| {
        c.execute_batch("CREATE TEMP TRIGGER trap BEFORE INSERT ON main.audit BEGIN SELECT RAISE(FAIL, 'trap'); END")
            .unwrap();
    });
    let before = dump(&catalog);
    assert!(before.contains("victor"), "{before}");
    for (action, call) in calls {
        assert!(call().is_err(), "{action}");
        assert_eq!(dump(&catalog), before, "{action}");
    }
}

#[test]
fn members_named_like_secrets_are_blanked_at_any_depth() {
    let (_folder, catalog) = catalog();
    let before =
        json!({ "smtp": { "host": "mx", "Password": "p" }, "hooks": [{ "api-key": "k", "bearer_token": ["t"] }] });
    let after = json!({ "client_secret": null, "keys": 3, "name": "token", "Authorization": { "x": 1 } });
    let change = AuditChange { before: Some(before), after: Some(after), ..change(1) };
    catalog.record(&actor(), change, T0).unwrap();
    let entry = &catalog.audit(1, None).unwrap()[0];
    assert_eq!(
        entry.before,
        Some(json!({
            "smtp": { "host": "mx", "Password": "(secret)" },
            "hooks": [{ "api-key": "(secret)", "bearer_token": "(secret)" }]
        }))
    );
    let expected = json!({ "client_secret": null, "keys": 3, "name": "token", "Authorization": "(secret)" });
    assert_eq!(entry.after, Some(expected));
}

#[test]
fn values_are_bounded_and_the_error_names_the_bound() {
    let (_folder, catalog) = catalog();
    // Two of the bytes are the quotes.
    for (bytes, fits) in [(AUDIT_VALUE_BYTES_MAX - 2, true), (AUDIT_VALUE_BYTES_MAX - 1, false)] {
        let change = AuditChange { after: Some("x".repeat(bytes).into()), ..change(1) };
        match catalog.record(&actor(), change, T0) {
            Ok(_) => assert!(fits),
            Err(error) => {
                assert!(!fits);
                assert_eq!(error.code(), ErrorCode::Invalid);
                assert!(error.to_string().contains("262144"), "{error}");
            }
        }
    }
}
