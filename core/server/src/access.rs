//! Who may do what: sessions, keys, cross-site protection, sign-in limits.

use crate::problem::Failure;
use crate::rate::Attempts;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use http::{HeaderMap, Method, Uri, header};
use lincei_catalog::{Actor, ApiKey, Catalog, KeyKind, Role, Session};
use lincei_model::{Clock, ErrorCode};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Name of the session cookie.
pub(crate) const COOKIE: &str = "lincei_session";
/// Sign-ins per address and minute.
const ATTEMPTS_PER_ADDRESS: u32 = 10;
/// Sign-ins per account and five minutes, from all addresses.
const ATTEMPTS_PER_ACCOUNT: u32 = 20;

/// Decides about every request.
pub(crate) struct Access {
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    /// Some address is reachable from other machines: credentials are always needed.
    exposed: bool,
    public_host: Option<String>,
    by_address: Attempts<IpAddr>,
    by_account: Attempts<String>,
}

/// Who sent a request.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Nobody in particular, over loopback, while no credentials exist.
    Open(SocketAddr),
    /// A person.
    Session(Box<Session>, SocketAddr),
    /// A program.
    Key(ApiKey, SocketAddr),
}

impl Caller {
    /// For the audit log.
    pub(crate) fn actor(&self) -> Actor {
        let (name, peer) = match self {
            Self::Open(peer) => ("local".to_owned(), peer),
            Self::Session(session, peer) => (session.account.name.clone(), peer),
            Self::Key(key, peer) => (format!("key {}", key.name), peer),
        };
        Actor { name, origin: peer.ip().to_string() }
    }

    /// For lists of running queries.
    pub(crate) fn label(&self) -> String {
        let actor = self.actor();
        format!("{} from {}", actor.name, actor.origin)
    }

    /// Who shares turns and memory of queries: an account, a key, or an address where nobody signs in.
    pub(crate) fn user(&self) -> String {
        match self {
            Self::Open(peer) => peer.ip().to_string(),
            Self::Session(..) | Self::Key(..) => self.actor().name,
        }
    }

    fn may_change(&self) -> bool {
        match self {
            Self::Open(_) => true,
            Self::Session(session, _) => session.account.role == Role::Admin,
            Self::Key(..) => false,
        }
    }
}

impl Access {
    pub(crate) fn new(catalog: Arc<Catalog>, clock: Arc<dyn Clock>, exposed: bool, public_url: Option<&str>) -> Self {
        let public_host = public_url.and_then(|url| url.parse::<Uri>().ok()?.host().map(str::to_owned));
        Self {
            catalog,
            clock,
            exposed,
            public_host,
            by_address: Attempts::new(ATTEMPTS_PER_ADDRESS, 60, 10_000),
            by_account: Attempts::new(ATTEMPTS_PER_ACCOUNT, 300, 10_000),
        }
    }

    /// Whether the page and the API need credentials.
    pub(crate) fn api_closed(&self) -> Result<bool, Failure> {
        Ok(self.exposed || self.catalog.has_admin()?)
    }

    /// Counts a sign-in attempt.
    pub(crate) fn count_sign_in(&self, peer: IpAddr, name: &str) -> Result<(), Failure> {
        let now = self.clock.now_ns();
        let counted = self.by_address.count(peer, now).and_then(|()| self.by_account.count(name.to_owned(), now));
        counted.map_err(|seconds| {
            let mut failure =
                Failure::new(ErrorCode::RateLimited, format!("too many sign-ins: try again in {seconds} s"));
            failure.retry_after_seconds = seconds;
            failure.limit = Some("sign_ins".into());
            failure
        })
    }

    /// Forgets failed attempts after a success.
    pub(crate) fn signed_in(&self, peer: IpAddr, name: &str) {
        self.by_address.clear(&peer);
        self.by_account.clear(&name.to_owned());
    }

    /// Finds out who asks for the page's API; `Err` when credentials are needed and missing or wrong.
    pub(crate) fn caller(&self, headers: &HeaderMap, uri: &Uri, peer: SocketAddr) -> Result<Caller, Failure> {
        if let Some(secret) = secret(headers) {
            let key = self.catalog.verify_key(&secret)?.filter(|key| key.kind == KeyKind::Api);
            let key = key.ok_or_else(|| {
                Failure::new(ErrorCode::Unauthenticated, "the key is unknown, revoked, or not an api key")
            })?;
            let _ = self.catalog.touch_key(key.id, self.clock.now_ns());
            return Ok(Caller::Key(key, peer));
        }
        if !self.api_closed()? {
            self.check_host(headers, uri)?;
            return Ok(Caller::Open(peer));
        }
        let token = cookie(headers).ok_or_else(|| {
            Failure::new(ErrorCode::Unauthenticated, "sign in, or send an api key as `Authorization: Bearer <key>`")
        })?;
        let session = self.catalog.session(token, self.clock.now_ns())?;
        let session =
            session.ok_or_else(|| Failure::new(ErrorCode::Unauthenticated, "the session has ended: sign in again"))?;
        Ok(Caller::Session(Box::new(session), peer))
    }

    /// Finds out whether a client may send telemetry.
    pub(crate) fn check_ingest(&self, headers: &HeaderMap) -> Result<(), Failure> {
        if !self.exposed && !self.catalog.has_ingest_key()? {
            return Ok(());
        }
        let missing = "an ingest key is needed: send `Authorization: Bearer <key>`; `lincei key create` makes one";
        let secret = secret(headers).ok_or_else(|| Failure::new(ErrorCode::Unauthenticated, missing))?;
        let key = self.catalog.verify_key(&secret)?.filter(|key| key.kind == KeyKind::Ingest);
        let key = key.ok_or_else(|| {
            Failure::new(ErrorCode::Unauthenticated, "the key is unknown, revoked, or not an ingest key")
        })?;
        let _ = self.catalog.touch_key(key.id, self.clock.now_ns());
        Ok(())
    }

    /// While anyone on this machine may ask, the host must be named as this machine: a page of a
    /// foreign name that resolves to loopback (DNS rebinding) is refused.
    fn check_host(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Failure> {
        let host = uri.host().or_else(|| headers.get(header::HOST)?.to_str().ok()).unwrap_or_default();
        let name = host_name(host);
        let local = name == "localhost"
            || name.ends_with(".localhost")
            || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            || self.public_host.as_deref() == Some(name);
        if local {
            return Ok(());
        }
        Err(Failure::new(
            ErrorCode::Forbidden,
            format!(
                "host {name:?} is not a name of this machine: use localhost, or set public_url and create an administrator"
            ),
        ))
    }
}

/// The host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|b| b.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

/// The key in `Authorization` (Bearer, or the password of Basic) or `X-Api-Key`.
fn secret(headers: &HeaderMap) -> Option<String> {
    if let Some(key) = headers.get("x-api-key") {
        return key.to_str().ok().map(str::to_owned);
    }
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

/// The session token.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Refuses what another site makes a browser send. Programs send neither header and pass.
fn same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    let own = text("host").unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, rest)| rest == own)
}

/// Middleware of everything but intake: authenticates, and protects changes from other sites.
pub(crate) async fn guard_api(
    State(access): State<Arc<Access>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(&access, peer, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}

fn admit(access: &Access, peer: SocketAddr, request: &Request) -> Result<Caller, Failure> {
    let headers = request.headers();
    let caller = access.caller(headers, request.uri(), peer)?;
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe {
        return Ok(caller);
    }
    match &caller {
        Caller::Key(..) => {}
        Caller::Open(_) if same_site(headers) => {}
        Caller::Open(_) => return Err(Failure::new(ErrorCode::Forbidden, "requests from other sites are refused")),
        Caller::Session(session, _) => {
            let sent = headers.get(lincei_api::CSRF_HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
            if !session.csrf_token.matches(sent) {
                let detail = format!("header {} is missing or wrong: reload the page", lincei_api::CSRF_HEADER);
                return Err(Failure::new(ErrorCode::Forbidden, detail));
            }
        }
    }
    Ok(caller)
}

/// Middleware behind [`guard_api`]: only administrators change things.
pub(crate) async fn guard_admin(request: Request, next: Next) -> Response {
    let allowed = request.extensions().get::<Caller>().is_some_and(Caller::may_change);
    if allowed {
        return next.run(request).await;
    }
    Failure::new(ErrorCode::Forbidden, "only an administrator who is signed in may do this").into_response()
}

/// Middleware of intake.
pub(crate) async fn guard_ingest(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match access.check_ingest(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_the_usual_places() {
        for (name, value, want) in [
            ("authorization", "Bearer abc", Some("abc")),
            ("authorization", "bearer  abc ", Some("abc")),
            // printf 'user:abc' | base64
            ("authorization", "Basic dXNlcjphYmM=", Some("abc")),
            ("authorization", "Basic ???", None),
            ("authorization", "Digest abc", None),
            ("x-api-key", "abc", Some("abc")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(secret(&headers).as_deref(), want, "{name}: {value}");
        }
    }

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; lincei_session=tok; lincei_sessionx=no".parse().unwrap());
        assert_eq!(cookie(&headers), Some("tok"));
    }

    #[test]
    fn other_sites_are_told_apart() {
        for (name, value, same) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "same-site", false),
            ("origin", "http://127.0.0.1:1609", true),
            ("origin", "http://evil.example", false),
            ("origin", "null", false),
            ("accept", "*/*", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:1609".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            assert_eq!(same_site(&headers), same, "{name}: {value}");
        }
    }

    #[test]
    fn ports_are_cut_from_hosts() {
        for (host, name) in
            [("localhost:1609", "localhost"), ("localhost", "localhost"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]")]
        {
            assert_eq!(host_name(host), name);
        }
    }
}
