//! From the compiler's module to one a browser can load: `wasm-bindgen` as a library, at the
//! version the page is compiled with, then `wasm-opt` where it is installed.

use crate::process;
use crate::workspace::{Workspace, read};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;
use wasm_bindgen_cli_support::Bindgen;

const OPTIMISE_LIMIT: Duration = Duration::from_secs(300);
/// The oldest version whose output was seen to run. Version 108 (Debian 12) exports the wrong one of
/// two tables, and the browser refuses to start the module.
const OPTIMISER_MIN: u32 = 132;
/// What rustc's default wasm32 processor uses; older versions of `wasm-opt` assume none of it.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The page's program as the browser gets it.
pub(super) struct Program {
    pub(super) wasm: Vec<u8>,
    /// The module that `wasm-bindgen` wrote; imports `./snippets/…` where the Rust code has any.
    pub(super) script: String,
    /// Folder of JavaScript that came with Rust crates; may not exist.
    pub(super) snippets: PathBuf,
}

pub(super) fn run(workspace: &Workspace, wasm: &Path, folder: &Path) -> Result<Program> {
    let (library, tool) = ("wasm-bindgen", "wasm-bindgen-cli-support");
    let (compiled, ours) = (workspace.locked_version(library)?, workspace.locked_version(tool)?);
    if compiled != ours {
        bail!("Cargo.lock has {library} {compiled} but {tool} {ours}: pin both to one version in Cargo.toml");
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen.web(true).context("wasm-bindgen")?;
    bindgen
        .input_path(wasm)
        .out_name("lincei")
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(folder).context("wasm-bindgen")?;
    let module = folder.join("lincei_bg.wasm");
    let optimised = optimise(&module).unwrap_or_else(|| module.clone());
    let wasm = std::fs::read(&optimised).with_context(|| format!("cannot read {}", optimised.display()))?;
    Ok(Program { wasm, script: read(&folder.join("lincei.js"))?, snippets: folder.join("snippets") })
}

/// The `wasm-opt` on `PATH`, if it can be trusted.
pub(super) fn optimiser() -> Option<PathBuf> {
    let wasm_opt = process::on_path("wasm-opt")?;
    let version = process::output(process::program(&wasm_opt).arg("--version")).ok()?;
    (version_of(&version)? >= OPTIMISER_MIN).then_some(wasm_opt)
}

/// The number in `wasm-opt version 132 (version_132)`.
fn version_of(text: &str) -> Option<u32> {
    text.split_whitespace().find_map(|word| word.parse().ok())
}

/// A smaller copy of a module (by some 4 % once compressed), or `None` when there is no `wasm-opt`
/// or it is too old for it.
fn optimise(module: &Path) -> Option<PathBuf> {
    let wasm_opt = optimiser()?;
    let optimised = module.with_extension("opt.wasm");
    let mut command = process::program(wasm_opt);
    command.arg("-Oz").args(FEATURES).arg("--output").arg(&optimised).arg(module);
    match process::run_within(&mut command, OPTIMISE_LIMIT) {
        Ok(()) => Some(optimised),
        Err(error) => {
            println!("page: goes on without wasm-opt: {error:#}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read() {
        assert_eq!(version_of("wasm-opt version 132 (version_132)\n"), Some(132));
        assert_eq!(version_of("wasm-opt version 108\n"), Some(108));
        assert_eq!(version_of("wasm-opt\n"), None);
    }
}
