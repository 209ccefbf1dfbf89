//! What must not be stored.

use crate::kernel::{Patterns, hash, redact};
use crate::test_support::{bits, column, mask, texts, work_of};
use lincei_model::limits;
use serde_json::{Value, json};

#[test]
fn matches_are_replaced_and_groups_stand_for_themselves() {
    // as `python3 -c 're.sub(pattern, replacement, text)'` with \1 and \g<name> for $1 and ${name}
    for (text, pattern, replacement, want) in [
        ("card 4111111111111111 ok", r"\b\d{16}\b", "[card]", "card [card] ok"),
        ("a1b22c", r"\d+", "", "abc"),
        ("alice@example.com", r"(\w+)@(\w+)", "$1@***", "alice@***.com"),
        ("alice@example.com", r"(?<user>\w+)@", "${user}_x@", "alice_x@example.com"),
        ("abc", "b", "$$", "a$c"),
        ("abc", "(b)", "$2", "ac"),
        ("naïve é", "[ïé]", "?", "na?ve ?"),
        ("abc", "", "-", "-a-b-c-"),
        ("aaa", "a", "aa", "aaaaaa"),
        ("xbx", "^x|x$", "", "b"),
    ] {
        let pattern = Patterns::default().regex(pattern).unwrap();
        let mut work = work_of([Some(text), None, Some("~")]);
        let had = redact(&mut work, &column("body"), &pattern, replacement).unwrap();
        assert_eq!(texts(&mut work, "body")[..2], [json!(want), Value::Null], "{text:?} {replacement:?}");
        assert_eq!(bits(&had)[..2], [1, 0]);
    }
}

#[test]
fn texts_without_a_match_stay() {
    let pattern = Patterns::default().regex(r"\d").unwrap();
    let mut work = work_of([Some("none, and longer than a view"), None, Some("")]);
    let had = redact(&mut work, &column("body"), &pattern, "x").unwrap();
    assert_eq!(bits(&had), [0, 0, 0]);
    assert_eq!(texts(&mut work, "body"), [json!("none, and longer than a view"), Value::Null, json!("")]);
}

#[test]
fn a_replacement_that_makes_a_text_too_long_is_refused_and_changes_nothing() {
    let long = "x".repeat(limits::RECORD_BYTES_MAX / 4);
    for replacement in [long.clone(), format!("${{0}}{long}")] {
        let mut work = work_of([Some("ab"), Some("aaaaa")]);
        let pattern = Patterns::default().regex("a").unwrap();
        let error = redact(&mut work, &column("body"), &pattern, &replacement).unwrap_err().to_string();
        assert_eq!(error, "a replacement makes a text longer than 4194304 bytes");
        assert_eq!(texts(&mut work, "body"), [json!("ab"), json!("aaaaa")]);
    }
}

#[test]
fn digests_are_those_of_openssl() {
    // the last by Python's hmac, the others by: printf %s TEXT | openssl dgst -sha256 -hmac KEY | cut -c1-32
    for (text, key, want) in [
        ("alice@example.com", "secret", "a398d49ce1980b3642bc4dbd110121e3"),
        ("ü", "secret", "d2485a6dd2453b011b5c8f7410aa7ee0"),
        ("", "secret", "f9e66e179b6747ae54108f82f8ade8b3"),
        ("alice@example.com", "", "0cf19c8f102ecc62b033b451c1d7cbe4"),
    ] {
        let mut work = work_of([Some(text), None, Some(text)]);
        hash(&mut work, &column("body"), key, None).unwrap();
        assert_eq!(texts(&mut work, "body"), [json!(want), Value::Null, json!(want)]);
    }
}

#[test]
fn only_the_rows_of_the_mask_are_hashed() {
    let mut work = work_of([Some("ü"), Some("ü"), None]);
    hash(&mut work, &column("body"), "secret", Some(&mask(&[0, 1, 1]))).unwrap();
    let digest = "d2485a6dd2453b011b5c8f7410aa7ee0";
    assert_eq!(texts(&mut work, "body"), [json!("ü"), json!(digest), Value::Null]);
}
