//! A compiler for `wasm32-unknown-unknown`: this toolchain's own when it has or can fetch the
//! target, else Debian's `rustc-web` with the standard library built from source.

use super::apt;
use crate::process;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// A machine that cannot reach the toolchain server often drops the packets instead of refusing.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
/// Where `-Zbuild-std` looks for the source of the standard library.
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-19"];

/// How wasm32 is compiled on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain in use has the target.
    Own,
    /// Debian's packages; the standard library is built along.
    Debian,
}

/// Finds the target, else adds it with rustup, else installs Debian's packages.
/// `LINCEI_WASM_TOOLCHAIN=rustup|debian` allows only one of the two ways.
pub(crate) fn find_or_install(workspace: &Workspace) -> Result<Toolchain> {
    let wish = std::env::var("LINCEI_WASM_TOOLCHAIN").unwrap_or_default();
    match wish.as_str() {
        "" => own(workspace).or_else(|own_error| {
            println!("{own_error:#}; trying Debian's toolchain");
            debian().with_context(|| format!("{own_error:#}"))
        }),
        "rustup" => own(workspace),
        "debian" => debian(),
        other => bail!("LINCEI_WASM_TOOLCHAIN is {other:?}; it can be \"rustup\" or \"debian\""),
    }
}

fn own(workspace: &Workspace) -> Result<Toolchain> {
    if own_has_target(workspace) {
        return Ok(Toolchain::Own);
    }
    if process::on_path("rustup").is_none() {
        bail!("the Rust toolchain has no target {TARGET}, and there is no rustup to add it");
    }
    let mut add = process::program("rustup");
    add.args(["target", "add", TARGET]).current_dir(&workspace.root);
    process::run_within(&mut add, RUSTUP_LIMIT).context("cannot add the wasm32 target")?;
    if !own_has_target(workspace) {
        bail!("`rustup target add {TARGET}` succeeded, but rustc does not find the target");
    }
    Ok(Toolchain::Own)
}

fn own_has_target(workspace: &Workspace) -> bool {
    let mut rustc = process::program(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--print", "target-libdir", "--target", TARGET]).current_dir(&workspace.root);
    process::output(&mut rustc).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn debian() -> Result<Toolchain> {
    let missing = [DEBIAN_RUSTC, DEBIAN_CARGO, DEBIAN_STD].iter().any(|path| !Path::new(path).exists());
    if missing || linker().is_none() {
        apt::install("the page is compiled to wasm32", &DEBIAN_PACKAGES)?;
    }
    let found = process::output(process::program(DEBIAN_RUSTC).args(["--print", "sysroot"]))?;
    if found.trim() != "/usr" {
        bail!("{DEBIAN_RUSTC} is not Debian's (its sysroot is {})", found.trim());
    }
    linker().context("no wasm-ld on PATH (Debian: lld-19)")?;
    Ok(Toolchain::Debian)
}

/// Newest `wasm-ld` that goes with the packages above.
fn linker() -> Option<PathBuf> {
    ["wasm-ld-19", "wasm-ld"].iter().find_map(|name| process::on_path(name))
}

impl Toolchain {
    /// In words, for people.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Toolchain::Own => "the Rust toolchain's own target",
            Toolchain::Debian => "Debian's rustc-web, standard library from source",
        }
    }

    /// Where its output goes: apart from the native builds, so that neither makes the other wait
    /// or rebuild, and apart from the other toolchain's.
    pub(crate) fn target_dir(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join(match self {
            Toolchain::Own => "wasm",
            Toolchain::Debian => "wasm-debian",
        })
    }

    /// Exact compiler, for deciding whether a build is still current.
    pub(crate) fn identity(self) -> Result<String> {
        let rustc = match self {
            Toolchain::Own => std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()),
            Toolchain::Debian => DEBIAN_RUSTC.into(),
        };
        process::output(process::program(rustc).arg("-vV"))
    }

    /// Whether clippy is there for this compiler.
    pub(crate) fn has_clippy(self) -> bool {
        self == Toolchain::Own || Path::new(DEBIAN_CLIPPY).is_file()
    }

    /// A cargo command for this target, without the arguments that name packages.
    pub(crate) fn cargo(self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut command = match self {
            Toolchain::Own => process::cargo(&workspace.root),
            Toolchain::Debian => {
                let mut command = process::program(DEBIAN_CARGO);
                command.current_dir(&workspace.root);
                command
                    .env("CARGO", DEBIAN_CARGO)
                    .env("RUSTC", DEBIAN_RUSTC)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker().unwrap_or_else(|| "wasm-ld-19".into()))
                    .env_remove("RUSTUP_TOOLCHAIN");
                command
            }
        };
        if self == Toolchain::Debian && subcommand == "clippy" {
            command = clippy_of_debian(&command);
        } else {
            command.arg(subcommand);
        }
        command.args(["--target", TARGET, "--target-dir"]).arg(self.target_dir(workspace));
        if self == Toolchain::Debian {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

/// `cargo clippy` would find another toolchain's `cargo-clippy` first on `PATH`.
fn clippy_of_debian(cargo: &Command) -> Command {
    let mut clippy = process::program(DEBIAN_CLIPPY);
    if let Some(folder) = cargo.get_current_dir() {
        clippy.current_dir(folder);
    }
    for (key, value) in cargo.get_envs() {
        match value {
            Some(value) => clippy.env(key, value),
            None => clippy.env_remove(key),
        };
    }
    clippy.arg("clippy");
    clippy
}
