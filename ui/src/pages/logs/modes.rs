//! What stands in the place of the list: lines, new lines, the lines around one, or patterns.

use super::lines::{Lines, ListSignal};
use super::model::LogsModel;
use super::patterns::{Patterns, PatternsModel};
use super::surrounding::{Surrounding, SurroundingModel};
use super::tail::{LiveTail, TailModel};
use crate::keys::Action;
use crate::time_range::TimeRange;
use leptos::prelude::*;

/// What is shown in the place of the list.
#[derive(Clone, Copy)]
pub(super) struct Modes {
    pub(super) tail: TailModel,
    pub(super) around: SurroundingModel,
    pub(super) patterns: PatternsModel,
    shown: Memo<Mode>,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Lines,
    Live,
    Around,
    Patterns,
}

impl Modes {
    pub(super) fn new(model: LogsModel) -> Self {
        leave_when_asked_anew(model);
        let (tail, around) = (TailModel::new(model), SurroundingModel::new(model));
        let patterns = PatternsModel::new(model);
        let shown = Memo::new(move |_| match (around.key.get().is_some(), tail.on.get(), patterns.on.get()) {
            (true, ..) => Mode::Around,
            (_, true, _) => Mode::Live,
            (.., true) => Mode::Patterns,
            _ => Mode::Lines,
        });
        Self { tail, around, patterns, shown }
    }

    /// Whether the histogram says something about what is shown; tracked.
    pub(super) fn has_chart(&self) -> bool {
        matches!(self.shown.get(), Mode::Lines | Mode::Patterns)
    }

    /// Whether what is shown did what a key asks for, or had nothing to do; `None` when that is
    /// not its matter.
    pub(super) fn act(&self, action: Action) -> Option<bool> {
        let shown = self.shown.get_untracked();
        match (shown, action) {
            (_, Action::Live) => {
                self.tail.toggle();
                Some(true)
            }
            (Mode::Lines, _) | (_, Action::FocusSearch | Action::Escape) => None,
            (Mode::Around, _) => Some(self.around.act(action)),
            (_, Action::Refresh) => None,
            (Mode::Live, _) => Some(self.tail.act(action)),
            (Mode::Patterns, _) => Some(self.patterns.act(action)),
        }
    }

    /// Stops or leaves what is shown, once nothing else is open; false when there was nothing to do.
    pub(super) fn escape(&self) -> bool {
        match self.shown.get_untracked() {
            Mode::Around => self.around.act(Action::Escape),
            Mode::Patterns => self.patterns.act(Action::Escape),
            Mode::Lines | Mode::Live => false,
        }
    }
}

/// Another search or range is not about the line that was looked around, and a range is not live: what
/// stays as it was while they change is left.
fn leave_when_asked_anew(model: LogsModel) {
    Effect::new(move |before: Option<((String, TimeRange), String, String)>| {
        let context = model.context;
        let parameter = |name: &str| context.parameter(name);
        let (question, around, live) = (model.question.get(), parameter("around"), parameter("live"));
        if let Some(((query, range), around_before, live_before)) = before {
            let is_new = query != question.0 || range != question.1;
            let leave = |name: &str, value: &str, value_before: &str, is_new: bool| {
                if is_new && value == value_before && !value.is_empty() {
                    context.adjust(|view| view.set_parameter(name, ""));
                }
            };
            leave("around", &around, &around_before, is_new);
            leave("live", &live, &live_before, range != question.1);
        }
        (question, around, live)
    });
}

/// The list, or what stands in its place.
#[component]
pub(super) fn Middle(model: LogsModel, list: ListSignal, modes: Modes) -> impl IntoView {
    move || match modes.shown.get() {
        Mode::Lines => view! { <Lines model list /> }.into_any(),
        Mode::Live => view! { <LiveTail tail=modes.tail /> }.into_any(),
        Mode::Around => view! { <Surrounding around=modes.around /> }.into_any(),
        Mode::Patterns => view! { <Patterns patterns=modes.patterns /> }.into_any(),
    }
}
