//! Sizes, names and forbidden attributes of Rust files.

use super::{File, Finding};
use crate::rust_source::Code;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
/// Modules and types by these names collect everything.
const VAGUE_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];
const VAGUE_ENDINGS: [&str; 4] = ["Manager", "Helper", "Util", "Utils"];
/// Crates that do no I/O, by folder.
const PURE: [&str; 3] = ["core/model/src/", "core/api/src/", "core/ingest/src/"];
const IO: [&str; 6] = ["std::fs", "std::net", "std::process", "std::thread", "std::env", "tokio::"];

pub(super) fn check(file: &File, code: &Code, findings: &mut Vec<Finding>) {
    let tests = code.test_lines();
    let in_tests = |line: usize| file.is_test() || tests.get(line.wrapping_sub(1)).copied().unwrap_or(false);
    sizes(file, code, &in_tests, findings);
    names(file, findings);
    for (number, line) in code.lines() {
        attributes(file, number, line, findings);
        type_names(file, number, line, findings);
        if !in_tests(number) && PURE.iter().any(|folder| file.path.starts_with(folder)) {
            for module in IO.iter().filter(|module| line.contains(*module)) {
                let message = format!("`{module}` in a crate that does no I/O");
                findings.push(Finding::new("pure", &file.path, number, message));
            }
        }
    }
}

fn sizes(file: &File, code: &Code, in_tests: &dyn Fn(usize) -> bool, findings: &mut Vec<Finding>) {
    let total = file.text.lines().count();
    let production = (1..=total).filter(|line| !in_tests(*line)).count();
    if production > FILE_LINES_MAX {
        let message = format!("{production} lines besides tests, at most {FILE_LINES_MAX}: split it by subject");
        findings.push(Finding::new("file-length", &file.path, 0, message));
    }
    for function in code.functions() {
        if function.code_lines > FUNCTION_LINES_MAX && !in_tests(function.line) {
            let message = format!(
                "function `{}` has {} lines of code, at most {FUNCTION_LINES_MAX}",
                function.name, function.code_lines
            );
            findings.push(Finding::new("function-length", &file.path, function.line, message));
        }
    }
}

/// Vague file and folder names, and `foo/mod.rs` beside children. Below `tests/` a shared module
/// has to be `mod.rs`: a file beside it would be a test of its own.
fn names(file: &File, findings: &mut Vec<Finding>) {
    for part in file.path.trim_end_matches(".rs").split('/') {
        if VAGUE_NAMES.contains(&part) {
            findings.push(Finding::new("vague-name", &file.path, 0, format!("`{part}` does not say what is in it")));
        }
    }
    if file.path.ends_with("/mod.rs") && !file.is_test() {
        let message = "a module with children is `foo.rs` beside `foo/`, not `foo/mod.rs`";
        findings.push(Finding::new("mod-rs", &file.path, 0, message));
    }
}

fn attributes(file: &File, number: usize, line: &str, findings: &mut Vec<Finding>) {
    let compact: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let ignored = ["#[ignore]", "#[ignore="].iter().any(|attribute| compact.contains(attribute))
        || compact.contains("cfg_attr(") && [",ignore)", ",ignore="].iter().any(|part| compact.contains(part));
    if ignored {
        let message = "an ignored test tests nothing: assert what holds today and say why";
        findings.push(Finding::new("ignored-test", &file.path, number, message));
    }
}

fn type_names(file: &File, number: usize, line: &str, findings: &mut Vec<Finding>) {
    let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let named = match word {
            "struct" | "enum" | "trait" | "type" => {
                words.next().filter(|name| VAGUE_ENDINGS.iter().any(|ending| name.ends_with(ending)))
            }
            "mod" => words.next().filter(|name| VAGUE_NAMES.contains(name)),
            _ => None,
        };
        if let Some(name) = named {
            let message = format!("`{name}` does not say what it does");
            findings.push(Finding::new("vague-name", &file.path, number, message));
        }
    }
}
