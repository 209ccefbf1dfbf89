//! `parse_json`: sets columns from fields of a JSON text.
//!
//! ```json
//! {"source": "body", "fields": {"user.id": "attributes.user.id", "level": "severity"}}
//! ```
//!
//! `source` is `body` unless it says otherwise; the keys of `fields` are paths in the JSON object, their
//! values columns. A row without a field keeps what it had.

use super::{Operator, OperatorInfo, failed, info, parsed, target, text_target};
use crate::column::{Access, ColumnType, ColumnUse};
use crate::error::{OperatorError, PipelineError};
use crate::kernel::{self, Extraction, JsonFields, Target};
use crate::work::Work;
use lincei_model::Table;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const NAME: &str = "parse_json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default = "body")]
    source: String,
    fields: BTreeMap<String, String>,
}

fn body() -> String {
    "body".to_owned()
}

struct ParseJson {
    info: Arc<OperatorInfo>,
    source: Target,
    paths: JsonFields,
    fields: Vec<(String, Target)>,
}

pub(super) fn configured(table: Table, config: &Value) -> Result<Arc<dyn Operator>, PipelineError> {
    let config: Config = parsed(NAME, config)?;
    let source = text_target(table, &config.source)?;
    let paths = JsonFields::new(config.fields.keys().map(String::as_str));
    let paths = paths.map_err(|error| PipelineError::invalid(error.to_string()))?;
    let into = |(path, column): (&String, &String)| {
        let into = target(table, column, None)?;
        if into.column_type == ColumnType::Attributes {
            return Err(PipelineError::invalid(format!("{column}: a field cannot be set to a map; name a key of it")));
        }
        Ok((path.clone(), into))
    };
    let fields = config.fields.iter().map(into).collect::<Result<Vec<_>, PipelineError>>()?;
    let uses = |path: &String, target: &Target, access| ColumnUse {
        path: path.clone(),
        column_type: target.column_type,
        access,
    };
    let mut columns = vec![uses(&config.source, &source, Access::READ)];
    let written = config.fields.values().zip(&fields);
    columns.extend(written.map(|(column, (_, target))| uses(column, target, Access::READ_WRITE)));
    Ok(Arc::new(ParseJson { info: info(NAME, vec![table], columns), source, paths, fields }))
}

impl Operator for ParseJson {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.info)
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        let fields: Vec<_> = self.fields.iter().map(|(path, into)| Extraction { path, into }).collect();
        kernel::json(work, &self.source, &self.paths, &fields).map_err(|error| failed(&error)).map(drop)
    }
}
