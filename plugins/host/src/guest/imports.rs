//! Log, clock, own metrics, state, HTTP and secrets.

use super::{Guest, Stop};
use crate::http::{HttpRefused, HttpRequest};
use crate::plugin::LogLevel;
use crate::state::{StateBounds, StateRefused};
use crate::v1::notifier::lincei::plugin::{http, secrets};
use crate::v1::{clock_host as clock, log, metrics, state};
use std::time::Duration;

impl log::Host for Guest {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.enter()?;
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        self.plugin.write_log(self.clock.now_ns(), level, &message, self.limits.log_lines_per_second);
        Ok(())
    }
}

impl clock::Host for Guest {
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.enter()?;
        Ok(u64::try_from(self.clock.now_ns()).unwrap_or(0))
    }
}

impl metrics::Host for Guest {
    fn count(&mut self, name: String, by: u64) -> wasmtime::Result<()> {
        self.enter()?;
        self.plugin.count(&name, by).map_err(Stop::limit)
    }

    fn gauge(&mut self, name: String, value: f64) -> wasmtime::Result<()> {
        self.enter()?;
        self.plugin.gauge(&name, value).map_err(Stop::limit)
    }
}

fn refused(refused: StateRefused) -> state::Error {
    match refused {
        StateRefused::Full(detail) => state::Error::Full(detail),
        StateRefused::Invalid(detail) => state::Error::Invalid(detail),
    }
}

impl Guest {
    fn state_bounds(&self) -> StateBounds {
        StateBounds { bytes: self.limits.state_bytes, entries: self.limits.state_entries }
    }
}

impl state::Host for Guest {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        self.enter()?;
        Ok(self.plugin.state().get(&key))
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), state::Error>> {
        self.enter()?;
        Ok(self.plugin.state().set(&key, value, self.state_bounds()).map_err(refused))
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<bool> {
        self.enter()?;
        Ok(self.plugin.state().delete(&key))
    }

    fn add(&mut self, key: String, by: i64) -> wasmtime::Result<Result<i64, state::Error>> {
        self.enter()?;
        Ok(self.plugin.state().add(&key, by, self.state_bounds()).map_err(refused))
    }
}

/// What a request may wait for.
const TIMEOUT_DEFAULT_MS: u32 = 10_000;
const TIMEOUT_MAX_MS: u32 = 30_000;

impl http::Host for Guest {
    fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, http::Error>> {
        self.enter()?;
        let Some(environment) = self.environment.clone() else {
            return Ok(Err(http::Error::Denied("this plugin has no list of hosts".to_owned())));
        };
        let timeout_ms = if request.timeout_ms == 0 { TIMEOUT_DEFAULT_MS } else { request.timeout_ms };
        if timeout_ms > TIMEOUT_MAX_MS {
            let message = format!("timeout-ms is {timeout_ms}, at most {TIMEOUT_MAX_MS} are allowed");
            return Ok(Err(http::Error::Invalid(message)));
        }
        let request = HttpRequest {
            method: request.method,
            url: request.url,
            headers: request.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            body: request.body,
            timeout: Duration::from_millis(timeout_ms.into()),
        };
        Ok(match environment.send(request) {
            Ok(response) => {
                let headers = response.headers.into_iter().map(|(name, value)| http::Header { name, value });
                Ok(http::Response { status: response.status, headers: headers.collect(), body: response.body })
            }
            Err(HttpRefused::Denied(detail)) => Err(http::Error::Denied(detail)),
            Err(HttpRefused::Invalid(detail)) => Err(http::Error::Invalid(detail)),
            Err(HttpRefused::Failed(detail)) => Err(http::Error::Failed(detail)),
            Err(HttpRefused::Timeout) => Err(http::Error::Timeout),
        })
    }
}

impl secrets::Host for Guest {
    fn exists(&mut self, name: String) -> wasmtime::Result<bool> {
        self.enter()?;
        Ok(self.environment.as_ref().is_some_and(|environment| environment.has_secret(&name)))
    }
}

// interfaces that have types only
impl crate::v1::columns::Host for Guest {}
impl crate::v1::operators::Host for Guest {}
impl crate::v1::function::lincei::plugin::functions::Host for Guest {}
impl crate::v1::rule::lincei::plugin::oncall::Host for Guest {}
impl crate::v1::rule::lincei::plugin::rules::Host for Guest {}
impl crate::v1::notifier::lincei::plugin::notifiers::Host for Guest {}
impl crate::v1::escalation::lincei::plugin::escalations::Host for Guest {}
