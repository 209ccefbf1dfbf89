//! Plugins of the world `escalation`.

use crate::compile::Compiled;
use crate::error::{HostError, PluginFailure};
use crate::guest::Guest;
use crate::instance::{Instance, timed};
use crate::oncall::{History, Incident, Step};
use crate::plugin::{Core, Description, Parts, Plugin, implement_world, introduces, said};
use crate::v1::escalation as wit;
use crate::{PluginEngine, PluginKind, PluginLimits};
use lincei_model::Clock;
use lincei_pipeline::FailureKind;
use std::sync::Arc;

implement_world!(wit::Escalation, wit::EscalationPre<Guest>, wit::lincei::plugin::escalations::Info);
introduces!(wit::lincei::plugin::escalations::Info);

/// The shortest time between two steps, in seconds.
const WAIT_MIN: u32 = 10;
/// Whom one step may page.
const TARGETS_MAX: usize = 100;

/// One version of an escalation.
pub struct EscalationPlugin {
    core: Core<wit::Escalation>,
    description: Description,
}

impl EscalationPlugin {
    /// Prepares a compiled plugin, asks it what it is and configures a first instance.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is no escalation; [`HostError::Trial`] when it fails.
    pub fn load(
        engine: &Arc<PluginEngine>,
        compiled: &Compiled,
        plugin: &Arc<Plugin>,
        limits: PluginLimits,
        config: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, HostError> {
        let parts = Parts::new(engine, plugin, limits, config, clock)?;
        let (core, description) = Core::load_for_oncall(parts, compiled, PluginKind::Escalation)?;
        Ok(Self { core, description })
    }

    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Chooses the next step.
    ///
    /// # Errors
    /// Whatever the guest could not do.
    pub fn next(&self, incident: Incident, history: History) -> Result<Step, PluginFailure> {
        let parts = self.core.parts();
        let cpu_max = self.core.call_cpu_max();
        let (incident, history) = (incident.into(), history.into());
        let run = |instance: &mut Instance<wit::Escalation>| {
            let Instance { store, world } = instance;
            let next = timed(&parts.engine, store, cpu_max, |store| world.call_next(store, &incident, &history))?;
            let step = Step::from(said(next)?);
            check(&step)?;
            Ok(step)
        };
        let outcome = self.core.ask(run);
        parts.plugin.stats().records(1, usize::from(outcome.is_ok()), 0);
        outcome
    }
}

fn check(step: &Step) -> Result<(), PluginFailure> {
    let (seconds, targets) = match step {
        Step::Page(page) => (page.next_after, page.targets.len()),
        Step::Wait(seconds) => (*seconds, 0),
        Step::Pass | Step::Stop(_) => return Ok(()),
    };
    if seconds < WAIT_MIN || targets > TARGETS_MAX {
        let detail = format!(
            "the step waits {seconds} s and pages {targets}; at least {WAIT_MIN} s and at most {TARGETS_MAX} are allowed"
        );
        return Err(PluginFailure::new(FailureKind::Output, detail));
    }
    Ok(())
}
