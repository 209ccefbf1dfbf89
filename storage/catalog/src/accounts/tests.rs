use super::*;
use crate::test_support::{SECOND, T0, actor, catalog};
use lincei_model::ErrorCode;
use std::time::Duration;

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn an_account_logs_in_with_its_own_password_only() {
    let (_folder, catalog) = catalog();
    assert!(!catalog.has_admin().unwrap());
    let alice = catalog.create_account(&actor(), "alice", PASSWORD, Role::Admin, T0).unwrap();
    let bob = catalog.create_account(&actor(), "bob", "bob's own password", Role::Viewer, T0 + 1).unwrap();
    assert_eq!((alice.name.as_str(), alice.role, alice.created_ns), ("alice", Role::Admin, T0));
    assert!(catalog.has_admin().unwrap());
    assert_eq!(catalog.accounts().unwrap(), [alice.clone(), bob.clone()]);
    assert_eq!(catalog.account("bob").unwrap(), Some(bob.clone()));
    assert_eq!(catalog.account("carol").unwrap(), None);
    for (name, password, expected) in [
        ("alice", PASSWORD, Some(&alice)),
        ("bob", "bob's own password", Some(&bob)),
        ("alice", "bob's own password", None),
        ("alice", "", None),
        ("alice", "correct horse battery staple ", None),
        ("ALICE", PASSWORD, None),
        ("carol", PASSWORD, None),
        ("", "", None),
    ] {
        assert_eq!(catalog.verify_password(name, password).unwrap().as_ref(), expected, "{name:?} {password:?}");
    }
}

#[test]
fn a_viewer_is_no_administrator() {
    let (_folder, catalog) = catalog();
    catalog.create_account(&actor(), "victor", PASSWORD, Role::Viewer, T0).unwrap();
    assert!(!catalog.has_admin().unwrap());
}

#[test]
fn accounts_that_break_a_rule_are_refused() {
    let (_folder, catalog) = catalog();
    catalog.create_account(&actor(), "alice", PASSWORD, Role::Viewer, T0).unwrap();
    for (name, password, code) in [
        ("alice", PASSWORD, ErrorCode::Conflict),
        ("Alice", PASSWORD, ErrorCode::Invalid),
        ("", PASSWORD, ErrorCode::Invalid),
        ("bob", "too short", ErrorCode::Invalid),
        ("bob", &"x".repeat(1025), ErrorCode::Invalid),
    ] {
        let error = catalog.create_account(&actor(), name, password, Role::Admin, T0).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(catalog.accounts().unwrap().len(), 1);
    assert_eq!(catalog.audit(10, None).unwrap().len(), 1);
}

#[test]
fn the_number_of_accounts_is_bounded() {
    let (_folder, catalog) = catalog();
    catalog.on_writer(|c| {
        c.execute_batch(
            "INSERT INTO accounts WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 999)
             SELECT format('%026d', i), format('a%d', i), '', 'viewer', 0, 0 FROM n",
        )
        .unwrap();
    });
    catalog.create_account(&actor(), "last", PASSWORD, Role::Admin, T0).unwrap();
    let error = catalog.create_account(&actor(), "over", PASSWORD, Role::Admin, T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(error.to_string().contains("1000"), "{error}");
}

#[test]
fn a_new_password_replaces_the_old_and_ends_only_that_accounts_sessions() {
    let (_folder, catalog) = catalog();
    let alice = catalog.create_account(&actor(), "alice", PASSWORD, Role::Admin, T0).unwrap();
    let bob = catalog.create_account(&actor(), "bob", PASSWORD, Role::Viewer, T0).unwrap();
    let hour = Duration::from_secs(3600);
    let [a1, a2] = [(); 2].map(|()| catalog.create_session(alice.id, T0, hour).unwrap());
    let b = catalog.create_session(bob.id, T0, hour).unwrap();
    catalog.set_password(&actor(), alice.id, "a different password", T0 + SECOND).unwrap();
    assert!(catalog.verify_password("alice", PASSWORD).unwrap().is_none());
    let now = catalog.verify_password("alice", "a different password").unwrap().unwrap();
    assert_eq!(now, Account { password_changed_ns: T0 + SECOND, ..alice.clone() });
    assert!(catalog.verify_password("bob", PASSWORD).unwrap().is_some());
    for (token, alive) in [(a1, false), (a2, false), (b, true)] {
        assert_eq!(catalog.session(token.expose(), T0 + SECOND).unwrap().is_some(), alive);
    }
    let entry = &catalog.audit(1, None).unwrap()[0];
    assert_eq!(entry.after, Some(json!({ "changed_ns": T0 + SECOND, "sessions_ended": 2 })));

    let unknown = AccountId::fresh(T0).unwrap();
    assert_eq!(catalog.set_password(&actor(), unknown, PASSWORD, T0).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(catalog.set_password(&actor(), alice.id, "short", T0).unwrap_err().code(), ErrorCode::Invalid);
}

#[test]
fn the_last_administrator_stays() {
    let (_folder, catalog) = catalog();
    let create = |name, role| catalog.create_account(&actor(), name, PASSWORD, role, T0).unwrap().id;
    let (alice, victor) = (create("alice", Role::Admin), create("victor", Role::Viewer));
    let error = catalog.delete_account(&actor(), alice, T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    let adam = create("adam", Role::Admin);
    let session = catalog.create_session(alice, T0, Duration::from_secs(60)).unwrap();
    catalog.delete_account(&actor(), alice, T0).unwrap();
    assert!(catalog.session(session.expose(), T0).unwrap().is_none());
    assert!(catalog.verify_password("alice", PASSWORD).unwrap().is_none());
    assert_eq!(catalog.delete_account(&actor(), alice, T0).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(catalog.delete_account(&actor(), adam, T0).unwrap_err().code(), ErrorCode::Conflict);
    catalog.delete_account(&actor(), victor, T0).unwrap();
    assert_eq!(catalog.accounts().unwrap().len(), 1);
}

#[test]
fn two_who_delete_each_other_cannot_both_succeed() {
    let (_folder, catalog) = catalog();
    let ids = ["a", "b"].map(|name| catalog.create_account(&actor(), name, PASSWORD, Role::Admin, T0).unwrap().id);
    let deleted = std::thread::scope(|scope| {
        let catalog = &catalog;
        let threads = ids.map(|id| scope.spawn(move || catalog.delete_account(&actor(), id, T0).is_ok()));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(deleted.iter().filter(|ok| **ok).count(), 1);
    assert!(catalog.has_admin().unwrap());
}

#[test]
fn hashing_does_not_hold_up_other_calls() {
    let (_folder, catalog) = catalog();
    // As long as the test holds the hasher, no password can be hashed; everything else must go on.
    let turn = catalog.hasher.hold();
    std::thread::scope(|scope| {
        let creating = scope.spawn(|| catalog.create_account(&actor(), "alice", PASSWORD, Role::Admin, T0));
        let verifying = scope.spawn(|| catalog.verify_password("alice", PASSWORD));
        catalog.create_key(&actor(), "k", crate::KeyKind::Api, T0).unwrap();
        assert!(catalog.accounts().unwrap().is_empty());
        assert!(!creating.is_finished() && !verifying.is_finished());
        drop(turn);
        creating.join().unwrap().unwrap();
        verifying.join().unwrap().unwrap();
    });
}

#[test]
fn passwords_are_stored_as_argon2id_only() {
    let (folder, catalog) = catalog();
    catalog.create_account(&actor(), "alice", PASSWORD, Role::Admin, T0).unwrap();
    let phc: String =
        catalog.on_writer(|c| c.query_row("SELECT password_phc FROM accounts", [], |r| r.get(0)).unwrap());
    assert!(phc.starts_with("$argon2id$v=19$"), "{phc}");
    drop(catalog);
    let bytes = std::fs::read(folder.path().join("catalog.db")).unwrap();
    assert!(!bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()));
}

#[test]
fn roles_have_stable_names() {
    for (role, name) in [(Role::Admin, "admin"), (Role::Viewer, "viewer")] {
        assert_eq!(serde_json::to_value(role).unwrap(), json!(name));
        assert_eq!(name.parse::<Role>().unwrap(), role);
        assert_eq!(role.to_string(), name);
    }
    for bad in ["Admin", "", "root"] {
        assert_eq!(bad.parse::<Role>().unwrap_err().code(), ErrorCode::Invalid);
    }
}
