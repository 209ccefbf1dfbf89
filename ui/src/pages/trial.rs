//! Trying something on records before it is saved: which records, and what became of each.

mod failure;
mod records;
mod sample;

pub(super) use failure::{Backtrace, FailureNote, LogLines};
pub(super) use records::TrialView;
pub(super) use sample::{SampleBar, signal_name};

use crate::ask::Asked;
use crate::browser;
use crate::context::Context;
use crate::record_diff::{RecordDiff, Tally, diffs, tally};
use crate::record_sample::{choice, sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{RecordSample, TrialResult};

/// How long typing has to rest before it is tried.
const REST_MS: i32 = 350;

/// What came of it.
pub(super) struct Tried {
    /// The answer.
    pub(super) result: TrialResult,
    /// Record by record.
    pub(super) diffs: Vec<RecordDiff>,
    /// How many met which fate.
    pub(super) tally: Tally,
}

/// Which records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Different,
    All,
    Dropped,
}

/// Something that is tried, and what came of it; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Trial {
    pub(super) context: Context,
    pub(super) asked: Asked<Tried>,
    /// The signal of the records.
    pub(super) signal: Signal<&'static str>,
    pub(super) shown: RwSignal<Shown>,
    /// Whether the lines of its log are shown.
    pub(super) log: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl Trial {
    /// `question` makes path and body, as JSON, of the request for a sample; none while there is nothing to try. It
    /// is called anew when what it read has changed, and asked once that rests.
    pub(super) fn new(
        context: Context,
        signal: Signal<&'static str>,
        question: impl Fn(RecordSample) -> Option<(String, String)> + Send + Sync + 'static,
    ) -> Self {
        let again = RwSignal::new(0_u32);
        let trial = Self {
            context,
            asked: Asked::new(context),
            signal,
            shown: RwSignal::new(Shown::Different),
            log: RwSignal::new(false),
            again,
        };
        let wanted = Memo::new(move |_| {
            let (chosen, search) = context.view.with(|view| (choice(view.parameter("newest")), view.query.clone()));
            question(sample(signal.get(), chosen, &search))
        });
        let turn = StoredValue::new(0_u32);
        Effect::new(move |asked_before: Option<bool>| {
            again.track();
            let wanted = wanted.get();
            turn.update_value(|turn| *turn = turn.wrapping_add(1));
            let (mine, rests) = (turn.get_value(), asked_before == Some(true));
            let Some((path, body)) = wanted else { return false };
            spawn_local(async move {
                if rests {
                    browser::sleep_ms(REST_MS).await;
                }
                if turn.try_get_value() == Some(mine) {
                    trial.ask(path, body);
                }
            });
            true
        });
        trial
    }

    fn ask(self, path: String, body: String) {
        self.asked.ask(move |call| async move {
            let result: TrialResult = call.client.ask_text(&path, &body, &call.signal).await?;
            let diffs = diffs(&result);
            let tally = tally(&diffs);
            Ok(Tried { result, diffs, tally })
        });
    }

    /// Tries it on what are the newest records now.
    pub(super) fn again(self) {
        self.again.update(|count| *count = count.wrapping_add(1));
    }
}
