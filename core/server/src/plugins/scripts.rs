//! The interpreters in the binary: CPython and a JavaScript engine as components, compiled and packed
//! when the binary was built.

use lincei_catalog::PluginRuntime;
use lincei_host::{Compiled, Compiler, HostError};
use parking_lot::Mutex;
use std::sync::Arc;

/// Packed machine code by language; empty in a binary that was built without.
#[cfg(feature = "embed-scripts")]
const RUNTIMES: [(PluginRuntime, &[u8]); 2] = [
    (
        PluginRuntime::Python,
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/python/dist/python.cwasm.zst")),
    ),
    (
        PluginRuntime::Javascript,
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/javascript/dist/javascript.cwasm.zst")),
    ),
];
#[cfg(not(feature = "embed-scripts"))]
const RUNTIMES: [(PluginRuntime, &[u8]); 0] = [];

/// Unpacked when they are first needed.
#[derive(Clone, Default)]
pub(super) struct Scripts {
    loaded: Arc<Mutex<Vec<(PluginRuntime, Compiled)>>>,
}

impl Scripts {
    pub(super) fn languages(&self) -> Vec<String> {
        RUNTIMES.iter().map(|(runtime, _)| runtime.as_str().to_owned()).collect()
    }

    /// Blocks.
    pub(super) fn runtime(&self, compiler: &Compiler, language: PluginRuntime) -> Result<Compiled, HostError> {
        let mut loaded = self.loaded.lock();
        if let Some((_, compiled)) = loaded.iter().find(|(runtime, _)| *runtime == language) {
            return Ok(compiled.clone());
        }
        let Some((_, packed)) = RUNTIMES.iter().find(|(runtime, _)| *runtime == language) else {
            return Err(HostError::Invalid { detail: format!("this binary runs no {} scripts", language.as_str()) });
        };
        let compiled = compiler.unpack(language.as_str(), packed)?;
        loaded.push((language, compiled.clone()));
        Ok(compiled)
    }
}
