use crate::audit::{append, fits};
use crate::limits::PIPELINE_BYTES_MAX;
use crate::{Actor, AuditChange, Catalog, CatalogError, plugins, sql};
use rusqlite::{Connection, Row, Transaction, params};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What records of these signals pass before they are stored.
const SIGNALS: [&str; 3] = ["logs", "spans", "metrics"];

/// Stands before the name of a plugin where a step names its operator.
const PLUGIN_PREFIX: &str = "plugin:";

/// Steps and plugins that one message names.
const SHOWN_MAX: usize = 10;

/// The pipeline of one signal.
///
/// Persisted as a row of `pipelines`, once it was saved; `steps` is JSON text.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPipeline {
    /// `logs`, `spans` or `metrics`.
    pub signal: String,
    /// 1 when first saved, one more with each save that changed something.
    pub revision: u64,
    /// A JSON array of objects. `operator` in one is text, `plugin:<name>` for an installed plugin; all
    /// else is the pipeline's own.
    pub steps: Value,
    /// When this revision was saved, nanoseconds since the Unix epoch.
    pub updated_ns: i64,
    /// Who saved it.
    pub updated_by: String,
}

const COLUMNS: &str = "signal, revision, steps, updated_ns, updated_by";

/// Reads a row of [`COLUMNS`].
fn decode(row: &Row<'_>) -> Result<StoredPipeline, CatalogError> {
    let (signal, text): (String, String) = (row.get(0)?, row.get(2)?);
    let steps = serde_json::from_str(&text)
        .map_err(|error| CatalogError::corrupt(format!("steps of pipeline {signal:?}: {error}")))?;
    Ok(StoredPipeline {
        signal,
        revision: sql::from_integer("revision", row.get(1)?)?,
        steps,
        updated_ns: row.get(3)?,
        updated_by: row.get(4)?,
    })
}

fn find(connection: &Connection, signal: &str) -> Result<Option<StoredPipeline>, CatalogError> {
    sql::first(connection, &format!("SELECT {COLUMNS} FROM pipelines WHERE signal = ?1"), [signal], decode)
}

fn all(connection: &Connection) -> Result<Vec<StoredPipeline>, CatalogError> {
    sql::rows(connection, &format!("SELECT {COLUMNS} FROM pipelines ORDER BY signal"), [], decode)
}

/// The plugin that a step names as its operator.
fn plugin_of(step: &Value) -> Option<&str> {
    step.get("operator")?.as_str()?.strip_prefix(PLUGIN_PREFIX)
}

/// The steps whose operator is a plugin, as `logs/scrub`, or `logs/step 3` for one without a name.
pub(crate) fn steps_with_plugin(connection: &Connection, plugin: &str) -> Result<Vec<String>, CatalogError> {
    let mut found = Vec::new();
    for StoredPipeline { signal, steps, .. } in all(connection)? {
        let steps = steps.as_array().into_iter().flatten().zip(1..);
        found.extend(steps.filter(|(step, _)| plugin_of(step) == Some(plugin)).map(|(step, number)| {
            match step.get("name").and_then(Value::as_str) {
                Some(name) => format!("{signal}/{name}"),
                None => format!("{signal}/step {number}"),
            }
        }));
    }
    Ok(found)
}

/// Things as a message names them, the first few.
pub(crate) fn some_of(things: &[String]) -> String {
    let shown = things.iter().take(SHOWN_MAX).map(|thing| plugins::shown(thing)).collect::<Vec<_>>().join(", ");
    match things.len().saturating_sub(SHOWN_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn check_signal(signal: &str) -> Result<(), CatalogError> {
    if SIGNALS.contains(&signal) {
        return Ok(());
    }
    Err(CatalogError::invalid(format!("signal {:?} is none of {}", plugins::shown(signal), SIGNALS.join(", "))))
}

/// The steps as stored, if they keep the rules that need no plugin.
fn check_steps(steps: &Value) -> Result<String, CatalogError> {
    let Some(list) = steps.as_array() else { return Err(CatalogError::invalid("steps are not a JSON array")) };
    for (step, number) in list.iter().zip(1..) {
        if !step.get("operator").is_some_and(Value::is_string) {
            return Err(CatalogError::invalid(format!("step {number} is not an object with an operator as text")));
        }
    }
    let text = steps.to_string();
    if text.len() > PIPELINE_BYTES_MAX {
        return Err(CatalogError::invalid(format!(
            "steps have {} bytes, at most {PIPELINE_BYTES_MAX} are allowed",
            text.len()
        )));
    }
    Ok(text)
}

fn check_plugins(tx: &Transaction<'_>, steps: &Value) -> Result<(), CatalogError> {
    let names: BTreeSet<&str> = steps.as_array().into_iter().flatten().filter_map(plugin_of).collect();
    let mut missing = Vec::new();
    for name in names {
        match plugins::kind_of(tx, name)? {
            None => missing.push(name.to_owned()),
            Some(kind) if kind == "operator" => {}
            Some(kind) => {
                let detail = format!("plugin {name:?} is of kind {kind:?}, steps work with operators alone");
                return Err(CatalogError::conflict(detail));
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(CatalogError::conflict(format!("no plugin is installed as {}; install it first", some_of(&missing))))
}

fn check_revision(signal: &str, stored: Option<&StoredPipeline>, revision: u64) -> Result<(), CatalogError> {
    match stored {
        None if revision == 0 => Ok(()),
        None => Err(CatalogError::conflict(format!(
            "the change was made from revision {revision} of pipeline {signal}, which was never saved: save it as a \
             change of revision 0"
        ))),
        Some(stored) if stored.revision == revision => Ok(()),
        Some(stored) => Err(CatalogError::conflict(format!(
            "the change was made from revision {revision} of pipeline {signal}, and {} has saved revision {} meanwhile: \
             load it and change it again",
            stored.updated_by, stored.revision
        ))),
    }
}

/// A revision as the audit log tells it: with its steps, unless they are too long once that secrets
/// are blanked.
fn audited(revision: u64, steps: &Value) -> Value {
    let whole = json!({ "revision": revision, "steps": steps });
    if fits(&whole) {
        return whole;
    }
    let (count, bytes) = (steps.as_array().map_or(0, Vec::len), steps.to_string().len());
    json!({ "revision": revision, "steps": format!("{count} steps of {bytes} bytes, too long for the log") })
}

impl Catalog {
    /// Every pipeline that was saved, by signal.
    ///
    /// # Errors
    /// [`CatalogError::Corrupt`] when a row cannot be read.
    pub fn pipelines(&self) -> Result<Vec<StoredPipeline>, CatalogError> {
        self.read(all)
    }

    /// The pipeline of a signal, `None` when it was never saved.
    ///
    /// # Errors
    /// As [`Self::pipelines`].
    pub fn pipeline(&self, signal: &str) -> Result<Option<StoredPipeline>, CatalogError> {
        self.read(|connection| find(connection, signal))
    }

    /// Saves the next revision of a signal's pipeline and returns it. `revision` is the one that the
    /// change was made from, 0 for a pipeline that was never saved. A save that changes nothing makes no
    /// revision. Audited as `pipeline.save` of `pipeline/<signal>`, with the steps before and after as
    /// far as an audit row holds them.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for a signal or steps that break the rules of [`StoredPipeline`], and
    /// for steps above [`PIPELINE_BYTES_MAX`] of JSON text; [`CatalogError::Conflict`] when `revision` is
    /// not the latest, which is to say that somebody else saved meanwhile, and when a step names a plugin
    /// that is not installed or is no operator.
    pub fn set_pipeline(
        &self,
        actor: &Actor,
        signal: &str,
        steps: Value,
        revision: u64,
        now_ns: i64,
    ) -> Result<StoredPipeline, CatalogError> {
        check_signal(signal)?;
        let text = check_steps(&steps)?;
        self.write(|tx| {
            let before = find(tx, signal)?;
            check_revision(signal, before.as_ref(), revision)?;
            check_plugins(tx, &steps)?;
            if let Some(before) = &before
                && before.steps == steps
            {
                return Ok(before.clone());
            }
            let after = StoredPipeline {
                signal: signal.to_owned(),
                revision: revision.saturating_add(1),
                steps,
                updated_ns: now_ns,
                updated_by: actor.name.clone(),
            };
            tx.execute(
                "INSERT OR REPLACE INTO pipelines (signal, revision, steps, updated_ns, updated_by)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![signal, sql::to_integer("revision", after.revision)?, text, now_ns, actor.name],
            )?;
            let change = AuditChange {
                action: "pipeline.save".to_owned(),
                target: format!("pipeline/{signal}"),
                before: before.map(|before| audited(before.revision, &before.steps)),
                after: Some(audited(after.revision, &after.steps)),
            };
            append(tx, actor, change, now_ns)?;
            Ok(after)
        })
    }
}

#[cfg(test)]
mod tests;
