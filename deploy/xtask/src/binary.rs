//! The `lincei` binary with the page inside.

use crate::workspace::Workspace;
use crate::{page, process, setup};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// How much the compiler optimises, and how long it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
    /// Fat LTO, stripped: what is handed out.
    Dist,
}

impl Profile {
    /// Its folder below the target directory, and its name for cargo except that of `dev`.
    fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "debug",
            Profile::Release => "release",
            Profile::Dist => "dist",
        }
    }
}

/// `cargo xtask build [--release|--dist] [--no-page]`.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    let mut profile = Profile::Dev;
    let mut with_page = true;
    for arg in args {
        match arg.as_str() {
            "--release" => profile = Profile::Release,
            "--dist" => profile = Profile::Dist,
            "--no-page" => with_page = false,
            unknown => bail!("unknown argument `{unknown}`; `build` takes --release, --dist and --no-page"),
        }
    }
    let binary = build(workspace, profile, with_page)?;
    println!("{}", binary.display());
    Ok(())
}

/// `cargo xtask dist`.
pub(crate) fn dist(workspace: &Workspace) -> Result<()> {
    let binary = build(workspace, Profile::Dist, true)?;
    let bytes = std::fs::metadata(&binary).with_context(|| format!("cannot read {}", binary.display()))?.len();
    println!("{} ({:.1} MB)", binary.display(), bytes as f64 / 1e6);
    Ok(())
}

/// `cargo xtask scripts`.
pub(crate) fn scripts(workspace: &Workspace) -> Result<()> {
    scripts_with(workspace, Profile::Release)
}

/// Packing needs the engine: it is built in the profile of what comes next.
fn scripts_with(workspace: &Workspace, profile: Profile) -> Result<()> {
    crate::scripts::build(workspace, || plugin_compiler(workspace, profile))
}

/// The program that compiles plugins, which is the host of plugins alone.
pub(crate) fn plugin_compiler(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "-p", "lincei-server", "-p", "lincei-host", "--bin", "lincei-plugin-compiler"]);
    if profile != Profile::Dev {
        cargo.args(["--profile", profile.folder()]);
    }
    process::run(&mut cargo)?;
    let name = format!("lincei-plugin-compiler{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target.join(profile.folder()).join(name))
}

/// Builds the page (unless without it), then the binary; returns where it is.
pub(crate) fn build(workspace: &Workspace, profile: Profile, with_page: bool) -> Result<PathBuf> {
    setup::c_compiler()?;
    scripts_with(workspace, profile)?;
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "-p", "lincei-server", "--bin", "lincei"]);
    if profile != Profile::Dev {
        cargo.args(["--profile", profile.folder()]);
    }
    if with_page {
        page::build(workspace, false)?;
        cargo.args(["--features", "embed-ui"]);
    }
    process::run(&mut cargo)?;
    Ok(workspace.target.join(profile.folder()).join(format!("lincei{}", std::env::consts::EXE_SUFFIX)))
}
