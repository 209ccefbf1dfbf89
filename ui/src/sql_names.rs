//! What an editor of SQL completes, as the server knows it.

use crate::ask::Asked;
use crate::context::Context;
use crate::editor::Schema;
use crate::schema::{self, SchemaKey, SchemaTable};
use leptos::prelude::*;
use lincei_api::{SqlRequest, SqlResponse};
use std::sync::Arc;

/// Tables and functions, once they are known; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct SqlNames {
    /// Tables with their columns.
    pub(crate) tables: Asked<Vec<SchemaTable>>,
    functions: Asked<Vec<(String, String)>>,
}

impl SqlNames {
    /// Asks for both.
    pub(crate) fn ask(context: Context) -> Self {
        let names = Self { tables: Asked::new(context), functions: Asked::new(context) };
        names.ask_tables();
        ask(names.functions, schema::FUNCTIONS_SQL, schema::functions);
        names
    }

    /// Asks for the tables anew.
    pub(crate) fn ask_tables(self) {
        ask(self.tables, schema::COLUMNS_SQL, schema::tables);
    }

    /// What completion offers, with the keys of maps that are known; tracked.
    pub(crate) fn schema(self, keys: &[SchemaKey]) -> Arc<Schema> {
        let tables = self.tables.answer.get();
        let functions = self.functions.answer.get();
        let tables = tables.as_ref().map(|tables| tables.as_slice()).unwrap_or_default();
        let functions = functions.as_ref().map(|functions| functions.as_slice()).unwrap_or_default();
        Arc::new(schema::for_editor(tables, keys, functions))
    }
}

fn ask<T: Send + Sync + 'static>(asked: Asked<T>, sql: &'static str, read: fn(&SqlResponse) -> T) {
    asked.ask(move |call| async move {
        let request = SqlRequest { sql: sql.to_owned(), query_id: Some(call.query_id), ..SqlRequest::default() };
        let response: SqlResponse = call.client.ask("/sql", &request, &call.signal).await?;
        Ok(read(&response))
    });
}
