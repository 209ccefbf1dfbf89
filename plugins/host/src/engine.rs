use crate::error::HostError;
use crate::ticker::{Ticker, Ticking};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher};
use std::num::NonZeroUsize;
use wasmtime::{Config, Engine, WasmBacktraceDetails};

/// Bytes of stack of a guest.
const WASM_STACK_BYTES: usize = 512 << 10;
/// Functions of a backtrace that are kept.
const BACKTRACE_FRAMES_MAX: usize = 16;

/// The engine that all plugins share.
pub struct PluginEngine {
    engine: Engine,
    ticker: Ticker,
    fingerprint: String,
}

/// The same in the server and in the process that compiles.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES_MAX));
    config
}

/// For every processor of this kind: code that is handed out must not need what only some have.
pub(crate) fn baseline_config() -> Result<Config, String> {
    let mut config = config();
    config.target(TARGET).map_err(|error| format!("{error:#}"))?;
    Ok(config)
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
const TARGET: &str = "x86_64-unknown-linux-gnu";
#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
const TARGET: &str = "aarch64-unknown-linux-gnu";
#[cfg(all(target_arch = "x86_64", target_os = "macos"))]
const TARGET: &str = "x86_64-apple-darwin";
#[cfg(all(target_arch = "aarch64", target_os = "macos"))]
const TARGET: &str = "aarch64-apple-darwin";

impl PluginEngine {
    /// # Errors
    /// [`HostError::Engine`] when this processor or system cannot run WebAssembly, and when no thread can
    /// be started.
    pub fn start() -> Result<Self, HostError> {
        let engine = Engine::new(&config()).map_err(|error| HostError::engine(&error))?;
        let ticker = Ticker::start(engine.weak())
            .map_err(|error| HostError::Engine { detail: format!("no thread for the ticks: {error}") })?;
        let fingerprint = fingerprint(&engine);
        Ok(Self { engine, ticker, fingerprint })
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Ticks as long as the guard lives.
    pub(crate) fn run(&self) -> Ticking {
        self.ticker.run()
    }

    /// Of everything that compiled code depends on but the plugin itself: version and settings of the
    /// engine, features of the processor. 16 hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn fingerprint(engine: &Engine) -> String {
    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The same in every process and on every day, which the standard hasher does not promise.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
