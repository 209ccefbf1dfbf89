//! Keeps what matters and a sample of the rest, within a budget for each service.

mod sampler;

use lincei_sdk::host::{clock, metrics};
use lincei_sdk::json::{self, Value};
use lincei_sdk::operator::{Edit, Info, Ints, Keep, Operator, Record, Signal, Text, Use};
use sampler::{Limits, Sampler};

lincei_sdk::columns! {
    SEVERITY: Ints = read "severity_number",
    SERVICE: Text = read "service",
    // read, too: a weight that a sampler before this one gave is multiplied
    WEIGHT: Ints = read_write "attributes.sampling.weight",
}

/// WARN in the OpenTelemetry logs data model.
const WARN: i64 = 13;

struct Plugin {
    sampler: Sampler,
    /// Records that went since the counter was last told.
    dropped: u64,
}

impl Operator for Plugin {
    const COLUMNS: &'static [Use] = COLUMNS;

    fn describe() -> Info {
        let description = "Keeps WARN and above, and of each service as much of the rest as its budget allows.";
        Info::new("cost-sampler", "1.0.0", description).signals(&[Signal::Logs]).remembers()
    }

    fn init(config: &str) -> Result<Self, String> {
        let standard = limits(config, Limits { one_in: 1, budget_per_second: 0 })?;
        let mut sampler = Sampler::new(standard);
        for service in json::get(config, "services").iter().flat_map(Value::items) {
            let Value::Object(text) = service else { return Err("services must be a list of objects".to_owned()) };
            let name = json::text(text, "service");
            if name.is_empty() {
                return Err("an entry of services has no service".to_owned());
            }
            sampler.set(&name, limits(text, standard)?);
        }
        Ok(Self { sampler, dropped: 0 })
    }

    fn on_record(&mut self, record: Record<'_>, edit: &mut Edit<'_>) -> Keep {
        if record.row() == 0 {
            self.sampler.turn(clock::now());
            metrics::count("dropped", std::mem::take(&mut self.dropped));
        }
        if record.get(SEVERITY).is_some_and(|severity| severity >= WARN) {
            return Keep::Yes;
        }
        let Some(weight) = self.sampler.sample(record.get(SERVICE).unwrap_or_default()) else {
            self.dropped += 1;
            return Keep::No;
        };
        if weight > 1 {
            edit.set(WEIGHT, record.get(WEIGHT).unwrap_or(1).saturating_mul(weight));
        }
        Keep::Yes
    }

    fn snapshot(&self) -> Vec<u8> {
        self.sampler.to_text().into_bytes()
    }

    fn restore(&mut self, memory: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(memory).map_err(|error| error.to_string())?;
        self.sampler.restore(text).ok_or_else(|| "the memory cannot be read".to_owned())
    }
}

fn limits(config: &str, standard: Limits) -> Result<Limits, String> {
    let number = |key: &str, standard: i64, min: i64| match json::get(config, key) {
        None => Ok(standard),
        Some(value) => match value.as_i64() {
            Some(number) if number >= min => Ok(number),
            _ => Err(format!("{key} must be a whole number of {min} or more")),
        },
    };
    Ok(Limits {
        one_in: number("one_in", standard.one_in, 1)?,
        budget_per_second: number("budget_per_second", standard.budget_per_second, 0)?,
    })
}

lincei_sdk::operator!(Plugin);
