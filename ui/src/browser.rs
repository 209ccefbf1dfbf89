//! The browser, as far as the page needs it: clock, zone, address bar, storage, clipboard, timers.

use crate::calendar::{MINUTE_NS, SECOND_NS};
use leptos::prelude::{StoredValue, WithValue, on_cleanup, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The browser's clock in nanoseconds since the epoch, exact to a millisecond.
pub(crate) fn clock_ns() -> i64 {
    (js_sys::Date::now() as i64).saturating_mul(1_000_000)
}

/// The offset of the reader's zone at `ns`, in minutes east of UTC.
pub(crate) fn local_offset_minutes(ns: i64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64((ns / 1_000_000) as f64));
    -date.get_timezone_offset() as i32
}

/// The short name of the reader's zone at `ns`: `CET`, `GMT+5:30`, `UTC`.
pub(crate) fn local_zone_name(ns: i64) -> String {
    let options = js_sys::Object::new();
    if js_sys::Reflect::set(&options, &"timeZoneName".into(), &"short".into()).is_err() {
        return String::new();
    }
    let date = js_sys::Date::new(&JsValue::from_f64((ns / 1_000_000) as f64));
    let text: String = date.to_locale_time_string_with_options("en-GB", &options).into();
    text.rsplit(' ').next().map_or_else(|| offset_name(local_offset_minutes(ns)), str::to_owned)
}

fn offset_name(minutes: i32) -> String {
    format!("GMT{:+03}:{:02}", minutes / 60, (minutes % 60).abs())
}

/// Milliseconds on a clock that never jumps.
pub(crate) fn monotonic_ms() -> f64 {
    let performance = js_sys::Reflect::get(&window(), &"performance".into()).ok();
    let now = performance.as_ref().and_then(|p| js_sys::Reflect::get(p, &"now".into()).ok());
    let called =
        now.and_then(|now| now.dyn_into::<js_sys::Function>().ok()).and_then(|now| now.call0(&performance?).ok());
    called.and_then(|value| value.as_f64()).unwrap_or_else(js_sys::Date::now)
}

/// Waits.
pub(crate) async fn sleep_ms(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // Without a timer there is nothing to wait for: go on at once.
        if window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds).is_err() {
            drop(resolve.call0(&JsValue::NULL));
        }
    });
    drop(JsFuture::from(promise).await);
}

/// Path and query string of the address bar.
pub(crate) fn address() -> (String, String) {
    let location = window().location();
    (location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// `http://host:port` of the page, and the host alone.
pub(crate) fn origin() -> (String, String) {
    let location = window().location();
    (location.origin().unwrap_or_default(), location.hostname().unwrap_or_default())
}

/// Shows `link` in the address bar, as a new entry of the history or in the place of the present.
pub(crate) fn show_address(link: &str, new_entry: bool) {
    let Ok(history) = window().history() else { return };
    let state = JsValue::NULL;
    let shown = if new_entry {
        history.push_state_with_url(&state, "", Some(link))
    } else {
        history.replace_state_with_url(&state, "", Some(link))
    };
    if let Err(error) = shown {
        web_sys::console::warn_1(&error);
    }
}

/// Loads the page again.
pub(crate) fn reload() {
    if let Err(error) = window().location().reload() {
        web_sys::console::warn_1(&error);
    }
}

/// A choice remembered in this browser; storage may be switched off.
pub(crate) fn remembered(name: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(name).ok().flatten()
}

/// Remembers a choice in this browser, where it can.
pub(crate) fn remember(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        drop(storage.set_item(name, value));
    }
}

/// Copies to the clipboard; false when the browser refuses (an insecure page, no permission).
pub(crate) async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // Undefined on pages that are neither encrypted nor local.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok().filter(|c| !c.is_undefined());
    match clipboard {
        Some(_) => JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok(),
        None => false,
    }
}

/// Saves a text as a file of the reader.
pub(crate) fn download_text(name: &str, media_type: &str, text: &str) {
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(media_type);
    let parts = js_sys::Array::of1(&text.into());
    match web_sys::Blob::new_with_str_sequence_and_options(&parts, &kind) {
        Ok(blob) => download(name, &blob),
        Err(error) => web_sys::console::warn_1(&error),
    }
}

/// Saves a blob as a file of the reader. The link is of this page alone: the policy of the page
/// lets no other address in.
pub(crate) fn download(name: &str, blob: &web_sys::Blob) {
    let Ok(address) = web_sys::Url::create_object_url_with_blob(blob) else { return };
    let link = leptos::prelude::document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    leptos::task::spawn_local(async move {
        // The browser reads the blob after the click.
        sleep_ms(10_000).await;
        drop(web_sys::Url::revoke_object_url(&address));
    });
}

/// Whether a click follows a link within the page, rather than to a new tab or a download.
pub(crate) fn is_plain_click(event: &web_sys::MouseEvent) -> bool {
    event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() && !event.alt_key()
}

/// Whether a media query holds now.
pub(crate) fn media_matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Whether the page is in a visible tab.
pub(crate) fn visible() -> bool {
    leptos::prelude::document().visibility_state() == web_sys::VisibilityState::Visible
}

/// The element that has the focus.
pub(crate) fn focused() -> Option<web_sys::HtmlElement> {
    leptos::prelude::document().active_element()?.dyn_into().ok()
}

/// Gives the focus to an element by id, without scrolling.
pub(crate) fn focus(id: &str) {
    let element = leptos::prelude::document().get_element_by_id(id);
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        drop(element.focus_with_options(&options));
    }
}

/// A name for a query, unlikely to be used twice.
pub(crate) fn query_id() -> String {
    format!(
        "ui-{:08x}{:06x}",
        (js_sys::Math::random() * f64::from(u32::MAX)) as u32,
        (clock_ns() / SECOND_NS) & 0xff_ffff
    )
}

/// How far the server's clock is ahead of the browser's, in nanoseconds; nothing below two
/// seconds, which may be the way of the message.
pub(crate) fn clock_lead_ns(server_now_ns: i64) -> i64 {
    let lead = server_now_ns.saturating_sub(clock_ns());
    if lead.abs() < MINUTE_NS / 30 { 0 } else { lead }
}

/// Calls back with width and height of an element now and whenever they change, until the
/// reactive owner that called is gone.
pub(crate) fn observe_size(element: &web_sys::Element, on_size: impl Fn(f64, f64) + 'static) {
    let callback = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        if let Ok(entry) = entries.get(0).dyn_into::<web_sys::ResizeObserverEntry>() {
            let size = entry.content_rect();
            on_size(size.width(), size.height());
        }
    });
    if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(element);
        let held = StoredValue::new_local((observer, callback));
        on_cleanup(move || {
            held.try_with_value(|(observer, _)| observer.disconnect());
        });
    }
}

/// Calls back when an element comes into the view or near it, and when it leaves, until the reactive
/// owner that called is gone.
pub(crate) fn observe_visible(element: &web_sys::Element, on_change: impl Fn(bool) + 'static) {
    let callback = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last = entries.length().saturating_sub(1);
        if let Ok(entry) = entries.get(last).dyn_into::<web_sys::IntersectionObserverEntry>() {
            on_change(entry.is_intersecting());
        }
    });
    if let Ok(observer) = web_sys::IntersectionObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(element);
        let held = StoredValue::new_local((observer, callback));
        on_cleanup(move || {
            held.try_with_value(|(observer, _)| observer.disconnect());
        });
    }
}

/// Takes the whole screen, or gives it back; browsers may refuse.
pub(crate) fn full_screen(on: bool) {
    let document = leptos::prelude::document();
    if !on {
        if document.fullscreen_element().is_some() {
            document.exit_fullscreen();
        }
    } else if let Some(root) = document.document_element() {
        drop(root.request_fullscreen());
    }
}

/// The text of a file that the reader chose; none when it cannot be read or is no text.
pub(crate) async fn file_text(file: &web_sys::Blob) -> Option<String> {
    JsFuture::from(file.text()).await.ok()?.as_string()
}
