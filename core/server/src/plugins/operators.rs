use lincei_model::Table;
use lincei_pipeline::{FailureKind, Operator, OperatorError, OperatorInfo, Work};
use std::sync::Arc;

/// Stands for a plugin that does not work: each call fails, and the step's policy decides.
pub(crate) struct NotWorking {
    info: Arc<OperatorInfo>,
    why: String,
}

impl NotWorking {
    pub(crate) fn new(name: &str, why: String) -> Self {
        let info = OperatorInfo {
            name: name.to_owned(),
            version: None,
            tables: vec![Table::Logs, Table::Spans, Table::Metrics],
            columns: Vec::new(),
            batch_hint: 0,
            routes: Vec::new(),
        };
        Self { info: Arc::new(info), why }
    }
}

impl Operator for NotWorking {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.info)
    }

    fn process(&self, _: &mut Work) -> Result<(), OperatorError> {
        Err(OperatorError::new(FailureKind::Open, self.why.clone()))
    }
}
