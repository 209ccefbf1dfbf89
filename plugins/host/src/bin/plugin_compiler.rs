//! The process that compiles plugins for tests of this crate, and what packs the interpreters that are
//! built into the server: `plugin-compiler [pack] COMPONENT RESULT`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let outcome = match arguments.as_slice() {
        [component, result] => lincei_host::compile_child(component, result),
        [word, component, result] if word.as_os_str() == "pack" => pack(component, result),
        _ => Err("expected [pack] COMPONENT RESULT".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn pack(component: &PathBuf, result: &PathBuf) -> Result<(), String> {
    let bytes = std::fs::read(component).map_err(|error| format!("cannot read {}: {error}", component.display()))?;
    let packed = lincei_host::pack(&bytes)?;
    std::fs::write(result, packed).map_err(|error| format!("cannot write {}: {error}", result.display()))
}
