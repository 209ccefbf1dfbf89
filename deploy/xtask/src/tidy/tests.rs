//! Every rule against text that keeps it and text that breaks it.

use super::exceptions::Exception;
use super::*;

const EDGES: &str = "\
# A

| folder | what | may depend on |
|---|---|---|
| `core/model` | x | – |
| `core/api` | x | – |
| `core/ingest` | x | model |
| `storage/catalog` | x | model |
| `storage/engine` | x | catalog, model |
| `core/query` | x | `engine`, catalog and model |
| `core/server` | x | all but ui |
| `ui` | x | api |

| other | table |
|---|---|
| `ui` | model |
";

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

/// Findings over one file as `rule:line`.
fn rules(path: &str, text: &str) -> Vec<String> {
    let files = [file(path, text), file("ARCHITECTURE.md", EDGES)];
    check(&files).iter().map(|finding| format!("{}:{}", finding.rule, finding.line)).collect()
}

#[track_caller]
fn passes(path: &str, text: &str) {
    assert_eq!(rules(path, text), Vec::<String>::new(), "{path}\n{text}");
}

#[track_caller]
fn fails(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(rules(path, text), expected, "{path}\n{text}");
}

fn manifest(name: &str, tables: &str) -> String {
    format!("[package]\nname = \"{name}\"\n{tables}")
}

#[test]
fn allowed_edges_pass() {
    for (path, name, to) in [
        ("core/ingest/Cargo.toml", "lincei-ingest", "lincei-model"),
        ("storage/engine/Cargo.toml", "lincei-engine", "lincei-catalog"),
        ("ui/Cargo.toml", "lincei-ui", "lincei-api"),
        ("core/ingest/fuzz/Cargo.toml", "lincei-ingest-fuzz", "lincei-ingest"),
        ("core/ingest/fuzz/Cargo.toml", "lincei-ingest-fuzz", "lincei-model"),
        ("core/query/Cargo.toml", "lincei-query", "datafusion"),
        ("core/server/Cargo.toml", "lincei-server", "arrow"),
        ("deploy/xtask/Cargo.toml", "xtask", "anyhow"),
    ] {
        passes(path, &manifest(name, &format!("[dependencies]\n{to} = {{ workspace = true }}\n")));
    }
}

#[test]
fn other_edges_fail() {
    for (path, name, to) in [
        ("core/model/Cargo.toml", "lincei-model", "lincei-catalog"),
        ("core/ingest/Cargo.toml", "lincei-ingest", "lincei-engine"),
        ("storage/catalog/Cargo.toml", "lincei-catalog", "lincei-engine"),
        ("ui/Cargo.toml", "lincei-ui", "lincei-model"),
        ("core/ingest/fuzz/Cargo.toml", "lincei-ingest-fuzz", "lincei-engine"),
        ("deploy/xtask/Cargo.toml", "xtask", "lincei-model"),
        ("core/server/Cargo.toml", "lincei-server", "datafusion"),
        ("core/server/Cargo.toml", "lincei-server", "datafusion-common"),
        ("core/query/Cargo.toml", "lincei-query", "wasmtime"),
        ("ui/Cargo.toml", "lincei-ui", "arrow-array"),
        ("core/api/Cargo.toml", "lincei-api", "tokio"),
        ("core/ingest/Cargo.toml", "lincei-ingest", "tokio"),
    ] {
        for table in ["dependencies", "dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            fails(path, &manifest(name, &format!("[{table}]\n{to} = {{ workspace = true }}\n")), &["edge:0"]);
        }
        let renamed = format!("[dependencies]\nother = {{ workspace = true, package = \"{to}\" }}\n");
        fails(path, &manifest(name, &renamed), &["edge:0"]);
    }
}

#[test]
fn server_may_name_all_but_the_excluded() {
    let server =
        manifest("lincei-server", "[dependencies]\nlincei-model.workspace = true\nlincei-ui.workspace = true\n");
    let files = [
        file("core/server/Cargo.toml", &server),
        file("core/model/Cargo.toml", &manifest("lincei-model", "")),
        file("ui/Cargo.toml", &manifest("lincei-ui", "")),
        file("ARCHITECTURE.md", EDGES),
    ];
    let messages: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
    let [only] = messages.as_slice() else { unreachable!("{messages:?}") };
    assert!(only.contains("`server` must not depend on `ui`"), "{only}");
}

#[test]
fn missing_or_unreadable_table_fails() {
    for text in ["# A\n", "may depend on\n", "| a | may depend on |\n|---|---|\n| `x` |\n"] {
        let found = check(&[file("ARCHITECTURE.md", text)]);
        assert_eq!(found.first().map(|finding| (finding.rule, found.len())), Some(("edge", 1)), "{text}");
    }
    assert_eq!(check(&[]).len(), 1);
}

#[test]
fn versions_stand_in_the_root_manifest() {
    passes("Cargo.toml", "[workspace.dependencies]\na = \"1\"\nb = { version = \"2\", features = [\"x\"] }\n");
    fails("Cargo.toml", "[workspace.dependencies]\na = \"*\"\n", &["version:0"]);
    fails("Cargo.toml", "[workspace.dependencies]\na = { git = \"https://example.org/a\" }\n", &["version:0"]);
    fails("core/model/Cargo.toml", &manifest("lincei-model", "[dependencies]\na = \"1\"\n"), &["version:0"]);
    fails(
        "core/model/Cargo.toml",
        &manifest("lincei-model", "[dependencies]\na = { path = \"../a\" }\n"),
        &["version:0"],
    );
    fails("core/model/Cargo.toml", "not toml", &["edge:0"]);
}

#[test]
fn file_length_counts_production_lines() {
    let lines = |count: usize| "fn a() {}\n".repeat(count);
    passes("core/x/src/a.rs", &lines(500));
    fails("core/x/src/a.rs", &lines(501), &["file-length:0"]);
    passes("core/x/src/a/tests.rs", &lines(501));
    passes("core/x/tests/a.rs", &lines(501));
    passes("core/x/src/a.rs", &format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(500), lines(100)));
}

#[test]
fn function_length_is_bounded_outside_tests() {
    let body = |count: usize| format!("fn a() {{\n{}}}\n", "    b();\n".repeat(count));
    passes("core/x/src/a.rs", &body(70));
    fails("core/x/src/a.rs", &format!("\n{}", body(71)), &["function-length:2"]);
    passes("core/x/src/a.rs", &format!("#[cfg(test)]\nmod tests {{\n{}}}\n", body(71)));
    passes("core/x/src/a.rs", &format!("fn a() {{\n{}}}\n", "    // why\n\n".repeat(71)));
}

#[test]
fn architecture_is_short() {
    let text = |lines: usize| format!("{EDGES}{}", "line\n".repeat(lines - EDGES.lines().count()));
    assert_eq!(check(&[file("ARCHITECTURE.md", &text(300))]), []);
    assert_eq!(check(&[file("ARCHITECTURE.md", &text(301))]).len(), 1);
}

#[test]
fn names_say_what_is_inside() {
    passes("core/x/src/commons.rs", "mod utility;\nstruct HelperText;\n// mod util\n");
    fails("core/x/src/util.rs", "", &["vague-name:0"]);
    fails("core/x/src/helpers/a.rs", "", &["vague-name:0"]);
    fails("core/x/tests/common/mod.rs", "", &["vague-name:0"]);
    fails("core/x/src/a.rs", "mod common {}\n", &["vague-name:1"]);
    fails("core/x/src/a.rs", "\npub(crate) struct QueryManager;\n", &["vague-name:2"]);
}

#[test]
fn modules_with_children_are_named_files() {
    passes("core/x/src/a.rs", "mod b;\n");
    passes("core/x/tests/server/mod.rs", "");
    fails("core/x/src/a/mod.rs", "mod b;\n", &["mod-rs:0"]);
}

#[test]
fn tests_are_not_ignored() {
    let attribute = |text: &str| format!("#[test]\n#{text}\nfn a() {{}}\n");
    passes("core/x/src/a.rs", "// #[ignore]\nlet a = \"#[ignore]\"; ignore(); #[diagnostic::x]\n");
    fails("core/x/src/a.rs", &attribute("[ignore]"), &["ignored-test:2"]);
    fails("core/x/tests/a.rs", &attribute("[ignore = \"slow\"]"), &["ignored-test:2"]);
    fails("core/x/src/a.rs", &attribute("[cfg_attr(unix, ignore)]"), &["ignored-test:2"]);
    passes("ui/tests/a.test.mjs", "test('a', () => {});\n");
    fails("ui/tests/a.test.mjs", "test.only('a', () => {});\n", &["ignored-test:1"]);
    fails("ui/tests/a.test.mjs", "test('a', { skip: true }, () => {});\n", &["ignored-test:1"]);
}

#[test]
fn pure_crates_do_no_io() {
    passes("core/server/src/a.rs", "use std::fs;\n");
    passes("core/ingest/src/a.rs", "// std::fs\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n");
    fails("core/ingest/src/a.rs", "use std::fs;\n", &["pure:1"]);
    fails("core/model/src/a.rs", "fn a() { std::net::x() }\n", &["pure:1"]);
}

#[test]
fn colours_come_from_tokens() {
    passes("ui/style/tokens.css", ":root { --accent: #123456; --s: 16px; }\n");
    passes("ui/style/logs.css", "#fade:hover { color: var(--accent); border: 1px solid var(--line); } /* #fff */\n");
    passes("ui/style/logs.css", "a { background: url(x.svg#cafe-1); width: 26px; }\n@media (max-width: 720px) {}\n");
    fails("ui/style/logs.css", "a { color: #fff; }\n", &["css-colour:1"]);
    fails("ui/style/logs.css", "/* a\n */\na {\n  color: var(--x, #a1b2c3);\n}\n", &["css-colour:4"]);
    fails("ui/style/logs.css", "a { color: rgb(1 2 3); }\n", &["css-colour:1"]);
    passes("ui/src/app.rs", "// #fff \"x\"\nlet a = \"#/logs\";\nlet b = \"&#39;\";\n");
    fails("ui/src/app.rs", "let a = \"color: #ffffff\";\n", &["css-colour:1"]);
}

#[test]
fn spacings_come_from_tokens() {
    passes("ui/style/logs.css", "a { padding: 1px 2px var(--s2); margin: -1px; font-size: var(--t2); }\n");
    for declaration in ["padding: 6px", "margin-left:-3px", "gap: var(--s1) 8px", "font-size: 13.5px"] {
        fails("ui/style/logs.css", &format!("a {{ {declaration}; }}\n"), &["css-length:1"]);
    }
}

#[test]
fn machine_paths_are_not_committed() {
    for text in ["see src/work/x", "https://example.org/home/x", "${HOME}/work/x", "~/home/x", "at /work", "*/home/*"] {
        passes("docs/a.md", text);
    }
    for folder in ["work", "root", "home", "Users"] {
        fails("docs/a.md", &format!("cd /{folder}/x"), &["machine-path:1"]);
        fails("a.json", &format!("\"/{folder}/.x\""), &["machine-path:1"]);
    }
}

#[test]
fn secrets_are_not_committed() {
    passes("a.txt", "AKIA is a prefix; npm_config_cache=x; -----BEGIN CERTIFICATE-----");
    for (prefix, rest) in [("AKIA", "A1B2"), ("ghp_", "a1b2c3d4e"), ("glpat-", "a1b2c"), ("npm_", "a1b2c3d4e")] {
        fails("a.txt", &format!("key={prefix}{}", rest.repeat(4)), &["secret:1"]);
    }
    fails("a.pem", &["-----BEGIN EC PRIVATE", " KEY-----"].concat(), &["secret:1"]);
}

#[test]
fn registries_are_not_named() {
    let host = ["registry", "npmjs", "org"].join(".");
    passes("ui/package-lock.json", "{ \"integrity\": \"sha512-x\" }\n");
    fails("ui/package-lock.json", &format!("{{\n\"resolved\": \"https://{host}/x\" }}\n"), &["registry:2"]);
    fails("ui/.npmrc", &format!("registry=https://{host}\n"), &["registry:1"]);
    passes("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n");
}

#[test]
fn unfinished_work_is_not_committed() {
    let mark = ["TO", "DO"].concat();
    passes("core/x/src/a.rs", &format!("// {mark}_LIST and MY{mark}\n"));
    fails("core/x/src/a.rs", &format!("\n// {mark}: later\n"), &["unfinished:2"]);
    passes("data/a.log", &format!("{mark}: a line of somebody's log\n"));
}

#[test]
fn exceptions_only_shrink() {
    let finding = |line| Finding::new("edge", "a", line, "x");
    let exception = |findings| [Exception { rule: "edge", path: "a", findings, reason: "until b" }];
    assert_eq!(exceptions::apply(vec![finding(1), finding(2)], &exception(2)), []);
    assert_eq!(exceptions::apply(vec![finding(1), finding(2)], &exception(1)), [finding(1), finding(2)]);
    let stale = exceptions::apply(vec![finding(1)], &exception(2));
    assert_eq!(stale.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["exceptions"]);
    let other = Finding::new("edge", "b", 1, "x");
    assert_eq!(exceptions::apply(vec![other.clone()], &exception(0)), [other]);
}
