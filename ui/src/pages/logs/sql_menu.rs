use super::model::LogsModel;
use crate::browser;
use crate::calendar::rfc3339;
use crate::code::Language;
use crate::components::{Code, CopyButton, Icon, IconName};
use crate::histogram::Buckets;
use crate::pager::PAGE_ROWS;
use crate::query_text::{SERVICE, without_field};
use crate::statement;
use crate::strings::text;
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Lines,
    Histogram,
    Services,
    Curl,
}

/// The statements behind the page, to be copied.
#[component]
pub(super) fn SqlMenu(model: LogsModel, on_close: Callback<()>) -> impl IntoView {
    let t = &text().logs;
    let tab = RwSignal::new(Tab::Lines);
    let window = move || model.context.window.get();
    let shown = move || {
        let (query, window) = (model.query(), window());
        match tab.get() {
            Tab::Lines => statement::lines(&query, PAGE_ROWS, 0),
            Tab::Histogram => {
                let buckets = Buckets::of(window, model.context.offset_minutes(window.from_ns));
                statement::histogram(&query, &buckets)
            }
            Tab::Services => statement::services(&without_field(&query, SERVICE)),
            Tab::Curl => statement::curl(&browser::origin().0, &statement::lines(&query, PAGE_ROWS, 0), window),
        }
    };
    let tabs = [
        (Tab::Lines, t.sql_lines),
        (Tab::Histogram, t.sql_histogram),
        (Tab::Services, t.sql_services),
        (Tab::Curl, t.sql_curl),
    ]
    .map(|(which, caption)| {
        view! {
            <button
                type="button"
                class:on=move || tab.get() == which
                aria-pressed=move || (tab.get() == which).to_string()
                on:click=move |_| tab.set(which)
            >
                {caption}
            </button>
        }
    });
    Effect::new(|_| browser::focus("sql-menu"));
    view! {
        <section id="sql-menu" class="sql-menu" aria-label=t.sql_title tabindex="-1">
            <div class="hstack">
                <div class="seg" role="group" aria-label=t.sql_title>
                    {tabs.into_view()}
                </div>
                <span class="dim ell mono">
                    {move || (t.sql_window)(&rfc3339(window().from_ns), &rfc3339(window().to_ns))}
                </span>
                <span class="grow"></span>
                <CopyButton
                    content=Callback::new(move |()| untrack(shown))
                    label=t.copy_sql
                    caption=t.copy_sql
                    class=""
                />
                <button
                    type="button"
                    class="btn ghost icon-only"
                    aria-label=text().shell.close
                    on:click=move |_| on_close.run(())
                >
                    <Icon name=IconName::Cross />
                </button>
            </div>
            {move || {
                let language = if tab.get() == Tab::Curl { Language::Script } else { Language::Sql };
                view! { <Code content=Signal::derive(shown) language wrap=true /> }
            }}
        </section>
    }
}
