//! Requests to a running server, over several connections.

use crate::rows::Rows;
use crate::{metrics, otlp};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

const RECORDS_PER_REQUEST: usize = 1000;
/// A server that is busy says so and is asked again.
const RETRIES: usize = 600;
const RETRY_AFTER: Duration = Duration::from_millis(100);

pub(crate) fn logs(count: u64, start_ns: i64, url: &str, connections: usize) {
    let mut rows = Rows::new(start_ns);
    let paths = rows.paths.clone();
    let mut left = usize::try_from(count).unwrap();
    let requests = std::iter::from_fn(|| {
        let size = left.min(RECORDS_PER_REQUEST);
        left -= size;
        (size > 0).then(|| otlp::request(rows.by_ref().take(size).collect(), &paths))
    });
    let (plain, sent) = post_all(requests, &format!("{url}/v1/logs"), connections);
    println!(r#"{{"plain_bytes": {plain}, "sent_bytes": {sent}}}"#);
}

pub(crate) fn metrics(series: u64, samples: u64, start_ns: i64, url: &str) {
    let (plain, sent) = post_all(metrics::requests(series, samples, start_ns), &format!("{url}/v1/metrics"), 2);
    println!(r#"{{"samples": {}, "plain_bytes": {plain}, "sent_bytes": {sent}}}"#, series * samples);
}

/// Returns the bytes before and after compression.
fn post_all(bodies: impl Iterator<Item = Vec<u8>>, url: &str, connections: usize) -> (u64, u64) {
    let (plain, sent) = (AtomicU64::new(0), AtomicU64::new(0));
    let (sender, receiver) = sync_channel(2 * connections);
    let receiver = Mutex::new(receiver);
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let agent =
                    ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
                while let Some(body) = next(&receiver) {
                    let packed = zstd::encode_all(body.as_slice(), 3).unwrap();
                    plain.fetch_add(body.len() as u64, Ordering::Relaxed);
                    sent.fetch_add(packed.len() as u64, Ordering::Relaxed);
                    post(&agent, url, &packed);
                }
            });
        }
        bodies.for_each(|body| sender.send(body).unwrap());
        drop(sender);
    });
    (plain.into_inner(), sent.into_inner())
}

fn next(receiver: &Mutex<Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    receiver.lock().unwrap().recv().ok()
}

fn post(agent: &ureq::Agent, url: &str, packed: &[u8]) {
    for _ in 0..RETRIES {
        let request =
            agent.post(url).header("content-type", "application/x-protobuf").header("content-encoding", "zstd");
        let status = request.send(packed).unwrap().status().as_u16();
        match status {
            200 => return,
            429 | 503 => std::thread::sleep(RETRY_AFTER),
            _ => panic!("{url} answered {status}"),
        }
    }
    panic!("{url} stayed busy");
}
