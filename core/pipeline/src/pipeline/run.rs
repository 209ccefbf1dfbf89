use super::{
    CALL_OUTPUT_BYTES_MAX, CALL_ROWS, CALL_ROWS_MAX, FailurePolicy, Pipeline, RouteTarget, Step, refuse, size,
};
use crate::error::{FailureKind, OperatorError, PipelineError};
use crate::work::{Finished, Work};
use crate::{ColumnPath, OperatorInfo};
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, StringViewArray, UInt32Array};
use arrow_buffer::BooleanBuffer;
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take;
use lincei_model::{Batch, Table};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where a batch comes from.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// Nanoseconds since the Unix epoch.
    pub now_ns: i64,
    /// The latest time that an operator may give a row.
    pub newest_ns: i64,
    /// Address and user agent of the sender, for `rejects`.
    pub client: String,
}

/// What is left of a batch.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows to store: of the pipeline's table, those that were added to others, and those that went to
    /// `rejects`.
    pub batches: Vec<Batch>,
    /// Rows that operators dropped.
    pub dropped: u64,
    /// Rows in `rejects`.
    pub rejected: u64,
}

/// Why a batch is not stored now.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A step holds its rows back until its operator works again.
    #[error("operator {operator} of step {step:?} failed, and the step holds its records back: {error}")]
    Held {
        /// The step.
        step: String,
        /// Its operator.
        operator: String,
        /// Why it failed.
        error: OperatorError,
    },
    /// A defect here.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// A batch on its way.
struct Run<'p> {
    pipeline: &'p Pipeline,
    context: &'p RunContext,
    /// For each step the rows that are to pass it next.
    waiting: Vec<Vec<RecordBatch>>,
    done: Vec<RecordBatch>,
    others: Vec<Batch>,
    rejects: refuse::Rejects,
    dropped: u64,
}

/// Rows that left at a step.
#[derive(Default)]
struct Left {
    dropped: usize,
    rejected: usize,
}

impl Pipeline {
    /// Takes a batch of the pipeline's table through its steps, on the calling thread. The order of rows is
    /// not kept.
    ///
    /// # Errors
    /// [`Refused::Held`] when a step says so; nothing of the batch is to be stored then.
    pub fn run(&self, batch: Batch, context: &RunContext) -> Result<Outcome, Refused> {
        if self.steps.is_empty() || batch.table() != self.table {
            return Ok(Outcome { batches: vec![batch], ..Outcome::default() });
        }
        let mut run = Run {
            pipeline: self,
            context,
            waiting: vec![Vec::new(); self.steps.len()],
            done: Vec::new(),
            others: Vec::new(),
            rejects: refuse::Rejects::default(),
            dropped: 0,
        };
        run.send(0, batch.into_records());
        // rows only go forward, so all that pass a step are there when its turn comes
        for (at, step) in self.steps.iter().enumerate() {
            let rows = run.waiting.get_mut(at).map(std::mem::take).unwrap_or_default();
            let rows_max = call_rows(&step.operator.info());
            for records in size::gathered(rows, rows_max)? {
                run.advance(step, records, at + 1, rows_max)?;
            }
        }
        run.finish()
    }
}

impl Run<'_> {
    /// Lets rows wait for a step, or for storage behind the last.
    fn send(&mut self, at: usize, records: RecordBatch) {
        if records.num_rows() > 0 {
            self.waiting.get_mut(at).unwrap_or(&mut self.done).push(records);
        }
    }

    /// Takes rows through a step: those that its filter chooses through the operator.
    fn advance(&mut self, step: &Step, records: RecordBatch, next: usize, rows_max: usize) -> Result<(), Refused> {
        let rows = records.num_rows();
        let mine = match &step.filter {
            None => records,
            Some(filter) => match filter.select(&records).and_then(|chosen| checked(chosen, rows)) {
                Ok(chosen) if chosen.count_set_bits() == rows => records,
                Ok(chosen) => {
                    self.send(next, filtered(&records, !&chosen)?);
                    filtered(&records, chosen)?
                }
                Err(error) => {
                    step.stats.failed(rows, &error, Duration::ZERO);
                    return self.failed(step, records, next, &error);
                }
            },
        };
        if mine.num_rows() == 0 {
            return Ok(());
        }
        size::pieces(&mine, rows_max).into_iter().try_for_each(|records| self.call(step, records, next))
    }

    fn call(&mut self, step: &Step, records: RecordBatch, next: usize) -> Result<(), Refused> {
        let started = Instant::now();
        let mut work = Work::of_records(self.pipeline.table, &records, self.context.now_ns);
        let info = step.operator.info();
        let finished = step
            .operator
            .process(&mut work)
            .and_then(|()| work.finish().map_err(|error| OperatorError::new(FailureKind::Output, error.to_string())))
            .and_then(|finished| check(finished, &records, &info, self.context));
        let elapsed = started.elapsed();
        match finished {
            Ok(finished) => {
                let added = finished.emitted.iter().map(Batch::rows).sum();
                let (kept, dropped) = (finished.records.num_rows(), finished.dropped);
                let left = self.go_on(step, &info, finished, next)?;
                let out = kept - left.dropped - left.rejected + added;
                self.dropped += (dropped + left.dropped) as u64;
                step.stats.worked(records.num_rows(), out, dropped + left.dropped, left.rejected, added, elapsed);
                Ok(())
            }
            Err(error) => {
                step.stats.failed(records.num_rows(), &error, elapsed);
                self.failed(step, records, next, &error)
            }
        }
    }

    /// Sends each row where its route leads.
    fn go_on(
        &mut self,
        step: &Step,
        info: &OperatorInfo,
        finished: Finished,
        next: usize,
    ) -> Result<Left, PipelineError> {
        let mut left = Left::default();
        match finished.routes {
            None => self.send(next, finished.records),
            Some(routes) => {
                let mut numbers = routes.clone();
                numbers.sort_unstable();
                numbers.dedup();
                for number in numbers {
                    let chosen = BooleanBuffer::collect_bool(routes.len(), |row| routes.get(row) == Some(&number));
                    let records = filtered(&finished.records, chosen)?;
                    self.route(step, info, number, records, next, &mut left);
                }
            }
        }
        for batch in finished.emitted {
            if batch.table() == self.pipeline.table {
                self.send(next, batch.into_records());
            } else {
                self.others.push(batch);
            }
        }
        Ok(left)
    }

    fn route(
        &mut self,
        step: &Step,
        info: &OperatorInfo,
        number: u16,
        records: RecordBatch,
        next: usize,
        left: &mut Left,
    ) {
        let place = usize::from(number).checked_sub(1);
        match place.and_then(|place| step.routes.get(place)).unwrap_or(&RouteTarget::Next) {
            RouteTarget::Next => self.send(next, records),
            RouteTarget::Step(at) => self.send(*at, records),
            RouteTarget::End => self.done.push(records),
            RouteTarget::Drop => left.dropped += records.num_rows(),
            RouteTarget::Reject => {
                left.rejected += records.num_rows();
                let name = place.and_then(|place| info.routes.get(place)).map_or("?", String::as_str);
                let reason = format!("step {:?} sent the record to rejects by its route {name:?}", step.name);
                self.rejects.push(step, records, "invalid", reason);
            }
        }
    }

    /// Does with rows what the step says about failures.
    fn failed(&mut self, step: &Step, records: RecordBatch, next: usize, error: &OperatorError) -> Result<(), Refused> {
        match step.on_failure {
            FailurePolicy::Pass => {
                let records = self.marked(step, &records)?;
                self.send(next, records);
            }
            FailurePolicy::Hold => {
                return Err(Refused::Held {
                    step: step.name.clone(),
                    operator: step.operator.info().name.clone(),
                    error: error.clone(),
                });
            }
            FailurePolicy::Reject => {
                let reason = format!("operator {} failed: {error}", step.operator.info().name);
                self.rejects.push(step, records, "internal", reason);
            }
        }
        Ok(())
    }

    fn marked(&self, step: &Step, records: &RecordBatch) -> Result<RecordBatch, PipelineError> {
        let table = self.pipeline.table;
        let mut work = Work::of_records(table, records, self.context.now_ns);
        let mark = ColumnPath::parse(table, "attributes.lincei.operator.failed").map_err(crate::WorkError::from)?;
        let name: ArrayRef = Arc::new(StringViewArray::from_iter_values([step.name.as_str()]));
        let names = take(&name, &UInt32Array::from_value(0, records.num_rows()), None)?;
        work.write(&mark, &names)?;
        Ok(work.finish()?.records)
    }

    fn finish(self) -> Result<Outcome, Refused> {
        let mut batches = Vec::new();
        if let Some(records) = size::joined(&self.done)? {
            batches.push(Batch::new(self.pipeline.table, records).map_err(PipelineError::from)?);
        }
        for table in Table::ALL {
            let others = self.others.iter().filter(|batch| batch.table() == table);
            let others: Vec<RecordBatch> = others.map(|batch| batch.records().clone()).collect();
            if let Some(records) = size::joined(&others)? {
                batches.push(Batch::new(table, records).map_err(PipelineError::from)?);
            }
        }
        let rejected = self.rejects.rows();
        batches.extend(self.rejects.finish(self.pipeline.table, self.context)?);
        Ok(Outcome { batches, dropped: self.dropped, rejected })
    }
}

/// What the model and the interface ask of rows, of those that an operator made.
fn check(
    finished: Finished,
    before: &RecordBatch,
    info: &OperatorInfo,
    context: &RunContext,
) -> Result<Finished, OperatorError> {
    let refused = |detail: String| Err(OperatorError::new(FailureKind::Output, detail));
    let late = |records: &RecordBatch| {
        lincei_model::time_bounds(records).is_some_and(|(_, newest)| newest > context.newest_ns)
    };
    let added = || finished.emitted.iter().any(|batch| late(batch.records()));
    if (finished.is_other_time && late(&finished.records)) || added() {
        return refused("a time that it set lies more than ten minutes in the future".to_owned());
    }
    if finished.emitted.iter().any(|batch| batch.table() == Table::Rejects) {
        return refused("rows cannot be added to rejects".to_owned());
    }
    let routes = info.routes.len();
    let unknown = finished.routes.iter().flatten().find(|route| usize::from(**route) > routes);
    if let Some(route) = unknown {
        return refused(format!("there is no route {route}: it has {routes}"));
    }
    let columns = finished.records.columns().iter().zip(before.columns());
    let set: usize =
        columns.filter(|(now, before)| !Arc::ptr_eq(now, before)).map(|(now, _)| size::array_bytes(now)).sum();
    let bytes = set + finished.emitted.iter().map(|batch| size::rows_bytes(batch.records())).sum::<usize>();
    if bytes > CALL_OUTPUT_BYTES_MAX && bytes > size::rows_bytes(before) {
        return refused(format!(
            "it made {bytes} bytes of rows in one call, at most {CALL_OUTPUT_BYTES_MAX} are allowed"
        ));
    }
    Ok(finished)
}

/// A choice, if it is about as many rows as there are: a shorter one would lose rows.
fn checked(chosen: BooleanBuffer, rows: usize) -> Result<BooleanBuffer, OperatorError> {
    if chosen.len() == rows {
        return Ok(chosen);
    }
    let detail = format!("the filter chose among {} rows, there are {rows}", chosen.len());
    Err(OperatorError::new(FailureKind::Internal, detail))
}

fn filtered(records: &RecordBatch, chosen: BooleanBuffer) -> Result<RecordBatch, PipelineError> {
    Ok(filter_record_batch(records, &BooleanArray::new(chosen, None))?)
}

/// How many rows a call may have.
fn call_rows(info: &OperatorInfo) -> usize {
    if info.batch_hint == 0 { CALL_ROWS } else { info.batch_hint.min(CALL_ROWS_MAX) }
}
