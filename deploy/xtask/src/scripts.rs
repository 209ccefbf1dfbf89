//! The interpreters in the binary: CPython and a JavaScript engine as components, compiled and packed
//! into `plugins/scripts`. Nothing is built when nothing it depends on has changed.

use crate::process;
use crate::setup::{node, python};
use crate::workspace::{Workspace, walk, write};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::Xxh3;

const BUILD_LIMIT: Duration = Duration::from_secs(900);
/// Everything that decides what the packed code is: the scripts, the interface, and the engine's version.
const INPUTS: [&str; 7] = [
    "plugins/python",
    "plugins/javascript",
    "plugins/sdk/python",
    "plugins/sdk/javascript",
    "plugins/wit/v1",
    "plugins/host/src/engine.rs",
    "Cargo.lock",
];
/// What builds leave behind.
const NOT_INPUTS: [&str; 2] = ["node_modules", "__pycache__"];
const FINGERPRINT: &str = ".fingerprint";

/// Brings `plugins/scripts` up to date. `packer` is the built `lincei-plugin-compiler`.
pub(crate) fn build(workspace: &Workspace, packer: impl FnOnce() -> Result<PathBuf>) -> Result<()> {
    let folder = workspace.root.join("plugins/scripts");
    let fingerprint = fingerprint(&workspace.root)?;
    if std::fs::read_to_string(folder.join(FINGERPRINT)).is_ok_and(|text| text == fingerprint) {
        println!("scripts: up to date");
        return Ok(());
    }
    let started = Instant::now();
    let packer = packer()?;
    let staging = workspace.target.join("scripts");
    std::fs::create_dir_all(&staging).with_context(|| format!("cannot create {}", staging.display()))?;
    for (language, component) in
        [("python", python_component(workspace, &staging)?), ("javascript", javascript_component(workspace, &staging)?)]
    {
        let packed = folder.join(format!("{language}.cwasm.zst"));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        process::run_within(process::program(&packer).arg("pack").arg(&component).arg(&packed), BUILD_LIMIT)?;
        let bytes = std::fs::metadata(&packed)?.len();
        println!("scripts: {language} packed into {:.1} MB", bytes as f64 / 1e6);
    }
    write(&folder.join(FINGERPRINT), fingerprint)?;
    println!("scripts: built in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn python_component(workspace: &Workspace, staging: &Path) -> Result<PathBuf> {
    let python = python::plugin_environment(workspace)?;
    let component = staging.join("python.wasm");
    let mut build = process::program(python);
    build.current_dir(workspace.root.join("plugins/python"));
    build.args(["../sdk/python/build.py", "--world", "operator", "--wit", "../wit/v1", "--path", "."]);
    build.args(["--path", "../sdk/python", "--app", "script", "--output"]).arg(&component);
    // the sources stay as they are
    process::run_within(build.env("PYTHONDONTWRITEBYTECODE", "1"), BUILD_LIMIT)?;
    Ok(component)
}

fn javascript_component(workspace: &Workspace, staging: &Path) -> Result<PathBuf> {
    node::find_or_install()?;
    let folder = workspace.root.join("plugins/javascript");
    node::packages(&folder)?;
    let component = staging.join("javascript.wasm");
    let mut build = process::program("node");
    build.current_dir(&folder).args(["../sdk/javascript/build.mjs", "--world", "operator", "--wit", "../wit/v1"]);
    build.args(["--sdk", "../sdk/javascript/lincei", "--source", "script.js", "--output"]).arg(&component);
    process::run_within(&mut build, BUILD_LIMIT)?;
    Ok(component)
}

fn fingerprint(root: &Path) -> Result<String> {
    let mut hash = Xxh3::new();
    for input in INPUTS {
        let path = root.join(input);
        let enter = |path: &Path| !NOT_INPUTS.iter().any(|name| path.ends_with(name));
        let files = if path.is_file() { vec![path] } else { walk(&path, &enter)? };
        for file in files {
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            for part in [name.as_bytes(), &bytes] {
                hash.update(&part.len().to_le_bytes());
                hash.update(part);
            }
        }
    }
    Ok(format!("{:032x}", hash.digest128()))
}
