use super::*;
use crate::test_support::{T0, actor, catalog, open};
use lincei_model::ErrorCode;

#[test]
fn retention_is_the_documented_default_until_it_is_set() {
    let (folder, catalog) = catalog();
    let (tenant, other) = (TenantId::default(), TenantId::new("other").unwrap());
    let day = Duration::from_secs(86_400);
    for (table, max_age, max_bytes) in [
        (Table::Logs, None, None),
        (Table::Spans, None, None),
        (Table::Metrics, None, None),
        (Table::Rejects, Some(7 * day), Some(1_073_741_824)),
    ] {
        let expected = Retention { max_age, max_bytes };
        assert_eq!(catalog.retention(&tenant, table).unwrap(), expected, "{table}");
    }
    for retention in [
        Retention { max_age: Some(day), max_bytes: Some(1) },
        Retention { max_age: None, max_bytes: None },
        Retention { max_age: Some(Duration::from_secs(1)), max_bytes: Some(i64::MAX as u64) },
        Retention { max_age: Some(Duration::from_nanos(i64::MAX as u64)), max_bytes: None },
    ] {
        catalog.set_retention(&actor(), &tenant, Table::Rejects, retention, T0).unwrap();
        assert_eq!(catalog.retention(&tenant, Table::Rejects).unwrap(), retention);
    }
    let last = catalog.retention(&tenant, Table::Rejects).unwrap();
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.retention(&tenant, Table::Rejects).unwrap(), last);
    for (tenant, table) in [(&other, Table::Rejects), (&tenant, Table::Logs)] {
        assert_eq!(catalog.retention(tenant, table).unwrap(), Retention::default_for(table), "{tenant} {table}");
    }
}

#[test]
fn retention_that_would_keep_nothing_or_does_not_fit_is_refused() {
    let (_folder, catalog) = catalog();
    let tenant = TenantId::default();
    for retention in [
        Retention { max_age: Some(Duration::ZERO), max_bytes: None },
        Retention { max_age: Some(Duration::from_millis(999)), max_bytes: None },
        Retention { max_age: Some(Duration::from_nanos(i64::MAX as u64 + 1)), max_bytes: None },
        Retention { max_age: Some(Duration::MAX), max_bytes: None },
        Retention { max_age: None, max_bytes: Some(0) },
        Retention { max_age: None, max_bytes: Some(u64::MAX) },
    ] {
        let error = catalog.set_retention(&actor(), &tenant, Table::Logs, retention, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{retention:?}: {error}");
    }
    assert_eq!(catalog.retention(&tenant, Table::Logs).unwrap(), Retention::default_for(Table::Logs));
    assert!(catalog.audit(10, None).unwrap().is_empty());
}

#[test]
fn changes_are_audited_with_before_and_after() {
    let (_folder, catalog) = catalog();
    let retention = Retention { max_age: Some(Duration::from_secs(3600)), max_bytes: Some(5) };
    catalog.set_retention(&actor(), &TenantId::default(), Table::Rejects, retention, T0).unwrap();
    catalog.set_setting(&actor(), "ui.title", &json!("a"), T0).unwrap();
    catalog.set_setting(&actor(), "ui.title", &json!(["b"]), T0).unwrap();
    catalog.set_setting(&actor(), "smtp", &json!({ "host": "mx", "password": "pw1" }), T0).unwrap();
    catalog.set_setting(&actor(), "smtp.password", &json!("pw2"), T0).unwrap();
    catalog.set_setting(&actor(), "smtp.password", &json!(null), T0).unwrap();
    let log: Vec<_> =
        catalog.audit(10, None).unwrap().into_iter().rev().map(|e| (e.target, e.before, e.after)).collect();
    let expected = [
        (
            "retention/default/rejects",
            Some(json!({ "max_age_seconds": 604_800, "max_bytes": 1_073_741_824 })),
            json!({ "max_age_seconds": 3600, "max_bytes": 5 }),
        ),
        ("setting/ui.title", None, json!("a")),
        ("setting/ui.title", Some(json!("a")), json!(["b"])),
        ("setting/smtp", None, json!({ "host": "mx", "password": "(secret)" })),
        ("setting/smtp.password", None, json!("(secret)")),
        ("setting/smtp.password", Some(json!("(secret)")), json!(null)),
    ];
    assert_eq!(log.len(), expected.len());
    for (row, (target, before, after)) in log.into_iter().zip(expected) {
        assert_eq!(row, (target.to_owned(), before, Some(after)));
    }
    assert_eq!(catalog.setting("smtp").unwrap(), Some(json!({ "host": "mx", "password": "pw1" })));
}

#[test]
fn settings_hold_any_json_within_bounds() {
    let (_folder, catalog) = catalog();
    assert_eq!(catalog.setting("a").unwrap(), None);
    for value in [json!(null), json!(true), json!(-1.5), json!("ü\"\0"), json!([{ "a": [] }]), json!(u64::MAX)] {
        catalog.set_setting(&actor(), "a", &value, T0).unwrap();
        assert_eq!(catalog.setting("a").unwrap(), Some(value));
    }
    for key in ["", "A", "a b", "ü", "a\n", "a'", &"a".repeat(129)] {
        let error = catalog.set_setting(&actor(), key, &json!(1), T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{key:?}");
    }
    catalog.set_setting(&actor(), &"a/_-.9".repeat(21), &json!(1), T0).unwrap();
    // Two of the bytes are the quotes.
    let text = |bytes: usize| json!("x".repeat(bytes - 2));
    catalog.set_setting(&actor(), "b", &text(65_536), T0).unwrap();
    let error = catalog.set_setting(&actor(), "c", &text(65_537), T0).unwrap_err();
    assert!(error.to_string().contains("65537") && error.to_string().contains("65536"), "{error}");
    assert_eq!(catalog.setting("c").unwrap(), None);
}
