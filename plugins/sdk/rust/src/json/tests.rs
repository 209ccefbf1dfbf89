use super::*;

#[test]
fn fields_of_all_kinds_are_found() {
    let text = r#" {"a": "x", "b":-12,"c":1.5e3 , "d":true,"e":false,"f":null,"g":[1,[2]],"h":{"i":"}"}} "#;
    assert_eq!(get(text, "a"), Some(Value::String("x")));
    assert_eq!(get(text, "b").unwrap().as_i64(), Some(-12));
    assert_eq!(get(text, "c").unwrap().as_f64(), Some(1500.0));
    assert_eq!(get(text, "c").unwrap().as_i64(), None);
    assert_eq!(get(text, "d"), Some(Value::Bool(true)));
    assert_eq!(get(text, "e").unwrap().as_bool(), Some(false));
    assert_eq!(get(text, "f"), Some(Value::Null));
    assert_eq!(get(text, "g"), Some(Value::Array("[1,[2]]")));
    assert_eq!(get(text, "h"), Some(Value::Object(r#"{"i":"}"}"#)));
    assert_eq!(get(text, "h.i"), Some(Value::String("}")));
    assert_eq!(get(text, "h.j"), None);
    assert_eq!(get(text, "a.j"), None);
}

#[test]
fn paths_lead_through_objects_and_keys_may_have_full_stops() {
    let text = r#"{"http":{"x":0,"request.id":"r","status":200},"http.route":"/a","a":{"b":{"c":1}}}"#;
    let paths = ["http.status", "http.route", "http.request.id", "a.b.c", "a.b", "a.x"];
    let [status, route, id, c, b, x] = fields(text, &paths).unwrap();
    assert_eq!(status.unwrap().as_i64(), Some(200));
    assert_eq!(route, Some(Value::String("/a")));
    assert_eq!(id, Some(Value::String("r")));
    assert_eq!(c.unwrap().as_i64(), Some(1));
    assert_eq!(b, Some(Value::Object(r#"{"c":1}"#)));
    assert_eq!(x, None);
}

#[test]
fn of_keys_that_come_twice_the_first_counts() {
    assert_eq!(get(r#"{"a":1,"a":2}"#, "a").unwrap().as_i64(), Some(1));
}

#[test]
fn escapes_are_read_in_values_and_in_keys() {
    let text = r#"{"a\"b":"q\"\\\/\b\f\n\r\tz","\u0061\u00e9":"\u00e9\ud83d\ude42 \ud83d! \u12"}"#;
    assert_eq!(get(text, "a\"b").unwrap().as_str().unwrap(), "q\"\\/\u{8}\u{c}\n\r\tz");
    assert_eq!(get(text, "aé").unwrap().as_str().unwrap(), "é🙂 \u{fffd}! \u{fffd}12");
    assert_eq!(get(r#"{"a\\":1,"b":2}"#, "b").unwrap().as_i64(), Some(2));
}

#[test]
fn long_strings_are_jumped_over_wherever_their_quotes_are() {
    for length in 0..70 {
        let text = format!(r#"{{"x":"{}\"","y":["{}]\\"],"z":7}}"#, "é".repeat(length), "{".repeat(length));
        assert_eq!(get(&text, "z").unwrap().as_i64(), Some(7), "{length}");
        let x = get(&text, "x").unwrap().as_str().unwrap().into_owned();
        assert_eq!(x, "é".repeat(length) + "\"");
    }
}

#[test]
fn what_is_no_object_has_no_fields() {
    for text in [
        "",
        " ",
        "x",
        "1",
        "\"a\"",
        "[]",
        "[{\"a\":1}]",
        "{",
        "{\"",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":\"x}",
        "{\"a\":[1}",
        "{\"a\":{\"b\":1}",
        "{} x",
        "{\"a\":}",
        "{\"a\":1 2}",
        "{\"a\":\"\\",
        "{\"a\":\"x\\\"}",
        "{\"a\":1\"b\":2}",
    ] {
        assert_eq!(fields(text, &["zzz"]), None, "{text}");
    }
    assert_eq!(fields("{}", &["zzz"]), Some([None]));
    assert_eq!(fields(" {\"a\":{}}\n", &["zzz"]), Some([None]));
}

#[test]
fn a_value_that_is_none_breaks_the_text_where_it_is_asked_for() {
    assert_eq!(get(r#"{"a":truth}"#, "a"), None);
    assert_eq!(get(r#"{"a":xyz,"b":1}"#, "a"), None);
}

#[test]
fn items_of_arrays_are_given_one_by_one() {
    let text = r#"{"a":["x", 1 ,[2,3],{"b":"]"}],"b":[],"c":"no"}"#;
    let items: Vec<_> = get(text, "a").unwrap().items().collect();
    let expected = [Value::String("x"), Value::Number("1"), Value::Array("[2,3]"), Value::Object(r#"{"b":"]"}"#)];
    assert_eq!(items, expected);
    assert_eq!(get(text, "b").unwrap().items().count(), 0);
    assert_eq!(get(text, "c").unwrap().items().count(), 0);
}

#[test]
fn what_is_quoted_is_read_back() {
    for text in ["", "a", "\"\\\n\r\t\u{8}\u{1f}\u{0}", "größe 🙂 / \u{2028}"] {
        let mut json = "{\"a\":".to_owned();
        quote(&mut json, text);
        json.push('}');
        assert_eq!(get(&json, "a").unwrap().as_str().unwrap(), text);
    }
    let mut json = String::new();
    quote(&mut json, "\u{1}\u{1f}");
    assert_eq!(json, "\"\\u0001\\u001f\"");
}
