use super::chart::ChartView;
use super::model::{Answered, LIMITS, SqlModel};
use super::plan::{PlanView, Steps};
use super::start::Start;
use super::states::{NoAnswer, NoRows, Skeleton};
use super::table::{CursorBar, Table};
use crate::ask::Load;
use crate::components::{ProgressStrip, Tabs};
use crate::number::{self, grouped};
use crate::plan_tree;
use crate::strings::sql;
use leptos::prelude::*;
use std::sync::Arc;

/// How the result is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Table,
    Chart,
    Plan,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Table, Self::Chart, Self::Plan];

    const fn name(self) -> &'static str {
        match self {
            Self::Table => "",
            Self::Chart => "chart",
            Self::Plan => "plan",
        }
    }
}

/// What the page shows of the last statement.
#[derive(Clone, PartialEq)]
enum Shown {
    Skeleton,
    Rows,
    NoRows,
    NoAnswer(Load),
    Chart,
    Plan,
}

/// The result in each of its states.
#[component]
pub(super) fn Results(model: SqlModel) -> impl IntoView {
    let begun = Memo::new(move |_| model.run.with(Option::is_some));
    move || match begun.get() {
        true => view! { <Result model /> }.into_any(),
        false => view! { <Start model /> }.into_any(),
    }
}

#[component]
fn Result(model: SqlModel) -> impl IntoView {
    let t = &sql::text().results;
    let context = model.context;
    let tab = Memo::new(move |_| {
        let name = context.parameter("tab");
        Tab::ALL.into_iter().find(|tab| tab.name() == name).unwrap_or(Tab::Table)
    });
    let shown = Memo::new(move |_| what_is_shown(model, tab.get()));
    let stale = move || model.asked.waits();
    // A plan is a question of its own.
    let dimmed = move || stale() && tab.get() != Tab::Plan;
    let cancel = Callback::new(move |()| {
        model.asked.cancel();
    });
    let captions = Signal::stored([t.tab_table, t.tab_chart, t.tab_plan].map(str::to_owned).to_vec());
    let chosen = Signal::derive(move || Tab::ALL.iter().position(|one| *one == tab.get()).unwrap_or(0));
    let choose = Callback::new(move |place: usize| {
        let name = Tab::ALL.get(place).map_or("", |tab| tab.name());
        context.go(|view| view.set_parameter("tab", name));
    });
    view! {
        <section class="sql-result" aria-label=t.region aria-busy=move || stale().to_string()>
            {move || {
                model.asked.progress.get().map(|progress| view! { <ProgressStrip progress on_cancel=cancel /> })
            }}
            <Tabs label=t.region id="sql-tab" captions chosen on_choose=choose />
            <div id="sql-tab-panel" role="tabpanel" class="sql-panel" class:stale=dimmed>
                {move || match shown.get() {
                    Shown::Skeleton => view! { <Skeleton /> }.into_any(),
                    Shown::Rows => view! { <Rows model /> }.into_any(),
                    Shown::NoRows => view! { <NoRows model /> }.into_any(),
                    Shown::NoAnswer(load) => view! { <NoAnswer model load /> }.into_any(),
                    Shown::Chart => view! { <ChartView model /> }.into_any(),
                    Shown::Plan => view! { <PlanView model /> }.into_any(),
                }}
            </div>
            <Foot model />
        </section>
    }
}

fn what_is_shown(model: SqlModel, tab: Tab) -> Shown {
    if tab == Tab::Plan {
        return Shown::Plan;
    }
    let rows = model.asked.answer.with(|answer| answer.as_ref().map(|answer| answer.set.rows.len()));
    match (model.asked.load.get(), rows) {
        (load @ (Load::Failed(_) | Load::Cancelled), _) => Shown::NoAnswer(load),
        (Load::Ready, Some(0)) => Shown::NoRows,
        (_, None | Some(0)) => Shown::Skeleton,
        _ if tab == Tab::Chart => Shown::Chart,
        _ => Shown::Rows,
    }
}

/// The rows as a table, or as steps when they are a plan.
#[component]
fn Rows(model: SqlModel) -> impl IntoView {
    let plan =
        Memo::new(move |_| model.asked.answer.with(|answer| answer.as_ref().is_some_and(|answer| is_plan(answer))));
    move || {
        if !plan.get() {
            return view! { <Table model /> }.into_any();
        }
        let plans = model.asked.answer.with(|a| a.as_ref().map(|a| plan_tree::plans(&a.set.rows)).unwrap_or_default());
        view! { <Steps plans /> }.into_any()
    }
}

/// Whether an answer is that of `EXPLAIN`, and not one drawn with boxes.
fn is_plan(answer: &Answered) -> bool {
    let names: Vec<&str> = answer.set.columns.iter().map(|column| column.name.as_str()).collect();
    let drawn = (0..answer.set.rows.len()).any(|row| answer.set.copied(row, 1).contains(['│', '┌']));
    names == ["plan_type", "plan"] && !drawn
}

/// What the result is, and what it cost.
#[component]
fn Foot(model: SqlModel) -> impl IntoView {
    let answer = move || {
        let ready = model.asked.load.with(|load| *load == Load::Ready);
        if ready { model.asked.answer.get() } else { None }
    };
    view! {
        <div class="lf sql-foot">
            {move || answer().map(|answer| counted(model, &answer))}
            <CursorBar model />
            <span class="grow"></span>
            {move || answer().map(|answer| cost(&answer))}
        </div>
    }
}

fn counted(model: SqlModel, answer: &Arc<Answered>) -> impl IntoView + use<> {
    let t = &sql::text().results;
    let stats = &answer.stats;
    let limit = model.run.with_untracked(|run| run.as_ref().map_or(0, |run| run.limit));
    let next = LIMITS.into_iter().find(|choice| *choice > limit);
    let more = stats.truncated.then(|| {
        view! {
            <span class="badge warn">{t.more_rows}</span>
            {next
                .map(|next| {
                    view! {
                        <button type="button" class="quiet" on:click=move |_| model.set_limit(next)>
                            {(t.show_more)(&grouped(next))}
                        </button>
                    }
                })}
        }
    });
    view! {
        <span class="sql-rows">{(t.rows)(&grouped(stats.rows))}</span>
        {more}
    }
}

fn cost(answer: &Arc<Answered>) -> impl IntoView + use<> {
    let t = &sql::text().results;
    let stats = &answer.stats;
    view! {
        <span>{(t.scanned)(&number::count(stats.rows_scanned))}</span>
        <span>{(t.read)(&number::bytes(stats.bytes_scanned))}</span>
        <span>{(t.files)(&grouped(stats.files_scanned), &grouped(stats.files_pruned))}</span>
        <span>{(t.memory)(&number::bytes(stats.memory_bytes))}</span>
        <span class="dim">{number::milliseconds(stats.elapsed_ms)}</span>
    }
}
