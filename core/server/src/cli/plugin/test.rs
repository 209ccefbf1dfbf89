//! `lincei plugin test`: cases from `tests/*.json`, in the host that servers have.

use super::local::{Exchange, Local, NOW_NS, Script};
use super::project::{Language, Project, ProjectArgs};
use crate::cli::say;
use crate::plugins::table_of_signal;
use anyhow::{Context as _, anyhow, bail};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use lincei_host::{Event, History, Incident, Message, PluginKind, RuleContext};
use lincei_model::Batch;
use lincei_pipeline::{
    FailurePolicy, Operator as _, Pipeline, RunContext, Step, StepStats, records_from_json, records_to_json,
};
use lincei_query::UserFunction as _;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    cases: Vec<Case>,
}

/// One case; which members it has depends on the kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    name: String,
    #[serde(default)]
    pub(super) config: Value,
    #[serde(default)]
    signal: String,
    #[serde(default)]
    input: Vec<Value>,
    #[serde(default)]
    arguments: Vec<Vec<Value>>,
    #[serde(default)]
    event: Event,
    #[serde(default)]
    context: RuleContext,
    #[serde(default)]
    message: Message,
    #[serde(default)]
    http: Vec<Exchange>,
    #[serde(default)]
    incident: Incident,
    #[serde(default)]
    history: History,
    expected: Value,
}

pub(super) fn run(args: &ProjectArgs) -> anyhow::Result<()> {
    let project = args.open()?;
    let local = local(&project)?;
    let (mut passed, mut failed) = (0, 0);
    for file in files(&project.folder)? {
        for case in read(&file)? {
            let outcome = run_case(&project, &local, &case);
            let wrong = match outcome {
                Ok(found) if found == case.expected => None,
                Ok(found) => Some(format!("expected {}\n     found {found}", case.expected)),
                Err(error) => Some(crate::cli::chain(&error)),
            };
            match wrong {
                None => passed += 1,
                Some(wrong) => {
                    failed += 1;
                    say(&format!("failed: {} ({})\n  {wrong}", case.name, file.display()));
                }
            }
        }
    }
    say(&format!("{passed} passed, {failed} failed"));
    if failed > 0 {
        bail!("{failed} cases failed");
    }
    if passed == 0 {
        bail!("there are no cases in {}", project.folder.join("tests").display());
    }
    Ok(())
}

/// The host with the built plugin; compiled code is kept in the project.
pub(super) fn local(project: &Project) -> anyhow::Result<Local> {
    let is_script = matches!(project.language, Language::Python | Language::Javascript | Language::Go);
    Local::new(&project.component()?, &project.folder.join(".lincei"), is_script)
}

pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let tests = folder.join("tests");
    let entries = std::fs::read_dir(&tests).with_context(|| format!("cannot read {}", tests.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Case>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let cases: Cases = serde_json::from_str(&text).with_context(|| format!("{}", file.display()))?;
    Ok(cases.cases)
}

/// What the plugin makes of a case, in the form of `expected`.
fn run_case(project: &Project, local: &Local, case: &Case) -> anyhow::Result<Value> {
    let config = if case.config.is_null() { "{}".to_owned() } else { case.config.to_string() };
    match project.kind {
        PluginKind::Operator => operator(local, case, &config),
        PluginKind::Function => function(local, case),
        PluginKind::Rule => {
            let decided = local.rule(&config)?.decide(case.event.clone(), case.context.clone());
            Ok(serde_json::to_value(decided.map_err(|failure| anyhow!("{failure}"))?)?)
        }
        PluginKind::Escalation => {
            let next = local.escalation(&config)?.next(case.incident.clone(), case.history.clone());
            Ok(serde_json::to_value(next.map_err(|failure| anyhow!("{failure}"))?)?)
        }
        PluginKind::Notifier => {
            let script = Script::new(&case.http);
            let sent = local.notifier(&config, &script)?.send(case.message.clone());
            if let Some(complaint) = script.finish().into_iter().next() {
                bail!("{complaint}");
            }
            Ok(match sent.map_err(|failure| anyhow!("{failure}"))? {
                Ok(receipt) => json!({ "ok": receipt }),
                Err(failure) => json!({ "error": failure }),
            })
        }
    }
}

/// The records of a case as rows.
pub(super) fn rows(case: &Case) -> anyhow::Result<Batch> {
    let table = table_of_signal(&case.signal).map_err(|failure| anyhow!(failure.detail))?;
    Ok(records_from_json(table, &case.input, NOW_NS)?)
}

fn operator(local: &Local, case: &Case, config: &str) -> anyhow::Result<Value> {
    let batch = rows(case)?;
    let table = batch.table();
    let operator = Arc::new(local.operator(config)?);
    let step = Step {
        name: "test".to_owned(),
        routes: vec![lincei_pipeline::RouteTarget::Next; operator.info().routes.len()],
        operator,
        filter: None,
        on_failure: FailurePolicy::Hold,
        stats: Arc::new(StepStats::default()),
    };
    let context = RunContext { now_ns: NOW_NS, newest_ns: i64::MAX, client: "test".to_owned() };
    let outcome = Pipeline::new(table, vec![step])?.run(batch, &context)?;
    let mut found = Vec::new();
    for batch in outcome.batches {
        found.extend(records_to_json(batch.records())?);
    }
    // what is expected may leave out what is null or empty, and write times shorter
    let Some(expected) = case.expected.as_array() else { bail!("expected is not a list of records") };
    let expected = records_from_json(table, expected, NOW_NS)?;
    let expected = records_to_json(expected.records())?;
    Ok(if found == expected { case.expected.clone() } else { Value::Array(found) })
}

fn function(local: &Local, case: &Case) -> anyhow::Result<Value> {
    let function = local.function()?;
    let types = &function.signature().arguments;
    let fields: Vec<Field> =
        types.iter().enumerate().map(|(at, data_type)| Field::new(at.to_string(), data_type.clone(), true)).collect();
    let rows = case.arguments.iter().map(|row| {
        if row.len() != types.len() {
            bail!("a row has {} arguments, the function takes {}", row.len(), types.len());
        }
        Ok(row.iter().enumerate().map(|(at, value)| (at.to_string(), value.clone())).collect())
    });
    let rows = rows.collect::<anyhow::Result<Vec<serde_json::Map<String, Value>>>>()?;
    let columns = columns(&Arc::new(Schema::new(fields)), &rows)?;
    let result = function.invoke(&columns, rows.len()).map_err(|failure| anyhow!("{failure}"))?;
    let schema = Schema::new(vec![Field::new("result", result.data_type().clone(), true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![result])?;
    let found = records_to_json(&batch)?;
    // rows without a value are empty objects
    Ok(found.iter().map(|row| row.get("result").cloned().unwrap_or(Value::Null)).collect())
}

fn columns(schema: &Arc<Schema>, rows: &[serde_json::Map<String, Value>]) -> anyhow::Result<Vec<ArrayRef>> {
    let mut decoder =
        arrow_json::ReaderBuilder::new(Arc::clone(schema)).with_batch_size(rows.len().max(1)).build_decoder()?;
    decoder.serialize(rows)?;
    let empty = || RecordBatch::new_empty(Arc::clone(schema));
    Ok(decoder.flush()?.unwrap_or_else(empty).columns().to_vec())
}
