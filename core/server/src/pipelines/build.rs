//! From steps as they are written to steps that run.

use super::Pipelines;
use crate::problem::Failure;
use arrow_array::{Array as _, RecordBatch};
use arrow_buffer::BooleanBuffer;
use lincei_api::PipelineStep;
use lincei_model::{Table, TenantId};
use lincei_pipeline::{
    FailureKind, FailurePolicy, Filter, Operator, OperatorError, Pipeline, RouteTarget, Step, StepStats, operator,
};
use lincei_query::RowFilter;
use std::collections::HashMap;
use std::sync::Arc;

/// Characters of a step's name.
const NAME_CHARS_MAX: usize = 64;

/// A search as the filter of a step.
struct SearchFilter(RowFilter);

impl Filter for SearchFilter {
    fn select(&self, rows: &RecordBatch) -> Result<BooleanBuffer, OperatorError> {
        let chosen = self.0.matches(rows).map_err(|error| OperatorError::new(FailureKind::Internal, error))?;
        Ok(match chosen.nulls() {
            Some(nulls) => chosen.values() & nulls.inner(),
            None => chosen.values().clone(),
        })
    }
}

impl Pipelines {
    /// `None` when no step works.
    pub(crate) async fn build(
        &self,
        table: Table,
        steps: &[PipelineStep],
        counts: &HashMap<(String, String), Arc<StepStats>>,
    ) -> Result<Option<Arc<Pipeline>>, Failure> {
        let enabled: Vec<&PipelineStep> = steps.iter().filter(|step| !step.disabled).collect();
        let mut built = Vec::with_capacity(enabled.len());
        for step in &enabled {
            let in_step = |mut failure: Failure| {
                failure.detail = format!("step {:?}: {}", step.name, failure.detail);
                failure
            };
            built.push(self.step(table, step, &enabled, counts).await.map_err(in_step)?);
        }
        let pipeline = Pipeline::new(table, built).map_err(|error| Failure::new(error.code(), error.to_string()))?;
        Ok((!enabled.is_empty()).then(|| Arc::new(pipeline)))
    }

    async fn step(
        &self,
        table: Table,
        step: &PipelineStep,
        all: &[&PipelineStep],
        counts: &HashMap<(String, String), Arc<StepStats>>,
    ) -> Result<Step, Failure> {
        check_name(&step.name)?;
        let operator: Arc<dyn Operator> = match step.plugin() {
            Some(plugin) if step.config.is_null() => self.plugins.operator(plugin)?,
            Some(_) => return Err(Failure::invalid("a plugin has its configuration on its own page, not in a step")),
            None => operator::built_in(&step.operator, table, &step.config)
                .map_err(|error| Failure::new(error.code(), error.to_string()))?,
        };
        let filter: Option<Arc<dyn Filter>> = match step.search.as_deref().filter(|search| !search.trim().is_empty()) {
            Some(search) => {
                let filter = self.query.compile_filter(&TenantId::default(), table, search).await?;
                Some(Arc::new(SearchFilter(filter)))
            }
            None => None,
        };
        let on_failure = FailurePolicy::ALL.into_iter().find(|policy| policy.as_str() == step.on_failure);
        let on_failure = on_failure.ok_or_else(|| {
            Failure::invalid(format!("on_failure {:?} is none of pass, hold and reject", step.on_failure))
        })?;
        let info = operator.info();
        if let Some(unknown) = step.routes.keys().find(|route| !info.routes.contains(route)) {
            return Err(Failure::invalid(format!("{} has no route {unknown:?}", info.name)));
        }
        let routes = info.routes.iter().map(|route| route_target(step.routes.get(route), all));
        let routes = routes.collect::<Result<Vec<_>, _>>()?;
        let key = (step.name.clone(), info.name.clone());
        let stats = counts.get(&key).cloned().unwrap_or_default();
        Ok(Step { name: step.name.clone(), operator, filter, on_failure, routes, stats })
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(is_plain) {
        return Err(Failure::invalid(format!("the name is not 1 to {NAME_CHARS_MAX} of a-z, 0-9 and -")));
    }
    Ok(())
}

fn route_target(given: Option<&String>, all: &[&PipelineStep]) -> Result<RouteTarget, Failure> {
    Ok(match given.map_or("next", String::as_str) {
        "next" => RouteTarget::Next,
        "end" => RouteTarget::End,
        "drop" => RouteTarget::Drop,
        "reject" => RouteTarget::Reject,
        name => {
            let place = all.iter().position(|step| step.name == name);
            let place = place.ok_or_else(|| {
                Failure::invalid(format!(
                    "a route leads to {name:?}, which is no step that works, nor next, end, drop or reject"
                ))
            })?;
            RouteTarget::Step(place)
        }
    })
}
