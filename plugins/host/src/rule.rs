//! Plugins of the world `rule`.

use crate::compile::Compiled;
use crate::error::{HostError, PluginFailure};
use crate::guest::Guest;
use crate::instance::{Instance, timed};
use crate::oncall::{Action, Event, RuleContext};
use crate::plugin::{Core, Description, Parts, Plugin, implement_world, introduces, said};
use crate::v1::rule as wit;
use crate::{PluginEngine, PluginKind, PluginLimits};
use lincei_model::Clock;
use lincei_pipeline::FailureKind;
use std::sync::Arc;

implement_world!(wit::Rule, wit::RulePre<Guest>, wit::lincei::plugin::rules::Info);
introduces!(wit::lincei::plugin::rules::Info);

/// What a rule may keep for a key.
const MEMORY_BYTES_MAX: usize = 4 << 10;
/// Actions of one decision.
const ACTIONS_MAX: usize = 100;

/// One version of a rule.
pub struct RulePlugin {
    core: Core<wit::Rule>,
    description: Description,
}

impl RulePlugin {
    /// Prepares a compiled plugin, asks it what it is and configures a first instance.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is no rule; [`HostError::Trial`] when it fails.
    pub fn load(
        engine: &Arc<PluginEngine>,
        compiled: &Compiled,
        plugin: &Arc<Plugin>,
        limits: PluginLimits,
        config: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, HostError> {
        let parts = Parts::new(engine, plugin, limits, config, clock)?;
        let (core, description) = Core::load_for_oncall(parts, compiled, PluginKind::Rule)?;
        Ok(Self { core, description })
    }

    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Decides on an event.
    ///
    /// # Errors
    /// Whatever the guest could not do.
    pub fn decide(&self, event: Event, context: RuleContext) -> Result<Vec<Action>, PluginFailure> {
        let parts = self.core.parts();
        let cpu_max = self.core.call_cpu_max();
        let (event, context) = (event.into(), context.into());
        let run = |instance: &mut Instance<wit::Rule>| {
            let Instance { store, world } = instance;
            let decided = timed(&parts.engine, store, cpu_max, |store| world.call_decide(store, &event, &context))?;
            let actions: Vec<Action> = said(decided)?.into_iter().map(Action::from).collect();
            check(&actions)?;
            Ok(actions)
        };
        let outcome = self.core.ask(run);
        parts.plugin.stats().records(1, usize::from(outcome.is_ok()), 0);
        outcome
    }
}

fn check(actions: &[Action]) -> Result<(), PluginFailure> {
    if actions.len() > ACTIONS_MAX {
        let detail = format!("{} actions, at most {ACTIONS_MAX} are allowed", actions.len());
        return Err(PluginFailure::new(FailureKind::Output, detail));
    }
    let memory = actions.iter().find_map(|action| match action {
        Action::Remember(memory) if memory.len() > MEMORY_BYTES_MAX => Some(memory.len()),
        _ => None,
    });
    match memory {
        Some(bytes) => {
            let detail = format!("{bytes} bytes to remember, at most {MEMORY_BYTES_MAX} are allowed");
            Err(PluginFailure::new(FailureKind::Output, detail))
        }
        None => Ok(()),
    }
}
