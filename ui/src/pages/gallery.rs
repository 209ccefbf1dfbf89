//! Every component with fixed data, for whoever works on one and for tests that compare pictures.
//! Not part of a released page.

mod basics;
mod charts;
mod editor;
mod samples;

use crate::app::set_title;
use crate::context::Context;
use basics::Basics;
use charts::Charts;
use editor::Editors;
use leptos::prelude::*;

/// Path of the page.
pub(crate) const GALLERY_PATH: &str = "/dev/components";

/// The page. Its texts are names of parts, for developers only.
#[component]
pub(crate) fn GalleryPage() -> impl IntoView {
    let context = Context::get();
    set_title("components");
    view! {
        <main class="main" style:height=move || "100vh">
            <header class="page-head">
                <h1>"Components"</h1>
                <span class="crumb">"reference sheet, not a page of the product"</span>
                <span class="grow"></span>
                <button type="button" class="btn" on:click=move |_| context.toggle_theme()>"Theme"</button>
            </header>
            <div class="body scroll" tabindex="0">
                <div class="panel-body" style:width=move || "100%">
                    <Charts />
                    <Editors />
                    <Basics />
                </div>
            </div>
        </main>
    }
}

/// So many columns of the same width.
#[component]
fn Columns(count: usize, children: Children) -> impl IntoView {
    view! {
        <div
            style:display=move || "grid"
            style:grid-template-columns=format!("repeat({count}, minmax(0, 1fr))")
            style:gap=move || "var(--space-4)"
            style:margin-bottom=move || "var(--space-4)"
            style:align-items=move || "start"
        >
            {children()}
        </div>
    }
}

/// One part with its name.
#[component]
fn Part(#[prop(into)] name: String, children: Children) -> impl IntoView {
    let id = name.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-");
    view! {
        <section class="panel" id=id>
            <div class="panel-head">{name}</div>
            <div class="panel-body">{children()}</div>
        </section>
    }
}
