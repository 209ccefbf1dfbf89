//! The steps that are programs in other languages: they get the binary and the place of everything
//! they need from the environment.
//!
//! | variable | value |
//! |---|---|
//! | `LINCEI_BIN` | the binary under test, page included |
//! | `CHROMIUM` | a Chromium or Chrome (browser tests) |
//! | `PYTHON` | Python with what the tests require (compatibility tests) |

use super::native;
use crate::process;
use crate::setup::{chromium, node, python};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// `npm test` in `ui`.
pub(super) fn browser(workspace: &Workspace) -> Result<()> {
    let ui = workspace.root.join("ui");
    if !node::has_script(&ui, "test")? {
        bail!("ui/package.json has no script `test`");
    }
    let binary = native::binary(workspace)?;
    node::find_or_install()?;
    node::packages(&ui)?;
    let mut npm = process::program("npm");
    npm.args(["run", "--silent", "test"]).current_dir(&ui);
    npm.env("LINCEI_BIN", binary).env("CHROMIUM", chromium::find_or_install()?);
    process::run_within(&mut npm, LIMIT)
}

/// `deploy/compat/<name>/run.py` and `run.mjs`, each on its own; all run even when one fails.
pub(super) fn compat(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("deploy/compat");
    let scripts = scripts(&folder)?;
    if scripts.is_empty() {
        bail!("no run.py or run.mjs below deploy/compat");
    }
    let binary = native::binary(workspace)?;
    let python = python::environment(workspace)?;
    node::find_or_install()?;
    node::packages_below(&folder)?;
    let mut failed = Vec::new();
    for script in &scripts {
        let runs_on_python = script.extension().is_some_and(|extension| extension == "py");
        let mut program = if runs_on_python { process::program(&python) } else { process::program("node") };
        program.arg(script).current_dir(&workspace.root).env("LINCEI_BIN", &binary).env("PYTHON", &python);
        if let Err(error) = process::run_within(&mut program, LIMIT) {
            println!("{error:#}");
            failed.push(script.strip_prefix(&folder).unwrap_or(script).display().to_string());
        }
    }
    println!("compat: {} programs, {} failed", scripts.len(), failed.len());
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join(", ")) }
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        found.extend(["run.py", "run.mjs"].iter().map(|name| entry.join(name)).filter(|path| path.is_file()));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::write;

    #[test]
    fn scripts_are_found_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/run.mjs", "a/run.py", "a/other.py", "a/deep/run.py", "node_modules/x.js", "run.py"] {
            write(&folder.path().join(name), "").unwrap();
        }
        let found = scripts(folder.path()).unwrap();
        assert_eq!(found, [folder.path().join("a/run.py"), folder.path().join("b/run.mjs")]);
        assert!(scripts(&folder.path().join("missing")).is_err());
    }
}
