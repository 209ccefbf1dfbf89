//! Who may depend on whom: the table in `ARCHITECTURE.md` against the manifests of all crates.

use super::{File, Finding};
use std::collections::{BTreeMap, BTreeSet};

const RULE: &str = "edge";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
/// Heading of the column that says it.
const COLUMN: &str = "may depend on";
const OWN: &str = "lincei-";
/// Crates, by the prefix of their names, that only one of ours may name, so that each is upgraded alone.
const ONLY: [(&str, &str); 2] = [("datafusion", "query"), ("wasmtime", "host")];
/// Crates that one of ours must never name.
const NEVER: [(&str, &[&str]); 3] = [
    ("ui", &["arrow", "parquet", "tokio"]),
    ("api", &["arrow", "parquet", "tokio"]),
    ("ingest", &["tokio", "object_store"]),
];
/// Guests: crates of plugins, which are built for another target, with versions and lock files of their own.
const GUESTS: [&str; 2] = ["plugins/sdk/", "plugins/examples/"];
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// For each crate (without prefix) the crates it may depend on.
type Allowed = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(files: &[File], findings: &mut Vec<Finding>) {
    let manifests: Vec<(&File, toml::Table)> = files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
        .filter(|file| !GUESTS.iter().any(|folder| file.path.starts_with(folder)))
        .filter_map(|file| match file.text.parse::<toml::Table>() {
            Ok(table) => Some((file, table)),
            Err(error) => {
                findings.push(Finding::new(RULE, &file.path, 0, format!("not TOML: {error}")));
                None
            }
        })
        .collect();
    let names: BTreeSet<String> = manifests.iter().filter_map(|(_, manifest)| short_name(manifest)).collect();
    let allowed = match files.iter().find(|file| file.path == ARCHITECTURE) {
        Some(file) => allowed_edges(&file.text, &names),
        None => Err(format!("there is no {ARCHITECTURE}")),
    };
    let allowed = allowed.unwrap_or_else(|message| {
        findings.push(Finding::new(RULE, ARCHITECTURE, 0, message));
        Allowed::new()
    });
    for (file, manifest) in &manifests {
        for dependency in dependencies(manifest) {
            check_dependency(file, manifest, &dependency, &allowed, findings);
        }
        workspace_sources(file, manifest, findings);
    }
}

/// A package's name without the prefix; other packages keep theirs.
fn short_name(manifest: &toml::Table) -> Option<String> {
    let name = manifest.get("package")?.get("name")?.as_str()?;
    Some(name.strip_prefix(OWN).unwrap_or(name).to_owned())
}

struct Dependency {
    /// The package, also when it is renamed.
    package: String,
    from_workspace: bool,
}

/// All dependencies of a manifest: normal, for tests, for build scripts, and those per platform.
fn dependencies(manifest: &toml::Table) -> Vec<Dependency> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table);
    let per_platform = platforms.into_iter().flat_map(|table| table.values()).filter_map(toml::Value::as_table);
    let mut found = Vec::new();
    for tables in std::iter::once(manifest).chain(per_platform) {
        for table in TABLES.iter().filter_map(|name| tables.get(*name)).filter_map(toml::Value::as_table) {
            for (key, value) in table {
                let package = value.get("package").and_then(toml::Value::as_str).unwrap_or(key);
                let from_workspace = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                found.push(Dependency { package: package.to_owned(), from_workspace });
            }
        }
    }
    found
}

fn check_dependency(
    file: &File,
    manifest: &toml::Table,
    dependency: &Dependency,
    allowed: &Allowed,
    findings: &mut Vec<Finding>,
) {
    let Some(name) = short_name(manifest) else { return };
    let package = &dependency.package;
    let mut finding = |rule, message: String| findings.push(Finding::new(rule, &file.path, 0, message));
    if !dependency.from_workspace {
        finding("version", format!("`{package}` must say `workspace = true`: versions stand in one place"));
    }
    if let Some(to) = package.strip_prefix(OWN) {
        if !allowed_from(&name, file, allowed).contains(to) {
            finding(RULE, format!("`{name}` must not depend on `{to}` (table in {ARCHITECTURE})"));
        }
        return;
    }
    for (prefix, owner) in ONLY {
        if is_of(package, prefix) && name != owner {
            finding(RULE, format!("only `{owner}` may name `{package}`"));
        }
    }
    for (owner, prefixes) in NEVER {
        if name == owner && prefixes.iter().any(|prefix| is_of(package, prefix)) {
            finding(RULE, format!("`{owner}` must not name `{package}`"));
        }
    }
}

/// What a crate may depend on. One that lives inside another's folder (its fuzz targets) belongs
/// to it: it may name that crate and whatever that crate may.
fn allowed_from(name: &str, file: &File, allowed: &Allowed) -> BTreeSet<String> {
    if let Some(edges) = allowed.get(name) {
        return edges.clone();
    }
    let folders: Vec<&str> = file.path.split('/').collect();
    let Some(parent) = folders.len().checked_sub(3).and_then(|at| folders.get(at)) else { return BTreeSet::new() };
    let mut edges = allowed.get(*parent).cloned().unwrap_or_default();
    edges.insert((*parent).to_owned());
    edges
}

fn is_of(package: &str, prefix: &str) -> bool {
    package.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// The root manifest takes nothing from git and pins no wildcard.
fn workspace_sources(file: &File, manifest: &toml::Table, findings: &mut Vec<Finding>) {
    let table = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    for (name, value) in table.and_then(toml::Value::as_table).into_iter().flatten() {
        let version = value.as_str().or_else(|| value.get("version").and_then(toml::Value::as_str));
        if value.get("git").is_some() || version.is_some_and(|version| version.contains('*')) {
            let message = format!("`{name}` must be a version from the registry: no fork, no wildcard");
            findings.push(Finding::new("version", &file.path, 0, message));
        }
    }
}

/// Reads the table with a column "may depend on": the first cell of a row is the crate's folder in
/// backticks, that column holds names, `–` for none, or "all but" and names.
fn allowed_edges(architecture: &str, all: &BTreeSet<String>) -> Result<Allowed, String> {
    let mut rows = architecture.lines().skip_while(|line| !cells(line).contains(&COLUMN));
    let column = rows.next().and_then(|header| cells(header).iter().position(|cell| *cell == COLUMN));
    let column = column.ok_or_else(|| format!("a table with a column \"{COLUMN}\" has to list the edges"))?;
    let mut allowed = Allowed::new();
    for row in rows.skip(1).take_while(|line| line.trim_start().starts_with('|')) {
        let cells = cells(row);
        let (Some(folder), Some(targets)) = (cells.first(), cells.get(column)) else {
            return Err(format!("a row of the table of crates is too short: {row}"));
        };
        let folder = folder.trim_matches('`');
        let name = folder.rsplit('/').next().unwrap_or(folder).to_owned();
        let mut targets = match targets.strip_prefix("all but ") {
            Some(excluded) => all.difference(&names(excluded)).cloned().collect(),
            None => names(targets),
        };
        targets.remove(&name);
        allowed.insert(name, targets);
    }
    Ok(allowed)
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
    inner.map(|inner| inner.split('|').map(str::trim).collect()).unwrap_or_default()
}

fn names(list: &str) -> BTreeSet<String> {
    let words = list.split([',', ' ', '`']).filter(|word| !matches!(*word, "" | "and" | "–" | "-"));
    words.map(str::to_owned).collect()
}
