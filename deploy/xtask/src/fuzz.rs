//! The fuzz targets of the decoders, for some seconds each. libFuzzer's own driver with the
//! coverage passes of the stable compiler: no nightly toolchain and no `cargo fuzz` is needed.

use crate::workspace::{Workspace, read};
use crate::{process, setup};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::Duration;

const FOLDER: &str = "core/ingest/fuzz";
const SECONDS_DEFAULT: u64 = 10;
/// What `cargo fuzz` passes, without the address sanitizer: the decoders are safe Rust.
const FLAGS: [&str; 9] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
    "-Ccodegen-units=1",
];

/// `cargo xtask fuzz [TARGET]`.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    match args {
        [] => run(workspace, None),
        [target] => run(workspace, Some(target)),
        [_, unknown, ..] => bail!("unknown argument `{unknown}`; `fuzz` takes one target"),
    }
}

/// Builds all targets and runs one or all of them; an input that breaks one is kept and named.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> Result<()> {
    let seconds = match std::env::var("LINCEI_FUZZ_SECONDS") {
        Ok(text) => {
            text.parse().with_context(|| format!("LINCEI_FUZZ_SECONDS is {text:?}, not a number of seconds"))?
        }
        Err(_) => SECONDS_DEFAULT,
    };
    let manifest = read(&workspace.root.join(FOLDER).join("Cargo.toml"))?;
    let package = package_name(&manifest)?;
    let mut targets = target_names(&manifest)?;
    if let Some(only) = only {
        if !targets.iter().any(|target| target == only) {
            bail!("no fuzz target `{only}`; there are {}", targets.join(", "));
        }
        targets.retain(|target| target == only);
    }
    let programs = build(workspace, &package)?;
    let mut broken = Vec::new();
    for target in &targets {
        if let Err(error) = run_target(workspace, &programs, target, seconds) {
            println!("{error:#}");
            broken.push(target.as_str());
        }
    }
    println!("fuzz: {} targets, {} broken", targets.len(), broken.len());
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join(", ")) }
}

/// Name of the package with the fuzz targets, which plain builds leave out.
pub(crate) fn package(workspace: &Workspace) -> Result<Option<String>> {
    let path = workspace.root.join(FOLDER).join("Cargo.toml");
    if path.is_file() { read(&path).and_then(|manifest| package_name(&manifest)).map(Some) } else { Ok(None) }
}

fn package_name(manifest: &str) -> Result<String> {
    let manifest: toml::Table = manifest.parse().context("the fuzz manifest is not TOML")?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    name.map(str::to_owned).context("the fuzz manifest names no package")
}

fn target_names(manifest: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse().context("the fuzz manifest is not TOML")?;
    let bins = manifest.get("bin").and_then(toml::Value::as_array).context("the fuzz manifest has no [[bin]]")?;
    Ok(bins.iter().filter_map(|bin| bin.get("name").and_then(toml::Value::as_str)).map(str::to_owned).collect())
}

/// Compiles the targets and returns the folder with the programs. They have a target directory of
/// their own, since their compiler flags would make everything else compile again.
fn build(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    setup::cxx_compiler()?;
    let host = host_triple()?;
    let target_dir = workspace.target.join("fuzz");
    let mut cargo = process::cargo(&workspace.root);
    // Naming the host as target keeps the flags away from build scripts and macros.
    cargo.args(["build", "--release", "-p", package, "--bins", "--target", &host, "--target-dir"]).arg(&target_dir);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS.join(" "));
    process::run(&mut cargo)?;
    Ok(target_dir.join(host).join("release"))
}

fn host_triple() -> Result<String> {
    let version = process::output(process::program("rustc").arg("-vV"))?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).context("`rustc -vV` names no host")
}

fn run_target(workspace: &Workspace, programs: &std::path::Path, target: &str, seconds: u64) -> Result<()> {
    let corpus = workspace.target.join("fuzz-corpus").join(target);
    let artifacts = workspace.target.join("fuzz-artifacts").join(target);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut fuzzer = process::program(programs.join(target));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", artifacts.display()));
    fuzzer.args(["-max_len=65536", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
    fuzzer.arg(&corpus);
    // Inputs that are worth starting from are kept in the repository.
    let seeds = workspace.root.join(FOLDER).join("seeds").join(target);
    if seeds.is_dir() {
        fuzzer.arg(seeds);
    }
    process::run_within(&mut fuzzer, Duration::from_secs(seconds * 3 + 120))
        .with_context(|| format!("`{target}` is broken by inputs in {}", artifacts.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_binaries_of_the_manifest() {
        let manifest = "[package]\nname = \"x-fuzz\"\n[[bin]]\nname = \"a\"\npath = \"a.rs\"\n[[bin]]\nname = \"b\"\n";
        assert_eq!(package_name(manifest).unwrap(), "x-fuzz");
        assert_eq!(target_names(manifest).unwrap(), ["a", "b"]);
        assert!(target_names("[package]\nname = \"x\"\n").is_err());
        assert!(package_name("[[bin]]\nname = \"a\"\n").is_err());
    }
}
