//! Bytes that plugins add to the binary.

use crate::host::{Host, workspace};
use crate::report::Figures;
use std::path::Path;
use std::process::Command;

/// A program without its symbols, as it is handed out.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn megabytes(program: &Path, folder: &Path) -> f64 {
    let stripped = folder.join("stripped");
    let status = Command::new("strip").arg("-o").arg(&stripped).arg(program).status().unwrap();
    assert!(status.success(), "strip failed");
    std::fs::metadata(stripped).unwrap().len() as f64 / 1e6
}

/// The program that compiles plugins is the host alone: engine, compiler, and the Arrow they need.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn measure(host: &Host, figures: &mut Figures) {
    figures.put("binary, MB", megabytes(&lincei_bench::binary(), host.folder()));
    let compiler = std::env::var_os("LINCEI_PLUGIN_COMPILER").expect("LINCEI_PLUGIN_COMPILER names a binary");
    figures.put("binary of the host alone, MB", megabytes(Path::new(&compiler), host.folder()));
    for language in ["python", "javascript"] {
        let packed = workspace().join(format!("plugins/scripts/{language}.cwasm.zst"));
        figures.put(&format!("interpreter, {language}, MB"), std::fs::metadata(packed).unwrap().len() as f64 / 1e6);
    }
}
