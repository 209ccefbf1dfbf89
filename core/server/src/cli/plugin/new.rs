//! `lincei plugin new`.

use super::project::Language;
use crate::cli::say;
use anyhow::{Context as _, bail};
use lincei_host::{PluginKind, WIT_V1};
use std::path::{Path, PathBuf};

/// Templates and SDKs, as they are in `plugins/sdk`.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../plugins/sdk"]
#[exclude = "*/target/*"]
#[exclude = "*/node_modules/*"]
#[exclude = "*__pycache__*"]
#[exclude = "rust/wit/*"]
struct Kit;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewArgs {
    /// Language of the plugin.
    #[arg(long, value_enum)]
    lang: Language,
    /// What it does: operator, function, rule, notifier or escalation.
    #[arg(long, value_name = "KIND", default_value = "operator", value_parser = kind)]
    kind: PluginKind,
    /// Name of the plugin and of its folder: 1 to 64 of a-z, 0-9 and -, a letter first.
    name: String,
    /// Folder to make; the plugin's name without one.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn kind(text: &str) -> Result<PluginKind, String> {
    text.parse()
}

pub(super) fn run(args: &NewArgs) -> anyhow::Result<()> {
    check_name(&args.name)?;
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    if folder.exists() {
        bail!("{} is there already", folder.display());
    }
    let language = args.lang.folder();
    let template = format!("templates/{language}/{}/", args.kind);
    let mut files = 0;
    for path in Kit::iter() {
        let Some(relative) = path.strip_prefix(&template) else { continue };
        write(&folder.join(relative), &filled(&read(&path)?, &args.name))?;
        files += 1;
    }
    if files == 0 {
        bail!("there is no template for {} in {language}", args.kind);
    }
    write(&folder.join("tests/basic.json"), &read(&format!("templates/tests/{}.json", args.kind))?)?;
    write_sdk(&folder, args.lang)?;
    say(&format!(
        "made {}: `cd {}`, then `lincei plugin build` and `lincei plugin test`",
        folder.display(),
        folder.display()
    ));
    Ok(())
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if !starts_well || name.len() > 64 || !name.bytes().all(is_plain) {
        bail!("name {name:?} is not 1 to 64 of a-z, 0-9 and -, a letter first");
    }
    Ok(())
}

/// Where the SDK of a language goes in a project, from where it is in the kit.
fn place(language: Language, path: &str) -> Option<PathBuf> {
    let below = |prefix: &str, folder: &str| path.strip_prefix(prefix).map(|rest| Path::new(folder).join(rest));
    let file = |from: &str, name: &str| (path == from).then(|| PathBuf::from(name));
    match language {
        Language::Rust => below("rust/", "lincei-sdk"),
        Language::C => below("c/", "").filter(|path| path.extension().is_some_and(|extension| extension == "h")),
        Language::Go => below("go/", "lincei").filter(|path| !path.ends_with("wasi_stub.wat")),
        Language::Python => below("python/lincei/", "lincei").or_else(|| file("python/build.py", "build.py")),
        Language::Javascript => {
            below("javascript/lincei/", "lincei").or_else(|| file("javascript/build.mjs", "build.mjs"))
        }
    }
}

/// Writes the SDK of this version into a project.
pub(super) fn write_sdk(folder: &Path, language: Language) -> anyhow::Result<()> {
    for path in Kit::iter().filter(|path| !path.starts_with("templates/")) {
        if let Some(place) = place(language, &path) {
            write(&folder.join(place), &read(&path)?)?;
        }
    }
    let wit = match language {
        Language::Rust => folder.join("lincei-sdk/wit"),
        _ => folder.join("wit"),
    };
    for (name, text) in WIT_V1 {
        write(&wit.join(name), text.as_bytes())?;
    }
    Ok(())
}

fn read(path: &str) -> anyhow::Result<Vec<u8>> {
    Ok(Kit::get(path).with_context(|| format!("{path} is missing in this binary"))?.data.into_owned())
}

fn filled(template: &[u8], name: &str) -> Vec<u8> {
    match std::str::from_utf8(template) {
        Ok(text) => text.replace("{{name}}", name).replace("{{ident}}", &name.replace('-', "_")).into_bytes(),
        Err(_) => template.to_vec(),
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
