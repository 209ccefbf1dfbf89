//! Benchmarks by name. Each is a bench target of `deploy/bench` with a `main` of its own that prints
//! its figures, and keeps them in `bench-data/<name>.json` of the target directory.
//!
//! | variable | value |
//! |---|---|
//! | `LINCEI_BIN` | the released binary; set by the caller, it is measured instead of a fresh one |
//! | `PYTHON` | Python with what the benchmark requires |
//! | `CHROMIUM` | the browser, where the page is measured |

use crate::binary::{self, Profile};
use crate::process;
use crate::setup::{self, chromium, node, python};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// A benchmark: a new one is one line in [`BENCHES`].
struct Bench {
    /// Of its bench target in `deploy/bench`, too.
    name: &'static str,
    about: &'static str,
    needs: Needs,
}

/// What a benchmark needs beside the binary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// Engines that come as packages of Python.
    Engines,
    /// The compilers of plugins.
    Compilers,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "ingest",
        about: "records/s per core from OTLP bytes to acknowledged rows, per stage and end to end",
        needs: Needs::Nothing,
    },
    Bench {
        name: "queries",
        about: "CPU, time, memory and bytes of log queries, beside ClickHouse and DuckDB; `-- --help`",
        needs: Needs::Engines,
    },
    Bench {
        name: "plugins",
        about: "what plugins cost beside native operators, and what they can do to the server",
        needs: Needs::Compilers,
    },
];
/// With it the benchmark of queries measures the page, too.
const PAGE_FLAG: &str = "--page";
/// Runs every benchmark, and writes the page of figures from what they found.
const ALL: (&str, &str) = ("all", "every benchmark with its growth table, written to docs/performance.md");

/// `cargo xtask bench [NAME] [-- ARGS]`.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        for (name, about) in BENCHES.iter().map(|bench| (bench.name, bench.about)).chain([ALL]) {
            println!("{name:<10} {about}");
        }
        return Ok(());
    };
    let bench_args = match rest.split_first() {
        None => &[],
        Some((separator, bench_args)) if separator == "--" => bench_args,
        Some((unknown, _)) => bail!("unknown argument `{unknown}`; what the benchmark is to get follows `--`"),
    };
    if name == ALL.0 {
        return all(workspace, bench_args);
    }
    let bench = BENCHES
        .iter()
        .find(|bench| bench.name == name)
        .with_context(|| format!("no benchmark `{name}`; `cargo xtask bench` lists them"))?;
    run(workspace, bench, &binary(workspace)?, bench_args)
}

/// `bench_args` go to the benchmark of queries, the only one that has any.
fn all(workspace: &Workspace, bench_args: &[String]) -> Result<()> {
    let binary = binary(workspace)?;
    for bench in BENCHES {
        let mut args = Vec::new();
        if bench.needs == Needs::Compilers {
            args.push("--write-docs".to_owned());
        }
        if bench.needs == Needs::Engines {
            let all = ["--growth", "1000000,10000000,50000000", "--metrics", PAGE_FLAG, "10000000", "--write-docs"];
            args.extend(all.map(String::from));
            args.extend_from_slice(bench_args);
        }
        run(workspace, bench, &binary, &args)?;
    }
    Ok(())
}

fn binary(workspace: &Workspace) -> Result<PathBuf> {
    match std::env::var_os("LINCEI_BIN") {
        Some(given) => Ok(given.into()),
        None => binary::build(workspace, Profile::Release, true),
    }
}

fn run(workspace: &Workspace, bench: &Bench, binary: &Path, bench_args: &[String]) -> Result<()> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["bench", "-p", "lincei-bench", "--bench", bench.name, "--"]).args(bench_args);
    cargo.env("LINCEI_BIN", binary);
    match bench.needs {
        Needs::Nothing => {}
        Needs::Engines => {
            cargo.env("PYTHON", python::bench_environment(workspace)?);
        }
        Needs::Compilers => {
            cargo.env("PYTHON", setup::plugin_compilers(workspace)?);
            cargo.env("LINCEI_PLUGIN_COMPILER", binary::plugin_compiler(workspace, Profile::Release)?);
        }
    }
    if bench_args.iter().any(|arg| arg == PAGE_FLAG) {
        node::find_or_install()?;
        node::packages(&workspace.root.join("ui"))?;
        cargo.env("CHROMIUM", chromium::find_or_install()?);
    }
    process::run(&mut cargo)
}
