//! Whether `ui/dist` is what a build would write now.

use super::bindgen;
use crate::process;
use crate::setup::wasm::Toolchain;
use crate::workspace::{Workspace, walk, write};
use anyhow::{Context, Result};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// Kept inside `ui/dist`, so that it lives and dies with what it describes.
const FILE: &str = ".fingerprint";
/// Everything a build reads, relative to the root.
const INPUTS: [&str; 6] = ["ui", "core/api", "Cargo.toml", "Cargo.lock", ".cargo/config.toml", "deploy/xtask/src/page"];
/// Below `ui`: what a build writes or does not read.
const NOT_INPUTS: [&str; 3] = ["dist", "node_modules", "tests"];

/// Hash over the compiler, `wasm-opt` and every input file with its path.
pub(super) fn current(workspace: &Workspace, toolchain: Toolchain) -> Result<String> {
    let mut hash = Xxh3::new();
    hash.update(toolchain.identity()?.as_bytes());
    if let Some(wasm_opt) = bindgen::optimiser() {
        hash.update(process::output(process::program(wasm_opt).arg("--version"))?.as_bytes());
    }
    hash_inputs(&workspace.root, &mut hash)?;
    Ok(format!("{:032x}", hash.digest128()))
}

fn hash_inputs(root: &Path, hash: &mut Xxh3) -> Result<()> {
    let ui = root.join("ui");
    let enter = |path: &Path| !NOT_INPUTS.iter().any(|name| path == ui.join(name));
    for input in INPUTS {
        let path = root.join(input);
        let files = if path.is_file() { vec![path] } else { walk(&path, &enter)? };
        for file in files {
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            // Lengths keep two files from looking like one.
            hash.update(&name.len().to_le_bytes());
            hash.update(name.as_bytes());
            hash.update(&bytes.len().to_le_bytes());
            hash.update(&bytes);
        }
    }
    Ok(())
}

pub(super) fn is_built(dist: &Path, fingerprint: &str) -> bool {
    dist.join("index.html").is_file() && std::fs::read_to_string(dist.join(FILE)).is_ok_and(|text| text == fingerprint)
}

/// Puts a finished build in place. The fingerprint is written last: a build that was interrupted
/// on the way does not count.
pub(super) fn replace(built: &Path, dist: &Path, fingerprint: &str) -> Result<()> {
    if dist.exists() {
        std::fs::remove_dir_all(dist).with_context(|| format!("cannot empty {}", dist.display()))?;
    }
    for file in walk(built, &|_| true)? {
        let name = file.strip_prefix(built).context("a built file lies outside its folder")?;
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        write(&dist.join(name), bytes)?;
    }
    write(&dist.join(FILE), fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(root: &Path) -> u128 {
        let mut hash = Xxh3::new();
        hash_inputs(root, &mut hash).unwrap();
        hash.digest128()
    }

    #[test]
    fn every_input_counts_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mut before = hash_of(root);
        for input in ["ui/src/main.rs", "ui/style/tokens.css", "core/api/src/lib.rs", "Cargo.lock", "Cargo.toml"] {
            for text in ["a", "b", ""] {
                write(&root.join(input), text).unwrap();
                let after = hash_of(root);
                assert_ne!(before, after, "{input} {text:?}");
                before = after;
            }
        }
        for other in ["ui/dist/index.html", "ui/node_modules/a/b.js", "ui/tests/a.mjs", "core/query/src/lib.rs"] {
            write(&root.join(other), "a").unwrap();
            assert_eq!(hash_of(root), before, "{other}");
        }
        std::fs::rename(root.join("ui/src/main.rs"), root.join("ui/src/other.rs")).unwrap();
        assert_ne!(hash_of(root), before, "a renamed file");
    }

    #[test]
    fn a_build_counts_once_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let (built, dist) = (folder.path().join("built"), folder.path().join("dist"));
        write(&built.join("index.html"), "new").unwrap();
        write(&built.join("assets/a.js"), "a").unwrap();
        write(&dist.join("assets/old.js"), "old").unwrap();
        assert!(!is_built(&dist, "1"));
        replace(&built, &dist, "1").unwrap();
        assert!(is_built(&dist, "1"));
        assert!(!is_built(&dist, "2"));
        assert!(dist.join("assets/a.js").is_file() && !dist.join("assets/old.js").exists());
        std::fs::remove_file(dist.join("index.html")).unwrap();
        assert!(!is_built(&dist, "1"));
    }
}
