//! `lincei plugin bench`: what an operator costs.

use super::project::Project;
use super::test::{files, local, read, rows};
use crate::cli::say;
use anyhow::{Context as _, bail};
use lincei_host::PluginKind;
use lincei_model::Batch;
use lincei_pipeline::{Operator as _, Work};
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BenchArgs {
    /// Folder of the project.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Rows of one call.
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=8192))]
    rows: u32,
    /// How long to measure, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
}

pub(super) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let project = Project::open(&args.folder)?;
    if project.kind != PluginKind::Operator {
        bail!("only operators are measured; this is of kind {}", project.kind);
    }
    let mut cases = Vec::new();
    for file in files(&project.folder)? {
        cases.extend(read(&file)?);
    }
    let case = cases.into_iter().find(|case| rows(case).is_ok_and(|batch| batch.rows() > 0));
    let case = case.context("no case in tests/ has records")?;
    let batch = repeated(&rows(&case)?, usize::try_from(args.rows)?)?;
    let config = if case.config.is_null() { "{}".to_owned() } else { case.config.to_string() };
    let operator = local(&project)?.operator(&config)?;
    let mut calls = Vec::new();
    let started = Instant::now();
    let limit = Duration::from_secs(args.seconds);
    while started.elapsed() < limit {
        let mut work = Work::new(&batch, super::local::NOW_NS);
        let call = Instant::now();
        operator.process(&mut work)?;
        calls.push(call.elapsed());
    }
    calls.sort();
    let at = |part: usize| calls.get((calls.len() * part / 100).min(calls.len() - 1)).copied().unwrap_or_default();
    let total: Duration = calls.iter().sum();
    let per_record = total.as_secs_f64() / (calls.len() * batch.rows()) as f64;
    say(&format!(
        "{} calls of {} rows: {:.0} records/s, {:.0} ns a record; a call takes {:.3} ms (half), {:.3} ms (99 of 100)",
        calls.len(),
        batch.rows(),
        1.0 / per_record,
        per_record * 1e9,
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3
    ));
    Ok(())
}

/// So many rows, by repeating those that there are.
fn repeated(batch: &Batch, rows: usize) -> anyhow::Result<Batch> {
    let copies = rows.div_ceil(batch.rows());
    let records = std::iter::repeat_n(batch.records(), copies);
    let records = arrow_select::concat::concat_batches(&batch.records().schema(), records)?;
    Ok(Batch::new(batch.table(), records.slice(0, rows))?)
}
