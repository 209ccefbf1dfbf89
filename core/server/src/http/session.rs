//! `/api/v1/session`: signing in and out.

use super::App;
use crate::access::{COOKIE, Caller, cookie};
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use lincei_api::{AccountInfo, SessionInfo, SignIn};
use lincei_catalog::Account;
use lincei_model::ErrorCode;
use lincei_model::telemetry::Counter;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A session lasts this long.
const SESSION_TTL: Duration = Duration::from_secs(7 * 24 * 3600);

pub(crate) fn account_info(account: &Account) -> AccountInfo {
    AccountInfo {
        name: account.name.clone(),
        role: account.role.as_str().to_owned(),
        created: rfc3339(account.created_ns),
    }
}

/// Whether credentials are needed, and whose session this is. Never an error for want of either.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", summary = "Whose session this is", responses((status = 200, body = lincei_api::SessionInfo)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<SessionInfo>, Failure> {
    let auth_required = app.access.api_closed()?;
    let (account, csrf_token) = match app.access.caller(&headers, &uri, peer) {
        Ok(Caller::Session(session, _)) => {
            (Some(account_info(&session.account)), Some(session.csrf_token.expose().to_owned()))
        }
        Ok(_) => (None, None),
        Err(failure) if failure.code == ErrorCode::Unauthenticated => (None, None),
        Err(failure) => return Err(failure),
    };
    Ok(Json(SessionInfo { auth_required, account, csrf_token }))
}

#[utoipa::path(post, path = "/api/v1/session", tag = "session", summary = "Sign in", request_body = lincei_api::SignIn, responses((status = 200, body = lincei_api::SessionInfo), (status = 401, body = lincei_api::Problem), (status = 429, body = lincei_api::Problem)))]
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Json(given): Json<SignIn>,
) -> Result<Response, Failure> {
    app.access.count_sign_in(peer.ip(), &given.name)?;
    let (catalog, name) = (Arc::clone(&app.catalog), given.name.clone());
    let verifying = tokio::task::spawn_blocking(move || catalog.verify_password(&given.name, &given.password));
    let account = verifying.await.map_err(|_| Failure::internal("checking the password stopped unexpectedly"))??;
    let Some(account) = account else {
        app.telemetry.add(Counter::LoginFailures, 1);
        tracing::warn!(account = %name, peer = %peer.ip(), "sign-in refused");
        return Err(Failure::new(ErrorCode::Unauthenticated, "the name or the password is wrong"));
    };
    app.access.signed_in(peer.ip(), &name);
    let now = app.clock.now_ns();
    let token = app.catalog.create_session(account.id, now, SESSION_TTL)?;
    let session = app.catalog.session(token.expose(), now)?;
    let session = session.ok_or_else(|| Failure::internal("the new session was not found"))?;
    let info = SessionInfo {
        auth_required: true,
        account: Some(account_info(&session.account)),
        csrf_token: Some(session.csrf_token.expose().to_owned()),
    };
    let mut response = Json(info).into_response();
    set_cookie(&mut response, token.expose(), SESSION_TTL.as_secs(), app.secure_cookies)?;
    Ok(response)
}

#[utoipa::path(delete, path = "/api/v1/session", tag = "session", summary = "Sign out", responses((status = 204)))]
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Caller::Session(session, _) = app.access.caller(&headers, &uri, peer)? {
        let sent = headers.get(lincei_api::CSRF_HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !session.csrf_token.matches(sent) {
            return Err(Failure::new(
                ErrorCode::Forbidden,
                format!("header {} is missing or wrong", lincei_api::CSRF_HEADER),
            ));
        }
        if let Some(token) = cookie(&headers) {
            app.catalog.delete_session(token)?;
        }
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, "", 0, app.secure_cookies)?;
    Ok(response)
}

fn set_cookie(response: &mut Response, token: &str, seconds: u64, secure: bool) -> Result<(), Failure> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let value =
        HeaderValue::from_str(&text).map_err(|_| Failure::internal("the session token is not a header value"))?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(())
}
