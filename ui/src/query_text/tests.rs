use super::*;

fn values(list: &[&str]) -> Vec<String> {
    list.iter().map(|v| (*v).to_owned()).collect()
}

#[test]
fn values_of_a_field_are_found() {
    for (text, expected) in [
        ("", &[][..]),
        ("service:checkout", &["checkout"]),
        ("service:checkout,payment \"nordpay\"", &["checkout", "payment"]),
        ("x AND service:\"a b\",c", &["a b", "c"]),
        ("service:a service:a,b", &["a", "b"]),
        ("-service:a", &[]),
        ("NOT service:a", &[]),
        ("service:a*", &[]),
        ("(service:a)", &[]),
        ("my.service:a", &[]),
        ("\"service:a\"", &[]),
        ("service\\:a", &[]),
        ("service:\"a\\\"b\\\\\"", &["a\"b\\"]),
    ] {
        assert_eq!(selected_values(text, SERVICE), values(expected), "{text}");
    }
}

#[test]
fn toggling_twice_gives_the_text_back() {
    for text in ["", "timeout", "service:a timeout", "severity:>=WARN service:a,b -env:dev", "(a OR b) c"] {
        let once = toggle_value(text, SERVICE, "new one");
        assert!(selected_values(&once, SERVICE).contains(&"new one".to_owned()), "{once}");
        assert_eq!(toggle_value(&once, SERVICE, "new one"), text);
    }
}

#[test]
fn values_are_left_out_and_taken_back() {
    assert_eq!(excluded_values("-service:a NOT service:b,c x -service:d* -k:v", SERVICE), values(&["a", "b", "c"]));
    assert_eq!(toggle_excluded("x", SERVICE, "a b"), "x -service:\"a b\"");
    assert_eq!(toggle_excluded("service:a x", SERVICE, "a"), "x -service:a");
    assert_eq!(toggle_excluded("-service:a x", SERVICE, "a"), "x");
    assert_eq!(toggle_excluded("-service:a,b x", SERVICE, "a"), "-service:b x");
    assert_eq!(toggle_excluded("-service:a x NOT service:b", SERVICE, "b"), "-service:a x");
}

#[test]
fn a_changed_term_keeps_its_place() {
    assert_eq!(toggle_value("service:a timeout", SERVICE, "b"), "service:a,b timeout");
    assert_eq!(toggle_value("x service:a,b y", SERVICE, "a"), "x service:b y");
    assert_eq!(toggle_value("x AND service:a AND y", SERVICE, "a"), "x y");
}

#[test]
fn an_outer_or_is_put_in_parentheses() {
    assert_eq!(toggle_value("a OR b", SERVICE, "x"), "(a OR b) service:x");
    assert_eq!(with_term("a OR b", "k", "v", true), "(a OR b) -k:v");
    assert_eq!(without_field("a OR service:b", SERVICE), "a OR service:b");
}

#[test]
fn values_are_quoted_when_they_must() {
    for (value, written) in [
        ("plain-1.2/x:y", "plain-1.2/x:y"),
        ("", "\"\""),
        ("two words", "\"two words\""),
        ("a,b", "\"a,b\""),
        ("a*", "\"a*\""),
        (">5", "\">5\""),
        ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("c:\\dir", "\"c:\\\\dir\""),
        ("日志", "日志"),
    ] {
        assert_eq!(quote_value(value), written);
        assert_eq!(selected_values(&format!("k:{written}"), "k"), values(&[value]), "{written}");
    }
}

#[test]
fn filters_narrow_and_do_not_contradict() {
    assert_eq!(with_term("", "http.route", "/cart", false), "http.route:/cart");
    assert_eq!(with_term("http.route:/x y", "http.route", "/cart", false), "http.route:/cart y");
    assert_eq!(with_term("-k:v y", "k", "v", false), "y k:v");
    assert_eq!(with_term("k:v y", "k", "v", true), "y -k:v");
    assert_eq!(with_term("-k:v", "k", "v", true), "-k:v");
    assert_eq!(with_term("-k:v", "k", "w", true), "-k:v -k:w");
    assert_eq!(with_term("", "odd key:x", "v", false), "\"odd key:x\":v");
    assert_eq!(with_term("\"odd key:x\":v", "odd key:x", "w", false), "\"odd key:x\":w");
}

#[test]
fn levels_follow_the_terms() {
    use Level::*;
    for (text, expected) in [
        ("timeout", None),
        ("severity:>=WARN", Some(vec![Warn, Error, Fatal])),
        ("severity:>warning", Some(vec![Error, Fatal])),
        ("severity:<=debug", Some(vec![Trace, Debug])),
        ("severity:INFO,error", Some(vec![Info, Error])),
        ("severity:>=WARN severity:<FATAL", Some(vec![Warn, Error])),
        ("-severity:>=TRACE", Some(vec![Unset])),
        ("-severity:INFO", Some(vec![Unset, Trace, Debug, Warn, Error, Fatal])),
        ("(severity:INFO)", None),
    ] {
        assert_eq!(selected_levels(text), expected, "{text}");
    }
}

#[test]
fn toggling_levels_writes_the_shortest_term() {
    for (text, level, expected) in [
        ("", Level::Error, "severity:ERROR"),
        ("severity:ERROR x", Level::Fatal, "severity:>=ERROR x"),
        ("severity:>=ERROR x", Level::Warn, "severity:>=WARN x"),
        ("severity:>=WARN x", Level::Error, "severity:WARN,FATAL x"),
        ("severity:>=DEBUG", Level::Trace, ""),
        ("severity:ERROR x", Level::Error, "x"),
        ("x", Level::Unset, "x -severity:>=TRACE"),
        ("x -severity:>=TRACE", Level::Unset, "x"),
        ("x -severity:>=TRACE", Level::Info, "x severity:INFO"),
        ("", Level::Fatal, "severity:FATAL"),
    ] {
        assert_eq!(toggle_level(text, level), expected, "{text} {level:?}");
    }
}

#[test]
fn spans_are_the_text_cut_by_kind() {
    use SpanKind::*;
    let text = "service:checkout,payment severity:>=WARN \"nordpay\" -http.route:/healthz code:500 pay (a OR b)";
    let cut: Vec<(SpanKind, &str)> = spans(text).iter().map(|s| (s.kind, s.text)).collect();
    assert_eq!(cut[0], (Key, "service:"));
    assert_eq!(cut[1], (Value, "checkout,payment"));
    for expected in [
        (Key, "severity:"),
        (Value, ">=WARN"),
        (Quoted, "\"nordpay\""),
        (Minus, "-"),
        (Key, "http.route:"),
        (Value, "/healthz"),
        (Number, "500"),
        (Plain, "pay"),
        (Key, "OR"),
    ] {
        assert!(cut.contains(&expected), "{expected:?} in {cut:?}");
    }
}

#[test]
fn no_text_is_lost_or_refused() {
    for text in [
        "",
        " ",
        "\"open",
        "a:\"open",
        "((",
        ")",
        "a)b",
        "-",
        "- a",
        "--a",
        "a-b",
        ":",
        "a:",
        "a:,",
        "a:>=",
        "a:[1 TO",
        "\\",
        "a\\",
        "a:b\\",
        "http://x.y/z",
        "日:志 \u{a0}x",
        "NOT",
        "AND OR",
        "\"\":x",
        "a:\"b\"c",
    ] {
        let joined: String = spans(text).iter().map(|s| s.text).collect();
        assert_eq!(joined, text);
        for change in [toggle_value(text, SERVICE, "x"), toggle_level(text, Level::Warn), without_field(text, "a")] {
            let again: String = spans(&change).iter().map(|s| s.text).collect();
            assert_eq!(again, change);
        }
    }
}

#[test]
fn only_positive_free_text_is_marked() {
    for (text, expected) in [
        ("timeout \"conn reset\" -skip NOT not k:v", &["timeout", "conn reset"][..]),
        ("conn*reset", &["conn", "reset"]),
        ("(a OR b) -c d", &["a", "b", "d"]),
        ("http://x", &["http://x"]),
    ] {
        assert_eq!(body_terms(text), values(expected), "{text}");
    }
}

#[test]
fn hits_are_cut_out_in_either_case() {
    let hits = |text, terms: &[&str]| -> Vec<(String, bool)> {
        mark(text, &values(terms)).iter().map(|s| (s.text.to_owned(), s.hit)).collect()
    };
    let own =
        |list: &[(&str, bool)]| -> Vec<(String, bool)> { list.iter().map(|(t, h)| ((*t).to_owned(), *h)).collect() };
    assert_eq!(hits("a NordPay b", &["nordpay"]), own(&[("a ", false), ("NordPay", true), (" b", false)]));
    assert_eq!(hits("aaa", &["a"]), own(&[("a", true), ("a", true), ("a", true)]));
    assert_eq!(hits("größe größe", &["größe"]), own(&[("größe", true), (" ", false), ("größe", true)]));
    assert_eq!(hits("ö", &["x", ""]), own(&[("ö", false)]));
    assert_eq!(hits("", &["x"]), own(&[]));
}
