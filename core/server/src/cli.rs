//! The command line: one file per command under `cli/`.

mod admin;
mod delete;
mod import;
mod key;
mod maintenance;
mod plugin;
mod query;

use crate::config::{Config, ServeArgs};
use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Logs, metrics and traces in one binary: takes in OTLP, stores Parquet, answers SQL.
#[derive(Debug, Parser)]
#[command(name = "lincei", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take in, store and serve. This is the command that keeps running.
    Serve(Box<ServeArgs>),
    /// Serve with a simulated online shop in it: `serve --demo`, with an hour of history at once.
    Demo(Box<ServeArgs>),
    /// Run one SQL statement on a running server and print the answer.
    Query(query::QueryArgs),
    /// Delete the rows that match a condition from a running server, for good.
    Delete(delete::DeleteArgs),
    /// Send log files, or `-` for standard input, to a running server.
    Import(import::ImportArgs),
    /// Manage administrator accounts of a data directory.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Manage the keys that clients send with.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Write, test and upload plugins.
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Verify every stored file, the write-ahead log and the catalog.
    Check(maintenance::CheckArgs),
    /// Copy everything, consistently and while the server runs, into a new directory.
    Backup(maintenance::BackupArgs),
    /// Make a data directory from a backup.
    Restore(maintenance::RestoreArgs),
    /// Print the version.
    Version,
}

/// Where a command finds the running server.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ServerArgs {
    /// Address of the running server.
    #[arg(long, env = "LINCEI_URL", default_value = "http://127.0.0.1:1609", value_name = "URL")]
    pub(crate) url: String,
    /// Key to authenticate with, where the server asks for one (better given in the environment).
    #[arg(long, env = "LINCEI_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) key: Option<String>,
}

/// Which data directory a command works on.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DataArgs {
    /// Data directory.
    #[arg(long, env = "LINCEI_DATA", default_value = "lincei-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
}

/// Parses the command line and runs the command.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Serve(args) => Config::load(*args).and_then(crate::serve::run),
        Command::Demo(args) => Config::load(args.with_demo()).and_then(crate::serve::run),
        Command::Query(args) => query::run(&args),
        Command::Delete(args) => delete::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Admin(command) => admin::run(command),
        Command::Key(command) => key::run(command),
        Command::Plugin(command) => plugin::run(command),
        Command::Check(args) => maintenance::check(&args),
        Command::Backup(args) => maintenance::backup(&args),
        Command::Restore(args) => maintenance::restore(&args),
        Command::Version => {
            say(&format!("lincei {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {}", chain(&error)));
            ExitCode::FAILURE
        }
    }
}

/// The whole chain of causes on one line, each said once.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut out = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !out.ends_with(&text) {
            if !out.is_empty() {
                out.push_str(": ");
            }
            out.push_str(&text);
        }
    }
    out
}

/// One line to standard output; a closed pipe is not an error of ours.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One line to standard error.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
