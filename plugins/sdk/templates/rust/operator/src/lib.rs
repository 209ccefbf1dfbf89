//! Drops what is below INFO, measures bodies, and classes failed requests.

use lincei_sdk::operator::{Edit, Info, Ints, Keep, Operator, Record, Text};

lincei_sdk::columns! {
    SEVERITY: Ints = read "severity_number",
    BODY: Text = read "body",
    STATUS: Ints = read "attributes.http.response.status_code",
    BODY_LENGTH: Ints = write "attributes.body.length",
    // read, too, so that records that do not set it keep the class they have
    ERROR_CLASS: Text = read_write "attributes.error.class",
}

struct Plugin;

impl Operator for Plugin {
    const COLUMNS: &'static [lincei_sdk::operator::Use] = COLUMNS;

    fn describe() -> Info {
        Info::new("{{name}}", "0.1.0", "Drops what is below INFO, measures bodies, and classes failed requests.")
    }

    fn init(_config: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_record(&mut self, record: Record<'_>, edit: &mut Edit<'_>) -> Keep {
        // 0 stands for unknown
        if let Some(1..=8) = record.get(SEVERITY) {
            return Keep::No;
        }
        if let Some(body) = record.get(BODY) {
            edit.set(BODY_LENGTH, body.len() as i64);
        }
        match record.get(STATUS) {
            Some(500..) => edit.set(ERROR_CLASS, "server"),
            Some(400..) => edit.set(ERROR_CLASS, "client"),
            _ => {}
        }
        Keep::Yes
    }
}

lincei_sdk::operator!(Plugin);
