//! From a fresh clone to a running server.

use crate::binary::{self, Profile};
use crate::process;
use crate::workspace::Workspace;
use anyhow::{Result, bail};

/// `cargo xtask run [-- ARGS]`: builds what is out of date and becomes `lincei serve ARGS`, so that
/// signals reach the server and nobody else. The server prints the address of the page as soon as it
/// answers there.
pub(crate) fn command(workspace: &Workspace, args: &[String]) -> Result<()> {
    let serve_args = serve_args(args)?;
    let binary = binary::build(workspace, Profile::Release, true)?;
    println!("starting lincei serve {}", serve_args.join(" "));
    let mut serve = process::program(binary);
    serve.arg("serve").args(serve_args);
    become_program(serve)
}

/// What follows the separator.
fn serve_args(args: &[String]) -> Result<&[String]> {
    match args.split_first() {
        None => Ok(&[]),
        Some((separator, rest)) if separator == "--" => Ok(rest),
        Some((unknown, _)) => bail!("unknown argument `{unknown}`; what `lincei serve` is to get follows `--`"),
    }
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
    fn arguments_of_the_server_follow_the_separator() {
        let args = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        assert!(serve_args(&[]).unwrap().is_empty());
        assert_eq!(serve_args(&args(&["--", "--data", "x"])).unwrap(), args(&["--data", "x"]));
        assert_eq!(serve_args(&args(&["--", "--"])).unwrap(), args(&["--"]));
        for wrong in [&["--data", "x"][..], &["x", "--"]] {
            assert!(serve_args(&args(wrong)).is_err(), "{wrong:?}");
        }
    }
}
