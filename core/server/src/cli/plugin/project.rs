//! A folder with a plugin: its `plugin.toml` and what was built.

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use lincei_host::PluginKind;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What a project builds.
const BUILT: &str = "plugin.wasm";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ProjectArgs {
    /// Folder of the project.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl ProjectArgs {
    pub(super) fn open(&self) -> anyhow::Result<Project> {
        Project::open(&self.folder)
    }
}

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Language {
    Rust,
    Python,
    #[value(alias = "javascript")]
    #[serde(alias = "js")]
    #[value(name = "js")]
    Javascript,
    Go,
    C,
}

impl Language {
    /// The name of its folder of templates.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Javascript => "javascript",
            Self::Go => "go",
            Self::C => "c",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    kind: String,
    language: Language,
}

/// An opened project.
pub(super) struct Project {
    pub(super) folder: PathBuf,
    pub(super) name: String,
    pub(super) kind: PluginKind,
    pub(super) language: Language,
}

impl Project {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("plugin.toml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}: `lincei plugin new` makes a project", path.display()))?;
        let manifest: Manifest = toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        let kind = manifest.kind.parse().map_err(|message| anyhow::anyhow!("{}: {message}", path.display()))?;
        Ok(Self { folder: folder.to_owned(), name: manifest.name, kind, language: manifest.language })
    }

    /// Where the component goes.
    pub(super) fn built(&self) -> PathBuf {
        self.folder.join(BUILT)
    }

    /// The component.
    pub(super) fn component(&self) -> anyhow::Result<Vec<u8>> {
        let path = self.built();
        if !path.is_file() {
            bail!("{} is not there: `lincei plugin build` makes it", path.display());
        }
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }
}
