use super::cache::REFRESH_INTERVAL;
use super::*;
use crate::secret::token_hash;
use crate::test_support::{SECOND, T0, actor, catalog, open};
use lincei_model::ErrorCode;

#[test]
fn a_token_opens_what_its_key_says() {
    let (_folder, catalog) = catalog();
    assert!(!catalog.has_ingest_key().unwrap());
    let (api, api_token) = catalog.create_key(&actor(), "ci", KeyKind::Api, T0).unwrap();
    assert!(!catalog.has_ingest_key().unwrap());
    let (ingest, ingest_token) = catalog.create_key(&actor(), "collector", KeyKind::Ingest, T0 + SECOND).unwrap();
    assert!(catalog.has_ingest_key().unwrap());
    for (key, token, start) in [(&api, &api_token, "lnc_a_"), (&ingest, &ingest_token, "lnc_i_")] {
        let text = token.expose();
        assert!(text.starts_with(start) && text.len() == 6 + 43, "{text}");
        assert_eq!(key.prefix, text[..10]);
        assert_eq!(catalog.verify_key(text).unwrap().as_ref(), Some(key));
        let mut flipped = text.to_owned().into_bytes();
        flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
        let swapped =
            if start == "lnc_a_" { text.replace("lnc_a_", "lnc_i_") } else { text.replace("lnc_i_", "lnc_a_") };
        for wrong in [
            "",
            &text[..10],
            &text[..48],
            &text[6..],
            &format!("{text} "),
            &swapped,
            std::str::from_utf8(&flipped).unwrap(),
        ] {
            assert_eq!(catalog.verify_key(wrong).unwrap(), None, "{wrong}");
        }
    }
    assert_eq!(catalog.keys().unwrap(), [api, ingest]);
}

#[test]
fn with_no_keys_nothing_passes() {
    let (_folder, catalog) = catalog();
    for token in ["", "lnc_i_", "lnc_i_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(catalog.verify_key(token).unwrap(), None);
    }
}

#[test]
fn a_revoked_key_is_out_at_once_and_for_good() {
    let (folder, catalog) = catalog();
    let (key, token) = catalog.create_key(&actor(), "k", KeyKind::Ingest, T0).unwrap();
    let (other, other_token) = catalog.create_key(&actor(), "k", KeyKind::Ingest, T0 + SECOND).unwrap();
    assert!(catalog.verify_key(token.expose()).unwrap().is_some());
    let revoked = ApiKey { revoked_ns: Some(T0 + 5), ..key.clone() };
    assert_eq!(catalog.revoke_key(&actor(), key.id, T0 + 5).unwrap(), revoked);
    assert_eq!(catalog.verify_key(token.expose()).unwrap(), None);
    assert_eq!(catalog.verify_key(other_token.expose()).unwrap(), Some(other.clone()));
    let rows = catalog.audit(100, None).unwrap().len();
    assert_eq!(catalog.revoke_key(&actor(), key.id, T0 + 9).unwrap(), revoked, "the first time is kept");
    assert_eq!(catalog.audit(100, None).unwrap().len(), rows);
    assert!(catalog.has_ingest_key().unwrap());
    catalog.revoke_key(&actor(), other.id, T0 + 6).unwrap();
    assert!(!catalog.has_ingest_key().unwrap());
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.verify_key(token.expose()).unwrap(), None);
    let unknown = KeyId::fresh(T0).unwrap();
    assert_eq!(catalog.revoke_key(&actor(), unknown, T0).unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn another_process_s_changes_count_within_a_second() {
    let (folder, server) = catalog();
    let cli = open(&folder.path().join("catalog.db"));
    let start = Instant::now();
    assert_eq!(server.keys.verify("warm up", start).unwrap(), None);
    let (key, token) = cli.create_key(&actor(), "k", KeyKind::Ingest, T0).unwrap();
    let soon = start + REFRESH_INTERVAL - std::time::Duration::from_nanos(1);
    assert_eq!(server.keys.verify(token.expose(), soon).unwrap(), None, "memory only");
    let later = start + REFRESH_INTERVAL;
    assert_eq!(server.keys.verify(token.expose(), later).unwrap(), Some(key.clone()));
    cli.revoke_key(&actor(), key.id, T0).unwrap();
    assert_eq!(server.keys.verify(token.expose(), later + REFRESH_INTERVAL).unwrap(), None);
}

#[test]
fn keys_pass_from_memory_and_none_when_the_copy_is_due_and_unreadable() {
    let (_folder, catalog) = catalog();
    let (key, token) = catalog.create_key(&actor(), "k", KeyKind::Ingest, T0).unwrap();
    let start = Instant::now();
    catalog.keys.reload(start);
    catalog.on_writer(|c| c.execute_batch("ALTER TABLE keys RENAME TO gone").unwrap());
    assert_eq!(catalog.keys.verify(token.expose(), start).unwrap(), Some(key));
    assert!(catalog.keys.verify(token.expose(), start + REFRESH_INTERVAL).is_err());
    catalog.keys.reload(start);
    assert!(catalog.keys.verify(token.expose(), start).is_err(), "a copy that may be old is not used");
}

#[test]
fn last_use_is_written_once_a_minute_and_never_goes_back() {
    let (_folder, catalog) = catalog();
    let (key, _) = catalog.create_key(&actor(), "k", KeyKind::Ingest, T0).unwrap();
    let minute = 60 * SECOND;
    for (now, expected) in [
        (T0 + 1, T0 + 1),
        (T0 + 2, T0 + 1),
        (T0 + minute, T0 + 1),
        (T0 + 1 + minute, T0 + 1 + minute),
        (T0, T0 + 1 + minute),
    ] {
        catalog.touch_key(key.id, now).unwrap();
        assert_eq!(catalog.keys().unwrap()[0].last_used_ns, Some(expected), "{now}");
    }
    let unknown = KeyId::fresh(T0).unwrap();
    assert_eq!(catalog.touch_key(unknown, T0).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(catalog.audit(10, None).unwrap().len(), 1, "use is not a change by a person");
}

#[test]
fn only_the_hash_of_a_token_is_stored_and_nothing_secret_is_printed() {
    let (folder, catalog) = catalog();
    let (key, token) = catalog.create_key(&actor(), "k", KeyKind::Api, T0).unwrap();
    let secret_part = &token.expose()[10..];
    let printed = format!("{key:?} {token:?} {catalog:?} {:?}", catalog.audit(10, None).unwrap());
    assert!(!printed.contains(secret_part), "{printed}");
    drop(catalog);
    let bytes = std::fs::read(folder.path().join("catalog.db")).unwrap();
    let stored = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(!stored(secret_part.as_bytes()));
    assert!(stored(&token_hash(token.expose())));
}

#[test]
fn names_and_the_number_of_keys_are_bounded() {
    let (_folder, catalog) = catalog();
    for bad in ["", " ", " a", "a ", "a\nb", "a\u{7f}", &"é".repeat(65)] {
        let error = catalog.create_key(&actor(), bad, KeyKind::Api, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{bad:?}");
    }
    catalog.create_key(&actor(), &"é".repeat(64), KeyKind::Api, T0).unwrap();
    catalog.on_writer(|c| {
        c.execute_batch(
            "INSERT INTO keys WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 998)
             SELECT format('%026d', i), 'k', 'api', 'lnc_a_AAAA', randomblob(32), 0, NULL, NULL FROM n",
        )
        .unwrap();
    });
    let (last, token) = catalog.create_key(&actor(), "last", KeyKind::Api, T0).unwrap();
    assert_eq!(catalog.verify_key(token.expose()).unwrap(), Some(last.clone()));
    let error = catalog.create_key(&actor(), "over", KeyKind::Api, T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(error.to_string().contains("1000"), "{error}");
    catalog.revoke_key(&actor(), last.id, T0).unwrap();
    catalog.create_key(&actor(), "in its place", KeyKind::Api, T0).unwrap();
}

#[test]
fn kinds_have_stable_names() {
    for (kind, name) in [(KeyKind::Ingest, "ingest"), (KeyKind::Api, "api")] {
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(name));
        assert_eq!(name.parse::<KeyKind>().unwrap(), kind);
    }
    for bad in ["", "Ingest", "admin"] {
        assert_eq!(bad.parse::<KeyKind>().unwrap_err().code(), ErrorCode::Invalid);
    }
    assert_eq!("not a ulid".parse::<KeyId>().unwrap_err().code(), ErrorCode::Invalid);
}
