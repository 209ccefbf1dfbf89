use super::completion::kind_text;
use super::field_names::FieldNames;
use crate::browser;
use crate::completion::{kind_of, names_like};
use crate::number;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use lincei_api::FieldInfo;

/// A field to type a name into, with the names that lines have below it. Enter takes the highlighted
/// one, or what was typed when there is none like it.
#[component]
pub(super) fn FieldPicker(
    /// Known names.
    names: FieldNames,
    /// Those that cannot be picked.
    #[prop(into)]
    omitted: Signal<Vec<String>>,
    /// Id of the field; the options have it with their number.
    id: &'static str,
    /// What is picked.
    label: &'static str,
    /// Takes a name.
    on_pick: Callback<String>,
    /// Escape.
    on_close: Callback<()>,
) -> impl IntoView {
    names.want();
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let offers = Memo::new(move |_| {
        let like = |names: &[FieldInfo]| {
            let typed = typed.get();
            omitted.with(|omitted| {
                names_like(typed.trim(), names, omitted).into_iter().map(|(_, info)| info.clone()).collect()
            })
        };
        names.with::<Vec<FieldInfo>>(like)
    });
    Effect::new(move |_| browser::focus(id));
    let pick = move |at: usize| {
        let name = offers.with_untracked(|offers| offers.get(at).map(|info| info.name.clone()));
        let name = name.unwrap_or_else(|| typed.get_untracked().trim().to_owned());
        if !name.is_empty() {
            typed.set(String::new());
            chosen.set(0);
            on_pick.run(name);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let (count, at) = (offers.with_untracked(Vec::len), chosen.get_untracked());
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.set((at + 1) % count),
            "ArrowUp" if count > 0 => chosen.set((at + count - 1) % count),
            "Enter" if !event.is_composing() => pick(at),
            "Escape" => on_close.run(()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let active = move || offers.with(|offers| !offers.is_empty()).then(|| format!("{id}-{}", chosen.get()));
    view! {
        <div class="picker">
            <input
                id=id
                class="input"
                type="text"
                role="combobox"
                aria-label=label
                placeholder=label
                aria-autocomplete="list"
                aria-expanded="true"
                aria-controls=format!("{id}-list")
                aria-activedescendant=active
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                bind:value=typed
                on:input=move |_| chosen.set(0)
                on:keydown=on_key
            />
            <ul id=format!("{id}-list") role="listbox" aria-label=label>
                {move || {
                    let offers = offers.get().into_iter().enumerate();
                    offers.map(|(at, info)| view! { <Name id at info chosen on_pick=pick /> }).collect_view()
                }}
            </ul>
        </div>
    }
}

#[component]
fn Name(
    id: &'static str,
    at: usize,
    info: FieldInfo,
    chosen: RwSignal<usize>,
    on_pick: impl Fn(usize) + Copy + Send + 'static,
) -> impl IntoView {
    let on = move || chosen.get() == at;
    view! {
        <li
            id=format!("{id}-{at}")
            role="option"
            class="menu-item"
            class:on=on
            aria-selected=move || on().to_string()
            title=format!("{}, {}", info.name, kind_text(kind_of(&info)))
            on:mousedown=move |event| event.prevent_default()
            on:click=move |_| on_pick(at)
        >
            <span class="mono ell">{info.name.clone()}</span>
            <span class="num">{info.rows.map(number::count)}</span>
        </li>
    }
}
