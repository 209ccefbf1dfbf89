//! The process that compiles plugins, for tests of this crate.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(component), Some(result)) = (paths.next(), paths.next()) else { return ExitCode::FAILURE };
    match lincei_host::compile_child(&component, &result) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            ExitCode::FAILURE
        }
    }
}
