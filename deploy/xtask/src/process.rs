//! Starting other programs: with a clean environment, shown before they run, and within a time limit.

use anyhow::{Context, Result, anyhow, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often a running program is asked whether it has ended.
const POLL: Duration = Duration::from_millis(50);

/// A command that does not see what `cargo run` put in this program's environment: the variables
/// that describe the xtask package would make build scripts run again, and the library path of
/// one toolchain breaks the compiler of another.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    for (key, _) in std::env::vars_os() {
        let Some(text) = key.to_str() else { continue };
        let describes_xtask = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(text, "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR");
        if describes_xtask {
            command.env_remove(text);
        }
    }
    for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        if std::env::var_os("CARGO_MANIFEST_DIR").is_none() {
            continue;
        }
        match outside_toolchain(variable) {
            Some(kept) => command.env(variable, kept),
            None => command.env_remove(variable),
        };
    }
    command
}

/// The entries of a library path that cargo did not add.
fn outside_toolchain(variable: &str) -> Option<std::ffi::OsString> {
    let value = std::env::var_os(variable)?;
    let kept: Vec<PathBuf> = std::env::split_paths(&value)
        .filter(|entry| {
            let entry = entry.to_string_lossy();
            !["/rustlib/", "/toolchains/", "/debug", "/release"].iter().any(|part| entry.contains(part))
        })
        .collect();
    if kept.is_empty() { None } else { std::env::join_paths(kept).ok() }
}

/// The cargo that started this program, at the root of the checkout.
pub(crate) fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = program(cargo);
    command.current_dir(root);
    command
}

/// Runs a program with this terminal's output and no input; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    run_within(command, Duration::MAX)
}

/// [`run`], ending the program and everything it started when it takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let shown = show(command);
    println!("  $ {shown}");
    let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{shown}`"))?;
    match wait_within(child, limit)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{shown}` failed ({status})"),
        None => bail!("`{shown}` was stopped after {} s", limit.as_secs()),
    }
}

/// Waits for a program; `None` when it had to be stopped.
fn wait_within(mut child: Child, limit: Duration) -> Result<Option<ExitStatus>> {
    if limit == Duration::MAX {
        return child.wait().map(Some).context("cannot wait for a program");
    }
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a program")? {
            return Ok(Some(status));
        }
        if started.elapsed() > limit {
            stop_descendants(child.id());
            child.kill().context("cannot stop a program")?;
            child.wait().context("cannot wait for a program")?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// Kills every process below `ancestor`, so that a stopped test leaves no server behind. Where
/// there is no `/proc` only the program itself is stopped.
fn stop_descendants(ancestor: u32) {
    // A stopped process starts no more children while they are being listed.
    signal("-STOP", &[ancestor]);
    let mut parents: Vec<(u32, u32)> = Vec::new();
    let Ok(entries) = std::fs::read_dir("/proc") else { return };
    for entry in entries.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(parent) = parent_of(&stat) {
            parents.push((id, parent));
        }
    }
    let mut family = vec![ancestor];
    let mut next = 0;
    while let Some(&member) = family.get(next) {
        family.extend(parents.iter().filter(|(_, parent)| *parent == member).map(|(id, _)| *id));
        next += 1;
    }
    signal("-KILL", family.get(1..).unwrap_or_default());
}

/// A process that has ended in the meantime makes `kill` complain; nothing is lost.
fn signal(which: &str, processes: &[u32]) {
    if !processes.is_empty() {
        let ids = processes.iter().map(u32::to_string);
        let _ = Command::new("kill").arg(which).args(ids).stderr(Stdio::null()).status();
    }
}

/// Parent id in the text of `/proc/<id>/stat` (proc(5): the fourth field, after a name in
/// parentheses that may itself hold spaces and parentheses).
fn parent_of(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// Standard output of a program that must succeed; its standard error is in the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !done.status.success() {
        let stderr = String::from_utf8_lossy(&done.stderr);
        return Err(anyhow!("`{shown}` failed ({}): {}", done.status, stderr.trim()));
    }
    String::from_utf8(done.stdout).with_context(|| format!("`{shown}` printed something that is not UTF-8"))
}

/// Whether a program starts and succeeds; prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Where an executable of that name is on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// The command as one would type it, with the environment it adds.
fn show(command: &Command) -> String {
    let mut words: Vec<String> = Vec::new();
    for (key, value) in command.get_envs() {
        if let Some(value) = value.filter(|_| key != "LD_LIBRARY_PATH" && key != "PATH") {
            words.push(format!("{}={}", key.to_string_lossy(), quote(value)));
        }
    }
    let name = Path::new(command.get_program());
    words.push(match name.file_name() {
        Some(short) if short == "cargo" && !name.starts_with("/usr") => "cargo".to_owned(),
        _ => quote(command.get_program()),
    });
    words.extend(command.get_args().map(quote));
    words.join(" ")
}

fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = !word.is_empty() && !word.contains([' ', '\'', '"', '$', '(', '|', ';', '&', '*', '\n']);
    if plain { word.into_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parent_id_survives_any_process_name() {
        // Fields of proc(5): pid (comm) state ppid ...
        assert_eq!(parent_of("12 (bash) S 7 12 12 0"), Some(7));
        assert_eq!(parent_of("12 (a) R 99 (b) S 8 12"), Some(8));
        assert_eq!(parent_of("12 bash S 7"), None);
        assert_eq!(parent_of("12 (bash) S"), None);
    }

    #[test]
    fn failure_and_time_limit_are_errors() {
        assert!(run(&mut program("true")).is_ok());
        let failed = run(&mut program("false")).unwrap_err().to_string();
        assert!(failed.contains("`false` failed"), "{failed}");
        let limit = Duration::from_millis(100);
        let stopped = run_within(program("sh").args(["-c", "sleep 600 & wait"]), limit).unwrap_err().to_string();
        assert!(stopped.contains("was stopped after"), "{stopped}");
        let missing = run(&mut program("no-such-program-anywhere")).unwrap_err().to_string();
        assert!(missing.contains("cannot start"), "{missing}");
    }

    #[test]
    fn stopping_reaches_grandchildren() {
        let started = program("sh").args(["-c", "sleep 613 & wait"]).spawn().unwrap();
        let id = started.id();
        let below = || {
            let listed = output(program("ps").args(["-A", "-o", "ppid=,args="])).unwrap();
            listed.lines().any(|line| line.trim_start().starts_with(&format!("{id} ")) && line.contains("613"))
        };
        while !below() {
            std::thread::yield_now();
        }
        wait_within(started, Duration::ZERO).unwrap();
        let listed = output(program("ps").args(["-A", "-o", "stat=,args="])).unwrap();
        let alive = listed.lines().filter(|line| !line.starts_with('Z') && line.contains("sleep 613")).count();
        assert_eq!(alive, 0, "{listed}");
    }

    #[test]
    fn words_are_quoted_when_a_shell_would_need_it() {
        assert_eq!(show(program("echo").args(["a b", "it's", ""])), r"echo 'a b' 'it'\''s' ''");
        assert_eq!(show(Command::new("/x/bin/cargo").arg("build")), "cargo build");
        assert_eq!(show(Command::new("/usr/bin/cargo").arg("build")), "/usr/bin/cargo build");
    }
}
