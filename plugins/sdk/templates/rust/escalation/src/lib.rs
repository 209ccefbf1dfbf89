//! Pages the last committer first.

use lincei_sdk::escalation::{Escalation, History, Incident, Info, Page, Step, Target, info, label};

struct Plugin;

impl Escalation for Plugin {
    fn describe() -> Info {
        info("{{name}}", "0.1.0", "Pages the last committer first.")
    }

    fn init(_config: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn next(&mut self, incident: &Incident, history: &History) -> Result<Step, String> {
        let committer = label(&incident.labels, "committer").filter(|name| !name.is_empty());
        Ok(match committer {
            Some(name) if history.step == 0 => Step::Page(Page {
                targets: vec![Target::Person(name.to_owned())],
                note: "last committer".to_owned(),
                next_after: 300,
            }),
            _ => Step::Pass,
        })
    }
}

lincei_sdk::escalation!(Plugin);
