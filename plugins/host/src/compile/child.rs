//! The process that compiles.

use super::{CPU_SECONDS_MAX, MEMORY_BYTES_MAX};
use crate::componentize::to_component;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::Path;
use wasmtime::Engine;

/// Of zstd: small rather than quick, as it is done once.
const PACK_LEVEL: i32 = 19;

/// Compiles the upload at one path to another, within bounds of CPU time and memory, at the lowest
/// priority. Must run in a process of its own: the bounds are never lifted.
///
/// # Errors
/// What is wrong with the upload, or what the system refused, as a text for people.
pub fn compile_child(upload: &Path, result: &Path) -> Result<(), String> {
    bound(Resource::As, MEMORY_BYTES_MAX)?;
    bound(Resource::Cpu, CPU_SECONDS_MAX)?;
    bound(Resource::Core, 0)?;
    rustix::process::nice(19).map_err(|error| format!("cannot lower the priority: {error}"))?;
    let bytes = std::fs::read(upload).map_err(|error| format!("cannot read the plugin: {error}"))?;
    let component = to_component(&bytes).map_err(|error| error.to_string())?;
    let engine = Engine::new(&crate::engine::config()).map_err(|error| format!("no engine: {error:#}"))?;
    let code = engine.precompile_component(&component).map_err(|error| format!("{error:#}"))?;
    std::fs::write(result, code).map_err(|error| format!("cannot write the result: {error}"))
}

/// Compiles a component for every processor of this kind and packs the result, for
/// [`Compiler::unpack`](super::Compiler::unpack). What is built into the binary is made so.
///
/// # Errors
/// What the compiler said, as a text for people.
pub fn pack(component: &[u8]) -> Result<Vec<u8>, String> {
    let engine = Engine::new(&crate::engine::baseline_config()?).map_err(|error| format!("no engine: {error:#}"))?;
    let code = engine.precompile_component(component).map_err(|error| format!("{error:#}"))?;
    zstd::encode_all(code.as_slice(), PACK_LEVEL).map_err(|error| format!("cannot pack the result: {error}"))
}

/// Lowers a limit; one that is lower already stays.
fn bound(resource: Resource, most: u64) -> Result<(), String> {
    let now = getrlimit(resource);
    let most = now.maximum.map_or(most, |maximum| maximum.min(most));
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
        .map_err(|error| format!("cannot set a limit: {error}"))
}
