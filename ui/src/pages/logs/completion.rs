//! The menu of the search bar. Names are filtered here; only values are asked for, once typing rests.
//! Typing never waits: the menu shows what is known, and an answer to what was typed before is dropped.

use super::field_names::FieldNames;
use super::model::LogsModel;
use crate::ask::Asked;
use crate::browser;
use crate::calendar::rfc3339;
use crate::client::Refusal;
use crate::completion::{Candidate, Kind, byte_at, candidates, remembered, units_at};
use crate::components::Show;
use crate::number;
use crate::query_text::{Place, Slot, place};
use crate::strings::explore;
use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;
use lincei_api::{FieldsRequest, FieldsResponse, TimeInput, ValueCount};

/// Id of the list, and the start of the ids of its options.
pub(super) const LIST_ID: &str = "search-offers";
/// Where earlier searches are remembered.
const RECENT: &str = "lincei.searches";
/// How long typing has to rest before values are asked for.
const REST_MS: i32 = 120;
/// Values asked for.
const VALUES_MAX: u32 = 50;
/// Least width of the menu, as in its style.
const MENU_WIDTH: f64 = 356.0;
/// From its edge to its letters, which stand under those that they complete.
const MENU_INSET: f64 = 13.0;

/// Values of a field that begin with something.
struct Values {
    field: String,
    prefix: String,
    values: Vec<ValueCount>,
}

/// What is offered at the cursor; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Completion {
    /// The text of the bar.
    pub(super) typed: RwSignal<String>,
    /// Whether the menu was asked for.
    pub(super) asked_for: RwSignal<bool>,
    /// What is offered.
    pub(super) offers: Memo<Vec<Candidate>>,
    /// Place of the highlighted offer.
    pub(super) chosen: RwSignal<usize>,
    /// The field that is typed into.
    pub(super) field: NodeRef<Input>,
    place: Memo<Place>,
    caret: RwSignal<usize>,
    moved: StoredValue<bool>,
    recent: RwSignal<Vec<String>>,
    names: FieldNames,
}

impl Completion {
    pub(super) fn new(model: LogsModel, typed: RwSignal<String>) -> Self {
        let (names, caret) = (model.names, RwSignal::new(0));
        let (asked_for, recent) = (RwSignal::new(false), RwSignal::new(recent_searches()));
        let place = Memo::new(move |_| typed.with(|typed| place(typed, caret.get())));
        let values = Asked::<Values>::new(model.context);
        let offers = Memo::new(move |_| {
            if !asked_for.get() {
                return Vec::new();
            }
            place.with(|place| {
                values.answer.with(|known| {
                    let known = known.as_deref().filter(|known| known.fits(&place.slot));
                    let known = known.map_or(&[][..], |known| &known.values);
                    let of = |names: &[_]| {
                        recent.with(|recent| typed.with(|typed| candidates(typed, place, names, known, recent)))
                    };
                    names.with(of)
                })
            })
        });
        Effect::new(move |_| {
            if asked_for.get()
                && let Slot::Value { field, typed, .. } = place.get().slot
            {
                ask_values(model, values, field, typed);
            }
        });
        let chosen = RwSignal::new(0);
        Self {
            typed,
            asked_for,
            offers,
            chosen,
            field: NodeRef::new(),
            place,
            caret,
            moved: StoredValue::new(false),
            recent,
            names,
        }
    }

    /// Whether the menu is shown; tracked.
    pub(super) fn is_open(&self) -> bool {
        self.asked_for.get() && self.offers.with(|offers| !offers.is_empty())
    }

    /// The id of the highlighted option; tracked.
    pub(super) fn active_id(&self) -> Option<String> {
        self.is_open().then(|| format!("{LIST_ID}-{}", self.chosen.get()))
    }

    /// Takes the cursor's place from the field.
    pub(super) fn follow(&self) {
        let Some(field) = self.field.get_untracked() else { return };
        let units = field.selection_end().ok().flatten().unwrap_or(0);
        let caret = byte_at(&field.value(), usize::try_from(units).unwrap_or(0));
        if self.caret.get_untracked() != caret {
            self.caret.set(caret);
            self.choose(0, false);
        }
    }

    /// Something was typed.
    pub(super) fn edited(&self) {
        self.follow();
        self.choose(0, false);
        self.open();
    }

    pub(super) fn open(&self) {
        self.names.want();
        if !self.asked_for.get_untracked() {
            self.asked_for.set(true);
        }
    }

    pub(super) fn close(&self) {
        self.choose(0, false);
        self.asked_for.set(false);
    }

    /// Remembers what was searched for.
    pub(super) fn searched(&self, query: &str) {
        self.close();
        let recent = self.recent.with_untracked(|recent| remembered(recent, query));
        browser::remember(RECENT, &serde_json::to_string(&recent).unwrap_or_default());
        self.recent.set(recent);
    }

    fn choose(&self, place: usize, moved: bool) {
        self.moved.set_value(moved);
        if self.chosen.get_untracked() != place {
            self.chosen.set(place);
        }
    }

    /// Writes an offer.
    pub(super) fn accept(&self, at: usize) {
        let Some(offer) = self.offers.with_untracked(|offers| offers.get(at).cloned()) else { return };
        let (text, cursor) = self.typed.with_untracked(|typed| offer.accept(typed));
        if let Some(field) = self.field.get_untracked() {
            let units = u32::try_from(units_at(&text, cursor)).unwrap_or(u32::MAX);
            field.set_value(&text);
            drop(field.set_selection_range(units, units));
            drop(field.focus());
        }
        self.typed.set(text);
        self.caret.set(cursor);
        self.choose(0, false);
        self.asked_for.set(offer.goes_on());
    }

    /// What a key does to the menu; what it does nothing to goes on to the field.
    pub(super) fn key(&self, event: &KeyboardEvent) {
        if event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let open = untrack(|| self.is_open());
        let (count, at) = (self.offers.with_untracked(Vec::len), self.chosen.get_untracked());
        match event.key().as_str() {
            "ArrowDown" if !open => self.open(),
            "ArrowDown" if self.moved.get_value() => self.choose((at + 1) % count, true),
            // The first is highlighted from the start: the first press takes it.
            "ArrowDown" => self.choose(if count > 1 && !self.is_first_free() { 1 } else { 0 }, true),
            "ArrowUp" if open => self.choose((at + count - 1) % count, true),
            "Tab" if open && !event.shift_key() => self.accept(at),
            "Enter" if open && self.moved.get_value() => self.accept(at),
            "Escape" if open => self.close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    /// Whether the first press of an arrow stays on the first offer: while nothing was typed for it.
    fn is_first_free(&self) -> bool {
        self.place.with_untracked(|place| match &place.slot {
            Slot::Name { typed, .. } | Slot::Value { typed, .. } => typed.is_empty(),
            Slot::Nothing => true,
        })
    }
}

impl Values {
    /// Whether they are values of what is typed now, or of less of it.
    fn fits(&self, slot: &Slot) -> bool {
        match slot {
            Slot::Value { field, typed, .. } => {
                *field == self.field && typed.to_lowercase().starts_with(&self.prefix.to_lowercase())
            }
            _ => false,
        }
    }

    /// Whether they are all there are, so that more typing needs no new answer.
    fn are_all(&self) -> bool {
        self.values.len() < VALUES_MAX as usize
    }
}

fn recent_searches() -> Vec<String> {
    browser::remembered(RECENT).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn ask_values(model: LogsModel, values: Asked<Values>, field: String, prefix: String) {
    let slot = Slot::Value { field: field.clone(), typed: prefix.clone(), bound: false };
    let known = values.answer.with_untracked(|known| {
        known.as_ref().is_some_and(|known| known.fits(&slot) && (known.are_all() || known.prefix == prefix))
    });
    // Times and texts have no values that would be chosen from a list.
    if known || matches!(field.as_str(), "" | "time" | "observed_time" | "body") {
        return;
    }
    let window = model.context.window.get_untracked();
    values.ask(move |call| async move {
        browser::sleep_ms(REST_MS).await;
        if call.signal.aborted() {
            return Err(Refusal::Aborted);
        }
        let request = FieldsRequest {
            table: "logs".to_owned(),
            from: Some(TimeInput::Text(rfc3339(window.from_ns))),
            to: Some(TimeInput::Text(rfc3339(window.to_ns))),
            field: Some(field.clone()),
            prefix: Some(prefix.clone()),
            limit: Some(VALUES_MAX),
            query_id: Some(call.query_id),
            ..FieldsRequest::default()
        };
        let answer: FieldsResponse = call.client.ask("/fields", &request, &call.signal).await?;
        Ok(Values { field, prefix, values: answer.values })
    });
}

/// The menu, under the place where what it completes begins.
#[component]
pub(super) fn Offers(completion: Completion) -> impl IntoView {
    let t = explore::text();
    let before = NodeRef::<leptos::html::Span>::new();
    let left = RwSignal::new(0.0);
    let text_before = move || {
        let start = completion.place.with(|place| place.start);
        completion.typed.with(|typed| typed.get(..start).unwrap_or_default().to_owned())
    };
    Effect::new(move |_| {
        completion.place.track();
        completion.asked_for.track();
        request_animation_frame(move || {
            if let Some(offset) = before.try_get_untracked().flatten().and_then(|b| offset_of(completion, &b)) {
                left.set(offset);
            }
        });
    });
    let items = move || {
        let offers = completion.offers.get().into_iter().enumerate();
        offers.map(|(at, offer)| view! { <Offer completion at offer /> }).collect_view()
    };
    view! {
        <span class="q paint before" aria-hidden="true" node_ref=before>
            {text_before}
        </span>
        <Show when=move || completion.is_open()>
            <div class="menu offers" style:left=move || format!("{:.0}px", left.get())>
                <ul id=LIST_ID role="listbox" aria-label=t.offers>
                    {items}
                </ul>
                <div class="menu-foot" aria-hidden="true">
                    <span><kbd>"↑"</kbd> <kbd>"↓"</kbd> " " {t.choose}</span>
                    <span><kbd>"Tab"</kbd> " " {t.complete}</span>
                    <span><kbd>"Enter"</kbd> " " {t.search}</span>
                </div>
            </div>
        </Show>
    }
}

/// Where the menu begins, from the left edge of the field, within the bar.
fn offset_of(completion: Completion, before: &web_sys::HtmlElement) -> Option<f64> {
    let field = completion.field.get_untracked()?;
    let place = f64::from(before.offset_width() - field.scroll_left());
    Some((place.min(f64::from(field.client_width()) - MENU_WIDTH).max(0.0)) - MENU_INSET)
}

#[component]
fn Offer(completion: Completion, at: usize, offer: Candidate) -> impl IntoView {
    let on = Memo::new(move |_| completion.chosen.get() == at);
    let (start, end) = offer.hit;
    let part = |from: usize, to: usize| offer.label.get(from..to).unwrap_or_default().to_owned();
    let (head, hit, tail) = (part(0, start), part(start, end), part(end, offer.label.len()));
    let t = explore::text();
    let lines = offer.lines.map(|lines| (t.lines)(&number::count(lines)));
    view! {
        <li
            id=format!("{LIST_ID}-{at}")
            role="option"
            class="menu-item"
            class:on=move || on.get()
            aria-selected=move || on.get().to_string()
            title=offer.label.clone()
            // The field keeps the focus.
            on:mousedown=move |event| event.prevent_default()
            on:click=move |_| completion.accept(at)
        >
            <span class="mono ell">
                {head}
                <b>{hit}</b>
                {tail}
            </span>
            <span class="faint">{kind_text(offer.kind)}</span>
            <span class="num">{lines}</span>
        </li>
    }
}

/// What an offer is, in a word or two.
pub(super) fn kind_text(kind: Kind) -> &'static str {
    let t = explore::text();
    match kind {
        Kind::Text => t.kind_text,
        Kind::Number => t.kind_number,
        Kind::Time => t.kind_time,
        Kind::Attribute => t.kind_attribute,
        Kind::Resource => t.kind_resource,
        Kind::Value => "",
        Kind::AtLeast => t.kind_at_least,
        Kind::AtMost => t.kind_at_most,
        Kind::Between => t.kind_between,
        Kind::Present => t.kind_present,
        Kind::Body => t.kind_body,
        Kind::Recent => t.kind_recent,
    }
}
