use super::FilePatterns;
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt8Type};
use arrow_array::{Array, RecordBatch, StringViewArray};
use lincei_model::TimeRange;
use lincei_model::pattern::{PatternCounts, PatternFacts, PatternRow, level_of};
use std::collections::HashMap;

/// Counts log records by pattern and service, in bounded memory; see [`PatternCounts`].
#[derive(Debug, Default)]
pub struct PatternsByService {
    pub(super) counts: PatternCounts,
    services: Services,
}

impl PatternsByService {
    /// Takes the rows inside a range of a batch with the columns `time`, `severity_number`, `service`
    /// and `body` of `logs`, in any order and among others. `None`, and nothing is taken, when it lacks
    /// one.
    pub fn add_rows(&mut self, batch: &RecordBatch, range: TimeRange) -> Option<()> {
        let text = |name: &str| batch.column_by_name(name)?.as_string_view_opt();
        let times = batch.column_by_name("time")?.as_primitive_opt::<TimestampNanosecondType>()?;
        let numbers = batch.column_by_name("severity_number")?.as_primitive_opt::<UInt8Type>()?;
        let (services, bodies) = (text("service")?, text("body")?);
        let groups = self.services.numbers(services);
        for (((time_ns, number), body), group) in times.values().iter().zip(numbers.values()).zip(bodies).zip(groups) {
            if range.contains(*time_ns) {
                let body = body.unwrap_or_default();
                self.counts.add(PatternRow { body, time_ns: *time_ns, level: level_of(*number), group });
            }
        }
        Some(())
    }

    /// Takes all rows of a file; `None`, and nothing is taken, when it does not have them by service.
    pub fn add_file(&mut self, file: &FilePatterns) -> Option<()> {
        file.add_by_service(&mut self.counts, |service| self.services.number(service))
    }

    /// Rows that no pattern counts.
    #[must_use]
    pub const fn uncounted(&self) -> u64 {
        self.counts.uncounted()
    }

    /// Each pattern, as `log_pattern()` has it, with what is known of it and its rows by service; the
    /// most frequent first.
    pub fn each(self, mut take: impl FnMut(&str, &PatternFacts, Option<&str>, u64)) {
        let Self { counts, services } = self;
        for (pattern, facts) in counts.into_patterns() {
            for (group, rows) in facts.groups() {
                take(&pattern, &facts, services.name(group), rows);
            }
        }
    }

    /// The patterns and the services that their groups stand for.
    pub(super) fn into_parts(self) -> (PatternCounts, Services) {
        (self.counts, self.services)
    }
}

/// Services, numbered.
#[derive(Debug, Default)]
pub(super) struct Services {
    numbers: HashMap<Option<Box<str>>, u32>,
    names: Vec<Option<Box<str>>>,
}

impl Services {
    /// The number of each row's service.
    fn numbers(&mut self, services: &StringViewArray) -> Vec<u32> {
        let mut last: Option<(Option<&str>, u32)> = None;
        let mut numbers = Vec::with_capacity(services.len());
        for service in services {
            let number = match last {
                Some((seen, number)) if seen == service => number,
                _ => self.number(service),
            };
            last = Some((service, number));
            numbers.push(number);
        }
        numbers
    }

    fn number(&mut self, service: Option<&str>) -> u32 {
        let name: Option<Box<str>> = service.map(Box::from);
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    pub(super) fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize)?.as_deref()
    }
}
