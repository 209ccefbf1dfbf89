//! Operators: they work on batches before these are stored.

use crate::bindings::operator::lincei::plugin::operators;

pub use crate::builder::Builder;
pub use crate::column::{Attributes, Bools, Column, Floats, Ints, Text, Use};
pub use crate::delta::{Delta, Emission};
pub use crate::edit::{Edit, Keep};
pub use crate::frame::{Frame, Record, View};
pub use crate::kernels::{Batch, Mask};
pub use operators::{Memory, Signal};

#[doc(hidden)]
pub use crate::bindings::operator as bindings;

/// What an operator says of itself.
#[derive(Debug)]
pub struct Info(operators::Info);

impl Info {
    /// `name` is 1 to 64 of `a-z`, `0-9` and `-`; `description` is one line for people.
    #[must_use]
    pub fn new(name: &str, version: &str, description: &str) -> Self {
        Self(operators::Info {
            name: name.to_owned(),
            version: version.to_owned(),
            description: description.to_owned(),
            signals: vec![Signal::Logs],
            columns: Vec::new(),
            batch_hint: 0,
            memory: Memory::None,
            routes: Vec::new(),
        })
    }

    /// What it can work on; logs unless said otherwise.
    #[must_use]
    pub fn signals(mut self, signals: &[Signal]) -> Self {
        self.0.signals = signals.to_vec();
        self
    }

    /// How many rows it likes best in a call.
    #[must_use]
    pub fn batch_hint(mut self, rows: u32) -> Self {
        self.0.batch_hint = rows;
        self
    }

    /// There is to be one instance, whose memory is carried over by `snapshot` and `restore`.
    #[must_use]
    pub fn remembers(mut self) -> Self {
        self.0.memory = Memory::Instance;
        self
    }

    /// Names of the routes that it chooses from.
    #[must_use]
    pub fn routes(mut self, routes: &[&str]) -> Self {
        self.0.routes = routes.iter().map(|route| (*route).to_owned()).collect();
        self
    }
}

/// An operator. It implements either [`Operator::on_record`] or [`Operator::process`].
pub trait Operator: Sized + 'static {
    /// What it reads and writes, as [`columns!`](crate::columns) lists it.
    const COLUMNS: &'static [Use];

    /// What it says of itself; asked once when it is installed.
    fn describe() -> Info;

    /// Makes an instance.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration, which is JSON.
    fn init(config: &str) -> Result<Self, String>;

    /// Works on one record.
    fn on_record(&mut self, record: Record<'_>, edit: &mut Edit<'_>) -> Keep {
        let _ = (record, edit);
        Keep::Yes
    }

    /// Works on a batch: by its columns in `rows`, or by the host's kernels on `batch`. Unless it is
    /// implemented, each record goes through `on_record`.
    ///
    /// # Errors
    ///
    /// A text for people; the rows are left to the policy of the pipeline's step.
    fn process(&mut self, batch: &Batch<'_>, rows: &Frame, out: &mut Delta) -> Result<(), String> {
        let _ = batch;
        each_record(self, rows, out)
    }

    /// The memory of the instance, where [`Info::remembers`] was said.
    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Takes over the memory of another instance.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn restore(&mut self, memory: &[u8]) -> Result<(), String> {
        let _ = memory;
        Ok(())
    }
}

/// Passes each record through `on_record`.
///
/// # Errors
///
/// When a column was set that is not declared as written.
pub fn each_record<T: Operator>(operator: &mut T, rows: &Frame, out: &mut Delta) -> Result<(), String> {
    let mut edit = Edit::new(rows, T::COLUMNS);
    for record in rows.records() {
        if operator.on_record(record, edit.at(record.row())) == Keep::No {
            out.drop_row(record.row());
        }
    }
    edit.finish(out)
}

#[doc(hidden)]
pub fn describe<T: Operator>() -> operators::Info {
    let mut info = T::describe().0;
    info.columns = T::COLUMNS.iter().map(|column| column.to_wit()).collect();
    info
}

#[doc(hidden)]
pub fn init<T: Operator>(config: &str) -> Result<T, String> {
    crate::host::log::panics();
    T::init(config)
}

#[doc(hidden)]
pub fn process<T: Operator>(
    operator: &mut T,
    batch: &bindings::lincei::plugin::kernels::Batch,
    rows: bindings::lincei::plugin::columns::Frame,
) -> Result<operators::Delta, String> {
    let rows = Frame::new(rows);
    let mut out = Delta::new(rows.rows());
    operator.process(&Batch::new(batch), &rows, &mut out)?;
    Ok(out.into_wit())
}

/// Makes a type the operator of this plugin.
#[macro_export]
macro_rules! operator {
    ($operator:ty) => {
        const _: () = {
            use $crate::operator::bindings::lincei::plugin::{columns, kernels, operators};

            std::thread_local! {
                static INSTANCE: $crate::instance::Slot<$operator> = const { $crate::instance::Slot::new() };
            }

            struct LinceiExports;

            impl $crate::operator::bindings::Guest for LinceiExports {
                fn describe() -> operators::Info {
                    $crate::operator::describe::<$operator>()
                }

                fn init(config: String) -> Result<(), String> {
                    INSTANCE.with(|slot| slot.put($crate::operator::init(&config)))
                }

                fn process(batch: &kernels::Batch, rows: columns::Frame) -> Result<operators::Delta, String> {
                    INSTANCE.with(|slot| slot.with(|it| $crate::operator::process(it, batch, rows)))?
                }

                fn snapshot() -> Vec<u8> {
                    INSTANCE.with(|slot| slot.with(|it| $crate::operator::Operator::snapshot(it))).unwrap_or_default()
                }

                fn restore(memory: Vec<u8>) -> Result<(), String> {
                    INSTANCE.with(|slot| slot.with(|it| $crate::operator::Operator::restore(it, &memory)))?
                }
            }

    $crate::operator::bindings::export!(LinceiExports with_types_in $crate::operator::bindings);
        };
    };
}
