//! `lincei plugin`.

mod bench;
mod build;
mod local;
mod new;
mod project;
mod push;
mod test;

use anyhow::anyhow;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// Make a new project from a template.
    New(new::NewArgs),
    /// Build the project in the current folder into `plugin.wasm`.
    Build(project::ProjectArgs),
    /// Run the cases in `tests/` in the host that servers have.
    Test(project::ProjectArgs),
    /// Measure an operator on the records of its cases, again and again.
    Bench(bench::BenchArgs),
    /// Build the project and upload it to a running server, where it is checked, tried and takes over.
    Push(push::PushArgs),
    /// Compile a component: what the server starts as a process of its own for each upload.
    #[command(hide = true)]
    Compile {
        /// The component.
        component: PathBuf,
        /// Where the machine code goes.
        result: PathBuf,
    },
}

pub(super) fn run(command: PluginCommand) -> anyhow::Result<()> {
    match command {
        PluginCommand::New(args) => new::run(&args),
        PluginCommand::Build(args) => build::run(&args),
        PluginCommand::Test(args) => test::run(&args),
        PluginCommand::Bench(args) => bench::run(&args),
        PluginCommand::Push(args) => push::run(&args),
        PluginCommand::Compile { component, result } => {
            lincei_host::compile_child(&component, &result).map_err(|message| anyhow!(message))
        }
    }
}
