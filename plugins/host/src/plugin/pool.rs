//! Instances of one version of a plugin.

use super::{Description, Plugin};
use crate::breaker::Breaker;
use crate::compile::Compiled;
use crate::engine::PluginEngine;
use crate::error::{HostError, PluginFailure};
use crate::guest::Guest;
use crate::instance::{Instance, shortened, store, timed};
use crate::kind::PluginKind;
use crate::limits::PluginLimits;
use crate::notifier::NotifierEnvironment;
use lincei_model::Clock;
use lincei_pipeline::{ColumnUse, FailureKind};
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::{InstancePre, Linker};

/// How long a call waits for an instance that is in use.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// One of the five worlds.
pub(crate) trait World: Sized + Send + 'static {
    /// Exports looked up once.
    type Pre: Send + Sync;
    /// What `describe` gives.
    type Info: Send;

    /// Defines what the world may import, and nothing else.
    fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()>;
    /// Fails when an export is missing or has another type.
    fn prepare(pre: InstancePre<Guest>) -> wasmtime::Result<Self::Pre>;
    fn instantiate(pre: &Self::Pre, store: &mut Store<Guest>) -> wasmtime::Result<Self>;
    fn describe(&self, store: &mut Store<Guest>) -> wasmtime::Result<Self::Info>;
    /// Worlds without it have nothing to configure.
    fn init(&self, store: &mut Store<Guest>, config: &str) -> wasmtime::Result<Result<(), String>>;
}

/// What plugins for on-call say of themselves.
pub(crate) struct Introduction {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
}

/// Makes an [`Introduction`] of what `describe` gives in the worlds for on-call.
macro_rules! introduces {
    ($info:ty) => {
        impl From<$info> for $crate::plugin::Introduction {
            fn from(info: $info) -> Self {
                Self { name: info.name, version: info.version, description: info.description }
            }
        }
    };
}
pub(crate) use introduces;

/// Implements [`World`] for the bindings of a world that has `describe` and, unless it says otherwise,
/// `init`.
macro_rules! implement_world {
    ($world:ty, $pre:ty, $info:ty) => {
        $crate::plugin::implement_world!($world, $pre, $info, |world: &$world, store, config| world
            .call_init(store, config));
    };
    ($world:ty, $pre:ty, $info:ty, $init:expr) => {
        impl $crate::plugin::World for $world {
            type Pre = $pre;
            type Info = $info;

            fn link(linker: &mut wasmtime::component::Linker<$crate::guest::Guest>) -> wasmtime::Result<()> {
                Self::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, |guest| guest)
            }

            fn prepare(pre: wasmtime::component::InstancePre<$crate::guest::Guest>) -> wasmtime::Result<Self::Pre> {
                <$pre>::new(pre)
            }

            fn instantiate(
                pre: &Self::Pre,
                store: &mut wasmtime::Store<$crate::guest::Guest>,
            ) -> wasmtime::Result<Self> {
                pre.instantiate(store)
            }

            fn describe(&self, store: &mut wasmtime::Store<$crate::guest::Guest>) -> wasmtime::Result<Self::Info> {
                self.call_describe(store)
            }

            fn init(
                &self,
                store: &mut wasmtime::Store<$crate::guest::Guest>,
                config: &str,
            ) -> wasmtime::Result<Result<(), String>> {
                ($init)(self, store, config)
            }
        }
    };
}
pub(crate) use implement_world;

/// What an instance is made with.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) engine: Arc<PluginEngine>,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) limits: Arc<PluginLimits>,
    pub(crate) clock: Arc<dyn Clock>,
    /// As JSON.
    pub(crate) config: String,
    pub(crate) environment: Option<Arc<NotifierEnvironment>>,
}

impl Parts {
    /// Without an environment; checks the limits.
    pub(crate) fn new(
        engine: &Arc<PluginEngine>,
        plugin: &Arc<Plugin>,
        limits: PluginLimits,
        config: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, HostError> {
        limits.check()?;
        Ok(Self {
            engine: Arc::clone(engine),
            plugin: Arc::clone(plugin),
            limits: Arc::new(limits),
            clock: Arc::clone(clock),
            config: config.to_owned(),
            environment: None,
        })
    }
}

struct Pool<W> {
    idle: Vec<Instance<W>>,
    /// Those in use and those idle.
    made: usize,
    breaker: Breaker,
}

/// One version of a plugin, ready to be called.
pub(crate) struct Core<W: World> {
    parts: Parts,
    pre: W::Pre,
    /// Columns that the description lists.
    uses: Vec<ColumnUse>,
    instances_max: usize,
    pool: Mutex<Pool<W>>,
    returned: Condvar,
    /// Brings an instance to where its forerunner was.
    restore: Mutex<Option<Vec<u8>>>,
}

impl<W: World> Core<W> {
    /// Prepares a compiled plugin and asks it what it is, in an instance that is thrown away.
    pub(crate) fn load(parts: Parts, compiled: &Compiled) -> Result<(Self, W::Info), HostError> {
        let mut linker = Linker::new(parts.engine.engine());
        W::link(&mut linker).map_err(|error| HostError::engine(&error))?;
        let invalid =
            |error: wasmtime::Error| HostError::invalid(format!("the plugin does not fit its world: {error:#}"));
        let pre = linker.instantiate_pre(compiled.component()).map_err(invalid)?;
        let pre = W::prepare(pre).map_err(invalid)?;
        let core = Self {
            instances_max: usize::try_from(parts.limits.concurrency).unwrap_or(0),
            parts,
            pre,
            uses: Vec::new(),
            pool: Mutex::new(Pool { idle: Vec::new(), made: 0, breaker: Breaker::default() }),
            returned: Condvar::new(),
            restore: Mutex::new(None),
        };
        let info = core.describe().map_err(HostError::Trial)?;
        Ok((core, info))
    }

    fn describe(&self) -> Result<W::Info, PluginFailure> {
        let (world, mut store) = self.instantiate()?;
        self.timed_init(&mut store, |store| world.describe(store))
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(crate) fn set_columns(&mut self, uses: Vec<ColumnUse>) {
        self.uses = uses;
    }

    /// At most one instance at a time.
    pub(crate) const fn only_one_instance(&mut self) {
        self.instances_max = 1;
    }

    fn timed_init<R>(
        &self,
        store: &mut Store<Guest>,
        run: impl FnOnce(&mut Store<Guest>) -> wasmtime::Result<R>,
    ) -> Result<R, PluginFailure> {
        timed(&self.parts.engine, store, Duration::from_millis(self.parts.limits.init_cpu_ms.into()), run)
    }

    fn instantiate(&self) -> Result<(W, Store<Guest>), PluginFailure> {
        let Parts { engine, plugin, limits, clock, environment, .. } = &self.parts;
        let guest = Guest::new(Arc::clone(plugin), Arc::clone(limits), Arc::clone(clock), environment.clone());
        let mut store = store(engine, guest);
        store.data_mut().columns = crate::guest::Columns::declared(&self.uses);
        let world = self.timed_init(&mut store, |store| W::instantiate(&self.pre, store))?;
        plugin.stats().made_instance();
        Ok((world, store))
    }

    /// A configured instance.
    pub(crate) fn make(
        &self,
        restore: impl FnOnce(&W, &mut Store<Guest>, &[u8]) -> wasmtime::Result<Result<(), String>>,
    ) -> Result<Instance<W>, PluginFailure> {
        let (world, mut store) = self.instantiate()?;
        let config = &self.parts.config;
        said(self.timed_init(&mut store, |store| world.init(store, config))?)?;
        if let Some(memory) = self.restore.lock().clone() {
            said(self.timed_init(&mut store, |store| restore(&world, store, &memory))?)?;
        }
        Ok(Instance { store, world })
    }

    /// What the next instance is to be restored from.
    pub(crate) fn keep_memory(&self, memory: Option<Vec<u8>>) {
        *self.restore.lock() = memory;
    }

    pub(crate) fn kept_memory(&self) -> Option<Vec<u8>> {
        self.restore.lock().clone()
    }

    /// CPU time of one call.
    pub(crate) fn call_cpu_max(&self) -> Duration {
        Duration::from_millis(self.parts.limits.call_cpu_ms.into())
    }

    /// Calls an instance of a world whose instances remember nothing.
    pub(crate) fn ask<R>(
        &self,
        run: impl FnOnce(&mut Instance<W>) -> Result<R, PluginFailure>,
    ) -> Result<R, PluginFailure> {
        self.call(|_, _, _| Ok(Ok(())), |_| {}, run)
    }

    /// Calls an instance. One that failed is dropped; one that used much of its memory is given to
    /// `recycle` and dropped.
    pub(crate) fn call<R>(
        &self,
        restore: impl FnOnce(&W, &mut Store<Guest>, &[u8]) -> wasmtime::Result<Result<(), String>>,
        recycle: impl FnOnce(&mut Instance<W>),
        run: impl FnOnce(&mut Instance<W>) -> Result<R, PluginFailure>,
    ) -> Result<R, PluginFailure> {
        let outcome = self.checked_out(restore, recycle, run);
        if let Err(failure) = &outcome {
            self.parts.plugin.stats().failed(failure, self.parts.clock.now_ns());
        }
        outcome
    }

    fn checked_out<R>(
        &self,
        restore: impl FnOnce(&W, &mut Store<Guest>, &[u8]) -> wasmtime::Result<Result<(), String>>,
        recycle: impl FnOnce(&mut Instance<W>),
        run: impl FnOnce(&mut Instance<W>) -> Result<R, PluginFailure>,
    ) -> Result<R, PluginFailure> {
        let idle = self.acquire()?;
        let place = Place { core: self };
        let made = match idle {
            Some(instance) => Ok(instance),
            None => self.make(restore),
        };
        let outcome = made.and_then(|mut instance| match run(&mut instance) {
            // it said so itself, and can be asked again
            Err(failure) if failure.kind == FailureKind::Refused => Ok((Err(failure), instance)),
            Err(failure) => Err(failure),
            Ok(result) => Ok((Ok(result), instance)),
        });
        match outcome {
            Ok((result, mut instance)) => {
                if instance.store.data().meter.is_high() {
                    recycle(&mut instance);
                    drop(instance);
                    self.pool.lock().breaker.succeeded();
                } else {
                    let mut pool = self.pool.lock();
                    pool.breaker.succeeded();
                    pool.idle.push(instance);
                    pool.made += 1;
                }
                drop(place);
                result
            }
            Err(failure) => {
                self.pool.lock().breaker.failed(Instant::now());
                Err(failure)
            }
        }
    }

    /// An idle instance, or the right to make one.
    fn acquire(&self) -> Result<Option<Instance<W>>, PluginFailure> {
        let start = Instant::now();
        let mut pool = self.pool.lock();
        if let Err(left) = pool.breaker.admit(start) {
            let detail =
                format!("it failed several times in a row and is not asked for {} ms", left.as_millis().max(1));
            return Err(PluginFailure::new(FailureKind::Open, detail));
        }
        loop {
            if let Some(instance) = pool.idle.pop() {
                return Ok(Some(instance));
            }
            if self.instances_max == 0 || pool.made < self.instances_max {
                pool.made += 1;
                return Ok(None);
            }
            if self.returned.wait_until(&mut pool, start + WAIT_MAX).timed_out() {
                pool.breaker.withdrawn();
                let detail = format!("no instance was free for {} s", WAIT_MAX.as_secs());
                return Err(PluginFailure::new(FailureKind::Limit, detail));
            }
        }
    }

    /// Runs something on the only instance while no call can have it; without one on none.
    pub(crate) fn exclusively<R>(&self, run: impl FnOnce(Option<&mut Instance<W>>) -> R) -> R {
        let mut pool = self.pool.lock();
        let start = Instant::now();
        while pool.made > pool.idle.len() {
            if self.returned.wait_until(&mut pool, start + WAIT_MAX).timed_out() {
                break;
            }
        }
        run(pool.idle.first_mut())
    }

    /// Drops the instances that are idle.
    pub(crate) fn forget_idle(&self) {
        let mut pool = self.pool.lock();
        pool.made -= pool.idle.len();
        pool.idle.clear();
    }

    /// Whether calls are kept away now.
    pub(crate) fn is_open(&self) -> bool {
        self.pool.lock().breaker.is_open(Instant::now())
    }
}

impl<W: World<Info: Into<Introduction>>> Core<W> {
    /// Prepares a compiled plugin for on-call, asks it what it is and configures a first instance.
    pub(crate) fn load_for_oncall(
        parts: Parts,
        compiled: &Compiled,
        kind: PluginKind,
    ) -> Result<(Self, Description), HostError> {
        let (core, info) = Self::load(parts, compiled)?;
        let Introduction { name, version, description } = info.into();
        crate::operator::check_name(&name)?;
        core.ask(|_| Ok(())).map_err(HostError::Trial)?;
        Ok((core, Description::plain(kind, name, version, description)))
    }
}

/// The place of an instance in use.
struct Place<'c, W: World> {
    core: &'c Core<W>,
}

impl<W: World> Drop for Place<'_, W> {
    fn drop(&mut self) {
        let mut pool = self.core.pool.lock();
        pool.made = pool.made.saturating_sub(1);
        self.core.returned.notify_one();
    }
}

/// A failure that the guest itself reported.
pub(crate) fn said<R>(outcome: Result<R, String>) -> Result<R, PluginFailure> {
    outcome.map_err(|message| PluginFailure::new(FailureKind::Refused, shortened(message)))
}
