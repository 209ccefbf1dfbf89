//! Requests to the HTTP API of the server that the page came from.

use crate::browser;
use crate::failure::Failure;
use leptos::prelude::*;
use lincei_api::{
    CSRF_HEADER, Problem, QueryInfo, QueryList, SessionInfo, SignIn, SqlRequest, SqlResponse, StatusInfo, TimeInput,
};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, Request, RequestInit, Response};

mod plugins;
mod saved;

const API: &str = "/api/v1";
const SESSION: &str = "/session";

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The page itself stopped waiting.
    Aborted,
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The server, and the session with it.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    csrf_token: StoredValue<Option<String>>,
    on_unauthenticated: Callback<()>,
}

/// What a request carries.
struct Body {
    media_type: &'static str,
    content: JsValue,
}

impl Body {
    fn of_json(text: &str) -> Self {
        Self { media_type: "application/json", content: JsValue::from_str(text) }
    }
}

/// One SQL statement with its window.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The statement.
    pub(crate) sql: String,
    /// From, included; none for no bound.
    pub(crate) from_ns: Option<i64>,
    /// To, not included; none for no bound.
    pub(crate) to_ns: Option<i64>,
}

impl Client {
    /// `on_unauthenticated` is called when the server wants credentials it has not got.
    pub(crate) fn new(on_unauthenticated: Callback<()>) -> Self {
        Self { csrf_token: StoredValue::new(None), on_unauthenticated }
    }

    /// Takes the token that changing requests carry.
    pub(crate) fn begin_session(&self, info: &SessionInfo) {
        self.csrf_token.set_value(info.csrf_token.clone());
    }

    /// `GET /session`.
    pub(crate) async fn session(&self) -> Result<SessionInfo, Failure> {
        self.get(SESSION).await
    }

    /// `POST /session`.
    pub(crate) async fn sign_in(&self, credentials: &SignIn) -> Result<SessionInfo, Failure> {
        self.change("POST", SESSION, credentials).await
    }

    /// `DELETE /session`.
    pub(crate) async fn sign_out(&self) -> Result<(), Failure> {
        self.send("DELETE", SESSION, None, None).await.map_err(failed).map(drop)
    }

    /// `GET /status`.
    pub(crate) async fn status(&self) -> Result<StatusInfo, Failure> {
        self.get("/status").await
    }

    /// The queries that run, and those that ended a moment ago.
    pub(crate) async fn queries(&self) -> Result<Vec<QueryInfo>, Failure> {
        self.get::<QueryList>("/queries").await.map(|list| list.queries)
    }

    /// `DELETE /queries/{id}`; that it has ended meanwhile is no failure.
    pub(crate) async fn cancel(&self, id: &str) -> Result<(), Failure> {
        let ended = self.delete(&format!("/queries/{id}")).await;
        ended.or_else(|failure| if failure.code() == "not_found" { Ok(()) } else { Err(failure) })
    }

    /// `POST /sql`. Aborting closes the connection, at which the server cancels the query.
    pub(crate) async fn sql(
        &self,
        question: Question,
        query_id: String,
        limit: Option<u64>,
        abort: &AbortSignal,
    ) -> Result<SqlResponse, Refusal> {
        let bound = |ns: i64| TimeInput::Text(crate::calendar::rfc3339(ns));
        let request = SqlRequest {
            sql: question.sql,
            from: question.from_ns.map(bound),
            to: question.to_ns.map(bound),
            limit,
            query_id: Some(query_id),
        };
        self.ask("/sql", &request, abort).await
    }

    /// `GET` of a path below `/api/v1`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        parse(&self.text("GET", path, None, None).await.map_err(failed)?)
    }

    /// `GET /metrics`: the server's own, in the Prometheus text format.
    pub(crate) async fn metrics(&self) -> Result<String, Failure> {
        // Where Prometheus looks for them, outside of the versioned API.
        let request = self.request("GET", "/metrics", None, None).map_err(|error| malformed(&error))?;
        let response = self.fetch(&request, None).await.map_err(failed)?;
        body_text(&response).await
    }

    /// `POST` of a question, which `abort` ends; the server then cancels what it runs for it.
    pub(crate) async fn ask<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        abort: &AbortSignal,
    ) -> Result<T, Refusal> {
        self.ask_json(path, json(body)?, abort).await
    }

    /// `POST` of a question that is JSON already.
    pub(crate) async fn ask_text<T: DeserializeOwned>(
        &self,
        path: &str,
        text: &str,
        abort: &AbortSignal,
    ) -> Result<T, Refusal> {
        self.ask_json(path, Body::of_json(text), abort).await
    }

    async fn ask_json<T: DeserializeOwned>(&self, path: &str, body: Body, abort: &AbortSignal) -> Result<T, Refusal> {
        let answered = self.text("POST", path, Some(body), Some(abort)).await;
        let answered = answered.and_then(|text| Ok(parse(&text)?));
        if abort.aborted() { Err(Refusal::Aborted) } else { answered }
    }

    /// A request that changes something, and its answer; `()` for none.
    pub(crate) async fn change<B: Serialize, T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &B,
    ) -> Result<T, Failure> {
        parse(&self.text(method, path, Some(json(body)?), None).await.map_err(failed)?)
    }

    /// `DELETE` of a path below `/api/v1`.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.send("DELETE", path, None, None).await.map_err(failed).map(drop)
    }

    /// The text of an answer: what does not depend on its type is compiled once.
    async fn text(
        &self,
        method: &str,
        path: &str,
        body: Option<Body>,
        abort: Option<&AbortSignal>,
    ) -> Result<String, Refusal> {
        Ok(body_text(&self.send(method, path, body, abort).await?).await?)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Body>,
        abort: Option<&AbortSignal>,
    ) -> Result<Response, Refusal> {
        let request = self.request(method, &api(path), body, abort).map_err(|error| malformed(&error))?;
        self.fetch(&request, abort).await
    }

    /// `GET` of a stream of events, those after `last_id` where there is one.
    pub(crate) async fn events(&self, path: &str, last_id: &str, abort: &AbortSignal) -> Result<Response, Refusal> {
        let request = self.request("GET", &api(path), None, Some(abort)).map_err(|error| malformed(&error))?;
        let headers = request.headers();
        let wanted = headers.set("accept", "text/event-stream");
        let resumed = if last_id.is_empty() { Ok(()) } else { headers.set("last-event-id", last_id) };
        wanted.and(resumed).map_err(|error| malformed(&error))?;
        self.fetch(&request, Some(abort)).await
    }

    /// `POST` of a question that is answered in the form `accept`; the answer's body is not read yet.
    pub(crate) async fn stream<B: Serialize>(
        &self,
        path: &str,
        body: &B,
        accept: &str,
        abort: &AbortSignal,
    ) -> Result<Response, Refusal> {
        let request =
            self.request("POST", &api(path), Some(json(body)?), Some(abort)).map_err(|error| malformed(&error))?;
        // Problems are told as JSON whatever the form.
        request.headers().set("accept", accept).map_err(|error| malformed(&error))?;
        self.fetch(&request, Some(abort)).await
    }

    async fn fetch(&self, request: &Request, abort: Option<&AbortSignal>) -> Result<Response, Refusal> {
        let answer = JsFuture::from(window().fetch_with_request(request)).await;
        if abort.is_some_and(AbortSignal::aborted) {
            return Err(Refusal::Aborted);
        }
        let response: Response = answer.map_err(|_| Failure::Offline)?.unchecked_into();
        if response.ok() {
            return Ok(response);
        }
        let failure = problem(response).await;
        if failure.unauthenticated() && !request.url().ends_with(&api(SESSION)) {
            self.on_unauthenticated.run(());
        }
        Err(failure.into())
    }

    fn request(
        &self,
        method: &str,
        url: &str,
        body: Option<Body>,
        abort: Option<&AbortSignal>,
    ) -> Result<Request, JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        if let Some(body) = &body {
            headers.set("content-type", body.media_type)?;
        }
        if method != "GET"
            && let Some(token) = self.csrf_token.get_value()
        {
            headers.set(CSRF_HEADER, &token)?;
        }
        let init = RequestInit::new();
        init.set_method(method);
        init.set_headers(&headers);
        if let Some(body) = body {
            init.set_body(&body.content);
        }
        init.set_signal(abort);
        Request::new_with_str_and_init(url, &init)
    }
}

/// The address of a path of the API.
fn api(path: &str) -> String {
    format!("{API}{path}")
}

fn failed(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Failed(failure) => failure,
        Refusal::Aborted => Failure::Offline,
    }
}

fn malformed(error: &JsValue) -> Failure {
    Failure::Malformed(format!("{error:?}"))
}

fn json<T: Serialize>(body: &T) -> Result<Body, Failure> {
    let text = serde_json::to_string(body).map_err(|error| Failure::Malformed(error.to_string()))?;
    Ok(Body::of_json(&text))
}

async fn body_text(response: &Response) -> Result<String, Failure> {
    let promise = response.text().map_err(|error| malformed(&error))?;
    let text = JsFuture::from(promise).await.map_err(|_| Failure::Offline)?;
    Ok(text.as_string().unwrap_or_default())
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(if text.is_empty() { "null" } else { text })
        .map_err(|error| Failure::Malformed(error.to_string()))
}

async fn problem(response: Response) -> Failure {
    let status = response.status();
    match body_text(&response).await {
        Ok(text) => serde_json::from_str::<Problem>(&text)
            .map_or_else(|_| Failure::Malformed(format!("status {status}")), |p| Failure::Problem(Box::new(p))),
        Err(failure) => failure,
    }
}

/// Queries of one view: aborted together, and known by name for progress and cancellation.
pub(crate) struct Batch {
    abort: Option<AbortController>,
    ids: Vec<String>,
}

impl Batch {
    /// Nothing asked yet.
    pub(crate) fn new() -> Self {
        Self { abort: AbortController::new().ok(), ids: Vec::new() }
    }

    /// A name and an abort signal for one more query; `None` where the browser has none to give.
    pub(crate) fn begin(&mut self) -> Option<(String, AbortSignal)> {
        let signal = self.abort.as_ref()?.signal();
        let id = browser::query_id();
        self.ids.push(id.clone());
        Some((id, signal))
    }

    /// The query is over.
    pub(crate) fn end(&mut self, id: &str) {
        self.ids.retain(|known| known != id);
    }

    /// Names of the queries that are not over.
    pub(crate) fn running(&self) -> Vec<String> {
        self.ids.clone()
    }

    /// Stops waiting for any of them. The server is not told but by the closed connections.
    pub(crate) fn abort(&mut self) {
        self.ids.clear();
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}
