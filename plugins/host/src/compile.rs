//! From an upload to machine code, in a process of its own: a compiler cannot be interrupted, and a small
//! plugin can make it work long, take much memory or exhaust its stack.

mod child;
mod scan;

pub use child::{compile_child, pack};

use crate::cache::{Cache, digest_text};
use crate::componentize::ComponentSource;
use crate::engine::PluginEngine;
use crate::error::HostError;
use crate::kind::PluginKind;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::Component;

/// CPU time of one compilation.
pub(crate) const CPU_SECONDS_MAX: u64 = 30;
/// Address space of the compiling process.
pub(crate) const MEMORY_BYTES_MAX: u64 = 1 << 30;
/// How long one compilation may take on a busy machine.
const WALL_MAX: Duration = Duration::from_secs(300);
/// What a process says that has exhausted its stack.
const STACK_OVERFLOW: &str = "has overflowed its stack";
/// Bytes of what the compiler says.
const MESSAGE_BYTES_MAX: u64 = 16 << 10;

/// Compiles plugins, one at a time, and keeps the results.
pub struct Compiler {
    engine: Arc<PluginEngine>,
    cache: Cache,
    program: PathBuf,
    arguments: Vec<OsString>,
    turn: Mutex<()>,
}

/// A compiled plugin.
#[derive(Clone)]
pub struct Compiled {
    component: Component,
    kind: PluginKind,
    sha256: String,
}

impl Compiled {
    /// Which world it implements.
    #[must_use]
    pub const fn kind(&self) -> PluginKind {
        self.kind
    }

    /// SHA-256 of the upload, as hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub(crate) const fn component(&self) -> &Component {
        &self.component
    }
}

impl Compiler {
    /// `program` with `arguments`, the path of an upload and the path of the result has to call
    /// [`compile_child`]. Results are kept in `folder`, which may be deleted at any time.
    ///
    /// # Errors
    /// [`HostError::Io`] when the folder cannot be made.
    pub fn new(
        engine: Arc<PluginEngine>,
        folder: &Path,
        program: PathBuf,
        arguments: Vec<OsString>,
    ) -> Result<Self, HostError> {
        Ok(Self { engine, cache: Cache::open(folder)?, program, arguments, turn: Mutex::new(()) })
    }

    /// The engine that it compiles for.
    #[must_use]
    pub const fn engine(&self) -> &Arc<PluginEngine> {
        &self.engine
    }

    /// The compiled form of a component, or of a module that says which world it implements, from the cache
    /// where it is there. Blocks.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is neither, or its world is none of ours; [`HostError::TooLarge`] and
    /// [`HostError::Compile`] when a bound is broken.
    pub fn compile(&self, upload: &[u8]) -> Result<Compiled, HostError> {
        scan::check(upload)?;
        ComponentSource::of(upload)?.with_world()?;
        let sha256 = digest_text(&Sha256::digest(upload));
        let name = format!("{sha256}-{}", self.engine.fingerprint());
        if let Some(path) = self.cache.find(&name) {
            match self.load(&path, &sha256) {
                Ok(compiled) => return Ok(compiled),
                Err(error @ HostError::Invalid { .. }) => return Err(error),
                // compiled anew
                Err(error) => tracing::warn!(%error, path = %path.display(), "a compiled plugin could not be used"),
            }
        }
        let path = {
            let _turn = self.turn.lock();
            self.run(upload, &name)?
        };
        self.load(&path, &sha256)
    }

    /// The compiled form of what was compiled when the binary was built. `name` tells versions apart.
    ///
    /// # Errors
    /// [`HostError::Engine`] when this machine cannot run it, [`HostError::Io`] when there is no room.
    pub fn unpack(&self, name: &str, compressed: &[u8]) -> Result<Compiled, HostError> {
        let sha256 = digest_text(&Sha256::digest(compressed));
        let entry = format!("{name}-{sha256}");
        if let Some(path) = self.cache.find(&entry)
            && let Ok(compiled) = self.load(&path, &sha256)
        {
            return Ok(compiled);
        }
        let path = self.cache.put(&entry, |file| zstd::stream::copy_decode(compressed, file))?;
        self.load(&path, &sha256)
    }

    fn load(&self, path: &Path, sha256: &str) -> Result<Compiled, HostError> {
        let engine = self.engine.engine();
        #[expect(
            unsafe_code,
            reason = "the file was written by our own compiler, and its authentication code was checked"
        )]
        // SAFETY: the cache gives only files whose code it has verified, in a folder of the server's own
        let component = unsafe { Component::deserialize_file(engine, path) };
        let component = component.map_err(|error| HostError::engine(&error))?;
        let kind = kind_of(engine, &component)?;
        Ok(Compiled { component, kind, sha256: sha256.to_owned() })
    }

    /// Compiles in a child process.
    fn run(&self, upload: &[u8], name: &str) -> Result<PathBuf, HostError> {
        let input = self.cache.temporary("wasm");
        let output = self.cache.temporary("cwasm");
        std::fs::write(&input, upload).map_err(|error| HostError::io("write", &input, error))?;
        let outcome = self.spawn(&input, &output);
        let _ = std::fs::remove_file(&input);
        let adopted = outcome.and_then(|()| self.cache.adopt(name, &output));
        if adopted.is_err() {
            let _ = std::fs::remove_file(&output);
        }
        adopted
    }

    fn spawn(&self, input: &Path, output: &Path) -> Result<(), HostError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(input).arg(output).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| HostError::io("start", &self.program, error))?;
        let said = child.stderr.take().map(|stderr| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                let _ = stderr.take(MESSAGE_BYTES_MAX).read_to_end(&mut text);
                String::from_utf8_lossy(&text).trim().to_owned()
            })
        });
        let status = wait(&mut child).map_err(|error| HostError::io("wait for", &self.program, error))?;
        let said = said.and_then(|thread| thread.join().ok()).unwrap_or_default();
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(HostError::Compile { detail: reason(status, said) }),
            None => Err(HostError::Compile { detail: format!("it took more than {} s", WALL_MAX.as_secs()) }),
        }
    }
}

/// `None` when it took too long and was ended.
fn wait(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= WALL_MAX {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn reason(status: ExitStatus, said: String) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        match status.signal() {
            Some(signal) if signal == rustix::process::Signal::XCPU.as_raw() || signal == 9 => {
                return format!("it takes more than {CPU_SECONDS_MAX} s of CPU time");
            }
            Some(_) if said.contains(STACK_OVERFLOW) => return "it is nested too deeply".to_owned(),
            Some(_) => return format!("it takes more than {} MiB of memory", MEMORY_BYTES_MAX >> 20),
            None => {}
        }
    }
    if said.is_empty() { format!("the compiler ended with {status}") } else { said }
}

/// The world that a component implements, by the export that only this world has.
fn kind_of(engine: &wasmtime::Engine, component: &Component) -> Result<PluginKind, HostError> {
    let exports: Vec<String> = component.component_type().exports(engine).map(|(name, _)| name.to_owned()).collect();
    let has = |name: &str| exports.iter().any(|export| export == name);
    let found = PluginKind::ALL.into_iter().find(|kind| has("describe") && has(kind.own_export()));
    found.ok_or_else(|| {
        let exports = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
        HostError::invalid(format!(
            "the component exports {exports}: a plugin exports describe and what its world asks for, as process for an \
             operator"
        ))
    })
}
