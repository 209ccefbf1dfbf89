//! Where the checkout and its build output are, and which files belong to it.

use crate::process;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The checkout this tool was started for.
pub(crate) struct Workspace {
    /// Folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target directory; everything this tool builds or downloads goes below it, except
    /// `ui/dist` and `node_modules`.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace that holds this crate's manifest when cargo started the program, else the one
    /// around the current directory. The compiled-in path is not used: with a target directory
    /// shared between clones it can be that of another one.
    pub(crate) fn find() -> Result<Self> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest_dir) => PathBuf::from(manifest_dir),
            None => std::env::current_dir().context("no current directory")?,
        };
        let root = start
            .ancestors()
            .find(|folder| folder.join("deploy/xtask/Cargo.toml").is_file() && folder.join("Cargo.toml").is_file())
            .with_context(|| format!("no checkout of the project around {}", start.display()))?
            .to_path_buf();
        let metadata = process::output(process::cargo(&root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
        let target = metadata
            .get("target_directory")
            .and_then(serde_json::Value::as_str)
            .context("cargo metadata names no target directory")?;
        Ok(Self { root, target: PathBuf::from(target) })
    }

    /// Version of a package in `Cargo.lock`; an error when it is missing or there are several.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let text = read(&path)?;
        let lock: toml::Table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
        let packages = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock lists no package")?;
        let versions: Vec<&str> = packages
            .iter()
            .filter(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))
            .filter_map(|entry| entry.get("version").and_then(toml::Value::as_str))
            .collect();
        match versions.as_slice() {
            [version] => Ok((*version).to_owned()),
            [] => bail!("Cargo.lock has no package `{package}`"),
            several => bail!("Cargo.lock has several versions of `{package}`: {}", several.join(", ")),
        }
    }

    /// Every file of the checkout that git tracks or would track, relative to the root, sorted.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut git = process::program("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&self.root);
        let listed = process::output(&mut git).context("the list of files comes from git")?;
        let mut files: Vec<PathBuf> = listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        files.retain(|path| self.root.join(path).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// Text of a file, with its path in the error.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file, creating its folder.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    std::fs::write(path, contents).with_context(|| format!("cannot write {}", path.display()))
}

/// Every file below `folder` for which `enter` accepts it and the folders above it, sorted. A
/// folder that does not exist holds none.
pub(crate) fn walk(folder: &Path, enter: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(current) = open.pop() {
        if !current.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&current).with_context(|| format!("cannot list {}", current.display()))? {
            let path = entry.with_context(|| format!("cannot list {}", current.display()))?.path();
            if !enter(&path) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
