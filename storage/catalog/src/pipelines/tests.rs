use super::*;
use crate::limits::AUDIT_VALUE_BYTES_MAX;
use crate::test_support::{SECOND, T0, actor, catalog, open, plugin_version};
use lincei_model::ErrorCode;

fn other() -> Actor {
    Actor::new("bob", "192.0.2.8")
}

fn steps(operator: &str) -> Value {
    json!([{ "name": "a", "operator": operator, "config": { "n": 1 } }])
}

#[test]
fn pipelines_outlive_the_program() {
    let (folder, catalog) = catalog();
    assert!(catalog.pipelines().unwrap().is_empty());
    assert_eq!(catalog.pipeline("logs").unwrap(), None);
    let first = catalog.set_pipeline(&actor(), "logs", steps("set"), 0, T0).unwrap();
    let pipeline = |signal: &str, revision, steps, updated_ns, updated_by: &str| StoredPipeline {
        signal: signal.to_owned(),
        revision,
        steps,
        updated_ns,
        updated_by: updated_by.to_owned(),
    };
    assert_eq!(first, pipeline("logs", 1, steps("set"), T0, "alice"));
    let second = catalog.set_pipeline(&other(), "logs", steps("drop"), 1, T0 + SECOND).unwrap();
    assert_eq!(second, pipeline("logs", 2, steps("drop"), T0 + SECOND, "bob"));
    let spans = catalog.set_pipeline(&actor(), "spans", json!([]), 0, T0).unwrap();
    let metrics = catalog.set_pipeline(&actor(), "metrics", json!([]), 0, T0).unwrap();
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.pipeline("logs").unwrap(), Some(second.clone()));
    assert_eq!(catalog.pipelines().unwrap(), [second, metrics, spans]);
}

#[test]
fn a_save_from_another_revision_is_refused_and_changes_nothing() {
    let (_folder, catalog) = catalog();
    for revision in [1, u64::MAX] {
        let error = catalog.set_pipeline(&actor(), "logs", steps("set"), revision, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict);
        let text = error.to_string();
        assert!(text.contains("never saved") && text.contains(&revision.to_string()), "{text}");
    }
    catalog.set_pipeline(&actor(), "logs", steps("set"), 0, T0).unwrap();
    let kept = catalog.set_pipeline(&other(), "logs", steps("drop"), 1, T0).unwrap();
    // also when the steps are those that are stored
    for operator in ["redact", "drop"] {
        for revision in [0, 1, 3, u64::MAX] {
            let error = catalog.set_pipeline(&actor(), "logs", steps(operator), revision, T0).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Conflict, "{revision}");
            let text = error.to_string();
            let parts = ["bob", "revision 2", "logs", &revision.to_string()];
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
    }
    assert_eq!(catalog.pipelines().unwrap(), [kept]);
}

#[test]
fn a_save_without_a_change_makes_no_revision() {
    let (_folder, catalog) = catalog();
    let first = catalog.set_pipeline(&actor(), "logs", steps("set"), 0, T0).unwrap();
    assert_eq!(catalog.set_pipeline(&other(), "logs", steps("set"), 1, T0 + SECOND).unwrap(), first);
    assert_eq!(catalog.audit(10, None).unwrap().len(), 1);
}

#[test]
fn pipelines_beyond_the_bounds_are_refused() {
    let (_folder, catalog) = catalog();
    // [{"operator":""}] has seventeen bytes
    let sized = |bytes: usize| json!([{ "operator": "x".repeat(bytes - 17) }]);
    let bad = [
        ("Logs", json!([]), "logs, spans, metrics"),
        ("", json!([]), "\"\""),
        ("rejects", json!([]), "\"rejects\""),
        ("logs", json!({}), "not a JSON array"),
        ("logs", json!(null), "not a JSON array"),
        ("logs", json!([{ "operator": "set" }, "set"]), "step 2"),
        ("logs", json!([{ "name": "a" }]), "step 1"),
        ("logs", json!([{ "operator": null }]), "step 1"),
        ("logs", sized(262_145), "262145"),
        ("logs", sized(262_145), "262144"),
    ];
    for (signal, steps, text) in bad {
        let error = catalog.set_pipeline(&actor(), signal, steps, 0, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
    assert!(catalog.pipelines().unwrap().is_empty());
    let largest = catalog.set_pipeline(&actor(), "logs", sized(262_144), 0, T0).unwrap();
    assert_eq!(catalog.pipeline("logs").unwrap(), Some(largest));
}

#[test]
fn every_plugin_of_a_step_is_an_installed_operator() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", 1), T0).unwrap();
    catalog.add_plugin_version(&actor(), plugin_version("geo", "function", 1), T0).unwrap();
    let using = |names: &[&str]| names.iter().map(|name| json!({ "operator": format!("plugin:{name}") })).collect();
    let eleven: Vec<String> = (10..21).map(|n| format!("p{n}")).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    for (names, text) in [
        (&["nope"][..], "no plugin is installed as nope;"),
        (&[""], "no plugin is installed as ;"),
        (&["b", "scrub", "a", "b"], "no plugin is installed as a, b;"),
        (&["Scrub"], "as Scrub;"),
        (&["geo"], "plugin \"geo\" is of kind \"function\""),
        (&eleven, "p18, p19 and 1 more;"),
    ] {
        let error = catalog.set_pipeline(&actor(), "logs", using(names), 0, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
    assert!(catalog.pipelines().unwrap().is_empty());
    catalog.set_pipeline(&actor(), "logs", using(&["scrub", "scrub"]), 0, T0).unwrap();
    // only the operator counts
    let elsewhere = json!([{ "operator": "set", "config": { "operator": "plugin:nope" }, "name": "plugin:nope" }]);
    catalog.set_pipeline(&actor(), "logs", elsewhere, 1, T0).unwrap();
}

#[test]
fn saves_are_audited_with_the_steps_before_and_after() {
    let (_folder, catalog) = catalog();
    catalog.set_pipeline(&actor(), "logs", steps("set"), 0, T0).unwrap();
    let secret = json!([{ "operator": "set", "config": { "api_key": "s3cr3t" } }]);
    catalog.set_pipeline(&other(), "logs", secret, 1, T0 + SECOND).unwrap();
    let log: Vec<_> = catalog.audit(10, None).unwrap().into_iter().rev().collect();
    let shown: Vec<_> = log.into_iter().map(|e| (e.time_ns, e.actor, e.action, e.target, e.before, e.after)).collect();
    let row = |time_ns, actor: &str, before, after| {
        (time_ns, actor.to_owned(), "pipeline.save".to_owned(), "pipeline/logs".to_owned(), before, after)
    };
    let first = json!({ "revision": 1, "steps": steps("set") });
    let second = json!({ "revision": 2, "steps": [{ "operator": "set", "config": { "api_key": "(secret)" } }] });
    assert_eq!(
        shown,
        [row(T0, "alice", None, Some(first.clone())), row(T0 + SECOND, "bob", Some(first), Some(second))]
    );
}

#[test]
fn steps_that_are_too_long_for_the_log_are_counted_there() {
    let (_folder, catalog) = catalog();
    // within the bound of a pipeline, and above that of an audit row: with its revision, or once each
    // secret of two bytes is blanked
    let long = json!([{ "operator": "x".repeat(PIPELINE_BYTES_MAX - 17) }]);
    let member = |n: usize| (format!("token{n}"), json!(1));
    let blanked = json!([{ "operator": "set", "config": (0..15_000).map(member).collect::<serde_json::Map<_, _>>() }]);
    assert!(blanked.to_string().len() < PIPELINE_BYTES_MAX && PIPELINE_BYTES_MAX <= AUDIT_VALUE_BYTES_MAX);
    let bytes = blanked.to_string().len();
    catalog.set_pipeline(&actor(), "logs", long, 0, T0).unwrap();
    catalog.set_pipeline(&actor(), "logs", blanked, 1, T0).unwrap();
    let row = catalog.audit(1, None).unwrap().remove(0);
    let long = json!({ "revision": 1, "steps": "1 steps of 262144 bytes, too long for the log" });
    let blanked = json!({ "revision": 2, "steps": format!("1 steps of {bytes} bytes, too long for the log") });
    assert_eq!((row.before, row.after), (Some(long), Some(blanked)));
}
