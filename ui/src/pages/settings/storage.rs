//! What is stored and for how long, what takes the room, and deleting.

mod retention;
mod usage;

use self::retention::Retention;
use self::usage::Usage;
use super::deletion::DeletionPanels;
use crate::pages::form::ReadOnly;
use leptos::prelude::*;

/// The section.
#[component]
pub(super) fn StorageSection() -> impl IntoView {
    view! {
        <ReadOnly />
        <Retention />
        <Usage />
        <DeletionPanels />
    }
}
