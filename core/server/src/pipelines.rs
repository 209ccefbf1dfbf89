//! The pipelines of this server: as they were saved, and as they run.

mod build;

use crate::catalog::on_catalog;
use crate::plugins::Plugins;
use crate::problem::Failure;
use lincei_api::PipelineStep;
use lincei_catalog::{Actor, Catalog, StoredPipeline};
use lincei_model::{Batch, ErrorCode, Table};
use lincei_pipeline::{Outcome, Pipeline, Refused, RunContext, StepStats, StepTotals};
use lincei_query::QueryService;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Signals that have pipelines.
pub(crate) const SIGNALS: [Table; 3] = [Table::Logs, Table::Spans, Table::Metrics];

/// Steps as the catalog has them; none when another version wrote what cannot be read here.
pub(crate) fn saved_steps(stored: serde_json::Value) -> Vec<PipelineStep> {
    serde_json::from_value(stored).unwrap_or_default()
}

/// A pipeline of one signal.
#[derive(Clone, Default)]
pub(crate) struct Running {
    pub(crate) stored: Option<StoredPipeline>,
    /// `None` when there are no steps, or it cannot work.
    pub(crate) pipeline: Option<Arc<Pipeline>>,
    /// Why it cannot work.
    pub(crate) error: Option<String>,
}

/// All of them.
pub(crate) struct Pipelines {
    catalog: Arc<Catalog>,
    plugins: Arc<Plugins>,
    query: QueryService,
    running: RwLock<HashMap<Table, Running>>,
    changing: tokio::sync::Mutex<()>,
}

impl Pipelines {
    pub(crate) fn new(catalog: Arc<Catalog>, plugins: Arc<Plugins>, query: QueryService) -> Self {
        Self { catalog, plugins, query, running: RwLock::default(), changing: tokio::sync::Mutex::new(()) }
    }

    /// As it is now.
    pub(crate) fn of(&self, table: Table) -> Running {
        self.running.read().get(&table).cloned().unwrap_or_default()
    }

    /// The steps that were saved.
    pub(crate) fn steps(&self, table: Table) -> Vec<PipelineStep> {
        self.of(table).stored.map(|stored| saved_steps(stored.steps)).unwrap_or_default()
    }

    /// What a step did.
    pub(crate) fn totals(&self, table: Table, step: &str) -> StepTotals {
        let running = self.of(table);
        let steps = running.pipeline.as_ref().map(|pipeline| pipeline.steps()).unwrap_or_default();
        steps.iter().find(|known| known.name == step).map(|known| known.stats.totals()).unwrap_or_default()
    }

    /// Builds all from the catalog; a change of a plugin asks for it again.
    pub(crate) async fn reload(&self) -> Result<(), Failure> {
        let _turn = self.changing.lock().await;
        let stored = on_catalog(&self.catalog, |catalog| catalog.pipelines()).await?;
        for pipeline in stored {
            let table = crate::plugins::table_of_signal(&pipeline.signal)?;
            self.adopt(table, pipeline).await;
        }
        Ok(())
    }

    /// Saves the steps of a signal.
    pub(crate) async fn save(
        &self,
        actor: Actor,
        table: Table,
        steps: Vec<PipelineStep>,
        revision: u64,
        now_ns: i64,
    ) -> Result<Running, Failure> {
        let _turn = self.changing.lock().await;
        // what is wrong is said before anything is kept
        self.build(table, &steps, &HashMap::new()).await?;
        let json = serde_json::to_value(&steps).map_err(|error| Failure::internal(error.to_string()))?;
        let signal = table.name();
        let stored =
            on_catalog(&self.catalog, move |catalog| catalog.set_pipeline(&actor, signal, json, revision, now_ns))
                .await?;
        self.adopt(table, stored).await;
        Ok(self.of(table))
    }

    /// Lets a stored pipeline run. Steps that kept their name and operator keep their counts.
    async fn adopt(&self, table: Table, stored: StoredPipeline) {
        let kept = self.counts(table);
        let steps = serde_json::from_value::<Vec<PipelineStep>>(stored.steps.clone());
        let built = match steps {
            Ok(steps) => self.build(table, &steps, &kept).await,
            Err(error) => Err(Failure::internal(format!("the steps cannot be read: {error}"))),
        };
        let running = match built {
            Ok(pipeline) => Running { stored: Some(stored), pipeline, error: None },
            Err(failure) => {
                tracing::error!(%table, error = %failure.detail, "a pipeline cannot work, its records are refused");
                Running { stored: Some(stored), pipeline: None, error: Some(failure.detail) }
            }
        };
        self.running.write().insert(table, running);
    }

    fn counts(&self, table: Table) -> HashMap<(String, String), Arc<StepStats>> {
        let running = self.of(table);
        let steps = running.pipeline.as_ref().map(|pipeline| pipeline.steps()).unwrap_or_default();
        steps
            .iter()
            .map(|step| ((step.name.clone(), step.operator.info().name.clone()), Arc::clone(&step.stats)))
            .collect()
    }

    /// Takes a batch through the pipeline of its table.
    pub(crate) async fn run(&self, batch: Batch, context: RunContext) -> Result<Outcome, Failure> {
        let Running { pipeline, error, .. } = self.of(batch.table());
        if let Some(error) = error {
            let detail =
                format!("the pipeline of {} cannot work, and nothing is stored past it: {error}", batch.table());
            return Err(Failure::new(ErrorCode::Unavailable, detail));
        }
        let Some(pipeline) = pipeline else { return Ok(Outcome { batches: vec![batch], ..Outcome::default() }) };
        if !pipeline.is_foreign() {
            return pipeline.run(batch, &context).map_err(held);
        }
        self.plugins.on_thread(move || pipeline.run(batch, &context)).await?.map_err(held)
    }
}

fn held(refused: Refused) -> Failure {
    match refused {
        Refused::Held { .. } => Failure::new(ErrorCode::Unavailable, refused.to_string()),
        Refused::Pipeline(error) => Failure::new(error.code(), error.to_string()),
    }
}
