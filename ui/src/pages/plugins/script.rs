//! Scripts: an editor, and beside it what the script makes of records while it is typed.

mod desk;
mod fresh;
mod saved;

pub(super) use fresh::NewScript;
pub(super) use saved::{SavedScript, TryOut};

/// What a script that is not saved is remembered under in this browser.
fn draft_key(name: &str) -> String {
    format!("lincei.script.{name}")
}
