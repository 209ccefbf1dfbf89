//! The interpreters in the binary: CPython and a JavaScript engine as components, compiled and packed
//! when the binary was built.

use lincei_catalog::PluginRuntime;
use lincei_host::{Compiled, Compiler, HostError};
use parking_lot::Mutex;
use std::borrow::Cow;
use std::sync::Arc;

/// Packed machine code by language, as `cargo xtask scripts` makes it. A binary that was built without has
/// none, and runs no scripts.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../plugins/scripts"]
#[allow_missing = true]
struct Packed;

const LANGUAGES: [PluginRuntime; 2] = [PluginRuntime::Python, PluginRuntime::Javascript];

fn packed(language: PluginRuntime) -> Option<Cow<'static, [u8]>> {
    Packed::get(&format!("{}.cwasm.zst", language.as_str())).map(|file| file.data)
}

/// Unpacked when they are first needed.
#[derive(Clone, Default)]
pub(super) struct Scripts {
    loaded: Arc<Mutex<Vec<(PluginRuntime, Compiled)>>>,
}

impl Scripts {
    pub(super) fn languages(&self) -> Vec<String> {
        let embedded = LANGUAGES.into_iter().filter(|language| packed(*language).is_some());
        embedded.map(|language| language.as_str().to_owned()).collect()
    }

    /// Blocks.
    pub(super) fn runtime(&self, compiler: &Compiler, language: PluginRuntime) -> Result<Compiled, HostError> {
        let mut loaded = self.loaded.lock();
        if let Some((_, compiled)) = loaded.iter().find(|(runtime, _)| *runtime == language) {
            return Ok(compiled.clone());
        }
        let Some(packed) = packed(language) else {
            return Err(HostError::Invalid { detail: format!("this binary runs no {} scripts", language.as_str()) });
        };
        let compiled = compiler.unpack(language.as_str(), &packed)?;
        loaded.push((language, compiled.clone()));
        Ok(compiled)
    }
}
