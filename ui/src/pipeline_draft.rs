//! Steps of a pipeline as they are edited, before they are saved.

use lincei_api::PipelineStep;
use serde_json::Value;

/// Steps of one pipeline, as the API has it.
pub const STEPS_MAX: usize = 64;
const NAME_CHARACTERS_MAX: usize = 64;
/// What the operator of a plugin begins with.
pub const PLUGIN: &str = PipelineStep::PLUGIN;
/// Where a route can lead besides steps.
pub const TARGETS: [&str; 4] = ["next", "end", "drop", "reject"];
/// What can happen to records that an operator failed on.
pub const POLICIES: [&str; 3] = ["pass", "hold", "reject"];

/// A step, and the text of its configuration, which may not be JSON yet.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftStep {
    /// Tells it from the others whatever its name and place.
    pub key: u32,
    /// The step; its configuration is that of `config` when that can be read.
    pub step: PipelineStep,
    /// Its configuration, as typed.
    pub config: String,
}

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its name is no name.
    Name,
    /// Another step has the name.
    NameTwice,
    /// Its configuration is no JSON: line and column, from 1, and why.
    Config(usize, usize, String),
    /// A route leads to what is no step behind it that works.
    Route(String, String),
}

/// Steps that are edited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The revision that they were made from.
    pub revision: u64,
    /// In their order.
    pub steps: Vec<DraftStep>,
    next_key: u32,
}

impl Draft {
    /// Of steps that are saved, or were kept.
    #[must_use]
    pub fn of(revision: u64, steps: impl IntoIterator<Item = PipelineStep>) -> Self {
        let mut draft = Self { revision, ..Self::default() };
        for step in steps {
            draft.push(step);
        }
        draft
    }

    fn push(&mut self, step: PipelineStep) -> u32 {
        let key = self.next_key;
        self.next_key += 1;
        let config = written(&step.config);
        self.steps.push(DraftStep { key, step, config });
        key
    }

    /// Adds a step at the end; returns its key. Its name is that of the operator, with a number where
    /// there is one of that name.
    pub fn add(&mut self, operator: &str, config: Value, search: Option<&str>) -> u32 {
        let base = name_for(operator);
        let mut name = base.clone();
        let mut number = 1;
        while self.steps.iter().any(|other| other.step.name == name) {
            number += 1;
            name = format!("{base}-{number}");
        }
        self.push(PipelineStep {
            name,
            operator: operator.to_owned(),
            config,
            search: search.map(str::to_owned),
            on_failure: "pass".to_owned(),
            ..PipelineStep::default()
        })
    }

    /// Takes a step out.
    pub fn remove(&mut self, key: u32) {
        self.steps.retain(|step| step.key != key);
    }

    /// A step.
    #[must_use]
    pub fn get(&self, key: u32) -> Option<&DraftStep> {
        self.steps.iter().find(|step| step.key == key)
    }

    /// The key of a step by its name.
    #[must_use]
    pub fn key_of(&self, name: &str) -> Option<u32> {
        self.steps.iter().find(|step| step.step.name == name).map(|step| step.key)
    }

    /// The place of a step, from 0.
    #[must_use]
    pub fn place(&self, key: u32) -> Option<usize> {
        self.steps.iter().position(|step| step.key == key)
    }

    /// The place of a step among those that work, from 0: previews tell of these alone.
    #[must_use]
    pub fn working_place(&self, key: u32) -> Option<usize> {
        self.steps.iter().filter(|step| !step.step.disabled).position(|step| step.key == key)
    }

    /// Moves a step to a place, the last where there are not so many.
    pub fn move_to(&mut self, key: u32, place: usize) {
        let Some(from) = self.place(key) else { return };
        let step = self.steps.remove(from);
        self.steps.insert(place.min(self.steps.len()), step);
    }

    /// Changes a step.
    pub fn change(&mut self, key: u32, change: impl FnOnce(&mut PipelineStep)) {
        if let Some(found) = self.steps.iter_mut().find(|step| step.key == key) {
            change(&mut found.step);
        }
    }

    /// Takes what was typed as the configuration of a step.
    pub fn configure(&mut self, key: u32, text: String) {
        let Some(found) = self.steps.iter_mut().find(|step| step.key == key) else { return };
        if let Ok(config) = read(&text) {
            found.step.config = config;
        }
        found.config = text;
    }

    /// Renames a step, and the routes that lead to it.
    pub fn rename(&mut self, key: u32, name: &str) {
        let Some(before) = self.get(key).map(|step| step.step.name.clone()) else { return };
        let was_only = self.steps.iter().filter(|step| step.step.name == before).count() == 1;
        for found in &mut self.steps {
            if found.key == key {
                name.clone_into(&mut found.step.name);
            } else if was_only && !TARGETS.contains(&before.as_str()) {
                found.step.routes.values_mut().filter(|to| **to == before).for_each(|to| name.clone_into(to));
            }
        }
    }

    /// As the API takes them.
    #[must_use]
    pub fn to_steps(&self) -> Vec<PipelineStep> {
        self.steps.iter().map(|step| step.step.clone()).collect()
    }

    /// Those up to a step, or all without one; routes beyond it end there.
    #[must_use]
    pub fn up_to(&self, key: Option<u32>) -> Vec<PipelineStep> {
        let last = key.and_then(|key| self.place(key)).unwrap_or(self.steps.len());
        let mut steps: Vec<PipelineStep> = self.to_steps().into_iter().take(last.saturating_add(1)).collect();
        let names: Vec<String> = steps.iter().map(|step| step.name.clone()).collect();
        let leads = |to: &str| TARGETS.contains(&to) || names.iter().any(|name| name == to);
        for to in steps.iter_mut().flat_map(|step| step.routes.values_mut()).filter(|to| !leads(to)) {
            "end".clone_into(to);
        }
        steps
    }

    /// Whether they are others than those.
    #[must_use]
    pub fn differs(&self, saved: &[PipelineStep]) -> bool {
        self.steps.len() != saved.len()
            || self.steps.iter().zip(saved).any(|(own, saved)| own.step != *saved || read(&own.config).is_err())
    }

    /// Where the routes of a step can lead.
    #[must_use]
    pub fn targets(&self, key: u32) -> Vec<String> {
        let behind = self.place(key).map_or(usize::MAX, |place| place + 1);
        let works = self.steps.iter().skip(behind).filter(|step| !step.step.disabled);
        let steps = works.map(|step| step.step.name.clone());
        TARGETS.iter().map(|target| (*target).to_owned()).chain(steps).collect()
    }

    /// What is wrong with a step; the first thing.
    #[must_use]
    pub fn flaw(&self, key: u32) -> Option<Flaw> {
        let own = self.get(key)?;
        let name = &own.step.name;
        if !is_name(name) {
            return Some(Flaw::Name);
        }
        if self.steps.iter().any(|other| other.key != key && other.step.name == *name) {
            return Some(Flaw::NameTwice);
        }
        if let Err(error) = read(&own.config) {
            let (line, column, why) = error;
            return Some(Flaw::Config(line, column, why));
        }
        if own.step.disabled {
            return None;
        }
        let targets = self.targets(key);
        let lost = own.step.routes.iter().find(|(_, to)| !targets.contains(*to));
        lost.map(|(route, to)| Flaw::Route(route.clone(), to.clone()))
    }

    /// The key of the first step with a flaw.
    #[must_use]
    pub fn flawed(&self) -> Option<u32> {
        self.steps.iter().map(|step| step.key).find(|key| self.flaw(*key).is_some())
    }
}

/// Whether a step can have this name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=NAME_CHARACTERS_MAX).contains(&name.len()) && name.chars().all(good)
}

fn name_for(operator: &str) -> String {
    let name = operator.strip_prefix(PLUGIN).unwrap_or(operator);
    // Room for a number behind it.
    name.replace('_', "-").chars().take(NAME_CHARACTERS_MAX - 3).collect()
}

/// The configuration that a built-in operator begins with: one that works, to be changed.
#[must_use]
pub fn first_config(operator: &str, signal: &str) -> Value {
    let source = match signal {
        "logs" => "body",
        "spans" => "attributes.url.full",
        _ => "attributes.user.email",
    };
    let text = match operator {
        "parse_json" => r#"{"source": "$", "fields": {"user.id": "attributes.user.id"}}"#,
        "redact" => r#"{"columns": ["$"], "pattern": "[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+", "replacement": "[email]"}"#,
        "set" => r#"{"values": {"attributes.team": "payments"}}"#,
        _ => return Value::Null,
    };
    serde_json::from_str(&text.replace('$', source)).unwrap_or(Value::Null)
}

fn written(config: &Value) -> String {
    if config.is_null() { String::new() } else { serde_json::to_string_pretty(config).unwrap_or_default() }
}

fn read(text: &str) -> Result<Value, (usize, usize, String)> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let why = said.split(" at line ").next().unwrap_or(&said).to_owned();
        (error.line(), error.column().max(1), why)
    })
}

#[cfg(test)]
mod tests;
