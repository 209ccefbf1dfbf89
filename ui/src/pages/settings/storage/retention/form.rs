//! Changes how long the rows of a table are kept, and says what that deletes.

use super::Tables;
use crate::ask::{Asked, Load};
use crate::browser;
use crate::client::Question;
use crate::components::{Icon, IconName};
use crate::number;
use crate::pages::form::{Change, Field, Refused};
use crate::settings::retention::{AGE_UNITS, BoundError, Loss, SIZE_UNITS, Typed, is_shorter, loss_statement};
use crate::strings::settings;
use crate::strings::settings::storage::text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{RetentionSettings, SqlResponse, StorageSettings};

/// How long typing rests before what would be deleted is counted.
const REST_MS: i32 = 300;

/// What is typed.
#[derive(Clone, Copy)]
struct Bounds {
    age: RwSignal<String>,
    age_unit: RwSignal<usize>,
    size: RwSignal<String>,
    size_unit: RwSignal<usize>,
}

impl Bounds {
    fn of(kept: &RetentionSettings) -> Self {
        let (age, size) = (Typed::of(kept.max_age_seconds, &AGE_UNITS), Typed::of(kept.max_bytes, &SIZE_UNITS));
        Self {
            age: RwSignal::new(age.number),
            age_unit: RwSignal::new(age.unit),
            size: RwSignal::new(size.number),
            size_unit: RwSignal::new(size.unit),
        }
    }

    /// Tracked.
    fn age(self) -> Result<Option<u64>, BoundError> {
        Typed { number: self.age.get(), unit: self.age_unit.get() }.age_seconds()
    }

    /// Tracked.
    fn size(self) -> Result<Option<u64>, BoundError> {
        Typed { number: self.size.get(), unit: self.size_unit.get() }.size_bytes()
    }
}

fn explain(error: BoundError, too_small: &'static str) -> &'static str {
    let t = text();
    match error {
        BoundError::NoNumber => t.no_number,
        BoundError::TooSmall => too_small,
        BoundError::TooLarge => t.too_large,
    }
}

/// What is typed, as the server has it; an untouched bound stays exactly as it is stored.
fn settings_of(bounds: Bounds, kept: &RetentionSettings) -> Option<RetentionSettings> {
    let exact = |typed: Option<u64>, stored: Option<u64>, units: &[u64]| {
        let shown = Typed::of(stored, units) == Typed::of(typed, units);
        if shown { stored } else { typed }
    };
    Some(RetentionSettings {
        table: kept.table.clone(),
        max_age_seconds: exact(bounds.age().ok()?, kept.max_age_seconds, &AGE_UNITS),
        max_bytes: exact(bounds.size().ok()?, kept.max_bytes, &SIZE_UNITS),
    })
}

/// The form.
#[component]
pub(super) fn RetentionForm(tables: Tables, kept: RetentionSettings) -> impl IntoView {
    let t = text();
    let bounds = Bounds::of(&kept);
    let table = kept.table.clone();
    let next = Memo::new({
        let kept = kept.clone();
        move |_| settings_of(bounds, &kept)
    });
    let loss = count_loss(tables, kept, next);
    let change = Change::new();
    Effect::new(|_| browser::focus("retention-age"));
    let close = {
        let table = table.clone();
        move || {
            tables.edit("");
            browser::focus(&format!("edit-{table}"));
        }
    };
    let submit = {
        let table = table.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let Some(next) = next.get_untracked() else { return };
            let body = StorageSettings { retention: vec![next] };
            let (client, table) = (tables.context.client, table.clone());
            let work = async move { client.change("PUT", "/settings/storage", &body).await };
            change.start(work, move |settings: StorageSettings| {
                tables.context.notify(&(text().saved)(&table));
                tables.edit("");
                tables.take(settings);
                spawn_local(async move {
                    // The table is drawn anew with what is kept from now on.
                    browser::sleep_ms(0).await;
                    browser::focus(&format!("edit-{table}"));
                });
            });
        }
    };
    let deletes = Memo::new(move |_| loss.known().is_some_and(|loss| loss.files > 0));
    let blocked = move || change.busy.get() || next.with(Option::is_none) || loss.waits();
    let caption = move || match (change.busy.get(), deletes.get()) {
        (true, _) => settings::text().saving,
        (false, true) => t.save_and_delete,
        (false, false) => settings::text().save,
    };
    view! {
        <form class="panel-form" on:submit=submit aria-label=(t.edit_named)(&table)>
            <div class="form-row">
                <BoundFields bounds />
                <div class="form-do">
                    <button
                        type="submit"
                        class="btn"
                        class:primary=move || !deletes.get()
                        class:danger=move || deletes.get()
                        disabled=blocked
                    >
                        {caption}
                    </button>
                    <button type="button" class="btn" on:click=move |_| close()>
                        {settings::text().cancel}
                    </button>
                </div>
            </div>
            <LossNote loss />
            <Refused change />
        </form>
    }
}

#[component]
fn BoundFields(bounds: Bounds) -> impl IntoView {
    let t = text();
    let age_error = move || bounds.age().err().map(|error| explain(error, t.age_too_small));
    let size_error = move || bounds.size().err().map(|error| explain(error, t.size_too_small));
    view! {
        <Field label=t.kept_for id="retention-age" error=Signal::derive(age_error) hint=t.empty_is_none>
            <div class="with-unit">
                <input
                    id="retention-age"
                    class="input"
                    class:bad=move || age_error().is_some()
                    inputmode="decimal"
                    autocomplete="off"
                    placeholder=t.forever
                    aria-describedby="retention-age-hint"
                    bind:value=bounds.age
                />
                <UnitSelect label=t.age_unit names=t.age_units unit=bounds.age_unit />
            </div>
        </Field>
        <Field label=t.at_most id="retention-size" error=Signal::derive(size_error) hint=t.empty_is_none>
            <div class="with-unit">
                <input
                    id="retention-size"
                    class="input"
                    class:bad=move || size_error().is_some()
                    inputmode="decimal"
                    autocomplete="off"
                    placeholder=t.unbounded
                    aria-describedby="retention-size-hint"
                    bind:value=bounds.size
                />
                <UnitSelect label=t.size_unit names=t.size_units unit=bounds.size_unit />
            </div>
        </Field>
    }
}

#[component]
fn UnitSelect(label: &'static str, names: [&'static str; 3], unit: RwSignal<usize>) -> impl IntoView {
    let option = move |(place, name): (usize, &'static str)| {
        let chosen = unit.get_untracked() == place;
        view! { <option value=place.to_string() selected=chosen>{name}</option> }
    };
    let choose = move |event| unit.set(event_target_value(&event).parse().unwrap_or(0));
    view! {
        <select class="input" aria-label=label on:change=choose>
            {names.into_iter().enumerate().map(option).collect_view()}
        </select>
    }
}

/// What the new bounds would delete now.
#[derive(Clone, Copy)]
struct LossCount {
    /// Whether they could delete anything that is kept now.
    shorter: Memo<bool>,
    /// Whether typing rests no more and nothing is asked yet.
    resting: RwSignal<bool>,
    asked: Asked<SqlResponse>,
}

impl LossCount {
    fn waits(self) -> bool {
        self.shorter.get() && (self.resting.get() || self.asked.waits())
    }

    fn known(self) -> Option<Loss> {
        if !self.shorter.get() || self.waits() {
            return None;
        }
        self.asked.answer.with(|answer| answer.as_deref().map(Loss::of))
    }
}

/// Counts anew whenever the bounds change, after a rest.
fn count_loss(tables: Tables, kept: RetentionSettings, next: Memo<Option<RetentionSettings>>) -> LossCount {
    let shorter = Memo::new(move |_| next.with(|next| next.as_ref().is_some_and(|next| is_shorter(&kept, next))));
    let count = LossCount { shorter, resting: RwSignal::new(false), asked: Asked::new(tables.context) };
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let Some(next) = next.get().filter(|_| shorter.get()) else { return };
        let mine = turn.try_update_value(|turn| {
            *turn = turn.wrapping_add(1);
            *turn
        });
        count.resting.set(true);
        spawn_local(async move {
            browser::sleep_ms(REST_MS).await;
            if turn.try_get_value() != mine {
                return;
            }
            let question = Question { sql: loss_statement(&next), from_ns: None, to_ns: None };
            count.asked.ask(|call| async move { call.client.sql(question, call.query_id, None, &call.signal).await });
            count.resting.set(false);
        });
    });
    count
}

#[component]
fn LossNote(loss: LossCount) -> impl IntoView {
    let t = text();
    let note = move || {
        if !loss.shorter.get() {
            return ().into_any();
        }
        if let Load::Failed(failure) = loss.asked.load.get() {
            return view! { <p class="note warn">{(t.loss_unknown)(&failure.detail())}</p> }.into_any();
        }
        match loss.known() {
            None => view! { <p class="dim">{t.counting}</p> }.into_any(),
            Some(Loss { files: 0, .. }) => view! { <p class="dim">{t.loses_nothing}</p> }.into_any(),
            Some(Loss { rows, bytes, files }) => {
                let words = (t.loses)(&number::count(rows), &number::bytes(bytes), &number::count(files));
                view! {
                    <p class="note bad">
                        <Icon name=IconName::Alert />
                        <span>{words}</span>
                    </p>
                }
                .into_any()
            }
        }
    };
    view! {
        <div role="status" class="loss">
            {note}
        </div>
    }
}
