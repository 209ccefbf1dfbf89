//! The same as the example `parse-json`, by the host's kernels: the rows stay where they are, the plugin only
//! says what is to be done with them.

use lincei_sdk::kernels::extraction;
use lincei_sdk::operator::{Batch, Column, Delta, Floats, Frame, Info, Ints, Operator, Signal, Text, Use};

lincei_sdk::columns! {
    // columns that are listed are brought to the plugin; of the others it has only the ids
    ANY: Text = read_write "*",
}

/// Ids of columns hold as long as the instance lives.
#[derive(Clone, Copy)]
struct Columns {
    body: Column<Text>,
    user: Column<Text>,
    status: Column<Ints>,
    duration: Column<Floats>,
    /// Decides whether a row stays, and goes: a name that nobody else has.
    level: Column<Text>,
}

impl Columns {
    fn of(batch: &Batch<'_>) -> Result<Self, String> {
        Ok(Self {
            body: batch.use_column("body")?,
            user: batch.use_column("attributes.user.id")?,
            status: batch.use_column("attributes.http.status")?,
            duration: batch.use_column("attributes.duration.ms")?,
            level: batch.use_column("attributes.json_kernels.level")?,
        })
    }
}

#[derive(Default)]
struct Plugin {
    columns: Option<Columns>,
}

impl Operator for Plugin {
    const COLUMNS: &'static [Use] = COLUMNS;

    fn describe() -> Info {
        let description = "Reads user, status and duration from bodies that are JSON, and drops level debug.";
        Info::new("json-kernels", "1.0.0", description).signals(&[Signal::Logs]).batch_hint(1024)
    }

    fn init(_: &str) -> Result<Self, String> {
        Ok(Self::default())
    }

    fn process(&mut self, batch: &Batch<'_>, _: &Frame, _: &mut Delta) -> Result<(), String> {
        let columns = match self.columns {
            Some(columns) => columns,
            None => *self.columns.insert(Columns::of(batch)?),
        };
        let fields = [
            extraction("level", columns.level),
            extraction("user_id", columns.user),
            extraction("status", columns.status),
            extraction("duration_ms", columns.duration),
        ];
        batch.column(columns.body).json(&fields).count()?;
        batch.discard(batch.column(columns.level).eq("debug"))?;
        batch.column(columns.level).clear()
    }
}

lincei_sdk::operator!(Plugin);
