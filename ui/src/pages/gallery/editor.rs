use super::{Columns, Part};
use crate::components::{CodeEditor, EditorHandle};
use crate::editor::{EditorError, Function, Place, Schema, Table};
use leptos::prelude::*;
use std::sync::Arc;

const BROKEN: &str = "select service_name, count(*) as lines\nfrom logs\nwhere servce_name = 'checkout' -- a typing error\n  and severity_number >= 17\ngroup by 1 order by lines desc";

#[component]
pub(super) fn Editors() -> impl IntoView {
    let runs = RwSignal::new(0);
    let on_run = Callback::new(move |()| runs.update(|runs| *runs += 1));
    let schema = Signal::stored(Arc::new(schema()));
    let (broken, empty, fixed) =
        (RwSignal::new(BROKEN.to_owned()), RwSignal::new(String::new()), RwSignal::new(BROKEN.to_owned()));
    let errors = Signal::derive(|| {
        let message = "no column servce_name in logs; did you mean service_name?".to_owned();
        vec![EditorError { from: Place::Line { line: 3, column: 7 }, to: None, message }]
    });
    let handle = EditorHandle::new();
    view! {
        <Columns count=3>
            <Part name="Editor with an error">
                <CodeEditor value=broken schema errors on_run label="Query" lines=6 />
                <p class="faint">"runs: " <span id="runs">{move || runs.get()}</span>", length: "<span id="length">{move || broken.with(String::len)}</span></p>
            </Part>
            <Part name="Editor without text">
                <CodeEditor value=empty schema on_run label="Empty query" placeholder="select … from logs" lines=6 handle />
                <button type="button" class="btn" on:click=move |_| handle.insert("service_name")>"Insert a column"</button>
                <button type="button" class="btn ghost" on:click=move |_| { empty.set("select 1".to_owned()); handle.focus(); }>"Set the text"</button>
            </Part>
            <Part name="Editor to read">
                <CodeEditor value=fixed read_only=true label="Query that ran" lines=6 />
            </Part>
        </Columns>
    }
}

fn schema() -> Schema {
    let table = |name: &str, columns: &[(&str, &str)]| Table {
        name: name.to_owned(),
        columns: columns.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect(),
    };
    let function = |name: &str, detail: &str| Function { name: name.to_owned(), detail: detail.to_owned() };
    Schema {
        phrases: Vec::new(),
        tables: vec![
            table(
                "logs",
                &[
                    ("time", "timestamp"),
                    ("service_name", "text"),
                    ("severity_number", "tinyint"),
                    ("body", "text"),
                    ("http.route", "text"),
                ],
            ),
            table(
                "spans",
                &[("start_time", "timestamp"), ("service_name", "text"), ("duration_ns", "bigint"), ("name", "text")],
            ),
        ],
        functions: vec![
            function("count", "rows"),
            function("date_bin", "interval, time"),
            function("approx_percentile_cont", "value, share"),
        ],
    }
}
