//! The steps that are cargo commands. All of them choose the same packages and features: whatever
//! differs would be compiled again.

use crate::setup::wasm;
use crate::workspace::Workspace;
use crate::{fuzz, process};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::Duration;

const COMPILE_LIMIT: Duration = Duration::from_secs(40 * 60);
/// In the language of nextest.
const CRASH_TESTS: &str = "binary(/^crash/) or test(/crash/)";
/// Random kills of one run.
const CRASH_ITERATIONS: &str = "200";
/// The same where they cannot be left out of the other tests.
const CRASH_ITERATIONS_FEW: &str = "5";

/// Adds the packages and features of every native step: all but the fuzz targets, with the page.
fn select(cargo: &mut Command, workspace: &Workspace) -> Result<()> {
    cargo.args(["--workspace", "--features", "lincei-server/embed-ui"]);
    if let Some(fuzz) = fuzz::package(workspace)? {
        cargo.args(["--exclude", &fuzz]);
    }
    Ok(())
}

fn cargo(workspace: &Workspace, words: &[&str]) -> Result<Command> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(words);
    select(&mut cargo, workspace)?;
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

pub(super) fn test(workspace: &Workspace) -> Result<()> {
    if has_nextest(workspace) {
        return nextest(workspace, &format!("not ({CRASH_TESTS})"), CRASH_ITERATIONS_FEW);
    }
    let mut cargo = cargo(workspace, &["test", "--no-fail-fast", "--lib", "--bins", "--tests", "--examples"])?;
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
    process::run_within(cargo.env("LINCEI_CRASH_ITERATIONS", crash_iterations), COMPILE_LIMIT)
}

pub(super) fn doctest(workspace: &Workspace) -> Result<()> {
    process::run_within(&mut cargo(workspace, &["test", "--doc", "--no-fail-fast"])?, COMPILE_LIMIT)
}

pub(super) fn docs(workspace: &Workspace) -> Result<()> {
    let mut cargo = cargo(workspace, &["doc", "--no-deps"])?;
    process::run_within(cargo.env("RUSTDOCFLAGS", "-D warnings"), COMPILE_LIMIT)
}

/// The binary that integration tests start, built as they build it.
pub(super) fn binary(workspace: &Workspace) -> Result<std::path::PathBuf> {
    process::run_within(&mut cargo(workspace, &["test", "--no-run", "--quiet"])?, COMPILE_LIMIT)?;
    let binary = workspace.target.join("debug").join(format!("lincei{}", std::env::consts::EXE_SUFFIX));
    if !binary.is_file() {
        bail!("{} was not built", binary.display());
    }
    Ok(binary)
}
