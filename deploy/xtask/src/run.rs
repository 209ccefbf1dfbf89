//! From a fresh clone to a running server.

use crate::binary::{self, Profile};
use crate::process;
use crate::workspace::Workspace;
use anyhow::{Result, bail};

const LISTEN_DEFAULT: &str = "127.0.0.1:1609";

/// `cargo xtask run [-- ARGS]`: builds what is out of date and becomes `lincei serve ARGS`, so that
/// signals reach the server and nobody else.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    let serve_args = match args.split_first() {
        None => &[],
        Some((separator, rest)) if separator == "--" => rest,
        Some((unknown, _)) => bail!("unknown argument `{unknown}`; what `lincei serve` is to get follows `--`"),
    };
    let binary = binary::build(workspace, Profile::Release, true)?;
    let listen = listen_address(serve_args, std::env::var("LINCEI_LISTEN").ok());
    println!("starting `lincei serve`; the page is at http://{listen}");
    let mut serve = process::program(binary);
    serve.arg("serve").args(serve_args);
    become_program(serve)
}

/// Where the page will be: what the arguments say, else the environment, else the default.
fn listen_address(serve_args: &[String], environment: Option<String>) -> String {
    let mut words = serve_args.iter();
    while let Some(word) = words.next() {
        if let Some(value) = word.strip_prefix("--listen=") {
            return value.to_owned();
        }
        if word == "--listen"
            && let Some(value) = words.next()
        {
            return value.clone();
        }
    }
    environment.unwrap_or_else(|| LISTEN_DEFAULT.to_owned())
}

#[cfg(unix)]
fn become_program(mut command: std::process::Command) -> Result<()> {
    use anyhow::Context;
    use std::os::unix::process::CommandExt;
    // Returns only when it fails.
    Err(command.exec()).context("cannot start lincei")
}

#[cfg(not(unix))]
fn become_program(mut command: std::process::Command) -> Result<()> {
    process::run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_comes_from_arguments_then_environment() {
        let args = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let from_environment = || Some("[::1]:1".to_owned());
        for (words, environment, expected) in [
            (&["--listen", "1.2.3.4:5"][..], from_environment(), "1.2.3.4:5"),
            (&["--data", "x", "--listen=1.2.3.4:6"], None, "1.2.3.4:6"),
            (&["--data", "--listen-otlp"], from_environment(), "[::1]:1"),
            (&["--listen"], None, LISTEN_DEFAULT),
            (&[], None, LISTEN_DEFAULT),
        ] {
            assert_eq!(listen_address(&args(words), environment), expected, "{words:?}");
        }
    }
}
