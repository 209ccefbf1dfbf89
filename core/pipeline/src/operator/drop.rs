//! `drop`: takes out the rows that the step's filter chooses. No configuration.

use super::{Operator, OperatorInfo, info, parsed};
use crate::error::{OperatorError, PipelineError};
use crate::work::Work;
use arrow_buffer::BooleanBuffer;
use lincei_model::Table;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

pub(super) const NAME: &str = "drop";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

struct Drop(Arc<OperatorInfo>);

pub(super) fn configured(config: &Value) -> Result<Arc<dyn Operator>, PipelineError> {
    let Config {} = parsed(NAME, config)?;
    Ok(Arc::new(Drop(info(NAME, vec![Table::Logs, Table::Spans, Table::Metrics], Vec::new()))))
}

impl Operator for Drop {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.0)
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        work.keep(&BooleanBuffer::new_unset(work.rows()))
            .map_err(|error| OperatorError::new(crate::FailureKind::Internal, error.to_string()))
    }
}
