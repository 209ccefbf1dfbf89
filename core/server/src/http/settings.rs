//! `/api/v1/settings/storage`.

use super::App;
use crate::access::Caller;
use crate::problem::Failure;
use axum::extract::State;
use axum::{Extension, Json};
use lincei_api::{RetentionSettings, StorageSettings};
use lincei_catalog::Retention;
use lincei_model::Table;
use std::sync::Arc;
use std::time::Duration;

#[utoipa::path(get, path = "/api/v1/settings/storage", tag = "settings", summary = "Retention per table", responses((status = 200, body = lincei_api::StorageSettings)))]
pub(crate) async fn storage(State(app): State<Arc<App>>) -> Result<Json<StorageSettings>, Failure> {
    read(&app).map(Json)
}

fn read(app: &App) -> Result<StorageSettings, Failure> {
    let of_table = |table: &Table| {
        let kept = app.catalog.retention(&app.tenant, *table)?;
        Ok(RetentionSettings {
            table: table.name().to_owned(),
            max_age_seconds: kept.max_age.map(|age| age.as_secs()),
            max_bytes: kept.max_bytes,
        })
    };
    Ok(StorageSettings { retention: Table::ALL.iter().map(of_table).collect::<Result<_, Failure>>()? })
}

#[utoipa::path(put, path = "/api/v1/settings/storage", tag = "settings", summary = "Change retention", request_body = lincei_api::StorageSettings, responses((status = 200, body = lincei_api::StorageSettings), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn change_storage(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<StorageSettings>,
) -> Result<Json<StorageSettings>, Failure> {
    let checked: Vec<(Table, Retention)> = new.retention.iter().map(check).collect::<Result<_, _>>()?;
    for (table, kept) in checked {
        app.catalog.set_retention(&caller.actor(), &app.tenant, table, kept, app.clock.now_ns())?;
    }
    read(&app).map(Json)
}

fn check(entry: &RetentionSettings) -> Result<(Table, Retention), Failure> {
    let table: Table = entry.table.parse().map_err(Failure::invalid)?;
    if entry.max_age_seconds.is_some_and(|age| age < 3600) {
        let age = entry.max_age_seconds.unwrap_or_default();
        return Err(Failure::invalid(format!(
            "max_age_seconds of {table} is {age}: at least 3600 is needed, files hold an hour"
        )));
    }
    Ok((table, Retention { max_age: entry.max_age_seconds.map(Duration::from_secs), max_bytes: entry.max_bytes }))
}
