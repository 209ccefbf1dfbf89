use super::*;
use serde_json::json;

fn draft() -> Draft {
    let mut draft = Draft::default();
    draft.add("parse_json", first_config("parse_json", "logs"), None);
    draft.add("plugin:scrub", Value::Null, None);
    draft.add("drop", Value::Null, Some("severity:DEBUG"));
    draft
}

fn names(draft: &Draft) -> Vec<&str> {
    draft.steps.iter().map(|step| step.step.name.as_str()).collect()
}

#[test]
fn steps_are_named_for_their_operator() {
    let mut draft = draft();
    draft.add("plugin:scrub", Value::Null, None);
    assert_eq!(names(&draft), ["parse-json", "scrub", "drop", "scrub-2"]);
    assert!(draft.steps.iter().all(|step| is_name(&step.step.name)));
    draft.add(&format!("plugin:{}", "x".repeat(64)), Value::Null, None);
    draft.add(&format!("plugin:{}", "x".repeat(64)), Value::Null, None);
    assert_eq!(draft.flawed(), None);
}

#[test]
fn built_in_operators_begin_with_something_that_works() {
    let redact = first_config("redact", "logs");
    assert_eq!(redact.get("columns"), Some(&json!(["body"])));
    assert_eq!(redact.get("pattern"), Some(&json!("[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+")));
    assert_eq!(first_config("parse_json", "spans").get("source"), Some(&json!("attributes.url.full")));
    assert_eq!(first_config("set", "metrics"), json!({ "values": { "attributes.team": "payments" } }));
    assert_eq!(first_config("drop", "logs"), Value::Null);
}

#[test]
fn steps_move_and_go() {
    let mut draft = draft();
    draft.move_to(2, 0);
    assert_eq!(names(&draft), ["drop", "parse-json", "scrub"]);
    draft.move_to(2, 9);
    assert_eq!(names(&draft), ["parse-json", "scrub", "drop"]);
    draft.move_to(7, 0);
    draft.remove(1);
    assert_eq!(names(&draft), ["parse-json", "drop"]);
    assert_eq!((draft.place(2), draft.key_of("drop"), draft.place(1)), (Some(1), Some(2), None));
    assert_eq!(draft.add("set", Value::Null, None), 3, "a key is never used again");
}

#[test]
fn a_draft_is_the_same_until_it_differs() {
    let saved = draft().to_steps();
    let mut edited = Draft::of(4, saved.clone());
    assert!(!edited.differs(&saved));
    edited.configure(0, "{\"fields\": {}".into());
    assert!(edited.differs(&saved), "what cannot be read is a change");
    edited.configure(0, written(&first_config("parse_json", "logs")));
    assert!(!edited.differs(&saved));
    edited.change(2, |step| step.disabled = true);
    assert!(edited.differs(&saved));
    edited.change(2, |step| step.disabled = false);
    edited.move_to(0, 2);
    assert!(edited.differs(&saved));
}

#[test]
fn configuration_is_read_as_it_is_typed() {
    let mut draft = draft();
    draft.configure(0, "{\n  \"fields\": }".into());
    assert_eq!(draft.flaw(0), Some(Flaw::Config(2, 13, "expected value".into())));
    assert_eq!(draft.get(0).unwrap().step.config, first_config("parse_json", "logs"), "the last that could be read");
    draft.configure(0, "{\"fields\": {}}".into());
    assert_eq!((draft.flaw(0), &draft.get(0).unwrap().step.config), (None, &json!({ "fields": {} })));
    draft.configure(0, " ".into());
    assert_eq!((draft.flaw(0), &draft.get(0).unwrap().step.config), (None, &Value::Null));
}

#[test]
fn names_are_checked() {
    let mut draft = draft();
    for bad in ["", "Scrub", "a b", &"x".repeat(65)] {
        draft.rename(1, bad);
        assert_eq!(draft.flaw(1), Some(Flaw::Name), "{bad}");
    }
    draft.rename(1, "drop");
    assert_eq!((draft.flaw(1), draft.flaw(2)), (Some(Flaw::NameTwice), Some(Flaw::NameTwice)));
    draft.rename(1, "other");
    assert_eq!(draft.flawed(), None);
}

#[test]
fn routes_lead_to_steps_behind() {
    let mut draft = draft();
    draft.change(1, |step| drop(step.routes.insert("sampled".into(), "drop-debug".into())));
    assert_eq!(draft.flaw(1), Some(Flaw::Route("sampled".into(), "drop-debug".into())));
    draft.rename(2, "drop-debug");
    assert_eq!(draft.targets(1), ["next", "end", "drop", "reject", "drop-debug"]);
    assert_eq!(draft.flaw(1), None);
    draft.rename(2, "debug");
    assert_eq!(draft.get(1).unwrap().step.routes.get("sampled").unwrap(), "debug", "routes follow a new name");
    let upto = |key| draft.up_to(key).into_iter().map(|step| step.routes.get("sampled").cloned()).collect::<Vec<_>>();
    assert_eq!(upto(Some(1)), [None, Some("end".into())], "a step that is left out is no target");
    assert_eq!(upto(None), [None, Some("debug".into()), None]);
    draft.change(2, |step| step.disabled = true);
    assert_eq!(draft.flaw(1), Some(Flaw::Route("sampled".into(), "debug".into())), "a step that is off is no target");
    draft.change(2, |step| step.disabled = false);
    draft.move_to(2, 0);
    assert_eq!(draft.flaw(1), Some(Flaw::Route("sampled".into(), "debug".into())));
    draft.change(1, |step| step.disabled = true);
    assert_eq!(draft.flaw(1), None, "where a step that is off leads does not matter");
    assert_eq!([2, 0, 1].map(|key| draft.working_place(key)), [Some(0), Some(1), None]);
}
