use super::*;

fn panel(id: &str, query: Query, view: View) -> Panel {
    Panel {
        id: id.into(),
        title: "T".into(),
        at: Place { x: 0, y: 0, w: 12, h: 8 },
        query,
        view,
        unit: "ms".into(),
        warn: Some(1.5),
        bad: None,
    }
}

fn document() -> Document {
    let variable = |name: &str, values| Variable {
        name: name.into(),
        label: "L".into(),
        multi: true,
        default: vec!["a".into()],
        values,
    };
    let mut document = Document {
        description: "what it is for".into(),
        variables: vec![
            variable("text", Values::Text),
            variable("list", Values::List(vec!["a".into(), "b".into()])),
            variable("field", Values::Field { table: "logs".into(), field: "http.route".into() }),
            variable("sql", Values::Sql("SELECT 1".into())),
        ],
        panels: vec![
            panel("p1", Query::Counts { search: "a".into(), by: "service".into() }, View::Columns),
            panel("p2", Query::Counts { search: String::new(), by: String::new() }, View::Line),
            panel("p3", Query::Lines { search: "b".into() }, View::Log),
            panel("p4", Query::Sql("SELECT 1".into()), View::Value),
        ],
    };
    let compact = document.layout().compact();
    document.arrange(&compact);
    document
}

fn check_flaw(text: &str, place: &str, kind: FlawKind) {
    assert_eq!(read(text).map(|_| ()), Err(Flaw { place: place.into(), kind }), "{text}");
}

#[test]
fn an_exported_file_is_read_again() {
    assert_eq!(read(&exported("Mine", &document())), Ok((Some("Mine".into()), document())));
    assert_eq!(document_of(&document_json(&Document::default())), Ok((None, Document::default())));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    use FlawKind::*;
    check_flaw("{\"format\": 1,\n x}", "2:2", Syntax("key must be a string".into()));
    check_flaw("[]", "", Type("object"));
    check_flaw("{}", "format", Missing);
    check_flaw("{\"format\": 2, \"new\": 1}", "format", Format(2));
    check_flaw("{\"format\": \"1\"}", "format", OneOf("1".into()));
    check_flaw("{\"format\": 1, \"tags\": []}", "tags", Unknown("tags".into()));
    check_flaw("{\"format\": 1, \"panels\": {}}", "panels", Type("list"));
    let of_panel = |panel: &str| format!("{{\"format\": 1, \"panels\": [{panel}]}}");
    let whole = r#""id": "a", "view": "log", "query": {"lines": ""}"#;
    check_flaw(&of_panel("1"), "panels[0]", Type("object"));
    check_flaw(&of_panel(&format!("{{{whole}}}")), "panels[0].at", Missing);
    let at = r#""at": {"x": 0, "y": 0, "w": 25, "h": 4}"#;
    check_flaw(&of_panel(&format!("{{{whole}, {at}}}")), "panels[0].at.w", Range("1–24".into()));
    let at = r#""at": {"x": 0, "y": 0, "w": 24, "h": 4}"#;
    let twice = format!("{{{whole}, {at}}}, {{{whole}, {at}}}");
    check_flaw(&of_panel(&twice), "panels[1].id", Twice("a".into()));
    let both = format!(r#"{{"id": "a", "view": "log", "query": {{"lines": "", "sql": ""}}, {at}}}"#);
    check_flaw(&of_panel(&both), "panels[0].query", OneField("counts, lines, sql"));
    let heat = format!(r#"{{"id": "a", "view": "heat", "query": {{"lines": ""}}, {at}}}"#);
    check_flaw(&of_panel(&heat), "panels[0].view", OneOf("log".into()));
    let by = format!(r#"{{"id": "a", "view": "log", "query": {{"lines": "", "by": "x"}}, {at}}}"#);
    check_flaw(&of_panel(&by), "panels[0].query.by", Unknown("by".into()));
    let of_variable = |variable: &str| format!("{{\"format\": 1, \"variables\": [{variable}]}}");
    check_flaw(&of_variable(r#"{"name": "a b", "text": true}"#), "variables[0].name", Name);
    check_flaw(&of_variable(r#"{"name": "a"}"#), "variables[0]", OneField("text, list, field, sql"));
    check_flaw(&of_variable(r#"{"name": "a", "field": "x"}"#), "variables[0].table", Missing);
    check_flaw(&of_variable(r#"{"name": "a", "list": ["x", 1]}"#), "variables[0].list[1]", Type("text"));
    check_flaw(&of_variable(r#"{"name": "a", "text": true, "multi": 1}"#), "variables[0].multi", Type("true or false"));
    let many = vec![r#"{"name": "a", "text": true}"#; VARIABLES_MAX + 1].join(",");
    check_flaw(&of_variable(&many), "variables", TooMany(VARIABLES_MAX));
}

#[test]
fn panels_are_added_copied_and_removed() {
    let mut document = document();
    assert_eq!(document.free_id(), "p5");
    let copy = document.duplicate("p1", "Copy");
    assert_eq!(copy.as_deref(), Some("p5"));
    assert_eq!(document.panel("p5").map(|p| (p.title.as_str(), p.at.x, p.at.y)), Some(("Copy", 12, 0)));
    document.remove("p1");
    assert_eq!(document.panel("p2").map(|p| p.at.y), Some(0), "what was below moves up");
    assert_eq!(document.free_id(), "p1");
    document.put(panel("p2", Query::Sql("x".into()), View::Table));
    assert_eq!(document.panels.len(), 4);
    assert_eq!(document.duplicate("nobody", ""), None);
}

#[test]
fn every_template_is_a_document_that_is_read_again() {
    let templates = templates();
    assert!(templates.len() >= 3);
    for template in templates {
        let Template { name, document, .. } = template;
        assert_eq!(read(&exported(name, &document)), Ok((Some(name.into()), document.clone())), "{name}");
        let choice = Choice::new();
        let window = crate::time_range::Window { from_ns: 0, to_ns: 1 };
        let environment = Environment { variables: &document.variables, choice: &choice, window };
        for panel in &document.panels {
            assert!(!panel.title.is_empty() && panel.query.views().contains(&panel.view), "{name}: {}", panel.id);
            let built = match &panel.query {
                Query::Sql(written) => sql(written, &environment),
                Query::Counts { search: written, .. } | Query::Lines { search: written } => {
                    search(written, &environment)
                }
            };
            assert!(built.is_ok(), "{name}, {}: {built:?}", panel.id);
        }
    }
}
