//! Benchmarks by name. Each is a bench target of `deploy/bench` with a `main` of its own that prints
//! its figures; it finds the released binary in `LINCEI_BIN`.

use crate::binary::{self, Profile};
use crate::process;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};

/// A benchmark: a new one is one line in [`BENCHES`].
struct Bench {
    /// Of its bench target in `deploy/bench`, too.
    name: &'static str,
    about: &'static str,
}

const BENCHES: &[Bench] = &[Bench {
    name: "ingest",
    about: "records/s per core from OTLP bytes to acknowledged rows, per stage and end to end",
}];

/// `cargo xtask bench [NAME] [-- ARGS]`.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        for bench in BENCHES {
            println!("{:<10} {}", bench.name, bench.about);
        }
        return Ok(());
    };
    let bench = BENCHES
        .iter()
        .find(|bench| bench.name == name)
        .with_context(|| format!("no benchmark `{name}`; `cargo xtask bench` lists them"))?;
    let bench_args = match rest.split_first() {
        None => &[],
        Some((separator, bench_args)) if separator == "--" => bench_args,
        Some((unknown, _)) => bail!("unknown argument `{unknown}`; what the benchmark is to get follows `--`"),
    };
    let binary = binary::build(workspace, Profile::Release, true)?;
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["bench", "-p", "lincei-bench", "--bench", bench.name, "--"]).args(bench_args);
    cargo.env("LINCEI_BIN", binary);
    process::run(&mut cargo)
}
