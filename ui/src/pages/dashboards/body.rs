//! What is within the frame of a panel, in each of its states.

use super::ask::{Reply, Request, ask, request, surroundings};
use super::board::Board;
use super::draw::{Bars, Heat, OverTime, Single};
use super::flaw;
use super::sheet::{LogLines, SheetView};
use crate::ask::{Asked, Load};
use crate::components::{Cancelled, Exports, FailurePanel, ProgressStrip};
use crate::dashboard::{Answer, BuildFlaw, Panel, ShapeFlaw, View, answer, of_histogram};
use crate::failure::{Failure, WayOut};
use crate::number;
use crate::strings::{self, dashboards::text};
use crate::time_range::TimeRange;
use leptos::prelude::*;
use std::sync::Arc;

/// A panel and its answer; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub(super) board: Board,
    pub(super) panel: Memo<Panel>,
    pub(super) asked: Asked<Reply>,
    pub(super) request: Memo<Result<Request, BuildFlaw>>,
    /// What is drawn; none before the first answer, and where the view cannot show it.
    pub(super) drawn: Memo<Option<Result<Arc<Drawn>, ShapeFlaw>>>,
    /// The files of what is drawn; none while it has none.
    pub(super) exports: RwSignal<Option<Exports>>,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Drawn {
    Answer(Answer),
    Lines(Vec<crate::log_row::LogRow>),
}

/// What the frame holds.
#[derive(Clone, Debug, PartialEq)]
enum State {
    NotBuilt(BuildFlaw),
    Failed(Failure),
    Cancelled,
    Waiting,
    Misfit(ShapeFlaw),
    Empty,
    Shown(View),
}

impl Content {
    /// A panel that asks while `visible`, and whenever what it asks changes.
    pub(super) fn new(board: Board, panel: Memo<Panel>, visible: Signal<bool>) -> Self {
        let asked = Asked::new(board.context);
        let request = Memo::new(move |_| {
            let (variables, choice) = surroundings(board);
            panel.with(|panel| request(board, panel, &variables, &choice))
        });
        let drawn = Memo::new(move |_| {
            let reply = asked.answer.get()?;
            let step_ms = request.with_untracked(|request| request.as_ref().ok().and_then(|request| request.step_ms));
            panel.with(|panel| drawn(panel, &reply, step_ms))
        });
        let content = Self { board, panel, asked, request, drawn, exports: RwSignal::new(None) };
        let last = StoredValue::new(None::<Request>);
        Effect::new(move |_| {
            let Ok(request) = request.get() else { return };
            if visible.get() && last.with_value(|last| last.as_ref() != Some(&request)) {
                last.set_value(Some(request.clone()));
                ask(board, asked, request);
            }
        });
        Effect::new(move |before: Option<u64>| {
            let now = board.stopped.get();
            if before.is_some_and(|before| before != now) && asked.progress.with_untracked(Option::is_some) {
                asked.cancel();
            }
            now
        });
        content
    }

    /// Title of the panel, or what stands for it.
    pub(super) fn title(self) -> String {
        self.panel.with(
            |panel| {
                if panel.title.is_empty() { text().panel.untitled.to_owned() } else { panel.title.clone() }
            },
        )
    }

    /// Asks again.
    pub(super) fn retry(self) {
        if let Ok(request) = self.request.get_untracked() {
            ask(self.board, self.asked, request);
        }
    }

    fn state(self) -> State {
        if let Err(flaw) = self.request.get() {
            return State::NotBuilt(flaw);
        }
        match self.asked.load.get() {
            Load::Failed(failure) => return State::Failed(failure),
            Load::Cancelled => return State::Cancelled,
            Load::Waiting | Load::Ready => {}
        }
        match self.drawn.get() {
            None => State::Waiting,
            Some(Err(flaw)) => State::Misfit(flaw),
            Some(Ok(drawn)) => match &*drawn {
                Drawn::Answer(answer) if answer.is_empty() => State::Empty,
                Drawn::Lines(lines) if lines.is_empty() => State::Empty,
                _ => State::Shown(self.panel.with(|panel| panel.view)),
            },
        }
    }
}

/// None while the answer is that of another query than the panel has now.
fn drawn(panel: &Panel, reply: &Reply, step_ms: Option<f64>) -> Option<Result<Arc<Drawn>, ShapeFlaw>> {
    use crate::dashboard::Query;
    let t = &text().panel;
    Some(match (reply, &panel.query) {
        (Reply::Sql(response), Query::Sql(_)) => {
            answer(panel.view, response, step_ms).map(|answer| Arc::new(Drawn::Answer(answer)))
        }
        (Reply::Counts(response), Query::Counts { by, .. }) => {
            let mut timelines = of_histogram(response, by, t.missing_value, t.other_values);
            if by.is_empty() {
                timelines.lines.iter_mut().for_each(|line| t.count.clone_into(&mut line.name));
            }
            Ok(Arc::new(Drawn::Answer(Answer::Timelines(timelines))))
        }
        (Reply::Lines(lines), Query::Lines { .. }) => Ok(Arc::new(Drawn::Lines(lines.clone()))),
        _ => return None,
    })
}

/// The content of a panel; `height` is that of the frame, in pixels.
#[component]
pub(super) fn Body(content: Content, #[prop(into)] height: Signal<f64>) -> impl IntoView {
    let state = Memo::new(move |_| content.state());
    let stale = move || content.asked.waits();
    let progress = move || {
        content.asked.progress.get().map(|progress| {
            let cancel = Callback::new(move |()| {
                content.asked.cancel();
            });
            view! { <ProgressStrip progress on_cancel=cancel /> }
        })
    };
    view! {
        <div class="card-body" class:stale=stale aria-busy=move || stale().to_string()>
            {progress}
            {move || match state.get() {
                State::NotBuilt(found) => {
                    view! { <Note title=text().flaw.build_title detail=flaw::build_flaw(&found) /> }.into_any()
                }
                State::Misfit(found) => {
                    view! { <Note title=text().flaw.shape_title detail=flaw::shape_flaw(found) /> }.into_any()
                }
                State::Failed(failure) => view! { <Failed content failure /> }.into_any(),
                State::Cancelled => {
                    view! { <Cancelled on_retry=Callback::new(move |()| content.retry()) /> }.into_any()
                }
                State::Waiting => view! { <Outline /> }.into_any(),
                State::Empty => {
                    view! { <Note title=text().panel.empty detail=text().panel.empty_detail /> }.into_any()
                }
                State::Shown(shown) => view! { <Shown content shown height /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Shown(content: Content, shown: View, height: Signal<f64>) -> impl IntoView {
    match shown {
        View::Line | View::Area | View::Columns => view! { <OverTime content height /> }.into_any(),
        View::Bars => view! { <Bars content height /> }.into_any(),
        View::Value => view! { <Single content /> }.into_any(),
        View::Heat => view! { <Heat content height /> }.into_any(),
        View::Table => view! { <SheetView content /> }.into_any(),
        View::Log => view! { <LogLines content /> }.into_any(),
    }
}

#[component]
fn Outline() -> impl IntoView {
    view! {
        <div class="card-wait" role="status" aria-label=strings::text().logs.loading>
            <i class="skeleton"></i>
            <i class="skeleton"></i>
            <i class="skeleton"></i>
        </div>
    }
}

#[component]
fn Note(#[prop(into)] title: String, #[prop(into)] detail: String) -> impl IntoView {
    view! {
        <div class="state">
            <h3>{title}</h3>
            <p>{detail}</p>
        </div>
    }
}

/// A failure, and a shorter range where that may help.
#[component]
fn Failed(content: Content, failure: Failure) -> impl IntoView {
    let context = content.board.context;
    let shorter = (failure.way_out() == WayOut::Shorten).then(|| {
        let length = context.window.with_untracked(crate::time_range::Window::length_ns);
        let seconds = u64::try_from(length / 4 / 1_000_000_000).unwrap_or(0).max(1);
        let act = Callback::new(move |()| context.go(|view| view.range = TimeRange::Relative { seconds }));
        ((strings::text().failure.shorten)(&number::span(seconds)), act)
    });
    view! {
        <FailurePanel failure on_retry=Callback::new(move |()| content.retry()) way_out=shorter />
    }
}
