//! `lincei plugin push`.

use super::build;
use super::project::Project;
use crate::cli::{ServerArgs, admin, say};
use crate::remote::Remote;
use anyhow::{Context as _, bail};
use lincei_api::{PluginInfo, PluginScript};
use std::path::{Path, PathBuf};

/// Media type of a plugin.
const WASM: &str = "application/wasm";
const JSON: &str = "application/json";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct PushArgs {
    /// Folder of a project, which is built, or a component or module (`.wasm`), or a script (`.py`, `.js`).
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Name of the plugin on the server: 1 to 64 of a-z, 0-9 and -; that of the project or the file without one.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Keep the version without letting it take over.
    #[arg(long)]
    no_activate: bool,
    /// Administrator to sign in as, where accounts exist; asks for the password.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// What is sent.
enum Body {
    Wasm(Vec<u8>),
    Script(Vec<u8>),
}

pub(super) fn run(args: &PushArgs) -> anyhow::Result<()> {
    let (own_name, body) = if args.path.is_dir() {
        let project = Project::open(&args.path)?;
        build::build(&project)?;
        (Some(project.name.clone()), Body::Wasm(project.component()?))
    } else {
        (None, read(&args.path)?)
    };
    let name = match args.name.clone().or(own_name) {
        Some(name) => name,
        None => name_of(&args.path)?,
    };
    let mut remote = Remote::new(&args.server)?;
    if let Some(user) = &args.user {
        remote.sign_in(user, admin::password()?)?;
    }
    let path = format!("/api/v1/plugins/{name}/versions?activate={}", !args.no_activate);
    let (media, bytes) = match &body {
        Body::Wasm(bytes) => (WASM, bytes),
        Body::Script(bytes) => (JSON, bytes),
    };
    let pushed = remote.post(&path, &[("content-type", media)], bytes);
    remote.sign_out();
    let info: PluginInfo = serde_json::from_reader(pushed?).context("the answer is not what this version expects")?;
    say(&format!(
        "{} {} is installed: version {} works ({}, {})",
        info.kind, info.name, info.active_version, info.description.version, info.status
    ));
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Body> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let language = match extension {
        "wasm" => return Ok(Body::Wasm(bytes)),
        "py" => "python",
        "js" | "mjs" => "javascript",
        _ => bail!("{} is neither .wasm, .py nor .js", file.display()),
    };
    let source = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", file.display()))?;
    let script = PluginScript { language: language.to_owned(), source };
    Ok(Body::Script(serde_json::to_vec(&script)?))
}

fn name_of(file: &Path) -> anyhow::Result<String> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let name = stem.to_ascii_lowercase().replace(['_', '.'], "-");
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_plain) {
        bail!("{} gives no name for the plugin: give one with --name", file.display());
    }
    Ok(name)
}
