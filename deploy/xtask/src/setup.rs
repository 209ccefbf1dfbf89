//! What `run` and `test` need from outside cargo, found or installed. Every part is idempotent and
//! takes no time when nothing is missing.

mod apt;
pub(crate) mod chromium;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod wasm;

use crate::process;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Everything at once, for a machine that is to work without a network later.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    c_compiler()?;
    cxx_compiler()?;
    clang()?;
    let toolchain = wasm::find_or_install(workspace)?;
    println!("wasm32: {}", toolchain.describe());
    node::find_or_install()?;
    for folder in ["ui", "deploy/compat"] {
        node::packages_below(&workspace.root.join(folder))?;
    }
    println!("Chromium: {}", chromium::find_or_install()?.display());
    println!("Python: {}", python::environment(workspace)?.display());
    Ok(())
}

/// What authors of plugins have in five languages. Gives the Python beside which those of Python and Go lie.
pub(crate) fn plugin_compilers(workspace: &Workspace) -> Result<PathBuf> {
    clang()?;
    wasm::find_or_install(workspace)?;
    node::find_or_install()?;
    node::packages(&workspace.root.join("deploy/compat/plugins"))?;
    python::environment(workspace)
}

/// Plugins in C are built with it.
fn clang() -> Result<()> {
    let found = ["clang", "clang-19"].iter().any(|name| process::on_path(name).is_some());
    if found { Ok(()) } else { apt::install("plugins in C are built with clang", &["clang-19", "lld-19"]) }
}

/// libFuzzer is C++.
pub(crate) fn cxx_compiler() -> Result<()> {
    let found = std::env::var_os("CXX").is_some()
        || ["c++", "g++", "clang++"].iter().any(|name| process::on_path(name).is_some());
    if found { Ok(()) } else { apt::install("fuzz targets need a C++ compiler", &["g++"]) }
}

/// SQLite, zstd, the allocator and others are C, and the last is built by make. The `CC` variable is
/// taken at its word, as the `cc` crate does.
pub(crate) fn c_compiler() -> Result<()> {
    let found =
        std::env::var_os("CC").is_some() || ["cc", "gcc", "clang"].iter().any(|name| process::on_path(name).is_some());
    if !found {
        bail!("no C compiler on PATH: install gcc or clang (Debian: `apt-get install gcc libc6-dev`)");
    }
    let found = ["make", "gmake"].iter().any(|name| process::on_path(name).is_some());
    if found { Ok(()) } else { apt::install("the allocator is built by make", &["make"]) }
}
