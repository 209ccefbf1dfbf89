use super::columns::ColumnCells;
use super::list_head::ListHead;
use super::model::{LogsModel, ScrollTo};
use super::states::{NoAnswer, NoMatch, Skeleton};
use super::value_menu;
use crate::ask::Load;
use crate::browser;
use crate::calendar::{self, DateStyle};
use crate::components::ProgressStrip;
use crate::failure::Failure;
use crate::log_row::LogRow;
use crate::number::{self, grouped};
use crate::pager::Pager;
use crate::query_text::{SERVICE, SEVERITY, body_terms, mark};
use crate::severity::Level;
use crate::strings::text;
use crate::virtual_list::VirtualList;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// Height of a row, and of one on a phone, where it has two lines.
const ROW: f64 = 28.0;
const ROW_PHONE: f64 = 44.0;
/// Height of a row whose body may take three lines.
const ROW_WRAPPED: f64 = 62.0;
/// Characters of a body, and of the attributes after it, that a row may show.
const BODY_MAX: usize = 400;
const ATTRIBUTES_MAX: usize = 160;
/// How long the list has to rest before missing lines are asked for.
const REST_MS: i32 = 70;

pub(super) type ListSignal = RwSignal<VirtualList>;

/// State of the list, shared with the keyboard.
pub(super) fn list_signal() -> ListSignal {
    RwSignal::new(VirtualList::new(row_height(false)))
}

fn row_height(wrapped: bool) -> f64 {
    match browser::media_matches("(max-width: 720px)") {
        true => ROW_PHONE,
        false if wrapped => ROW_WRAPPED,
        false => ROW,
    }
}

/// The list in each of its states.
#[component]
pub(super) fn Lines(model: LogsModel, list: ListSignal) -> impl IntoView {
    #[derive(Clone, PartialEq)]
    enum Shown {
        Skeleton,
        Rows,
        NoMatch,
        NoAnswer(Load),
    }
    let shown = Memo::new(move |_| {
        let empty = model.pager.with(Pager::is_empty);
        match model.lines.get() {
            load @ (Load::Failed(_) | Load::Cancelled) => Shown::NoAnswer(load),
            Load::Waiting if empty => Shown::Skeleton,
            Load::Ready if empty => Shown::NoMatch,
            Load::Waiting | Load::Ready => Shown::Rows,
        }
    });
    let stale = move || model.lines.with(|load| *load == Load::Waiting);
    let cancel = Callback::new(move |()| {
        model.cancel();
    });
    view! {
        <section class="list" class:stale=stale aria-busy=move || stale().to_string()>
            {move || model.progress.get().map(|progress| view! { <ProgressStrip progress on_cancel=cancel /> })}
            <ListHead model />
            {move || match shown.get() {
                Shown::Skeleton => view! { <Skeleton /> }.into_any(),
                Shown::Rows => view! { <Rows model list /> }.into_any(),
                Shown::NoMatch => view! { <NoMatch model /> }.into_any(),
                Shown::NoAnswer(load) => view! { <div class="grow"><NoAnswer model load /></div> }.into_any(),
            }}
            <PageFailure model list />
            <Foot model list />
        </section>
    }
}

/// The rows in and around the view, in a scrolled element as high as all of them.
#[component]
fn Rows(model: LogsModel, list: ListSignal) -> impl IntoView {
    let scroller = NodeRef::<leptos::html::Div>::new();
    let count = Memo::new(move |_| model.pager.with(Pager::len));
    keep_in_step(list, scroller, count, model.columns.wrap, model.scroll_to);
    ask_for_seen(model, list, count);
    let (scrolled, rested) = scroll_handlers(list, scroller);
    let drawn = Memo::new(move |_| list.with(VirtualList::drawn));
    let style = row_style(model);
    let terms = Memo::new(move |_| body_terms(&model.query()));
    view! {
        <div
            class="rows scroll grow"
            node_ref=scroller
            role="grid"
            aria-label=text().logs.list
            aria-rowcount=move || count.get().to_string()
            aria-activedescendant=move || model.cursor.get().map(|at| format!("line-{at}"))
            tabindex="0"
            on:scroll=move |_| scrolled()
            on:scrollend=move |_| rested()
        >
            <div class="rows-all" style:height=move || format!("{}px", list.with(VirtualList::height))>
                <div class="rows-drawn" style:transform=move || format!("translateY({:.1}px)", drawn.get().offset)>
                    <For each=move || { let drawn = drawn.get(); drawn.first..drawn.end } key=|index| *index let:index>
                        <Row model index style terms />
                    </For>
                </div>
            </div>
        </div>
    }
}

/// Type of the reference to the element that scrolls.
pub(super) type Scroller = NodeRef<leptos::html::Div>;

/// What the list does while it is scrolled, and once scrolling rests.
pub(super) fn scroll_handlers(list: ListSignal, scroller: Scroller) -> (impl Fn() + Copy, impl Fn() + Copy) {
    let scrolled = move || {
        let Some(at) = scroller.get_untracked().map(|scroller| f64::from(scroller.scroll_top())) else { return };
        if list.with_untracked(|list| (list.scroll_top - at).abs() > 1.0) {
            list.update(|list| list.scrolled(at));
        }
    };
    let rested = move || {
        let rest = list.with_untracked(VirtualList::rest_offset);
        if list.with_untracked(|list| (list.scroll_top - rest).abs() > 1.0) {
            list.update(|list| list.rested(rest));
            put(scroller, rest);
        }
    };
    (scrolled, rested)
}

/// Carries sizes, counts and requests to scroll into the list.
pub(super) fn keep_in_step(
    list: ListSignal,
    scroller: Scroller,
    count: Memo<usize>,
    wrapped: Memo<bool>,
    scroll_to: RwSignal<Option<ScrollTo>>,
) {
    let view_height = RwSignal::new(0.0);
    let height_of_row = RwSignal::new(row_height(wrapped.get_untracked()));
    Effect::new(move |_| height_of_row.set(row_height(wrapped.get())));
    Effect::new(move |_| {
        if let Some(scroller) = scroller.get() {
            browser::observe_size(&scroller, move |_, height| {
                height_of_row.set(row_height(wrapped.get_untracked()));
                view_height.set(height);
            });
        }
    });
    Effect::new(move |_| {
        let (rows, row, height) = (count.get(), height_of_row.get(), view_height.get());
        list.update(|list| list.resize(rows, row, height));
        put(scroller, list.with_untracked(|list| list.scroll_top));
    });
    Effect::new(move |_| {
        count.track();
        view_height.track();
        let Some(target) = scroll_to.get() else { return };
        if view_height.get_untracked() > 0.0 && move_to(list, scroller, target) {
            scroll_to.set(None);
        }
    });
}

/// Asks for lines in view that are missing.
fn ask_for_seen(model: LogsModel, list: ListSignal, count: Memo<usize>) {
    let seen = Memo::new(move |_| list.with(VirtualList::seen));
    Effect::new(move |_| {
        let wanted = seen.get();
        count.track();
        spawn_local(async move {
            browser::sleep_ms(REST_MS).await;
            if seen.try_get_untracked() == Some(wanted) {
                model.need(wanted.0, wanted.1);
            }
        });
    });
}

pub(super) fn put(scroller: Scroller, offset: f64) {
    // After the frame in which the element has its new height.
    request_animation_frame(move || {
        if let Some(scroller) = scroller.try_get_untracked().flatten()
            && (f64::from(scroller.scroll_top()) - offset).abs() > 1.0
        {
            scroller.set_scroll_top(offset.round() as i32);
        }
    });
}

/// Scrolls to a place; false when the list is not that long yet.
fn move_to(list: ListSignal, scroller: Scroller, target: ScrollTo) -> bool {
    let row = match target {
        ScrollTo::Top => 0,
        ScrollTo::Reveal(row) | ScrollTo::Centre(row) => row,
    };
    if row > 0 && row >= list.with_untracked(|list| list.rows) {
        return false;
    }
    let mut moved = None;
    list.update(|list| {
        moved = match target {
            ScrollTo::Top | ScrollTo::Reveal(_) => list.reveal(row),
            ScrollTo::Centre(_) => Some(list.center(row)),
        }
    });
    if let Some(offset) = moved {
        put(scroller, offset);
    }
    true
}

/// How rows write their time: by what the window needs.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct RowStyle {
    pub(super) date: DateStyle,
    pub(super) utc: bool,
}

fn row_style(model: LogsModel) -> Memo<RowStyle> {
    Memo::new(move |_| {
        let window = model.pager.with(Pager::window);
        let offset = model.context.offset_minutes(window.from_ns);
        let date = DateStyle::for_span(window.from_ns, window.to_ns, model.context.now_ns(), offset);
        RowStyle { date, utc: model.context.utc() }
    })
}

/// How rows write their time where all are of this moment.
pub(super) fn live_style(model: LogsModel) -> Memo<RowStyle> {
    Memo::new(move |_| RowStyle { date: DateStyle::Clock, utc: model.context.utc() })
}

#[component]
fn Row(model: LogsModel, index: usize, style: Memo<RowStyle>, terms: Memo<Vec<String>>) -> impl IntoView {
    let row = Memo::new(move |_| model.pager.with(|pager| pager.row(index).cloned().map(Held)));
    let on = Memo::new(move |_| model.cursor.get() == Some(index));
    let level = move || row.with(|row| row.as_ref().map_or("", |row| row.0.level().name()));
    let cells = move || match row.get() {
        Some(Held(row)) => view! { <Cells model row style terms /> }.into_any(),
        None => view! { <Outline /> }.into_any(),
    };
    view! {
        <div
            id=format!("line-{index}")
            class=move || format!("lr {}{}", level(), if on.get() { " on" } else { "" })
            role="row"
            aria-rowindex=(index + 1).to_string()
            aria-selected=move || on.get().to_string()
            on:click=move |event| {
                let row = model.pager.with_untracked(|pager| pager.row(index).cloned());
                if !row.is_some_and(|row| value_menu::open_at(model, &row, &event)) {
                    model.open(index);
                }
            }
        >
            {cells}
        </div>
    }
}

/// Lines never change once fetched: the same allocation is the same line.
#[derive(Clone)]
pub(super) struct Held(pub(super) Arc<LogRow>);

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[component]
fn Outline() -> impl IntoView {
    view! {
        <span class="e" role="gridcell"></span>
        <i class="skeleton"></i>
        <i class="skeleton"></i>
        <i class="skeleton"></i>
        <i class="skeleton half"></i>
    }
}

#[expect(clippy::needless_pass_by_value, reason = "components own what they are given")]
#[component]
pub(super) fn Cells(
    model: LogsModel,
    row: Arc<LogRow>,
    style: Memo<RowStyle>,
    terms: Memo<Vec<String>>,
) -> impl IntoView {
    let at = row.time_ns;
    let time = move || {
        let offset = model.context.offset_minutes(at);
        match style.get().date {
            DateStyle::Clock => calendar::to_millisecond(at, offset, DateStyle::Clock),
            date => calendar::to_second(at, offset, date),
        }
    };
    let exact = move || {
        let (full, zone) = (calendar::to_full(at, model.context.offset_minutes(at)), model.context.zone_name(at));
        format!("{full} {zone}, {}", relative(model, at))
    };
    let level = row.level();
    let tag = if level == Level::Unset { "–" } else { level.name() };
    let body: String = row.body.as_deref().unwrap_or_default().chars().take(BODY_MAX).collect();
    let columns = model.columns.chosen;
    let (trailing, celled) = (Arc::clone(&row), Arc::clone(&row));
    let extra = Memo::new(move |_| columns.with(|columns| trailing_attributes(&trailing, columns)));
    let bodiless = body.is_empty();
    let no_body = move || {
        (bodiless && extra.with(String::is_empty)).then(|| view! { <span class="a">{text().logs.no_body}</span> })
    };
    view! {
        <span class="e" role="gridcell"></span>
        <span class="t" role="gridcell" title=exact>{time}</span>
        <span class=format!("sev {}", level.name()) role="gridcell">
            <span data-field=(level != Level::Unset).then_some(SEVERITY)>{tag}</span>
        </span>
        <span class="sv ell" role="gridcell">
            <span data-field=SERVICE>{row.service.clone()}</span>
        </span>
        <ColumnCells row=celled columns />
        <span class="b ell" role="gridcell">
            {move || terms.with(|terms| marked(&body, terms))}
            {no_body}
            <span class="a">{move || terms.with(|terms| extra.with(|extra| marked(extra, terms)))}</span>
        </span>
    }
}

/// `4 min 48 s ago`.
pub(super) fn relative(model: LogsModel, at_ns: i64) -> String {
    let t = &text().time;
    let since = (model.context.now_ns() - at_ns) / calendar::SECOND_NS;
    let span = number::span(since.unsigned_abs());
    if since >= 0 { (t.ago)(&span) } else { (t.ahead)(&span) }
}

/// `text` with the terms searched for marked.
pub(super) fn marked(text: &str, terms: &[String]) -> impl IntoView + use<> {
    let stretches = mark(text, terms).into_iter().map(|stretch| {
        let words = stretch.text.to_owned();
        if stretch.hit { view! { <mark>{words}</mark> }.into_any() } else { words.into_any() }
    });
    stretches.collect_view()
}

/// Attributes after the body; not those that have a column.
fn trailing_attributes(row: &LogRow, columns: &[String]) -> String {
    let mut text = String::new();
    for (key, value) in row.attributes.iter().filter(|(key, _)| !columns.contains(key)) {
        if text.chars().count() > ATTRIBUTES_MAX {
            break;
        }
        let value: String = value.chars().take(60).collect();
        text.push_str(&format!(" {key}={value}"));
    }
    text
}

/// Lines that could not be fetched while scrolling.
#[component]
fn PageFailure(model: LogsModel, list: ListSignal) -> impl IntoView {
    let retry = move |_| {
        let (first, end) = list.with_untracked(VirtualList::seen);
        model.page_failure.set(None);
        model.need(first, end);
    };
    move || {
        let failure: Failure = model.page_failure.get()?;
        Some(view! {
            <div class="page-failure note bad" role="alert">
                <i class="health bad"></i>
                <span class="grow">
                    <b>{text().logs.page_failed}</b>
                    " "
                    {failure.detail()}
                </span>
                <button type="button" class="btn" on:click=retry>{text().failure.retry}</button>
            </div>
        })
    }
}

/// Which lines are in view, and what they cost.
#[component]
fn Foot(model: LogsModel, list: ListSignal) -> impl IntoView {
    let t = &text().logs;
    let range = move || {
        let (first, end) = list.with(VirtualList::seen);
        let rows = model.pager.with(Pager::len);
        if rows == 0 {
            return t.none_yet.to_owned();
        }
        let number = |value: usize| grouped(value as u64);
        let total = match model.pager.with(Pager::total) {
            Some(total) => number(total),
            None => t.counting.to_owned(),
        };
        (t.range)(&number(first + 1), &number(end.min(rows).max(1)), &total)
    };
    let cost = move || {
        let cost = model.cost.get();
        (cost.elapsed_ms > 0.0).then(|| {
            let scanned = (t.scanned)(
                &number::count(cost.rows_scanned),
                &number::bytes(cost.bytes),
                &number::milliseconds(cost.elapsed_ms),
            );
            let detail = (t.cost_detail)(&grouped(cost.rows), &grouped(cost.files), &grouped(cost.files_pruned));
            view! { <span class="wide-only" title=detail>{scanned}</span> }
        })
    };
    view! {
        <div class="lf">
            <span>{range}</span>
            <span class="grow"></span>
            {cost}
        </div>
    }
}
