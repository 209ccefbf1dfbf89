//! Plugins in this process, in the host that servers have.

use lincei_host::{Compiled, Compiler, OperatorPlugin, Plugin, PluginEngine, PluginLimits, StateStore};
use lincei_model::{Clock, FixedClock};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// An engine, a compiler with its cache, and the plugins that are measured.
pub(crate) struct Host {
    pub(crate) engine: Arc<PluginEngine>,
    pub(crate) compiler: Compiler,
    clock: Arc<dyn Clock>,
    folder: tempfile::TempDir,
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// `lincei plugin` with these words.
pub(crate) fn lincei_plugin(words: &[&str], folder: &Path) {
    let python = PathBuf::from(std::env::var_os("PYTHON").expect("PYTHON has componentize-py beside it"));
    let mut paths = vec![python.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut command = Command::new(lincei_bench::binary());
    command.arg("plugin").args(words).current_dir(folder).env("PATH", std::env::join_paths(paths).unwrap());
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "lincei plugin {}:\n{}{}",
        words.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

impl Host {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let engine = Arc::new(PluginEngine::start().unwrap());
        let arguments = ["plugin", "compile"].map(Into::into).to_vec();
        let cache = folder.path().join("cache");
        let compiler = Compiler::new(Arc::clone(&engine), &cache, lincei_bench::binary(), arguments).unwrap();
        Self { engine, compiler, clock: Arc::new(FixedClock::new(crate::rows::NOW_NS)), folder }
    }

    /// A folder that is gone when this is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The component of a guest in C: the template's project with another source.
    pub(crate) fn c_guest(&self, name: &str) -> Vec<u8> {
        let project = self.folder().join(name);
        if !project.exists() {
            lincei_plugin(&["new", "--lang", "c", "--kind", "operator", name], self.folder());
            let source = workspace().join(format!("deploy/bench/plugins/guests/{name}.c"));
            std::fs::copy(source, project.join("plugin.c")).unwrap();
            lincei_plugin(&["build"], &project);
        }
        std::fs::read(project.join("plugin.wasm")).unwrap()
    }

    /// The component of an example in Rust.
    pub(crate) fn rust_example(name: &str) -> Vec<u8> {
        let project = workspace().join("plugins/examples/rust").join(name);
        lincei_plugin(&["build"], &project);
        std::fs::read(project.join("plugin.wasm")).unwrap()
    }

    /// What runs scripts of a language; the packed code is that in the binary.
    pub(crate) fn runtime(&self, language: &str) -> Compiled {
        let packed = workspace().join(format!("plugins/scripts/{language}.cwasm.zst"));
        self.compiler.unpack(language, &std::fs::read(packed).unwrap()).unwrap()
    }

    pub(crate) fn operator(&self, compiled: &Compiled, limits: PluginLimits, config: &str) -> OperatorPlugin {
        let plugin = Arc::new(Plugin::new("bench", StateStore::default()));
        OperatorPlugin::load(&self.engine, compiled, &plugin, limits, config, &self.clock).unwrap()
    }

    /// A script of the folder of guests.
    pub(crate) fn script(&self, runtime: &Compiled, file: &str) -> OperatorPlugin {
        let source = workspace().join("deploy/bench/plugins/guests").join(file);
        let source = std::fs::read_to_string(source).unwrap();
        let config = serde_json::json!({"source": source, "config": {}}).to_string();
        self.operator(runtime, PluginLimits::of_scripts(), &config)
    }
}
