//! Licences, sources and duplicate versions of what we depend on, by the rules of `deny.toml`. It
//! reads that file as `cargo deny` does, as far as these three go, and needs nothing installed;
//! known vulnerabilities need `cargo deny` itself and a network.

mod licence;

use crate::process;
use crate::workspace::{Workspace, read};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What `deny.toml` says.
#[derive(Debug, Default)]
struct Rules {
    /// SPDX identifiers, with `WITH` exceptions spelled out.
    licences: Vec<String>,
    /// Crates of which there may be one version, waiver or not.
    single: Vec<String>,
    waivers: Vec<Waiver>,
}

/// A version that may stand beside another one of the same crate.
#[derive(Debug)]
struct Waiver {
    name: String,
    /// The version, or its leading parts.
    version: String,
}

/// A package of the resolved graph.
#[derive(Debug)]
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    /// `None` for our own.
    source: Option<String>,
}

/// Checks the dependency graph and prints what breaks a rule; `true` when nothing does.
pub(crate) fn command(workspace: &Workspace) -> Result<bool> {
    let rules = parse_rules(&read(&workspace.root.join("deny.toml"))?)?;
    let packages = resolved(workspace)?;
    let mut findings = licences(&rules, &packages);
    findings.extend(sources(&packages));
    findings.extend(versions(&rules, &packages));
    findings.iter().for_each(|finding| println!("{finding}"));
    println!("deny: {} packages, {} findings", packages.len(), findings.len());
    Ok(findings.is_empty())
}

fn parse_rules(text: &str) -> Result<Rules> {
    let table: toml::Table = text.parse().context("deny.toml is not TOML")?;
    let list = |section: &str, key: &str| {
        let found = table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
        found.cloned().unwrap_or_default()
    };
    let licences = list("licenses", "allow").iter().filter_map(toml::Value::as_str).map(str::to_owned).collect();
    let text_of = |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let mut rules = Rules { licences, ..Rules::default() };
    for entry in list("bans", "deny") {
        let name = text_of(&entry, "crate").context("an entry of bans.deny names no crate")?;
        if entry.get("deny-multiple-versions").and_then(toml::Value::as_bool) != Some(true) {
            bail!("bans.deny of `{name}`: only deny-multiple-versions is known here");
        }
        rules.single.push(name);
    }
    for entry in list("bans", "skip") {
        let spec = text_of(&entry, "crate").context("an entry of bans.skip names no crate")?;
        let reason = text_of(&entry, "reason").unwrap_or_default();
        let Some((name, version)) = spec.split_once('@') else { bail!("bans.skip of `{spec}` names no version") };
        if reason.is_empty() {
            bail!("bans.skip of `{spec}` has no reason");
        }
        rules.waivers.push(Waiver { name: name.to_owned(), version: version.to_owned() });
    }
    Ok(rules)
}

/// Every package that is compiled for one of our platforms, with any feature.
fn resolved(workspace: &Workspace) -> Result<Vec<Package>> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    for platform in ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "wasm32-unknown-unknown"] {
        cargo.args(["--filter-platform", platform]);
    }
    let metadata: Value = serde_json::from_str(&process::output(&mut cargo)?).context("cargo metadata is not JSON")?;
    let list = |pointer: &str| metadata.pointer(pointer).and_then(Value::as_array);
    let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let nodes = list("/resolve/nodes").context("cargo metadata has no graph")?;
    let in_graph: BTreeSet<String> = nodes.iter().filter_map(|node| text(node, "id")).collect();
    let packages = list("/packages").context("cargo metadata has no packages")?;
    Ok(packages
        .iter()
        .filter(|package| text(package, "id").is_some_and(|id| in_graph.contains(&id)))
        .map(|package| Package {
            name: text(package, "name").unwrap_or_default(),
            version: text(package, "version").unwrap_or_default(),
            licence: text(package, "license"),
            source: text(package, "source"),
        })
        .collect())
}

fn licences(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let allowed = |licence: &str| rules.licences.iter().any(|known| known == licence);
    let problem = |package: &Package| match package.licence.as_deref() {
        None => Some("states no licence".to_owned()),
        Some(expression) => match licence::satisfied(expression, &allowed) {
            Some(true) => None,
            Some(false) => Some(format!("is under {expression}, which licenses.allow does not cover")),
            None => Some(format!("states a licence that is no SPDX expression: {expression}")),
        },
    };
    packages
        .iter()
        .filter_map(|package| problem(package).map(|text| format!("{} {} {text}", package.name, package.version)))
        .collect()
}

fn sources(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| package.source.as_deref().is_some_and(|source| source != REGISTRY))
        .map(|package| format!("{} {} does not come from the registry", package.name, package.version))
        .collect()
}

/// Crates in several versions without a waiver, and waivers that nothing needs.
fn versions(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        by_name.entry(&package.name).or_default().insert(&package.version);
    }
    let mut findings = Vec::new();
    for (name, versions) in by_name.iter().filter(|(_, versions)| versions.len() > 1) {
        let waived = |version: &str| rules.waivers.iter().any(|waiver| waiver.covers(name, version));
        let listed = versions.iter().copied().collect::<Vec<_>>().join(", ");
        if rules.single.iter().any(|single| single == name) {
            findings.push(format!("{name} is there as {listed}, and must never be twice (bans.deny)"));
        } else if versions.iter().filter(|version| !waived(version)).count() > 1 {
            findings.push(format!("{name} is there as {listed}; waive all but one in bans.skip, or get rid of them"));
        }
    }
    for waiver in &rules.waivers {
        let needed = by_name.get(waiver.name.as_str()).is_some_and(|versions| {
            versions.len() > 1 && versions.iter().any(|version| waiver.covers(&waiver.name, version))
        });
        if !needed {
            findings.push(format!("bans.skip of {}@{} is no longer needed", waiver.name, waiver.version));
        }
    }
    findings
}

impl Waiver {
    fn covers(&self, name: &str, version: &str) -> bool {
        let rest = version.strip_prefix(self.version.as_str());
        self.name == name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '+', '-']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        let (licence, source) = (Some("MIT".to_owned()), Some(REGISTRY.to_owned()));
        Package { name: name.to_owned(), version: version.to_owned(), licence, source }
    }

    fn rules(skip: &str) -> Rules {
        let deny = "deny = [{ crate = \"arrow\", deny-multiple-versions = true }]";
        parse_rules(&format!("[licenses]\nallow = [\"MIT\"]\n[bans]\n{deny}\nskip = [{skip}]\n")).unwrap()
    }

    #[test]
    fn one_version_of_each_is_good() {
        assert!(
            versions(&rules(""), &[package("a", "1.0.0"), package("b", "2.0.0"), package("arrow", "59.0.0")])
                .is_empty()
        );
    }

    #[test]
    fn a_second_version_needs_a_waiver() {
        let twice = [package("a", "1.0.0"), package("a", "2.1.0+x")];
        assert_eq!(versions(&rules(""), &twice).len(), 1);
        assert!(versions(&rules("{ crate = \"a@1\", reason = \"x\" }"), &twice).is_empty());
        assert!(versions(&rules("{ crate = \"a@2.1.0\", reason = \"x\" }"), &twice).is_empty());
        // 2.1 does not cover 2.10, and one waiver does not cover three versions.
        let thrice = [package("a", "1.0.0"), package("a", "2.10.0"), package("a", "3.0.0")];
        assert_eq!(versions(&rules("{ crate = \"a@2.1\", reason = \"x\" }"), &thrice).len(), 2);
        assert_eq!(versions(&rules("{ crate = \"a@1\", reason = \"x\" }"), &thrice).len(), 1);
    }

    #[test]
    fn some_are_never_there_twice() {
        let twice = [package("arrow", "58.0.0"), package("arrow", "59.0.0")];
        let found = versions(&rules("{ crate = \"arrow@58\", reason = \"x\" }"), &twice);
        assert!(found.first().is_some_and(|text| text.contains("must never be twice")), "{found:?}");
    }

    #[test]
    fn stale_waivers_are_found() {
        for waiver in ["a@1", "gone@1", "a@3"] {
            let found =
                versions(&rules(&format!("{{ crate = \"{waiver}\", reason = \"x\" }}")), &[package("a", "1.0.0")]);
            assert_eq!(found, [format!("bans.skip of {waiver} is no longer needed")]);
        }
    }

    #[test]
    fn licences_and_sources_are_checked() {
        let with = |licence: Option<&str>| Package { licence: licence.map(str::to_owned), ..package("a", "1.0.0") };
        for (licence, findings) in [(Some("MIT"), 0), (Some("GPL-3.0-only"), 1), (Some("MIT OR"), 1), (None, 1)] {
            assert_eq!(licences(&rules(""), &[with(licence)]).len(), findings, "{licence:?}");
        }
        let from = |source: Option<&str>| Package { source: source.map(str::to_owned), ..package("a", "1.0.0") };
        assert!(sources(&[from(None), from(Some(REGISTRY))]).is_empty());
        assert_eq!(sources(&[from(Some("git+https://example.org/a#1"))]).len(), 1);
    }

    #[test]
    fn rules_without_a_reason_or_a_version_are_refused() {
        for skip in ["{ crate = \"a@1\" }", "{ crate = \"a\", reason = \"x\" }", "{ reason = \"x\" }"] {
            assert!(parse_rules(&format!("[bans]\nskip = [{skip}]\n")).is_err(), "{skip}");
        }
        assert!(parse_rules("[bans]\ndeny = [{ crate = \"a\" }]\n").is_err());
    }
}
