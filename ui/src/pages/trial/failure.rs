use crate::components::{Icon, IconName};
use crate::pages::shown::{Moment, Written};
use crate::strings::trial::text;
use leptos::prelude::*;
use lincei_api::{PluginFailure, PluginLogLine};

/// Why a plugin could not do something, and where in it.
#[component]
pub(in crate::pages) fn FailureNote(
    failure: PluginFailure,
    /// Classes beside `note`.
    #[prop(default = "bad")]
    class: &'static str,
) -> impl IntoView {
    let t = text();
    let place = failure.line.map(|line| (t.line)(&line.to_string()));
    let time = failure.time.map(|at| view! { <span class="faint"><Moment at written=Written::Ago /></span> });
    view! {
        <div class=format!("note failure {class}") role="status">
            <Icon name=IconName::Alert />
            <div class="grow">
                <p>
                    <b>{t.kind(&failure.kind).to_owned()}</b>
                    {place.map(|place| view! { <span class="dim">" · "{place}</span> })}
                    " "
                    {time}
                </p>
                <p class="failure-detail mono">{failure.detail}</p>
                <Backtrace calls=failure.backtrace />
            </div>
        </div>
    }
}

/// Functions that were called, innermost first; nothing without any.
#[component]
pub(in crate::pages) fn Backtrace(calls: Vec<String>) -> impl IntoView {
    (!calls.is_empty()).then(|| {
        view! {
            <div class="backtrace">
                <p class="faint">{text().backtrace}</p>
                <ol class="code" tabindex="0">
                    {calls.into_iter().map(|call| view! { <li>{call}</li> }).collect_view()}
                </ol>
            </div>
        }
    })
}

/// What a plugin wrote.
#[component]
pub(in crate::pages) fn LogLines(lines: Vec<PluginLogLine>) -> impl IntoView {
    let row = |line: PluginLogLine| {
        let level = line.level.to_uppercase();
        view! {
            <li>
                <span class="dim"><Moment at=line.time written=Written::Clock /></span>
                <span class=format!("sev {level}")>{level.clone()}</span>
                <span class="message">{line.message}</span>
            </li>
        }
    };
    view! { <ol class="plugin-log mono" tabindex="0">{lines.into_iter().map(row).collect_view()}</ol> }
}
