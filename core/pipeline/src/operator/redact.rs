//! `redact`: replaces what a regular expression matches.
//!
//! ```json
//! {"columns": ["body"], "pattern": "\\b\\d{16}\\b", "replacement": "[card]"}
//! ```

use super::{Operator, OperatorInfo, failed, info, parsed, text_target};
use crate::column::{Access, ColumnType, ColumnUse};
use crate::error::{OperatorError, PipelineError};
use crate::kernel::{self, Patterns, Target};
use crate::work::Work;
use lincei_model::Table;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

pub(super) const NAME: &str = "redact";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    columns: Vec<String>,
    pattern: String,
    #[serde(default = "stars")]
    replacement: String,
}

fn stars() -> String {
    "***".to_owned()
}

struct Redact {
    info: Arc<OperatorInfo>,
    columns: Vec<Target>,
    pattern: Arc<Regex>,
    replacement: String,
}

pub(super) fn configured(table: Table, config: &Value) -> Result<Arc<dyn Operator>, PipelineError> {
    let config: Config = parsed(NAME, config)?;
    let pattern = Patterns::default().regex(&config.pattern);
    let pattern = pattern.map_err(|error| PipelineError::invalid(error.to_string()))?;
    let column = |path: &String| text_target(table, path);
    let columns = config.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let uses =
        |path: &String| ColumnUse { path: path.clone(), column_type: ColumnType::Text, access: Access::READ_WRITE };
    let info = info(NAME, vec![table], config.columns.iter().map(uses).collect());
    Ok(Arc::new(Redact { info, columns, pattern, replacement: config.replacement }))
}

impl Operator for Redact {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.info)
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        for column in &self.columns {
            kernel::redact(work, column, &self.pattern, &self.replacement).map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}
