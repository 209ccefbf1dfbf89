use super::*;

fn variables() -> Vec<Variable> {
    let make = |name: &str, multi, values| Variable {
        name: name.into(),
        label: String::new(),
        multi,
        default: Vec::new(),
        values,
    };
    vec![
        make("service", true, Values::List(Vec::new())),
        make("env", false, Values::Sql("SELECT 1".into())),
        make("word", false, Values::Text),
    ]
}

fn built(
    written: &str,
    chosen: &[(&str, &[&str])],
    how: fn(&str, &Environment<'_>) -> Result<Built, BuildFlaw>,
) -> Result<Built, BuildFlaw> {
    let choice =
        chosen.iter().map(|(name, values)| ((*name).into(), values.iter().map(|v| (*v).into()).collect())).collect();
    let window = Window { from_ns: 0, to_ns: 1800 * SECOND_NS };
    how(written, &Environment { variables: &variables(), choice: &choice, window })
}

fn check(written: &str, chosen: &[(&str, &[&str])], expected: &str) {
    assert_eq!(built(written, chosen, sql).map(|b| b.text).as_deref(), Ok(expected), "{written}");
}

fn check_search(written: &str, chosen: &[(&str, &[&str])], expected: &str) {
    let text = built(written, chosen, search).map(|b| b.text.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(text.as_deref(), Ok(expected), "{written}");
}

#[test]
fn values_are_literals() {
    check("WHERE service IN ($service)", &[("service", &["a", "b"])], "WHERE service IN ('a', 'b')");
    check("env = $env", &[("env", &["it's'; DROP TABLE x --"])], "env = 'it''s''; DROP TABLE x --'");
    check("env = $env", &[("env", &["a", "b"])], "env = 'a'");
    check("body LIKE '%' || $word || '%'", &[], "body LIKE '%' || '' || '%'");
    check("$service", &[("service", &["$env", "]]"])], "'$env', ']]'");
}

#[test]
fn strings_names_and_comments_hold_no_variables() {
    let same = "SELECT '$service', 'it''s $x', \"$env\", 5 - 3, a/2, $1 -- $nothing [[\n, /* $no ' */ x[1], $, ['a']";
    check(same, &[], same);
    check("'open $x", &[], "'open $x");
    check("/* open $x", &[], "/* open $x");
}

#[test]
fn an_optional_part_goes_with_its_variables() {
    let written = "SELECT 1 FROM logs WHERE true [[AND service IN ($service)]] [[AND e = $env AND ']]' <> '']]";
    check(written, &[], "SELECT 1 FROM logs WHERE true  ");
    check(
        written,
        &[("service", &["a"]), ("env", &["b"])],
        "SELECT 1 FROM logs WHERE true AND service IN ('a') AND e = 'b' AND ']]' <> ''",
    );
    check("SELECT [[1, 2], [3]]", &[], "SELECT [[1, 2], [3]]");
    check("[[ $service", &[("service", &["a"])], "[[ 'a'");
}

#[test]
fn what_cannot_be_built_says_why_and_where() {
    let flaw = |written: &str| built(written, &[], sql).map_err(|flaw| (flaw.kind, flaw.name, flaw.at));
    assert_eq!(flaw("é $nobody"), Err((BuildKind::Unknown, "nobody".into(), 2)));
    assert_eq!(flaw("service IN ($service)"), Err((BuildKind::Empty, "service".into(), 12)));
    assert_eq!(flaw("true [[AND x = $nobody]]"), Err((BuildKind::Unknown, "nobody".into(), 15)));
    let searched = built("a $nobody", &[], search).map_err(|flaw| (flaw.kind, flaw.at));
    assert_eq!(searched, Err((BuildKind::Unknown, 2)));
}

#[test]
fn the_time_range_gives_steps_and_bounds() {
    check("date_bin($interval, time)", &[], "date_bin(INTERVAL '15 seconds', time)");
    check("count(*) / $interval_s, $range_s", &[], "count(*) / 15, 1800");
    check("$from AND $to", &[], "TIMESTAMP '1970-01-01T00:00:00Z' AND TIMESTAMP '1970-01-01T00:30:00Z'");
    let stepped = |written: &str| built(written, &[], sql).is_ok_and(|b| b.stepped);
    assert!(stepped("$interval") && stepped("$interval_s") && !stepped("$range_s"));
    for (seconds, step) in [(1, 1), (120, 1), (121, 2), (3600, 30), (86_400, 900), (30 * 86_400, 21_600)] {
        assert_eq!(interval_seconds(Window { from_ns: 0, to_ns: seconds * SECOND_NS }), step, "{seconds} s");
    }
}

#[test]
fn a_place_in_the_statement_is_found_in_what_was_written() {
    let built = built("SELECT é,\n[[ $service ]] + $env, oops", &[("service", &["aaaa"]), ("env", &["b"])], sql);
    let built = built.expect("both have values");
    assert_eq!(built.text, "SELECT é,\n 'aaaa'  + 'b', oops");
    let at = |line, column| built.written_at(SqlLocation { line, column });
    assert_eq!(at(1, 1), Some(0));
    assert_eq!(at(1, 8), Some(7), "é is one character");
    assert_eq!(at(2, 4), Some(13), "within a value: where the variable is");
    assert_eq!(at(2, 17), Some(33), "the o of oops: {:?}", &built.text.lines().nth(1).map(|l| &l[16..]));
    assert_eq!(at(0, 1), None);
}

#[test]
fn a_search_text_gets_terms() {
    let two: &[(&str, &[&str])] = &[("service", &["a", "b c"])];
    check_search("service:$service error", two, "service:a,\"b c\" error");
    check_search("-service:$service", two, "-service:a,\"b c\"");
    check_search("$service", two, "(\"a\" OR \"b c\")");
    check_search("x $word", &[("word", &["say \"hi\" -a:b"])], r#"x "say \"hi\" -a:b""#);
    check_search(r#""my key":$env "$env" \$env"#, &[("env", &["p"])], r#""my key":p "$env" \$env"#);
    check_search("status:>=$env", &[("env", &["500"])], "status:>=500");
    check_search("costs $5", &[], "costs $5");
}

#[test]
fn a_search_term_without_a_value_is_no_restriction() {
    check_search("error service:$service", &[], "error");
    check_search("service:$service", &[], "");
    check_search("-service:$service error", &[], "error");
    check_search("error AND NOT service:$service", &[], "error AND time:*");
    check_search("(service:$service OR x)", &[], "(time:* OR x)");
    check_search("NOT  service:$service AND y", &[], "time:* AND y");
}
