use super::*;
use crate::test_support::{SECOND, T0, actor, catalog};
use crate::{Catalog, Role};
use lincei_model::ErrorCode;
use std::collections::HashSet;

const MINUTE: Duration = Duration::from_secs(60);

fn account(catalog: &Catalog, name: &str) -> Account {
    catalog.create_account(&actor(), name, "a long password", Role::Viewer, T0).unwrap()
}

fn count(catalog: &Catalog) -> i64 {
    catalog.read(|c| sql::integer(c, "SELECT count(*) FROM sessions", [])).unwrap()
}

#[test]
fn a_session_lives_from_login_until_its_time_is_up() {
    let (_folder, catalog) = catalog();
    let alice = account(&catalog, "alice");
    let token = catalog.create_session(alice.id, T0, MINUTE).unwrap();
    for (now, alive) in [(T0, true), (T0 + 60 * SECOND - 1, true), (T0 + 60 * SECOND, false), (i64::MAX, false)] {
        assert_eq!(catalog.session(token.expose(), now).unwrap().is_some(), alive, "{now}");
    }
    let session = catalog.session(token.expose(), T0).unwrap().unwrap();
    assert_eq!((session.account, session.expires_ns), (alice, T0 + 60 * SECOND));
    let other = format!("{}A", &token.expose()[..42]);
    let other = if other == token.expose() { format!("{}B", &token.expose()[..42]) } else { other };
    for wrong in ["", "x", &token.expose()[..42], &other, session.csrf_token.expose()] {
        assert!(catalog.session(wrong, T0).unwrap().is_none(), "{wrong}");
    }
}

#[test]
fn tokens_and_csrf_tokens_are_long_and_all_different() {
    let (_folder, catalog) = catalog();
    let alice = account(&catalog, "alice");
    let mut seen = HashSet::new();
    for _ in 0..20 {
        let token = catalog.create_session(alice.id, T0, MINUTE).unwrap();
        let csrf = catalog.session(token.expose(), T0).unwrap().unwrap().csrf_token;
        for secret in [token, csrf] {
            assert_eq!(secret.expose().len(), 43); // 32 bytes, base64 without padding
            assert!(secret.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            assert!(seen.insert(secret.expose().to_owned()));
        }
    }
}

#[test]
fn only_the_hash_of_a_token_is_stored_and_nothing_secret_is_printed() {
    let (folder, catalog) = catalog();
    let alice = account(&catalog, "alice");
    let token = catalog.create_session(alice.id, T0, MINUTE).unwrap();
    let session = catalog.session(token.expose(), T0).unwrap().unwrap();
    let printed = format!("{token:?} {session:?}");
    assert!(!printed.contains(token.expose()) && !printed.contains(session.csrf_token.expose()), "{printed}");
    drop(catalog);
    let bytes = std::fs::read(folder.path().join("catalog.db")).unwrap();
    let stored = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(!stored(token.expose().as_bytes()));
    assert!(stored(&token.hash()));
}

#[test]
fn sessions_end_by_logout_and_by_clean_up() {
    let (_folder, catalog) = catalog();
    let (alice, bob) = (account(&catalog, "alice"), account(&catalog, "bob"));
    let short = catalog.create_session(alice.id, T0, Duration::from_secs(1)).unwrap();
    let long = catalog.create_session(bob.id, T0, MINUTE).unwrap();
    let out = catalog.create_session(bob.id, T0, MINUTE).unwrap();
    catalog.delete_session(out.expose()).unwrap();
    catalog.delete_session(out.expose()).unwrap();
    catalog.delete_session("never was").unwrap();
    assert!(catalog.session(out.expose(), T0).unwrap().is_none());
    assert_eq!(count(&catalog), 2);
    assert_eq!(catalog.delete_expired(T0 + SECOND - 1).unwrap(), 0);
    assert_eq!(catalog.delete_expired(T0 + SECOND).unwrap(), 1);
    assert!(catalog.session(short.expose(), T0).unwrap().is_none());
    assert!(catalog.session(long.expose(), T0).unwrap().is_some());
}

#[test]
fn an_account_keeps_its_newest_hundred() {
    let (_folder, catalog) = catalog();
    let (alice, bob) = (account(&catalog, "alice"), account(&catalog, "bob"));
    let bobs = catalog.create_session(bob.id, T0 - SECOND, MINUTE).unwrap();
    let tokens: Vec<_> = (0..102).map(|n| catalog.create_session(alice.id, T0 + n, MINUTE).unwrap()).collect();
    let alive = |token: &Secret| catalog.session(token.expose(), T0).unwrap().is_some();
    assert_eq!(tokens.iter().map(alive).collect::<Vec<_>>(), [vec![false; 2], vec![true; 100]].concat());
    assert!(alive(&bobs));
    // A clock that went back must not cost the newest login.
    let latest = catalog.create_session(alice.id, T0 - 5, MINUTE).unwrap();
    assert!(alive(&latest));
    assert_eq!(count(&catalog), 101);
}

#[test]
fn a_login_clears_what_expired() {
    let (_folder, catalog) = catalog();
    let alice = account(&catalog, "alice");
    catalog.create_session(alice.id, T0, Duration::from_secs(1)).unwrap();
    catalog.create_session(alice.id, T0 + SECOND, MINUTE).unwrap();
    assert_eq!(count(&catalog), 1);
}

#[test]
fn sessions_that_cannot_be_are_refused() {
    let (_folder, catalog) = catalog();
    let alice = account(&catalog, "alice");
    let unknown = AccountId::fresh(T0).unwrap();
    assert_eq!(catalog.create_session(unknown, T0, MINUTE).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(catalog.create_session(alice.id, T0, Duration::ZERO).unwrap_err().code(), ErrorCode::Invalid);
    let endless = catalog.create_session(alice.id, T0, Duration::MAX).unwrap();
    assert_eq!(catalog.session(endless.expose(), T0).unwrap().unwrap().expires_ns, i64::MAX);
}
