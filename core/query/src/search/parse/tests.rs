use super::*;

/// A compact spelling of the tree, so that expectations are one line each.
fn show(search: &Search) -> String {
    let pattern = |p: &Pattern| format!("{:?}", p.parts.join("*"));
    let value = |v: &Option<Value>| v.as_ref().map_or("_".to_owned(), |v| format!("{:?}", v.text));
    match search {
        Search::Everything => "everything".into(),
        Search::And(all) => format!("and({})", all.iter().map(show).collect::<Vec<_>>().join(" ")),
        Search::Or(any) => format!("or({})", any.iter().map(show).collect::<Vec<_>>().join(" ")),
        Search::Not(inner) => format!("not({})", show(inner)),
        Search::Text(p) => pattern(p),
        Search::Field(term) => {
            let condition = match &term.condition {
                Condition::Present => "present".into(),
                Condition::AnyOf(any) => format!("is {}", any.iter().map(pattern).collect::<Vec<_>>().join("|")),
                Condition::Compare(op, v) => format!("{op:?} {:?}", v.text),
                Condition::Range(low, high) => format!("{}..{}", value(low), value(high)),
            };
            format!("<{} {condition}>", term.name)
        }
    }
}

#[test]
fn texts_are_taken_apart() {
    for (text, tree) in [
        ("", "everything"),
        ("   ", "everything"),
        ("timeout", r#""timeout""#),
        ("a b", r#"and("a" "b")"#),
        ("a AND b", r#"and("a" "b")"#),
        ("a OR b c", r#"or("a" and("b" "c"))"#),
        ("a b OR c", r#"or(and("a" "b") "c")"#),
        ("(a OR b) c", r#"and(or("a" "b") "c")"#),
        ("a(b)c", r#"and("a" "b" "c")"#),
        ("-a", r#"not("a")"#),
        ("NOT a b", r#"and(not("a") "b")"#),
        ("NOT(a b)", r#"not(and("a" "b"))"#),
        ("--a", r#"not(not("a"))"#),
        ("a -", r#"and("a" "-")"#),
        ("a-b", r#""a-b""#),
        ("-service:api", "not(<service is \"api\">)"),
        (r#""connection reset""#, r#""connection reset""#),
        (r#"" a  b ""#, r#"" a  b ""#),
        (r#""say \"hi\" \\""#, r#""say \"hi\" \\""#),
        (r#""a*b""#, r#""a*b""#),
        ("conn*reset", r#""conn*reset""#),
        ("or and not", r#"and("or" "and" "not")"#),
        ("ORDER NOTE ANDROID", r#"and("ORDER" "NOTE" "ANDROID")"#),
        ("service:api", r#"<service is "api">"#),
        ("service:api,web", r#"<service is "api"|"web">"#),
        (r#"service:"a b","c""#, r#"<service is "a b"|"c">"#),
        (r#""my key":1"#, r#"<my key is "1">"#),
        ("http.route:/a/*", r#"<http.route is "/a/*">"#),
        ("user.id:*", "<user.id present>"),
        ("user.id:**", "<user.id present>"),
        ("user.id:[* TO *]", "<user.id present>"),
        (r"user.id:\*", r#"<user.id is "*">"#),
        ("n:>=5", r#"<n GreaterOrEqual "5">"#),
        ("n:>5", r#"<n Greater "5">"#),
        ("n:<5", r#"<n Less "5">"#),
        ("n:<=-5.5", r#"<n LessOrEqual "-5.5">"#),
        ("n:[1 TO 5]", r#"<n "1".."5">"#),
        ("n:[ 1   TO * ]", r#"<n "1".._>"#),
        (r#"n:["a b" TO "c"]"#, r#"<n "a b".."c">"#),
        ("url:http://x/y?a=b", r#"<url is "http://x/y?a=b">"#),
        ("http://x:80/y", r#""http://x:80/y""#),
        ("12:30:45", r#""12:30:45""#),
        (r"a\:b", r#""a:b""#),
        (r"a\ b", r#""a b""#),
        (r"\-a", r#""-a""#),
        (r"k\:x:1", r#"<k:x is "1">"#),
        ("größe:über", r#"<größe is "über">"#),
        ("time:2026-01-01T00:00:00Z", r#"<time is "2026-01-01T00:00:00Z">"#),
        ("a,b", r#""a,b""#),
        ("100%", r#""100%""#),
        ("level:(warn OR error)", r#"or(<level is "warn"> <level is "error">)"#),
        (r#"host:("db 1" OR db2*) x"#, r#"and(or(<host is "db 1"> <host is "db2*">) "x")"#),
        ("n:(>=5 AND <9)", r#"and(<n GreaterOrEqual "5"> <n Less "9">)"#),
        ("n:(>=5 <9 -7)", r#"and(<n GreaterOrEqual "5"> <n Less "9"> not(<n is "7">))"#),
        ("n:(a,b OR [1 TO 5])", r#"or(<n is "a"|"b"> <n "1".."5">)"#),
        ("n:(a OR (b NOT c)) d:e", r#"and(or(<n is "a"> and(<n is "b"> not(<n is "c">))) <d is "e">)"#),
        ("-n:(a OR b)", r#"not(or(<n is "a"> <n is "b">))"#),
        ("body:(timed out)", r#"and(<body is "timed"> <body is "out">)"#),
        ("n:(http://x)", r#"<n is "http://x">"#),
        ("-user.id:*", "not(<user.id present>)"),
        ("NOT user.id:*", "not(<user.id present>)"),
        (r#"n:"""#, r#"<n is "">"#),
        (r#""a:b":c"#, r#"<a:b is "c">"#),
        (r#""it's \"ü\"":x"#, r#"<it's "ü" is "x">"#),
        ("k8s.pod.labels.app/name:x", r#"<k8s.pod.labels.app/name is "x">"#),
        ("Ключ:значение", r#"<Ключ is "значение">"#),
        ("名前:値 検索", r#"and(<名前 is "値"> "検索")"#),
        ("a\u{3000}b", r#"and("a" "b")"#),
        (
            "status:>=500 \"timed out\" -env:dev",
            r#"and(<status GreaterOrEqual "500"> "timed out" not(<env is "dev">))"#,
        ),
    ] {
        match parse(text) {
            Ok(search) => assert_eq!(show(&search), tree, "{text}"),
            Err(error) => panic!("{text}: {error} at {}", error.offset),
        }
    }
}

#[test]
fn refusals_say_where_and_what_was_expected() {
    for (text, offset, part) in [
        ("(a", 0, "not closed"),
        ("a (b (c)", 2, "not closed"),
        ("a)", 1, "without a '('"),
        (")", 0, "expected a word"),
        ("()", 1, "expected a word"),
        (r#""abc"#, 0, "not closed"),
        (r#"service:"abc"#, 8, "not closed"),
        ("service:", 8, "a value after 'service:'"),
        ("service: api", 8, "a value after 'service:'"),
        ("service:a,", 10, "a value after 'service:'"),
        ("n:>", 3, "a value after 'n:>'"),
        ("n:>= 5", 4, "a value after 'n:>='"),
        ("n:[1 5]", 5, "TO"),
        ("n:[1 TO 5", 2, "not closed"),
        ("n:[ TO 5]", 2 + 2 + 3, "TO"),
        ("n:[", 3, "a value or *"),
        ("a OR", 4, "ended"),
        ("OR a", 0, "found OR"),
        ("a AND OR b", 6, "found OR"),
        ("NOT", 3, "ended"),
        (":x", 0, "expected a word"),
        ("a\\", 2, "after '\\'"),
        ("größe (", 9, "ended"),
        ("n:(a", 2, "not closed"),
        ("n:()", 3, "expected a word"),
        ("n:(a OR)", 7, "expected a word"),
        ("n:(a OR >)", 9, "a value after 'n:>'"),
        ("n:(a b))", 7, "without a '('"),
        ("größe:(a", 8, "not closed"),
    ] {
        match parse(text) {
            Ok(search) => panic!("{text} was taken as {}", show(&search)),
            Err(error) => {
                assert!(error.message.contains(part), "{text}: {error}");
                assert_eq!(error.offset, offset, "{text}: {error}");
            }
        }
    }
}

#[test]
fn hostile_texts_are_bounded() {
    let deep = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(DEPTH_MAX)).is_ok());
    for text in [
        deep(DEPTH_MAX + 1),
        "(".repeat(SEARCH_BYTES_MAX),
        "-".repeat(SEARCH_BYTES_MAX),
        format!("{}a", "NOT ".repeat(4000)),
        format!("{}a", "-(".repeat(4000)),
        format!("n:{}", "(".repeat(4000)),
        format!("n:({}a", "NOT ".repeat(4000)),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(error.message.contains("deeper than 32"), "{error}");
    }
    assert!(parse(&"a ".repeat(TERMS_MAX)).is_ok());
    for text in ["a ".repeat(TERMS_MAX + 1), format!("f:{}", "a,".repeat(TERMS_MAX + 1))] {
        assert!(parse(&text).unwrap_err().message.contains("more than 256"), "{text}");
    }
    let error = parse(&"a".repeat(SEARCH_BYTES_MAX + 1)).unwrap_err();
    assert!(error.message.contains("16385 bytes long"), "{error}");
}

#[test]
fn no_text_makes_the_parser_panic() {
    // every text of up to four of the characters and words that mean something
    let tokens = ["a", " ", "(", ")", "\"", ":", "*", "\\", "-", "[", "]", ",", ">", " TO ", " OR ", "NOT ", "ü"];
    let mut count = 0;
    for i in 0..tokens.len().pow(4) {
        let mut text = String::new();
        let mut rest = i;
        for _ in 0..4 {
            text.push_str(tokens[rest % tokens.len()]);
            rest /= tokens.len();
        }
        if let Err(error) = parse(&text) {
            assert!(error.offset <= text.len() && text.is_char_boundary(error.offset), "{text:?}: {error}");
        }
        count += 1;
    }
    assert_eq!(count, 83_521);
}
