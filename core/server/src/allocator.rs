//! Memory from the system, and back to it.
//!
//! The C library's allocator gives back what lies at the end of its heaps only, so a budget of memory
//! would hold for what is in use and not for the process: after some seconds of intake it keeps ten
//! times what it needs. This one gives back what was free for a second. How it is set is compiled in
//! (`.cargo/config.toml`), the environment can change it (`_RJEM_MALLOC_CONF`).
//!
//! Huge pages make groupings a quarter faster, and cost tens of mebibytes, as a page is taken whole for
//! whatever is in it: a small budget does without. What intake at its full rate frees within a second is
//! nearly a hundred mebibytes, for which a small budget has no room either: there it goes back after a
//! tenth of one, at no cost that could be measured.

/// Below this budget memory is held tightly.
const AMPLE: u64 = 2 << 30;
/// How a small budget has it.
const TIGHT: &str = "thp:default,dirty_decay_ms:100";

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Starts the program anew, in the same process and with the same arguments, when the budget is too small
/// for what is compiled in: the allocator reads its options before anything else runs.
/// Returns when there is nothing to change, or it cannot be changed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn suit(budget: u64) {
    use std::os::unix::process::CommandExt as _;

    const OPTIONS: &str = "_RJEM_MALLOC_CONF";
    if budget >= AMPLE || std::env::var_os(OPTIONS).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    let Ok(program) = std::env::current_exe() else { return };
    let mut anew = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        anew.arg0(name);
    }
    let error = anew.args(arguments).env(OPTIONS, TIGHT).exec();
    tracing::warn!(%error, "the allocator holds more memory than a small budget should");
}

/// Nothing: the system's allocator is in use.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn suit(_: u64) {}
