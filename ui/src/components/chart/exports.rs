use super::plot::BUNDLE;
use crate::browser;
use crate::bundle;
use crate::chart::{Picture, file_name};
use crate::context::Context;
use crate::strings::charts::charts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// The files that a chart or a table can be saved as; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Exports {
    /// Whether there is something to save.
    pub(crate) filled: Signal<bool>,
    /// Saves the values.
    pub(crate) csv: Callback<()>,
    /// Saves the drawing; none where nothing is drawn.
    pub(crate) png: Signal<Option<Callback<()>>>,
}

impl Exports {
    /// Of rows, which nothing is drawn of. `csv` makes name and text of the file.
    pub(crate) fn of_rows(
        filled: impl Fn() -> bool + Send + Sync + 'static,
        csv: impl Fn() -> Option<(String, String)> + Send + Sync + 'static,
    ) -> Self {
        let csv = Callback::new(move |()| {
            if let Some((name, text)) = csv() {
                browser::download_text(&name, "text/csv;charset=utf-8", &text);
            }
        });
        Self { filled: Signal::derive(filled), csv, png: Signal::stored(None) }
    }

    /// Leaves them in `slot` for whoever offers them too, while the component lives.
    pub(crate) fn lend(self, slot: Option<RwSignal<Option<Self>>>) {
        if let Some(slot) = slot {
            slot.set(Some(self));
            on_cleanup(move || {
                slot.try_update(|lent| *lent = None);
            });
        }
    }
}

/// Name of the file of a chart whose data begins at a time, if they have times.
pub(super) fn named(label: StoredValue<String>, from_ms: Option<f64>, extension: &str) -> String {
    label.with_value(|label| file_name(label, from_ms, extension))
}

/// Saves a picture once it is made, or says that it cannot be made.
pub(super) fn save_png(context: Context, file: String, picture: impl Future<Output = Option<Blob>> + 'static) {
    spawn_local(async move {
        match picture.await {
            Some(blob) => browser::download(&file, &blob),
            None => context.notify(charts().png_failed),
        }
    });
}

/// Draws a picture, its title above; none when the browser cannot.
pub(super) async fn drawn(picture: Picture, title: String) -> Option<Blob> {
    let module = bundle::load(BUNDLE).await.ok()?;
    let scene = JsValue::from_str(&picture.to_json().to_string());
    blob(bundle::call(&module, "picture", &[JsValue::from_str(&title), scene])?).await
}

/// The file that a promise of the bundle is of.
pub(super) async fn blob(promise: JsValue) -> Option<Blob> {
    let promise = promise.dyn_into::<js_sys::Promise>().ok()?;
    let blob = JsFuture::from(promise).await.inspect_err(web_sys::console::warn_1).ok()?;
    blob.dyn_into().ok()
}
