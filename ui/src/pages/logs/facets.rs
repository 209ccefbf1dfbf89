use super::facet_counts::{Counted, FacetCounts, keep_counted, load_missing};
use super::field_picker::FieldPicker;
use super::model::LogsModel;
use crate::ask::Load;
use crate::browser;
use crate::components::{Icon, IconName, Show};
use crate::number::grouped;
use crate::query_text::{
    SERVICE, SEVERITY, excluded_values, selected_levels, selected_values, toggle_excluded, toggle_level, toggle_value,
    with_term,
};
use crate::severity::Level;
use crate::strings::{explore, text};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use lincei_api::Facet;
use wasm_bindgen::JsCast;

/// Widths of the outlines shown before there are counts.
const WAITING: [&str; 4] = ["62%", "48%", "70%", "54%"];

/// One value of a facet.
#[derive(Clone, PartialEq)]
struct Choice {
    label: String,
    /// Classes of the label.
    class: String,
    lines: u64,
    on: bool,
    /// Left out by another choice of the same facet.
    off: bool,
    /// Left out by name.
    excluded: bool,
    /// Of the longest bar, 0 to 1; none draws no bar.
    share: Option<f64>,
    /// The search text that choosing it makes.
    next: String,
    /// The search text that leaving it out makes.
    without: String,
}

/// Severities, services and other fields with their counts; a click changes the search text.
#[component]
pub(super) fn Facets(model: LogsModel) -> impl IntoView {
    let levels = Memo::new(move |_| Some(level_choices(&model.query(), &model.levels.get()?)));
    keep_counted(model);
    view! {
        <aside class="facets scroll" aria-label=text().logs.filters>
            <Frame facets=model.facets field=SEVERITY.to_owned() count=Signal::derive(move || levels.with(|levels| levels.as_ref().map(Vec::len).unwrap_or_default().to_string()))>
                {move || match levels.get() {
                    Some(choices) => view! { <Choices model name=SEVERITY.to_owned() choices exact=true /> }.into_any(),
                    None => waiting(model),
                }}
            </Frame>
            <For each=move || model.facets.fields.get() key=Clone::clone let:field>
                <Counts model field />
            </For>
            <Add model />
        </aside>
    }
}

/// Outlines while counts are awaited: they are asked for after lines and histogram.
fn waiting(model: LogsModel) -> AnyView {
    if model.counted.with(|load| matches!(load, Load::Failed(_) | Load::Cancelled)) {
        return ().into_any();
    }
    WAITING.map(|width| view! { <i class="skeleton" style:width=width></i> }).into_view().into_any()
}

fn level_choices(query: &str, counts: &[u64; 7]) -> Vec<Choice> {
    let chosen = selected_levels(query);
    let excluded = excluded_values(query, SEVERITY);
    let shown = Level::ALL.into_iter().rev().filter_map(|level| {
        let lines = counts.get(level.rank()).copied().unwrap_or(0);
        let on = chosen.as_ref().is_some_and(|chosen| chosen.contains(&level));
        let usual = matches!(level, Level::Fatal | Level::Error | Level::Warn | Level::Info | Level::Debug);
        let is_excluded = excluded.iter().any(|name| Level::by_name(name) == Some(level));
        (lines > 0 || on || usual).then(|| Choice {
            label: if level == Level::Unset { text().logs.no_severity.to_owned() } else { level.name().to_owned() },
            class: format!("sev {}", level.name()),
            lines,
            on,
            off: chosen.is_some() && !on,
            excluded: is_excluded,
            share: None,
            next: if is_excluded { toggle_excluded(query, SEVERITY, level.name()) } else { toggle_level(query, level) },
            without: if level == Level::Unset {
                with_term(query, SEVERITY, "", true)
            } else {
                toggle_excluded(query, SEVERITY, level.name())
            },
        })
    });
    with_shares(shown.collect())
}

fn choices(query: &str, facet: &Facet) -> Vec<Choice> {
    let field = facet.field.as_str();
    let (chosen, excluded) = (selected_values(query, field), excluded_values(query, field));
    let known = |name: &String| facet.values.iter().any(|value| value.value == *name);
    let gone = chosen.iter().chain(&excluded).filter(|name| !known(name)).map(|name| (name.clone(), 0));
    let listed = facet.values.iter().map(|value| (value.value.clone(), value.count)).chain(gone);
    let shown = listed.map(|(name, lines)| {
        let (on, excluded) = (chosen.contains(&name), excluded.contains(&name));
        Choice {
            label: match name.as_str() {
                "" if field == SERVICE => text().logs.no_service.to_owned(),
                _ => name.clone(),
            },
            class: "ell".to_owned(),
            lines,
            on,
            off: excluded || (!chosen.is_empty() && !on),
            excluded,
            share: None,
            next: if excluded { toggle_excluded(query, field, &name) } else { toggle_value(query, field, &name) },
            without: toggle_excluded(query, field, &name),
        }
    });
    with_shares(shown.collect())
}

/// Bars compare what is counted in the view, so those left out have none.
fn with_shares(mut choices: Vec<Choice>) -> Vec<Choice> {
    let longest = choices.iter().filter(|choice| !choice.off).map(|choice| choice.lines).max().unwrap_or(0);
    for choice in choices.iter_mut().filter(|choice| !choice.off && choice.lines > 0) {
        choice.share = Some(choice.lines as f64 / longest as f64);
    }
    choices
}

/// A facet of a field, in its states.
#[component]
fn Counts(model: LogsModel, field: String) -> impl IntoView {
    let t = explore::text();
    let facets = model.facets;
    let counted = Memo::new({
        let field = field.clone();
        move |_| facets.of(&field)
    });
    let count = Signal::derive(move || match counted.get() {
        Some(Counted::Values(facet)) if facet.exact => grouped(facet.distinct),
        Some(Counted::Values(facet)) => format!("{}+", grouped(facet.distinct)),
        _ => String::new(),
    });
    let name = field.clone();
    let content = move || match counted.get() {
        None => waiting(model),
        Some(Counted::Failed(failure)) => {
            let name = name.clone();
            let retry = move |_| {
                facets.counted.update(|counted| drop(counted.remove(&name)));
                facets.begin();
                untrack(|| load_missing(model));
            };
            view! {
                <p class="facet-note" role="alert">
                    {failure.title()}
                    " "
                    <button type="button" class="quiet" title=failure.detail() on:click=retry>
                        {text().failure.retry}
                    </button>
                </p>
            }
            .into_any()
        }
        Some(Counted::Values(facet)) if facet.values.is_empty() && facet.rows == 0 => {
            let chosen = choices(&model.query(), &facet);
            if chosen.is_empty() {
                view! { <p class="facet-note faint">{t.no_values}</p> }.into_any()
            } else {
                view! { <Choices model name=name.clone() choices=chosen exact=true /> }.into_any()
            }
        }
        Some(Counted::Values(facet)) => {
            let (exact, choices) = (facet.exact, choices(&model.query(), &facet));
            view! {
                <Choices model name=name.clone() choices exact />
                <More facets field=name.clone() shown=facet.values.len() distinct=facet.distinct />
            }
            .into_any()
        }
    };
    view! { <Frame facets field count removable=true>{content.clone()}</Frame> }
}

/// Shows more values, or fewer.
#[component]
fn More(facets: FacetCounts, field: String, shown: usize, distinct: u64) -> impl IntoView {
    let t = explore::text();
    let long = facets.long.with_untracked(|long| long.contains(&field));
    let hidden = distinct.saturating_sub(shown as u64);
    if !long && hidden == 0 {
        return ().into_any();
    }
    let caption = if long { t.fewer.to_owned() } else { (t.more)(&grouped(hidden)) };
    let rest = (long && hidden > 0).then(|| (t.not_listed)(&grouped(hidden)));
    let toggle = move |_| {
        facets.long.update(|long| {
            if !long.remove(&field) {
                long.insert(field.clone());
            }
        });
    };
    view! {
        <p class="facet-note">
            {rest}
            " "
            <button type="button" class="quiet" on:click=toggle>
                {caption}
            </button>
        </p>
    }
    .into_any()
}

/// Head and content of a facet.
#[component]
fn Frame(
    facets: FacetCounts,
    field: String,
    count: Signal<String>,
    #[prop(optional)] removable: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let folded = Memo::new({
        let field = field.clone();
        move |_| facets.folded.with(|folded| folded.contains(&field))
    });
    let fold = {
        let field = field.clone();
        move |_| {
            facets.folded.update(|folded| {
                if !folded.remove(&field) {
                    folded.insert(field.clone());
                }
            });
        }
    };
    let remove = removable.then(|| {
        let (label, field) = ((explore::text().remove_facet)(&field), field.clone());
        view! {
            <button type="button" class="foot-button" aria-label=label.clone() title=label on:click=move |_| facets.remove(&field)>
                <Icon name=IconName::Cross small=true />
            </button>
        }
    });
    view! {
        <div class="facet">
            <h3>
                <button
                    type="button"
                    class="facet-head"
                    aria-expanded=move || (!folded.get()).to_string()
                    title=field.clone()
                    on:click=fold
                >
                    {move || {
                        let icon = if folded.get() { IconName::Right } else { IconName::Down };
                        view! { <Icon name=icon small=true /> }
                    }}
                    <span class="mono ell">{field.clone()}</span>
                    <span class="count">{count}</span>
                </button>
                {remove}
            </h3>
            <Show when=move || !folded.get()>{children()}</Show>
        </div>
    }
}

/// The values; one of them is in the order of Tab, arrows go to the others.
#[component]
fn Choices(model: LogsModel, name: String, choices: Vec<Choice>, exact: bool) -> impl IntoView {
    let field = name.clone();
    let items = choices.into_iter().enumerate();
    let items = items.map(|(at, choice)| view! { <Item model field=field.clone() choice exact first={at == 0} /> });
    view! { <ul role="group" aria-label=name on:keydown=move |event| step(&event)>{items.collect_view()}</ul> }
}

fn step(event: &KeyboardEvent) {
    let Some(item) = browser::focused() else { return };
    let parent = item.parent_element();
    let to = match event.key().as_str() {
        "ArrowDown" => item.next_element_sibling(),
        "ArrowUp" => item.previous_element_sibling(),
        "Home" => parent.and_then(|list| list.first_element_child()),
        "End" => parent.and_then(|list| list.last_element_child()),
        _ => return,
    };
    event.prevent_default();
    if let Some(to) = to.and_then(|to| to.dyn_into::<web_sys::HtmlElement>().ok()) {
        item.set_tab_index(-1);
        to.set_tab_index(0);
        drop(to.focus());
    }
}

#[component]
fn Item(model: LogsModel, field: String, choice: Choice, exact: bool, first: bool) -> impl IntoView {
    let t = explore::text();
    let Choice { label, class, lines, on, off, excluded, share, next, without } = choice;
    let bar = share.map(|share| {
        view! {
            <span class="bar">
                <i style:width=format!("{:.1}%", share * 100.0)></i>
            </span>
        }
    });
    let choose = StoredValue::new((next, without));
    let go = move |exclude: bool| {
        model.search(choose.with_value(|(next, without)| if exclude { without.clone() } else { next.clone() }));
    };
    let hint = if excluded { (t.take_back)(&field, &label) } else { (t.exclude)(&field, &label) };
    let title = format!("{label}\n{}", t.facet_hint);
    let count = if exact { grouped(lines) } else { format!("~{}", grouped(lines)) };
    view! {
        <li
            class:on=on
            class:off=off
            class:excluded=excluded
            role="checkbox"
            aria-checked=if excluded { "mixed".to_owned() } else { on.to_string() }
            tabindex=if first { "0" } else { "-1" }
            title=title
            on:click=move |event| go(event.alt_key())
            on:keydown=move |event: KeyboardEvent| {
                let exclude = match event.key().as_str() {
                    " " | "Enter" => event.alt_key(),
                    "-" => true,
                    _ => return,
                };
                event.prevent_default();
                event.stop_propagation();
                go(exclude);
            }
        >
            <span class=class>{label}</span>
            <span class="num" title=(!exact).then_some(t.approximate)>{count}</span>
            <span
                class="exclude"
                aria-hidden="true"
                title=hint
                on:click=move |event| {
                    event.stop_propagation();
                    go(true);
                }
            >
                <Icon name=IconName::Exclude small=true />
            </span>
            {bar}
        </li>
    }
}

/// Adds a facet of any field.
#[component]
fn Add(model: LogsModel) -> impl IntoView {
    let t = explore::text();
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| {
        open.set(false);
        request_animation_frame(|| browser::focus("add-facet-button"));
    });
    let pick = Callback::new(move |name: String| {
        model.facets.add(&name);
        close.run(());
    });
    // What is counted already, and what differs from line to line.
    let omitted = Signal::derive(move || {
        let unfit = [SEVERITY, "severity_number", "time", "observed_time", "body", "trace_id", "span_id"];
        unfit.into_iter().map(str::to_owned).chain(model.facets.fields.get()).collect::<Vec<_>>()
    });
    move || {
        if open.get() {
            view! { <FieldPicker names=model.names omitted id="add-facet" label=t.add_facet on_pick=pick on_close=close /> }
                .into_any()
        } else {
            view! {
                <button type="button" id="add-facet-button" class="btn ghost add-facet" on:click=move |_| open.set(true)>
                    <Icon name=IconName::Plus />
                    {t.add_facet}
                </button>
            }
            .into_any()
        }
    }
}
