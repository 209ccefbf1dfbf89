//! `cargo xtask`: build, run, test, check and measure the project. One file per command; what a
//! machine lacks is found or installed by `setup`, so that a command works on a fresh clone.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its terminal")]

mod bench;
mod binary;
mod deny;
mod fuzz;
mod links;
mod page;
mod process;
mod run;
mod rust_source;
mod scripts;
mod setup;
mod test;
mod tidy;
mod workspace;

use anyhow::{Result, bail};
use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  run [-- ARGS]          build the page and the binary (release), then `lincei serve ARGS`
  test [--only STEP]...  set up and run every check and test, cheapest first
       [--skip STEP]...  (repeatable, or a comma-separated list; `test --list` names the steps)
  build [--release|--dist] [--no-page]
                         the `lincei` binary with the page embedded
  dist                   the same with the `dist` profile (fat LTO, stripped), for releases
  ui [--force]           only the page, into ui/dist
  scripts                only the interpreters of scripts, into plugins/scripts
  tidy                   the house rules a compiler does not check
  deny                   licences, sources and duplicate versions of dependencies
  links                  relative links and anchors of the Markdown files
  fuzz [TARGET]          every fuzz target, or one; LINCEI_FUZZ_SECONDS sets the time of each
  bench [NAME] [-- ARGS] a benchmark, or `all`; without a name, the list
  setup                  everything `run` and `test` need from outside cargo
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command. `false` means that it ran and found something wrong, and has said what.
fn dispatch(args: &[String]) -> Result<bool> {
    let Some((command, rest)) = args.split_first() else {
        print!("{USAGE}");
        return Ok(true);
    };
    if matches!(command.as_str(), "help" | "--help" | "-h") || rest.first().is_some_and(|a| a == "--help") {
        print!("{USAGE}");
        return Ok(true);
    }
    let workspace = Workspace::find()?;
    match command.as_str() {
        "run" => run::command(&workspace, rest).map(|()| true),
        "test" => test::command(&workspace, rest),
        "build" => binary::command(&workspace, rest).map(|()| true),
        "dist" => nothing_more(rest).and_then(|()| binary::dist(&workspace)).map(|()| true),
        "ui" => page::command(&workspace, rest).map(|()| true),
        "scripts" => nothing_more(rest).and_then(|()| binary::scripts(&workspace)).map(|()| true),
        "tidy" => nothing_more(rest).and_then(|()| tidy::command(&workspace)),
        "deny" => nothing_more(rest).and_then(|()| deny::command(&workspace)),
        "links" => nothing_more(rest).and_then(|()| links::command(&workspace)),
        "fuzz" => fuzz::command(&workspace, rest).map(|()| true),
        "bench" => bench::command(&workspace, rest).map(|()| true),
        "setup" => nothing_more(rest).and_then(|()| setup::everything(&workspace)).map(|()| true),
        unknown => bail!("unknown command `{unknown}`; `cargo xtask help` lists them"),
    }
}

fn nothing_more(rest: &[String]) -> Result<()> {
    match rest.first() {
        Some(unknown) => bail!("unknown argument `{unknown}`"),
        None => Ok(()),
    }
}
