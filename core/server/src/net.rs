//! Listening sockets: bounded connections, slow clients cut off, graceful end.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use lincei_model::Telemetry;
use lincei_model::telemetry::{Counter, Gauge};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// A client has this long to send a request's head, and between requests on a kept connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// HTTP/2: a ping goes out after this much silence, and the connection ends when it is not answered.
const PING_AFTER: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
/// HTTP/2 streams open at once on one connection.
const STREAMS_MAX: u32 = 128;
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Requests under way get this long when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// What all listeners share.
#[derive(Clone)]
pub(crate) struct Listeners {
    pub(crate) connections_max: usize,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) stop: CancellationToken,
}

impl Listeners {
    /// Serves `router` until `stop`, then lets requests under way finish.
    pub(crate) async fn serve(self, listener: TcpListener, router: Router) {
        let room = Arc::new(Semaphore::new(self.connections_max));
        let graceful = GracefulShutdown::new();
        let builder = builder();
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
                self.telemetry.add(Counter::LimitHits, 1);
                drop(stream);
                continue;
            };
            let watcher = graceful.watcher();
            let (builder, router) = (builder.clone(), router.clone());
            let telemetry = Arc::clone(&self.telemetry);
            telemetry.shift(Gauge::Connections, 1);
            tokio::spawn(async move {
                if tokio::time::timeout(HEAD_TIMEOUT, speaks(&stream)).await == Ok(true)
                    && let Err(error) = watcher.watch(connection(&builder, stream, peer, router)).await
                {
                    tracing::debug!(%peer, error = %error, "connection ended");
                }
                telemetry.shift(Gauge::Connections, -1);
                drop(permit);
            });
        }
        drop(listener);
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await;
    }
}

/// Waits until the first bytes tell HTTP/1 from HTTP/2; the library that decides it has no time
/// limit of its own for this step.
async fn speaks(stream: &TcpStream) -> bool {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut first = [0; PREFACE.len()];
    loop {
        let Ok(read @ 1..) = stream.peek(&mut first).await else { return false };
        if read == PREFACE.len() || !first.get(..read).is_some_and(|seen| PREFACE.starts_with(seen)) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20);
    builder
}

fn connection(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>> + use<> {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    builder.serve_connection(TokioIo::new(stream), service).into_owned()
}
