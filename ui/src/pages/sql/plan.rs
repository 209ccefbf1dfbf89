use super::model::{Run, SqlModel};
use super::states::Skeleton;
use crate::ask::Asked;
use crate::components::{CopyButton, DataView};
use crate::plan_tree::{Plan, PlanStep, plans};
use crate::sql_text::{explain, has_plan};
use crate::strings::sql;
use leptos::prelude::*;
use lincei_api::SqlResponse;

/// Rows of an answer of `EXPLAIN`.
const PLANS_MAX: u64 = 100;
const ROWS: &str = "output_rows";
const TIME: &str = "elapsed_compute";

/// The plan of the statement that was run, asked for when it is looked at.
#[component]
pub(super) fn PlanView(model: SqlModel) -> impl IntoView {
    let t = &sql::text().plan;
    let explained = Memo::new(move |_| model.run.get().filter(|run| has_plan(&run.sql)));
    move || match explained.get() {
        Some(run) => view! { <Explained model run /> }.into_any(),
        None => view! {
            <div class="state" role="status">
                <h3>{t.none_title}</h3>
                <p>{t.none_detail}</p>
            </div>
        }
        .into_any(),
    }
}

#[component]
fn Explained(model: SqlModel, run: Run) -> impl IntoView {
    let t = &sql::text().plan;
    let measured = RwSignal::new(false);
    let asked: Asked<Vec<Plan>> = Asked::new(model.context);
    let run = StoredValue::new(run);
    let ask = move |measured: bool| {
        let run = run.get_value();
        asked.ask(move |call| async move {
            let mut request = run.request(explain(&run.sql, measured), call.query_id);
            request.limit = Some(PLANS_MAX);
            let response: SqlResponse = call.client.ask("/sql", &request, &call.signal).await?;
            Ok(plans(&response.rows))
        });
    };
    Effect::new(move |_| ask(measured.get()));
    let retry = Callback::new(move |()| ask(measured.get_untracked()));
    let choice = move |which: bool, caption: &'static str, title: &'static str| {
        view! {
            <button
                type="button"
                class:on=move || measured.get() == which
                aria-pressed=move || (measured.get() == which).to_string()
                title=title
                on:click=move |_| measured.set(which)
            >
                {caption}
            </button>
        }
    };
    view! {
        <div class="sql-tools">
            <div class="seg" role="group" aria-label=t.kind>
                {choice(false, t.planned, "")}
                {choice(true, t.measured, t.measured_title)}
            </div>
        </div>
        <div class="scroll grow sql-plans" tabindex="0">
            <DataView asked on_retry=retry outline=|| view! { <Skeleton /> } let:plans>
                <Steps plans=(*plans).clone() />
            </DataView>
        </div>
    }
}

/// Plans as indented steps.
#[component]
pub(super) fn Steps(plans: Vec<Plan>) -> impl IntoView {
    let t = &sql::text().plan;
    let name = |name: &str| match name {
        "logical_plan" => t.logical.to_owned(),
        "physical_plan" => t.physical.to_owned(),
        "Plan with Metrics" => t.with_metrics.to_owned(),
        other => other.to_owned(),
    };
    let sections = plans.into_iter().map(|plan| {
        let text = written(&plan);
        view! {
            <section class="sql-plan">
                <h3 class="hstack">
                    {name(&plan.name)} <span class="grow"></span>
                    <CopyButton content=Callback::new(move |()| text.clone()) label=t.copy class="ghost tiny" />
                </h3>
                <PlanTree plan />
            </section>
        }
    });
    sections.collect_view()
}

/// The plan as it is copied.
fn written(plan: &Plan) -> String {
    let line = |step: &PlanStep| {
        let detail = if step.detail.is_empty() { String::new() } else { format!(": {}", step.detail) };
        let metrics: Vec<String> = step.metrics.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let metrics = if metrics.is_empty() { String::new() } else { format!(", metrics=[{}]", metrics.join(", ")) };
        format!("{}{}{detail}{metrics}", "  ".repeat(step.depth), step.name)
    };
    plan.steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[component]
fn PlanTree(plan: Plan) -> impl IntoView {
    let t = &sql::text().plan;
    let measured = plan.steps.iter().any(|step| step.metric(TIME).is_some());
    let head = measured.then(|| {
        view! {
            <div class="sql-step sql-step-head" aria-hidden="true">
                <span>{t.step}</span>
                <span class="num">{t.rows}</span>
                <span class="num">{t.time}</span>
            </div>
        }
    });
    let steps = plan.steps.into_iter().map(|step| view! { <Step step measured /> });
    view! {
        {head}
        <ol class="sql-steps">{steps.collect_view()}</ol>
    }
}

#[component]
fn Step(step: PlanStep, measured: bool) -> impl IntoView {
    let t = &sql::text().plan;
    let figures = measured.then(|| {
        let figure = |name: &str| step.metric(name).unwrap_or("–").to_owned();
        view! {
            <span class="num">{figure(ROWS)}</span>
            <span class="num">{figure(TIME)}</span>
        }
    });
    let rest: Vec<(String, String)> =
        step.metrics.iter().filter(|(name, _)| name != ROWS && name != TIME).cloned().collect();
    let all = (!rest.is_empty()).then(|| {
        let pairs = rest.into_iter().map(|(name, value)| {
            view! {
                <dt>{name}</dt>
                <dd class="mono">{value}</dd>
            }
        });
        view! {
            <details class="sql-metrics">
                <summary>{t.metrics}</summary>
                <dl class="kv">{pairs.collect_view()}</dl>
            </details>
        }
    });
    view! {
        <li class="sql-step">
            <div class="sql-step-what" style=("--depth", step.depth.to_string())>
                <b>{step.name.clone()}</b>
                <span class="mono dim">{step.detail.clone()}</span>
                {all}
            </div>
            {figures}
        </li>
    }
}
