//! Request bodies, bounded in size, time and sum.

use crate::data_path::no_room;
use crate::problem::Failure;
use crate::rate::Share;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use lincei_model::ErrorCode;
use std::net::SocketAddr;
use std::time::Duration;

/// A body has this long to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// A body may pause this long.
const PAUSE_TIMEOUT: Duration = Duration::from_secs(15);
/// The rest of a refused body is read this long, and up to so many times the limit.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
const DRAIN_FACTOR: usize = 4;
/// Bytes kept of a body that is refused for its length.
const START_BYTES: usize = 4096;
/// Bytes of a client's name in `rejects`.
const CLIENT_BYTES_MAX: usize = 200;

/// A body that could not be read whole, with what was read of it.
pub(crate) struct Unread {
    pub(crate) failure: Failure,
    pub(crate) start: Bytes,
}

/// Reads a body of at most `bytes_max` bytes as they come over the wire.
pub(crate) async fn read_body(
    body: Body,
    headers: &HeaderMap,
    bytes_max: usize,
    share: &mut Share,
) -> Result<Bytes, Unread> {
    let mut read = Vec::new();
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > bytes_max) {
        let start = drain(body, bytes_max).await;
        return Err(Unread { failure: too_large(bytes_max), start });
    }
    let mut body = body;
    match tokio::time::timeout(BODY_TIMEOUT, fill(&mut body, bytes_max, share, &mut read)).await {
        Ok(Ok(())) => Ok(read.into()),
        Ok(Err(failure)) => {
            drain(body, bytes_max).await;
            Err(Unread { failure, start: read.into() })
        }
        Err(_) => Err(Unread { failure: too_slow(BODY_TIMEOUT), start: read.into() }),
    }
}

/// Reads the rest of a body that is refused, to keep its start for `rejects`, and so that a client
/// that sends all before it listens gets the answer and not a broken connection. Bounded.
async fn drain(mut body: Body, bytes_max: usize) -> Bytes {
    let mut start = BytesMut::new();
    let mut seen = 0;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let Some(data) = frame.data_ref() else { continue };
            seen += data.len();
            if seen > DRAIN_FACTOR * bytes_max {
                break;
            }
            let room = START_BYTES.saturating_sub(start.len()).min(data.len());
            start.extend_from_slice(data.get(..room).unwrap_or_default());
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, reading).await;
    start.freeze()
}

async fn fill(body: &mut Body, bytes_max: usize, share: &mut Share, read: &mut Vec<u8>) -> Result<(), Failure> {
    loop {
        let frame = tokio::time::timeout(PAUSE_TIMEOUT, body.frame()).await.map_err(|_| too_slow(PAUSE_TIMEOUT))?;
        let Some(frame) = frame else { return Ok(()) };
        let frame = frame.map_err(|error| Failure::invalid(format!("the body ended early: {error}")))?;
        let Some(data) = frame.data_ref() else { continue };
        if data.len() > bytes_max - read.len() {
            return Err(too_large(bytes_max));
        }
        let before = read.capacity();
        reserve(read, data.len(), bytes_max);
        if !share.grow(read.capacity() - before) {
            return Err(no_room());
        }
        read.extend_from_slice(data);
    }
}

/// Makes room for more: half of what there is at once, so that a body is copied seldom and little is
/// reserved that does not come, and at most for the longest body.
fn reserve(read: &mut Vec<u8>, more: usize, bytes_max: usize) {
    if more > read.capacity() - read.len() {
        let wanted = (more + read.len() / 2).min(bytes_max - read.len());
        read.reserve_exact(wanted.max(more));
    }
}

fn too_large(bytes_max: usize) -> Failure {
    let mut failure = Failure::new(
        ErrorCode::TooLarge,
        format!("the body is larger than {bytes_max} bytes: send fewer records per request, or compress it"),
    );
    failure.limit = Some("body_bytes".into());
    failure
}

fn too_slow(limit: Duration) -> Failure {
    let detail = format!("the body did not arrive in time (limit {} s)", limit.as_secs());
    let mut failure = Failure::new(ErrorCode::Timeout, detail);
    failure.limit = Some("body_seconds".into());
    failure
}

/// Address and user agent of a sender, for `rejects`.
pub(crate) fn client_label(peer: SocketAddr, headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut label = if agent.is_empty() { peer.ip().to_string() } else { format!("{} {agent}", peer.ip()) };
    let mut end = label.len().min(CLIENT_BYTES_MAX);
    while !label.is_char_boundary(end) {
        end -= 1;
    }
    label.truncate(end);
    label
}
