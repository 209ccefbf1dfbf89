//! Node, npm and the packages a `package-lock.json` pins.

use super::apt;
use crate::process;
use crate::workspace::{read, write};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The oldest Node whose test runner and brotli the scripts here use (Debian 12 has it).
const MAJOR_MIN: u32 = 18;
const LIMIT: Duration = Duration::from_secs(900);

/// Makes sure that `node` and `npm` are on `PATH` and new enough.
pub(crate) fn find_or_install() -> Result<()> {
    if process::on_path("node").is_none() || process::on_path("npm").is_none() {
        apt::install("the page is bundled with Node and npm", &["nodejs", "npm"])?;
    }
    let version = process::output(process::program("node").arg("--version"))?;
    let major = major_of(&version).with_context(|| format!("`node --version` printed {:?}", version.trim()))?;
    if major < MAJOR_MIN {
        bail!("node {} is too old: at least version {MAJOR_MIN} is needed", version.trim());
    }
    Ok(())
}

fn major_of(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Whether a folder has a `package.json` with that script.
pub(crate) fn has_script(folder: &Path, script: &str) -> Result<bool> {
    let path = folder.join("package.json");
    if !path.is_file() {
        return Ok(false);
    }
    let manifest: serde_json::Value =
        serde_json::from_str(&read(&path)?).with_context(|| format!("{} is not JSON", path.display()))?;
    Ok(manifest.pointer(&format!("/scripts/{script}")).is_some_and(serde_json::Value::is_string))
}

/// Installs the packages of a folder unless `node_modules` already holds exactly what the lock
/// file says. Install scripts do not run: nothing here needs one, and they are how a bad package
/// takes over a machine.
pub(crate) fn packages(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        bail!(
            "{} is missing: write it with `npm install --package-lock-only --omit-lockfile-registry-resolved`",
            lock.display()
        );
    }
    let wanted = read(&lock)?;
    let installed = folder.join("node_modules/.installed-lock");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    let mut npm = process::program("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    process::run_within(&mut npm, LIMIT)?;
    write(&installed, wanted)
}

/// [`packages`] of a folder and of those directly in it, as far as they have a `package.json`.
pub(crate) fn packages_below(folder: &Path) -> Result<()> {
    let inner = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut folders: Vec<PathBuf> = inner.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.insert(0, folder.to_path_buf());
    for folder in folders {
        if folder.join("package.json").is_file() {
            packages(&folder)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_is_read() {
        assert_eq!(major_of("v20.20.2\n"), Some(20));
        assert_eq!(major_of("v18.0.0"), Some(18));
        assert_eq!(major_of("20.1.0"), None);
        assert_eq!(major_of("v"), None);
    }

    #[test]
    fn scripts_are_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_script(folder.path(), "build").unwrap());
        write(&folder.path().join("package.json"), r#"{"scripts":{"build":"x"}}"#).unwrap();
        assert!(has_script(folder.path(), "build").unwrap());
        assert!(!has_script(folder.path(), "test").unwrap());
        write(&folder.path().join("package.json"), "{").unwrap();
        assert!(has_script(folder.path(), "build").is_err());
    }

    #[test]
    fn a_folder_without_lock_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = packages(folder.path()).unwrap_err().to_string();
        assert!(error.contains("package-lock.json is missing"), "{error}");
    }

    #[test]
    fn nothing_runs_when_the_lock_file_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        // Not JSON, so that `npm ci` would fail if it ran.
        write(&folder.path().join("package-lock.json"), "not json").unwrap();
        write(&folder.path().join("node_modules/.installed-lock"), "not json").unwrap();
        packages(folder.path()).unwrap();
    }
}
