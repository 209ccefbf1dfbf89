//! Plugins of the world `notifier`.

use crate::compile::Compiled;
use crate::error::{HostError, PluginFailure};
use crate::guest::Guest;
use crate::http::{Http, HttpRefused, HttpRequest, HttpResponse, Secrets, replace_secrets};
use crate::instance::{Instance, timed};
use crate::oncall::{Message, NotifyFailure, Receipt};
use crate::plugin::{Core, Description, Parts, Plugin, implement_world, introduces};
use crate::v1::notifier as wit;
use crate::{PluginEngine, PluginKind, PluginLimits};
use lincei_model::Clock;

use std::sync::Arc;
use std::time::Duration;

implement_world!(wit::Notifier, wit::NotifierPre<Guest>, wit::lincei::plugin::notifiers::Info);
introduces!(wit::lincei::plugin::notifiers::Info);

/// What a notifier may reach.
pub struct NotifierEnvironment {
    /// Sends requests.
    pub http: Arc<dyn Http>,
    /// What `${secret:NAME}` stands for.
    pub secrets: Arc<dyn Secrets>,
    /// Hosts it may send to, as `api.example.com` or `127.0.0.1:8080`; with `http://` before it without
    /// encryption, too.
    pub hosts: Vec<String>,
    /// How long its requests may take together in one call.
    pub wait_max: Duration,
}

impl NotifierEnvironment {
    pub(crate) fn has_secret(&self, name: &str) -> bool {
        self.secrets.secret(name).is_some()
    }

    /// Sends a request to a host on the list, with secrets put in on the way.
    pub(crate) fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpRefused> {
        // the list holds for what the plugin wrote: a secret must not choose the host
        crate::http::check_host(&request.url, &self.hosts)?;
        let (request, hidden) = replace_secrets(request, self.secrets.as_ref())?;
        crate::http::check_host(&request.url, &self.hosts)?;
        self.http.send(request).map(|response| response.without(&hidden))
    }
}

/// One version of a notifier.
pub struct NotifierPlugin {
    core: Core<wit::Notifier>,
    description: Description,
}

impl NotifierPlugin {
    /// Prepares a compiled plugin, asks it what it is and configures a first instance.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is no notifier; [`HostError::Trial`] when it fails.
    pub fn load(
        engine: &Arc<PluginEngine>,
        compiled: &Compiled,
        plugin: &Arc<Plugin>,
        limits: PluginLimits,
        config: &str,
        clock: &Arc<dyn Clock>,
        environment: Arc<NotifierEnvironment>,
    ) -> Result<Self, HostError> {
        let mut parts = Parts::new(engine, plugin, limits, config, clock)?;
        parts.environment = Some(environment);
        let (core, description) = Core::load_for_oncall(parts, compiled, PluginKind::Notifier)?;
        Ok(Self { core, description })
    }

    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Delivers a message.
    ///
    /// # Errors
    /// Outside: whatever the guest could not do. Inside: what it says about the message.
    pub fn send(&self, message: Message) -> Result<Result<Receipt, NotifyFailure>, PluginFailure> {
        let parts = self.core.parts();
        let cpu_max = self.core.call_cpu_max();
        let message = message.into();
        let run = |instance: &mut Instance<wit::Notifier>| {
            let Instance { store, world } = instance;
            let sent = timed(&parts.engine, store, cpu_max, |store| world.call_send(store, &message))?;
            Ok(match sent {
                Ok(receipt) => Ok(Receipt { provider_id: receipt.provider_id }),
                Err(failure) => Err(NotifyFailure::from(failure)),
            })
        };
        let outcome = self.core.ask(run);
        parts.plugin.stats().records(1, usize::from(matches!(outcome, Ok(Ok(_)))), 0);
        outcome
    }
}
