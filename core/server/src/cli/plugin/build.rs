//! `lincei plugin build`: the language's own compiler, then a component.

use super::new::write_sdk;
use super::project::{Language, Project, ProjectArgs};
use crate::cli::say;
use anyhow::{Context as _, bail};
use lincei_host::{ComponentSource, embed, to_component};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// Where Debian's packages have a Rust that builds for WebAssembly, and their linker.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKERS: [&str; 2] = ["wasm-ld-19", "wasm-ld"];
const CLANGS: [&str; 3] = ["clang", "clang-19", "clang-18"];
const CLANG_FLAGS: [&str; 12] = [
    "--target=wasm32-unknown-unknown",
    "-std=c17",
    "-O2",
    "-mbulk-memory",
    "-ffreestanding",
    "-nostdlib",
    "-Wl,--no-entry",
    "-Wl,--strip-all",
    "-Wl,--stack-first",
    "-Wl,-z,stack-size=65536",
    "-o",
    "core.wasm",
];

pub(super) fn run(args: &ProjectArgs) -> anyhow::Result<()> {
    let project = args.open()?;
    build(&project)?;
    let bytes = std::fs::metadata(project.built())?.len();
    say(&format!("built {} ({} {}, {bytes} bytes)", project.built().display(), project.kind, project.name));
    Ok(())
}

/// Makes `plugin.wasm`.
pub(super) fn build(project: &Project) -> anyhow::Result<()> {
    if let Some(file) = sdk_file(project.language)
        && !project.folder.join(file).exists()
    {
        say("the project has no SDK: that of this version is put there");
        write_sdk(&project.folder, project.language)?;
    }
    let module = match project.language {
        Language::Rust => rust(project)?,
        Language::C => c(project)?,
        Language::Go => go(project)?,
        // these make the component themselves
        Language::Python => return script(project, &["python3", "python"], "build.py"),
        Language::Javascript => return script(project, &["node"], "build.mjs"),
    };
    let mut bytes = std::fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    if ComponentSource::of(&bytes)? == ComponentSource::PlainModule {
        bytes = embed(&bytes, project.kind)?;
    }
    let component = to_component(&bytes)?;
    std::fs::write(project.built(), &component).with_context(|| format!("cannot write {}", project.built().display()))
}

/// A file of the SDK that a project has beside its own; projects in Rust and Go say themselves where it is.
const fn sdk_file(language: Language) -> Option<&'static str> {
    match language {
        Language::Rust | Language::Go => None,
        Language::C => Some("lincei.h"),
        Language::Python => Some("build.py"),
        Language::Javascript => Some("build.mjs"),
    }
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn first(programs: &[&str]) -> Option<String> {
    programs.iter().find(|program| is_there(program)).map(|program| (*program).to_owned())
}

/// Runs a compiler in the project's folder.
fn finish(project: &Project, command: &mut Command) -> anyhow::Result<()> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let status = command.current_dir(&project.folder).status().with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

fn rust(project: &Project) -> anyhow::Result<PathBuf> {
    let mut cargo = rust_toolchain()?;
    cargo.args(["build", "--release", "--target", WASM_TARGET, "--target-dir", "target"]);
    if cargo.get_envs().any(|(name, _)| name == "RUSTC_BOOTSTRAP") {
        cargo.arg("-Zbuild-std=std,panic_abort");
    }
    finish(project, &mut cargo)?;
    let file = format!("{}.wasm", project.name.replace('-', "_"));
    Ok(project.folder.join("target").join(WASM_TARGET).join("release").join(file))
}

/// The `cargo` on the path where its compiler has the target, else Debian's with the standard library
/// built anew.
fn rust_toolchain() -> anyhow::Result<Command> {
    let sysroot = Command::new("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]).output();
    if let Ok(output) = sysroot
        && output.status.success()
        && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    {
        return Ok(Command::new("cargo"));
    }
    let linker = first(&DEBIAN_LINKERS);
    if let (Some(linker), true) =
        (linker, Path::new(DEBIAN_CARGO).is_file() && Path::new("/usr/lib/rustlib/src").is_dir())
    {
        let mut cargo = Command::new(DEBIAN_CARGO);
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", DEBIAN_RUSTC);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        return Ok(cargo);
    }
    bail!("this Rust cannot build for {WASM_TARGET}: run `rustup target add {WASM_TARGET}`")
}

fn c(project: &Project) -> anyhow::Result<PathBuf> {
    let clang = std::env::var("CC").ok().filter(|cc| cc.contains("clang")).or_else(|| first(&CLANGS));
    let clang = clang.context("no clang was found: install clang and lld, or name it in CC")?;
    finish(project, Command::new(clang).args(CLANG_FLAGS).arg("plugin.c"))?;
    Ok(project.folder.join("core.wasm"))
}

fn go(project: &Project) -> anyhow::Result<PathBuf> {
    let mut command = Command::new(std::env::var("GO").unwrap_or_else(|_| "go".to_owned()));
    command.args(["build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", "core.wasm", "."]);
    finish(project, command.env("GOOS", "wasip1").env("GOARCH", "wasm"))?;
    Ok(project.folder.join("core.wasm"))
}

/// Runs the build program that came with the project.
fn script(project: &Project, programs: &[&str], file: &str) -> anyhow::Result<()> {
    let program = first(programs).with_context(|| format!("{} was not found", programs.join(" or ")))?;
    finish(project, Command::new(program).arg(file).args(["--world", project.kind.as_str()]))
}
