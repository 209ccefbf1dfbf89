//! The house rules that a compiler does not check: who may depend on whom, sizes, names, tokens of
//! the style sheet, and what must never be committed. Each rule is a function from files to
//! findings, so that it is tested without a checkout.

mod css;
mod edges;
mod exceptions;
mod hygiene;
mod rust;
#[cfg(test)]
mod tests;

use crate::rust_source::Code;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::fmt;

/// A text file of the checkout.
pub(crate) struct File {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// Counted from 1; 0 for the file as a whole.
    pub(crate) line: usize,
    /// Name of the rule, as `exceptions` lists it.
    pub(crate) rule: &'static str,
    pub(crate) message: String,
}

impl Finding {
    fn new(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path)?;
        if self.line > 0 {
            write!(formatter, ":{}", self.line)?;
        }
        write!(formatter, ": {} [{}]", self.message, self.rule)
    }
}

impl File {
    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    /// Whether the whole file is test code by its place.
    fn is_test(&self) -> bool {
        let mut parts = self.path.split('/').rev();
        parts.next().is_some_and(|name| name == "tests.rs") || parts.any(|folder| folder == "tests")
    }
}

/// Checks the checkout and prints what is wrong; `true` when nothing is.
pub(crate) fn command(workspace: &Workspace) -> Result<bool> {
    let files = read_files(workspace)?;
    let findings = exceptions::apply(check(&files), exceptions::LIST);
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} files, {} findings", files.len(), findings.len());
    Ok(findings.is_empty())
}

/// Every rule over every file, sorted by place.
fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    edges::check(files, &mut findings);
    for file in files {
        if file.has_extension(&["rs"]) {
            rust::check(file, &Code::parse(&file.text), &mut findings);
        }
        css::check(file, &mut findings);
        hygiene::check(file, &mut findings);
    }
    findings.sort();
    findings
}

/// All text files; binary ones (not UTF-8) hold nothing that a rule reads.
fn read_files(workspace: &Workspace) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for path in workspace.files()? {
        let bytes =
            std::fs::read(workspace.root.join(&path)).with_context(|| format!("cannot read {}", path.display()))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
        }
    }
    Ok(files)
}
