//! Memory from the system, and back to it.
//!
//! The C library's allocator gives back what lies at the end of its heaps only, so a budget of memory
//! would hold for what is in use and not for the process: after some seconds of intake it keeps ten
//! times what it needs. This one gives back what was free for a second. How it is set is compiled in
//! (`.cargo/config.toml`), the environment can change it (`_RJEM_MALLOC_CONF`).
//!
//! Huge pages make groupings a quarter faster, and cost tens of mebibytes, as a page is taken whole for
//! whatever is in it: a small budget does without.

/// Below this budget there are no huge pages.
const HUGE_PAGES_MIN: u64 = 2 << 30;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Starts the program anew, in the same process and with the same arguments, when it has huge pages and
/// the budget is too small for them: the allocator reads its options before anything else runs.
/// Returns when there is nothing to change, or it cannot be changed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn suit(budget: u64) {
    use std::os::unix::process::CommandExt as _;

    const OPTIONS: &str = "_RJEM_MALLOC_CONF";
    if budget >= HUGE_PAGES_MIN || std::env::var_os(OPTIONS).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    let Ok(program) = std::env::current_exe() else { return };
    let mut anew = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        anew.arg0(name);
    }
    let error = anew.args(arguments).env(OPTIONS, "thp:default").exec();
    tracing::warn!(%error, "the allocator keeps huge pages");
}

/// Nothing: the system's allocator is in use.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn suit(_: u64) {}
