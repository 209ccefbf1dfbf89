//! What a store holds for its guest, and the host's side of what a guest imports.

mod imports;
mod kernels;

pub(crate) use kernels::column_type as kernel_column_type;

use crate::limits::{Meter, PluginLimits};
use crate::notifier::NotifierEnvironment;
use crate::plugin::Plugin;
use arrow_buffer::BooleanBuffer;
use lincei_model::{Clock, Table};
use lincei_pipeline::kernel::{Patterns, Target};
use lincei_pipeline::{ANY_COLUMN, ColumnPath, ColumnType, ColumnUse, FailureKind, Work};
use rustix::time::{ClockId, clock_gettime};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::UpdateDeadline;
use wasmtime::component::{Resource, ResourceTable};

/// Masks that a guest may hold at once.
const HANDLES_MAX: usize = 4_096;
/// Columns of an instance beyond those that were declared.
const USED_COLUMNS_MAX: usize = 1_024;
/// A call that waits for its turn on the processor is ended after so many times its CPU limit.
const WALL_FACTOR: u32 = 20;

/// Stands for the batch of the running call.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct BatchHandle;

/// A mask of the running call.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct MaskHandle(pub(crate) BooleanBuffer);

/// Why a call is broken off by the host.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Stop {
    pub(crate) kind: FailureKind,
    pub(crate) detail: String,
}

impl Stop {
    pub(crate) fn limit(detail: String) -> wasmtime::Error {
        wasmtime::Error::new(Self { kind: FailureKind::Limit, detail })
    }
}

/// A column by its id: the path, for the table that it is of.
#[derive(Debug)]
struct Slot {
    /// The table that its path named; without one that of the batch.
    table: Option<Table>,
    path: String,
    column_type: ColumnType,
    read: bool,
    write: bool,
    /// What the path is in each table, once it was asked for.
    resolved: [Option<Target>; Table::ALL.len()],
}

/// The columns that an instance uses: those that its description lists, then those it asked for.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    slots: Vec<Slot>,
    by_path: HashMap<(String, ColumnType), u32>,
    any: Option<lincei_pipeline::Access>,
}

/// How long a call may go on.
#[derive(Debug)]
struct Deadline {
    cpu_max: Duration,
    wall_max: Duration,
    cpu_started: Duration,
    started: Instant,
}

/// What a store holds.
pub(crate) struct Guest {
    pub(crate) meter: Meter,
    pub(crate) handles: ResourceTable,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) limits: Arc<PluginLimits>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) columns: Columns,
    pub(crate) environment: Option<Arc<NotifierEnvironment>>,
    work: Option<Work>,
    patterns: Patterns,
    deadline: Deadline,
    host_calls: u32,
}

/// CPU time of this thread.
pub(crate) fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

impl Guest {
    pub(crate) fn new(
        plugin: Arc<Plugin>,
        limits: Arc<PluginLimits>,
        clock: Arc<dyn Clock>,
        environment: Option<Arc<NotifierEnvironment>>,
    ) -> Self {
        let mut handles = ResourceTable::new();
        handles.set_max_capacity(HANDLES_MAX);
        let cpu_max = Duration::from_millis(limits.init_cpu_ms.into());
        Self {
            meter: Meter::new(&limits),
            handles,
            plugin,
            limits,
            clock,
            columns: Columns::default(),
            environment,
            work: None,
            patterns: Patterns::default(),
            deadline: Deadline {
                cpu_max,
                wall_max: cpu_max * WALL_FACTOR,
                cpu_started: Duration::ZERO,
                started: Instant::now(),
            },
            host_calls: 0,
        }
    }

    /// A call begins on this thread.
    pub(crate) fn begin(&mut self, cpu_max: Duration) {
        let wall_max = match &self.environment {
            // it waits for answers
            Some(environment) => cpu_max * WALL_FACTOR + environment.wait_max,
            None => cpu_max * WALL_FACTOR,
        };
        self.deadline = Deadline { cpu_max, wall_max, cpu_started: thread_cpu(), started: Instant::now() };
        self.host_calls = 0;
    }

    /// CPU and wall time since the call began.
    pub(crate) fn elapsed(&self) -> (Duration, Duration) {
        (thread_cpu().saturating_sub(self.deadline.cpu_started), self.deadline.started.elapsed())
    }

    /// Called when the epoch's deadline is over: goes on while there is CPU time left.
    pub(crate) fn look_at_clock(&self) -> wasmtime::Result<UpdateDeadline> {
        let (cpu, wall) = self.elapsed();
        let Deadline { cpu_max, wall_max, .. } = self.deadline;
        if cpu >= cpu_max || wall >= wall_max {
            let detail = if cpu >= cpu_max {
                format!("stopped after {} ms of CPU time, its limit", cpu_max.as_millis())
            } else {
                format!("stopped after {} ms, in which it got {} ms of CPU time", wall.as_millis(), cpu.as_millis())
            };
            return Err(wasmtime::Error::new(Stop { kind: FailureKind::Deadline, detail }));
        }
        let ticks = u64::try_from((cpu_max - cpu).as_millis()).unwrap_or(1);
        Ok(UpdateDeadline::Continue(ticks.max(1)))
    }

    /// Every host function asks this first.
    pub(crate) fn enter(&mut self) -> wasmtime::Result<()> {
        self.host_calls += 1;
        if self.host_calls > self.limits.host_calls {
            let max = self.limits.host_calls;
            return Err(Stop::limit(format!("more than {max} calls of host functions in one call")));
        }
        // time in the host counts, too, and no loop of the guest looks at the clock meanwhile
        if self.host_calls.is_multiple_of(64) {
            self.look_at_clock()?;
        }
        Ok(())
    }

    /// Hands the rows over and gives the handle that stands for them, for [`Guest::return_work`].
    pub(crate) fn take_work(&mut self, work: Work) -> wasmtime::Result<Resource<BatchHandle>> {
        self.work = Some(work);
        Ok(self.handles.push(BatchHandle)?)
    }

    /// Takes the rows back. Masks that the guest still holds stay valid handles; they count.
    pub(crate) fn return_work(&mut self, handle: Resource<BatchHandle>) -> Option<Work> {
        // the guest had it lent only, so it is there
        let _ = self.handles.delete(handle);
        self.work.take()
    }
}

impl Columns {
    pub(crate) fn declared(uses: &[ColumnUse]) -> Self {
        let mut columns = Self::default();
        for used in uses {
            if used.path == ANY_COLUMN {
                columns.any = Some(used.access);
            }
            columns.slots.push(Slot {
                table: None,
                path: used.path.clone(),
                column_type: used.column_type,
                read: used.access.read,
                write: used.access.write,
                resolved: Default::default(),
            });
        }
        columns
    }

    /// Ids of the columns that go into every frame of this table.
    pub(crate) fn framed(&self) -> Vec<u32> {
        let is_framed = |slot: &&Slot| slot.read && slot.table.is_none() && slot.path != ANY_COLUMN;
        let declared = self.slots.iter().take(self.slots.len() - self.by_path.len()).enumerate();
        declared.filter(|(_, slot)| is_framed(slot)).filter_map(|(id, _)| u32::try_from(id).ok()).collect()
    }

    /// The id of a column that the description does not list. `signal:` before the path names another
    /// table than the batch's.
    fn used(&mut self, path: &str, column_type: ColumnType, batch: Table) -> Result<u32, String> {
        if let Some(id) = self.by_path.get(&(path.to_owned(), column_type)) {
            return Ok(*id);
        }
        let Some(access) = self.any else {
            return Err(format!("column {path:?} is not in the plugin's description, nor is \"*\""));
        };
        if self.by_path.len() >= USED_COLUMNS_MAX {
            return Err(format!("more than {USED_COLUMNS_MAX} columns"));
        }
        let (table, name) = match path.split_once(':') {
            Some(("logs", rest)) => (Some(Table::Logs), rest),
            Some(("spans", rest)) => (Some(Table::Spans), rest),
            Some(("metrics", rest)) => (Some(Table::Metrics), rest),
            _ => (None, path),
        };
        let parsed = ColumnPath::parse(table.unwrap_or(batch), name).map_err(|error| error.to_string())?;
        parsed.check_type(table.unwrap_or(batch), column_type).map_err(|error| error.to_string())?;
        let id = u32::try_from(self.slots.len()).map_err(|_| "too many columns".to_owned())?;
        self.slots.push(Slot {
            table,
            path: name.to_owned(),
            column_type,
            read: access.read,
            write: access.write,
            resolved: Default::default(),
        });
        self.by_path.insert((path.to_owned(), column_type), id);
        Ok(id)
    }

    /// A column for reading.
    pub(crate) fn readable(&mut self, id: u32, table: Table) -> Result<Target, String> {
        self.target(id, table, false)
    }

    /// A column for setting.
    pub(crate) fn writable(&mut self, id: u32, table: Table) -> Result<Target, String> {
        self.target(id, table, true)
    }

    fn target(&mut self, id: u32, table: Table, for_setting: bool) -> Result<Target, String> {
        let slot = usize::try_from(id).ok().and_then(|id| self.slots.get_mut(id));
        let slot = slot.ok_or_else(|| format!("there is no column {id}"))?;
        let path = &slot.path;
        if path == ANY_COLUMN {
            return Err(format!("column {id} is \"*\", which stands for all: use-column names one"));
        }
        match (for_setting, slot.read, slot.write) {
            (false, false, _) => return Err(format!("column {path:?} was declared for writing only")),
            (true, _, false) => return Err(format!("column {path:?} was declared for reading only")),
            _ => {}
        }
        if slot.table.is_some_and(|own| own != table) {
            return Err(format!("column {path:?} belongs to another table than {table}"));
        }
        let place = Table::ALL.iter().position(|other| *other == table).unwrap_or_default();
        let Some(resolved) = slot.resolved.get_mut(place) else { return Err(format!("no table {table}")) };
        if let Some(target) = resolved {
            return Ok(target.clone());
        }
        let parsed = ColumnPath::parse(table, path).map_err(|error| error.to_string())?;
        parsed.check_type(table, slot.column_type).map_err(|error| error.to_string())?;
        Ok(resolved.insert(Target { path: parsed, column_type: slot.column_type }).clone())
    }

    /// For messages.
    pub(crate) fn name(&self, id: u32) -> String {
        let slot = usize::try_from(id).ok().and_then(|id| self.slots.get(id));
        slot.map_or_else(|| format!("column {id}"), |slot| format!("column {:?}", slot.path))
    }
}
