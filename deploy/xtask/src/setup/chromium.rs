//! A Chromium for the browser tests.

use super::apt;
use crate::process;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Names under which distributions and Google install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser named by `CHROMIUM`, or one on `PATH`, or Debian's, installed now.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if !path.is_file() {
            bail!("CHROMIUM is {}, which is not a file", path.display());
        }
        return Ok(path);
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    apt::install("browser tests need Chromium (or CHROMIUM=<path>)", &["chromium", "fonts-liberation"])?;
    find().context("Chromium was installed but is not on PATH")
}

fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| process::on_path(name))
}
