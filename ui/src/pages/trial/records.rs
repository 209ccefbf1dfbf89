use super::{FailureNote, LogLines, Shown, Trial, Tried, signal_name};
use crate::calendar::{DateStyle, parse_utc, to_millisecond};
use crate::components::{DataView, Show};
use crate::number;
use crate::pages::shown::Outline;
use crate::record_diff::{Change, Fate, Line, RecordDiff};
use crate::record_sample::EXAMPLES;
use crate::strings::trial::text;
use leptos::prelude::*;
use std::sync::Arc;

/// Records drawn at once; more are asked for.
const DRAWN_MAX: usize = 60;

/// What came of it, in its four states.
#[component]
pub(in crate::pages) fn TrialView(
    trial: Trial,
    /// Whether the failure is told here; else it is told where it is mended.
    #[prop(optional)]
    with_failure: bool,
) -> impl IntoView {
    view! {
        <div class="trial-view">
            <DataView
                asked=trial.asked
                on_retry=move |()| trial.again()
                outline=|| view! { <Outline rows=9 /> }
                let:tried
            >
                <Answer trial tried with_failure />
            </DataView>
        </div>
    }
}

#[component]
fn Answer(trial: Trial, tried: Arc<Tried>, with_failure: bool) -> impl IntoView {
    let failure = tried.result.failure.clone();
    let note = match failure {
        Some(failure) if with_failure => Some(view! { <FailureNote failure class="bad trial-note" /> }.into_any()),
        Some(_) => Some(view! { <p class="note warn trial-note">{text().failed}</p> }.into_any()),
        None => None,
    };
    if tried.diffs.is_empty() {
        return view! {
            {note}
            <Nothing trial />
        }
        .into_any();
    }
    let listed = Arc::clone(&tried);
    let failed = tried.result.failure.is_some();
    view! {
        {(!failed).then(|| view! { <Head trial tried=Arc::clone(&tried) /> })}
        {note}
        <div class="trial-columns" aria-hidden="true">
            <span>{text().before}</span>
            <span>{text().after}</span>
        </div>
        <div class="trial-records scroll" tabindex="0" role="region" aria-label=text().title>
            {move || records(trial, Arc::clone(&listed))}
        </div>
        <Foot trial tried />
    }
    .into_any()
}

/// No record to try it on: why, and what to do.
#[component]
fn Nothing(trial: Trial) -> impl IntoView {
    let t = text();
    let context = trial.context;
    let search = context.view.with_untracked(|view| view.query.trim().to_owned());
    let signal = signal_name(trial.signal.get_untracked()).to_lowercase();
    let searched = !search.is_empty();
    let detail = if searched { (t.empty_search)(&signal, &search) } else { (t.empty_detail)(&signal) };
    view! {
        <div class="state">
            <h3>{t.empty_title}</h3>
            <p>{detail}</p>
            <div class="do">
                {searched
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn primary"
                                on:click=move |_| context.adjust(|view| view.query.clear())
                            >
                                {t.drop_search}
                            </button>
                        }
                    })}
                <button
                    type="button"
                    class="btn"
                    on:click=move |_| context.adjust(|view| view.set_parameter("newest", EXAMPLES))
                >
                    {t.use_examples}
                </button>
            </div>
        </div>
    }
}

#[component]
fn Head(trial: Trial, tried: Arc<Tried>) -> impl IntoView {
    let t = text();
    let tally = tried.tally;
    let count = |count: usize| number::grouped(count as u64);
    let different = tally.changed + tally.dropped + tally.added;
    let button = move |which: Shown, caption: String| {
        let on = move || trial.shown.get() == which;
        view! {
            <button
                type="button"
                class:on=on
                aria-pressed=move || on().to_string()
                on:click=move |_| trial.shown.set(which)
            >
                {caption}
            </button>
        }
    };
    let summary = (t.summary)(&count(tally.records), &count(tally.changed), &count(tally.dropped), &count(tally.added));
    view! {
        <div class="trial-head">
            <div class="seg" role="group" aria-label=t.show>
                {button(Shown::Different, (t.different)(&count(different)))}
                {button(Shown::All, (t.all)(&count(tally.records + tally.added)))}
                {(tally.dropped > 0).then(|| button(Shown::Dropped, (t.only_dropped)(&count(tally.dropped))))}
            </div>
            <span class="faint ell" role="status">{summary}</span>
        </div>
    }
}

#[component]
fn Foot(trial: Trial, tried: Arc<Tried>) -> impl IntoView {
    let t = text();
    let TrialFigures { cpu, memory, lines } = figures(&tried);
    let log = StoredValue::new(tried.result.log.clone());
    let count = number::grouped(lines as u64);
    view! {
        <Show when=move || trial.log.get()>
            <div class="trial-log scroll">
                {move || match lines {
                    0 => view! { <p class="faint">{t.no_log}</p> }.into_any(),
                    _ => view! { <LogLines lines=log.get_value() /> }.into_any(),
                }}
            </div>
        </Show>
        <div class="trial-foot">
            <button
                type="button"
                class="quiet"
                aria-expanded=move || trial.log.get().to_string()
                on:click=move |_| trial.log.update(|open| *open = !*open)
            >
                {(t.log)(&count)}
            </button>
            <span class="grow"></span>
            <span>{cpu}</span>
            <span>{memory}</span>
        </div>
    }
}

struct TrialFigures {
    cpu: String,
    memory: Option<String>,
    lines: usize,
}

fn figures(tried: &Tried) -> TrialFigures {
    let t = text();
    TrialFigures {
        cpu: (t.cpu)(&number::microseconds(tried.result.cpu_us)),
        memory: (tried.result.memory_bytes > 0).then(|| (t.memory)(&number::bytes(tried.result.memory_bytes))),
        lines: tried.result.log.len(),
    }
}

/// The records that the reader wants to see; tracked.
fn records(trial: Trial, tried: Arc<Tried>) -> AnyView {
    let t = text();
    // What failed changed nothing; that is no choice of the reader.
    let shown = if tried.result.failure.is_some() { Shown::All } else { trial.shown.get() };
    let wanted = move |diff: &RecordDiff| match shown {
        Shown::Different => diff.fate != Fate::Same,
        Shown::All => true,
        Shown::Dropped => diff.fate == Fate::Dropped,
    };
    let places: Vec<usize> =
        tried.diffs.iter().enumerate().filter(|(_, diff)| wanted(diff)).map(|(place, _)| place).collect();
    if places.is_empty() {
        let count = number::grouped(tried.tally.records as u64);
        return view! {
            <div class="state">
                <h3>{t.nothing_title}</h3>
                <p>{(t.nothing_detail)(&count)}</p>
                <div class="do">
                    <button type="button" class="btn" on:click=move |_| trial.shown.set(Shown::All)>
                        {t.show_all}
                    </button>
                </div>
            </div>
        }
        .into_any();
    }
    let drawn = RwSignal::new(DRAWN_MAX);
    let total = places.len();
    let places = StoredValue::new(places);
    view! {
        <For
            each=move || places.with_value(|places| places.iter().copied().take(drawn.get()).collect::<Vec<_>>())
            key=|place| *place
            children=move |place| {
                let diff = tried.diffs.get(place).cloned();
                diff.map(|diff| view! { <Record trial diff /> })
            }
        />
        <Show when=move || { total > drawn.get() }>
            <button
                type="button"
                class="btn ghost more-records"
                on:click=move |_| drawn.update(|drawn| *drawn += DRAWN_MAX)
            >
                {move || (t.more_records)(&total.saturating_sub(drawn.get()).min(DRAWN_MAX).to_string())}
            </button>
        </Show>
    }
    .into_any()
}

#[component]
fn Record(trial: Trial, diff: RecordDiff) -> impl IntoView {
    let t = text();
    let context = trial.context;
    let (class, said) = match diff.fate {
        Fate::Changed => ("changed", (t.changes)(&diff.changes().to_string())),
        Fate::Dropped => ("dropped", t.dropped.to_owned()),
        Fate::Added => ("added", t.added.to_owned()),
        Fate::Same => ("same", t.unchanged.to_owned()),
    };
    let badge = match diff.fate {
        Fate::Dropped => "badge bad",
        Fate::Added => "badge ok",
        Fate::Changed | Fate::Same => "faint",
    };
    let time = match parse_utc(&diff.time) {
        Some(ns) => to_millisecond(ns, untrack(|| context.offset_minutes(ns)), DateStyle::Clock),
        None => diff.time.clone(),
    };
    let (fate, first) = (diff.fate, diff.shown_first());
    let rest = diff.lines.len() - first;
    let open = RwSignal::new(false);
    let mut lines = diff.lines;
    let later = StoredValue::new(lines.split_off(first.min(lines.len())));
    let first_line = move |place: usize| if place == 0 { fate } else { Fate::Same };
    let drawn = move |lines: Vec<Line>, from: usize| {
        lines.into_iter().enumerate().map(|(place, line)| pair(line, fate, first_line(from + place))).collect_view()
    };
    view! {
        <article class=format!("trial-record {class}")>
            <header>
                <span class="mono">{time}</span>
                <span>{diff.service}</span>
                <span class="grow"></span>
                <span class=badge>{said}</span>
            </header>
            <div class="pairs">
                {drawn(lines, 0)} {move || open.get().then(|| drawn(later.get_value(), first))}
                {(rest > 0)
                    .then(|| {
                        view! {
                            <Show when=move || !open.get()>
                                <button type="button" class="quiet more-fields" on:click=move |_| open.set(true)>
                                    {(t.more_fields)(&rest.to_string())}
                                </button>
                            </Show>
                        }
                    })}
            </div>
        </article>
    }
}

/// A line of both sides. `said` is what became of the record, where that is said in the place of a side.
fn pair(line: Line, fate: Fate, said: Fate) -> AnyView {
    let t = text();
    let Line { path, before, after, change } = line;
    let removed = change == Change::Removed || change == Change::Changed;
    let added = change == Change::Added || change == Change::Changed;
    let cell = |value: Option<String>, class: &'static str| {
        let title = value.clone().unwrap_or_default();
        let name = path.clone();
        value.map(|value| {
            let content = view! {
                <span class="k">{name}</span>
                " "
                <span class="s">{value}</span>
            };
            match class {
                "del" => view! { <del class="ln del" title=title>{content}</del> }.into_any(),
                "add" => view! { <ins class="ln add" title=title>{content}</ins> }.into_any(),
                _ => view! { <span class="ln" title=title>{content}</span> }.into_any(),
            }
        })
    };
    let (left, right) = match fate {
        Fate::Dropped => ("del", ""),
        Fate::Added => ("", "add"),
        Fate::Changed | Fate::Same => (if removed { "del" } else { "" }, if added { "add" } else { "" }),
    };
    let none = match said {
        Fate::Dropped => t.dropped_detail,
        Fate::Added => t.added_detail,
        Fate::Changed | Fate::Same => "",
    };
    let empty = move || view! { <span class="ln none">{none}</span> }.into_any();
    let before = cell(before, left).unwrap_or_else(empty);
    let after = cell(after, right).unwrap_or_else(empty);
    view! { <div>{before}</div><div>{after}</div> }.into_any()
}
