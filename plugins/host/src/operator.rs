//! Plugins of the world `operator` as operators of a pipeline.

mod delta;

use crate::compile::Compiled;
use crate::error::{HostError, PluginFailure};
use crate::flat;
use crate::guest::Guest;
use crate::guest::kernel_column_type;
use crate::instance::{Instance, timed};
use crate::plugin::{Core, Description, Parts, Plugin, implement_world};
use crate::v1::columns::{Access as WitAccess, ColumnUse as WitColumnUse, Frame};
use crate::v1::operator as wit;
use crate::v1::operators::{Info, Memory, Signal};
use crate::{PluginEngine, PluginLimits};
use lincei_model::{Clock, Table};
use lincei_pipeline::{
    ANY_COLUMN, Access, ColumnPath, ColumnUse, FailureKind, Operator, OperatorError, OperatorInfo, Work,
};
use parking_lot::RwLock;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::Resource;

/// Columns that a description may list.
const COLUMNS_MAX: usize = 256;
/// Routes that a description may list.
const ROUTES_MAX: usize = 64;
/// Characters of a name.
const NAME_CHARS_MAX: usize = 64;
/// Bytes of an instance's memory that is carried over.
const SNAPSHOT_BYTES_MAX: usize = 16 << 20;

implement_world!(wit::Operator, wit::OperatorPre<Guest>, Info);

/// One version of an operator.
pub struct OperatorPlugin {
    core: Core<wit::Operator>,
    info: Arc<OperatorInfo>,
    description: Description,
    remembers: bool,
}

pub(crate) const fn table_of(signal: Signal) -> Table {
    match signal {
        Signal::Logs => Table::Logs,
        Signal::Spans => Table::Spans,
        Signal::Metrics => Table::Metrics,
    }
}

/// Whether a name may stand in paths, tables and links.
pub(crate) fn check_name(name: &str) -> Result<(), HostError> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(is_plain) {
        let shown: String = name.chars().take(NAME_CHARS_MAX).collect();
        let detail = format!("name {shown:?} is not 1 to {NAME_CHARS_MAX} of a-z, 0-9 and -");
        return Err(HostError::invalid(detail));
    }
    Ok(())
}

fn column_use(used: &WitColumnUse) -> ColumnUse {
    let access = match used.access {
        WitAccess::Read => Access::READ,
        WitAccess::Write => Access::WRITE,
        WitAccess::ReadWrite => Access::READ_WRITE,
    };
    ColumnUse { path: used.path.clone(), column_type: kernel_column_type(used.type_), access }
}

/// What a description says, if it keeps the rules.
fn checked(info: Info) -> Result<(OperatorInfo, String, bool), HostError> {
    check_name(&info.name)?;
    let mut tables: Vec<Table> = info.signals.iter().map(|signal| table_of(*signal)).collect();
    tables.sort_unstable();
    tables.dedup();
    if tables.is_empty() {
        return Err(HostError::invalid("the description lists no signal"));
    }
    if info.columns.len() > COLUMNS_MAX || info.routes.len() > ROUTES_MAX {
        let detail = format!("the description lists more than {COLUMNS_MAX} columns or {ROUTES_MAX} routes");
        return Err(HostError::invalid(detail));
    }
    let columns: Vec<ColumnUse> = info.columns.iter().map(column_use).collect();
    for (table, column) in tables.iter().flat_map(|table| columns.iter().map(move |column| (*table, column))) {
        if column.path == ANY_COLUMN {
            continue;
        }
        let path = ColumnPath::parse(table, &column.path);
        path.and_then(|path| path.check_type(table, column.column_type))
            .map_err(|error| HostError::invalid(format!("the description: {error}")))?;
    }
    let description = crate::instance::shortened(info.description);
    let operator = OperatorInfo {
        name: info.name,
        version: Some(info.version.chars().take(NAME_CHARS_MAX).collect()),
        tables,
        columns,
        batch_hint: usize::try_from(info.batch_hint).unwrap_or(0),
        routes: info.routes,
    };
    Ok((operator, description, info.memory == Memory::Instance))
}

/// As [`Core::make`] wants it.
fn restore(world: &wit::Operator, store: &mut Store<Guest>, memory: &[u8]) -> wasmtime::Result<Result<(), String>> {
    world.call_restore(store, memory)
}

impl OperatorPlugin {
    /// Prepares a compiled plugin, asks it what it is, and makes a first instance with the configuration
    /// (JSON), so that what is wrong with it is seen now.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is no operator or its description breaks a rule;
    /// [`HostError::Trial`] when it fails.
    pub fn load(
        engine: &Arc<PluginEngine>,
        compiled: &Compiled,
        plugin: &Arc<Plugin>,
        limits: PluginLimits,
        config: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, HostError> {
        let parts = Parts::new(engine, plugin, limits, config, clock)?;
        let (mut core, info) = Core::<wit::Operator>::load(parts, compiled)?;
        let (info, text, remembers) = checked(info)?;
        core.set_columns(info.columns.clone());
        if remembers {
            core.only_one_instance();
        }
        let description = Description::of_operator(&info, text, remembers);
        // in counts, errors and rejects it is known by the name under which it is installed
        let info = OperatorInfo { name: plugin.identity().name.clone(), ..info };
        let this = Self { core, info: Arc::new(info), description, remembers };
        this.try_out()?;
        Ok(this)
    }

    /// Makes an instance and keeps it.
    fn try_out(&self) -> Result<(), HostError> {
        let nothing = |_: &mut Instance<wit::Operator>| {};
        self.core.call(restore, nothing, |_| Ok(())).map_err(HostError::Trial)
    }

    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Whether it is not asked for now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.core.is_open()
    }

    /// Its memory, when it has one: for another instance.
    #[must_use]
    pub fn snapshot(&self) -> Option<Vec<u8>> {
        if !self.remembers {
            return None;
        }
        let taken = self.core.exclusively(|instance| instance.and_then(|instance| self.snapshot_of(instance)));
        taken.or_else(|| self.core.kept_memory())
    }

    /// What its next instance starts from.
    pub fn restore_from(&self, memory: Vec<u8>) {
        if self.remembers {
            self.core.keep_memory(Some(memory));
            // whatever there is was made without it
            self.core.forget_idle();
        }
    }

    fn snapshot_of(&self, instance: &mut Instance<wit::Operator>) -> Option<Vec<u8>> {
        let limits = &self.core.parts().limits;
        let cpu_max = Duration::from_millis(limits.init_cpu_ms.into());
        let Instance { store, world } = instance;
        let taken = timed(&self.core.parts().engine, store, cpu_max, |store| world.call_snapshot(store));
        match taken {
            Ok(memory) if memory.len() <= SNAPSHOT_BYTES_MAX => Some(memory),
            Ok(memory) => {
                let plugin = &self.core.parts().plugin.identity().name;
                tracing::warn!(plugin, bytes = memory.len(), "the memory of a plugin is too large to be carried over");
                None
            }
            Err(failure) => {
                let plugin = &self.core.parts().plugin.identity().name;
                tracing::warn!(plugin, error = %failure, "the memory of a plugin could not be taken");
                None
            }
        }
    }

    fn run(&self, instance: &mut Instance<wit::Operator>, work: &mut Work) -> Result<(), PluginFailure> {
        let parts = self.core.parts();
        let cpu_max = self.core.call_cpu_max();
        let Instance { store, world } = instance;
        let frame = frame(store.data_mut(), work)?;
        let broken = |error: wasmtime::Error| PluginFailure::new(FailureKind::Internal, format!("{error:#}"));
        let handle = store.data_mut().take_work(work.take()).map_err(broken)?;
        let lent = Resource::new_borrow(handle.rep());
        let outcome = timed(&parts.engine, store, cpu_max, |store| world.call_process(store, lent, &frame));
        if let Some(taken) = store.data_mut().return_work(handle) {
            *work = taken;
        }
        let delta = crate::plugin::said(outcome?)?;
        delta::apply(store.data_mut(), work, delta, self.info.routes.len())
    }
}

/// The columns that were declared for reading.
fn frame(guest: &mut Guest, work: &mut Work) -> Result<Frame, PluginFailure> {
    let broken = |detail: String| PluginFailure::new(FailureKind::Internal, detail);
    let table = work.table();
    let mut columns = Vec::new();
    for id in guest.columns.framed() {
        let target = guest.columns.readable(id, table).map_err(broken)?;
        let values = work.read(&target.path, target.column_type).map_err(|error| broken(error.to_string()))?;
        columns.push(flat::flatten(id, &values));
    }
    Ok(Frame { rows: u32::try_from(work.rows()).unwrap_or(u32::MAX), columns })
}

impl Operator for OperatorPlugin {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.info)
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        let rows = work.rows();
        let stats = self.core.parts().plugin.stats();
        let recycle = |instance: &mut Instance<wit::Operator>| {
            if self.remembers {
                let memory = self.snapshot_of(instance);
                if memory.is_some() {
                    self.core.keep_memory(memory);
                }
            }
        };
        match self.core.call(restore, recycle, |instance| self.run(instance, work)) {
            Ok(()) => {
                let dropped = work.kept().map_or(0, |keep| rows - keep.count_set_bits());
                stats.records(rows, rows - dropped + work.emitted_rows(), dropped);
                Ok(())
            }
            Err(failure) => {
                stats.records(rows, 0, 0);
                Err(failure.into())
            }
        }
    }

    fn is_foreign(&self) -> bool {
        true
    }
}

/// The version of an operator that works now. A pipeline holds the slot, so that another version takes
/// over between two calls.
pub struct VersionSlot {
    active: RwLock<Arc<OperatorPlugin>>,
}

impl VersionSlot {
    /// With a first version.
    #[must_use]
    pub fn new(version: OperatorPlugin) -> Self {
        Self { active: RwLock::new(Arc::new(version)) }
    }

    /// The version that works now.
    #[must_use]
    pub fn active(&self) -> Arc<OperatorPlugin> {
        Arc::clone(&self.active.read())
    }

    /// Another version takes over, with the memory of the one before if both have one. Calls that run
    /// are finished by the version that they began with.
    pub fn replace(&self, version: Arc<OperatorPlugin>) {
        let mut active = self.active.write();
        if let Some(memory) = active.snapshot() {
            version.restore_from(memory);
        }
        *active = version;
    }

    /// The version that works in another slot takes over.
    pub fn replace_by(&self, other: &Self) {
        self.replace(other.active());
    }
}

impl Operator for VersionSlot {
    fn info(&self) -> Arc<OperatorInfo> {
        self.active.read().info()
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        let version = self.active();
        version.process(work)
    }

    fn is_foreign(&self) -> bool {
        true
    }
}
