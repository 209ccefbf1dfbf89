use super::*;

fn masked(body: &str) -> String {
    let mut out = String::new();
    mask(body, &mut out);
    out
}

/// Expected by the table in `mask.rs`, worked out by hand.
#[test]
fn values_become_their_forms() {
    for (body, pattern) in [
        ("", ""),
        ("no values here", "no values here"),
        ("took 12 ms", "took <num> ms"),
        ("took 12.5ms, was -3", "took <num>ms, was <num>"),
        ("a-3", "a-<num>"),
        ("2026-01-31 10:00:00,123 ok", "<num> <num> ok"),
        ("at 2026-01-31T10:00:00.5Z done", "at <time> done"),
        ("at 2026-01-31T10:00:00+01:00.", "at <time>."),
        ("blk_-1608999687919862906", "blk_<num>"),
        ("node12 R02-M1-N0", "node<num> R<num>-M<num>-N<num>"),
        ("attempt_1445_0020_m_000000", "attempt_<num>_<num>_m_<num>"),
        ("from 10.251.43.21:50010", "from <ip>:<num>"),
        ("v1.2.3.4.5", "v<num>"),
        ("peer fe80::1 and 2001:db8:0:0:1:0:0:1", "peer <ip> and <ip>"),
        ("mac 00:1b:44:11:3a:b7", "mac <mac>"),
        ("time 12:30:45", "time <num>"),
        ("at 0x7fff5fbff8c0, 0xZZ", "at <hex>, <num>xZZ"),
        ("sum 9f86d081884c7d65", "sum <hex>"),
        ("123e4567-e89b-12d3-a456-426614174000", "<uuid>"),
        ("id a1b22c333d4e", "id <hex>"),
        ("id z1y22x333w4v", "id <id>"),
        ("open /var/log/x.log failed", "open <path> failed"),
        ("path=/a/b, next", "path=<path>, next"),
        (r"open C:\Users\x done", "open <path> done"),
        ("GET /api/v1/users/5?x=1 HTTP/1.1", "GET <path> HTTP/<num>"),
        ("see https://example.org/a?b=c.", "see <url>."),
        ("and/or a / b", "and/or a / b"),
        (r#"name "some body" it's 'x y'"#, r#"name "<str>" it's '<str>'"#),
        (r#"{"user":"alice","n":5}"#, r#"{"user":"<str>","n":<num>}"#),
        (r#"unclosed "text 5"#, r#"unclosed "text <num>"#),
        ("empty ''", "empty ''"),
        ("größe 5 µs über", "größe <num> µs über"),
        ("  \nfirst 1\nsecond", "first <num>"),
        ("5", "<num>"),
        ("50%", "<num>%"),
        ("1,000,000 rows", "<num> rows"),
    ] {
        assert_eq!(masked(body), pattern, "{body}");
        // wherever in a line, since bytes are looked at several at a time
        let word = body.trim_start().starts_with(|first: char| !matches!(first, '+' | '-'));
        for length in (1..20).filter(|_| word && !body.contains('\n')) {
            let text = "größe=".repeat(2).chars().take(length).collect::<String>() + " ";
            assert_eq!(masked(&format!("{text}{body}")), format!("{text}{pattern}").trim_end(), "{text}{body}");
        }
    }
}

#[test]
fn rows_are_counted_by_level_and_group() {
    let mut counts = PatternCounts::default();
    for (body, time_ns, severity_number, group) in [
        ("took 5 ms", 7, 9, 1),
        ("took 6 ms", 9, 17, 0),
        ("took 3 ms", 9, 17, 1),
        ("", 1, 9, 0),
        ("took 8 ms", 2, 0, 1),
    ] {
        counts.add(PatternRow { body, time_ns, level: level_of(severity_number), group });
    }
    let mut more = PatternCounts::default();
    more.add(PatternRow { body: "took 1 ms", time_ns: 1, level: 3, group: 2 });
    more.add_uncounted(4);
    counts.merge(more);
    assert_eq!((counts.rows(), counts.uncounted(), counts.len()), (9, 4, 1));
    let json = serde_json::to_string(&counts).unwrap();
    let counts: PatternCounts = serde_json::from_str(&json).unwrap();
    let (pattern, facts) = counts.merged().remove(0);
    assert_eq!((pattern.as_str(), facts.count()), ("took <num> ms", 5));
    assert_eq!(facts.levels, [1, 0, 0, 2, 0, 2, 0]);
    assert_eq!((facts.first_ns, facts.last_ns, facts.sample.as_str()), (1, 9, "took 3 ms"));
    assert_eq!(facts.groups(), [(0, 1), (1, 3), (2, 1)]);
}

#[test]
fn long_bodies_are_cut_between_characters() {
    assert_eq!(masked(&"a".repeat(5_000)).len(), BODY_BYTES_MAX);
    assert_eq!(masked(&"ü".repeat(5_000)).len(), BODY_BYTES_MAX);
    let odd = format!("a{}", "ü".repeat(5_000));
    assert_eq!(masked(&odd).len(), BODY_BYTES_MAX - 1);
}

#[test]
fn no_text_makes_the_mask_panic() {
    let parts = ["a", "1", " ", ":", "::", "-", ".", "/", "'", "\"", "\\", "0x", "ü", "_", "f", "://", "\n"];
    for i in 0..parts.len().pow(4) {
        let mut body = String::new();
        let mut rest = i;
        for _ in 0..4 {
            body.push_str(parts[rest % parts.len()]);
            rest /= parts.len();
        }
        let _ = masked(&body);
    }
}

#[test]
fn masking_a_pattern_again_changes_nothing() {
    for body in ["took 12.5ms", "from 10.251.43.21:50010 to /x/y", "id z1y22x333w4v 'a b'", "at 0x7f"] {
        let once = masked(body);
        assert_eq!(masked(&once), once);
    }
}

#[test]
fn many_words_at_a_place_are_a_value_and_few_are_not() {
    let users = ["ann", "bob", "eve", "joe", "kim"];
    let bodies = users
        .iter()
        .flat_map(|user| [format!("session opened for {user} by root"), format!("session closed for {user} by root")]);
    let bodies: Vec<String> = bodies.collect();
    let found = patterns(bodies.iter().map(String::as_str));
    assert_eq!(
        found,
        [("session closed for <*> by root".to_owned(), 5), ("session opened for <*> by root".to_owned(), 5)]
    );
    let few = patterns(["a is up", "a is down", "a is slow"]);
    assert_eq!(few.len(), 3);
}

#[test]
fn the_outcome_does_not_depend_on_the_order() {
    let names: Vec<String> =
        (0..40_u8).map(|i| format!("w{}", char::from(b'a' + i % 26)).repeat(usize::from(i / 26) + 1)).collect();
    let bodies: Vec<String> = names
        .iter()
        .enumerate()
        .flat_map(|(i, name)| {
            let other = &names[(i * 7 + 3) % names.len()];
            [format!("user {name} came from {other} today"), format!("user {name} left"), format!("disk {i} is full")]
        })
        .collect();
    let forward = patterns(bodies.iter().map(String::as_str));
    let backward = patterns(bodies.iter().rev().map(String::as_str));
    assert_eq!(forward, backward);
    assert_eq!(
        forward,
        [
            ("disk <num> is full".to_owned(), 40),
            ("user <*> came from <*> today".to_owned(), 40),
            ("user <*> left".to_owned(), 40)
        ]
    );
}

#[test]
fn parts_can_be_merged_again() {
    let part = |names: &[&str]| {
        let bodies: Vec<String> = names.iter().map(|name| format!("user {name} left")).collect();
        patterns(bodies.iter().map(String::as_str))
    };
    let (first, second) = (part(&["ann", "bob", "eve", "joe"]), part(&["kim"]));
    assert_eq!(first, [("user <*> left".to_owned(), 4)]);
    let all = merge(first.into_iter().chain(second), |sum, more| *sum += more);
    assert_eq!(all, [("user <*> left".to_owned(), 5)]);
}

#[test]
fn every_body_is_counted_once() {
    let bodies: Vec<String> =
        (0..2_000_u32).map(|i| format!("{} {} {}", i % 7, "x".repeat((i % 50) as usize), i)).collect();
    let sum: u64 = patterns(bodies.iter().map(String::as_str)).iter().map(|(_, count)| count).sum();
    assert_eq!(sum, 2_000);
}

#[test]
fn more_patterns_than_are_kept_cost_no_more_time() {
    // words that nothing joins: each pattern has a length of its own, or a first word
    let word = |n: usize| -> String {
        let digits = [n % 26, n / 26 % 26, n / 676 % 26];
        digits.iter().map(|d| char::from(b'a' + u8::try_from(*d).unwrap())).collect()
    };
    let bodies: Vec<String> = (0..30_000).map(|n| format!("{}{}", word(n), " x".repeat(n / 1_000 % 30))).collect();
    let found = patterns(bodies.iter().map(String::as_str));
    assert!(found.len() <= PATTERNS_MAX);
    assert!(found.iter().map(|(_, count)| count).sum::<u64>() <= 30_000);
}
