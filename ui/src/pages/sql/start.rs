use super::model::SqlModel;
use crate::components::{Icon, IconName};
use crate::sql_text::{EXAMPLES, summary};
use crate::strings::sql;
use leptos::prelude::*;

const SUMMARY_CHARS: usize = 140;

/// What is shown before anything was run: statements to begin with.
#[component]
pub(super) fn Start(model: SqlModel) -> impl IntoView {
    let t = &sql::text().start;
    let examples = EXAMPLES.into_iter().zip(&t.examples).map(|((id, statement), (title, note))| {
        view! {
            <li>
                <button
                    type="button"
                    class="sql-example"
                    data-example=id
                    on:click=move |_| model.fill_and_run(statement.to_owned())
                >
                    <Icon name=IconName::Play />
                    <span class="sql-example-text">
                        <b>{*title}</b>
                        <span class="dim">{*note}</span>
                        <code class="mono faint ell">{summary(statement, SUMMARY_CHARS)}</code>
                    </span>
                </button>
            </li>
        }
    });
    view! {
        <div class="sql-start scroll grow">
            <h2>{t.title}</h2>
            <p class="dim">{t.lead}</p>
            <ul>{examples.collect_view()}</ul>
        </div>
    }
}
