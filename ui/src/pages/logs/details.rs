use super::entries::{Entries, Entry};
use super::json_view::Json;
use super::lines::{marked, relative};
use super::model::{LogsModel, Opened};
use super::surrounding::SurroundingLink;
use crate::calendar;
use crate::components::{CopyButton, FailurePanel, Icon, IconName};
use crate::failure::Failure;
use crate::log_row::{LogRow, RowKey};
use crate::query_text::body_terms;
use crate::severity::Level;
use crate::strings::text;
use leptos::prelude::*;
use std::sync::Arc;

/// The line that was opened, beside the list.
#[component]
pub(super) fn Details(model: LogsModel) -> impl IntoView {
    let json = RwSignal::new(false);
    view! {
        <aside class="drawer" aria-label=text().line.region>
            {move || match model.opened.get() {
                Some(Opened::Line(row)) => view! { <Line model row json /> }.into_any(),
                Some(Opened::Finding) => view! { <Finding model /> }.into_any(),
                Some(Opened::Gone) => view! { <Gone model /> }.into_any(),
                Some(Opened::Failed(failure, key)) => view! { <Failed model failure key /> }.into_any(),
                None => ().into_any(),
            }}
        </aside>
    }
}

#[component]
fn Close(model: LogsModel) -> impl IntoView {
    let t = &text().shell;
    view! {
        <button
            type="button"
            class="btn ghost icon-only"
            aria-label=t.close
            title=t.close
            on:click=move |_| model.close()
        >
            <Icon name=IconName::Cross />
        </button>
    }
}

#[component]
fn Finding(model: LogsModel) -> impl IntoView {
    view! {
        <div class="drawer-head">
            <span class="grow"></span>
            <Close model />
        </div>
        <div class="sect vstack" role="status" aria-label=text().logs.loading>
            <i class="skeleton"></i>
            <i class="skeleton"></i>
            <i class="skeleton half"></i>
        </div>
    }
}

#[component]
fn Failed(model: LogsModel, failure: Failure, key: RowKey) -> impl IntoView {
    view! {
        <div class="drawer-head">
            <span class="grow"></span>
            <Close model />
        </div>
        <FailurePanel failure on_retry=Callback::new(move |()| model.follow_row(Some(key))) />
    }
}

#[component]
fn Gone(model: LogsModel) -> impl IntoView {
    let t = &text().line;
    view! {
        <div class="drawer-head">
            <span class="grow"></span>
            <Close model />
        </div>
        <div class="state">
            <h3>{t.gone_title}</h3>
            <p>{t.gone_detail}</p>
        </div>
    }
}

#[component]
fn Line(model: LogsModel, row: Arc<LogRow>, json: RwSignal<bool>) -> impl IntoView {
    let t = &text().line;
    let (level, at) = (row.level(), row.time_ns);
    let time = move || calendar::to_millisecond(at, model.context.offset_minutes(at), calendar::DateStyle::Clock);
    let exact = move || {
        let full = calendar::to_full(at, model.context.offset_minutes(at));
        format!("{full} {}, {}", model.context.zone_name(at), relative(model, at))
    };
    let copied = Arc::clone(&row);
    let tab = move |which: bool, caption: &'static str| {
        view! {
            <button
                type="button"
                role="tab"
                class:on=move || json.get() == which
                aria-selected=move || (json.get() == which).to_string()
                on:click=move |_| json.set(which)
            >
                {caption}
            </button>
        }
    };
    let content = move || {
        let row = Arc::clone(&row);
        if json.get() { view! { <Json model row /> }.into_any() } else { view! { <Fields model row /> }.into_any() }
    };
    view! {
        <div class="drawer-head">
            <span class=format!("sev {}", level.name())>{if level == Level::Unset { "–" } else { level.name() }}</span>
            <b class="ell">{copied.service.clone()}</b>
            <span class="faint mono" title=exact>{time}</span>
            <span class="grow"></span>
            <CopyButton content=Callback::new(move |()| plain(&copied)) label=t.copy_line />
            <Close model />
        </div>
        <div class="tabs" role="tablist">
            {tab(false, t.fields)}
            {tab(true, t.json)}
        </div>
        <div class="scroll grow drawer-body" tabindex="0" role="tabpanel" aria-label=t.region>
            {content}
        </div>
    }
}

/// Time, level, service and text, as in a log file.
fn plain(row: &LogRow) -> String {
    let body = row.body.as_deref().unwrap_or_default();
    format!("{} {} {} {body}", calendar::rfc3339(row.time_ns), row.level().name(), row.service)
}

#[component]
fn Fields(model: LogsModel, row: Arc<LogRow>) -> impl IntoView {
    let t = &text().line;
    let terms = Memo::new(move |_| body_terms(&model.query()));
    let body = row.body.clone().filter(|body| !body.is_empty());
    let message = body.map(|body| {
        view! {
            <div class="sect">
                <div class="msg">{move || terms.with(|terms| marked(&body, terms))}</div>
            </div>
        }
    });
    let (around, middle) = (expect_context(), Arc::clone(&row));
    let trace = row.trace_id.clone().map(|id| view! { <TraceLines model id /> });
    let recorded = Arc::clone(&row);
    let record = move || record_fields(model, &recorded);
    view! {
        {message}
        {trace}
        <SurroundingLink around row=middle />
        <Entries model title=t.attributes entries=row.attributes.clone() />
        <Entries model title=t.resource entries=row.resource.clone() />
        <div class="sect">
            <h3>{t.record}</h3>
            {record}
        </div>
    }
}

/// The columns beside body, attributes and resource. Times are not offered as filters: the time
/// range is for that.
fn record_fields(model: LogsModel, row: &LogRow) -> impl IntoView + use<> {
    let t = &text().line;
    let zone = |ns: i64| {
        format!("{} {}", calendar::to_full(ns, model.context.offset_minutes(ns)), model.context.zone_name(ns))
    };
    let severity = match (&row.severity, row.severity_number) {
        (None, 0) => None,
        (text, number) => Some((t.severity_number)(text.as_deref().unwrap_or(row.level().name()), &number.to_string())),
    };
    let plain = [
        (t.time, Some(zone(row.time_ns))),
        (t.observed, row.observed_ns.filter(|observed| *observed != row.time_ns).map(zone)),
        (t.severity, severity),
    ];
    let searched = [
        (t.service, Some(row.service.clone())),
        (t.event_name, row.event_name.clone()),
        (t.scope, row.scope.clone()),
        (t.trace_id, row.trace_id.clone()),
        (t.span_id, row.span_id.clone()),
    ];
    let fields = plain.into_iter().map(|field| (field, false)).chain(searched.into_iter().map(|field| (field, true)));
    fields
        .filter_map(|((key, value), filter)| Some((key, value?, filter)))
        .map(|(key, value, filter)| view! { <Entry model key=key.to_owned() value filter /> })
        .collect_view()
}

#[component]
fn TraceLines(model: LogsModel, id: String) -> impl IntoView {
    let short: String = if id.len() > 12 {
        let (head, tail) = (id.get(..6).unwrap_or_default(), id.get(id.len() - 4..).unwrap_or_default());
        format!("{head}…{tail}")
    } else {
        id.clone()
    };
    view! {
        <div class="sect links">
            <button
                type="button"
                class="linkrow"
                on:click=move |_| model.narrow("trace_id", &id, false)
            >
                <Icon name=IconName::Traces />
                <span>{(text().line.trace_lines)(&short)}</span>
                <span></span>
                <Icon name=IconName::Right small=true />
            </button>
        </div>
    }
}
