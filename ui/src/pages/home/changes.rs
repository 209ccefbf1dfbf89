//! Versions that appeared, and what followed.

use super::jump::LogsLink;
use super::model::{HomeModel, lines_of};
use super::values::{clock, name_of, times_figure};
use crate::calendar::MINUTE_NS;
use crate::context::Context;
use crate::services::{Effect, Release};
use crate::strings::home;
use crate::time_range::Window;
use leptos::prelude::*;

/// Changes listed at most.
const CHANGES_MAX: usize = 6;
/// Lines around a release.
const AROUND_NS: i64 = 10 * MINUTE_NS;

/// The panel.
#[component]
pub(super) fn Changes(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let context = model.context;
    let content = move || {
        let releases = model.releases.answer.get()?;
        if releases.current.is_empty() {
            return Some(view! { <p class="none faint">{t.changes_unknown}</p> }.into_any());
        }
        if releases.changes.is_empty() {
            return Some(view! { <p class="none faint">{t.changes_none}</p> }.into_any());
        }
        let changes = releases.changes.iter().take(CHANGES_MAX).cloned();
        Some(changes.map(|release| view! { <Change context release /> }).collect_view().into_any())
    };
    view! {
        <section class="panel" aria-label=t.changes>
            <div class="panel-head">
                {t.changes}
                <span class="end">{t.changes_window}</span>
            </div>
            <div class="changes">{content}</div>
        </section>
    }
}

#[component]
fn Change(context: Context, release: Release) -> impl IntoView {
    let t = home::text();
    let at_ns = release.since_ns.unwrap_or(release.last_ns);
    let window = Window { from_ns: at_ns - AROUND_NS, to_ns: at_ns + AROUND_NS };
    let name = name_of(&release.service);
    let (class, effect) = match release.effect {
        Effect::Errors(times) => ("effect t-bad", (t.effect_errors)(&times_figure(times))),
        Effect::None => ("effect faint", t.effect_none.to_owned()),
    };
    let gone = release.gone.then(|| (t.gone)(&clock(context, release.last_ns)));
    view! {
        <LogsLink
            query=lines_of(&release.service)
            range=Some(window.fixed())
            class="chg"
            title=(t.logs_of)(&name)
        >
            <span class="faint">{clock(context, at_ns)}</span>
            <span class="ell mono">{format!("{name} {}", release.version)}</span>
            <span class=class>{effect}</span>
            {gone.map(|gone| view! { <span class="effect faint">{gone}</span> })}
        </LogsLink>
    }
}
