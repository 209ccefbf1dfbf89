//! Masks e-mail addresses, numbers of payment cards and bearer tokens in bodies and attributes.

mod scrub;

use lincei_sdk::json;
use lincei_sdk::operator::{Attributes, Edit, Info, Keep, Operator, Record, Signal, Text, Use};
use scrub::Scrubber;

lincei_sdk::columns! {
    BODY: Text = read_write "body",
    ATTRIBUTES: Attributes = read_write "attributes",
}

struct Plugin {
    scrubber: Scrubber,
}

impl Operator for Plugin {
    const COLUMNS: &'static [Use] = COLUMNS;

    fn describe() -> Info {
        let description = "Masks e-mail addresses, payment card numbers and bearer tokens in bodies and attributes.";
        Info::new("pii-scrubber", "1.0.0", description).signals(&[Signal::Logs])
    }

    fn init(config: &str) -> Result<Self, String> {
        let is_on = |key| match json::get(config, key) {
            None => Ok(true),
            Some(json::Value::Bool(on)) => Ok(on),
            Some(_) => Err(format!("{key} must be true or false")),
        };
        Ok(Self { scrubber: Scrubber { emails: is_on("emails")?, cards: is_on("cards")?, tokens: is_on("tokens")? } })
    }

    fn on_record(&mut self, record: Record<'_>, edit: &mut Edit<'_>) -> Keep {
        if let Some(text) = record.get(BODY).and_then(|body| self.scrubber.scrub(body)) {
            edit.set(BODY, &text);
        }
        // most records have nothing to mask: nothing is copied until something is found
        let Some(entries) = record.get(ATTRIBUTES) else { return Keep::Yes };
        let found = |(_, value): (&str, &str)| self.scrubber.scrub(value).is_some();
        if entries.clone().any(found) {
            let scrubbed: Vec<_> = entries.map(|(key, value)| (key, value, self.scrubber.scrub(value))).collect();
            let entries: Vec<_> =
                scrubbed.iter().map(|(key, value, masked)| (*key, masked.as_deref().unwrap_or(value))).collect();
            edit.set(ATTRIBUTES, &entries);
        }
        Keep::Yes
    }
}

lincei_sdk::operator!(Plugin);
