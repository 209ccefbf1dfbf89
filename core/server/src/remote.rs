//! A client of a running server, for the commands that need one.

use crate::cli::ServerArgs;
use anyhow::{Context as _, bail};
use lincei_api::{Problem, SessionInfo, SignIn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::time::Duration;

/// Bytes of a JSON answer that is read whole.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// One server and the credentials for it.
pub(crate) struct Remote {
    agent: ureq::Agent,
    url: String,
    key: Option<String>,
    session: Option<Session>,
}

/// An account signed in.
struct Session {
    cookie: String,
    csrf_token: String,
}

impl Remote {
    pub(crate) fn new(args: &ServerArgs) -> anyhow::Result<Self> {
        let url = args.url.trim_end_matches('/').to_owned();
        if !url.starts_with("http://") {
            bail!("url is {url:?}: expected http://HOST:PORT");
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .user_agent(concat!("lincei/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, url, key: args.key.clone(), session: None })
    }

    /// Whether something that answers like a Lincei server is there.
    pub(crate) fn is_up(&self) -> bool {
        self.agent.get(format!("{}/healthz", self.url)).call().is_ok_and(|answer| answer.status().is_success())
    }

    /// Posts a body; the answer's body is returned unread.
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<impl Read + use<>> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in self.credentials() {
            request = request.header(name, value);
        }
        let answer = request.send(body).with_context(|| self.no_answer())?;
        unless_refused(answer)
    }

    /// Reads JSON.
    pub(crate) fn get<B: DeserializeOwned>(&self, path: &str) -> anyhow::Result<B> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in self.credentials() {
            request = request.header(name, value);
        }
        let answer = unless_refused(request.call().with_context(|| self.no_answer())?)?;
        serde_json::from_reader(answer.take(ANSWER_BYTES_MAX)).context("the answer is not what this version expects")
    }

    /// Signs in; what is sent from here on is sent as this account.
    pub(crate) fn sign_in(&mut self, name: &str, password: String) -> anyhow::Result<()> {
        let body = serde_json::to_vec(&SignIn { name: name.to_owned(), password })?;
        let request =
            self.agent.post(format!("{}/api/v1/session", self.url)).header("content-type", "application/json");
        let answer = request.send(&body).with_context(|| self.no_answer())?;
        let cookie = answer.headers().get("set-cookie").and_then(|v| v.to_str().ok()?.split(';').next());
        let cookie = cookie.map(str::to_owned);
        let info: SessionInfo = serde_json::from_reader(unless_refused(answer)?.take(ANSWER_BYTES_MAX))?;
        let (Some(cookie), Some(csrf_token)) = (cookie, info.csrf_token) else { bail!("the server gave no session") };
        self.session = Some(Session { cookie, csrf_token });
        Ok(())
    }

    /// Ends the session, if there is one.
    pub(crate) fn sign_out(&mut self) {
        let mut request = self.agent.delete(format!("{}/api/v1/session", self.url));
        for (name, value) in self.credentials() {
            request = request.header(name, value);
        }
        if self.session.take().is_some() {
            // it ends by itself, only later
            let _ = request.call();
        }
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        let key = self.key.iter().map(|key| ("authorization", format!("Bearer {key}")));
        let session = self.session.iter().flat_map(|session| {
            [("cookie", session.cookie.clone()), (lincei_api::CSRF_HEADER, session.csrf_token.clone())]
        });
        // a session may do more than a key
        if self.session.is_some() { session.collect() } else { key.collect() }
    }

    fn no_answer(&self) -> String {
        format!("no answer from {}: is `lincei serve` running there?", self.url)
    }

    /// Posts JSON and reads JSON.
    pub(crate) fn call<A: Serialize, B: DeserializeOwned>(&self, path: &str, body: &A) -> anyhow::Result<B> {
        let body = serde_json::to_vec(body)?;
        let answer = self.post(path, &[("content-type", "application/json")], &body)?;
        serde_json::from_reader(answer.take(ANSWER_BYTES_MAX)).context("the answer is not what this version expects")
    }
}

/// The server said no.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Refused {
    detail: String,
    pub(crate) retryable: bool,
}

/// The answer's body, unread.
fn unless_refused(mut answer: http::Response<ureq::Body>) -> anyhow::Result<impl Read + use<>> {
    if answer.status().is_success() {
        return Ok(answer.into_body().into_reader());
    }
    let status = answer.status();
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    Err(refused(status, &text).into())
}

fn refused(status: http::StatusCode, text: &str) -> Refused {
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) => {
            let place =
                problem.location.map(|l| format!(" (line {}, column {})", l.line, l.column)).unwrap_or_default();
            Refused { detail: format!("{}{place}", problem.detail), retryable: problem.retryable }
        }
        Err(_) => {
            let start: String = text.chars().take(200).collect();
            Refused { detail: format!("the server answered {status}: {start}"), retryable: status.as_u16() == 503 }
        }
    }
}
