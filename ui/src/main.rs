//! Entry of the page.

#[cfg(target_arch = "wasm32")]
fn main() {
    lincei_ui::start();
}

/// The page is built for browsers only; natively there are its tests.
#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}
