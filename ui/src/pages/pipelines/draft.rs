use crate::browser;
use crate::context::Context;
use crate::pages::form::Change;
use crate::pages::live::Live;
use crate::pages::trial::Trial;
use crate::pipeline_draft::{Draft, PLUGIN};
use crate::strings::pipelines::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{PipelineChange, PipelineInfo, PipelineList, PipelinePreview, PipelineStep, PluginInfo, StepTotals};
use serde_json::Value;

/// What the server has.
#[derive(Clone, Copy)]
pub(super) struct Server {
    pub(super) context: Context,
    pub(super) live: Live<PipelineList>,
    /// Operators that are installed.
    pub(super) plugins: RwSignal<Vec<PluginInfo>>,
}

impl Server {
    pub(super) async fn load(self) {
        self.live.take(self.context.client.pipelines().await);
    }

    /// Without them, there are the built-in operators.
    pub(super) async fn load_plugins(self) {
        if let Ok(list) = self.context.client.plugins().await {
            self.plugins.try_set(list.items.into_iter().filter(|plugin| plugin.kind == "operator").collect());
        }
    }

    /// The pipeline of a signal as it is saved; tracked.
    fn info(self, signal: &str) -> PipelineInfo {
        self.live.answer.with(|answer| {
            let found = answer.as_ref().and_then(|list| list.items.iter().find(|info| info.signal == signal));
            found.cloned().unwrap_or_default()
        })
    }
}

/// A step that is moved by the pointer, and where it would be put down among the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drag {
    pub(super) key: u32,
    pub(super) place: usize,
}

/// A pipeline that is edited; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Pipe {
    pub(super) server: Server,
    pub(super) signal: &'static str,
    pub(super) draft: RwSignal<Draft>,
    /// As it is saved, without what it did.
    pub(super) saved: Memo<(u64, Vec<PipelineStep>)>,
    /// Whether the draft is another.
    pub(super) dirty: Memo<bool>,
    /// The step that is shown, by its key.
    pub(super) chosen: RwSignal<Option<u32>>,
    pub(super) adding: RwSignal<bool>,
    pub(super) drag: RwSignal<Option<Drag>>,
    /// For a screen reader.
    pub(super) said: RwSignal<String>,
    pub(super) change: Change,
    /// Whether saving was refused because somebody else had saved.
    pub(super) conflict: RwSignal<bool>,
    /// Whether the preview ends with the chosen step.
    pub(super) through: RwSignal<bool>,
    pub(super) trial: Trial,
}

impl Pipe {
    pub(super) fn new(server: Server, signal: &'static str) -> Self {
        let saved = Memo::new(move |_| {
            let info = server.info(signal);
            (info.revision, info.steps.into_iter().map(|step| step.step).collect::<Vec<_>>())
        });
        let draft = RwSignal::new(begun(signal).unwrap_or_else(|| saved.with_untracked(of_saved)));
        let dirty = Memo::new(move |_| saved.with(|(_, steps)| draft.with(|draft| draft.differs(steps))));
        let linked = server.context.view.with_untracked(|view| view.parameter("step").to_owned());
        let first =
            draft.with_untracked(|draft| draft.key_of(&linked).or_else(|| draft.steps.first().map(|step| step.key)));
        let (chosen, through) = (RwSignal::new(first), RwSignal::new(false));
        let trial = Trial::new(server.context, Signal::stored(signal), move |sample| {
            let steps = draft.with(|draft| {
                let last = if through.get() { chosen.get() } else { None };
                let fit = !draft.steps.is_empty() && draft.flawed().is_none();
                fit.then(|| draft.up_to(last))
            })?;
            let body = serde_json::to_string(&PipelinePreview { steps, sample }).unwrap_or_default();
            Some((format!("/pipelines/{signal}/preview"), body))
        });
        let pipe = Self {
            server,
            signal,
            draft,
            saved,
            dirty,
            chosen,
            adding: RwSignal::new(false),
            drag: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            change: Change::new(),
            conflict: RwSignal::new(false),
            through,
            trial,
        };
        pipe.follow();
        pipe
    }

    /// The context of the page.
    pub(super) fn context(self) -> Context {
        self.server.context
    }

    /// Takes over what others save while nothing is edited here, and remembers what is.
    fn follow(self) {
        Effect::new(move |before: Option<(u64, Vec<PipelineStep>)>| {
            let saved = self.saved.get();
            let untouched = before.is_some_and(|(_, steps)| self.draft.with_untracked(|draft| !draft.differs(&steps)));
            if untouched {
                self.take(&saved);
            }
            saved
        });
        Effect::new(move |_| {
            let (dirty, change) = (self.dirty.get(), self.draft.with(change_of));
            let kept = if dirty { serde_json::to_string(&change).unwrap_or_default() } else { String::new() };
            browser::remember(&key(self.signal), &kept);
        });
        Effect::new(move |_| {
            let chosen = self.chosen.get();
            let name = self.draft.with_untracked(|draft| {
                let place = chosen.and_then(|key| draft.place(key)).filter(|place| *place > 0);
                place.and_then(|place| draft.steps.get(place)).map(|step| step.step.name.clone())
            });
            self.context().adjust(|view| view.set_parameter("step", &name.unwrap_or_default()));
        });
    }

    /// Puts what is saved in the place of the draft; the step that is shown stays the same by its name.
    fn take(self, saved: &(u64, Vec<PipelineStep>)) {
        let name = self.draft.with_untracked(|draft| {
            self.chosen.get_untracked().and_then(|key| draft.get(key)).map(|step| step.step.name.clone())
        });
        let draft = of_saved(saved);
        let chosen = name.and_then(|name| draft.key_of(&name)).or_else(|| draft.steps.first().map(|step| step.key));
        self.draft.set(draft);
        self.chosen.set(chosen);
    }

    /// Gives up what is not saved.
    pub(super) fn discard(self) {
        self.conflict.set(false);
        self.change.failure.set(None);
        self.saved.with_untracked(|saved| self.take(saved));
    }

    /// Saves, unless a step has a flaw: that is then shown.
    pub(super) fn save(self) {
        if let Some(key) = self.draft.with_untracked(Draft::flawed) {
            self.chosen.set(Some(key));
            return;
        }
        let change = self.draft.with_untracked(change_of);
        let (client, signal, pipe) = (self.context().client, self.signal, self);
        self.conflict.set(false);
        let work = async move {
            let answer = client.save_pipeline(signal, &change).await;
            if answer.as_ref().is_err_and(|failure| failure.code() == "conflict") {
                pipe.conflict.try_set(true);
                // To know what the others saved.
                pipe.server.load().await;
                return Ok(None);
            }
            answer?;
            Ok(client.pipelines().await.ok())
        };
        self.change.start(work, move |list: Option<PipelineList>| {
            let Some(list) = list else { return };
            self.server.live.take(Ok(list));
            self.saved.with_untracked(|saved| self.take(saved));
            self.context().notify(text().saved);
        });
    }

    /// Saves over what somebody else saved.
    pub(super) fn save_over(self) {
        let revision = self.saved.with_untracked(|(revision, _)| *revision);
        self.draft.update(|draft| draft.revision = revision);
        self.save();
    }

    /// What a step did since it was saved; tracked.
    pub(super) fn totals(self, key: u32) -> Option<StepTotals> {
        let name = self.draft.with(|draft| draft.get(key).map(|step| step.step.name.clone()))?;
        self.server.live.answer.with(|answer| {
            let info = answer.as_ref()?.items.iter().find(|info| info.signal == self.signal)?;
            info.steps.iter().find(|step| step.step.name == name).map(|step| step.totals.clone())
        })
    }

    /// Something of a step, the default when it is gone; tracked.
    pub(super) fn of<T: Default>(self, key: u32, read: impl FnOnce(&PipelineStep) -> T) -> T {
        self.draft.with(|draft| draft.get(key).map(|step| read(&step.step)).unwrap_or_default())
    }

    /// What a step did in the preview; tracked.
    pub(super) fn tried(self, key: u32) -> Option<StepTotals> {
        let place = self.draft.with(|draft| draft.working_place(key))?;
        self.trial.asked.answer.with(|tried| tried.as_ref()?.result.steps.get(place).cloned())
    }

    /// The plugin of an operator; tracked.
    pub(super) fn plugin(self, operator: &str) -> Option<PluginInfo> {
        let name = operator.strip_prefix(PLUGIN)?;
        self.server.plugins.with(|plugins| plugins.iter().find(|plugin| plugin.name == name).cloned())
    }

    /// Moves a step among the others, and says where it is.
    pub(super) fn move_to(self, key: u32, place: usize) {
        self.draft.update(|draft| draft.move_to(key, place));
        let (name, place, count) = self.draft.with_untracked(|draft| {
            let name = draft.get(key).map(|step| step.step.name.clone()).unwrap_or_default();
            (name, draft.place(key).unwrap_or(0) + 1, draft.steps.len())
        });
        self.said.set((text().moved)(&name, &place.to_string(), &count.to_string()));
    }

    /// Moves a step by one place.
    pub(super) fn shift(self, key: u32, by: isize) {
        if let Some(place) = self.draft.with_untracked(|draft| draft.place(key)) {
            self.move_to(key, place.saturating_add_signed(by));
        }
    }

    /// Shows the next step, or the one before.
    pub(super) fn step_on(self, by: isize) {
        let next = self.draft.with_untracked(|draft| {
            let place = self.chosen.get_untracked().and_then(|key| draft.place(key));
            let next = place.map_or(0, |place| place.saturating_add_signed(by));
            draft.steps.get(next).map(|step| step.key)
        });
        if next.is_some() {
            self.chosen.set(next);
        }
    }

    /// Adds a step and shows it.
    pub(super) fn add(self, operator: &str, config: Value, search: Option<&str>) {
        let mut added = None;
        self.draft.update(|draft| added = Some(draft.add(operator, config, search)));
        self.chosen.set(added);
        self.adding.set(false);
    }

    /// Takes a step out and shows the one behind it, else the one before.
    pub(super) fn remove(self, key: u32) {
        let next = self.draft.with_untracked(|draft| {
            let place = draft.place(key)?;
            let near =
                draft.steps.get(place + 1).or_else(|| place.checked_sub(1).and_then(|place| draft.steps.get(place)));
            near.map(|step| step.key)
        });
        self.chosen.set(next);
        self.draft.update(|draft| draft.remove(key));
    }

    /// Asks for the counters again.
    pub(super) fn refresh(self) {
        spawn_local(self.server.load());
        self.trial.again();
    }
}

fn key(signal: &str) -> String {
    format!("lincei.pipeline.{signal}")
}

/// The draft that was begun in this browser.
fn begun(signal: &str) -> Option<Draft> {
    let change: PipelineChange = serde_json::from_str(&browser::remembered(&key(signal))?).ok()?;
    Some(Draft::of(change.revision, change.steps))
}

fn of_saved((revision, steps): &(u64, Vec<PipelineStep>)) -> Draft {
    Draft::of(*revision, steps.clone())
}

fn change_of(draft: &Draft) -> PipelineChange {
    PipelineChange { revision: draft.revision, steps: draft.to_steps() }
}
