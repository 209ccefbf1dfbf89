use super::*;
use crate::test_support::{SECOND, T0, actor, catalog, open};
use lincei_model::ErrorCode;

fn draft(name: &str, content: Value) -> SavedDraft {
    SavedDraft { name: name.to_owned(), content }
}

fn other() -> Actor {
    Actor::new("bob", "192.0.2.8")
}

#[test]
fn every_save_is_a_version_that_can_be_read_again() {
    let (folder, catalog) = catalog();
    let first = catalog.create_saved(&actor(), SavedKind::View, draft("a", json!({ "n": 1 })), T0).unwrap();
    let id = first.info.id;
    let second = catalog.update_saved(&other(), id, draft("b", json!({ "n": 2 })), 1, T0 + SECOND).unwrap();
    assert_eq!(
        second.info,
        SavedInfo {
            id,
            kind: SavedKind::View,
            name: "b".to_owned(),
            version: 2,
            created_ns: T0,
            updated_ns: T0 + SECOND,
            updated_by: "bob".to_owned(),
        }
    );
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.saved(id, None).unwrap(), Some(second.clone()));
    assert_eq!(catalog.saved(id, Some(2)).unwrap(), Some(second));
    assert_eq!(catalog.saved(id, Some(1)).unwrap(), Some(first));
    for missing in [0, 3, u64::MAX] {
        assert_eq!(catalog.saved(id, Some(missing)).unwrap(), None, "{missing}");
    }
    let version = |version, name: &str, saved_ns, saved_by: &str| SavedVersion {
        version,
        name: name.to_owned(),
        saved_ns,
        saved_by: saved_by.to_owned(),
    };
    let versions = [version(2, "b", T0 + SECOND, "bob"), version(1, "a", T0, "alice")];
    assert_eq!(catalog.saved_versions(id).unwrap(), versions);
}

#[test]
fn a_save_from_an_older_version_is_refused_and_changes_nothing() {
    let (_folder, catalog) = catalog();
    let id = catalog.create_saved(&actor(), SavedKind::Query, draft("q", json!({})), T0).unwrap().info.id;
    catalog.update_saved(&other(), id, draft("q", json!({ "sql": "SELECT 1" })), 1, T0).unwrap();
    for version in [0, 1, 3, u64::MAX] {
        let mine = draft("mine", json!({ "sql": "SELECT 2" }));
        let error = catalog.update_saved(&actor(), id, mine, version, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "{version}");
        let text = error.to_string();
        assert!(text.contains("bob") && text.contains("version 2") && text.contains(&version.to_string()), "{text}");
    }
    let kept = catalog.saved(id, None).unwrap().unwrap();
    assert_eq!((kept.info.version, kept.content), (2, json!({ "sql": "SELECT 1" })));
}

#[test]
fn a_save_without_a_change_makes_no_version() {
    let (_folder, catalog) = catalog();
    let first = catalog.create_saved(&actor(), SavedKind::View, draft("a", json!({ "n": 1 })), T0).unwrap();
    let id = first.info.id;
    let same = catalog.update_saved(&other(), id, draft("a", json!({ "n": 1 })), 1, T0 + SECOND).unwrap();
    assert_eq!(same, first);
    assert_eq!(catalog.saved_versions(id).unwrap().len(), 1);
}

#[test]
fn the_newest_fifty_versions_are_kept() {
    let (_folder, catalog) = catalog();
    let id = catalog.create_saved(&actor(), SavedKind::View, draft("a", json!({ "n": 1 })), T0).unwrap().info.id;
    for version in 1..52_u64 {
        catalog.update_saved(&actor(), id, draft("a", json!({ "n": version + 1 })), version, T0).unwrap();
    }
    let versions: Vec<u64> = catalog.saved_versions(id).unwrap().into_iter().map(|v| v.version).collect();
    assert_eq!(versions, (3..=52).rev().collect::<Vec<u64>>());
    assert_eq!(catalog.saved(id, Some(2)).unwrap(), None);
    assert_eq!(catalog.saved(id, Some(3)).unwrap().unwrap().content, json!({ "n": 3 }));
}

#[test]
fn lists_are_of_one_kind_or_all_and_by_name() {
    let (_folder, catalog) = catalog();
    assert!(catalog.saved_list(None).unwrap().is_empty());
    for (kind, name) in [
        (SavedKind::Query, "b"),
        (SavedKind::View, "C"),
        (SavedKind::View, "a"),
        (SavedKind::View, "b"),
        (SavedKind::View, "b"),
    ] {
        catalog.create_saved(&actor(), kind, draft(name, json!({})), T0).unwrap();
    }
    let renamed = catalog.saved_list(Some(SavedKind::Query)).unwrap();
    catalog.update_saved(&actor(), renamed[0].id, draft("B2", json!({})), 1, T0).unwrap();
    let names = |kind| catalog.saved_list(kind).unwrap().into_iter().map(|saved| saved.name).collect::<Vec<_>>();
    assert_eq!(names(Some(SavedKind::View)), ["a", "b", "b", "C"]);
    assert_eq!(names(Some(SavedKind::Query)), ["B2"]);
    assert_eq!(names(None), ["a", "b", "b", "B2", "C"]);
    assert!(names(Some(SavedKind::Dashboard)).is_empty());
}

#[test]
fn names_and_contents_beyond_the_bounds_are_refused() {
    let (_folder, catalog) = catalog();
    // {"k":""} has eight bytes
    let sized = |bytes: usize| json!({ "k": "x".repeat(bytes - 8) });
    let good = draft(&"ü".repeat(120), sized(262_144));
    let saved = catalog.create_saved(&actor(), SavedKind::Dashboard, good.clone(), T0).unwrap();
    assert_eq!(catalog.saved(saved.info.id, None).unwrap(), Some(saved.clone()));
    let too_long = "x".repeat(121);
    let bad = [
        (draft("", json!({})), "120"),
        (draft(&too_long, json!({})), "120"),
        (draft("a\nb", json!({})), "control"),
        (draft(" a", json!({})), "spaces"),
        (draft("a", sized(262_145)), "262145"),
        (draft("a", sized(262_145)), "262144"),
        (draft("a", json!([])), "object"),
        (draft("a", json!(null)), "object"),
        (draft("a", json!("{}")), "object"),
    ];
    for (draft, text) in bad {
        let creating = catalog.create_saved(&actor(), SavedKind::View, draft.clone(), T0).unwrap_err();
        let updating = catalog.update_saved(&actor(), saved.info.id, draft, 1, T0).unwrap_err();
        for error in [creating, updating] {
            assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
            assert!(error.to_string().contains(text), "{error}");
        }
    }
    assert_eq!(catalog.saved_list(None).unwrap(), [saved.info]);
}

#[test]
fn the_two_thousand_and_first_object_is_refused() {
    let (_folder, catalog) = catalog();
    let last = catalog.create_saved(&actor(), SavedKind::View, draft("last", json!({})), T0).unwrap();
    catalog.on_writer(|connection| {
        let insert = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
                      INSERT INTO saved (id, kind, version, created_ns) SELECT 'id' || i, 'view', 1, 0 FROM n";
        assert_eq!(connection.execute(insert, []).unwrap(), 1999);
    });
    let error = catalog.create_saved(&actor(), SavedKind::Query, draft("a", json!({})), T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(error.to_string().contains("2000"), "{error}");
    catalog.delete_saved(&actor(), last.info.id, T0).unwrap();
    catalog.create_saved(&actor(), SavedKind::Query, draft("a", json!({})), T0).unwrap();
}

#[test]
fn deleting_takes_all_versions_and_unknown_objects_are_not_found() {
    let (_folder, catalog) = catalog();
    let saved = catalog.create_saved(&actor(), SavedKind::View, draft("a", json!({})), T0).unwrap();
    let id = saved.info.id;
    catalog.update_saved(&actor(), id, draft("b", json!({})), 1, T0).unwrap();
    catalog.delete_saved(&actor(), id, T0).unwrap();
    assert_eq!(catalog.on_writer(|c| sql::integer(c, "SELECT count(*) FROM saved_versions", []).unwrap()), 0);
    assert_eq!(catalog.saved(id, None).unwrap(), None);
    let errors = [
        catalog.delete_saved(&actor(), id, T0).unwrap_err(),
        catalog.update_saved(&actor(), id, draft("b", json!({})), 2, T0).unwrap_err(),
        catalog.saved_versions(id).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), ErrorCode::NotFound);
        assert!(error.to_string().contains(&id.to_string()), "{error}");
    }
}

#[test]
fn creating_and_deleting_are_audited_and_saving_is_not() {
    let (_folder, catalog) = catalog();
    let id = catalog.create_saved(&actor(), SavedKind::Query, draft("a", json!({ "sql": "x" })), T0).unwrap().info.id;
    catalog.update_saved(&other(), id, draft("b", json!({})), 1, T0).unwrap();
    catalog.delete_saved(&other(), id, T0).unwrap();
    let log: Vec<_> = catalog.audit(10, None).unwrap().into_iter().rev().collect();
    let shown: Vec<_> = log.into_iter().map(|e| (e.actor, e.action, e.target, e.before, e.after)).collect();
    let target = format!("saved/{id}");
    let expected = [
        (
            "alice".to_owned(),
            "saved.create".to_owned(),
            target.clone(),
            None,
            Some(json!({ "kind": "query", "name": "a" })),
        ),
        (
            "bob".to_owned(),
            "saved.delete".to_owned(),
            target,
            Some(json!({ "kind": "query", "name": "b", "version": 2 })),
            None,
        ),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn kinds_have_stable_names() {
    for (kind, name) in [(SavedKind::View, "view"), (SavedKind::Query, "query"), (SavedKind::Dashboard, "dashboard")] {
        assert_eq!(name.parse::<SavedKind>().unwrap(), kind);
        assert_eq!(kind.to_string(), name);
    }
    for bad in ["View", "", "views"] {
        assert_eq!(bad.parse::<SavedKind>().unwrap_err().code(), ErrorCode::Invalid);
    }
}

#[test]
fn all_of_them_together_have_a_bound() {
    let (_folder, catalog) = catalog();
    let large = |n: u64| json!({ "n": n, "text": "x".repeat(SAVED_CONTENT_BYTES_MAX - 64) });
    let bytes = large(0).to_string().len();
    let fit = SAVED_BYTES_MAX / bytes;
    let saved: Vec<Saved> = (0..fit as u64)
        .map(|n| catalog.create_saved(&actor(), SavedKind::View, draft("a", large(n % 10)), T0).unwrap())
        .collect();
    let error = catalog.create_saved(&actor(), SavedKind::View, draft("b", large(0)), T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
    assert!(error.to_string().contains(&SAVED_BYTES_MAX.to_string()), "{error}");
    let id = saved[0].info.id;
    let error = catalog.update_saved(&actor(), id, draft("a", large(1)), 1, T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
    assert_eq!(catalog.saved(id, None).unwrap(), Some(saved[0].clone()), "a refused save leaves what was");
    catalog.delete_saved(&actor(), saved[1].info.id, T0).unwrap();
    catalog.update_saved(&actor(), id, draft("a", large(1)), 1, T0).unwrap();
}
