//! Virtual environments with what the `requirements.txt` files below a folder ask for.

use super::apt;
use crate::process;
use crate::workspace::{Workspace, read, walk, write};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(900);

/// Python for the tests.
pub(crate) fn environment(workspace: &Workspace) -> Result<PathBuf> {
    environment_for(workspace, "deploy/compat", "python")
}

/// Python for the benchmarks, apart because the engines that Lincei is compared with are large.
pub(crate) fn bench_environment(workspace: &Workspace) -> Result<PathBuf> {
    environment_for(workspace, "deploy/bench", "python-bench")
}

/// Python that builds plugins.
pub(crate) fn plugin_environment(workspace: &Workspace) -> Result<PathBuf> {
    environment_for(workspace, "plugins/python", "python-plugins")
}

/// The environment's Python, made or brought up to date when the requirements have changed.
fn environment_for(workspace: &Workspace, source: &str, name: &str) -> Result<PathBuf> {
    let files = requirement_files(&workspace.root.join(source))?;
    let requirements = files.iter().map(|file| read(file)).collect::<Result<Vec<String>>>()?.join("\n");
    let folder = workspace.target.join(name);
    let python = folder.join("bin/python");
    let installed = folder.join("installed-requirements.txt");
    if python.is_file() && std::fs::read_to_string(&installed).is_ok_and(|text| text == requirements) {
        return Ok(python);
    }
    let has_venv = process::succeeds(process::program("python3").args(["-c", "import venv, ensurepip"]));
    if !has_venv {
        apt::install("tests and benchmarks need Python with venv", &["python3", "python3-venv"])?;
    }
    process::run_within(process::program("python3").args(["-m", "venv", "--clear"]).arg(&folder), LIMIT)?;
    let mut pip = process::program(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    for file in &files {
        pip.arg("-r").arg(file);
    }
    process::run_within(&mut pip, LIMIT)?;
    write(&installed, requirements)?;
    Ok(python)
}

fn requirement_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = walk(folder, &|path| !path.ends_with("node_modules"))?;
    files.retain(|file| file.ends_with("requirements.txt"));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_of_all_tests_count() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["requirements.txt", "a/requirements.txt", "a/other.txt", "b/node_modules/x/requirements.txt"] {
            write(&folder.path().join(name), "").unwrap();
        }
        let found = requirement_files(folder.path()).unwrap();
        assert_eq!(found, [folder.path().join("a/requirements.txt"), folder.path().join("requirements.txt")]);
    }
}
