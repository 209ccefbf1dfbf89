//! Suppresses the events of some services while they are deployed.

use lincei_sdk::json;
use lincei_sdk::rule::{Action, Context, Event, Info, Rule, info, label};

struct Plugin {
    /// Minutes of the day in UTC; the window goes over midnight where `from` is later.
    from: u64,
    until: u64,
    services: Vec<String>,
}

impl Rule for Plugin {
    fn describe() -> Info {
        info("{{name}}", "0.1.0", "Suppresses the events of some services while they are deployed.")
    }

    fn init(config: &str) -> Result<Self, String> {
        let services = json::get(config, "services");
        let names = services.iter().flat_map(json::Value::items).filter_map(|name| name.as_str());
        Ok(Self {
            from: minutes(config, "from")?,
            until: minutes(config, "until")?,
            services: names.map(|name| name.into_owned()).collect(),
        })
    }

    fn decide(&mut self, event: &Event, context: &Context) -> Result<Vec<Action>, String> {
        let minute = context.now / 60_000_000_000 % (24 * 60);
        let inside = if self.from <= self.until {
            self.from <= minute && minute < self.until
        } else {
            self.from <= minute || minute < self.until
        };
        let concerned = label(&event.labels, "service").is_some_and(|name| self.services.iter().any(|s| s == name));
        Ok(if inside && concerned { vec![Action::Suppress("deploy window".to_owned())] } else { Vec::new() })
    }
}

/// The minute of the day of a time as `22:00`.
fn minutes(config: &str, key: &str) -> Result<u64, String> {
    let text = json::text(config, key);
    let time = text.split_once(':').and_then(|(hours, minutes)| Some((hours.parse().ok()?, minutes.parse().ok()?)));
    match time {
        Some((hours @ 0..=23, minutes @ 0..=59)) => Ok(hours * 60 + minutes),
        _ => Err(format!("{key} must be a time as 22:00, not \"{text}\"")),
    }
}

lincei_sdk::rule!(Plugin);
