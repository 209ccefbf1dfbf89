//! The steps that are cargo commands. All of them choose the same packages and features: whatever
//! differs would be compiled again.

use crate::setup::{python, wasm};
use crate::workspace::{Workspace, read};
use crate::{fuzz, page, process, scripts};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const COMPILE_LIMIT: Duration = Duration::from_secs(40 * 60);
/// In the language of nextest.
const CRASH_TESTS: &str = "binary(/^crash/) or test(/crash/)";
/// Random kills of one run.
const CRASH_ITERATIONS: &str = "200";
/// The same where they cannot be left out of the other tests.
const CRASH_ITERATIONS_FEW: &str = "5";

/// The feature that every native step has.
const PAGE_FEATURE: &str = "embed-ui";

/// A cargo command over all packages but the fuzz targets, with the page inside the binary.
fn cargo(workspace: &Workspace, words: &[&str]) -> Result<Command> {
    if !workspace.root.join("ui/dist/index.html").is_file() {
        page::build(workspace, false)?;
    }
    with_feature(workspace, words, Some(PAGE_FEATURE))
}

/// A cargo command over all packages but the fuzz targets, with at most one feature of the binary.
fn with_feature(workspace: &Workspace, words: &[&str], feature: Option<&str>) -> Result<Command> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(words).arg("--workspace");
    if let Some(feature) = feature {
        cargo.args(["--features", &format!("lincei-server/{feature}")]);
    }
    if let Some(fuzz) = fuzz::package(workspace)? {
        cargo.args(["--exclude", &fuzz]);
    }
    Ok(cargo)
}

pub(super) fn fmt(workspace: &Workspace) -> Result<()> {
    process::run(process::cargo(&workspace.root).args(["fmt", "--all", "--", "--check"]))
}

pub(super) fn clippy(workspace: &Workspace) -> Result<()> {
    let mut cargo = cargo(workspace, &["clippy", "--all-targets"])?;
    process::run_within(cargo.args(["--", "-D", "warnings"]), COMPILE_LIMIT)
}

/// In the profile of the page: macros and build scripts are then those of its build.
pub(super) fn clippy_wasm(workspace: &Workspace) -> Result<()> {
    let toolchain = wasm::find_or_install(workspace)?;
    if !toolchain.has_clippy() {
        bail!("no clippy for {}: `apt-get install rust-web-clippy`", toolchain.describe());
    }
    let mut cargo = toolchain.cargo(workspace, "clippy");
    cargo.args(["--profile", "wasm", "-p", "lincei-ui", "-p", "lincei-api", "--", "-D", "warnings"]);
    process::run_within(&mut cargo, COMPILE_LIMIT)
}

/// The interpreters inside the binary, packed by the engine with the features of the other steps.
pub(super) fn scripts(workspace: &Workspace) -> Result<()> {
    scripts::build(workspace, || {
        let words = ["build", "--quiet", "--bin", "lincei-plugin-compiler", "--examples"];
        process::run_within(&mut cargo(workspace, &words)?, COMPILE_LIMIT)?;
        let name = format!("lincei-plugin-compiler{}", std::env::consts::EXE_SUFFIX);
        Ok(workspace.target.join("debug").join(name))
    })
}

pub(super) fn test(workspace: &Workspace) -> Result<()> {
    if has_nextest(workspace) {
        return nextest(workspace, &format!("not ({CRASH_TESTS})"), CRASH_ITERATIONS_FEW);
    }
    let mut cargo = cargo(workspace, &["test", "--no-fail-fast", "--lib", "--bins", "--tests", "--examples"])?;
    cargo.env("LINCEI_TEST_PYTHON", python::environment(workspace)?);
    process::run_within(cargo.env("LINCEI_CRASH_ITERATIONS", CRASH_ITERATIONS_FEW), COMPILE_LIMIT)
}

/// The tests with `crash` in their name, their module's or their file's, at full length.
pub(super) fn crash(workspace: &Workspace) -> Result<()> {
    if has_nextest(workspace) {
        return nextest(workspace, CRASH_TESTS, CRASH_ITERATIONS);
    }
    let mut cargo = cargo(workspace, &["test", "--no-fail-fast", "--lib", "--bins", "--tests", "crash"])?;
    process::run_within(cargo.env("LINCEI_CRASH_ITERATIONS", CRASH_ITERATIONS), COMPILE_LIMIT)
}

fn has_nextest(workspace: &Workspace) -> bool {
    process::succeeds(process::cargo(&workspace.root).args(["nextest", "--version"]))
}

/// `cargo nextest` gives each test a process of its own and stops those that hang.
fn nextest(workspace: &Workspace, filter: &str, crash_iterations: &str) -> Result<()> {
    let mut cargo = cargo(workspace, &["nextest", "run", "--no-fail-fast", "--status-level=slow"])?;
    cargo.args(["--config-file", "deploy/nextest.toml", "--no-tests=fail", "-E", filter]);
    // other readers of our files
    cargo.env("LINCEI_TEST_PYTHON", python::environment(workspace)?);
    process::run_within(cargo.env("LINCEI_CRASH_ITERATIONS", crash_iterations), COMPILE_LIMIT)
}

pub(super) fn doctest(workspace: &Workspace) -> Result<()> {
    process::run_within(&mut cargo(workspace, &["test", "--doc", "--no-fail-fast"])?, COMPILE_LIMIT)
}

/// Naming the examples makes cargo choose the features that tests need, which are those of the
/// other steps: without it DataFusion would be checked once more.
pub(super) fn docs(workspace: &Workspace) -> Result<()> {
    let mut cargo = cargo(workspace, &["doc", "--no-deps", "--lib", "--bins", "--examples"])?;
    process::run_within(cargo.env("RUSTDOCFLAGS", "-D warnings"), COMPILE_LIMIT)
}

/// Clippy with no feature of the binary, and with each of the others alone.
pub(super) fn features(workspace: &Workspace) -> Result<()> {
    let features = feature_names(&read(&workspace.root.join("core/server/Cargo.toml"))?)?;
    let others = features.iter().map(String::as_str).filter(|feature| *feature != PAGE_FEATURE).map(Some);
    for feature in std::iter::once(None).chain(others) {
        let mut cargo = with_feature(workspace, &["clippy", "--all-targets"], feature)?;
        process::run_within(cargo.args(["--", "-D", "warnings"]), COMPILE_LIMIT)?;
    }
    Ok(())
}

fn feature_names(manifest: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse().context("the manifest of lincei-server is not TOML")?;
    let features = manifest.get("features").and_then(toml::Value::as_table);
    Ok(features.into_iter().flat_map(|table| table.keys()).filter(|name| *name != "default").cloned().collect())
}

/// The binary that other programs are run against, with the features of the other steps: see [`docs`].
pub(super) fn binary(workspace: &Workspace) -> Result<PathBuf> {
    process::run_within(&mut cargo(workspace, &["build", "--quiet", "--bins", "--examples"])?, COMPILE_LIMIT)?;
    let binary = workspace.target.join("debug").join(format!("lincei{}", std::env::consts::EXE_SUFFIX));
    if !binary.is_file() {
        bail!("{} was not built", binary.display());
    }
    Ok(binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_a_manifest_are_listed() {
        let names = feature_names("[features]\ndefault = [\"a\"]\na = []\nb = [\"dep:x\"]\n").unwrap();
        assert_eq!(names, ["a", "b"]);
        assert!(feature_names("[package]\nname = \"x\"\n").unwrap().is_empty());
        assert!(feature_names("no toml").is_err());
    }
}
