//! `/api/v1/accounts`.

use super::App;
use super::session::account_info;
use crate::access::Caller;
use crate::problem::Failure;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use lincei_api::{AccountInfo, NewAccount, PasswordChange};
use lincei_catalog::Role;
use lincei_model::ErrorCode;
use std::sync::Arc;

#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", summary = "Accounts", responses((status = 200, body = Vec<lincei_api::AccountInfo>)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<AccountInfo>>, Failure> {
    Ok(Json(app.catalog.accounts()?.iter().map(account_info).collect()))
}

#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", summary = "Create an account", request_body = lincei_api::NewAccount, responses((status = 201, body = lincei_api::AccountInfo), (status = 409, body = lincei_api::Problem)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, Json<AccountInfo>), Failure> {
    let role: Role = new.role.parse().map_err(Failure::from)?;
    let (catalog, now) = (Arc::clone(&app.catalog), app.clock.now_ns());
    let creating = tokio::task::spawn_blocking(move || {
        catalog.create_account(&caller.actor(), &new.name, &new.password, role, now)
    });
    let account = creating.await.map_err(|_| Failure::internal("creating the account stopped unexpectedly"))??;
    Ok((StatusCode::CREATED, Json(account_info(&account))))
}

#[utoipa::path(delete, path = "/api/v1/accounts/{name}", tag = "accounts", summary = "Delete an account", params(("name" = String, Path)), responses((status = 204), (status = 409, body = lincei_api::Problem)))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<StatusCode, Failure> {
    let account =
        app.catalog.account(&name)?.ok_or_else(|| Failure::not_found(format!("no account is named {name:?}")))?;
    app.catalog.delete_account(&caller.actor(), account.id, app.clock.now_ns())?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everyone may change their own password, administrators everyone's.
#[utoipa::path(put, path = "/api/v1/accounts/{name}/password", tag = "accounts", summary = "Change a password", params(("name" = String, Path)), request_body = lincei_api::PasswordChange, responses((status = 204)))]
pub(crate) async fn change_password(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Failure> {
    let allowed = match &caller {
        Caller::Open(_) => true,
        Caller::Session(session, _) => session.account.name == name || session.account.role == Role::Admin,
        Caller::Key(..) => false,
    };
    if !allowed {
        return Err(Failure::new(ErrorCode::Forbidden, "only an administrator changes another account's password"));
    }
    let account =
        app.catalog.account(&name)?.ok_or_else(|| Failure::not_found(format!("no account is named {name:?}")))?;
    let (catalog, now) = (Arc::clone(&app.catalog), app.clock.now_ns());
    let changing =
        tokio::task::spawn_blocking(move || catalog.set_password(&caller.actor(), account.id, &change.password, now));
    changing.await.map_err(|_| Failure::internal("changing the password stopped unexpectedly"))??;
    Ok(StatusCode::NO_CONTENT)
}
