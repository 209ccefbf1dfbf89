use super::*;
use crate::limits::{PLUGIN_HOSTS_MAX, PLUGIN_MEMORY_BYTES_MAX, PLUGIN_STATE_BYTES_MAX, PLUGIN_STATE_ENTRIES_MAX};
use crate::test_support::{SECOND, T0, actor, catalog, open, plugin_version};
use lincei_model::ErrorCode;

fn other() -> Actor {
    Actor::new("bob", "192.0.2.8")
}

fn active(new: NewPluginVersion) -> NewPluginVersion {
    NewPluginVersion { activate: true, ..new }
}

fn count(catalog: &Catalog, table: &str) -> i64 {
    catalog.on_writer(|c| sql::integer(c, &format!("SELECT count(*) FROM {table}"), []).unwrap())
}

/// Actor, action, target, before and after.
type Audited = (String, String, String, Option<Value>, Option<Value>);

/// All that was audited, oldest first.
fn audited(catalog: &Catalog) -> Vec<Audited> {
    let log = catalog.audit(100, None).unwrap().into_iter().rev();
    log.map(|e| (e.actor, e.action, e.target, e.before, e.after)).collect()
}

#[test]
fn plugins_and_versions_outlive_the_program() {
    let (folder, catalog) = catalog();
    assert_eq!(catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", 7), T0).unwrap(), 1);
    let second = NewPluginVersion { runtime: PluginRuntime::Python, ..plugin_version("scrub", "operator", 7) };
    assert_eq!(catalog.add_plugin_version(&other(), active(second), T0 + SECOND).unwrap(), 2);
    assert_eq!(catalog.add_plugin_version(&actor(), plugin_version("geo", "function", 5), T0).unwrap(), 1);
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    let plugin = |name: &str, kind: &str, active_version| InstalledPlugin {
        name: name.to_owned(),
        kind: kind.to_owned(),
        active_version,
        enabled: true,
        limits: json!({ "call_cpu_ms": 100 }),
        config: json!({}),
        hosts: Vec::new(),
        created_ns: T0,
    };
    assert_eq!(catalog.plugins().unwrap(), [plugin("geo", "function", 1), plugin("scrub", "operator", 2)]);
    assert_eq!(catalog.plugin("scrub").unwrap(), Some(plugin("scrub", "operator", 2)));
    let version = |version, runtime, created_ns, created_by: &str| StoredPluginVersion {
        version,
        runtime,
        sha256: format!("{:0>64}", 7),
        bytes: 1000,
        description: json!({ "version": "7" }),
        created_ns,
        created_by: created_by.to_owned(),
    };
    let first = version(1, PluginRuntime::Wasm, T0, "alice");
    let second = version(2, PluginRuntime::Python, T0 + SECOND, "bob");
    assert_eq!(catalog.plugin_versions("scrub").unwrap(), [second.clone(), first.clone()]);
    assert_eq!(catalog.plugin_version("scrub", 1).unwrap(), Some(first));
    assert_eq!(catalog.plugin_version("scrub", 2).unwrap(), Some(second));
    assert_eq!(catalog.plugin_blobs().unwrap(), [format!("{:0>64}", 5), format!("{:0>64}", 7)], "each once");
    assert!(catalog.integrity().unwrap().is_empty());
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", 1), T0).unwrap();
    assert_eq!(catalog.plugin("nope").unwrap(), None);
    for (name, version) in [("nope", 1), ("scrub", 0), ("scrub", 2), ("scrub", u64::MAX)] {
        assert_eq!(catalog.plugin_version(name, version).unwrap(), None, "{name}/{version}");
        let error = catalog.activate_plugin_version(&actor(), name, version, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotFound, "{name}/{version}");
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(catalog.plugin_state("nope").unwrap(), []);
    assert_eq!(catalog.plugin_memory("nope").unwrap(), None);
    let errors = [
        catalog.plugin_versions("nope").unwrap_err(),
        catalog.configure_plugin(&actor(), "nope", PluginChange::default(), T0).unwrap_err(),
        catalog.delete_plugin(&actor(), "nope", T0).unwrap_err(),
        catalog.set_plugin_state("nope", &[]).unwrap_err(),
        catalog.set_plugin_state("nope", &[("k".to_owned(), vec![1])]).unwrap_err(),
        catalog.set_plugin_memory("nope", Some(b"m"), T0).unwrap_err(),
        catalog.set_plugin_memory("nope", None, T0).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), ErrorCode::NotFound, "{error}");
        assert_eq!(error.to_string(), "no plugin \"nope\"");
    }
    assert_eq!(audited(&catalog).len(), 1, "only the upload");
}

#[test]
fn a_version_takes_over_only_when_asked_unless_it_is_the_first() {
    let (_folder, catalog) = catalog();
    let active_version = || catalog.plugin("scrub").unwrap().unwrap().active_version;
    for (new, version, expected) in [
        (plugin_version("scrub", "operator", 1), 1, 1),
        (plugin_version("scrub", "operator", 2), 2, 1),
        (active(plugin_version("scrub", "operator", 3)), 3, 3),
        // the same bytes again: no new version
        (plugin_version("scrub", "operator", 2), 2, 3),
        (active(plugin_version("scrub", "operator", 2)), 2, 2),
        (active(plugin_version("scrub", "operator", 2)), 2, 2),
        (plugin_version("scrub", "operator", 4), 4, 2),
    ] {
        assert_eq!(catalog.add_plugin_version(&actor(), new, T0).unwrap(), version);
        assert_eq!(active_version(), expected, "after version {version}");
    }
    assert_eq!(catalog.plugin_versions("scrub").unwrap().len(), 4);
    for version in [4, 1, 1] {
        let plugin = catalog.activate_plugin_version(&actor(), "scrub", version, T0).unwrap();
        assert_eq!((plugin.active_version, active_version()), (version, version));
        assert_eq!(catalog.plugin("scrub").unwrap(), Some(plugin));
    }
}

#[test]
fn limits_of_an_upload_count_for_a_new_plugin_alone() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", 1), T0).unwrap();
    let generous = NewPluginVersion { limits: json!({ "call_cpu_ms": 9 }), ..plugin_version("scrub", "operator", 2) };
    catalog.add_plugin_version(&actor(), active(generous), T0).unwrap();
    assert_eq!(catalog.plugin("scrub").unwrap().unwrap().limits, json!({ "call_cpu_ms": 100 }));
}

#[test]
fn a_plugin_does_not_change_its_kind() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", 1), T0).unwrap();
    for n in [1, 2] {
        let new = active(plugin_version("scrub", "function", n));
        let error = catalog.add_plugin_version(&actor(), new, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict);
        let text = error.to_string();
        assert!(["scrub", "operator", "function", "another name"].iter().all(|part| text.contains(part)), "{text}");
    }
    assert_eq!(catalog.plugin_versions("scrub").unwrap().len(), 1);
}

/// `{"k":""}` has eight bytes.
fn sized(bytes: usize) -> Value {
    json!({ "k": "x".repeat(bytes - 8) })
}

#[test]
fn uploads_beyond_the_bounds_are_refused() {
    let (_folder, catalog) = catalog();
    let good = || plugin_version("scrub", "operator", 1);
    let named = |plugin: &str| NewPluginVersion { plugin: plugin.to_owned(), ..good() };
    let of_kind = |kind: &str| NewPluginVersion { kind: kind.to_owned(), ..good() };
    let hashed = |sha256: String| NewPluginVersion { sha256, ..good() };
    let described = |description: Value| NewPluginVersion { description, ..good() };
    let limited = |limits: Value| NewPluginVersion { limits, ..good() };
    let bad = [
        (named(""), "1 to 64"),
        (named(&"a".repeat(65)), "1 to 64"),
        (named("Scrub"), "\"Scrub\""),
        (named("a b"), "a-z"),
        (named("a/b"), "a-z"),
        (named("ä"), "a-z"),
        (of_kind(""), "none of operator"),
        (of_kind("Operator"), "\"Operator\""),
        (of_kind("channel"), "escalation"),
        (hashed("0".repeat(63)), "64 lower-case"),
        (hashed("0".repeat(65)), "64 lower-case"),
        (hashed("A".repeat(64)), "64 lower-case"),
        (hashed("g".repeat(64)), "64 lower-case"),
        (hashed("../".repeat(22)), "64 lower-case"),
        (described(json!([])), "description of a plugin is not"),
        (described(sized(65_537)), "65537"),
        (limited(json!(null)), "limits of a plugin is not"),
        (limited(sized(65_537)), "65536"),
    ];
    for (new, text) in bad {
        let error = catalog.add_plugin_version(&actor(), new, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
        assert!(error.to_string().len() < 300, "{error}");
    }
    assert_eq!((count(&catalog, "plugins"), audited(&catalog).len()), (0, 0));
    for kind in ["operator", "function", "rule", "notifier", "escalation"] {
        let largest = NewPluginVersion {
            plugin: format!("{kind}-{}", "a0-".repeat(21).get(kind.len() + 1..).unwrap()),
            description: sized(65_536),
            limits: sized(65_536),
            ..of_kind(kind)
        };
        assert_eq!(catalog.add_plugin_version(&actor(), largest, T0).unwrap(), 1);
    }
    assert_eq!(catalog.add_plugin_version(&actor(), named(&"a".repeat(64)), T0).unwrap(), 1);
}

#[test]
fn the_five_hundred_and_first_plugin_is_refused() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("last", "rule", 1), T0).unwrap();
    catalog.on_writer(|connection| {
        let insert = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
                      INSERT INTO plugins SELECT 'p' || i, 'rule', 1, 1, '{}', '{}', '[]', 0 FROM n";
        assert_eq!(connection.execute(insert, []).unwrap(), 499);
    });
    let error = catalog.add_plugin_version(&actor(), plugin_version("more", "rule", 2), T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(error.to_string().contains("500") && error.to_string().contains("delete one"), "{error}");
    assert_eq!(catalog.add_plugin_version(&actor(), plugin_version("last", "rule", 2), T0).unwrap(), 2);
    catalog.delete_plugin(&actor(), "last", T0).unwrap();
    catalog.add_plugin_version(&actor(), plugin_version("more", "rule", 2), T0).unwrap();
}

#[test]
fn the_two_hundred_and_first_version_is_refused_and_none_goes() {
    let (_folder, catalog) = catalog();
    for n in 1..=200 {
        assert_eq!(catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", n), T0).unwrap(), n);
    }
    let error = catalog.add_plugin_version(&actor(), active(plugin_version("scrub", "operator", 201)), T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    let text = error.to_string();
    assert!(["scrub", "200", "another name"].iter().all(|part| text.contains(part)), "{text}");
    assert_eq!(catalog.plugin_versions("scrub").unwrap().len(), 200);
    assert_eq!(catalog.plugin("scrub").unwrap().unwrap().active_version, 1, "the refused one did not take over");
    let known = active(plugin_version("scrub", "operator", 200));
    assert_eq!(catalog.add_plugin_version(&actor(), known, T0).unwrap(), 200, "what is there needs no room");
}

#[test]
fn all_versions_together_have_a_bound() {
    let (_folder, catalog) = catalog();
    let large = |plugin: &str, n, bytes| NewPluginVersion { bytes, ..plugin_version(plugin, "function", n) };
    // 3 GiB and 1 GiB are the 4 GiB that are allowed
    catalog.add_plugin_version(&actor(), large("a", 1, 3 << 30), T0).unwrap();
    for bytes in [(1 << 30) + 1, u64::MAX] {
        for plugin in ["a", "b"] {
            let error = catalog.add_plugin_version(&actor(), large(plugin, 2, bytes), T0).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
            assert!(error.to_string().contains("at most 4294967296"), "{error}");
        }
    }
    assert_eq!(catalog.plugin("b").unwrap(), None, "a plugin without a version does not stay");
    catalog.add_plugin_version(&actor(), large("b", 2, 1 << 30), T0).unwrap();
    catalog.add_plugin_version(&actor(), large("b", 3, 1), T0).unwrap_err();
    catalog.delete_plugin(&actor(), "a", T0).unwrap();
    catalog.add_plugin_version(&actor(), large("b", 3, 1), T0).unwrap();
}

#[test]
fn a_change_leaves_what_it_does_not_name_and_outlives_the_program() {
    let (folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("pager", "notifier", 1), T0).unwrap();
    let installed = catalog.plugin("pager").unwrap().unwrap();
    let change = || PluginChange::default();
    let hosts = vec!["api.example.com".to_owned(), "http://127.0.0.1:8080".to_owned()];
    let disabled = InstalledPlugin { enabled: false, ..installed };
    let configured = InstalledPlugin { config: json!({ "a": [1] }), ..disabled.clone() };
    let limited = InstalledPlugin { limits: json!({}), ..configured.clone() };
    let opened = InstalledPlugin { hosts: hosts.clone(), enabled: true, ..limited.clone() };
    for (step, expected) in [
        (PluginChange { enabled: Some(false), ..change() }, &disabled),
        (PluginChange { config: Some(json!({ "a": [1] })), ..change() }, &configured),
        (PluginChange { limits: Some(json!({})), ..change() }, &limited),
        (PluginChange { hosts: Some(hosts), enabled: Some(true), ..change() }, &opened),
        (change(), &opened),
    ] {
        assert_eq!(&catalog.configure_plugin(&actor(), "pager", step, T0).unwrap(), expected);
        assert_eq!(catalog.plugin("pager").unwrap().as_ref(), Some(expected));
    }
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.plugin("pager").unwrap(), Some(opened));
}

#[test]
fn changes_beyond_the_bounds_are_refused_whole() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("pager", "notifier", 1), T0).unwrap();
    let before = catalog.plugin("pager").unwrap();
    let config = |config| PluginChange { config: Some(config), enabled: Some(false), ..PluginChange::default() };
    let limits = |limits| PluginChange { limits: Some(limits), enabled: Some(false), ..PluginChange::default() };
    let hosts = |hosts: Vec<String>| PluginChange { hosts: Some(hosts), enabled: Some(false), ..Default::default() };
    let host = |host: &str| hosts(vec!["good.example".to_owned(), host.to_owned()]);
    let bad = [
        (config(json!("x")), "config of a plugin is not"),
        (config(sized(65_537)), "65536"),
        (limits(json!([])), "limits of a plugin is not"),
        (limits(sized(65_537)), "65537"),
        (hosts(vec!["a".to_owned(); PLUGIN_HOSTS_MAX + 1]), "101 hosts, at most 100"),
        (host(""), "\"\""),
        (host("a b"), "\"a b\""),
        (host("a\nb"), "visible"),
        (host("münchen.example"), "ASCII"),
        (host("https://user:pass@example.com"), "'@'"),
        (host(&"a".repeat(271)), "270"),
    ];
    for (change, text) in bad {
        let error = catalog.configure_plugin(&actor(), "pager", change, T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
    assert_eq!(catalog.plugin("pager").unwrap(), before);
    let largest = PluginChange {
        config: Some(sized(65_536)),
        limits: Some(sized(65_536)),
        hosts: Some(vec!["a".repeat(270); PLUGIN_HOSTS_MAX]),
        enabled: None,
    };
    catalog.configure_plugin(&actor(), "pager", largest, T0).unwrap();
}

#[test]
fn every_change_is_audited_and_a_configuration_is_not_shown() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("pager", "notifier", 1), T0).unwrap();
    catalog.add_plugin_version(&other(), plugin_version("pager", "notifier", 2), T0).unwrap();
    catalog.add_plugin_version(&other(), plugin_version("pager", "notifier", 2), T0).unwrap();
    catalog.add_plugin_version(&other(), active(plugin_version("pager", "notifier", 2)), T0).unwrap();
    catalog.activate_plugin_version(&actor(), "pager", 1, T0).unwrap();
    catalog.activate_plugin_version(&actor(), "pager", 1, T0).unwrap();
    let change = PluginChange {
        limits: Some(json!({ "call_cpu_ms": 5 })),
        config: Some(json!({ "number": "+49 30 1234" })),
        hosts: Some(vec!["a.example".to_owned()]),
        enabled: Some(false),
    };
    catalog.configure_plugin(&actor(), "pager", change.clone(), T0).unwrap();
    catalog.configure_plugin(&actor(), "pager", change, T0).unwrap();
    catalog.configure_plugin(&actor(), "pager", PluginChange::default(), T0).unwrap();
    let enable = PluginChange { enabled: Some(true), ..PluginChange::default() };
    catalog.configure_plugin(&actor(), "pager", enable, T0).unwrap();
    catalog.set_plugin_state("pager", &[("k".to_owned(), vec![1])]).unwrap();
    catalog.set_plugin_memory("pager", Some(b"m"), T0).unwrap();
    catalog.delete_plugin(&other(), "pager", T0).unwrap();
    let row = |actor: &str, action: &str, before: Option<Value>, after: Option<Value>| {
        (actor.to_owned(), action.to_owned(), "plugin/pager".to_owned(), before, after)
    };
    let upload = |version: u64, active: bool| {
        let sha256 = format!("{version:064x}");
        json!({ "kind": "notifier", "version": version, "runtime": "wasm", "sha256": sha256, "bytes": 1000,
                "active": active })
    };
    let expected = [
        row("alice", "plugin.upload", None, Some(upload(1, true))),
        row("bob", "plugin.upload", None, Some(upload(2, false))),
        row("bob", "plugin.activate", Some(json!({ "version": 1 })), Some(json!({ "version": 2 }))),
        row("alice", "plugin.activate", Some(json!({ "version": 2 })), Some(json!({ "version": 1 }))),
        row(
            "alice",
            "plugin.configure",
            Some(json!({ "limits": { "call_cpu_ms": 100 }, "hosts": [], "enabled": true })),
            Some(json!({ "limits": { "call_cpu_ms": 5 }, "hosts": ["a.example"], "enabled": false,
                         "config": "changed" })),
        ),
        row("alice", "plugin.configure", Some(json!({ "enabled": false })), Some(json!({ "enabled": true }))),
        row("bob", "plugin.delete", Some(json!({ "kind": "notifier", "version": 1, "versions": 2 })), None),
    ];
    assert_eq!(audited(&catalog), expected);
}

#[test]
fn deleting_takes_versions_and_what_was_kept() {
    let (_folder, catalog) = catalog();
    for name in ["a", "b"] {
        catalog.add_plugin_version(&actor(), plugin_version(name, "operator", 1), T0).unwrap();
        catalog.set_plugin_state(name, &[("k".to_owned(), vec![1])]).unwrap();
        catalog.set_plugin_memory(name, Some(b"m"), T0).unwrap();
    }
    catalog.delete_plugin(&actor(), "a", T0).unwrap();
    for table in ["plugins", "plugin_versions", "plugin_state", "plugin_memory"] {
        assert_eq!(count(&catalog, table), 1, "{table}");
    }
    assert_eq!(catalog.plugin_blobs().unwrap().len(), 1, "the other plugin has the same bytes");
    catalog.delete_plugin(&actor(), "b", T0).unwrap();
    assert!(catalog.plugin_blobs().unwrap().is_empty());
    assert_eq!(catalog.delete_plugin(&actor(), "b", T0).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(catalog.add_plugin_version(&actor(), plugin_version("a", "rule", 1), T0).unwrap(), 1);
    assert!(catalog.plugin_state("a").unwrap().is_empty(), "a new plugin starts with nothing");
    assert_eq!(catalog.plugin_memory("a").unwrap(), None);
}

#[test]
fn a_plugin_that_a_pipeline_uses_is_not_deleted() {
    let (_folder, catalog) = catalog();
    for name in ["scrub", "other"] {
        catalog.add_plugin_version(&actor(), plugin_version(name, "operator", 1), T0).unwrap();
    }
    let steps = json!([
        { "name": "first", "operator": "parse_json" },
        { "name": "second", "operator": "plugin:scrub" },
        { "operator": "plugin:scrub", "disabled": true },
    ]);
    catalog.set_pipeline(&actor(), "logs", steps, 0, T0).unwrap();
    let steps =
        json!([{ "name": "only", "operator": "plugin:scrub" }, { "name": "scrub", "operator": "plugin:other" }]);
    catalog.set_pipeline(&actor(), "spans", steps, 0, T0).unwrap();
    let error = catalog.delete_plugin(&actor(), "scrub", T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(error.to_string().contains("used by logs/second, logs/step 3, spans/only;"), "{error}");
    assert!(catalog.plugin("scrub").unwrap().is_some());
    catalog.set_pipeline(&actor(), "logs", json!([{ "operator": "scrub", "name": "plugin:scrub" }]), 1, T0).unwrap();
    catalog.set_pipeline(&actor(), "spans", json!([]), 1, T0).unwrap();
    catalog.delete_plugin(&actor(), "scrub", T0).unwrap();
}

#[test]
fn state_is_replaced_whole_and_outlives_the_program() {
    let (folder, catalog) = catalog();
    for name in ["a", "b"] {
        catalog.add_plugin_version(&actor(), plugin_version(name, "operator", 1), T0).unwrap();
    }
    let entry = |key: &str, value: &[u8]| (key.to_owned(), value.to_vec());
    let mine = [entry("k", b"theirs")];
    catalog.set_plugin_state("b", &mine).unwrap();
    for entries in [
        vec![entry("a", b"1"), entry("b", &[0, 255]), entry("ü\"\\\u{1}", b"")],
        vec![entry("b", &[0, 255]), entry("c", b"3")],
        vec![entry("b", b"changed"), entry("c", b"3")],
        vec![],
        vec![entry("", b"an empty key is a key"), entry("1", b"a number is text")],
    ] {
        // in another order than they are read
        let given: Vec<_> = entries.iter().rev().cloned().collect();
        catalog.set_plugin_state("a", &given).unwrap();
        assert_eq!(catalog.plugin_state("a").unwrap(), entries);
    }
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.plugin_state("a").unwrap().len(), 2);
    assert_eq!(catalog.plugin_state("b").unwrap(), mine, "of another plugin");
}

#[test]
fn state_beyond_the_bounds_is_refused_and_what_was_stays() {
    let (_folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("a", "operator", 1), T0).unwrap();
    let kept = vec![("k".to_owned(), vec![1])];
    catalog.set_plugin_state("a", &kept).unwrap();
    let many = |n: usize| (0..n).map(|i| (format!("{i:06}"), Vec::new())).collect::<Vec<_>>();
    let bad = [
        (many(PLUGIN_STATE_ENTRIES_MAX + 1), "100001 entries, at most 100000"),
        (vec![("k".to_owned(), vec![0; PLUGIN_STATE_BYTES_MAX])], "16777217 bytes, at most 16777216"),
        (vec![("k".to_owned(), vec![1]), ("k".to_owned(), vec![2])], "\"k\" twice"),
    ];
    for (entries, text) in bad {
        let error = catalog.set_plugin_state("a", &entries).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(catalog.plugin_state("a").unwrap(), kept);
    }
    for most in [many(PLUGIN_STATE_ENTRIES_MAX), vec![("k".to_owned(), vec![0; PLUGIN_STATE_BYTES_MAX - 1])]] {
        catalog.set_plugin_state("a", &most).unwrap();
        assert_eq!(catalog.plugin_state("a").unwrap(), most);
    }
}

#[test]
fn memory_is_replaced_forgotten_and_bounded() {
    let (folder, catalog) = catalog();
    catalog.add_plugin_version(&actor(), plugin_version("a", "operator", 1), T0).unwrap();
    assert_eq!(catalog.plugin_memory("a").unwrap(), None);
    for memory in [Some(&b"first"[..]), Some(b""), None, None, Some(&[0, 255])] {
        catalog.set_plugin_memory("a", memory, T0).unwrap();
        assert_eq!(catalog.plugin_memory("a").unwrap().as_deref(), memory);
    }
    let error = catalog.set_plugin_memory("a", Some(&vec![0; PLUGIN_MEMORY_BYTES_MAX + 1]), T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Invalid);
    assert!(error.to_string().contains("16777217 bytes, at most 16777216"), "{error}");
    // a new version takes it over
    catalog.add_plugin_version(&actor(), active(plugin_version("a", "operator", 2)), T0).unwrap();
    drop(catalog);
    let catalog = open(&folder.path().join("catalog.db"));
    assert_eq!(catalog.plugin_memory("a").unwrap(), Some(vec![0, 255]));
}

#[test]
fn runtimes_have_stable_names() {
    for (runtime, name) in
        [(PluginRuntime::Wasm, "wasm"), (PluginRuntime::Python, "python"), (PluginRuntime::Javascript, "javascript")]
    {
        assert_eq!(name.parse::<PluginRuntime>().unwrap(), runtime);
        assert_eq!(runtime.to_string(), name);
    }
    for bad in ["Wasm", "", "js"] {
        assert_eq!(bad.parse::<PluginRuntime>().unwrap_err().code(), ErrorCode::Invalid);
    }
}
