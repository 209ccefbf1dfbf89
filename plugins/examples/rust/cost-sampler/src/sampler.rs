//! Which records stay.

use std::collections::HashMap;
use std::fmt::Write as _;

/// How long a ratio stays: long enough that it does not follow single bursts.
const WINDOW_NS: u64 = 10_000_000_000;

/// Services that are counted; those beyond share what is counted for the empty name.
const SERVICES_MAX: usize = 10_000;

/// What a service may keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// One record of so many, at least.
    pub(crate) one_in: i64,
    /// Records that are kept a second; 0 for as many as `one_in` leaves.
    pub(crate) budget_per_second: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Service {
    limits: Limits,
    /// One record of so many is kept in this window.
    one_in: i64,
    /// Records of this window.
    seen: i64,
}

/// Keeps the first record of a service and every `one_in`th after it, and sets `one_in` anew for each window from
/// what was seen in the last.
#[derive(Debug)]
pub(crate) struct Sampler {
    standard: Limits,
    services: HashMap<String, Service>,
    window: u64,
}

impl Sampler {
    pub(crate) fn new(standard: Limits) -> Self {
        Self { standard, services: HashMap::new(), window: 0 }
    }

    /// Gives a service limits of its own.
    pub(crate) fn set(&mut self, name: &str, limits: Limits) {
        self.services.insert(name.to_owned(), Service { limits, one_in: limits.one_in, seen: 0 });
    }

    /// Goes on to another window when it is time.
    pub(crate) fn turn(&mut self, now: u64) {
        let window = now / WINDOW_NS;
        if window == self.window {
            return;
        }
        // nothing is known of the window before the first
        let is_first = self.window == 0;
        self.window = window;
        for service in self.services.values_mut().filter(|_| !is_first) {
            let budget = service.limits.budget_per_second * (WINDOW_NS / 1_000_000_000) as i64;
            let needed = if budget == 0 { 1 } else { (service.seen + budget - 1) / budget };
            service.one_in = needed.max(service.limits.one_in);
            service.seen = 0;
        }
    }

    /// How many records a record of the service stands for; `None` if it goes.
    pub(crate) fn sample(&mut self, name: &str) -> Option<i64> {
        if !self.services.contains_key(name) {
            let name = if self.services.len() < SERVICES_MAX { name } else { "" };
            if !self.services.contains_key(name) {
                self.set(name, self.standard);
            }
        }
        let name = if self.services.contains_key(name) { name } else { "" };
        let service = self.services.get_mut(name)?;
        let place = service.seen % service.one_in;
        service.seen += 1;
        (place == 0).then_some(service.one_in)
    }

    /// A line for the window, and one for each service: `one_in seen name`.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.window);
        for (name, service) in &self.services {
            // names come from senders: one with a line end in it starts anew
            if !name.contains('\n') {
                // writing to a text cannot fail
                let _ = writeln!(text, "{} {} {name}", service.one_in, service.seen);
            }
        }
        text
    }

    /// Takes over what `to_text` gave; limits are those of this configuration.
    pub(crate) fn restore(&mut self, text: &str) -> Option<()> {
        let mut lines = text.lines();
        self.window = lines.next()?.parse().ok()?;
        for line in lines {
            let mut parts = line.splitn(3, ' ');
            let (one_in, seen) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse().ok()?);
            let name = parts.next()?;
            let limits = self.services.get(name).map_or(self.standard, |service| service.limits);
            self.services.insert(name.to_owned(), Service { limits, one_in: one_in.max(limits.one_in), seen });
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(sampler: &mut Sampler, name: &str, records: usize) -> (usize, i64) {
        let weights: Vec<i64> = (0..records).filter_map(|_| sampler.sample(name)).collect();
        (weights.len(), weights.iter().sum())
    }

    #[test]
    fn one_in_so_many_is_kept_and_stands_for_the_others() {
        let mut sampler = Sampler::new(Limits { one_in: 4, budget_per_second: 0 });
        sampler.set("quiet", Limits { one_in: 1, budget_per_second: 0 });
        assert_eq!(kept(&mut sampler, "cart", 12), (3, 12));
        assert_eq!(kept(&mut sampler, "quiet", 12), (12, 12));
    }

    #[test]
    fn a_budget_is_kept_from_the_second_window_on() {
        let mut sampler = Sampler::new(Limits { one_in: 1, budget_per_second: 10 });
        sampler.turn(5 * WINDOW_NS);
        assert_eq!(kept(&mut sampler, "cart", 950), (950, 950));
        sampler.turn(6 * WINDOW_NS - 1);
        assert_eq!(kept(&mut sampler, "cart", 50), (50, 50));
        sampler.turn(6 * WINDOW_NS);
        // 1,000 records for a budget of 100: one in 10
        assert_eq!(kept(&mut sampler, "cart", 1000), (100, 1000));
        sampler.turn(7 * WINDOW_NS);
        assert_eq!(kept(&mut sampler, "cart", 10), (1, 10));
        sampler.turn(8 * WINDOW_NS);
        assert_eq!(kept(&mut sampler, "cart", 10), (10, 10));
    }

    #[test]
    fn memory_is_carried_over() {
        let mut before = Sampler::new(Limits { one_in: 3, budget_per_second: 0 });
        before.turn(5 * WINDOW_NS);
        kept(&mut before, "größe 1", 4);
        let mut after = Sampler::new(Limits { one_in: 3, budget_per_second: 0 });
        after.restore(&before.to_text()).unwrap();
        assert_eq!(after.services, before.services);
        assert_eq!(after.sample("größe 1"), None);
        assert!(after.restore("x").is_none() && after.restore("1\n2").is_none());
    }

    #[test]
    fn services_beyond_the_limit_share() {
        let mut sampler = Sampler::new(Limits { one_in: 2, budget_per_second: 0 });
        for number in 0..SERVICES_MAX + 5 {
            sampler.sample(&number.to_string());
        }
        assert!(sampler.services.len() <= SERVICES_MAX + 1);
    }
}
