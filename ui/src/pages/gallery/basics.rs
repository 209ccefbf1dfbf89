use super::{Columns, Part};
use crate::code::Language;
use crate::components::{Code, CopyButton, FailurePanel, Icon, IconName};
use crate::failure::Failure;
use crate::severity::Level;
use leptos::prelude::*;
use lincei_api::Problem;

#[component]
pub(super) fn Basics() -> impl IntoView {
    view! {
        <Columns count=3>
            <Part name="Controls"><Controls /></Part>
            <Part name="Inputs"><Inputs /></Part>
            <Part name="Meaning"><Meaning /></Part>
        </Columns>
        <Columns count=3>
            <Part name="Table"><Table /></Part>
            <Part name="Notes and progress"><Feedback /></Part>
            <Part name="Code">
                <Code content=Signal::derive(|| "select service, count(*) from logs -- by sender\nwhere severity_number >= 17 group by 1".to_owned()) language=Language::Sql />
            </Part>
        </Columns>
        <States />
    }
}

#[component]
fn Controls() -> impl IntoView {
    view! {
        <div class="vstack">
            <div class="hstack">
                <button type="button" class="btn primary">"Save"</button>
                <button type="button" class="btn">"Default"</button>
                <button type="button" class="btn ghost">"Ghost"</button>
                <button type="button" class="btn danger">"Delete"</button>
                <button type="button" class="btn" disabled>"Disabled"</button>
                <button type="button" class="btn is-focus">"Focus"</button>
            </div>
            <div class="hstack">
                <button type="button" class="btn"><Icon name=IconName::Refresh />"Refresh"</button>
                <button type="button" class="btn icon-only" aria-label="Refresh"><Icon name=IconName::Refresh /></button>
                <CopyButton content=Callback::new(|()| "copied".to_owned()) label="Copy" />
                <button type="button" class="quiet">"Quiet"</button>
                <a href="/logs">"Link"</a>
            </div>
            <div class="hstack">
                <div class="seg" role="group" aria-label="Share">
                    <button type="button" class="on" aria-pressed="true">"Self"</button>
                    <button type="button" aria-pressed="false">"Total"</button>
                </div>
                <span class="switch on"></span>
                <span class="switch"></span>
                <span class="chip on"><b>"service"</b>" checkout"</span>
                <span class="chip"><b>"env"</b>" dev"</span>
            </div>
            <div class="tabs" role="tablist" aria-label="Tabs">
                <button type="button" class="on" role="tab" aria-selected="true">"Lines"</button>
                <button type="button" role="tab" aria-selected="false">"Patterns"</button>
            </div>
            <div class="hstack"><kbd>"/"</kbd><kbd>"g"</kbd><kbd>"Esc"</kbd></div>
        </div>
    }
}

#[component]
fn Inputs() -> impl IntoView {
    view! {
        <div class="vstack">
            <div class="field">
                <label for="gallery-name">"Name"</label>
                <input id="gallery-name" class="input" value="shop-logs" />
            </div>
            <div class="field">
                <label for="gallery-keep">"Keep for"</label>
                <input id="gallery-keep" class="input bad" value="0 d" aria-describedby="gallery-keep-hint" />
                <span id="gallery-keep-hint" class="hint bad">"at least 1 d"</span>
            </div>
            <div class="field">
                <label for="gallery-empty">"Search"</label>
                <input id="gallery-empty" class="input" placeholder="service:checkout" />
                <span class="hint">"free text searches the body"</span>
            </div>
            <label class="hstack"><input type="checkbox" checked />"Wrap long lines"</label>
        </div>
    }
}

#[component]
fn Meaning() -> impl IntoView {
    let health = [("ok", "healthy"), ("warn", "degraded"), ("bad", "failing"), ("unknown", "no data")];
    let health =
        health.map(|(class, word)| view! { <span class="hstack"><i class=format!("health {class}")></i>{word}</span> });
    let levels = Level::ALL.map(|level| view! { <span class=format!("sev {}", level.name())>{level.name()}</span> });
    let badges = [
        ("", "paged"),
        ("ok", "running"),
        ("warn", "acknowledged"),
        ("bad", "2 errors"),
        ("solid", "SEV 1"),
        ("info", "draft"),
        ("line", "gRPC"),
    ];
    let badges = badges.map(|(class, word)| view! { <span class=format!("badge {class}")>{word}</span> });
    view! {
        <div class="vstack">
            <div class="hstack">{health.collect_view()}</div>
            <div class="hstack">{levels.collect_view()}</div>
            <div class="hstack" style:flex-wrap=move || "wrap">{badges.collect_view()}</div>
            <div>"text: the answer"</div>
            <div class="dim">"text-2: what supports it"</div>
            <div class="faint">"text-3: labels, units, hints"</div>
            <div><mark>"found"</mark>" in a line"</div>
        </div>
    }
}

#[component]
fn Table() -> impl IntoView {
    let rows =
        [("checkout", "bad", "14.9", "18.6"), ("storefront", "warn", "231", "1.21"), ("catalog", "ok", "164", "0.02")];
    let rows = rows.into_iter().enumerate().map(|(place, (name, health, rate, errors))| {
        view! {
            <tr class:on=place == 1>
                <td><span class="hstack"><i class=format!("health {health}")></i>{name}</span></td>
                <td class="num">{rate}<span class="unit">"/s"</span></td>
                <td class="num">{errors}<span class="unit">"%"</span></td>
            </tr>
        }
    });
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"Service"</th>
                    <th class="num" scope="col">"Rate"</th>
                    <th class="num sort" scope="col">"Errors ↓"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Feedback() -> impl IntoView {
    view! {
        <div class="vstack">
            <div class="note">"A note about what is shown."</div>
            <div class="note warn"><Icon name=IconName::Alert />"Three sources send no severity."</div>
            <div class="note bad"><Icon name=IconName::Alert />"The disk is full; nothing is stored."</div>
            <div class="toast"><span class="grow">"Saved as v15"</span><button type="button" class="btn ghost">"Undo"</button></div>
            <div class="progress">
                <span class="track"><i style:width=move || "62%"></i></span>
                "4.1 M of 6.6 M rows"
                <button type="button" class="btn">"Cancel"</button>
            </div>
            <i class="skeleton"></i>
            <i class="skeleton" style:width=move || "60%"></i>
        </div>
    }
}

#[component]
fn States() -> impl IntoView {
    let failure = Failure::Problem(Box::new(Problem {
        code: "too_large".to_owned(),
        detail: "grouping by url.full needed more than the 512 MB a query may use".to_owned(),
        limit: Some("query_memory".to_owned()),
        query_id: Some("ui-01JD8V".to_owned()),
        ..Problem::default()
    }));
    view! {
        <Columns count=2>
            <Part name="Empty">
                <div class="state">
                    <h3>"No lines match in this window"</h3>
                    <p>"payment.provider:nordpay last matched at 03:06:12, 4 h before the window you chose."</p>
                    <div class="do">
                        <button type="button" class="btn primary">"Go to 03:06"</button>
                        <button type="button" class="btn">"Remove this filter"</button>
                    </div>
                </div>
            </Part>
            <Part name="Error"><FailurePanel failure on_retry=Callback::new(|()| ()) /></Part>
        </Columns>
    }
}
