use super::{Dialog, nav::page_name};
use crate::context::Context;
use crate::strings::text;
use crate::url_state::Page;
use leptos::prelude::*;

/// The list of keys.
#[component]
pub(crate) fn KeysDialog() -> impl IntoView {
    let context = Context::get();
    let t = &text().keys;
    let fixed: [(&[&str], &str); 12] = [
        (&["Ctrl", "K"], crate::strings::palette::text().title),
        (&["/"], t.search),
        (&["Enter"], t.run),
        (&["j", "↓"], t.next),
        (&["k", "↑"], t.previous),
        (&["PgDn", "PgUp"], t.page),
        (&["Home", "End"], t.ends),
        (&["Enter"], t.open),
        (&["Esc"], t.escape),
        (&["r"], t.refresh),
        (&["f"], crate::strings::tail::text().key),
        (&["?"], t.help),
    ];
    let row = |keys: &[&'static str], what: String| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
        view! {
            <dt>{what}</dt>
            <dd>{keys}</dd>
        }
    };
    let fixed = fixed.map(|(keys, what)| row(keys, what.to_owned())).collect_view();
    let pages = Page::ALL.map(|page| row(&["g", page.letter()], (t.go_to)(page_name(page)))).collect_view();
    view! {
        <Dialog title=t.title on_close=Callback::new(move |()| context.help.set(false))>
            <dl class="keys">{fixed}{pages}</dl>
        </Dialog>
    }
}
