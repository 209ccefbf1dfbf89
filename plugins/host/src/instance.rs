//! One instance of a plugin, and calls of it within its limits.

use crate::engine::PluginEngine;
use crate::error::PluginFailure;
use crate::guest::{Guest, Stop};
use lincei_pipeline::FailureKind;
use std::time::Duration;
use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap, WasmBacktrace};

/// Bytes of what a guest says about its own failure.
const DETAIL_BYTES_MAX: usize = 8 << 10;

/// A guest with its memory. After a failed call it must not be called again.
pub(crate) struct Instance<W> {
    pub(crate) store: Store<Guest>,
    pub(crate) world: W,
}

/// A store for one instance.
pub(crate) fn store(engine: &PluginEngine, guest: Guest) -> Store<Guest> {
    let output_bytes = usize::try_from(guest.limits.output_bytes).unwrap_or(usize::MAX);
    let mut store = Store::new(engine.engine(), guest);
    store.limiter(|guest| &mut guest.meter);
    store.set_hostcall_fuel(output_bytes);
    store.epoch_deadline_callback(|context| context.data().look_at_clock());
    store
}

/// Runs something of a store within its CPU time; counts it.
pub(crate) fn timed<R>(
    engine: &PluginEngine,
    store: &mut Store<Guest>,
    cpu_max: Duration,
    run: impl FnOnce(&mut Store<Guest>) -> wasmtime::Result<R>,
) -> Result<R, PluginFailure> {
    store.data_mut().begin(cpu_max);
    store.set_epoch_deadline(u64::try_from(cpu_max.as_millis()).unwrap_or(u64::MAX).max(1));
    let ticking = engine.run();
    let outcome = run(store);
    drop(ticking);
    let guest = store.data_mut();
    let (cpu, wall) = guest.elapsed();
    let memory = guest.meter.bytes();
    guest.plugin.stats().called(cpu, wall, memory);
    let refused = guest.meter.take_refused();
    let memory_max = guest.limits.memory_bytes;
    outcome.map_err(|error| failure(&error, refused.map(|bytes| (bytes, memory_max))))
}

/// What a failed call means. `refused` is memory that was asked for and the bound, if it was refused.
fn failure(error: &wasmtime::Error, refused: Option<(usize, u64)>) -> PluginFailure {
    let backtrace = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    let (kind, mut detail) = if let Some(stop) = error.downcast_ref::<Stop>() {
        (stop.kind, stop.detail.clone())
    } else if let Some(trap) = error.downcast_ref::<Trap>() {
        match trap {
            Trap::Interrupt => (FailureKind::Deadline, "stopped by the host".to_owned()),
            Trap::StackOverflow => (FailureKind::Trap, "the call stack is exhausted".to_owned()),
            trap => (FailureKind::Trap, trap.to_string()),
        }
    } else if matches!(error.downcast_ref::<ResourceTableError>(), Some(ResourceTableError::Full)) {
        (FailureKind::Limit, "too many masks are held at once".to_owned())
    } else {
        let detail = format!("{error:#}");
        // the engine has no type for it
        let is_fuel = detail.contains("fuel") || detail.contains("allocation limit");
        (if is_fuel { FailureKind::Limit } else { FailureKind::Trap }, detail)
    };
    if let Some((bytes, max)) = refused {
        // a guest that gets no memory usually aborts
        detail = format!("{detail}; it was refused memory: {bytes} bytes in all, at most {max} are allowed");
        let kind = if kind == FailureKind::Trap { FailureKind::Limit } else { kind };
        return PluginFailure { kind, detail: shortened(detail), backtrace };
    }
    PluginFailure { kind, detail: shortened(detail), backtrace }
}

/// A text of a guest within bounds.
pub(crate) fn shortened(mut text: String) -> String {
    if text.len() > DETAIL_BYTES_MAX {
        let end = (0..=DETAIL_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let frame = |frame: &wasmtime::FrameInfo| {
        let name = frame.func_name().map_or_else(|| format!("function {}", frame.func_index()), str::to_owned);
        let symbol = frame.symbols().first();
        let place = symbol.and_then(|symbol| Some((symbol.file()?, symbol.line()?)));
        match place {
            Some((file, line)) => {
                let name = symbol.and_then(|symbol| symbol.name()).unwrap_or(&name);
                format!("{name} ({file}:{line})")
            }
            None => name,
        }
    };
    backtrace.frames().iter().map(frame).map(shortened).collect()
}
