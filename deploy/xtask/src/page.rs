//! The web page: Rust to Wasm, npm packages bundled by esbuild, one style sheet, hashed names,
//! compressed copies, all into `ui/dist`. Nothing is built when nothing it depends on has changed.
//!
//! What `ui/` provides:
//!
//! | file | becomes |
//! |---|---|
//! | `Cargo.toml`, `src/` | package `lincei-ui`: `assets/lincei-<hash>.js` and `.wasm` |
//! | `index.html` | `index.html`, `{{css}}` and `{{js}}` replaced by the addresses of style sheet and loader |
//! | `style/*.css` | `assets/app-<hash>.css`: tokens, components, then the rest by name |
//! | `package.json` with script `build` | runs with `BUNDLE_DIR`; `<name>.<ext>` written there becomes `assets/<name>-<hash>.<ext>`, found by the page as `globalThis.linceiBundles["<name>.<ext>"]` |
//! | `public/` | copied as it is |

mod assets;
mod bindgen;
mod fingerprint;

use crate::process;
use crate::setup::{node, wasm};
use crate::workspace::{Workspace, read, walk, write};
use anyhow::{Context, Result, bail};
use assets::Dist;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes over the wire, brotli-compressed, before the page shows itself.
const FIRST_LOAD_BYTES_MAX: u64 = 1_000_000;
const BUNDLE_LIMIT: Duration = Duration::from_secs(300);
const COMPRESS: &str = include_str!("page/compress.mjs");

/// How the program is compiled.
#[derive(Clone, Copy)]
enum Flavour {
    /// Small and fast, as it is released.
    Released,
    /// Within seconds, for whoever works on the page: large, and slow where it computes.
    Unoptimised,
}

impl Flavour {
    /// Cargo's profile, and the folder of its output.
    const fn profile(self) -> (&'static str, &'static str) {
        match self {
            Self::Released => ("wasm", "wasm"),
            Self::Unoptimised => ("dev", "debug"),
        }
    }
}

/// `cargo xtask ui [--force | --dev]`.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    match args {
        [] => build(workspace, false),
        [flag] if flag == "--force" => build(workspace, true),
        [flag] if flag == "--dev" => unoptimised(workspace, &workspace.root.join("ui/dist")),
        [first, ..] => bail!("unknown argument `{first}`; `ui` takes only --force or --dev"),
    }
}

/// Builds the page with its gallery of components, which released pages lack, into `dist`.
fn unoptimised(workspace: &Workspace, dist: &Path) -> Result<()> {
    let started = Instant::now();
    let toolchain = wasm::find_or_install(workspace)?;
    node::find_or_install()?;
    let (built, _) = make(workspace, toolchain, Flavour::Unoptimised)?;
    fingerprint::replace(built.folder(), dist, "unoptimised")?;
    println!("page: {} built without optimisation in {:.1} s", dist.display(), started.elapsed().as_secs_f64());
    Ok(())
}

/// Brings `ui/dist` up to date.
pub(crate) fn build(workspace: &Workspace, force: bool) -> Result<()> {
    let started = Instant::now();
    let toolchain = wasm::find_or_install(workspace)?;
    node::find_or_install()?;
    let fingerprint = fingerprint::current(workspace, toolchain)?;
    let dist = workspace.root.join("ui/dist");
    if !force && fingerprint::is_built(&dist, &fingerprint) {
        println!("page: up to date");
        return Ok(());
    }
    println!("page: building with {}", toolchain.describe());
    let (built, first_load) = make(workspace, toolchain, Flavour::Released)?;
    compress(built.folder())?;
    report(&built, &first_load)?;
    fingerprint::replace(built.folder(), &dist, &fingerprint)?;
    println!("page: ui/dist built in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Everything but the compressed copies, in a folder of its own, and the names of what loads first.
fn make(workspace: &Workspace, toolchain: wasm::Toolchain, flavour: Flavour) -> Result<(Dist, Vec<String>)> {
    let staging = workspace.target.join("page");
    if staging.exists() {
        std::fs::remove_dir_all(&staging).with_context(|| format!("cannot empty {}", staging.display()))?;
    }
    let bundles = bundle(workspace, &staging.join("bundle"))?;
    let wasm = compile(workspace, toolchain, flavour)?;
    let program = bindgen::run(workspace, &wasm, &staging.join("bindgen"))?;
    let built = Dist::new(staging.join("dist"));
    let first_load = assemble(&workspace.root.join("ui"), &built, &program, &bundles)?;
    Ok((built, first_load))
}

/// Runs the npm script `build` and returns what it wrote.
fn bundle(workspace: &Workspace, folder: &Path) -> Result<Vec<PathBuf>> {
    let ui = workspace.root.join("ui");
    if !node::has_script(&ui, "build")? {
        return Ok(Vec::new());
    }
    node::packages(&ui)?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut npm = process::program("npm");
    npm.args(["run", "--silent", "build"]).current_dir(&ui).env("BUNDLE_DIR", folder);
    process::run_within(&mut npm, BUNDLE_LIMIT)?;
    walk(folder, &|_| true)
}

/// Compiles `lincei-ui` and returns the raw module.
fn compile(workspace: &Workspace, toolchain: wasm::Toolchain, flavour: Flavour) -> Result<PathBuf> {
    let (profile, output) = flavour.profile();
    let mut cargo = toolchain.cargo(workspace, "build");
    process::run(cargo.args(["--profile", profile, "-p", "lincei-ui"]))?;
    let folder = toolchain.target_dir(workspace).join(wasm::TARGET).join(output);
    // A binary keeps the hyphen of the package's name, a library does not.
    ["lincei-ui.wasm", "lincei_ui.wasm"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| format!("no lincei-ui module in {}", folder.display()))
}

/// Puts everything in its place and returns the paths, relative to the folder, of what the browser
/// fetches before the page shows itself.
fn assemble(ui: &Path, dist: &Dist, program: &bindgen::Program, bundles: &[PathBuf]) -> Result<Vec<String>> {
    dist.copy_all(&ui.join("public"))?;
    let wasm = dist.add_hashed("lincei.wasm", &program.wasm)?;
    let mut first_load = Vec::new();
    let script = match dist.add_folder_hashed("snippets", &program.snippets)? {
        Some((folder, files)) => {
            first_load.extend(files);
            program.script.replace("./snippets/", &format!("./{folder}/"))
        }
        None => program.script.clone(),
    };
    let script = dist.add_hashed("lincei.js", script.as_bytes())?;
    let mut names = serde_json::Map::new();
    for path in bundles {
        let name = path.file_name().and_then(|name| name.to_str()).context("a bundle has no name")?;
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        names.insert(name.to_owned(), format!("/{}", dist.add_hashed(name, &bytes)?).into());
    }
    let loader = dist.add_hashed("app.js", assets::loader(&script, &wasm, names).as_bytes())?;
    let css = dist.add_hashed("app.css", assets::style_sheet(&ui.join("style"))?.as_bytes())?;
    let template = read(&ui.join("index.html"))?;
    let html =
        assets::index(&template, &assets::Addresses { css: &css, loader: &loader, script: &script, wasm: &wasm })?;
    first_load.extend(assets::addresses(&html));
    write(&dist.folder().join("index.html"), html)?;
    first_load.push("index.html".to_owned());
    first_load.sort();
    Ok(first_load)
}

/// Puts a `.br` and a `.gz` beside every file that gets smaller.
fn compress(folder: &Path) -> Result<()> {
    let mut node = process::program("node");
    node.args(["--input-type=module", "--eval", COMPRESS, "--"]).arg(folder);
    process::output(&mut node).map(|_| ()).context("cannot compress the page")
}

/// Prints the sizes, and fails when the first load is over its budget.
fn report(dist: &Dist, first_load: &[String]) -> Result<()> {
    let mut total = 0;
    println!("  {:<34} {:>10} {:>10}", "first load", "bytes", "brotli");
    for name in first_load {
        let (plain, compressed) = dist.sizes(name)?;
        total += compressed;
        println!("  {name:<34} {plain:>10} {compressed:>10}");
    }
    println!("  {:<34} {:>10} {total:>10}", "total", "");
    if total > FIRST_LOAD_BYTES_MAX {
        bail!("the first load is {total} bytes compressed; at most {FIRST_LOAD_BYTES_MAX} are allowed");
    }
    Ok(())
}
